"""What was said of an assignment once: its deadline, its late policy, its CSV files.

It stands in the results, in options.json, by assignment. So the same command without these words
gives the same scores, and grading the next assignment, which has a deadline of its own, leaves
the earlier ones as they were.
"""

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path

from lrcourse.grading import GradingError

FILE = "options.json"
VALUES = ("due", "late")
CSVS = ("rubric", "times", "extensions")

Options = dict[str, dict[str, str]]  # {"01_step": {"due": "2026-11-22T23:59+09:00"}}


def read_options(folder: Path) -> Options:
    """What was kept there; nothing where nothing was."""
    path = folder / FILE
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: {key: str(said[key]) for key in (*VALUES, *CSVS) if key in said}
            for name, said in found.items()
        }
    except (OSError, ValueError, AttributeError, TypeError):
        raise GradingError(
            f"{path} cannot be read: delete it, and say --due, --late and the CSV files again."
        ) from None


def with_given(
    kept: Options, assignments: Collection[str], given: Mapping[str, str | None]
) -> Options:
    """What holds from now on: for these assignments what is given, which is not None, comes first.

    The name of a CSV is kept as a whole path, since the next command may come from elsewhere.
    """
    said = {key: _whole(key, value) for key, value in given.items() if value is not None}
    return kept | {name: kept.get(name, {}) | said for name in assignments}


def write_options(folder: Path, options: Options) -> None:
    """Keep them, whole or not at all."""
    draft = folder / f".{FILE}.draft"
    text = json.dumps(options, ensure_ascii=False, indent=1, sort_keys=True)
    draft.write_text(f"{text}\n", encoding="utf-8")
    os.replace(draft, folder / FILE)


def words(said: Mapping[str, str], given: Mapping[str, str | None]) -> str:
    """The options that hold although nobody typed them now: "--due ... --late ..."."""
    kept = [(key, value) for key, value in said.items() if value and given.get(key) is None]
    return " ".join(f'--{key} "{value}"' for key, value in kept)


def refuse_lost_files(options: Options) -> None:
    """A sentence where a CSV that was named once is gone: its points would be lost silently."""
    for name, said in options.items():
        for key in CSVS:
            if said.get(key) and not Path(said[key]).exists():
                raise GradingError(
                    f"{said[key]}, the --{key} of {name}, is not there: name it again, or say "
                    f'--{key} "" to do without it.'
                )


def _whole(key: str, value: str) -> str:
    return str(Path(value).expanduser().absolute()) if key in CSVS and value else value
