"""How often `diagnose` is right: its answers for the labelled curves, against the truth."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lrcourse.diagnosis.diagnosis import diagnose
from lrcourse.diagnosis.drop_reading import read_drop_test
from lrcourse.diagnosis.labelled import Curve, DropCase, curves_and_drops
from lrcourse.diagnosis.signs import NAMES, NOT_SURE
from lrcourse.experiments import Interval, share_interval

BANDS = ((0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0))  # of how sure an answer was


@dataclass(frozen=True)
class Answered:
    """One labelled case and what was said about it."""

    truth: str
    answer: str
    is_right: bool
    is_clear: bool
    sure: float
    is_defensible: bool = False  # right, or just across a margin of the labels

    @property
    def is_wrong(self) -> bool:
        """ "not sure" is neither right nor wrong."""
        return not self.is_right and self.answer != NOT_SURE


@dataclass(frozen=True)
class Confusion:
    """All answers; shares come with their exact 95% intervals."""

    answers: tuple[Answered, ...]

    @property
    def right_where_clear(self) -> Interval:
        """The share of right answers where the truth is beyond doubt."""
        return _share([each.is_right for each in self.answers if each.is_clear])

    @property
    def wrong_where_clear(self) -> Interval:
        """The share of wrong answers there; the rest is "not sure"."""
        return _share([each.is_wrong for each in self.answers if each.is_clear])

    @property
    def wrong_where_borderline(self) -> Interval:
        """The share of wrong answers where the truth itself is a matter of margins."""
        return _share([each.is_wrong for each in self.answers if not each.is_clear])

    @property
    def indefensible_where_borderline(self) -> Interval:
        """The same, without the answers that lie just across a margin of the labels."""
        return _share([e.is_wrong and not e.is_defensible for e in self.answers if not e.is_clear])

    def table(self, clear: bool = True) -> dict[tuple[str, str], int]:
        """(truth, answer) -> how many."""
        counts: dict[tuple[str, str], int] = {}
        for each in self.answers:
            if each.is_clear == clear:
                key = (each.truth, each.answer)
                counts[key] = counts.get(key, 0) + 1
        return counts

    def wrong(self, clear: bool = True) -> dict[str, int]:
        """truth -> how many wrong answers."""
        truths = [e.truth for e in self.answers if e.is_clear == clear and e.is_wrong]
        return {truth: truths.count(truth) for truth in truths}

    def calibration(self) -> Iterator[tuple[float, float, Interval]]:
        """For answers that were so sure, the share that was right."""
        for low, high in BANDS:
            said = [e for e in self.answers if low <= e.sure < high and e.answer != NOT_SURE]
            if said:
                yield low, high, _share([each.is_right for each in said])


def confusion(first_seed: int = 0) -> Confusion:
    """`diagnose` on every labelled curve of these seeds (one or two minutes)."""
    return both(first_seed)[0]


def both(first_seed: int) -> tuple[Confusion, Confusion]:
    """The diagnosis of the curves, and the drop test of the plateaus."""
    found, drops = curves_and_drops(first_seed)
    return answered(found), answered_drops(drops)


def answered(found: Sequence[Curve]) -> Confusion:
    """What `diagnose` says about these curves."""
    said = []
    for curve in found:
        diagnosis = diagnose(curve.losses, curve.rates, curve.val)
        answer = diagnosis.verdict
        sure = diagnosis.signs[0].sure if diagnosis.signs else 0.0
        right, fair = curve.is_right(answer), curve.is_defensible(answer)
        truth = curve.row(answer)
        said.append(Answered(truth, answer, right, curve.is_clear, sure, fair))
    return Confusion(tuple(said))


def answered_drops(drops: Sequence[DropCase]) -> Confusion:
    """What the drop test says about these plateaus."""
    said = []
    for case in drops:
        read = read_drop_test(case.before, case.lower, case.higher, case.same)
        right = read.verdict == case.truth
        said.append(Answered(case.truth, read.verdict, right, case.is_clear, read.sure))
    return Confusion(tuple(said))


def confusion_lines(first_seed: int = 0, markdown: bool = False) -> Iterator[str]:
    """What `lrcourse diagnose --confusion` prints: the tables, and where the tool fails."""
    curves, drops = both(first_seed)
    return iter(_page(curves, drops, first_seed) if markdown else _plain(curves, drops, first_seed))


def _page(curves: Confusion, drops: Confusion, first_seed: int) -> Iterator[str]:
    yield "# What `diagnose` can tell, and what it cannot"
    yield ""
    yield "This page was written by"
    yield f"`lrcourse diagnose --confusion --first-seed {first_seed} --markdown`."
    yield ""
    yield from EXPLAINED
    yield ""
    yield "## Where the truth is beyond doubt"
    yield ""
    yield from _markdown_table(curves, True)
    yield ""
    yield from (f"- {line}" for line in _shares(curves))
    yield ""
    yield "## Where the truth is borderline"
    yield ""
    yield from _markdown_table(curves, False)
    yield ""
    yield "## How sure, and how often right"
    yield ""
    yield from (f"- {line}" for line in _sureness(curves))
    yield ""
    yield "## The drop test"
    yield ""
    yield from _markdown_table(drops, True)
    yield ""
    yield from (f"- {line}" for line in _shares(drops)[:2])
    yield ""
    yield from WHERE_IT_FAILS


def _plain(curves: Confusion, drops: Confusion, first_seed: int) -> Iterator[str]:
    yield f"diagnose, {len(curves.answers)} curves, seeds {first_seed} and {first_seed + 1}"
    yield ""
    yield "beyond doubt: truth -> answer"
    yield from _plain_table(curves.table(True))
    yield ""
    yield "borderline: truth -> answer"
    yield from _plain_table(curves.table(False))
    yield ""
    yield from _shares(curves)
    yield from _sureness(curves)
    yield ""
    yield "drop test: truth -> answer"
    yield from _plain_table(drops.table(True))
    yield from _shares(drops)[:2]


def _shares(each: Confusion) -> list[str]:
    return [
        f"right where the truth is beyond doubt: {_of(each.right_where_clear)}",
        f"wrong there (the rest is not sure): {_of(each.wrong_where_clear)}",
        f"wrong where the truth is borderline, strictly: {_of(each.wrong_where_borderline)}",
        f"wrong there on both sides of the margin: {_of(each.indefensible_where_borderline)}",
    ]


def _sureness(each: Confusion) -> Iterator[str]:
    for low, high, share in each.calibration():
        yield f"{low:.0%} to {high:.0%} sure: right in {_of(share)}"


def _of(share: Interval) -> str:
    return f"{share} of {share.seeds}"


def _share(flags: list[bool]) -> Interval:
    return share_interval(sum(map(bool, flags)), len(flags))


def _columns(table: dict[tuple[str, str], int]) -> list[str]:
    return [name for name in (*NAMES, NOT_SURE) if any(name == answer for _, answer in table)]


def _rows(table: dict[tuple[str, str], int]) -> Iterator[tuple[str, list[int]]]:
    columns = _columns(table)
    for truth in NAMES:
        counts = [table.get((truth, answer), 0) for answer in columns]
        if any(counts):
            yield truth, counts


def _markdown_table(each: Confusion, clear: bool) -> Iterator[str]:
    table, wrong = each.table(clear), each.wrong(clear)
    columns = _columns(table)
    yield "| truth \\ answer | " + " | ".join(columns) + " | (wrong) |"
    yield "|---|" + "---|" * (len(columns) + 1)
    for truth, counts in _rows(table):
        cells = " | ".join(str(count or "") for count in counts)
        yield f"| **{truth}** | {cells} | {wrong.get(truth, 0) or ''} |"


def _plain_table(table: dict[tuple[str, str], int]) -> Iterator[str]:
    columns = _columns(table)
    for truth, counts in _rows(table):
        said = ", ".join(f"{n} {name}" for name, n in zip(columns, counts, strict=True) if n)
        yield f"  {truth:22} {said}"


EXPLAINED = """\
Every curve is a real training of the laboratory, and its labels come from experiments with its
neighbours: other peaks, other shapes, a drop of the rate, a larger network. `diagnose` was asked
afterwards. Several things may be true of one curve; naming any of them is right, and counts in
the row of what was named. A log cannot say why it is flat, so "plateau" is right for a noise
floor, for a capacity limit and for every run that came to rest at a constant rate: the drop test
tells them apart. The last column counts the wrong answers of a row. A curve that no label fits
is left out.

Beyond doubt means two things. The experiments say it clearly: there is a margin from which on a
label fits, and a second, stricter one. And the log can show it:

- without the rates nothing is clear that depends on them: a flat end may be a decay. So no such
  log counts here as plateau, noise floor, capacity limit, too slow or healthy;
- "oscillating" must be seen: the second half scatters at least twice as much as the best run at
  a lower peak does in the same log, and either reaches the height of the start again or swings
  for longer than a twentieth of the log. A peak that is too high but decays in time is not clear;
- "too slow" must be seen: the loss hardly fell, or the last third of the way still brings a
  tenth of the fall, beyond the scatter;
- a spike after a restart must stand out of the scatter of this log;
- "healthy" must show none of that, and no rise by a fifth above the start.

These measures belong to the labels; the detectors use others. All else is borderline. There the
strict share of wrong answers counts every answer that is not among the labels. The second share
also accepts what lies across a margin: "healthy", where no label is clear and the run missed
less than a quarter of the possible fall; and diverging, oscillating and an initial spike, where
they go over into each other.

Labels and detectors were both adjusted on the seeds 0, 100 and 5000 (and the next of each).
What "beyond doubt" means was made stricter on them too, after the first answers: before, logs
without rates and swings that nobody can see counted as clear, and 79% were right.""".splitlines()

WHERE_IT_FAILS = """\
## Where it fails

- **Without the rates** a flat end may be a plateau or a finished decay. The answer is "not sure".
- **A peak that is too high but decays in time** leaves a smooth curve that ends too high. It
  looks healthy, or slow. Only the run at a lower peak shows it. A smooth curve is no proof.
- **Stuck at once**: a peak so high that the network is dead after a few updates gives a flat
  log, and in a log of epochs nothing tells it from a rate of nearly zero.
- **The best run that the budget allows** may still be falling at its end. It is called "too
  slow"; then only more updates help, not a higher peak.
- **A log of epochs** hides spikes of a few updates, and what happened within the first epoch.
- **Two speeds**: where one part of the model learns at once and another creeps, the curve bends
  early and looks arrived while most of the way is ahead.
- **Late starters**: a loss that stays flat and then falls (a small transformer does this) looks
  like a rate that is far too small for as long as it is flat.
- **The drop test** needs a plateau: a loss that fell and is flat. On a loss that never fell,
  three times almost no rate is still almost none: use the range test there. It compares losses
  on the same batches. Without `same`, or with other batches, the errors are many times larger
  and the answer is mostly "not sure".
- **Few losses**: with fewer than 20 less is believed, with fewer than 8 only a NaN.
- All curves here are small: hundreds of updates, thousands of weights. Nothing here was measured
  on a large model.""".splitlines()
