"""The explorer as a learner meets it: in JupyterLab, by keyboard, in both themes."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from lab_page import errors_shown, keep_picture, run_all, use_theme
from playwright.sync_api import Page, expect

from lrcourse.schedules import SCHEDULES

EXPLORER = """
from lrcourse.explore import explore
from lrcourse.schedules import StepDecay
explorer = explore(StepDecay)
explorer
"""
OWN_CLASS = """
from dataclasses import dataclass
import numpy as np
from lrcourse.schedules import LR, Schedule, Steps

@dataclass(frozen=True)
class Ramp(Schedule):
    peak_lr: LR
    steps: Steps = 80

    def lr(self, t):
        return self.peak_lr * np.maximum(1 - t / self.steps, 0)

explore(Ramp)
"""
LISTS = """
from lrcourse.schedules import MultiStepDecay
explore(MultiStepDecay)
"""
CHOICE = """
from lrcourse.explore import explore
from lrcourse.schedules import WarmupStableDecay
explore(WarmupStableDecay(0.1, warmup_steps=10, decay_steps=50, steps=100))
"""
ONE_CYCLE = """
from lrcourse.explore import explore
from lrcourse.schedules import OneCycle
explore(OneCycle)
"""
EVERY = """
from IPython.display import display
from lrcourse.explore import explore
from lrcourse.schedules import SCHEDULES
for schedule in SCHEDULES.values():
    if schedule.__module__.startswith("lrcourse."):  # another test adds a class of its own
        display(explore(schedule))
"""
# From the key press to the new curve: in the document, and in the first frame that finds it
# there (how latencies of other widgets were measured; one frame later).
TIMED_KEY = """
() => {
  const plot = document.querySelector('.lrcourse-explorer .plot');
  const path = () => plot.querySelector('.curve.style0').getAttribute('d');
  const before = path();
  window.drawn = window.seen = null;
  document.addEventListener('keydown', () => {
    const start = performance.now();
    new MutationObserver((_, observer) => {
      window.drawn = performance.now() - start;
      observer.disconnect();
    }).observe(plot, {childList: true});
    const look = () => {
      if (path() !== before) window.seen = performance.now() - start;
      else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }, {capture: true, once: true});
}
"""


@pytest.fixture
def shown(open_notebook: Callable[..., Page], lab) -> Callable[..., Page]:
    """A notebook with these cells, open and run."""

    def show(*cells: str, mode: str = "lab") -> Page:
        page = open_notebook(lab.write("explorer.ipynb", *cells), mode)
        run_all(page)
        page.locator(".lrcourse-explorer .curve").first.wait_for(state="attached")
        assert errors_shown(page) == []
        return page

    return show


def path(page: Page, curve: int = 0) -> str:
    return page.locator(f".lrcourse-explorer .curve.style{curve}").first.get_attribute("d")


def words(page: Page):
    return page.locator(".lrcourse-explorer .said").first


def slider(page: Page, name: str):
    return page.get_by_role("slider", name=re.compile(name))


def test_a_key_moves_the_curve_and_says_so(shown):
    page = shown(EXPLORER)
    ours, torchs = path(page), path(page, 1)
    slider(page, "step_size").focus()
    page.keyboard.press("ArrowRight")
    expect(words(page)).to_contain_text("step_size = 31: area Σ η = 3.444, 3% more than before; ")
    expect(words(page)).to_contain_text("drops at t = 31, 62, 93, 124, 155, 186")
    page.wait_for_function(
        "before => document.querySelector('.curve.style0').getAttribute('d') !== before", arg=ours
    )
    assert path(page, 1) != torchs
    assert path(page, 1) == path(page)
    expect(page.locator(".codes")).to_contain_text(
        "StepDecay(peak_lr=0.1, step_size=31, gamma=0.1)"
    )
    expect(page.locator(".codes")).to_contain_text("StepLR(optimizer, step_size=31, gamma=0.1)")


def test_every_input_has_a_name(shown):
    page = shown(EXPLORER)
    tree = page.locator(".lrcourse-explorer").aria_snapshot()
    for name in ("peak_lr (learning rate)", "step_size (optimizer updates)", "look at t"):
        assert f'slider "{name}"' in tree
    for name in ("peak_lr", "step_size", "gamma", "shown", "look at t"):
        assert f'spinbutton "{name}"' in tree
    assert 'img "StepDecay. learning rate η over optimizer update t: ours, PyTorch.' in tree
    assert 'checkbox "logarithmic η"' in tree


def test_twenty_fast_keys_end_at_the_last_value(shown):
    page = shown(EXPLORER)
    slider(page, "step_size").focus()
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_label("step_size", exact=True)).to_have_value("50")
    expect(words(page)).to_contain_text("drops at t = 50, 100, 150;")
    expect(page.locator(".codes")).to_contain_text("step_size=50")


def test_a_refused_value_keeps_the_last_picture(shown):
    page = shown(EXPLORER)
    before = path(page)
    page.get_by_label("gamma", exact=True).fill("1.5")
    expect(page.locator(".problem:not(:empty)")).to_contain_text(
        "gamma (factor per drop) must lie in"
    )
    assert path(page) == before
    page.get_by_role("button", name="reset").click()
    expect(page.get_by_label("gamma", exact=True)).to_have_value("0.1")
    expect(page.locator(".problem:not(:empty)")).to_have_count(0)


def test_the_cursor_reads_the_rates_by_mouse_and_by_key(shown):
    page = shown(EXPLORER)
    plot = page.locator(".lrcourse-explorer .plot").first
    box = plot.bounding_box()
    plot.hover(position={"x": box["width"] * 0.25, "y": 100})
    readout = page.locator(".readout")
    expect(readout).to_contain_text(re.compile(r"at t = \d+: ours 0\.\d+, PyTorch 0\.\d+"))
    slider(page, "look at t").focus()
    page.keyboard.press("Home")
    expect(readout).to_have_text("at t = 0: ours 0.1, PyTorch 0.1")
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    expect(readout).to_have_text("at t = 30: ours 0.01, PyTorch 0.01")


def test_arrow_keys_stay_in_the_explorer(shown):
    page = shown(EXPLORER, "1 + 1")
    slider(page, "step_size").focus()
    active = "() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"
    before = page.evaluate(active)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("step_size", exact=True)).to_have_value("31")
    assert page.evaluate(active) == before


def test_a_logarithmic_axis_shows_equal_factors_as_equal_steps(shown):
    page = shown(EXPLORER)
    page.get_by_label("logarithmic η").check()
    page.wait_for_function("() => document.querySelector('.plot').textContent.includes('10⁻⁷')")
    heights = [float(h) for h in re.findall(r"V([\d.]+)", path(page))]
    drops = [later - earlier for earlier, later in pairwise(heights)]
    assert len(drops) == 5
    assert max(drops) - min(drops) < 0.3
    keep_picture(page, "explorer_log")


def test_a_learners_own_class_has_one_curve(shown):
    page = shown(EXPLORER.replace("explorer = ", "_ = ").replace("\nexplorer\n", "\n"), OWN_CLASS)
    expect(page.locator(".lrcourse-explorer .curve")).to_have_count(1)
    slider(page, "steps").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".codes")).to_contain_text("Ramp(peak_lr=0.1, steps=81)")
    keep_picture(page, "explorer_own_class")


def test_a_list_is_typed_and_moved_by_keys(shown):
    page = shown(EXPLORER.replace("\nexplorer\n", "\n"), LISTS)
    box = page.get_by_role("textbox", name="milestones")
    box.fill("20, 90")
    expect(words(page)).to_contain_text("drops at t = 20, 90;")
    box.press("ArrowUp")
    expect(words(page)).to_contain_text("drops at t = 20, 91;")
    box.fill("90, 20")
    expect(page.locator(".problem:not(:empty)")).to_contain_text("must increase")


def test_a_word_is_chosen_by_keyboard(shown):
    page = shown(CHOICE)
    before = path(page)
    box = page.get_by_role("combobox", name="shape", exact=True)
    expect(box).to_have_value("1-sqrt")
    box.focus()
    page.keyboard.press("ArrowDown")
    expect(box).to_have_value("linear")
    expect(words(page)).to_contain_text(re.compile("shape = linear: area .*; rises from 0 at t"))
    expect(page.locator(".plot .curve").first).not_to_have_attribute("d", before)
    expect(page.locator(".codes")).to_contain_text("shape='linear'")
    keep_picture(page, "explorer_choice")
    page.get_by_role("button", name="reset").click()
    expect(box).to_have_value("1-sqrt")
    expect(page.locator(".plot .curve").first).to_have_attribute("d", before)


def test_what_is_left_open_has_no_slider_until_it_is_given(shown):
    page = shown(ONE_CYCLE)
    expect(slider(page, "warmup_steps")).to_have_count(0)
    page.get_by_label("warmup_steps: give a value").check()
    expect(page.get_by_label("warmup_steps", exact=True)).to_have_value("10")
    slider(page, "warmup_steps").focus()
    page.keyboard.press("ArrowRight")
    expect(words(page)).to_contain_text("0.1 at t = 11, falls to 4e-07 at t = 100")
    page.get_by_label("warmup_steps: give a value").uncheck()
    expect(words(page)).to_contain_text("0.1 at t = 30, falls to 4e-07 at t = 100")


def test_a_curve_that_stops_is_named_where_it_stops(shown):
    page = shown(ONE_CYCLE)
    expect(page.locator(".label.style1")).to_have_text("✕ PyTorch")
    stop, end = (page.locator(f".label.style{k}").bounding_box()["x"] for k in (1, 0))
    assert stop < end - 100
    expect(words(page)).to_contain_text("stops with an error at t = 102")
    keep_picture(page, "explorer_one_cycle")


def test_every_schedule_opens_and_fits(page, shown):
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: m.type == "error" and complaints.append(m.text))
    page = shown(EVERY)
    explorers = page.locator(".lrcourse-explorer")
    expect(explorers).to_have_count(len(SCHEDULES))
    expect(page.locator(".lrcourse-explorer .plot:has(.curve)")).to_have_count(len(SCHEDULES))
    assert explorers.evaluate_all("all => all.every(e => e.scrollWidth <= e.clientWidth + 1)")
    assert complaints == []


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_the_words_of_the_plot_stand_out_in_both_themes(shown, theme):
    page = shown(EXPLORER)
    use_theme(page, theme)
    page.wait_for_timeout(500)  # the theme's own transition
    keep_picture(page, f"explorer_{theme.split()[1].lower()}")
    for selector in (".tick", ".label.style0", ".label.style1"):
        assert contrast(page, f".lrcourse-explorer .plot {selector}") >= 4.5


def test_it_fits_a_phone(shown):
    page = shown(EXPLORER, mode="doc")
    page.set_viewport_size({"width": 400, "height": 1000})
    page.wait_for_timeout(1000)
    keep_picture(page, "explorer_phone")
    explorer = page.locator(".lrcourse-explorer")
    assert explorer.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
    size = page.locator(".plot .tick").first.evaluate("n => n.getBoundingClientRect().height")
    assert size >= 11  # the text is not scaled down with the drawing


def test_print_the_latency(shown):
    page = shown(EXPLORER)
    slider(page, "step_size").focus()
    times: dict[str, list[float]] = {"drawn": [], "seen": []}
    for _ in range(43):
        page.evaluate(TIMED_KEY)
        page.keyboard.press("ArrowRight")
        page.wait_for_function("() => window.seen !== null")
        for name in times:
            times[name].append(page.evaluate(f"() => window.{name}"))
    for name, milliseconds in times.items():
        median, *_, p95 = sorted(milliseconds[3:])[20:39]  # the first three warm up
        print(f"\nkey to curve {name}: median {median:.0f} ms, 95% within {p95:.0f} ms")


def contrast(page: Page, selector: str) -> float:
    """The contrast of a text's colour against the page behind it, as WCAG counts it."""
    foreground, background = page.locator(selector).first.evaluate(
        """node => {
          const canvas = document.createElement('canvas').getContext('2d');
          const numbers = (...colors) => {
            for (const color of colors) {
              canvas.fillStyle = color;
              canvas.fillRect(0, 0, 1, 1);
            }
            return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
          };
          let paper = node;
          while (/rgba\\(.*, 0\\)|transparent/.test(getComputedStyle(paper).backgroundColor))
            paper = paper.parentElement;
          const behind = getComputedStyle(paper).backgroundColor;
          return [numbers(behind, getComputedStyle(node).fill), numbers(behind)];
        }"""
    )
    light, dark = sorted(map(_luminance, (foreground, background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(color: list[int]) -> float:
    parts = [c / 255 for c in color]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
