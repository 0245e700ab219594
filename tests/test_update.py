"""An update brings the new version and loses nothing that a learner wrote."""

import copy
import json
import shutil
import subprocess

import nbformat
import pytest

from lrcourse.cli import main
from lrcourse.update import (
    BESIDE,
    GONE,
    changed_cells,
    memory,
    merged,
    pull,
    take_over,
    task_in,
    text_of,
)


def code(text, name=""):
    return {
        "cell_type": "code",
        "id": name or f"c{abs(hash(text)) % 10**8}",
        "metadata": {},
        "source": text,
        "outputs": [],
        "execution_count": None,
    }


def prose(text, name=""):
    return {"cell_type": "markdown", "id": name or "m1", "metadata": {}, "source": text}


def stub(task, body="..."):
    return f'def answer_{task[-1]}(t):\n    return {body}\n\n\ncheck("{task}", answer_{task[-1]})'


def handed_out(*cells):
    """A notebook as the build makes it, with its memory."""
    notebook = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    notebook["metadata"]["lrcourse"] = memory(notebook)
    return notebook


@pytest.fixture
def version_1():
    return handed_out(
        prose("# Exercises", "m0"),
        code("from lrcourse.check import check", "top"),
        prose("## 01.1", "m1"),
        code(stub("01.1"), "one"),
        prose("## 01.2", "m2"),
        code(stub("01.2"), "two"),
        prose("## 01.3", "m3"),
        code(stub("01.3"), "three"),
    )


@pytest.fixture
def version_2():
    """01.1 is as it was, 01.2 has changed, 01.3 is gone, 01.4 is new."""
    return handed_out(
        prose("# Exercises, new", "m0"),
        code("from lrcourse.check import check, hint", "top"),
        prose("## 01.1, said better", "m1"),
        code(stub("01.1"), "one"),
        prose("## 01.2", "m2"),
        code(stub("01.2").replace("(t)", "(t, steps)"), "two"),
        prose("## 01.4", "m4"),
        code(stub("01.4"), "four"),
    )


def answered(notebook, **bodies):
    """A copy with answers: answered(v, one="t + 1")."""
    mine = copy.deepcopy(notebook)
    for cell in mine["cells"]:
        if cell["id"] in bodies:
            cell["source"] = text_of(cell).replace("...", bodies[cell["id"]])
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "right"}]
    return mine


def sources(notebook):
    return [text_of(cell) for cell in notebook["cells"]]


def test_an_untouched_notebook_has_nothing_to_take_over(version_1, version_2):
    assert changed_cells(version_1) == []
    assert merged(version_1, version_2).notebook["cells"] == version_2["cells"]


def test_blanks_and_lists_of_lines_are_no_change(version_1):
    mine = copy.deepcopy(version_1)
    for cell in mine["cells"]:
        cell["source"] = [line + "  \n" for line in text_of(cell).splitlines()]
    assert changed_cells(mine) == []


def test_an_answer_goes_to_its_task_with_what_it_printed(version_1, version_2):
    mine = answered(version_1, one="t + 1")
    result = merged(mine, version_2)
    assert result.answers == ["01.1"]
    cell = next(cell for cell in result.notebook["cells"] if cell["id"] == "one")
    assert cell["source"] == stub("01.1", "t + 1")
    assert cell["outputs"] == mine["cells"][3]["outputs"]
    assert "## 01.1, said better" in sources(result.notebook)
    assert len(result.notebook["cells"]) == len(version_2["cells"])


def test_a_task_that_has_changed_keeps_both_side_by_side(version_1, version_2):
    result = merged(answered(version_1, two="t + 2"), version_2)
    assert result.conflicts == ["01.2"]
    said = sources(result.notebook)
    at = said.index(text_of(version_2["cells"][5]))
    assert said[at + 1 : at + 3] == [BESIDE, stub("01.2", "t + 2")]


def test_answers_to_tasks_that_are_gone_stand_at_the_end(version_1, version_2):
    result = merged(answered(version_1, three="t + 3"), version_2)
    assert result.gone == ["01.3"]
    assert sources(result.notebook)[-2:] == [GONE, stub("01.3", "t + 3")]


def test_reordered_cells_find_their_tasks(version_1, version_2):
    mine = answered(version_1, one="t + 1", two="t + 2")
    mine["cells"] = mine["cells"][::-1]
    result = merged(mine, version_2)
    assert (result.answers, result.conflicts) == (["01.1"], ["01.2"])
    assert stub("01.1", "t + 1") in sources(result.notebook)


def test_a_copied_cell_is_kept_beside_the_first(version_1, version_2):
    mine = answered(version_1, one="t + 1")
    same, other = code(stub("01.1", "t + 1"), "copy1"), code(stub("01.1", "t * 2"), "copy2")
    mine["cells"] += [same, other]
    said = sources(merged(mine, version_2).notebook)
    assert said.count(stub("01.1", "t + 1")) == 1
    assert said[said.index(BESIDE) + 1] == stub("01.1", "t * 2")


def test_a_deleted_cell_comes_back_as_it_is_handed_out(version_1, version_2):
    mine = answered(version_1, one="t + 1")
    del mine["cells"][5]
    result = merged(mine, version_2)
    assert text_of(version_2["cells"][5]) in sources(result.notebook)
    assert result.answers == ["01.1"]


def test_cells_of_their_own_stay_where_they_were(version_1, version_2):
    mine = answered(version_1, one="t + 1")
    mine["cells"].insert(4, code("try_it = answer_1(3)", "mine1"))
    mine["cells"].insert(2, code("import math", "mine0"))
    mine["cells"].append(prose("My notes", "mine2"))
    result = merged(mine, version_2)
    said = sources(result.notebook)
    assert said[said.index(stub("01.1", "t + 1")) + 1] == "try_it = answer_1(3)"
    assert said[2] == "import math"
    assert "My notes" in said
    assert result.own == 3


def test_an_emptied_or_an_edited_cell_of_the_course_breaks_nothing(version_1, version_2):
    mine = answered(version_1, one="t + 1")
    mine["cells"][2]["source"] = ""
    mine["cells"][1]["source"] += "\nimport math"
    said = sources(merged(mine, version_2).notebook)
    assert "from lrcourse.check import check, hint" in said
    assert "from lrcourse.check import check\nimport math" in said


def test_new_ids_of_another_editor_do_not_matter(version_1, version_2):
    mine = answered(version_1, one="t + 1")
    for number, cell in enumerate(mine["cells"]):
        cell["id"] = f"new{number}"
    result = merged(mine, version_2)
    assert result.answers == ["01.1"]
    ids = [cell["id"] for cell in result.notebook["cells"]]
    assert len(set(ids)) == len(ids)


def test_a_notebook_without_memory_gives_all_its_answers(version_1, version_2):
    """As an old version, or one whose metadata an editor has dropped."""
    mine = answered(version_1, one="t + 1")
    mine["metadata"] = {}
    result = merged(mine, version_2)
    assert stub("01.1", "t + 1") in sources(result.notebook)
    assert result.answers[0] == "01.1"


def test_neither_notebook_is_changed_and_the_result_is_valid(version_1, version_2):
    mine = answered(version_1, one="t + 1", two="t + 2", three="t + 3")
    before = copy.deepcopy((mine, version_2))
    result = merged(mine, version_2)
    assert (mine, version_2) == before
    nbformat.validate(nbformat.from_dict(result.notebook))


def test_nothing_that_was_written_is_lost(version_1, version_2):
    mine = answered(version_1, one="t + 1", two="t + 2", three="t + 3")
    mine["cells"] += [code("own = 1", "o1"), code(stub("01.2", "9"), "o2"), prose("notes", "o3")]
    said = sources(merged(mine, version_2).notebook)
    for cell in changed_cells(mine):
        assert text_of(cell) in said


def test_updating_twice_is_updating_once(version_1, version_2):
    mine = answered(version_1, one="t + 1", two="t + 2", three="t + 3")
    mine["cells"].insert(4, code("own = 1", "o1"))
    once = merged(mine, version_2).notebook
    twice = merged(once, version_2).notebook
    assert sources(once) == sources(twice)
    assert sources(once).count(stub("01.2", "t + 2")) == 1


def known(kind, task, text):
    """A cell as the build makes it: the answer to a task, or the check of it."""
    cell = code(text, f"{kind}{task}")
    cell["metadata"] = {"nbgrader": {"grade_id": f"{kind}-{task.replace('.', '-')}"}}
    return cell


def test_an_answer_whose_check_stands_apart_is_known_by_its_metadata():
    new = handed_out(
        *(known("answer", "01.1", "answer = ..."), known("check", "01.1", 'check("01.1", answer)')),
        *(known("answer", "01.2", "answer = ..."), known("check", "01.2", 'check("01.2", answer)')),
    )
    mine = copy.deepcopy(new)
    mine["cells"][2]["source"] = 'answer = "b"'
    result = merged(mine, new)
    assert result.answers == ["01.2"]
    assert sources(result.notebook) == sources(mine)


# Folders ---------------------------------------------------------------------------------------


def save(folder, name, notebook):
    (folder / "exercises").mkdir(parents=True, exist_ok=True)
    (folder / "exercises" / name).write_text(json.dumps(notebook), encoding="utf-8")


def load(folder, name):
    return json.loads((folder / "exercises" / name).read_text(encoding="utf-8"))


def test_a_whole_folder_is_taken_over(tmp_path, version_1, version_2):
    old, new = tmp_path / "old", tmp_path / "new"
    save(old, "01_step.ipynb", answered(version_1, one="t + 1"))
    save(old, "02_untouched.ipynb", version_1)
    save(old, "mine.ipynb", answered(version_1, one="t"))
    (old / "exercises" / "damaged.ipynb").write_text("{", encoding="utf-8")
    (old / "exercises" / "list.ipynb").write_text("[]", encoding="utf-8")
    for name in ("01_step.ipynb", "02_untouched.ipynb"):
        save(new, name, version_2)
    told = list(take_over(old, new))
    assert stub("01.1", "t + 1") in sources(load(new, "01_step.ipynb"))
    assert load(new, "02_untouched.ipynb") == version_2
    assert load(new, "mine.ipynb") == answered(version_1, one="t")
    assert any("damaged.ipynb: cannot be read (line 1 is damaged)" in line for line in told)
    assert any("list.ipynb: cannot be read (it is no notebook)" in line for line in told)
    assert any(line == "01_step.ipynb: 1 answer taken over" for line in told)
    assert not list(new.rglob("*.draft"))


def test_answers_in_the_new_version_are_not_touched(tmp_path, version_1, version_2):
    old, new = tmp_path / "old", tmp_path / "new"
    save(old, "01_step.ipynb", answered(version_1, one="t + 1"))
    save(new, "01_step.ipynb", answered(version_2, four="t + 4"))
    told = list(take_over(old, new))
    assert load(new, "01_step.ipynb") == answered(version_2, four="t + 4")
    (beside,) = (new / "exercises").glob("01_step.2*.ipynb")
    assert beside.name in told[0]
    both = sources(json.loads(beside.read_text(encoding="utf-8")))
    assert stub("01.1", "t + 1") in both
    assert stub("01.4", "t + 4") in both


def git(folder, *words):
    identity = ["-c", "user.name=x", "-c", "user.email=x@x"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


@pytest.fixture
def clone(tmp_path, version_1, version_2):
    """A clone at version 1 with an answer, of a course that is at version 2."""
    origin = tmp_path / "origin"
    save(origin, "01_step.ipynb", version_1)
    (origin / "README.md").write_text("one")
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "one")
    git(tmp_path, "clone", "-q", str(origin), str(tmp_path / "clone"))
    save(origin, "01_step.ipynb", version_2)
    (origin / "README.md").write_text("two")
    git(origin, "commit", "-qam", "two")
    mine = tmp_path / "clone"
    save(mine, "01_step.ipynb", answered(version_1, one="t + 1"))
    save(mine, "scratch.ipynb", answered(version_1, one="t"))
    return mine


def test_git_brings_the_new_version_under_the_answers(clone, version_1):
    told = list(pull(clone))
    assert (clone / "README.md").read_text() == "two"
    said = sources(load(clone, "01_step.ipynb"))
    assert "# Exercises, new" in said
    assert stub("01.1", "t + 1") in said
    (aside,) = (clone / "my_answers").iterdir()
    assert load(aside, "01_step.ipynb") == answered(version_1, one="t + 1")
    assert load(clone, "scratch.ipynb") == answered(version_1, one="t")
    assert told[0] == f"Your exercises are kept in my_answers/{aside.name}"


def test_a_pull_that_fails_leaves_the_answers_in_place(clone, version_1):
    shutil.rmtree(clone.parent / "origin")
    with pytest.raises(ValueError, match="update: git pull did not work"):
        list(pull(clone))
    assert load(clone, "01_step.ipynb") == answered(version_1, one="t + 1")


def test_other_changed_files_are_not_replaced(clone):
    (clone / "README.md").write_text("my own")
    with pytest.raises(ValueError, match=r"you have changed README.md.* git stash"):
        list(pull(clone))
    assert (clone / "README.md").read_text() == "my own"


def test_a_folder_without_git_is_told_the_other_way(tmp_path):
    with pytest.raises(ValueError, match="unpack the new version beside it"):
        list(pull(tmp_path))


@pytest.mark.parametrize(
    ("words", "said"),
    [(["nowhere"], "no folder exercises in nowhere"), (["a", "b"], "takes one folder, got 2")],
)
def test_the_command_refuses_in_a_sentence(capsys, words, said):
    assert main(["update", *words]) == 2
    assert said in capsys.readouterr().err


def test_every_built_exercise_remembers_itself():
    from tools.build import jobs, notebook_of

    exercises = [job for job in jobs() if job.kind == "exercises"]
    for job in exercises:
        built = nbformat.read(job.target, as_version=4)
        assert changed_cells(built) == []
        assert built.metadata.lrcourse.cells == memory(notebook_of(job))["cells"]
        assert built.metadata.lrcourse.tasks.keys() == {
            task for cell in built.cells if (task := task_in(cell))
        }
