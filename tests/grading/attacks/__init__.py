"""The attack corpus: hostile, broken and unlucky submissions, each a whole file as a student hands
it in, with the score that it must get.

    exam.py        what they answer, and how it is graded
    case.py        what a case is
    never_ends.py ... odd_habits.py     the cases, a file for each group
    settings.py    at which levels, as which user, the corpus is graded
    corpus.py      grades it, in a process of its own, and looks at what is left behind

Whoever solves nothing gets nothing; whoever breaks his own process may lose his own points, but
never another's.
"""

from lrcourse.grading.sandbox import Limits

# Small limits: what never ends is waited for.
TIGHT = Limits(cpu=8.0, cell=1.0, call=1.0, wall=6.0)
