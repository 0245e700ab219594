"""Settings that every test shares."""

import os
import signal

from hypothesis import settings

# No deadline: the first example imports torch. In CI the same examples in every run.
settings.register_profile(
    "course",
    deadline=None,
    derandomize=os.environ.get("CI") == "true",
    max_examples=int(os.environ.get("LRCOURSE_EXAMPLES", "100")),
)
settings.load_profile("course")

# A shell ignores Ctrl+C in what it runs in the background, and children inherit that; the tests
# of Ctrl+C need it back.
signal.signal(signal.SIGINT, signal.default_int_handler)
