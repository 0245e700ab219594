"""Every explorer of the course in one notebook, in JupyterLab and in Voilà: by keyboard and mouse.

Each test leaves a picture in tests/artifacts/; `tools/gallery.py` makes the gallery of the docs
from them.
"""

import re
from collections.abc import Iterator

import pytest
from lab_page import ARTIFACTS, PATIENCE, errors_shown, open_page, run_all
from playwright.sync_api import Browser, Locator, Page, expect
from test_explorer_elsewhere import ICONS, SLOW

from lrcourse.explore.scenes import SCENES
from lrcourse.schedules import CosineDecay

CELLS = [
    f"from lrcourse.explore import explore\nfrom lrcourse.explore.scenes import {name}\n"
    f"explore({name})"
    for name in SCENES
]
CELLS.append("from lrcourse.schedules import CosineDecay\nexplore(CosineDecay)")
TITLES = {name: scene.title for name, scene in SCENES.items()} | {"schedule": "CosineDecay"}
# What sticks out on the right, except for what only a screen reader meets.
TOO_WIDE = """
explorer => [...explorer.querySelectorAll('.layout *:not(.live)')]
  .filter(node => !node.closest('svg'))
  .filter(node => node.getBoundingClientRect().right > explorer.getBoundingClientRect().right + 1)
  .map(node => node.outerHTML.slice(0, 200))
"""
EVERY = pytest.mark.parametrize("name", TITLES)


@pytest.fixture(scope="module", params=["lab", "voila"])
def notebook(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    """All explorers, run once; they share a kernel, as a learner's do."""
    server = request.getfixturevalue(request.param)
    page = browser.new_page(viewport={"width": 1240, "height": 1500})
    name = server.write("scenes.ipynb", *CELLS)
    if request.param == "lab":
        open_page(page, server, name, mode="doc")
        run_all(page)
        assert errors_shown(page) == []
    else:
        page.route(f"{ICONS}**", lambda route: route.fulfill(body="", content_type="text/css"))
        page.goto(f"{server.address}/voila/render/{name}", wait_until="commit")
        shown = page.locator(".lrcourse-explorer")
        expect(shown).to_have_count(len(CELLS), timeout=1000 * SLOW)
    yield page
    page.close()


def explorer_of(page: Page, name: str) -> Locator:
    found = page.locator(f'.lrcourse-explorer[aria-label="Explorer of {TITLES[name]}"]')
    found.scroll_into_view_if_needed()
    found.locator(".plot path").first.wait_for(state="attached")
    return found


def picture(explorer: Locator) -> str:
    """What is drawn and said."""
    return explorer.locator(".plot").inner_html() + explorer.locator(".said").inner_text()


def rested(explorer: Locator) -> str:
    """The picture, once nothing is computed any more."""
    if not explorer.locator(".play").is_visible():
        expect(explorer.locator(".player")).to_be_hidden(timeout=1000 * PATIENCE)
    before = ""
    while before != (now := picture(explorer)):
        before = now
        explorer.page.wait_for_timeout(150)
    return now


@EVERY
def test_each_opens_and_is_kept_as_a_picture(notebook, name, request):
    explorer = explorer_of(notebook, name)
    play = explorer.locator(".play")
    if play.is_visible():
        play.click()
        expect(play).to_have_text("play again", timeout=1000 * PATIENCE)
    rested(explorer)
    assert explorer.evaluate(TOO_WIDE) == []
    ARTIFACTS.mkdir(exist_ok=True)
    place = "voila" if "voila" in request.node.name else "scene"
    explorer.screenshot(path=ARTIFACTS / f"{place}_{name}.png")
    explorer.get_by_role("button", name="reset").click()


def first_input(explorer: Locator) -> Locator:
    """The first slider; a gallery has only lists to choose from."""
    slider = explorer.locator('.fields input[type="range"]:visible').first
    return slider if slider.count() else explorer.locator(".fields select").first


def room(explorer: Locator) -> str:
    """The arrow key that leads away from the nearer end."""
    share = first_input(explorer).evaluate(
        "n => n.max ? n.value / n.max : n.selectedIndex / n.length"
    )
    return "ArrowRight" if share < 0.5 else "ArrowLeft"


@EVERY
def test_keys_move_each(notebook, name):
    explorer = explorer_of(notebook, name)
    before = rested(explorer)
    first_input(explorer).focus()
    for _ in range(3):
        notebook.keyboard.press(room(explorer))
    expect(explorer.locator(".problem:not(:empty)")).to_have_count(0)
    assert rested(explorer) != before
    explorer.get_by_role("button", name="reset").click()
    assert drawn_curves(rested(explorer)) == drawn_curves(before)


def drawn_curves(html: str) -> list[str]:
    return re.findall(r'd="([^"]*)" class="curve', html)


@pytest.mark.parametrize("name", [name for name in TITLES if name != "recipes"])  # no sliders
def test_the_mouse_moves_each(notebook, name):
    explorer = explorer_of(notebook, name)
    before = rested(explorer)
    slider = first_input(explorer)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    notebook.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] / 2)
    notebook.mouse.down()
    for share in (0.45, 0.4, 0.35, 0.3):
        notebook.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
    notebook.mouse.up()
    assert rested(explorer) != before
    explorer.get_by_role("button", name="reset").click()
    assert drawn_curves(rested(explorer)) == drawn_curves(before)


def test_no_input_on_the_page_is_without_a_name(notebook):
    for name in TITLES:
        tree = explorer_of(notebook, name).aria_snapshot()
        unnamed = re.findall(
            r"- (?:slider|spinbutton|combobox|checkbox|button|textbox)(?:$| \[)", tree
        )
        assert unnamed == [], (name, unnamed)


def test_it_is_the_schedule_that_is_drawn(notebook):
    """What the page reads off its curve, against the formula."""
    explorer = explorer_of(notebook, "schedule")
    rested(explorer)
    explorer.get_by_role("spinbutton", name="look at t").fill("50")
    rate = CosineDecay(0.1, 100)(50)
    expect(explorer.locator(".readout")).to_contain_text(f"at t = 50: ours {rate:.6g}")
