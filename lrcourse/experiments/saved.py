"""Runs on disk, under names that say what they are results of."""

import os
import time
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import torch

import lrcourse
from lrcourse.experiments.fingerprint import fingerprint
from lrcourse.experiments.plan import Plan
from lrcourse.experiments.run import Run
from lrcourse.schedules import plateau

VERSIONS = f"lrcourse {lrcourse.__version__} and torch {torch.__version__}"
# Our code decides the results too, and changes more often than its version. It is read here,
# once, because what runs is what was imported.
SOURCES = [*sorted(Path(__file__).parent.glob("*.py")), Path(plateau.__file__)]
OUR_CODE = fingerprint([path.read_text("utf-8") for path in SOURCES])
HOUR = 3600  # no file takes that long to write


def row_names(plan: Plan) -> list[str]:
    """The fingerprint of each run of the plan: of everything that decides its result."""
    try:
        shared = fingerprint(VERSIONS, OUR_CODE, plan.problem, plan.problem.start(0))
        return [fingerprint(shared, *_of_row(plan, row)) for row in range(len(plan.lrs))]
    except TypeError as error:
        raise ValueError(
            f"sweep: folder needs to know what decides the results, but {error}; build the "
            f"problem of numbers, tensors and dataclasses, or leave folder out"
        ) from None


def _of_row(plan: Plan, row: int) -> list[Any]:
    """What one row of the plan says, all but the problem."""
    part = rows_of(plan, [row])
    return [getattr(part, field.name) for field in fields(part) if field.name != "problem"]


def rows_of(plan: Plan, rows: Sequence[int]) -> Plan:
    """The plan of these rows alone, in this order."""
    return replace(
        plan,
        lrs=plan.lrs[rows],
        momenta=plan.momenta[rows],
        seeds=[plan.seeds[row] for row in rows],
        plateaus=[plan.plateaus[row] for row in rows] if plan.plateaus else [],
    )


def by_name(names: Sequence[str], run: Run) -> dict[str, Run]:
    """Each row of the run as a Run of its own."""
    return {name: run[row : row + 1] for row, name in enumerate(names)}


@dataclass(frozen=True)
class Folder:
    """Files of finished runs. A file appears whole or not at all, and is never changed."""

    path: Path

    @classmethod
    def opened(cls, path: str | os.PathLike[str]) -> "Folder":
        """The folder, made if need be, without what writers that were killed have left."""
        folder = Path(path)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ValueError(
                f"sweep: folder must be one to write in, got {str(path)!r}: {error.strerror}"
            ) from None
        for half in folder.glob("*.tmp"):
            if time.time() - half.stat().st_mtime > HOUR:  # not what another sweep writes now
                half.unlink(missing_ok=True)
        return cls(folder)

    def load(self, wanted: Collection[str]) -> dict[str, Run]:
        """Those of the wanted runs that are here. A damaged file is named and left out."""
        found: dict[str, Run] = {}
        for path in sorted(self.path.glob("*.npz")):
            try:
                found |= _read(path, wanted)
            except Exception as error:  # a damaged file may raise anything
                warnings.warn(
                    f"sweep: {path} is damaged ({type(error).__name__}: {error}), so its runs "
                    f"are trained again",
                    stacklevel=3,
                )
        return found

    def save(self, names: Sequence[str], run: Run) -> None:
        """Write the runs to a new file, complete on the disk before it gets its name."""
        path = self.path / f"{fingerprint(list(names))}.npz"
        half = path.with_suffix(f".{uuid4().hex}.tmp")
        try:
            with half.open("xb") as file:
                np.savez(file, allow_pickle=False, names=np.array(names), **_arrays(run))
                file.flush()
                os.fsync(file.fileno())
            _rename(half, path)
        finally:
            half.unlink(missing_ok=True)


def _rename(half: Path, path: Path) -> None:
    try:
        os.replace(half, path)
    except PermissionError:  # Windows, while another sweep reads the same runs there
        if not path.exists():
            raise


def _read(path: Path, wanted: Collection[str]) -> dict[str, Run]:
    with np.load(path, allow_pickle=False) as file:
        names = file["names"].tolist()
        if path.stem != fingerprint(names):
            raise ValueError("its name does not fit what it holds")
        if not any(name in wanted for name in names):
            return {}
        run = _run({key: file[key] for key in file.files if key != "names"})
    return {name: row for name, row in by_name(names, run).items() if name in wanted}


def _arrays(run: Run) -> dict[str, np.ndarray]:
    """{"losses": ..., "tests.loss": ...}"""
    arrays: dict[str, np.ndarray] = {}
    for field in fields(run):
        value = getattr(run, field.name)
        if isinstance(value, dict):
            arrays |= {f"{field.name}.{key}": array for key, array in value.items()}
        else:
            arrays[field.name] = value
    return arrays


def _run(arrays: dict[str, np.ndarray]) -> Run:
    """The inverse of _arrays."""
    values: dict[str, Any] = {}
    for name, array in arrays.items():
        field, is_dict, key = name.partition(".")
        if is_dict:
            values.setdefault(field, {})[key] = array
        else:
            values[field] = array
    return Run(**values)
