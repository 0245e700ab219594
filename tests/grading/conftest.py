"""Sandboxes that the tests of a session share; they start when the first test needs them."""

import pytest
from attacks import TIGHT

from lrcourse.grading.sandbox import Sandbox, failures_of
from lrcourse.grading.sandbox.limits import STANDARD


@pytest.fixture(scope="session")
def sandbox():
    """The best level of this machine, with everything that students import."""
    with Sandbox() as everything:
        yield everything


@pytest.fixture(scope="session", params=[2, 3], ids="level {}".format)
def border(request):
    """Each level that this machine offers, with tight limits, NumPy and torch alone."""
    failures = failures_of(request.param)
    if any("has not started" in failure for failure in failures):
        pytest.skip(f"this machine does not offer level {request.param}: {failures}")
    assert not failures
    with Sandbox(request.param, TIGHT, (*STANDARD, "numpy", "torch")) as small:
        yield small
