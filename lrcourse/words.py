"""What a curve does, and whether two agree, in words: for who cannot see them. NumPy only."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

MOST_TIMES_NAMED = 8
MOST_STRETCHES_TOLD = 6
ROUNDING = 1e-12  # torch computes each rate from the one before, so its roundings add up
SLOPES = {1: "rises", -1: "falls"}
JUMPS = {1: "jumps", -1: "drops"}


class Stretch(NamedTuple):
    """From t = start to t = end the rate only rises (1), only falls (-1) or stays (0)."""

    direction: int
    start: int
    end: int


def course(rates: np.ndarray) -> str:
    """Half a sentence: "drops at t = 30, 60" or "falls from 1 at t = 0 to 0 at t = 9"."""
    if not np.all(np.isfinite(rates)):
        return f"is not finite at t = {np.flatnonzero(~np.isfinite(rates))[0]}"
    moves = _moves(rates)
    changes = np.flatnonzero(moves) + 1
    if not changes.size:
        return f"stays at {rates[0]:.4g}"
    if np.all(np.diff(changes) > 1):  # each change stands alone: stairs
        return f"{_stairs(moves)} {_at(changes)}"
    stretches = _stretches(moves)
    if len(stretches) > MOST_STRETCHES_TOLD:
        stretches = _without_stays(stretches)
    if len(stretches) > MOST_STRETCHES_TOLD:
        return _turns(rates, stretches)
    return _told(rates, stretches)


def agreement(ours: np.ndarray, torchs: np.ndarray) -> str:
    """Whether PyTorch has the same rates; its curve is shorter where it stops with an error."""
    both, peak = min(len(ours), len(torchs)), np.max(np.abs(ours))
    same = np.isclose(ours[:both], torchs[:both], rtol=1e-9, atol=ROUNDING * peak)
    stops = f"stops with an error at t = {both}" if both < len(ours) else ""
    if same.all():
        return f"PyTorch agrees until it {stops}" if stops else "PyTorch agrees"
    return ", and ".join(filter(None, [f"PyTorch differs, first at t = {np.argmin(same)}", stops]))


def _moves(rates: np.ndarray) -> np.ndarray:
    """1, -1 or 0 for each update but the first: the rate has risen, fallen or stayed."""
    before, after = rates[:-1], rates[1:]
    stays = np.isclose(before, after, rtol=1e-12, atol=0)  # up to rounding
    return np.where(stays, 0, np.sign(after - before)).astype(int)


def _stretches(moves: np.ndarray) -> list[Stretch]:
    starts = [0, *(np.flatnonzero(np.diff(moves)) + 1).tolist()]
    ends = [*starts[1:], len(moves)]
    return [Stretch(int(moves[s]), s, e) for s, e in zip(starts, ends, strict=True)]


def _without_stays(stretches: list[Stretch]) -> list[Stretch]:
    """Stays only at the beginning and at the end; what they parted is one stretch again."""
    first, *inner, last = stretches
    merged = [first]
    for stretch in [*(each for each in inner if each.direction), last]:
        if stretch.direction == merged[-1].direction:
            merged[-1] = merged[-1]._replace(end=stretch.end)
        else:
            merged.append(stretch)
    return merged


def _stairs(moves: np.ndarray) -> str:
    if np.all(moves <= 0):
        return "drops"
    return "rises" if np.all(moves >= 0) else "changes"


def _at(times: Sequence[int] | np.ndarray) -> str:
    if len(times) <= MOST_TIMES_NAMED:
        return f"at t = {', '.join(map(str, times))}"
    return f"{len(times)} times, first at t = {times[0]}"


def _told(rates: np.ndarray, stretches: list[Stretch]) -> str:
    """One after the other: "rises from 0 at t = 0 to 0.1 at t = 10, then stays"."""
    told = [_phrase(rates, stretch) for stretch in stretches[:-1]]
    direction, start, _ = last = stretches[-1]
    return ", ".join([*told, _phrase(rates, last) if direction or not start else "then stays"])


def _phrase(rates: np.ndarray, stretch: Stretch) -> str:
    direction, start, end = stretch
    if direction == 0:
        value = "" if start else f" at {rates[0]:.4g}"
        return f"stays{value} until t = {end}"
    is_jump = end - start == 1 and end < len(rates) - 1
    verb = (JUMPS if is_jump else SLOPES)[direction]
    begin = "" if start else f" from {rates[0]:.4g} at t = 0"
    return f"{verb}{begin} to {rates[end]:.4g} at t = {end}"


def _turns(rates: np.ndarray, stretches: list[Stretch]) -> str:
    """Of many stretches only where each begins; a saw tooth by its jumps."""
    ups, downs = ([s for s in stretches if s.direction == sign] for sign in (1, -1))
    if _are_jumps(ups) and not _are_jumps(downs):
        return f"falls, and jumps up {_at([up.end for up in ups])}"
    if _are_jumps(downs) and not _are_jumps(ups):
        return f"rises, and drops {_at([down.end for down in downs])}"
    turns = _at([stretch.start for stretch in stretches[1:]])
    return f"rises and falls between {rates.min():.4g} and {rates.max():.4g}, turns {turns}"


def _are_jumps(stretches: list[Stretch]) -> bool:
    return all(stretch.end - stretch.start == 1 for stretch in stretches)
