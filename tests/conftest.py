"""Settings that every test shares, and the browser.

The browser is LRCOURSE_BROWSER, else the system's Chromium, else Playwright's own. Where there
is none, set LRCOURSE_NO_BROWSER to the reason: the tests are skipped, but fail in CI.
"""

import os
import shutil
import signal

import pytest
from hypothesis import Phase, settings

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# No deadline: the first example imports torch. In CI the same examples in every run.
in_ci = os.environ.get("CI") == "true"
settings.register_profile("course", deadline=None, derandomize=in_ci)
# For tests/mutation.py, where a test that fails need not say why.
quick = [Phase.explicit, Phase.generate]
settings.register_profile("mutants", deadline=None, max_examples=40, derandomize=True, phases=quick)
settings.load_profile(os.environ.get("LRCOURSE_PROFILE", "course"))

os.environ.pop("LRCOURSE_LEARNER", None)  # the numbers are those that everybody has

# A shell ignores Ctrl+C in what it runs in the background, and children inherit that; the tests
# of Ctrl+C need it back.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure(config):
    config.addinivalue_line(
        "markers", "slow: minutes long; run with `python3 start.py test -m slow`"
    )


def pytest_collection_modifyitems(config, items):
    """Slow tests run only where a mark is asked for; the summary counts them as deselected."""
    if not config.option.markexpr:
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]


@pytest.fixture(scope="session")
def browser():
    """One for all tests of a worker: Playwright can be started once in a process."""
    reason = os.environ.get("LRCOURSE_NO_BROWSER")
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"CI must have a browser, but LRCOURSE_NO_BROWSER says: {reason}")
    if reason:
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright  # most tests need none

    program = os.environ.get("LRCOURSE_BROWSER") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
        yield browser
        browser.close()
