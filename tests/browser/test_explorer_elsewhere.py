"""The explorer where a notebook is shown as an app (Voilà), and in Jupyter Notebook 7."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from lab_page import PATIENCE, Lab, is_local, keep_picture, run_all, use_theme, wait_until_idle
from playwright.sync_api import Browser, Locator, Page, expect
from test_explorer_in_lab import contrast

SCHEDULE = """
from lrcourse.explore import explore
from lrcourse.schedules import StepDecay
explore(StepDecay)
"""
DESCENT = """
import time
import numpy as np
from lrcourse.explore import scene
from lrcourse.panels import Axis, Curve, Panel, View
from lrcourse.schedules import LR

@scene("Down a parabola", plays=True)
def descent(peak_lr: LR = 0.01):
    distances = [1.0, 1 - peak_lr]
    for done in range(1, 2000):
        curve = Curve("|w|", np.array(distances))
        panel = Panel(Axis("update"), Axis("distance"), (curve,))
        yield View((panel,), f"{done} made", done=done / 2000)
        distances.append(distances[-1] * (1 - peak_lr))
        time.sleep(0.01)

explore(descent)
"""
SLOW = 3 * PATIENCE  # the page of Voilà comes while its cells run, on a machine that may be busy
# Voilà's page asks a CDN for icons that nothing of ours shows; the test answers with no icons.
ICONS = "https://cdn.jsdelivr.net/npm/@fortawesome/"


@dataclass(frozen=True)
class Place:
    """Where both explorers are shown, what the page asked of others, and what went wrong."""

    name: str
    page: Page
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def schedule(self) -> Locator:
        return self.page.locator(".lrcourse-explorer").nth(0)

    @property
    def descent(self) -> Locator:
        return self.page.locator(".lrcourse-explorer").nth(1)


@pytest.fixture(scope="module", params=["voila", "notebook7"])
def place(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Place]:
    """Opened once: the tests of a place follow each other on one page."""
    server: Lab = request.getfixturevalue(request.param)
    server.write("explorers.ipynb", SCHEDULE, DESCENT)
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(1000 * PATIENCE)
    place = Place(request.param, page)
    listen(place)
    {"voila": open_voila, "notebook7": open_notebook7}[request.param](place, server)
    for explorer in (place.schedule, place.descent):
        expect(explorer.locator(".curve.style0")).to_be_attached(timeout=1000 * SLOW)
    failures = request.session.testsfailed
    yield place
    if request.session.testsfailed > failures:
        keep_picture(page, f"failed_{place.name}")
    page.close()


def listen(place: Place) -> None:
    page = place.page
    page.on(
        "request",
        lambda request: is_local(request.url) or place.outside.append(request.url),
    )
    page.on("pageerror", lambda error: place.errors.append(str(error)))
    page.on("console", lambda m: m.type == "error" and place.errors.append(m.text))
    page.route(f"{ICONS}**", lambda route: route.fulfill(body="", content_type="text/css"))


def open_voila(place: Place, server: Lab, theme: str = "light") -> None:
    address = f"{server.address}/voila/render/explorers.ipynb?theme={theme}"
    place.page.goto(address, wait_until="commit")


def open_notebook7(place: Place, server: Lab) -> None:
    page = place.page
    page.goto(f"{server.address}/notebooks/explorers.ipynb?token={server.token}")
    page.wait_for_function(
        "() => window.jupyterapp && document.querySelector('.jp-Notebook .jp-Cell')"
    )
    wait_until_idle(page)
    place.errors.clear()  # Notebook 7.6 reports one of its own while it loads
    run_all(page)


def named(explorer: Locator, name: str) -> Locator:
    return explorer.get_by_label(name, exact=True)


def slider(explorer: Locator, name: str) -> Locator:
    return explorer.get_by_role("slider", name=re.compile(name))


def path(explorer: Locator) -> str:
    return explorer.locator(".curve.style0").get_attribute("d")


def test_a_key_moves_the_curve_and_the_words(place):
    before = path(place.schedule)
    slider(place.schedule, "step_size").focus()
    place.page.keyboard.press("ArrowRight")
    expect(place.schedule.locator(".said")).to_contain_text("drops at t = 31, 62, 93")
    expect(place.schedule.locator(".curve.style0")).not_to_have_attribute("d", before)
    expect(place.schedule.locator(".codes")).to_contain_text("StepLR(optimizer, step_size=31,")
    expect(place.schedule.get_by_role("status")).to_contain_text("step_size = 31: ")
    keep_picture(place.page, f"explorer_{place.name}")


@pytest.mark.parametrize("place", ["notebook7"], indirect=True)
def test_the_keys_of_an_explorer_do_not_reach_the_notebook(place):
    """Notebook 7 looks for shortcuts before the element that has the focus gets the key."""
    cells = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = place.page.evaluate(cells), place.page.evaluate(active)
    slider(place.schedule, "step_size").focus()
    to_another_value = ("ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "ArrowRight")
    for key in (*to_another_value, "b", "d", "d", "Control+z"):
        place.page.keyboard.press(key)
    expect(place.schedule.locator(".said")).to_contain_text("step_size = ")
    assert (place.page.evaluate(cells), place.page.evaluate(active)) == before


def test_the_mouse_drags_a_slider(place):
    before = path(place.schedule)
    handle = slider(place.schedule, "gamma")
    box = handle.bounding_box()
    middle = box["y"] + box["height"] / 2
    start = box["x"] + box["width"] * float(handle.input_value()) / float(
        handle.get_attribute("max")
    )
    place.page.mouse.move(start, middle)
    place.page.mouse.down()
    place.page.mouse.move(box["x"] + box["width"] * 0.75, middle, steps=8)
    place.page.mouse.up()
    gamma = named(place.schedule, "gamma").input_value()
    assert 0.6 < float(gamma) < 0.9
    expect(place.schedule.locator(".codes")).to_contain_text(f"gamma={gamma})")
    expect(place.schedule.locator(".curve.style0")).not_to_have_attribute("d", before)


def test_a_refused_value_keeps_the_picture(place):
    before = path(place.schedule)
    named(place.schedule, "gamma").fill("1.5")
    expect(place.schedule.locator(".problem:not(:empty)")).to_contain_text(
        "gamma (factor per drop)"
    )
    assert path(place.schedule) == before
    keep_picture(place.page, f"explorer_{place.name}_refused")
    place.schedule.get_by_role("button", name="reset").click()
    expect(named(place.schedule, "gamma")).to_have_value("0.1")
    expect(place.schedule.locator(".problem:not(:empty)")).to_have_count(0)


def test_a_scene_plays_stops_and_goes_on(place):
    said = place.descent.locator(".said")
    button = place.descent.locator("button.play")
    expect(said).to_have_text("1 made")
    button.click()
    expect(said).not_to_have_text("1 made")
    button.click()
    expect(button).to_have_text("resume")
    stopped = said.inner_text()
    place.page.wait_for_timeout(300)
    assert said.inner_text() == stopped
    button.press("Enter")
    expect(said).not_to_have_text(stopped)
    keep_picture(place.page, f"explorer_{place.name}_playing")


def test_a_move_starts_a_playing_scene_anew(place):
    button = place.descent.locator("button.play")
    expect(button).to_have_text("stop")
    slider(place.descent, "peak_lr").focus()
    place.page.keyboard.press("ArrowRight")
    expect(button).to_have_text("play")
    expect(place.descent.locator(".said")).to_contain_text("1 made")


def test_no_request_leaves_this_computer_and_no_error_is_reported(place):
    assert [url for url in place.outside if not url.startswith(ICONS)] == []
    assert place.errors == []


def test_voila_in_dark_is_readable(browser, voila):
    voila.write("explorers.ipynb", SCHEDULE)
    place = Place("voila", browser.new_page(viewport={"width": 1280, "height": 700}))
    listen(place)
    open_voila(place, voila, "dark")
    expect(place.schedule.locator(".curve.style0")).to_be_attached(timeout=1000 * SLOW)
    place.page.wait_for_timeout(500)
    keep_picture(place.page, "explorer_voila_dark")
    assert_readable(place.page)
    place.page.close()


@pytest.mark.parametrize("place", ["notebook7"], indirect=True)
def test_notebook_in_dark_is_readable(place):
    use_theme(place.page, "JupyterLab Dark")
    place.page.wait_for_timeout(500)  # the theme's own transition
    keep_picture(place.page, "explorer_notebook7_dark")
    assert_readable(place.page)


def assert_readable(page: Page) -> None:
    for words in (".tick", ".label.style0", ".label.style1"):
        assert contrast(page, f".lrcourse-explorer .plot {words}") >= 4.5
