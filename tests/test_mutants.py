"""Each mistake that people make in a formula is noticed by a test of ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutation import FORMULAS, MUTANTS, generated, of_room

ROOT = Path(__file__).parents[1]


def test_every_mutant_still_fits_its_file():
    assert len(MUTANTS) >= 60
    assert len({(mutant.file, mutant.wrong, mutant.right) for mutant in MUTANTS}) == len(MUTANTS)
    for mutant in MUTANTS:
        compile(mutant.source, mutant.file, "exec")


@pytest.mark.parametrize("file", FORMULAS)
def test_the_machine_finds_mistakes_to_make(file):
    found = list(generated(file))
    assert len(found) >= 5
    for mutant in found:
        compile(mutant.source, mutant.file, "exec")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
@pytest.mark.parametrize(
    "room",
    [
        "schedules",
        pytest.param("experiments", marks=pytest.mark.slow),
        pytest.param("finder", marks=pytest.mark.slow),
    ],
)
def test_no_mutant_survives(room):
    command = [sys.executable, "-m", "tests.mutation", "--processes", "2", "--room", room]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    survivors = [line for line in done.stdout.splitlines() if line.startswith("SURVIVES")]
    assert not survivors
    assert f"{len(of_room(room))} mutants, 0 survive" in done.stdout, done.stderr[-2000:]
