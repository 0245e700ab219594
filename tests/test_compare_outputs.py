"""What nbval lets pass, tried with real kernels on a notebook whose stored outputs were changed."""

import io
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from PIL import Image

from lrcourse.plots import axes, show
from tools.compare_outputs import are_alike, is_close, is_same, last_unit, sizes

ROOT = Path(__file__).resolve().parents[1]
PICTURE = """
from lrcourse.plots import axes, show
ax = axes({width}, 2)
ax.plot([0, {height}])
show(ax, "A line that rises")
"""
FREE = ["nbval-ignore-output"]
CELLS = {  # name -> (source, tags)
    "same": ("print('loss 0.1234 after 40 updates')", []),
    "last digit": ("print('loss 0.1234 after 40 updates')", []),
    "two digits": ("print('loss 0.1234 after 40 updates')", []),
    "whole number": ("print('loss 0.1234 after 40 updates')", []),
    "word": ("print('loss 0.1234 after 40 updates')", []),
    "size": (PICTURE.format(width=3, height=1), []),
    "other line": (PICTURE.format(width=3, height=1), []),
    "alt": (PICTURE.format(width=3, height=1), []),
    "no output": ("'a result'", []),
    "free number": ("print('accuracy 0.97')", FREE),
    "free size": (PICTURE.format(width=3, height=1), FREE),
    "free, no output": ("'a result'", FREE),
    "free, another kind": ("'a result'", FREE),
}
DIFFERENT = {
    "two digits",
    "whole number",
    "word",
    "size",
    "alt",
    "no output",
    "free size",
    "free, no output",
    "free, another kind",
}


def executed() -> nbformat.NotebookNode:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell(source, metadata={"tags": tags})
            for source, tags in CELLS.values()
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(ROOT)}}).execute()
    return notebook


def change(name: str, cell: nbformat.NotebookNode) -> None:
    """Store something else than the cell gives."""
    texts = {
        "last digit": ("0.1234", "0.1235"),
        "two digits": ("0.1234", "0.1236"),
        "whole number": ("40", "41"),
        "word": ("after", "before"),
        "free number": ("accuracy 0.97", "accuracy 0.55"),
    }
    pictures = {
        "size": PICTURE.format(width=4, height=1),
        "other line": PICTURE.format(width=3, height=7),
        "alt": PICTURE.format(width=3, height=1).replace("rises", "falls"),
        "free size": PICTURE.format(width=4, height=1),
    }
    if name in texts:
        cell.outputs[0].text = cell.outputs[0].text.replace(*texts[name])
    elif name in pictures:
        scope: dict = {}
        *lines, last = pictures[name].strip().splitlines()
        exec("\n".join([*lines, f"picture = {last}"]), scope)
        bundle = scope["picture"]._repr_mimebundle_()
        cell.outputs[0].data = nbformat.from_dict(bundle)
    elif name.endswith("no output"):
        cell.outputs = []
    elif name.endswith("another kind"):
        cell.outputs = [nbformat.v4.new_output("stream", text="a result")]


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """name -> PASSED or FAILED"""
    notebook = executed()
    for name, cell in zip(CELLS, notebook.cells, strict=True):
        change(name, cell)
    path = tmp_path_factory.mktemp("notebooks") / "changed.ipynb"
    nbformat.write(notebook, path)
    command = [sys.executable, "-m", "pytest", "-p", "tools.quick_nbformat"]
    command += ["-p", "tools.compare_outputs", "-p", "no:cacheprovider", "--nbval", "-rA"]
    command += ["--nbval-current-env", str(path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300).stdout
    found = re.findall(r"^(PASSED|FAILED) \S+::Cell (\d+)", said, re.MULTILINE)
    names = list(CELLS)
    return {names[int(number)]: verdict for verdict, number in found} | {"": said}


@pytest.mark.parametrize("name", CELLS)
def test_what_may_differ_and_what_may_not(verdicts, name):
    assert verdicts[name] == ("FAILED" if name in DIFFERENT else "PASSED")


def test_the_run_says_how_many_cells_it_has_compared_and_how(verdicts):
    tagged = sum(tags == FREE for _, tags in CELLS.values())
    words = rf"changed\.ipynb +{len(CELLS) - tagged} by values, +{tagged} by kinds and sizes"
    assert re.search(words, verdicts[""])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.1234", "0.1234", True),
        ("0.1234", "0.1235", True),
        ("0.1234", "0.1236", False),
        ("2.5e-4", "2.6e-4", True),
        ("2.5e-4", "2.5e-3", False),
        ("325", "326", False),
        ("1", "1.0", False),
        ("0.99", "1.00", True),
        ("0.5", "0.51", True),
    ],
)
def test_numbers_agree_to_a_unit_of_their_last_digit(one, other, same):
    assert is_close(one, other) is same
    assert is_close(other, one) is same


def test_words_are_compared_as_they_are():
    assert is_same("0.983 ± 0.016 points", "0.984 ± 0.015 points")
    assert not is_same("0.983 ± 0.016 points", "0.983 ± 0.016 nats")
    assert not is_same("1.0 2.0", "1.0")
    assert last_unit("3.14") == pytest.approx(0.01)
    assert last_unit("2.5e-4") == pytest.approx(1e-5)


def test_the_size_of_a_picture_is_read_and_may_vary_by_a_letter():
    picture = show(axes(3, 2), "an empty plot")
    width, height = Image.open(io.BytesIO(picture.png)).size
    assert sizes(picture.html * 2) == [(width, height)] * 2
    assert are_alike([(854, 781)], [(853, 781)])
    assert not are_alike([(854, 781)], [(800, 781)])
    assert not are_alike([(854, 781)], [(854, 781)] * 2)
