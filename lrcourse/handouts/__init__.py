"""What the exercises hand out besides check(): the data of a picture, a curve in words, a small
tool. One file for each section that needs one.

Whoever answers may read all of it, also while being graded. So there is no right answer in here,
no wrong one that is known by name, and nothing from `lrcourse.tasks`.
"""


class Unlike(Exception):
    """An answer gave something else than the task asks for; the text says what to give."""
