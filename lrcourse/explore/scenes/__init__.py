"""One explorer for each section of the course; each file is one scene, and shows how to write one."""
