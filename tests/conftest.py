"""Settings that every test shares."""

import os

from hypothesis import settings

# No deadline: the first example imports torch. In CI the same examples in every run.
settings.register_profile("course", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("course")
