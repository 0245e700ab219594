"""How fast a plot follows a slider, beside the usual ways, in a real JupyterLab and Chromium.

`python tests/benchmarks/explorers.py [--moves 60] [--only ours,ipympl] [--out results.json]`

Every way has a page and a kernel of its own, shows the same curves, and has its turn in every
round, so that whatever else this computer does hits all alike. Keys: from the key event to the
end of the first frame whose picture is another; an <img> or <canvas> is compared pixel by pixel,
our drawing by the paths of its curves. The screen shows that frame at its next refresh: add one
frame to each time, for all alike. A few moves and one drag are also filmed from
the screen, which shows how far the pixels are behind these times, and whether any was blank.
Each key waits until the picture of the one before stands, so ours may know its picture already.
Drags: 100 mouse moves in 2 s over 80% of the track, the last of which changes the value; the
same positions were visited slowly before, so every picture that is shown is known by its place.
Nothing here can fail: speed is shown, not tested.
"""

import argparse
import base64
import importlib.util
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
from explorers_ways import NAMES, PLOTS, Way, ways
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PROBE = Path(__file__).with_name("explorers_probe.js").read_text("utf-8")
PATIENCE = 120_000  # milliseconds for what takes two seconds on a quiet computer
WARMING, PER_ROUND, FILMED = 3, 5, 5  # moves
STATIONS, DRAG_SECONDS, DRAGS = 100, 2.0, 3
REST = 0.15  # seconds without a change: the picture stands
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
IDLE = """() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status
    === 'idle' && document.querySelector('.jp-Notebook .jp-Cell')"""


# A page that shows one way -----------------------------------------------------------------------


@dataclass
class Bench:
    """One way on its page, and what was measured there; times in milliseconds."""

    way: Way
    page: Any
    keys: list[float] = field(default_factory=list)
    on_screen: list[float] = field(default_factory=list)  # filmed: later than the probe says
    settled: list[float] = field(default_factory=list)
    drawn: list[int] = field(default_factory=list)
    lasted: list[float] = field(default_factory=list)
    backwards: int = 0
    wrong_at_the_end: int = 0
    unknown: int = 0
    blank: int = 0
    frames: int = 0
    cost: float = 0.0

    def watch(self) -> None:
        self.page.evaluate("selector => window.probe.watch(selector)", self.way.plot)

    def seen(self) -> dict[str, Any]:
        seen = self.page.evaluate("() => window.seen")
        self.frames += seen["frames"]
        self.blank += seen["blank"]
        self.cost += seen["cost"]
        return seen

    def wait_for_change(self) -> None:
        self.page.wait_for_function("() => window.seen.changes.length > 0", timeout=PATIENCE)

    def wait_for_rest(self) -> None:
        """Until the kernel is idle and the picture did not change for a while."""
        quiet = "window.seen.changes.every(([at]) => performance.now() - at > 1000 * rest)"
        self.page.wait_for_timeout(1000 * REST)
        idle = f"rest => ({IDLE})() && {quiet}"
        self.page.wait_for_function(idle, arg=REST, timeout=PATIENCE)

    def handle_at(self) -> tuple[float, float]:
        box = self.page.locator(self.way.handle).first.bounding_box()
        if self.way.handle == self.way.track:  # a native slider: its thumb is 16 pixels wide
            return box["x"] + 8, box["y"] + box["height"] / 2
        return round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)


def opened(way: Way, name: str, browser: Any, address: str, token: str) -> Bench:
    """The notebook has run, and its picture stands."""
    page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(PROBE)
    page.goto(f"{address}/lab/tree/{name}?token={token}&reset", wait_until="load")
    page.wait_for_function(IDLE, timeout=PATIENCE)
    page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-all-cells')")
    page.locator(way.handle).first.wait_for()
    page.locator(way.plot).first.wait_for()
    page.locator(way.handle).first.evaluate("node => node.scrollIntoView({block: 'start'})")
    bench = Bench(way, page)
    bench.watch()
    page.wait_for_function("() => window.seen.last !== ''", timeout=PATIENCE)
    page.wait_for_timeout(1500)
    bench.wait_for_rest()
    bench.blank = bench.frames = 0
    return bench


# Keys --------------------------------------------------------------------------------------------


def press(bench: Bench, key: str) -> float:
    """Milliseconds from the key to the end of the first frame with another picture."""
    bench.watch()
    bench.page.keyboard.press(key)
    bench.wait_for_change()
    bench.wait_for_rest()
    seen = bench.seen()
    return seen["changes"][0][0] - seen["key"]


def key_round(bench: Bench, moves: int, turn: int) -> list[float]:
    bench.page.bring_to_front()
    bench.page.locator(bench.way.handle).first.focus()
    key = "ArrowLeft" if turn % 2 else "ArrowRight"
    times = [press(bench, key) for _ in range(moves)]
    bench.page.evaluate("() => window.probe.stop()")
    return times


# The screen itself -------------------------------------------------------------------------------


@contextmanager
def filmed(bench: Bench) -> Iterator[list[tuple[float, np.ndarray]]]:
    """Frames as the screen shows them: (seconds since 1970, pixels of the plot)."""
    frames: list[dict[str, Any]] = []
    shots: list[tuple[float, np.ndarray]] = []
    session = bench.page.context.new_cdp_session(bench.page)
    rolling = True

    def keep(frame: dict[str, Any]) -> None:
        if rolling:
            frames.append(frame)
            session.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})

    session.on("Page.screencastFrame", keep)
    box = bench.page.locator(bench.way.plot).first.bounding_box()
    session.send("Page.startScreencast", {"format": "png"})
    bench.page.wait_for_timeout(300)
    yield shots
    bench.page.wait_for_timeout(300)
    rolling = False
    session.send("Page.stopScreencast")
    session.detach()
    corners = (box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])
    for frame in frames:
        picture = Image.open(io.BytesIO(base64.b64decode(frame["data"]))).convert("RGB")
        shots.append((frame["metadata"]["timestamp"], np.asarray(picture.crop(corners), int)))


def ink(pixels: np.ndarray) -> int:
    """How many pixels have a colour: those of the curves."""
    return int((np.ptp(pixels, axis=-1) > 40).sum())


def film_a_key(bench: Bench) -> float:
    """Milliseconds by which the screen is later than the probe says."""
    with filmed(bench) as shots:
        press(bench, "ArrowRight")
        seen_at = bench.page.evaluate("() => window.probe.origin + window.seen.changes[0][0]")
    first = shots[0][1]
    others = [at for at, pixels in shots if np.abs(pixels - first).max() > 60]
    return 1000 * others[0] - seen_at if others else float("nan")


def film_a_drag(bench: Bench, stations: list[float]) -> tuple[int, int]:
    """(frames of the screen, those without a curve) while the hand moves."""
    with filmed(bench) as shots:
        drag(bench, stations)
    amounts = [ink(pixels) for _, pixels in shots]
    return len(amounts), sum(amount < statistics.median(amounts) / 4 for amount in amounts)


# Drags -------------------------------------------------------------------------------------------


def places(bench: Bench) -> list[float]:
    """Pixels across: 80% of the track in equal steps, after the handle was put to its start."""
    track = bench.page.locator(bench.way.track).first.bounding_box()
    low, width = track["x"], track["width"]
    return [low + width * (0.1 + 0.8 * k / (STATIONS - 1)) for k in range(STATIONS)]


def grab(bench: Bench, first: float) -> float:
    """The mouse holds the handle at the first place, and the picture stands; the height."""
    bench.page.bring_to_front()
    bench.page.locator(bench.way.handle).first.focus()
    bench.watch()
    bench.page.keyboard.press("Home")
    bench.wait_for_rest()
    across, down = bench.handle_at()
    bench.page.mouse.move(across, down)
    bench.page.mouse.down()
    bench.page.mouse.move(first, down)
    bench.wait_for_change()
    bench.wait_for_rest()
    return down


def visit(bench: Bench, stations: list[float]) -> list[str]:
    """The picture of every place, each looked at until it stands."""
    down = grab(bench, stations[0])
    pictures = [bench.page.evaluate("() => window.seen.last")]
    for across in stations[1:]:
        bench.watch()
        bench.page.mouse.move(across, down)
        bench.wait_for_change()
        bench.wait_for_rest()
        pictures.append(bench.page.evaluate("() => window.seen.last"))
    bench.page.mouse.up()
    return pictures


def drag(bench: Bench, stations: list[float]) -> dict[str, Any]:
    """100 mouse moves in 2 s; what was seen until the picture stands."""
    down = grab(bench, stations[0])
    bench.watch()
    start = time.monotonic()
    for k, across in enumerate(stations[1:], 1):
        time.sleep(max(0.0, start + DRAG_SECONDS * k / STATIONS - time.monotonic()))
        bench.page.mouse.move(across, down)
    lasted = time.monotonic() - start
    bench.wait_for_rest()
    bench.wait_for_rest()
    seen = bench.seen()
    bench.page.mouse.up()
    bench.page.evaluate("() => window.probe.stop()")
    return {**seen, "lasted": lasted}


def measure_drag(bench: Bench, stations: list[float], pictures: list[str]) -> None:
    seen = drag(bench, stations)
    shown = [picture for _, picture in seen["changes"]]
    where = [pictures.index(picture) for picture in shown if picture in pictures]
    bench.settled.append(max(0.0, seen["changes"][-1][0] - seen["move"]))
    bench.drawn.append(len(shown))
    bench.lasted.append(seen["lasted"])
    bench.unknown += len(shown) - len(where)
    bench.backwards += sum(later < earlier for earlier, later in pairwise(where))
    bench.wrong_at_the_end += shown[-1] != pictures[-1]


# All of them -------------------------------------------------------------------------------------


def measure(benches: dict[str, Bench], moves: int) -> dict[str, tuple[int, int]]:
    """Fills the benches; returns what was filmed of a drag: (frames, blank frames)."""
    for bench in benches.values():
        key_round(bench, WARMING, turn=0)
    for turn in range(-(-moves // PER_ROUND)):
        for bench in benches.values():
            bench.keys += key_round(bench, PER_ROUND, turn)
        tell(f"keys, round {turn + 1}")
    known = {}
    for name, bench in benches.items():
        bench.on_screen = [film_a_key(bench) for _ in range(FILMED)]
        stations = places(bench)
        known[name] = stations, visit(bench, stations)
        tell(f"places visited, {bench.way.name}")
    for turn in range(DRAGS):
        for name, bench in benches.items():
            measure_drag(bench, *known[name])
        tell(f"drags, round {turn + 1}")
    return {name: film_a_drag(bench, known[name][0]) for name, bench in benches.items()}


def tell(words: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


@contextmanager
def running_lab(folder: Path) -> Iterator[tuple[str, str]]:
    """The learner's own Lab on `folder`: its address and token."""
    words = ["--no-browser", "--port", "0", f"--ServerApp.root_dir={folder}"]
    server = subprocess.Popen(
        [sys.executable, "-m", "tools.lab", *words, "--LabApp.expose_app_in_browser=True"],
        cwd=ROOT,
        env={**os.environ, "LRCOURSE_HOME": str(folder / "home")},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        found = re.search(r"(http://[\d.]+:\d+)/\S*token=(\w+)", server.stdout.readline())
        if not found:
            sys.exit("JupyterLab did not start; the reason is above.")
        yield found[1], found[2]
    finally:
        server.terminate()
        server.wait()


def run(chosen: dict[str, Way], moves: int, sync_playwright: Callable[[], Any]) -> dict[str, Any]:
    """All results as plain data."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        address, token = stack.enter_context(running_lab(folder))
        browser = launched(stack.enter_context(sync_playwright()))
        benches = {}
        for name, way in chosen.items():
            write_notebook(folder / f"{name}.ipynb", way.cell)
            benches[name] = opened(way, f"{name}.ipynb", browser, address, token)
            tell(f"open: {way.name}")
        films = measure(benches, moves)
        version = browser.version
        browser.close()
    about = {"Chromium": version, "load": os.getloadavg(), "moves": moves}
    measured = {name: summary(bench, films[name]) for name, bench in benches.items()}
    return {"about": about, "ways": measured}


def write_notebook(path: Path, cell: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, path)


def launched(playwright: Any) -> Any:
    program = os.environ.get("LRCOURSE_BROWSER") or shutil.which("chromium")
    try:
        return playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
    except Exception as error:
        sys.exit(
            "There is no browser: set LRCOURSE_BROWSER to a Chromium, or run "
            f"`playwright install chromium` ({str(error).splitlines()[0]})."
        )


# Words -------------------------------------------------------------------------------------------


def summary(bench: Bench, film: tuple[int, int]) -> dict[str, Any]:
    ordered = sorted(bench.keys)
    return {
        "name": bench.way.name,
        "key_median_ms": statistics.median(ordered),
        "key_p95_ms": ordered[int(0.95 * (len(ordered) - 1))],
        "screen_later_ms": statistics.median(bench.on_screen),
        "drag_settled_ms": statistics.median(bench.settled),
        "drag_settled_worst_ms": max(bench.settled),
        "drag_lasted_s": max(bench.lasted),
        "drag_drawn": statistics.median(bench.drawn),
        "drag_backwards": bench.backwards,
        "drag_wrong_at_the_end": bench.wrong_at_the_end,
        "drag_unknown": bench.unknown,
        "blank_frames": bench.blank,
        "frames": bench.frames,
        "filmed_frames": film[0],
        "filmed_blank": film[1],
        "probe_ms_per_frame": bench.cost / bench.frames,
        "keys_ms": bench.keys,
        "settled_ms": bench.settled,
    }


COLUMNS = {
    "key ms": ("key_median_ms", ".0f"),
    "95%": ("key_p95_ms", ".0f"),
    "screen+": ("screen_later_ms", ".0f"),
    "settled ms": ("drag_settled_ms", ".0f"),
    "worst": ("drag_settled_worst_ms", ".0f"),
    "drawn": ("drag_drawn", ".0f"),
    "backwards": ("drag_backwards", "d"),
    "unknown": ("drag_unknown", "d"),
    "blank": ("blank_frames", "d"),
    "filmed": ("filmed_frames", "d"),
    "blank film": ("filmed_blank", "d"),
}


def markdown(ways: dict[str, Any]) -> str:
    """The table for a page."""
    heads = ["", *COLUMNS, "/ interact", "/ ipympl"]
    lines = [heads, ["---"] * len(heads)]
    for result in ways.values():
        cells = [format(result[key], form) for key, form in COLUMNS.values()]
        peers = [share(result, ways.get(peer)) for peer in ("interact", "ipympl")]
        lines.append([result["name"], *cells, *peers])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def table(ways: dict[str, Any]) -> str:
    """The same for a terminal."""
    wide = 34
    heads = [*COLUMNS, "/ interact", "/ ipympl"]
    lines = [" " * wide + "".join(f"{head:>11}" for head in heads)]
    for result in ways.values():
        cells = [format(result[key], form) for key, form in COLUMNS.values()]
        cells += [share(result, ways.get(peer)) for peer in ("interact", "ipympl")]
        lines.append(f"{result['name']:<{wide}}" + "".join(f"{cell:>11}" for cell in cells))
    return "\n".join(lines)


def share(result: dict[str, Any], peer: dict[str, Any] | None) -> str:
    return f"{result['key_median_ms'] / peer['key_median_ms']:.3f}" if peer else "-"


def verdicts(ways: dict[str, Any]) -> list[str]:
    """One line for each target of ours."""
    ours = ways.get("ours")
    if ours is None:
        return []
    told = [
        verdict(f"median at most 1/{part} of {peer}'s", part * ours["key_median_ms"], ways[peer])
        for peer, part in (("interact", 8), ("ipympl", 4))
        if peer in ways
    ]
    blank = ours["blank_frames"] + ours["filmed_blank"]
    wrong = ours["drag_backwards"] + ours["drag_unknown"] + ours["drag_wrong_at_the_end"]
    late = ours["drag_settled_worst_ms"]
    return [
        *told,
        f"{word(blank == 0)} no blank frame: {blank} of {ours['frames'] + ours['filmed_frames']}",
        f"{word(wrong == 0)} pictures in the order of the moves, the last one last: {wrong} wrong",
        f"{word(late <= 100)} last value within 100 ms of the last mouse move: worst {late:.0f} ms",
    ]


def verdict(target: str, times: float, peer: dict[str, Any]) -> str:
    ratio = peer["key_median_ms"] / times
    return f"{word(ratio >= 1)} {target}: {ratio:.2f} times as fast as that needs"


def word(reached: bool) -> str:
    return "reached:" if reached else "MISSED: "


def missing(names: list[str]) -> str:
    """What has to be installed first, in one sentence."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: pip install playwright."
    if "ipympl" in names and importlib.util.find_spec("ipympl") is None:
        others = ",".join(name for name in names if name != "ipympl")
        return f"ipympl is not installed: pip install ipympl, or say --only {others}."
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=60, help="measured keys of each way")
    parser.add_argument("--only", default=",".join(NAMES), help=f"some of {','.join(NAMES)}")
    parser.add_argument("--plot", choices=PLOTS, default="two", help="how many axes the plot has")
    parser.add_argument("--markdown", action="store_true", help="a table for a page")
    parser.add_argument("--out", type=Path, help="a JSON file for all numbers")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := [name for name in names if name not in NAMES]:
        sys.exit(f"--only: there is no {unknown[0]}; there are {', '.join(NAMES)}.")
    if sentence := missing(names):
        sys.exit(sentence)
    from playwright.sync_api import sync_playwright

    chosen = {name: way for name, way in ways(options.plot).items() if name in names}
    results = run(chosen, options.moves, sync_playwright)
    if options.out:
        options.out.write_text(json.dumps(results, indent=1), "utf-8")
    print(
        f"Load {' '.join(f'{x:.1f}' for x in results['about']['load'])}, "
        f"{results['about']['moves']} keys each, Chromium {results['about']['Chromium']}"
    )
    print((markdown if options.markdown else table)(results["ways"]))
    print("\n".join(verdicts(results["ways"])))


if __name__ == "__main__":
    main()
