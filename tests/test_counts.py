"""What the pages count is what the library holds."""

from pathlib import Path

import pytest

from lrcourse.cli import main
from lrcourse.explore.scenes import SCENES
from lrcourse.finder import RAMP
from lrcourse.finder.regret import TASKS
from lrcourse.recipes import RECIPES
from lrcourse.torch_compositions import WAYS
from tools.ledger import claims

ROOT = Path(__file__).parents[1]
NUMBERS = {11: "Eleven", 12: "Twelve", 13: "Thirteen"}


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("README.md", f"what {len(RECIPES)} well-known models were trained with"),
        ("README.md", f"the finder on {len(TASKS)} problems"),
        ("README.md", f"{len(claims())} sentences of common lecture notes"),
        ("CHANGELOG.md", f"where each of {len(claims())} common sentences is taught"),
        ("sources/explorers.py", f"# {NUMBERS[len(WAYS)]} programs that were meant to be"),
        ("sources/toolbox.py", f"scores them all on {len(TASKS)} problems"),
    ],
)
def test_a_page_counts_what_is_there(page, words):
    assert words in (ROOT / page).read_text("utf-8")


@pytest.mark.parametrize("name", [*SCENES, "schedule"])
def test_every_explorer_stands_in_the_gallery(name):
    page = (ROOT / "docs" / "explorers.md").read_text("utf-8")
    assert f"(explorers/{name}.png)" in page
    assert (ROOT / "docs" / "explorers" / f"{name}.png").stat().st_size > 10_000


def test_the_index_counts_the_explorers():
    thirteen = {13: "thirteen"}[len(SCENES) + 1]  # and the one for any schedule
    index = (ROOT / "sources" / "index.py").read_text("utf-8")
    assert f"{thirteen} pictures that answer a slider" in index


def test_the_help_of_find_tells_the_ramp_that_is_used(capsys):
    assert main(["find", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"updates of a sweep (default {RAMP.steps})" in said
    assert f"first rate (default {RAMP.start_lr:.0e})".replace("e-06", "e-6") in said
    assert f"last rate (default {RAMP.peak_lr:g})" in said
