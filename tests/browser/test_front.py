"""The front end piece by piece: scales, paths, inputs, and what goes over the wire."""

import math
from collections.abc import Iterator
from typing import Annotated, Any

import numpy as np
import pytest
from bare_page import TWO_FRAMES, Bare
from playwright.sync_api import Browser, Locator, Page, expect

from lrcourse.explore import explore
from lrcourse.explore.controls import Drawing
from lrcourse.explore.explorer import Explorer
from lrcourse.explore.message import message
from lrcourse.explore.scene import scene
from lrcourse.explore.words import WORDS
from lrcourse.panels import Axis, Band, Curve, Dots, Panel, Rule, View, rates, time_panel
from lrcourse.schedules import (
    LR,
    Choice,
    CosineDecay,
    Schedule,
    StepDecay,
    Steps,
)
from lrcourse.schedules.units import Milestones

NAN, INF = math.nan, math.inf
COSINE = CosineDecay(0.1, 100)
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def front(browser: Browser) -> Iterator[Bare]:
    """One page for all that only computes."""
    page = browser.new_page()
    yield Bare(page)
    page.close()


@pytest.fixture
def bare(page: Page) -> Iterator[Bare]:
    bare = Bare(page)
    yield bare
    assert bare.errors == []


# ---- numbers as a reader sees them ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "written"),
    [
        (0, "0"),
        (0.1, "0.1"),
        (1 / 3, "0.333333"),
        (0.1 + 0.2, "0.3"),
        (1e-4, "0.0001"),
        (9.9e-5, "9.9e-5"),
        (-2.5e-7, "-2.5e-7"),
        (1234567, "1234570"),
        (1e21, "1e+21"),
        (NAN, "–"),
        (INF, "–"),
    ],
)
def test_a_number_has_at_most_six_digits(front, x, written):
    assert front.call("front.short(a)", x) == written


@pytest.mark.parametrize(
    ("x", "written"),
    [(2e10, "2e10"), (-1e6, "-1e6"), (999_999, "999999"), (-0.5, "−0.5"), (1e-5, "1e−5")],
)
def test_a_tick_is_short(front, x, written):
    assert front.call("front.tickLabel(a)", x) == written


def test_a_limit_is_the_next_round_number(front):
    numbers = (10 ** RNG.uniform(-12, 12, 200)).tolist()
    for x, limit in zip(numbers, front.call("a.map(front.niceLimit)", numbers), strict=True):
        assert x * (1 - 1e-8) <= limit <= 1.34 * x  # from 1.5 to 2 is the widest step
        first = limit / 10 ** math.floor(math.log10(limit) + 1e-9)
        assert round(first, 6) in {1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8}
    assert front.call("front.niceLimit(a)", 0.3) == 0.3


def test_ticks_are_even_round_and_inside(front):
    for low, width in zip(RNG.uniform(-50, 50, 100), 10 ** RNG.uniform(-6, 6, 100), strict=True):
        ticks = front.call("front.niceTicks(a, b, 5)", low, low + width)
        steps = np.diff(ticks)
        assert 1 <= len(ticks) <= 6
        assert ticks[0] >= low - 1e-9 * width
        assert ticks[-1] <= low + width * (1 + 1e-9)
        np.testing.assert_allclose(steps, steps.mean() if len(steps) else 0, rtol=1e-4)


def test_the_extent_knows_only_finite_numbers_that_pass(front):
    assert front.call("front.extent([a, b])", [3, NAN, -1], [INF, 7]) == [-1, 7]
    assert front.call("front.extent([a], (x) => x > 0)", [-3, 0, 2]) == [2, 2]
    assert front.call("front.extent([])") == [INF, -INF]


def test_counting_finds_what_a_loop_finds(front):
    rising = np.sort(RNG.integers(0, 30, 40)).tolist()
    for x in (-1, 0, *rising, 14.5, 29, 30, 99):
        slow = sum(each <= x for each in rising)
        assert front.call("front.countUpTo(a, b)", rising, x) == slow
    assert front.call("front.countUpTo([], 1)") == 0


# ---- scales --------------------------------------------------------------------------------------

AXIS = {"label": "y", "low": None, "high": None, "log": False, "tight": False}
SCALE = """(() => {
  const s = front[a](b, c, 5);
  const at = [0, 0.1, 0.25, 0.5, 0.75, 1];
  return {...s, there: at.map((share) => s.of(s.back(share))), shares: d.map(s.of)};
})()"""


def scale(front: Bare, kind: str, *lists: list[float], of: Any = (), **axis: Any) -> dict[str, Any]:
    return front.call(SCALE, f"{kind}Scale", AXIS | axis, lists, list(of))


@pytest.mark.parametrize("tight", [False, True])
@pytest.mark.parametrize("kind", ["linear", "log"])
@pytest.mark.parametrize(
    "values",
    [
        [],
        [0.1],
        [0],
        [-3],
        [5, 5, 5],
        [0, 1],
        [-1, 2, NAN, INF],
        [NAN, NAN],
        [1e-300, 1e300],
        [-1.7e308, 1.7e308],
        [1.7e308],
        [1e-300],
        [1e-9, 1.0000001e-9],
        [1e8, 1e8 + 1],
    ],
)
def test_a_scale_of_any_data_goes_there_and_back(front, kind, tight, values):
    made = scale(front, kind, values, tight=tight)
    assert math.isfinite(made["low"])
    assert made["low"] < made["high"] < INF
    np.testing.assert_allclose(made["there"], [0, 0.1, 0.25, 0.5, 0.75, 1], atol=1e-6)
    assert all(math.isfinite(tick["value"]) for tick in made["ticks"])
    assert not any("NaN" in t["label"] or "Inf" in t["label"] for t in made["ticks"])


def test_a_linear_axis_begins_at_zero_unless_data_are_below(front):
    assert [scale(front, "linear", [0.3, 0.9])[end] for end in ("low", "high")] == [0, 1]
    assert [scale(front, "linear", [-0.3, 0.9])[end] for end in ("low", "high")] == [-0.3, 1]
    assert [scale(front, "linear", [-3, -1])[end] for end in ("low", "high")] == [-3, 0]


def test_a_tight_axis_is_that_of_the_data_and_a_limit_is_kept(front):
    assert [scale(front, "linear", [0.3, 0.9], tight=True)[e] for e in ("low", "high")] == [
        0.3,
        0.9,
    ]
    assert scale(front, "linear", [0.3, 0.9], high=7)["high"] == 7
    assert scale(front, "log", [0.3, 0.9], low=1e-3)["low"] == pytest.approx(1e-3)


def test_a_logarithmic_axis_gives_equal_factors_equal_room(front):
    shares = scale(front, "log", [1e-4, 1], of=[1e-4, 1e-3, 1e-2, 1e-1, 1])["shares"]
    np.testing.assert_allclose(shares, [0, 0.25, 0.5, 0.75, 1], atol=1e-12)


def test_a_logarithmic_axis_has_no_place_for_zero_and_says_so(front):
    made = scale(front, "log", [0, 1e-3, 1], of=[0, -1])
    assert made["hidesZero"]
    assert made["low"] == pytest.approx(1e-3)
    assert all(math.isnan(share) for share in made["shares"])
    assert not scale(front, "log", [1e-3, NAN])["hidesZero"]


def test_many_decades_share_few_ticks_and_few_have_fine_ones(front):
    many = scale(front, "log", [1e-12, 1])["ticks"]
    assert [t["label"] for t in many] == ["1", "10⁻³", "10⁻⁶", "10⁻⁹", "10⁻¹²"]
    few = scale(front, "log", [0.02, 0.5], tight=True)["ticks"]
    assert [t["label"] for t in few] == ["0.02", "0.05", "0.1", "0.2", "0.5"]
    assert scale(front, "log", [1e-30, 1])["low"] == pytest.approx(1e-16)  # sixteen at most


# ---- curves --------------------------------------------------------------------------------------

TYPED = "const typed = (c) => ({...c, x: Float64Array.from(c.x), y: Float64Array.from(c.y)});"


def curve(x: Any, y: Any, held: bool = False, **more: Any) -> dict[str, Any]:
    return {"x": list(map(float, x)), "y": list(map(float, y)), "held": held, **more}


def on_curve(front: Bare, expression: str, mark: dict[str, Any], *more: Any) -> Any:
    return front.call(
        f"(() => {{ {TYPED} const curve = typed(a); return {expression} }})()", mark, *more
    )


def test_numbers_come_out_as_they_went_in(front):
    """Each value and each bit, from bytes that begin anywhere; without x stand 0, 1, 2, ..."""
    y = np.array([0.1, NAN, -INF, 1e-310, 1.7e308])
    other = RNG.normal(size=5)
    view = View((Panel(Axis("x"), Axis("y"), (Curve("c", y), Curve("d", y, x=other))),), said="")
    first, second = message(view)["panels"][0]["marks"]
    decoded = """(() => {
      const view = (list) => list && new DataView(Uint8Array.from([9, ...list]).buffer, 1);
      const mark = front.decodedMark({...a, x: view(b), y: view(c)});
      return [[...mark.x], [...mark.y]];
    })()"""
    for mark, x in ((first, np.arange(5.0)), (second, other)):
        plain = {k: v for k, v in mark.items() if k not in ("x", "y")}
        got = front.call(decoded, plain, mark["x"] and list(mark["x"]), list(mark["y"]))
        np.testing.assert_array_equal(got, [x, y])


def slow_value(x: list[float], y: list[float], held: bool, at: float) -> float:
    """The value of the step that `at` is on; of points the nearest, the earlier of two."""
    if held:
        ends = [*x[1:], x[-1] + (x[-1] - x[-2] if len(x) > 1 else 1)]
        return next((y[k] for k in range(len(x)) if x[k] <= at < ends[k]), NAN)
    if not x[0] <= at <= x[-1]:
        return NAN
    return y[min(range(len(x)), key=lambda k: (abs(x[k] - at), k))]


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_cursor_reads_what_a_slow_loop_reads(front, held, n):
    x = np.cumsum(RNG.integers(1, 4, n)).tolist()
    y = RNG.normal(size=n).tolist()
    for at in np.arange(-1, max(x) + 6, 0.5):
        got = on_curve(front, "front.valueAt(curve, b)", curve(x, y, held), at)
        np.testing.assert_equal(got, slow_value(x, y, held, at))


def test_the_cursor_reads_nothing_from_an_empty_curve(front):
    assert math.isnan(on_curve(front, "front.valueAt(curve, 0)", curve([], [])))


@pytest.mark.parametrize("with_gaps", [False, True])
def test_thinning_keeps_every_extreme(front, with_gaps):
    y = RNG.normal(size=20_000)
    y[777], y[15_001] = 99.0, -99.0
    if with_gaps:
        y[RNG.random(y.size) < 0.3] = NAN
        y[[777, 15_001]] = 99.0, -99.0
    xs, ys = on_curve(
        front, "front.thinned(curve.x, curve.y, 100).map((l) => [...l])", curve(range(y.size), y)
    )
    assert len(xs) <= 400
    assert np.all(np.diff(xs) > 0)
    np.testing.assert_array_equal(ys, y[np.array(xs, dtype=int)])
    for bucket in range(200):  # two for each pixel
        part = slice(100 * bucket, 100 * bucket + 100)
        kept = [v for k, v in zip(xs, ys, strict=True) if part.start <= k < part.stop]
        assert {np.nanmin(y[part]), np.nanmax(y[part])} == set(kept)


def test_a_gap_is_not_thinned_away(front):
    y = np.ones(10_000)
    y[4000:6000] = NAN
    path = on_curve(front, PATH, curve(range(y.size), y))
    assert path.count("M") == 2


def test_few_points_are_all_kept(front):
    xs, _ = on_curve(front, "front.thinned(curve.x, curve.y, 100)", curve(range(400), range(400)))
    assert len(xs) == 400


PATH = "front.curvePath(curve, (x) => 10 * x, (y) => 100 - y, 100)"


@pytest.mark.parametrize(
    ("mark", "path"),
    [
        (curve([0, 1, 2], [1, 2, 9]), "M0.0 99L10.0 98L20.0 91"),
        (curve([0, 1, 2], [1, 2, 3]), "M0.0 99L20.0 97"),
        (curve([0, 1, 2, 3], [1, NAN, 3, 4]), "M0.0 99M20.0 97L30.0 96"),
        (curve([0, 1, 2], [5, 5, 7], held=True), "M0.0 95H20.0V93H30.0"),
        (curve([0, 1, 2, 3], [5, NAN, 5, 6], held=True), "M0.0 95H10.0M20.0 95H30.0V94H40.0"),
        (curve([0, 1], [5, NAN], held=True), "M0.0 95H10.0"),
        (curve([4], [1], held=True), "M40.0 99H50.0"),
        (curve([], []), ""),
        (curve([0, 1], [NAN, NAN], held=True), ""),
    ],
)
def test_a_path_holds_or_connects_and_keeps_gaps(front, mark, path):
    assert on_curve(front, PATH, mark) == path


def test_a_path_to_infinity_stays_drawable(front):
    path = on_curve(front, PATH, curve([0, 1, 2], [1, INF, -1e300]))
    assert path == "M0.0 99L10.0 -10000L20.0 10000"


@pytest.mark.parametrize("wave", [0.0, 0.5, 30.0])
def test_fewer_points_pass_all_others_closely(front, wave):
    x = np.arange(600)
    y = 100 * np.exp(-x / 90) + wave * np.sin(x / 7) + np.random.default_rng(0).normal(0, 0.05, 600)
    kept = np.array(front.call("front.simplified(a)", np.stack([x, y], 1).tolist()))
    assert len(kept) < 300
    assert kept[0].tolist() == [0, y[0]]
    assert kept[-1].tolist() == [599, y[-1]]
    assert np.abs(np.interp(x, *kept.T) - y).max() <= 0.3 + 1e-9


def test_a_way_back_and_a_jump_are_not_straightened(front):
    there_and_back = [[0, 0], [5, 0], [3, 0], [3, 50], [4, 50]]
    assert front.call("front.simplified(a)", there_and_back) == there_and_back
    assert front.call("front.simplified(a)", []) == []
    assert front.call("front.simplified(a)", [[1, 2]]) == [[1, 2]]


def test_narrow_steps_are_drawn_as_a_line_and_wide_ones_as_stairs(front):
    stairs = curve(range(50), range(50), held=True)
    assert on_curve(front, PATH, stairs).count("V") == 49
    narrow = "front.curvePath(curve, (x) => x, (y) => 100 - y, 100)"
    assert on_curve(front, narrow, stairs) == "M0.0 100L49.0 51L50.0 51"


def test_a_band_goes_there_and_back_without_what_is_missing(front):
    band = {"x": [0, 1, 2, 3], "low": [1, NAN, 1, 1], "high": [2, 2, 2, INF]}
    path = front.call("front.bandPath(a, (x) => x, (y) => y)", band)
    assert path == "M0.0 2.0L2.0 2.0L2.0 1.0L0.0 1.0Z"
    empty = {"x": [0], "low": [NAN], "high": [1]}
    assert front.call("front.bandPath(a, (x) => x, (y) => y)", empty) == ""


def test_labels_keep_their_distance_and_their_order(front):
    for _ in range(50):
        heights = RNG.uniform(0, 60, 6).tolist()
        placed = front.call("front.spread(a, 17, 50)", heights)
        assert np.diff(np.sort(placed)).min() >= 17 - 1e-9
        assert max(placed) <= 50
        assert np.argsort(placed).tolist() == np.argsort(heights).tolist()
    assert front.call("front.spread(a, 17, 50)", [10, 40]) == [10, 40]  # room enough: not moved


# ---- where everything lies -----------------------------------------------------------------------

LAY = """(() => {
  const panels = a.map((panel) => ({...panel, marks: panel.marks.map((mark) =>
    ({...mark, x: Float64Array.from(mark.x), y: Float64Array.from(mark.y)}))}));
  return front.laidOut(panels, b, false);
})()"""


def panel(*marks: dict[str, Any], x: str = "t", cursor: bool = True) -> dict[str, Any]:
    axes = {"x": AXIS | {"label": x, "tight": True}, "y": AXIS}
    drawn = [{"kind": "curve", "style": 0, "faint": False, "early": False} | mark for mark in marks]
    return {**axes, "marks": drawn, "height": 1, "cursor": cursor, "draws": "", "title": ""}


WHOLE = curve(range(100), range(100), label="a")


@pytest.mark.parametrize(
    ("other", "takes_room"),
    [
        (curve(range(100), range(100), label="a long label"), True),
        (curve(range(50), range(50), label="a long label"), False),
        (curve(range(100), [*range(50), *[NAN] * 50], label="a long label"), False),
        (curve(range(100), range(100), label="a long label", early=True), False),
        (curve(range(100), range(100), label="a long label", faint=True), False),
    ],
)
def test_a_label_stands_outside_where_its_curve_reaches_the_end(front, other, takes_room):
    (place,) = front.call(LAY, [panel(WHOLE, other)], 800)
    (alone,) = front.call(LAY, [panel(WHOLE, curve(range(100), range(100), label="b"))], 800)
    assert (place["right"] < alone["right"]) == takes_room


def test_panels_that_look_at_the_same_x_share_its_label(front):
    is_labelled = lambda *panels: [p["isLabelled"] for p in front.call(LAY, panels, 800)]  # noqa: E731
    assert is_labelled(panel(WHOLE), panel(WHOLE)) == [False, True]
    assert is_labelled(panel(WHOLE), panel(WHOLE, x="epoch")) == [True, True]
    assert is_labelled(panel(WHOLE), panel(WHOLE, cursor=False)) == [True, True]


def test_panels_stand_below_each_other_in_one_line_and_stay_low(front):
    one, two, three = front.call(LAY, [panel(WHOLE) for _ in range(3)], 800)
    assert one["bottom"] < two["top"] < two["bottom"] < three["top"]
    assert one["left"] == two["left"] == three["left"]
    assert sum(place["bottom"] - place["top"] for place in (one, two, three)) <= 540
    assert three["end"] == three["bottom"] + 48


def test_a_point_of_the_drawing_is_a_value_of_its_panel(front):
    expression = LAY.replace(
        "return front.laidOut(panels, b, false)",
        """
      const places = front.laidOut(panels, b, false);
      return [[places[0], 25, 60], [places[1], 75, 20], [places[1], 0, 0]].map(([place, x, y]) => {
        const found = front.under(places, place.x(x), place.y(y));
        return [places.indexOf(found.place), found.x, found.y];
      })""",
    )
    found = front.call(expression, [panel(WHOLE), panel(WHOLE, x="epoch")], 800)
    np.testing.assert_allclose(found, [[0, 25, 60], [1, 75, 20], [1, 0, 0]], atol=1e-9)
    assert front.call("front.under([], 1, 1)") is None
    outside = LAY.replace(
        "front.laidOut(panels, b, false)",
        """(() => {
      const found = front.under(front.laidOut(panels, b, false), -50, 9999);
      return [found.x, found.y]; })()""",
    )
    assert front.call(outside, [panel(WHOLE)], 800) == [0, 0]  # the nearest corner


def test_each_style_has_a_shape_of_its_own(front):
    assert len(set(front.call("front.SHAPES"))) == 6


# ---- the inputs ----------------------------------------------------------------------------------


@scene("Inputs", presets={"high": {"rate": 1.0, "length": 10}, "low": {"rate": 0.001}})
def inputs(
    rate: LR = 0.1,
    length: Steps = 50,
    ramp: Steps | None = None,
    drops: Milestones = (20, 60),
    shape: Annotated[str, Choice("curve", ("cosine", "linear"))] = "cosine",
    is_noisy: bool = False,
    hand: Annotated[tuple, Drawing("height", 0, 1)] = (0.0, 0.25, 0.5, 0.75, 1.0),
) -> View:
    """Every kind of input; refuses a length above 150."""
    if length > 150:
        raise ValueError(f"inputs: length must be at most 150, got {length}")
    lrs = rate * np.linspace(1, 0, 101)
    painted = Panel(
        Axis("point", 0, 4), Axis("hand", 0, 1), (Curve("hand", np.array(hand)),), draws="hand"
    )
    rule = Rule("length", x=length, moves="length", style=2)
    return View((time_panel(rates("falling", lrs), rule), painted), said=f"falls from {rate}")


def move(bare: Bare, how: Any) -> list[dict[str, Any]]:
    """The moves that `how()` sends."""
    before = len(bare.sent())
    how()
    return bare.sent()[before:]


def changed(sent: dict[str, Any], explorer: Explorer) -> dict[str, Any]:
    first = explorer.scene.values(explorer.scene.start())
    return {path: value for path, value in sent["values"].items() if first[path] != value}


def turn(node: Locator, value: float) -> None:
    """Move a slider there in one step."""
    node.evaluate("(n, v) => { n.value = v; n.dispatchEvent(new Event('input')); }", value)


WAYS = {
    "slider": (lambda n: n.get_by_role("slider", name="length").press("ArrowRight"), "length", 51),
    "box": (lambda n: n.get_by_role("spinbutton", name="length").fill("77"), "length", 77),
    "empty box": (lambda n: n.get_by_role("spinbutton", name="length").fill(""), "length", None),
    "given": (lambda n: n.get_by_label("ramp: give a value").check(), "ramp", ...),
    "list": (lambda n: n.get_by_role("textbox", name="drops").fill("3, 4"), "drops", "3, 4"),
    "list key": (
        lambda n: n.get_by_role("textbox", name="drops").press("ArrowUp"),
        "drops",
        ("20, 61", "21, 60"),
    ),
    "choice": (lambda n: n.get_by_label("shape").select_option("linear"), "shape", "linear"),
    "switch": (lambda n: n.get_by_label("is noisy").check(), "is_noisy", True),
    "drawing": (
        lambda n: n.get_by_role("slider", name="hand height").press("End"),
        "hand",
        [1, 0.25, 0.5, 0.75, 1],
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_each_input_sends_one_move_of_its_own_value(bare, way):
    explorer = explore(inputs)
    node = bare.show(explorer, answers=False)
    how, path, value = WAYS[way]
    (sent,) = move(bare, lambda: how(node))
    assert list(changed(sent, explorer)) == [path]
    got = sent["values"][path]
    if value is not ...:
        assert got in value if isinstance(value, tuple) else got == value
    assert sent["serial"] == 1


def test_slider_and_box_follow_each_other_and_are_told_in_words(bare):
    node = bare.show(explore(inputs))
    slider, box = (node.get_by_role(r, name="rate") for r in ("slider", "spinbutton"))
    box.fill("0.01")
    assert slider.get_attribute("aria-valuetext") == "0.01"
    slider.press("ArrowRight")
    expect(box).to_have_value("0.011")
    assert slider.get_attribute("aria-valuetext") == "0.011"


def test_a_box_under_the_typing_hand_is_left_alone(bare):
    node = bare.show(explore(inputs))
    box = node.get_by_role("spinbutton", name="rate")
    box.focus()
    for key in ("Control+a", "0", ".", "0", "5", "0"):
        bare.page.keyboard.press(key)
    expect(node.locator(".said")).to_contain_text("0.05")
    assert box.evaluate("n => n.value") == "0.050"


def test_what_is_left_open_has_no_slider_until_it_is_given(bare):
    node = bare.show(explore(inputs))
    slider = node.get_by_role("slider", name="ramp")
    expect(slider).to_have_count(0)
    node.get_by_label("ramp: give a value").check()
    expect(slider).to_have_count(1)
    assert isinstance(bare.sent()[-1]["values"]["ramp"], int)
    node.get_by_label("ramp: give a value").uncheck()
    expect(slider).to_have_count(0)
    assert bare.sent()[-1]["values"]["ramp"] is None


def test_a_preset_is_one_move(bare):
    explorer = explore(inputs)
    node = bare.show(explorer)
    (sent,) = move(bare, lambda: node.get_by_label("preset").select_option("high"))
    assert changed(sent, explorer) == {"rate": 1.0, "length": 10}
    expect(node.get_by_role("spinbutton", name="rate")).to_have_value("1")


def point_of(node: Locator, panel: int, across: float, up: float) -> tuple[float, float]:
    """A place on the page: shares of the axes of a panel."""
    node.page.evaluate(TWO_FRAMES)  # what is to be drawn is drawn
    axis = (
        node.locator(".plot .axis[d*='V']")
        .nth(panel)
        .evaluate(
            """n => {
          const { x, y, width, height } = n.getBoundingClientRect();
          return [x, y + 6, width, height - 6]; // the axis goes on a little above its panel
        }"""
        )
    )
    left, top, width, height = axis
    return left + across * width, top + (1 - up) * height


def test_a_curve_is_painted_between_the_places_of_the_hand(bare):
    node = bare.show(explore(inputs))
    mouse = bare.page.mouse
    mouse.move(*point_of(node, 1, 0, 0.8))
    mouse.down()
    mouse.move(*point_of(node, 1, 1, 0.4))
    mouse.up()
    bare.page.evaluate(TWO_FRAMES)
    painted = bare.sent()[-1]["values"]["hand"]
    np.testing.assert_allclose(painted, np.linspace(0.8, 0.4, 5), atol=0.02)
    assert len({sent["gesture"] for sent in bare.sent()}) == 1
    expect(node.get_by_role("spinbutton", name="hand point")).to_have_value("4")


def test_a_line_is_dragged_and_its_slider_takes_the_keys(bare):
    node = bare.show(explore(inputs))
    mouse = bare.page.mouse
    mouse.move(*point_of(node, 0, 50 / 101, 0.5))
    expect(node.locator(".plot")).to_have_class("plot painted graspable")
    mouse.down()
    mouse.move(*point_of(node, 0, 80 / 101, 0.5), steps=4)
    mouse.up()
    bare.page.evaluate(TWO_FRAMES)
    assert bare.sent()[-1]["values"]["length"] == 80
    assert len({sent["gesture"] for sent in bare.sent()}) == 1
    expect(node.get_by_role("slider", name="length")).to_be_focused()
    bare.page.keyboard.press("ArrowRight")
    assert bare.sent()[-1]["values"]["length"] == 81


# ---- back ----------------------------------------------------------------------------------------


def test_a_drag_is_taken_back_at_once_and_two_moves_one_by_one(bare):
    explorer = explore(inputs)
    bare.page.clock.install()
    node = bare.show_stopped(explorer)
    slider = node.get_by_role("slider", name="length")
    undo = node.get_by_role("button", name="undo")
    expect(undo).to_be_disabled()
    for stop in (55, 60, 65):
        turn(slider, stop)
    bare.page.clock.run_for(1000)  # the hand rests
    turn(slider, 99)
    gestures = [sent["gesture"] for sent in bare.sent()]
    assert gestures == [1, 1, 1, 2]
    undo.click()
    assert bare.sent()[-1]["values"]["length"] == 66
    undo.click()
    assert changed(bare.sent()[-1], explorer) == {}
    expect(undo).to_be_disabled()


def test_two_inputs_are_two_moves_however_fast(bare):
    node = bare.show(explore(inputs))
    turn(node.get_by_role("slider", name="length"), 5)
    turn(node.get_by_role("slider", name="rate"), 5)
    assert [sent["gesture"] for sent in bare.sent()] == [1, 2]


def test_a_preset_and_a_reset_are_taken_back_by_keys(bare):
    explorer = explore(inputs)
    node = bare.show(explorer)
    preset = node.get_by_label("preset")
    preset.select_option("high")
    node.get_by_role("button", name="reset").click()
    assert changed(bare.sent()[-1], explorer) == {}
    bare.page.keyboard.press("Control+z")
    assert changed(bare.sent()[-1], explorer) == {"rate": 1.0, "length": 10}
    bare.page.keyboard.press("Control+z")
    assert changed(bare.sent()[-1], explorer) == {}
    assert move(bare, lambda: bare.page.keyboard.press("Control+z")) == []


def test_the_keys_of_a_text_box_are_its_own(bare):
    node = bare.show(explore(inputs))
    turn(node.get_by_role("slider", name="length"), 5)
    box = node.get_by_role("textbox", name="drops")
    box.fill("1, 2")
    box.press("Control+z")
    assert bare.sent()[-1]["values"]["length"] == 6  # the box's own undo, not ours


def test_the_last_undo_leaves_the_keys_in_the_explorer(bare):
    node = bare.show(explore(inputs))
    turn(node.get_by_role("slider", name="length"), 5)
    undo = node.get_by_role("button", name="undo")
    undo.focus()
    bare.page.keyboard.press("Enter")
    expect(undo).to_be_disabled()
    expect(node.get_by_role("button", name="reset")).to_be_focused()


def test_keys_meant_for_us_do_not_reach_the_notebook(bare):
    node = bare.show(explore(inputs))
    bare.page.evaluate(
        """() => {
          window.heard = [];
          addEventListener('keydown', (event) => heard.push(event.key));
        }"""
    )
    slider = node.get_by_role("slider", name="length")
    for key in ("ArrowDown", "d", "Escape", "Shift+Tab"):
        slider.press(key)
    assert bare.page.evaluate("heard") == ["Escape"]


# ---- answers -------------------------------------------------------------------------------------


def test_an_old_answer_is_not_shown(bare):
    explorer = explore(inputs)
    node = bare.show(explorer, answers=False)
    bare.receive(explorer, serial=2, said="the newest")
    bare.receive(explorer, serial=1, said="an old one")
    expect(node.locator(".said")).to_have_text("the newest")
    bare.receive(explorer, serial=2, said="a better one of the same move")
    expect(node.locator(".said")).to_have_text("a better one of the same move")


# ---- what the next key may bring -----------------------------------------------------------------


def asked(bare: Bare) -> list[dict[str, Any]]:
    """All values whose pictures the page has asked for."""
    told = bare.page.evaluate("shown[0].model.told")
    return [values for each in told if each["kind"] == "ahead" for values in each["wanted"]]


def at(explorer: Explorer, **values: Any) -> dict[str, Any]:
    return explorer.scene.values(explorer.scene.start()) | values


def drawn(node: Locator) -> str | None:
    return node.locator(".curve").first.get_attribute("d")


def test_the_picture_of_the_next_key_is_shown_before_its_answer(bare):
    explorer = explore(inputs)
    node = bare.show(explorer, answers=False)
    slider = node.get_by_role("slider", name="rate")
    slider.focus()
    (up, *_) = asked(bare)
    bare.receive_ahead(explorer, up)
    before = drawn(node)
    table = node.locator(".said").inner_text()
    bare.page.keyboard.press("ArrowRight")
    seen = drawn(node)
    assert seen != before
    assert node.locator(".said").inner_text() == table  # these words come with the answer
    explorer.moved = bare.sent()[-1]
    bare.receive(explorer)
    assert drawn(node) == seen
    expect(node.locator(".said")).to_contain_text(f"falls from {up['rate']}")
    bare.page.keyboard.press("ArrowRight")
    assert drawn(node) == seen  # of this key nothing is known


def test_the_answer_has_the_last_word(bare):
    """A function of a learner may give another picture each time."""
    explorer = explore(inputs)
    node = bare.show(explorer, answers=False)
    node.get_by_role("slider", name="rate").focus()
    (up, *_) = asked(bare)
    bare.receive_ahead(explorer, up)
    bare.page.keyboard.press("ArrowRight")
    foreseen = drawn(node)
    explorer.moved = {"serial": 1, "gesture": 1, "values": at(explorer, rate=3.0)}
    bare.receive(explorer)
    assert drawn(node) != foreseen


def test_the_answer_to_an_older_move_does_not_replace_what_was_foreseen(bare):
    explorer = explore(inputs)
    node = bare.show(explorer, answers=False)
    slider = node.get_by_role("slider", name="rate")
    slider.focus()
    two_up = asked(bare)[2]
    bare.receive_ahead(explorer, two_up)
    bare.page.keyboard.press("ArrowRight")  # not foreseen
    bare.page.keyboard.press("ArrowRight")
    foreseen = drawn(node)
    first, second = bare.sent()
    explorer.moved = first
    bare.receive(explorer)
    assert drawn(node) == foreseen
    expect(slider).to_have_attribute("aria-valuetext", str(second["values"]["rate"]))
    explorer.moved = second
    bare.receive(explorer)
    assert drawn(node) == foreseen
    expect(node.locator(".said")).to_contain_text(f"falls from {two_up['rate']}")


def test_only_what_a_key_may_bring_is_asked_for_and_only_once(bare):
    explorer = explore(inputs)
    node = bare.show(explorer)
    slider = node.get_by_role("slider", name="length")
    slider.focus()
    assert [all_["length"] for all_ in asked(bare)] == [51, 49, 52, 48]
    slider.press("ArrowRight")
    expect(node.locator(".said")).to_contain_text("length = 51")
    bare.page.wait_for_function(
        "shown[0].model.told.filter((t) => t.kind === 'ahead').length === 2"
    )
    assert [all_["length"] for all_ in asked(bare)[4:]] == [50, 53]  # 52 and 49 are here already
    before = len(asked(bare))
    node.locator(".plot").dispatch_event("pointerdown")
    turn(slider, 90)  # a hand goes anywhere
    expect(node.locator(".said")).to_contain_text("length = 91")
    assert len(asked(bare)) == before


@pytest.mark.parametrize("key", ["ArrowUp", "ArrowDown"])
@pytest.mark.parametrize(
    ("role", "name", "path"),
    [
        ("slider", "rate", "rate"),
        ("spinbutton", "rate", "rate"),
        ("spinbutton", "length", "length"),
        ("combobox", "shape", "shape"),
    ],
)
def test_what_is_asked_for_is_where_the_keys_lead(bare, key, role, name, path):
    node = bare.show(explore(inputs))
    node.get_by_role(role, name=name).focus()
    wanted = [all_[path] for all_ in asked(bare)]
    sent = move(bare, lambda: bare.page.keyboard.press(key))
    if sent:  # the first word of a list has none above it
        assert sent[0]["values"][path] in wanted
    else:
        assert (role, key) == ("combobox", "ArrowUp")


def test_a_switch_is_foreseen(bare):
    node = bare.show(explore(inputs))
    box = node.get_by_role("checkbox", name="is noisy")
    box.focus()
    assert [all_["is_noisy"] for all_ in asked(bare)] == [True]
    assert move(bare, lambda: box.press("Space"))[0]["values"]["is_noisy"] is True


def test_what_was_foreseen_for_other_controls_is_forgotten(bare):
    """Another class of schedule has other fields, which mean other things."""
    node = bare.show(explore(CosineDecay(0.1, 100), StepDecay))
    node.get_by_role("slider").first.focus()
    assert asked(bare)
    state = bare.page.evaluate("shown[0].model.told.length")
    bare.page.evaluate(
        "shown[0].model.handlers.find((h) => h.event === 'change:controls').handler()"
    )
    node.get_by_role("slider").nth(1).focus()
    node.get_by_role("slider").first.focus()
    again = bare.page.evaluate("k => shown[0].model.told.slice(k)", state)
    assert asked(bare)[0] in [values for each in again for values in each["wanted"]]


def test_a_refused_move_is_explained_beside_its_input(bare):
    node = bare.show(explore(inputs))
    before = node.locator(".plot").inner_html()
    box = node.get_by_role("spinbutton", name="length")
    box.fill("151")
    expect(box).to_have_attribute("aria-invalid", "true")
    described = bare.page.locator(f"[id='{box.get_attribute('aria-describedby')}']")
    expect(described).to_have_text("inputs: length must be at most 150, got 151")
    expect(node.locator(".problem:not(:empty)")).to_have_count(1)
    expect(node.locator("[aria-invalid]")).to_have_count(2)  # the slider and the box
    bare.page.evaluate(TWO_FRAMES)
    assert node.locator(".plot").inner_html() == before
    box.fill("149")
    expect(node.locator("[aria-invalid], [aria-describedby], .problem:not(:empty)")).to_have_count(
        0
    )
    bare.page.evaluate(TWO_FRAMES)
    assert node.locator(".plot").inner_html() != before


def test_a_refused_preset_is_explained_under_the_picture(bare):
    explorer = explore(inputs)
    node = bare.show(explorer, answers=False)
    node.get_by_label("preset").select_option("high")
    bare.receive(explorer, serial=1, refused="this does not fit")
    expect(node.locator(".picture > .problem")).to_have_text("this does not fit")


def test_a_silent_kernel_is_called_silent_until_it_answers(bare):
    explorer = explore(inputs)
    bare.page.clock.install()
    node = bare.show_stopped(explorer)
    silent = node.locator(".picture > .problem")
    turn(node.get_by_role("slider", name="length"), 5)
    bare.page.clock.run_for(3900)
    expect(silent).to_be_empty()
    bare.page.clock.run_for(200)
    expect(silent).to_have_text(WORDS["silent"])
    bare.page.clock.run_for(600)
    expect(node.get_by_role("status")).to_have_text(WORDS["silent"])
    bare.receive(explorer, serial=1)
    expect(silent).to_be_empty()
    bare.page.clock.run_for(10_000)
    expect(silent).to_be_empty()


def test_a_long_drag_is_no_silence(bare):
    """Each answer comes, but a newer move is always on its way."""
    explorer = explore(inputs)
    bare.page.clock.install()
    node = bare.show_stopped(explorer)
    slider = node.get_by_role("slider", name="length")
    for k in range(1, 30):
        turn(slider, k)
        bare.receive(explorer, serial=k - 1)
        bare.page.clock.run_for(400)
        expect(node.locator(".picture > .problem")).to_be_empty()


def test_the_live_region_speaks_once_when_the_hand_rests(bare):
    explorer = explore(inputs)
    bare.page.clock.install()
    node = bare.show_stopped(explorer)
    bare.page.clock.run_for(1000)
    node.get_by_role("status").evaluate("""n => {
      window.spoken = [];
      new MutationObserver(() => spoken.push(n.textContent)).observe(n, {childList: true});
    }""")
    for k in range(1, 11):
        bare.receive(explorer, serial=k, said=f"move {k}")
        bare.page.clock.run_for(100)
    assert bare.page.evaluate("spoken") == []
    bare.page.clock.run_for(600)
    (spoken,) = bare.page.evaluate("spoken")
    assert spoken.startswith("move 10. at t\xa0=" if "\xa0" in spoken else "move 10. at t =")
    bare.receive(explorer, serial=11, said="move 10")  # the same words are not said again
    bare.page.clock.run_for(600)
    assert len(bare.page.evaluate("spoken")) == 1


# ---- the rest ------------------------------------------------------------------------------------


def test_a_click_copies_the_code_and_says_so(bare):
    bare.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    bare.page.clock.install()
    node = bare.show_stopped(explore(StepDecay))
    button = node.get_by_role("button", name="copy the code of ours")
    button.click()
    expect(button).to_have_text("copied")
    written = "StepDecay(peak_lr=0.1, step_size=30, gamma=0.1)"
    assert bare.page.evaluate("navigator.clipboard.readText()") == written
    bare.page.clock.run_for(700)
    expect(node.get_by_role("status")).to_have_text(f"copied: {written}")
    bare.page.clock.run_for(1500)
    expect(button).to_have_text("copy")


def test_where_there_is_no_clipboard_the_old_way_copies(bare):
    bare.page.evaluate("""() => {
      navigator.clipboard.writeText = () => Promise.reject(new Error("not secure"));
      document.execCommand = (what) => (window.copied = [what, document.activeElement.value]);
    }""")
    node = bare.show(explore(StepDecay))
    button = node.get_by_role("button", name="copy the code of ours")
    button.click()
    expect(button).to_have_text("copied")
    expect(button).to_be_focused()
    what, text = bare.page.evaluate("copied")
    assert (what, text[:10]) == ("copy", "StepDecay(")


def test_the_play_button_plays_and_stops(bare):
    explorer = explore(playing)
    node = bare.show(explorer, answers=False)
    button = node.locator(".play")
    for state, word, kind in (
        ("ready", "play", "play"),
        ("running", "stop", "stop"),
        ("stopped", "resume", "play"),
        ("done", "play again", "play"),
    ):
        bare.receive(explorer, state=state)
        expect(button).to_have_text(word)
        button.click()
        assert bare.page.evaluate("shown[0].model.told.at(-1)") == {"kind": kind}


@scene("Playing", plays=True)
def playing(rate: LR = 0.1) -> Iterator[View]:
    """A scene of two pictures."""
    for done in (0.5, 1.0):
        curve = Curve("loss", np.array([rate, done, 0.0]))
        yield View((time_panel(curve, y=Axis("loss")),), said=f"{done}", done=done)


def test_playing_ends_with_the_last_picture(bare):
    node = bare.show(explore(playing))
    node.get_by_role("button", name="play").click()
    expect(node.get_by_role("button", name="play again")).to_be_visible()
    expect(node.locator(".said")).to_have_text("1.0")
    expect(node.locator("progress")).to_have_js_property("value", 1)


def test_two_views_of_one_model_both_work(bare):
    explorer = explore(inputs)
    first = bare.show(explorer)
    bare.page.evaluate("""() => {
      const el = document.body.appendChild(document.createElement("div"));
      front.render({ model: shown[0].model, el });
    }""")
    second = bare.page.locator(".lrcourse-explorer").nth(1)
    length = second.get_by_role("spinbutton", name="length")
    turn(first.get_by_role("slider", name="length"), 9)
    expect(length).to_have_value("10")  # one moves, the other follows
    bare.page.evaluate("""() => {
      const el = document.body.appendChild(document.createElement("div"));
      front.render({ model: shown[0].model, el });
    }""")
    later = bare.page.locator(".lrcourse-explorer").nth(2).get_by_role("spinbutton", name="length")
    expect(later).to_have_value("10")  # also one that was opened after the move
    ids = bare.page.locator("[id]").evaluate_all("all => all.map((n) => n.id)")
    assert len(ids) == len(set(ids))
    for node, said in ((first, "0.2"), (second, "0.3"), (first, "0.4")):
        node.get_by_role("spinbutton", name="rate").fill(said)
        expect(first.locator(".said")).to_contain_text(f"falls from {said}")
        expect(second.locator(".said")).to_contain_text(f"falls from {said}")


def test_nothing_is_left_when_a_view_is_removed(bare):
    explorer = explore(inputs)
    bare.page.clock.install()
    bare.page.evaluate("""() => {
      window.watching = 0;
      const { observe, disconnect } = ResizeObserver.prototype;
      ResizeObserver.prototype.observe = function (node) { watching++; observe.call(this, node); };
      ResizeObserver.prototype.disconnect = function () { watching--; disconnect.apply(this); };
    }""")
    node = bare.show_stopped(explorer)
    turn(node.get_by_role("slider", name="length"), 5)  # the silent kernel's clock runs
    assert bare.page.evaluate("[shown[0].model.handlers.length, watching]") == [3, 1]
    bare.page.evaluate("shown[0].remove()")
    assert bare.page.evaluate("[shown[0].model.handlers.length, watching]") == [0, 0]
    bare.receive(explorer, serial=9, said="too late")
    bare.page.clock.run_for(10_000)
    expect(node).to_have_count(0)


@scene("Kinds")
def kinds(first: Schedule = COSINE, noise: LR = 0.0) -> View:
    """Every mark, also at a place that a logarithmic axis has not."""
    x = np.array([0.0, 1e-3, 1.0])
    marks = (
        Curve("loss", np.array([1, 0.5, NAN]), x),
        Curve("nothing", np.full(3, NAN), x, style=1),
        Curve("", np.array([]), np.array([])),
        Curve("empty", np.array([]), np.array([]), held=True),
        Dots("best", x, np.array([0.5, NAN, NAN])),
        Rule("pick", x=noise, moves="noise"),
        Band(np.zeros(3), np.array([1, INF, 1]), x),
    )
    axes = Axis("rate", log=True), Axis("loss", log=True)
    return View((Panel(*axes, marks), time_panel(rates("η", first(np.arange(50))))), said="x")


def test_what_has_no_place_is_left_out_without_a_complaint(bare):
    complaints: list[str] = []
    bare.page.on("console", lambda message: complaints.append(message.text))
    node = bare.show(explore(kinds))
    assert complaints == []
    html = node.locator(".plot").inner_html()
    assert "NaN" not in html
    assert "undefined" not in html
    expect(node.locator(".rule")).to_have_count(0)
    turn(node.get_by_role("slider", name="noise"), 40)
    expect(node.locator(".rule")).to_have_count(1)


@scene("Floor")
def floor(end: LR = 0.2) -> View:
    """A curve from 1 to `end`, and a rule at 0.1."""
    curve = Curve("loss", np.linspace(1, end, 20), np.linspace(0, 10, 20))
    return View((Panel(Axis("x"), Axis("loss", 0, 1), (curve, Rule("floor", y=0.1))),), said="x")


@pytest.mark.parametrize(("end", "anchor"), [(0.12, "start"), (5.0, "end")])
def test_the_name_of_a_rule_stands_where_the_curve_is_far_from_it(bare, end, anchor):
    node = bare.show(explore(floor, end=end))
    expect(node.locator("text.label", has_text="floor")).to_have_attribute("text-anchor", anchor)


@scene("Upright")
def upright(end: LR = 0.2) -> View:
    """A curve from 1 to `end`, and a rule near its beginning."""
    curve = Curve("loss", np.linspace(1, end, 40), np.linspace(0, 10, 40))
    return View((Panel(Axis("x"), Axis("loss", 0, 1), (curve, Rule("here", x=1.0))),), said="x")


@pytest.mark.parametrize(("end", "is_low"), [(0.9, True), (1e-3, False)])
def test_the_name_of_an_upright_rule_stands_above_or_below_the_curve(bare, end, is_low):
    node = bare.show(explore(upright, end=end))
    height = float(node.locator("text.label", has_text="here").get_attribute("y"))
    assert (height > 150) == is_low
