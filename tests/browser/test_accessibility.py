"""The explorer for everybody: by keyboard, by ear, enlarged, in few colours, without colours."""

import itertools
import re
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import pytest
from bare_page import TWO_FRAMES, Bare
from playwright.sync_api import Locator, Page, expect

from lrcourse.explore import explore
from lrcourse.explore.controls import Drawing
from lrcourse.explore.explorer import Explorer
from lrcourse.explore.scene import scene
from lrcourse.panels import (
    Axis,
    Band,
    Code,
    Curve,
    Dots,
    Panel,
    Rule,
    Table,
    View,
    rates,
    time_panel,
)
from lrcourse.schedules import LR, CosineDecay, Schedule, StepDecay

COSINE, STEPS = CosineDecay(0.1, 100), StepDecay(0.1, 30)
HAND = tuple(np.linspace(1, 0.2, 21).tolist())


@scene("Everything", presets={"low": {"peak_lr": 0.01}, "high": {"peak_lr": 1.0}}, plays=True)
def everything(
    peak_lr: LR = 0.1,
    schedule: Schedule = COSINE,
    compare_with: Schedule | None = STEPS,
    is_noisy: bool = False,
    metric: Annotated[tuple, Drawing("accuracy", 0, 1)] = HAND,
) -> Iterator[View]:
    """Every mark and every input; the third picture is the best."""
    lr, other = (s(np.arange(200)) if s else np.zeros(200) for s in (schedule, compare_with))
    at, loss = 10.0 ** np.arange(-4, 1), np.array([1.0, 0.8, 0.5, 0.6, 2.0])
    hand = Curve("hand", np.array(metric), np.linspace(0, 200, 21))
    pick = Rule("pick", x=peak_lr, moves="peak_lr", style=1)
    for part in (1, 2, 3):
        yield View(
            (
                Panel(Axis("epoch", 0, 200), Axis("metric", 0, 1), (hand,), draws="metric"),
                time_panel(
                    rates("first", lr), Curve("second", other, style=1), Band(lr, other, style=2)
                ),
                Panel(
                    Axis("learning rate η", log=True),
                    Axis("loss"),
                    (Curve("loss", loss, at, style=3), pick, Dots("best", at[2:3], loss[2:3], 2)),
                ),
            ),
            said=f"part {part} of 3 is done",
            codes=(Code("first", repr(schedule)), Code("second", repr(compare_with), 1)),
            table=Table(("", "area", "last"), (("first", "5", "0"), ("second", "3.33", "1e-07"))),
            done=part / 3,
        )


@scene("Six styles")
def six_styles(is_log: bool = False) -> View:
    """One curve, one kind of dots and one code of each style."""
    x = np.arange(20.0)
    marks = [
        mark
        for k in range(6)
        for mark in (Curve(f"style {k}", x + 4 * k, style=k), Dots("", x[9:10], x[9:10] + 4 * k, k))
    ]
    codes = tuple(Code(f"style {k}", f"f{k}(x)", k) for k in range(6))
    return View((time_panel(*marks, y=Axis("y")),), said="six lines", codes=codes)


VIEWS = {
    "schedule": (lambda: explore(StepDecay), 1040),
    "three panels": (lambda: explore(everything), 1040),
    "phone": (lambda: explore(everything), 360),
}


@pytest.fixture
def bare(page: Page) -> Iterator[Bare]:
    bare = Bare(page)
    yield bare
    assert bare.errors == []


@pytest.fixture(params=VIEWS)
def view(request: pytest.FixtureRequest, bare: Bare) -> Locator:
    explorer, width = VIEWS[request.param]
    return shown(bare, explorer(), width)


def shown(bare: Bare, explorer: Explorer, width: int = 1040) -> Locator:
    bare.page.set_viewport_size({"width": width, "height": 900})
    bare.use_theme("light")
    return bare.show(explorer)


# ---- by keyboard ---------------------------------------------------------------------------------

FOCUSED = """() => {
  const node = document.activeElement;
  const box = node.getBoundingClientRect();
  const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(node);
  return { tag: node.tagName, id: node.dataset.order, x: box.x, y: box.y + scrollY,
    width: box.width, height: box.height,
    ring: [outlineStyle, parseFloat(outlineWidth), outlineColor] };
}"""


def tab_stops(page: Page) -> list[dict[str, Any]]:
    """What has the focus after each Tab, until the page is left."""
    stops = []
    while True:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop["tag"] == "BODY":
            return stops
        stops.append(stop)
        assert len(stops) < 100


def test_tab_visits_every_input_in_reading_order_with_a_ring(bare, view):
    usable = view.locator("input:visible, select:visible, button:enabled:visible")
    usable.evaluate_all("all => all.forEach((node, k) => (node.dataset.order = k))")
    stops = tab_stops(bare.page)
    assert [s["id"] for s in stops] == [str(k) for k in range(usable.count())]
    for stop in stops:
        style, width, color = stop["ring"]
        assert (style, width) == ("solid", 2)
        assert contrast(color_numbers(bare.page, color), [255, 255, 255]) >= 3
    columns = [[s for s in stops if s["x"] >= 690], [s for s in stops if s["x"] < 690]]
    if bare.page.viewport_size["width"] < 700:
        columns = [stops]
    assert [s["id"] for column in columns for s in column] == [s["id"] for s in stops]
    for column in columns:
        for above, below in itertools.pairwise(column):
            assert below["y"] + below["height"] > above["y"]  # never back up


def test_a_ring_is_seen(bare):
    """The pixels around an input change when it gets the focus."""
    node = shown(bare, explore(StepDecay))
    for each in (node.get_by_role("slider").first, node.get_by_role("button", name="reset")):
        bare.page.evaluate("document.activeElement.blur()")
        box = each.bounding_box()
        clip = {k: box[k] - 6 for k in ("x", "y")} | {k: box[k] + 12 for k in ("width", "height")}
        before = bare.page.screenshot(clip=clip)
        each.focus()
        bare.page.keyboard.press("Shift")  # a key makes the ring one of the keyboard
        assert bare.page.screenshot(clip=clip) != before


def test_everything_is_done_by_keyboard_alone(bare):
    explorer = explore(everything)
    node = shown(bare, explorer)
    bare.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    keys = bare.page.keyboard

    def at(role: str, name: str) -> Locator:
        found = node.get_by_role(role, name=name, exact=True)
        for _ in range(60):
            if found.evaluate("n => n === document.activeElement"):
                return found
            keys.press("Tab")
        raise AssertionError(f"Tab does not reach {name}")

    def settled(**expected: Any) -> None:
        bare.page.wait_for_timeout(50)
        assert {name: explorer.arguments[name] for name in expected} == expected

    at("button", "play")
    keys.press("Space")
    expect(node.locator(".said")).to_have_text("part 3 of 3 is done")
    at("combobox", "preset")
    keys.press("ArrowDown")
    settled(peak_lr=0.01)
    before = node.locator(".rule").get_attribute("d")
    at("slider", "peak_lr (learning rate)")  # the line that a mouse can drag
    keys.press("ArrowRight")
    settled(peak_lr=0.011)
    bare.page.evaluate(TWO_FRAMES)
    assert node.locator(".rule").get_attribute("d") != before
    at("combobox", "compare with")
    keys.press("Home")
    settled(compare_with=None)
    at("checkbox", "is noisy")
    keys.press("Space")
    settled(is_noisy=True)
    at("slider", "metric point")
    for _ in range(3):
        keys.press("ArrowRight")
    at("spinbutton", "metric height")
    keys.press("Control+a")
    keys.type("0.25")
    settled(metric=(*HAND[:3], 0.25, *HAND[4:]))
    at("slider", "look at t")
    keys.press("Home")
    expect(node.locator(".readout")).to_contain_text("= 0: first 0.1")
    at("checkbox", "logarithmic η")
    keys.press("Space")
    expect(node.locator(".plot")).to_contain_text("10⁻⁴")
    at("button", "undo")
    keys.press("Enter")
    settled(metric=HAND, is_noisy=True)
    at("button", "reset")
    keys.press("Enter")
    settled(peak_lr=0.1, is_noisy=False, metric=HAND)
    at("button", "copy the code of first")
    keys.press("Enter")
    expect(node.get_by_role("status")).to_contain_text("copied: CosineDecay(")


# ---- by ear --------------------------------------------------------------------------------------


def test_every_input_has_a_name_of_its_own(view):
    tree = view.aria_snapshot()
    roles = "slider|spinbutton|checkbox|combobox|textbox|button|progressbar"
    named = re.findall(rf"- ({roles})(.*)", tree)
    names = [(role, re.match(r' "([^"]+)"', rest)[1]) for role, rest in named]
    assert len(names) == len(set(names)) >= 10


def test_it_reads_from_the_picture_over_the_inputs_to_the_words(view):
    tree = view.aria_snapshot()
    inputs = ["- slider", 'button "reset"']
    order = ["img ", '"at t = ', *inputs, "- table", "- code:", "- status"]
    places = [tree.index(part) for part in order]
    assert places == sorted(places)
    assert tree.startswith('- region "Explorer of ')
    for word in ("null", "undefined", "NaN", "[object"):
        assert word not in tree


def test_sliders_of_the_same_name_are_told_apart(bare):
    node = shown(bare, explore(everything))
    tree = node.aria_snapshot()
    for name in ("peak_lr", "peak_lr, schedule", "peak_lr, compare with"):
        assert f'slider "{name} (learning rate)"' in tree
        assert f'spinbutton "{name}"' in tree
    two = CosineDecay(0.1, 50) >> CosineDecay(0.05, 50)
    tree = shown(bare, explore(two)).aria_snapshot()
    assert len(set(re.findall(r'slider "(peak_lr[^"]*)"', tree))) == 2


def test_the_drawing_is_one_picture_with_its_words(view):
    picture = view.get_by_role("img").first
    assert picture.get_attribute("role") == "img"
    alt = picture.get_attribute("aria-label")
    assert "learning rate η over optimizer update t" in alt
    assert "(peak_lr=0.1" in alt
    children = picture.locator("> *").evaluate_all("all => all.map(n => n.ariaHidden)")
    assert children == ["true"]


def test_the_table_names_its_rows_and_columns(view):
    heads = view.locator("table th")
    assert set(heads.evaluate_all("all => all.map(n => n.scope)")) == {"col", "row"}
    assert all(heads.all_inner_texts())  # no empty head
    rows = view.locator("table tbody tr")
    assert rows.evaluate_all("all => all.every(r => r.firstChild.scope === 'row')")


# ---- enlarged, and small -------------------------------------------------------------------------

WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
WORDS_IN = "text, td, th, label, .meaning, code, p:not(.live), button, select, input"
CUT = """(node, words) => [...node.querySelectorAll(words)]
  .filter((each) => {
    const box = each.getBoundingClientRect();
    const end = document.documentElement.clientWidth;
    return box.width && (box.left < -0.5 || box.right > end + 0.5);
  }).map((each) => each.textContent)"""
SIZES = """(node, words) => [...node.querySelectorAll(words)]
  .filter((each) => each.getClientRects().length)
  .map((each) => parseFloat(getComputedStyle(each).fontSize))"""
OVERLAPS = """node => {
  const boxes = [...node.querySelectorAll("label, .meaning, input, select, button")]
    .map((each) => [each, each.getBoundingClientRect()]).filter(([, box]) => box.width);
  const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  return boxes.flatMap(([one, a], k) => boxes.slice(k + 1)
    .filter(([other, b]) => !one.contains(other) && meet(a, b))
    .map(([other]) => [one.outerHTML, other.outerHTML]));
}"""


def longest_names() -> Explorer:
    long = "a rather long name of a curve that says it all"

    @scene("Long names", presets={f"a preset with {long}": {"peak_lr": 1.0}})
    def long_names(peak_lr: LR = 0.1, compare_with: Schedule | None = None) -> View:
        y = np.linspace(1, 1e-9, 50)
        curves = (rates(long, y), rates("short", y / 2, 1), Rule(long, y=0.5, style=2))
        table = Table(("", *["mean over peak"] * 4), ((long, *["1.234e-07"] * 4),))
        panel = time_panel(*curves, Rule(long, x=30.0, style=3), Dots(long, y[:1], y[:1], 4))
        return View((panel,), said=f"{long}, " * 3, codes=(Code(long, long * 3),), table=table)

    return explore(long_names)


SMALL = {
    "schedule": lambda: explore(CosineDecay, StepDecay),
    "everything": lambda: explore(everything),
    "long names": longest_names,
}


@pytest.mark.parametrize("width", [320, 520, 640, 900])
@pytest.mark.parametrize("which", SMALL)
def test_nothing_is_cut_off_or_overlaps_at_any_width(bare, which, width):
    """320 pixels are 1280 at 400%; 520 and 640 are a window of twice the width at 200%."""
    node = shown(bare, SMALL[which](), width)
    node.get_by_label("logarithmic η").check()
    bare.page.evaluate(TWO_FRAMES)
    assert bare.page.evaluate(WIDE) <= 0
    assert node.evaluate(CUT, WORDS_IN) == []
    assert node.evaluate(OVERLAPS) == []


def test_text_keeps_its_size_when_the_room_gets_small(bare):
    node = shown(bare, explore(everything), 1280)
    wide = node.evaluate(SIZES, WORDS_IN)
    bare.page.set_viewport_size({"width": 320, "height": 900})
    bare.page.evaluate(TWO_FRAMES)
    assert min(node.evaluate(SIZES, WORDS_IN)) >= min(wide) >= 12
    height = node.locator(".tick").first.evaluate("n => n.getBoundingClientRect().height")
    assert height >= 12  # the drawing is not scaled down either


TARGETS = """node => [...node.querySelectorAll("input, select, button, .handle")].map(each => {
  const box = each.getBoundingClientRect();
  return [each.outerHTML, box.x, box.y, box.width, box.height];
}).filter(([, , , width]) => width)"""


def test_every_target_is_large_enough_for_a_finger(view):
    """24 pixels, or a circle of 24 around its middle that no other target reaches (WCAG 2.5.8)."""
    targets = view.evaluate(TARGETS)
    for html, x, y, width, height in targets:
        if min(width, height) >= 24:
            continue
        assert "checkbox" in html or "handle" in html
        middle = np.array([x + width / 2, y + height / 2])
        for other, left, top, wide, high in targets:
            if other != html:
                nearest = np.clip(middle, [left, top], [left + wide, top + high])
                assert np.hypot(*(middle - nearest)) >= 12, (html, other)


# ---- colours -------------------------------------------------------------------------------------

COLOR = """color => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  canvas.fillStyle = color;
  canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
}"""
ON_PAPER = """(node, what) => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const numbers = (...colors) => {
    for (const color of colors) { canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const papers = [];
  for (let each = node; each; each = each.parentElement) {
    papers.unshift(getComputedStyle(each).backgroundColor);
  }
  const paper = ["white", ...papers];
  return [numbers(...paper, getComputedStyle(node)[what]), numbers(...paper)];
}"""
# Colour-blindness of full severity, on linear RGB (Machado, Oliveira and Fernandes 2009).
BLIND = {
    "none": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
THEMES = ("light", "dark", "vscode", "colab")
SAME = 8  # CIELAB units; two colours that are nearer are taken for one


def color_numbers(page: Page, color: str) -> list[int]:
    return page.evaluate(COLOR, color)


def linear(color: list[int]) -> np.ndarray:
    part = np.array(color) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def contrast(one: list[int], other: list[int]) -> float:
    """As WCAG counts it, from 1 to 21."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(color: list[int], matrix: Any) -> np.ndarray:
    """CIELAB of a colour as an eye of this kind sees it."""
    seen = np.clip(np.array(matrix) @ linear(color), 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.array(to_xyz) @ seen / [0.9505, 1, 1.089]
    root = lambda u: np.cbrt(u) if u > 0.008856 else 7.787 * u + 16 / 116  # noqa: E731
    return np.array([116 * root(y) - 16, 500 * (root(x) - root(y)), 200 * (root(y) - root(z))])


def test_the_witnesses_of_colour_know_what_is_known():
    assert contrast([0, 0, 0], [255, 255, 255]) == pytest.approx(21)
    assert contrast([119, 119, 119], [255, 255, 255]) == pytest.approx(4.48, abs=0.01)
    np.testing.assert_allclose(lab([255, 0, 0], np.eye(3)), [53.24, 80.09, 67.2], atol=0.1)
    red, green = (lab(c, BLIND["deuteranopia"]) for c in ([200, 60, 0], [90, 120, 0]))
    assert np.linalg.norm(red - green) < 20  # far apart for others
    assert np.linalg.norm(lab([200, 60, 0], np.eye(3)) - lab([90, 120, 0], np.eye(3))) > 60


@pytest.mark.parametrize("theme", THEMES)
def test_words_and_curves_stand_out(bare, theme):
    node = shown(bare, explore(six_styles))
    bare.use_theme(theme)
    node.get_by_role("spinbutton", name="look at t").fill("3")
    for selector, what, least in (
        ("text.tick", "fill", 4.5),
        ("text.name", "fill", 4.5),
        ("text.label", "fill", 4.5),
        (".said", "color", 4.5),
        (".readout", "color", 4.5),
        ("label", "color", 4.5),
        (".code code", "color", 4.5),
        ("button:enabled", "color", 4.5),
        ("button:enabled", "borderTopColor", 3),
        ("input[type=number]", "borderTopColor", 3),
        ("input[type=number]", "color", 4.5),
        ("path.curve", "stroke", 3),
        ("path.dots", "fill", 3),
        ("path.axis", "stroke", 3),
    ):
        found = node.locator(selector)
        assert found.count()
        for each in found.all()[:8]:
            ink, paper = each.evaluate(ON_PAPER, what)
            assert contrast(ink, paper) >= least, (selector, ink, paper)


@pytest.mark.parametrize("theme", THEMES)
def test_a_refusal_stands_out(bare, theme):
    node = shown(bare, explore(StepDecay))
    bare.use_theme(theme)
    node.get_by_role("spinbutton", name="gamma").fill("7")
    sentence = node.locator(".problem:not(:empty)")
    expect(sentence).to_contain_text("gamma")
    ink, paper = sentence.evaluate(ON_PAPER, "color")
    assert contrast(ink, paper) >= 4.5
    assert contrast(sentence.evaluate(ON_PAPER, "borderLeftColor")[0], paper) >= 3


def test_dashes_and_shapes_tell_the_styles_apart_without_colour(bare):
    node = shown(bare, explore(six_styles))
    dashed = "all => all.map(n => getComputedStyle(n).strokeDasharray)"
    dashes = node.locator("path.curve").evaluate_all(dashed)
    shapes = node.locator("path.dots").evaluate_all("all => all.map(n => n.getAttribute('d'))")
    assert len(set(dashes)) == len(set(shapes)) == 6
    assert dashes[0] == "none"
    border = "all => all.map(getComputedStyle).map(s => s.borderLeftStyle + s.borderLeftWidth)"
    assert len(set(node.locator(".code").evaluate_all(border))) == 6


@pytest.mark.parametrize("blindness", BLIND)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_stay_apart_for_every_eye(bare, theme, blindness):
    node = shown(bare, explore(six_styles))
    bare.use_theme(theme)
    inks = [c.evaluate(ON_PAPER, "stroke")[0] for c in node.locator("path.curve").all()]
    seen = [lab(ink, BLIND[blindness]) for ink in inks]
    near = {
        (i, j): round(float(np.linalg.norm(seen[i] - seen[j])), 1)
        for i, j in itertools.combinations(range(6), 2)
    }
    assert min(near.values()) >= SAME, near


def test_the_readers_own_colours_are_used_and_the_curves_stay_told_apart(bare):
    node = shown(bare, explore(six_styles))
    bare.page.emulate_media(forced_colors="active")
    own = color_numbers(
        bare.page,
        bare.page.evaluate(
            "() => { const p = document.body.appendChild(document.createElement('p')); "
            "p.style.color = 'CanvasText'; return getComputedStyle(p).color; }"
        ),
    )
    for selector, what in (("path.curve", "stroke"), ("path.dots", "fill"), ("text.label", "fill")):
        for each in node.locator(selector).all():
            assert each.evaluate(ON_PAPER, what)[0] == own
    slider = node.get_by_role("slider").first
    slider.focus()
    bare.page.keyboard.press("ArrowRight")
    style, width, color = bare.page.evaluate(FOCUSED)["ring"]
    assert (style, width) == ("solid", 2)
    assert contrast(color_numbers(bare.page, color), slider.evaluate(ON_PAPER, "color")[1]) >= 3


def test_nothing_moves_by_itself(bare):
    bare.page.emulate_media(reduced_motion="reduce")
    node = shown(bare, explore(everything))
    node.get_by_role("button", name="play").click()
    expect(node.get_by_role("button", name="play again")).to_be_visible()
    assert bare.page.evaluate("document.getAnimations().length") == 0
    timed = """all => all.map(getComputedStyle).filter((s) =>
      s.transitionDuration !== "0s" || s.animationName !== "none").length"""
    assert node.locator("*").evaluate_all(timed) == 0
