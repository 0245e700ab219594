"""What runs on the far side of the border; standard library and NumPy only.

`warm.py` imports everything once, then forks one job for each session. `job.py` closes the
border around itself and only then touches a student's text. Nothing here knows a right answer.
"""
