"""The built notebooks are what their sources make, and a wrong one fails the suite."""

import base64
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools.build import (
    REGION,
    ROOT,
    WIDGET_VIEW,
    Job,
    build,
    is_current,
    jobs,
    notebook_of,
    text_of,
)

JOBS = list(jobs())
names = [f"{job.kind}/{job.source.stem}" for job in JOBS]
SAMPLE = ("01_step", "index")  # built twice more in every run; the others where `slow` is asked for
BUILT_AGAIN = [
    pytest.param(job, id=name, marks=() if job.source.stem in SAMPLE else pytest.mark.slow)
    for job, name in zip(JOBS, names, strict=True)
]
COMPARED = "nbval-ignore-output"  # cells with this tag may print other numbers elsewhere


def read(job):
    return nbformat.read(job.target, as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def rebuilt():
    """Each notebook, built once more in this module; the build is slow, so it is kept."""
    kept = {}

    def again(job):
        if job not in kept:
            kept[job] = build(job)
        return kept[job]

    return again


def test_every_built_notebook_has_a_source():
    built = {
        path
        for kind in ("notebooks", "solutions", "exercises")
        for path in ROOT.glob(f"{kind}/*.ipynb")
    }
    assert built == {job.target for job in JOBS}


@pytest.mark.parametrize("job", JOBS, ids=names)
def test_a_built_notebook_is_current(job):
    assert is_current(job), f"{job.target.name} is stale: run python tools/build.py"


@pytest.mark.parametrize("job", JOBS, ids=names)
def test_every_code_cell_was_executed_in_order_without_a_warning(job):
    cells = code_cells(read(job))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]


@pytest.mark.parametrize("job", JOBS, ids=names)
def test_every_picture_has_a_text_alternative_and_no_kernel_is_needed(job):
    for cell in code_cells(read(job)):
        for output in cell.outputs:
            data = output.get("data", {})
            assert "image/png" not in data, f"{cell.id}: end the cell with show(ax, 'alt text')"
            assert WIDGET_VIEW not in data
            for image in re.findall(r"<img[^>]*>", data.get("text/html", "")):
                assert re.search(r'alt="[^"]{20,}"', image)


@pytest.mark.parametrize("job", BUILT_AGAIN)
def test_a_build_gives_the_outputs_that_are_stored(job, rebuilt):
    """To the last byte, pictures included; nbval runs every notebook and allows for rounding."""
    for stored, fresh in zip(code_cells(read(job)), code_cells(rebuilt(job)), strict=True):
        if COMPARED in stored.metadata.get("tags", []):
            assert [o.output_type for o in stored.outputs] == [o.output_type for o in fresh.outputs]
        else:
            assert stored.outputs == fresh.outputs, f"{stored.id} is stale"


@pytest.mark.parametrize("job", BUILT_AGAIN)
def test_building_twice_gives_the_same_bytes(job, rebuilt):
    assert text_of(build(job)) == text_of(rebuilt(job))


@pytest.mark.parametrize("job", JOBS, ids=names)
def test_no_notebook_knows_the_machine_it_was_built_on(job):
    text = job.target.read_text(encoding="utf-8")
    assert str(ROOT) not in text
    assert str(Path.home()) + "/" not in text


# The exercise is the solution without its answers -----------------------------------------------

EXERCISES = [job for job in JOBS if job.kind == "exercises"]


@pytest.mark.parametrize("job", EXERCISES, ids=lambda job: job.source.stem)
def test_no_answer_leaks_into_the_exercise(job):
    """No line of an answer stands in the exercise, but for those that are handed out, too."""
    found = list(REGION.finditer(job.source.read_text(encoding="utf-8")))
    assert found
    exercise = [line for cell in code_cells(read(job)) for line in cell.source.splitlines()]
    for region in found:
        given = re.sub(r"^[ \t]*#:", "", region["given"] or "", flags=re.MULTILINE).splitlines()
        answer = {line for line in region["answer"].splitlines() if line.strip()} - set(given)
        assert answer
        assert not answer & set(exercise)
    assert not [line for line in exercise if "###" in line]


@pytest.mark.parametrize("job", EXERCISES, ids=lambda job: job.source.stem)
def test_every_check_of_the_exercise_says_not_attempted(job):
    checks = [cell for cell in code_cells(read(job)) if 'check("' in cell.source]
    assert checks
    for cell in checks:
        assert "not attempted" in cell.outputs[0].data["text/plain"]


@pytest.mark.parametrize("job", EXERCISES, ids=lambda job: job.source.stem)
def test_every_check_of_the_solution_says_right(job):
    solution = read(Job(job.source, "solutions"))
    checks = [cell for cell in code_cells(solution) if 'check("' in cell.source]
    for cell in checks:
        assert "public checks passed" in cell.outputs[0].data["text/plain"]


# The map tells the truth -------------------------------------------------------------------------


INDEX = notebook_of(next(job for job in JOBS if job.source.stem == "index"))
INDEX_TEXT = "\n".join(cell.source for cell in INDEX.cells if cell.cell_type == "markdown")


def test_the_index_shows_thirteen_sections_and_links_what_exists():
    rows = re.findall(r"^\| \*\*(\d\d)\*\* .*$", INDEX_TEXT, re.MULTILINE)
    assert rows == [f"{number:02d}" for number in range(13)]
    linked = {
        (ROOT / "notebooks" / target).resolve()
        for target in re.findall(r"\]\((.*?\.ipynb)\)", INDEX_TEXT)
    }
    assert linked == {job.target.resolve() for job in JOBS if job.source.stem != "index"}


def test_the_index_knows_how_long_each_lesson_takes():
    found = re.findall(r"\| (\d+) \| \[open\]\((\d\d_\w+)\.ipynb\)", INDEX_TEXT)
    for minutes, lesson in found:
        text = (ROOT / "sources" / f"{lesson}.py").read_text("utf-8")
        assert f"**{minutes} minutes.**" in text, lesson
    assert len(found) == 13


@pytest.mark.parametrize("job", JOBS, ids=names)
def test_links_to_other_files_lead_somewhere(job):
    text = "\n".join(cell.source for cell in read(job).cells)
    for target in re.findall(r"\]\(([^)#:]+\.\w+)(?:#[^)]*)?\)", text):
        assert (job.target.parent / target).exists(), target


# A wrong notebook fails --------------------------------------------------------------------------


def nbval_passes(path, *mode):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tools.quick_nbformat", *mode]
    command += [
        "-p",
        "tools.compare_outputs",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:randomly",
        "--nbval-current-env",
    ]
    command += ["--nbval-sanitize-with", "tests/nbval_sanitize.cfg", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    return done.returncode == 0


def changed(job, tmp_path, edit):
    """A copy of a built notebook, with `edit` applied, beside its neighbours."""
    folder = tmp_path / job.kind
    folder.mkdir()
    notebook = read(job)
    edit(notebook)
    path = folder / job.target.name
    nbformat.write(notebook, path)
    return path


SOLUTION = next(job for job in JOBS if job.target.match("solutions/01_step.ipynb"))
EXERCISE = next(job for job in EXERCISES if job.source.stem == "01_step")


def wrong_number(notebook):
    cell = next(cell for cell in notebook.cells if 'check("01.2"' in cell.source)
    cell.outputs[0].data["text/plain"] = cell.outputs[0].data["text/plain"].replace("325", "326")
    cell.outputs[0].data["text/html"] = cell.outputs[0].data["text/html"].replace("325", "326")


def broken(notebook):
    cell = next(cell for cell in notebook.cells if "def equivalent_gamma" in cell.source)
    cell.source = cell.source.replace("def ", "def def ")


def untouched(notebook):
    pass


@pytest.mark.parametrize(
    ("job", "mode", "edit", "passes"),
    [
        (SOLUTION, "--nbval", untouched, True),
        (SOLUTION, "--nbval", wrong_number, False),
        (EXERCISE, "--nbval-lax", untouched, True),
        (EXERCISE, "--nbval-lax", broken, False),
    ],
)
def test_nbval_sees_a_wrong_number_and_a_broken_exercise(job, mode, edit, passes, tmp_path):
    assert nbval_passes(changed(job, tmp_path, edit), mode) is passes


def test_a_stale_notebook_is_seen(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "sources", tmp_path / "sources")
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    monkeypatch.setattr("tools.build.ROOT", tmp_path)
    job = next(job for job in jobs() if job.source.stem == "01_step")
    assert is_current(job)
    text = job.source.read_text(encoding="utf-8")
    job.source.write_text(text.replace("step_size=30", "step_size=31"), encoding="utf-8")
    assert not is_current(job)


def test_the_gallery_of_the_readme_is_the_one_of_the_index():
    shown = base64.b64encode((ROOT / "docs" / "schedules.png").read_bytes()).decode()
    assert shown in (ROOT / "notebooks" / "index.ipynb").read_text("utf-8")
