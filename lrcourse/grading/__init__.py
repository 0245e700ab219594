"""Grade a class: a student's code never decides its own score.

A trusted parent keeps the references and the hidden cases and reads notebooks as data. A sandboxed
child gets only the text of code cells and "call this function with these arguments"; plain data
comes back, and the parent compares.
"""


class GradingError(ValueError):
    """What cannot be graded, in one sentence: the thing, the value, the remedy."""
