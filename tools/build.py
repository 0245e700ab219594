"""Build the notebooks from their sources: `python tools/build.py [name ...]`.

    sources/01_step.py            -> notebooks/01_step.ipynb
    sources/exercises/01_step.py  -> solutions/01_step.ipynb and exercises/01_step.ipynb

A source is a jupytext percent script. Every notebook is executed and kept with its outputs.
Building twice gives the same bytes: cell ids are counted, times and widget state are dropped.
"""

import argparse
import copy
import hashlib
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.modules.setdefault("rfc3987_syntax", None)  # saves 2 s: importing it builds a grammar

import jupytext  # noqa: E402
import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbformat import NotebookNode  # noqa: E402

from lrcourse.tasks import TASKS, Task  # noqa: E402
from lrcourse.update import CHECKED, memory  # noqa: E402
from tools.quiz import folded, is_quiz  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
REGION = re.compile(
    r"^[ \t]*### BEGIN SOLUTION\n(?P<answer>.*?)"
    r"(^[ \t]*### BEGIN EXERCISE\n(?P<given>.*?))?^[ \t]*### END SOLUTION\n?",
    re.MULTILINE | re.DOTALL,
)


class Job(NamedTuple):
    """One notebook to build."""

    source: Path
    kind: str  # notebooks, solutions or exercises: the folder it goes to

    @property
    def target(self) -> Path:
        return ROOT / self.kind / f"{self.source.stem}.ipynb"


def jobs() -> Iterator[Job]:
    """Every notebook of the course, in the order of the sections."""
    for source in sorted((ROOT / "sources").glob("*.py")):
        yield Job(source, "notebooks")
    for source in sorted((ROOT / "sources" / "exercises").glob("*.py")):
        yield Job(source, "solutions")
        yield Job(source, "exercises")


def notebook_of(job: Job) -> NotebookNode:
    """The notebook before it is executed."""
    notebook = jupytext.read(job.source, fmt="py:percent")
    notebook.cells = [cell for cell in notebook.cells if _belongs(cell, job.kind)]
    answered = [bool(REGION.search(cell.source)) for cell in notebook.cells]
    for cell in notebook.cells:
        text = _text_for(job.kind, cell.source).strip("\n")
        cell.source = folded(text) if is_quiz(cell) else text
    if job.kind != "notebooks":
        notebook.cells = list(_with_checks_apart(notebook.cells, answered))
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{job.source.stem}-{number:02d}".replace("_", "-")
    digest = hashlib.sha256(job.source.read_bytes()).hexdigest()
    known = {"source": job.source.relative_to(ROOT).as_posix(), "sha256": digest}
    if job.kind == "exercises":  # so that an update knows what a learner has changed
        known |= memory(notebook)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
            "lrcourse": known,
        }
    )
    return notebook


def _belongs(cell: NotebookNode, kind: str) -> bool:
    """A cell tagged "solution" is left out of the exercise, and the other way round."""
    tags = cell.metadata.get("tags", [])
    left_out = {"exercises": "solution", "solutions": "exercise"}.get(kind)
    return left_out not in tags


def _with_checks_apart(cells: list[NotebookNode], answered: list[bool]) -> Iterator[NotebookNode]:
    """Each answer and the check of it in a cell of its own, known to nbgrader.

    The metadata is nbgrader's schema 3: the answer is a learner's to edit, the check is locked
    and is worth the points of the task. The answer is the last cell before it that has one.
    """
    answer = None
    for cell, has_answer in zip(cells, answered, strict=True):
        before, _, call = f"\n\n{cell.source}".rpartition("\n\ncheck(")
        found = CHECKED.match(f"check({call}") if cell.cell_type == "code" else None
        answer = cell if has_answer else answer
        if not found:
            yield cell
            continue
        check = nbformat.from_dict({**copy.deepcopy(cell), "source": f"check({call}"})
        if before.strip():
            cell.source = before.strip("\n")
            yield cell
        _mark(answer, check, TASKS[found[1]])
        yield check


def _mark(answer: NotebookNode, check: NotebookNode, task: Task) -> None:
    name = task.id.replace(".", "-")
    own = {"schema_version": 3, "task": False, "cell_type": "code"}
    answer.metadata["nbgrader"] = nbformat.from_dict(
        own | {"grade": False, "solution": True, "locked": False, "grade_id": f"answer-{name}"}
    )
    check.metadata["nbgrader"] = nbformat.from_dict(
        own
        | {"grade": True, "solution": False, "locked": True, "grade_id": f"check-{name}"}
        | {"points": task.points}
    )


def _text_for(kind: str, text: str) -> str:
    if kind == "exercises":
        return REGION.sub(_what_is_given, text).rstrip("\n")
    return REGION.sub(lambda match: match["answer"], text).rstrip("\n")


def _what_is_given(match: re.Match[str]) -> str:
    """The lines behind `#:`, or dots at the place of the answer."""
    if match["given"] is not None:
        return re.sub(r"^[ \t]*#:", "", match["given"], flags=re.MULTILINE)
    indent = match["answer"][: len(match["answer"]) - len(match["answer"].lstrip())]
    return f"{indent}return ...  # your answer\n" if indent else "...  # your answer\n"


def build(job: Job) -> NotebookNode:
    """The notebook, executed in its own folder, without anything that changes between runs."""
    notebook = notebook_of(job)
    os.environ["LRCOURSE_STILL_SECONDS"] = "600"  # slow explorers are kept as finished pictures
    os.environ["LRCOURSE_PROGRESS"] = "off"  # what is built here is nobody's homework
    os.environ["LRCOURSE_LEARNER"] = ""  # with the numbers that everybody has
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,  # a slow cell may print its lines in several pieces
        resources={"metadata": {"path": str(job.target.parent)}},
    )
    client.execute()
    _clean(notebook)
    _refuse_warnings(job, notebook)
    nbformat.validate(notebook)
    return notebook


def _clean(notebook: NotebookNode) -> None:
    notebook.metadata.pop("widgets", None)
    notebook.metadata.language_info = nbformat.from_dict({"name": "python"})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        for output in cell.get("outputs", []):
            if "text/html" in output.get("data", {}):  # the static twin of a widget
                output.data.pop(WIDGET_VIEW, None)


def _refuse_warnings(job: Job, notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                raise SystemExit(f"{job.target.name}, cell {cell.id} warns:\n{output.text}")


def text_of(notebook: NotebookNode) -> str:
    """The bytes of the file, as text."""
    return nbformat.writes(copy.deepcopy(notebook), indent=1) + "\n"


def is_current(job: Job) -> bool:
    """True where the built notebook was made from this source, word for word."""
    if not job.target.exists():
        return False
    built = nbformat.read(job.target, as_version=4)
    return _inputs(built) == _inputs(notebook_of(job))


def _inputs(notebook: NotebookNode) -> tuple:
    cells = [(c.cell_type, c.id, c.source, c.metadata) for c in notebook.cells]
    return notebook.metadata.get("lrcourse"), cells


def main() -> None:
    """Build what is named, or what is stale; `--all` builds everything."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("names", nargs="*", help="sections such as 01_step; default: what is stale")
    parser.add_argument("--all", action="store_true", help="build everything")
    options = parser.parse_args()
    unknown = set(options.names) - {job.source.stem for job in jobs()}
    if unknown:
        raise SystemExit(f"build: no source is called {', '.join(sorted(unknown))}")
    for job in jobs():
        named = job.source.stem in options.names
        if options.all or named or (not options.names and not is_current(job)):
            print(f"building {job.target.relative_to(ROOT)}", flush=True)
            job.target.parent.mkdir(exist_ok=True)
            job.target.write_text(text_of(build(job)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
