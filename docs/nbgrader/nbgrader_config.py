"""For a class that has nbgrader: put this file beside `source/`; see docs/nbgrader/README.md."""

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "lrcourse"
# The exercises come without their answers, so there is nothing to clear from them.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.IncludeHeaderFooter",
    "nbgrader.preprocessors.LockCells",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
