"""Explorers over a long lesson: thousands of moves, many on a page, closed ones, slow ones."""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from lab_page import PATIENCE, errors_shown, run_all
from playwright.sync_api import Page, expect

ONE = """
from IPython.display import display
from lrcourse.explore import explore
from lrcourse.schedules import CosineDecay
explorer = explore(CosineDecay(0.1, 100))
display(explorer)
"""
TWENTY = """
from IPython.display import display
from lrcourse.explore import explore
from lrcourse.schedules import CosineDecay
for _ in range(20):
    display(explore(CosineDecay(0.1, 100)))
"""
SLOW = """
import time
import numpy as np
from lrcourse.explore import explore, scene
from lrcourse.panels import View, rates, time_panel
from lrcourse.schedules import Steps

worked = []  # (steps, k) of all work that was done

@scene("two seconds of work", plays={plays})
def slow(steps: Steps = 100):
    for k in range(81):
        panel = time_panel(rates("height", np.full(100, steps + k / 100)))
        worked.append((steps, k))
        yield View((panel,), said=f"steps{{steps}} work {{k}}", done=k / 80)
        time.sleep(0.025)

explorer = explore(slow)
explorer
"""
ASK = """
async expression => {
  const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const asked = {code: '', store_history: false, user_expressions: {answer: expression}};
  const reply = await kernel.requestExecute(asked).done;
  const {answer} = reply.content.user_expressions;
  return answer.status === 'ok' ? answer.data['text/plain'] : `${answer.ename}: ${answer.evalue}`;
}
"""
# Every drawing of every explorer on the page, as it happens.
RECORD = """
() => {
  window.drawn = [];
  document.addEventListener('lrcourse-drawn', (event) => {
    const explorer = event.target.querySelector('.lrcourse-explorer');
    window.drawn.push({
      which: [...document.querySelectorAll('.lrcourse-explorer')].indexOf(explorer),
      serial: event.detail.serial,
      said: explorer.querySelector('.said').textContent,
      at: performance.now(),
    });
  });
}
"""
# Moves of a slider, four at a time; then waits until the picture of the last is drawn.
MOVES = """
async ([which, count]) => {
  const explorer = document.querySelectorAll('.lrcourse-explorer')[which];
  const slider = explorer.querySelector('input[type=range][aria-label^=steps]');
  const place = explorer.parentElement;
  const drawn = (wanted) => new Promise((resolve) => {
    place.addEventListener('lrcourse-drawn', function look(event) {
      if (event.detail.serial < wanted) return;
      place.removeEventListener('lrcourse-drawn', look);
      resolve();
    });
  });
  window.sent ??= new WeakMap();
  let serial = window.sent.get(explorer) ?? 0;
  for (let k = 0; k < count; k++) {
    slider.value = 50 + (serial++ % 300);
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    if (k % 4 === 3 || k === count - 1) await drawn(serial);
  }
  window.sent.set(explorer, serial);
  return serial;
}
"""
# The second move, as soon as the work of the first has shown a better picture.
MOVE_WHILE_IT_WORKS = """
() => {
  document.addEventListener('lrcourse-drawn', function move(event) {
    const explorer = event.target;
    if (!/steps51.*work [1-9]/.test(explorer.querySelector('.said').textContent)) return;
    document.removeEventListener('lrcourse-drawn', move);
    const slider = explorer.querySelector('input[type=range][aria-label^=steps]');
    window.movedAt = performance.now();
    slider.value = 51;
    slider.dispatchEvent(new Event('input', {bubbles: true}));
  });
}
"""


@pytest.fixture
def shown(open_notebook: Callable[..., Page], lab) -> Callable[..., Page]:
    """A notebook with these cells, open and run, whose drawings are recorded."""

    def show(*cells: str) -> Page:
        page = open_notebook(lab.write("endurance.ipynb", *cells))
        page.set_default_timeout(1000 * PATIENCE)
        page.evaluate(RECORD)
        run_all(page)
        page.locator(".lrcourse-explorer .curve").first.wait_for(state="attached")
        assert errors_shown(page) == []
        return page

    return show


def ask(page: Page, expression: str) -> str:
    """What an expression is in the kernel, once it has answered all that came before."""
    return page.evaluate(ASK, expression)


def tidy(page: Page) -> None:
    """Garbage is collected in the kernel and on the page, and free memory given back."""
    ask(page, "__import__('gc').collect()")
    ask(page, "__import__('ctypes').CDLL(None).malloc_trim(0)")  # on Linux; elsewhere nothing
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    session.detach()


def page_size(page: Page) -> dict[str, float]:
    """Megabytes of JavaScript, nodes and listeners of the page."""
    tidy(page)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return {
        "MB": metrics["JSHeapUsedSize"] / 1e6,
        "nodes": metrics["Nodes"],
        "listeners": metrics["JSEventListeners"],
    }


def kernel_size(page: Page) -> dict[str, float]:
    """Megabytes of the kernel's process, and the objects that its garbage collector knows."""
    tidy(page)
    memory = "__import__('psutil').Process().memory_info().rss"
    return {
        "MB": int(ask(page, memory)) / 1e6,
        "objects": int(ask(page, "len(__import__('gc').get_objects())")),
    }


def drawn(page: Page) -> list[dict[str, Any]]:
    return page.evaluate("() => window.drawn")


Size = dict[str, float]
# What a stretch of 200 moves or more may add: less than one node or listener for each drawing.
MOST_GROWN = {"nodes": 20, "listeners": 20, "MB": 0.5, "kernel objects": 50, "kernel MB": 1.5}
STRETCHES = 2


def sizes_after(page: Page, stretch: Callable[[], object]) -> list[Size]:
    """The size of page and kernel now, and after each of some stretches of the same moves."""
    sizes = []
    for k in range(1 + STRETCHES):
        if k:
            stretch()
        page.evaluate("() => { window.drawn.length = 0; }")
        kernel = {f"kernel {name}": size for name, size in kernel_size(page).items()}
        sizes.append(page_size(page) | kernel)
    return sizes


def assert_nothing_leaks(sizes: list[Size]) -> None:
    """What leaks grows in each stretch; JupyterLab's own jumps once, some time after its start."""
    least = {name: min(b[name] - a[name] for a, b in pairwise(sizes)) for name in sizes[0]}
    print(f"\nat first {sizes[0]}, and the least that a stretch has added {least}")
    assert {name: grown for name, grown in least.items() if grown >= MOST_GROWN[name]} == {}


@pytest.mark.parametrize("moves", [200, pytest.param(500, marks=pytest.mark.slow)])
def test_many_moves_leave_nothing_behind(shown, moves):
    page = shown(ONE)
    page.evaluate(MOVES, [0, moves])
    sizes = sizes_after(page, lambda: page.evaluate(MOVES, [0, moves]))
    assert page.evaluate(MOVES, [0, 1]) == (1 + STRETCHES) * moves + 1
    assert_nothing_leaks(sizes)


def test_many_keys_and_the_pictures_foreseen_for_them_leave_nothing_behind(shown):
    page = shown(ONE)
    slider = page.get_by_role("slider", name=re.compile("^steps"))
    drawings = []

    def press() -> None:
        """There and back, over more places than pictures are kept."""
        slider.focus()
        for k in range(240):
            page.keyboard.press("ArrowRight" if k // 60 % 2 == 0 else "ArrowLeft")
            page.wait_for_timeout(25)  # as a key that is held repeats
        ask(page, "0")
        drawings.append(len(drawn(page)))

    press()
    sizes = sizes_after(page, press)
    assert min(drawings) > 50
    assert_nothing_leaks(sizes)


def test_a_move_in_the_last_of_twenty_is_one_message_and_one_drawing(page, shown):
    messages: dict[str, int] = {"sent": 0, "received": 0}

    def count(direction: str) -> Callable[[str | bytes], None]:
        def one(frame: str | bytes) -> None:
            text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
            messages[direction] += '"method"' in text  # of a widget: what has changed

        return one

    def listen(socket: Any) -> None:
        socket.on("framesent", count("sent"))
        socket.on("framereceived", count("received"))

    page.on("websocket", listen)
    page = shown(TWENTY)
    expect(page.locator(".lrcourse-explorer .curve.style0")).to_have_count(20)
    page.locator(".lrcourse-explorer").last.scroll_into_view_if_needed()
    page.wait_for_timeout(1000)
    ask(page, "0")
    page.evaluate("() => { window.drawn.length = 0; }")
    messages |= {"sent": 0, "received": 0}
    start = page.evaluate("() => performance.now()")
    page.evaluate(MOVES, [19, 1])
    ask(page, "0")
    page.wait_for_timeout(500)
    pictures = drawn(page)
    print(f"\nthe last of twenty: {pictures[0]['at'] - start:.0f} ms to the picture")
    assert [(p["which"], p["serial"]) for p in pictures] == [(19, 1)]
    assert messages == {"sent": 1, "received": 1}


def test_a_closed_explorer_is_gone_from_the_page_and_from_the_kernel(shown):
    page = shown(ONE)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    sizes = []
    for _ in range(6):
        run_all(page)
        page.locator(".lrcourse-explorer .curve").first.wait_for(state="attached")
        page.evaluate(MOVES, [0, 8])
        assert ask(page, "[gone := __import__('weakref').ref(explorer), explorer.close()][1]")
        expect(page.locator(".lrcourse-explorer")).to_have_count(0)
        ask(page, "globals().pop('explorer') and None")
        tidy(page)
        assert ask(page, "gone() is None") == "True"
        sizes.append(page_size(page))
    # What leaks grows with each explorer (300 nodes, 28 listeners); the page's own may jump once.
    grown = {name: [b[name] - a[name] for a, b in pairwise(sizes)] for name in sizes[0]}
    print(f"\nfrom one closed explorer to the next: {grown}")
    assert min(grown["nodes"]) < 100
    assert min(grown["listeners"]) < 10


def test_a_cell_run_twenty_times_leaves_no_work_running(shown):
    page = shown(SLOW.format(plays=True))
    said = page.locator(".lrcourse-explorer .said")
    for _ in range(20):
        page.locator(".lrcourse-explorer .play").click()
        expect(said).to_have_text(re.compile("work [1-9]"))
        run_all(page)
        expect(said).to_have_text(re.compile("work 0$"))
    page.wait_for_timeout(300)
    before = ask(page, "len(worked)")
    page.wait_for_timeout(300)
    assert ask(page, "len(worked)") == before


def test_a_slider_is_answered_at_once_while_slow_work_runs(shown):
    page = shown(SLOW.format(plays=False))
    page.wait_for_function("() => window.drawn.at(-1).said.endsWith('work 80')")
    page.evaluate("() => { window.drawn.length = 0; }")
    page.evaluate(MOVE_WHILE_IT_WORKS)
    page.evaluate(MOVES, [0, 1])
    page.wait_for_function("() => window.drawn.at(-1)?.said.endsWith('steps52 work 80')")
    pictures = drawn(page)
    first = next(p for p in pictures if p["serial"] == 2)
    late = first["at"] - page.evaluate("() => window.movedAt")
    print(f"\nanswered while another picture was computed: {late:.0f} ms")
    serials = [p["serial"] for p in pictures]
    assert serials == sorted(serials)
    assert {p["said"].split()[3] for p in pictures if p["serial"] == 1} == {"steps51"}
    assert {p["said"].split()[3] for p in pictures if p["serial"] == 2} == {"steps52"}
    assert ask(page, "(51, 79) in worked") == "False"  # dropped before its end
    assert ask(page, "(52, 79) in worked") == "True"
