"""The course on one printed page: `python tools/cheat_sheet.py` writes docs/cheat_sheet.html.

Curves and formulas come from the schedules themselves, and the names of PyTorch from their twins.
"""

import re
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lrcourse.schedules import (
    CosineDecay,
    CosineRestarts,
    ExponentialDecay,
    InverseSqrt,
    LinearDecay,
    MultiStepDecay,
    OneCycle,
    Schedule,
    StepDecay,
    TriangularCycle,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)
from lrcourse.torch_twins import twin

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "cheat_sheet.html"
WIDTH, HEIGHT = 92, 34  # of a small curve, in pixels


class Row(NamedTuple):
    """A schedule, the section that teaches it, and what people forget about it."""

    schedule: Schedule
    section: str
    formula: str  # empty: that of its docstring
    remember: str


ROWS = (
    Row(StepDecay(0.1, 25, 0.5), "01", "", "S counts calls of step(), not epochs."),
    Row(
        MultiStepDecay(0.1, (30, 60, 80), 0.3),
        "01",
        "η_peak γ^(milestones that have passed)",
        "Update number m is the first with the lower rate.",
    ),
    Row(
        ExponentialDecay(0.1, 0.96),
        "02",
        "",
        "It can travel only η_peak / (1 - γ) far in all.",
    ),
    Row(
        LinearDecay(0.1, 100),
        "02",
        "η_peak (1 - t/T)",
        "As good as a cosine, and easier to reason about.",
    ),
    Row(
        CosineDecay(0.1, 80),
        "03",
        "η_min + ½ (η_peak - η_min) (1 + cos(π t/T))",
        "T_max is HALF a period. After it torch climbs again; ours holds.",
    ),
    Row(
        CosineRestarts(0.1, 15, stretch=2),
        "04",
        "a cosine in each cycle; cycles grow by T_mult",
        "Choose a budget that ends a cycle.",
    ),
    Row(
        WarmupLinear(0.1, 15, 100),
        "06",
        "up to η_peak in W updates, down to 0 at T",
        "A first update at rate 0 trains nothing.",
    ),
    Row(
        WarmupCosine(0.1, 15, 100),
        "06",
        "up to η_peak in W updates, half a cosine to T",
        "The cosine is T - W long, and counts from W.",
    ),
    Row(
        TriangularCycle(0.1, 15),
        "07",
        "straight up in U updates, straight down in D",
        "torch cycles the momentum too, unless told not to.",
    ),
    Row(
        OneCycle(0.1, 100),
        "07",
        "up in 30% of T, down in 70%, to far below the start",
        "Two phases by default. Momentum moves the other way.",
    ),
    Row(
        InverseSqrt(0.1, 15),
        "11",
        "",
        "Needs no end in advance, and never comes to rest.",
    ),
    Row(
        WarmupStableDecay(0.1, 10, 25, 100),
        "11",
        "warmup, then constant, then a cooldown of D",
        "Decide when to stop as late as T - D.",
    ),
)

BOXES = {
    "The loop, in the right order": """
<pre>for t in range(steps):
    lr_used = optimizer.param_groups[0]["lr"]  # log it here
    optimizer.zero_grad()
    loss_of(model, batch).backward()
    optimizer.step()
    scheduler.step()</pre>
<p>One clock: count optimizer updates everywhere,
<code>epochs * (batches // accumulation)</code>. SequentialLR puts one after the other;
ChainedScheduler multiplies. To resume: build everything, then load everything.</p>""",
    "Choose the peak first": """
<ul><li>Quadratic: stable if and only if η &lt; 2/λ. The noise floor grows with η.</li>
<li>Momentum m is a hidden rate: η/(1 - m).</li>
<li>Range test: sweep until the loss blows up, take a third of the rate at which it begins to
rise, then try a third and three times that.</li>
<li>Compare schedules each at its own best peak, over eight seeds or more, as a paired
difference with an interval.</li></ul>""",
    "Warmup": """
<ul><li>Needed: deep post-norm transformers, large batches, a peak near the edge. Often not
needed: pre-norm, small networks.</li>
<li>Count it in updates: about 2/(1 - β₂) for Adam. There is no standard share.</li></ul>""",
    "Another batch size": """
<ul><li>SGD: rate times k for k times the batch, while noise dominates.</li>
<li>Adam: rate times √k, and 1 - β times k. Both rules end at the critical batch.</li></ul>""",
    "What a loss curve says": """
<ul><li>It jumps or blows up: rate too high. Lower it, or warm up.</li>
<li>Smooth, and slow from the start: too low.</li>
<li>Flat with noise: cut the rate for a moment. If the loss falls at once, it was the noise
floor; if not, it was not the rate.</li></ul>""",
    "Which one?": """
<ul><li>You know the budget: linear or cosine to zero.</li>
<li>You do not: warmup, constant, cooldown.</li>
<li>In doubt: any of them, with a tuned peak. The peak matters more than the shape.</li></ul>""",
}

STYLE = """
@page { size: A4 landscape; margin: 8mm; }
* { box-sizing: border-box; }
body { font: 10px/1.32 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; color: #111;
  background: #fff; max-width: 1060px; margin: 0 auto; padding: 4px; }
h1 { font-size: 16px; margin: 0 0 3px; } h1 small { font-size: 10px; font-weight: normal; }
h2 { font-size: 11px; margin: 0 0 1px; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; border-bottom: 1.5px solid #111; }
td { border-bottom: 1px solid #bbb; padding: 0 6px 0 0; vertical-align: middle; }
code, pre { font: 9.2px/1.3 "DejaVu Sans Mono", Consolas, monospace; } pre { margin: 1px 0; }
svg { display: block; } path { fill: none; stroke: #0072b2; stroke-width: 1.6; }
line { stroke: #999; }
.boxes { columns: 3; column-gap: 14px; margin-top: 6px; }
section { break-inside: avoid; margin-bottom: 5px; }
ul { margin: 0; padding-left: 13px; } p { margin: 1px 0; }
@media (max-width: 700px) { .boxes { columns: 1; } table { display: block; overflow-x: auto; } }
"""


def curve(schedule: Schedule) -> str:
    """A small picture of 100 updates; the row says in words what it shows."""
    t = np.linspace(0, 100, 401)
    rates = schedule(np.floor(t)) / 0.1
    points = "L".join(
        f"{x * WIDTH / 100:.1f} {2 + (HEIGHT - 4) * (1 - y):.1f}"
        for x, y in zip(t, rates, strict=True)
    )
    return (
        f'<svg width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">'
        f'<line x1="0" x2="{WIDTH}" y1="{HEIGHT - 2}" y2="{HEIGHT - 2}"/>'
        f'<path d="M{points}"/></svg>'
    )


def formula(row: Row) -> str:
    """As the docstring says it, or shorter."""
    found = row.formula or (type(row.schedule).__doc__ or "").strip().splitlines()[0]
    return escape(found.replace("η(t) = ", "").partition(",  ")[0])


def torch_name(schedule: Schedule) -> str:
    """What PyTorch calls it."""
    same = twin(schedule)
    if same is None:
        return "SequentialLR or LambdaLR"
    found = re.match(r"\w+", same.code)
    return found[0] if found else same.code


def table_row(row: Row) -> str:
    call = re.sub(r", \w+=(?:0\.0|None|1\.0|'cosine'|'1-sqrt')(?=[,)])", "", repr(row.schedule))
    call = re.sub(r", (?:low|high)_momentum=[\d.]+", "", call)
    cells = (
        curve(row.schedule),
        row.section,
        f"<code>{escape(call)}</code>",
        formula(row),
        f"<code>{torch_name(row.schedule)}</code>",
        escape(row.remember),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def page() -> str:
    """The whole sheet, a file that needs no other."""
    rows = "\n".join(table_row(row) for row in ROWS)
    boxes = "\n".join(
        f"<section><h2>{title}</h2>\n{text}</section>" for title, text in BOXES.items()
    )
    heads = "<th>100 updates</th><th>§</th><th>lrcourse</th><th>η(t)</th><th>PyTorch</th>"
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>lrcourse: the learning rate on one page</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{STYLE}</style></head><body>
<h1>The learning rate on one page <small>t counts updates already made, from 0. η_peak is the
highest rate, T the length, W the warmup. After its end a schedule of ours keeps its last
rate.</small></h1>
<table><thead><tr>{heads}<th>remember</th></tr></thead><tbody>
{rows}
</tbody></table>
<div class="boxes">
{boxes}
</div></body></html>
"""


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")


if __name__ == "__main__":
    main()
