"""A class that nobody taught: thirty submissions to section 01, to see what the grader says.

`write_class(folder)` writes them; `expected()` says what a right grader finds in each. The names
are invented, the mistakes are those that learners make. It writes text and runs none of it; that
what is called right here is right, and wrong by the mistake that is named, is tested.
"""

import copy
import csv
import json
import math
import os
import re
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import lrcourse
from lrcourse.grading import GradingError

COURSE = Path(lrcourse.__file__).resolve().parents[1]
SECTION = "01_step"
DUE = datetime(2026, 11, 22, 23, 59, tzinfo=timezone(timedelta(hours=9)))
COLUMNS = ("student", "task", "status", "mistake", "about")
Notebook = dict[str, Any]

NAMES = (
    *("kim-haram", "박해담", "amara-nwachukwu", "Zoë Lindqvist-Moe", "정 가온", "Łucja Wiśniak"),
    *("mateus-quintanilha", "yoon-dagyeom", "priyanka-deshmane", "José Ibarrondo", "이서담"),
    *("tariq-benhadda", "Nguyễn Diệu Tâm", "anouk-verstraten", "kwabena-ofosuhene", "周语禾"),
    *("Émilie Roussillat", "kang-sehyun", "fatma-karaoğuz", "Niamh O'Dalaigh", "한 소율"),
    *("ravi-kathiresan", "Мария Соколенко", "camila-yupanquil", "佐野 つむぎ", "leila-farahmandi"),
    *("bjørn-halvorsrud", "noor-al-hashmawi", "giulia-terranegra", "정이든", "jonas-petrauskis"),
    *("wiremu-tawharanui", "Παύλος Δημητρέας", "selu-faleafine", "tomas-hrdlivec", "구 다온"),
)


# Answers ---------------------------------------------------------------------------------------


class Answer(NamedTuple):
    """What stands in an answer cell.

    `body` is the inside of the function that the exercise asks for, or the whole cell; without it
    the cell is that of the solutions where the answer is right, and untouched where it is not.
    """

    status: str  # "right", "wrong", "not attempted" or "lost", as in a record of the grader
    body: str = ""
    mistake: str = ""  # as lrcourse.tasks names it


def right(*bodies: str) -> tuple[Answer, ...]:
    """The answer of the solutions notebook, and these, which are written differently."""
    return (SOLVED, *(Answer("right", textwrap.dedent(body).strip()) for body in bodies))


def wrong(body: str, mistake: str = "") -> Answer:
    """A wrong answer, and the name of its mistake where the course knows it."""
    return Answer("wrong", textwrap.dedent(body).strip(), mistake)


SOLVED = Answer("right")
UNTOUCHED = Answer("not attempted")
TRAINING = """
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak_lr)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, {step_size}, gamma)
    rates = []
    """

RIGHT = {
    "01.1": right(
        "return peak_lr * gamma ** math.floor(t / step_size)",
        "return peak_lr * np.power(gamma, np.floor_divide(t, step_size))",
        """
        lr = peak_lr
        for step in range(1, t + 1):
            if step % step_size == 0:
                lr = lr * gamma
        return lr
        """,
        """
        drops = int(t / step_size)
        return math.prod([peak_lr] + [gamma] * drops)
        """,
    ),
    "01.2": right(
        """
        lr = peak_lr
        for milestone in milestones:
            if t >= milestone:
                lr *= gamma
        return lr
        """,
        "return peak_lr * gamma ** np.searchsorted(milestones, t, side='right')",
        "return peak_lr * gamma ** len([m for m in milestones if m <= t])",
        """
        passed = np.array(milestones) <= t
        return peak_lr * gamma ** np.count_nonzero(passed)
        """,
    ),
    "01.3": right(
        "return math.exp(new_step_size * math.log(gamma) / step_size)",
        "return (gamma**new_step_size) ** (1 / step_size)",
        """
        per_update = gamma ** (1 / step_size)
        new_gamma = 1.0
        for _ in range(new_step_size):
            new_gamma = new_gamma * per_update
        return new_gamma
        """,
        "return np.power(gamma, new_step_size / step_size)",
    ),
    "01.4": right(
        "return [peak_lr * gamma ** (epoch // step_size)\n"
        "        for epoch in range(epochs) for _batch in range(batches)]",
        TRAINING.format(step_size="step_size * batches")
        + """
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
    return rates
    """,
        "return np.repeat(peak_lr * gamma ** (np.arange(epochs) // step_size), batches)",
    ),
    "01.5": right(
        "my_step_size = 30\nmy_gamma = 0.41",
        "my_step_size = 29\nmy_gamma = 0.4",
        "my_step_size = 60 - 30\nmy_gamma = 0.16 / 0.4",
    ),
    "01.6": right(
        """
        t = 0
        while peak_lr * gamma ** (t // step_size) >= target:
            t += 1
        return t
        """,
        """
        if peak_lr < target:
            return 0
        return step_size * math.ceil(math.log(target / peak_lr, gamma))
        """,
        """
        t = np.arange(10_000)
        rates = peak_lr * gamma ** (t // step_size)
        return int(np.argmax(rates < target))
        """,
        """
        lr, t = peak_lr, 0
        while lr >= target:
            lr, t = lr * gamma, t + step_size
        return t
        """,
    ),
    "01.7": right("answer = 'C'"),
}

# The most usual first: the others are drawn less often.
WRONG = {
    "01.1": (
        wrong("return peak_lr * gamma ** (t / step_size)", "no floor"),
        wrong("return peak_lr * gamma ** ((t + 1) // step_size)", "drops one update early"),
        wrong("return peak_lr * gamma ** math.ceil(t / step_size)", "ceil for floor"),
        wrong(
            """
            lr = peak_lr
            for step in range(1, t + 1):
                if step % step_size == 0:
                    lr = lr * gamma ** (step // step_size)
            return lr
            """,
            "multiplies the running rate again",
        ),
        wrong("return peak_lr * gamma ^ (t // step_size)"),
        wrong(
            """
            if t < step_size:
                return peak_lr
            return peak_lr * gamma
            """,
            "only the first drop",
        ),
    ),
    "01.2": (
        wrong("return peak_lr * gamma ** sum(m < t for m in milestones)", "> for >="),
        wrong(
            """
            if t >= milestones[0]:
                return peak_lr * gamma
            return peak_lr
            """,
            "only the first drop",
        ),
        wrong(
            """
            if t in milestones:
                peak_lr = peak_lr * gamma
            return peak_lr
            """,
            "drops only at the milestone",
        ),
        wrong(
            "return peak_lr * gamma ** (t // milestones[0])",
            "the first milestone taken as the step size",
        ),
        wrong(
            """
            lr, end = peak_lr, 0
            for milestone in milestones:
                end += milestone
                if t >= end:
                    lr *= gamma
            return lr
            """,
            "milestones taken as lengths",
        ),
    ),
    "01.3": (
        wrong("return gamma ** (step_size / new_step_size)", "ratio upside down"),
        wrong("return gamma * new_step_size / step_size", "scales γ in proportion"),
        wrong(
            "return 1 - (1 - gamma) * new_step_size / step_size",
            "scales the drop 1 - γ in proportion",
        ),
        wrong("return gamma", "leaves γ as it was"),
        wrong("return gamma ** (1 / step_size)", "one drop per update"),
    ),
    "01.4": (
        wrong(
            TRAINING.format(step_size="step_size")
            + """
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
        scheduler.step()
    return rates
    """,
            "steps per batch and per epoch",
        ),
        wrong(
            TRAINING.format(step_size="step_size")
            + """
    for _epoch in range(epochs):
        scheduler.step()
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
    return rates
    """,
            "one epoch early",
        ),
        wrong(
            TRAINING.format(step_size="step_size")
            + """
    for _epoch in range(epochs):
        for _batch in range(batches):
            optimizer.step()
        rates.append(optimizer.param_groups[0]["lr"])
        scheduler.step()
    return rates
    """,
            "one rate per epoch",
        ),
        wrong(
            TRAINING.format(step_size="step_size")
            + """
    for _epoch in range(epochs):
        for _batch in range(batches):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
    return rates
    """,
            "the drops come too late, or never",
        ),
    ),
    "01.5": (
        wrong("my_step_size = 30\nmy_gamma = 0.6", "gamma read as what is lost"),
        wrong("my_step_size = 60\nmy_gamma = 0.4", "step_size read as the second drop"),
        wrong("my_step_size = 30\nmy_gamma = 0.16", "gamma read over two drops"),
        wrong("my_step_size = 0.4\nmy_gamma = 30", "step_size and gamma swapped"),
        wrong("my_step_size = 30\nmy_gamma = 1 / 0.4", "gamma upside down"),
    ),
    "01.6": (
        wrong(
            """
            drops = math.log(target / peak_lr) / math.log(gamma)
            return step_size * math.ceil(drops)
            """,
            "negative when the rate starts below",
        ),
        wrong(
            """
            if peak_lr < target:
                return 0
            return step_size * int(math.log(target / peak_lr) / math.log(gamma))
            """,
            "one drop too early",
        ),
        wrong(
            """
            t = 0
            while peak_lr * gamma ** (t // step_size) >= target:
                t += 1
            return t + 1
            """,
            "one update too late",
        ),
        wrong(
            """
            drops = 0
            while peak_lr * gamma**drops >= target:
                drops += 1
            return drops
            """,
            "the number of drops, not of updates",
        ),
        wrong(
            "return step_size * max(math.ceil(math.log(target) / math.log(gamma)), 0)",
            "ignores the peak",
        ),
        wrong("return step_size * math.ceil(math.log(target / peak) / math.log(gamma))"),
    ),
    "01.7": (
        wrong('answer = "d"', "chose d"),
        wrong('answer = "a"', "chose a"),
        wrong('answer = "b"', "chose b"),
    ),
}

DIFFICULTY = {  # of a task, on the scale of `ability`, and how many leave it untouched if not right
    "01.1": (-1.0, 0.0),
    "01.2": (-0.6, 0.05),
    "01.3": (0.0, 0.15),
    "01.4": (0.2, 0.3),
    "01.5": (-0.6, 0.1),
    "01.6": (0.9, 0.45),
    "01.7": (0.1, 0.15),
}
TASKS = tuple(RIGHT)


# Submissions that are unusual ------------------------------------------------------------------


def as_notebook(notebook: Notebook) -> str:
    """The text of an .ipynb file."""
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"


def as_script(notebook: Notebook) -> str:
    """The text of the .py file that Jupyter saves as an executable script."""
    parts = ["#!/usr/bin/env python\n# coding: utf-8\n"]
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        is_code = cell["cell_type"] == "code"
        parts.append(f"# In[ ]:\n\n\n{source}\n" if is_code else textwrap.indent(source, "# "))
    return "\n\n".join(parts) + "\n"


def cut_off(notebook: Notebook) -> str:
    """An upload that broke off."""
    whole = as_notebook(notebook)
    return whole[: len(whole) * 6 // 10]


def without_check(notebook: Notebook) -> Notebook:
    """The check of 01.2 is deleted."""
    cells = [cell for cell in notebook["cells"] if grade_id(cell) != "check-01-2"]
    return notebook | {"cells": cells}


def with_other_name(notebook: Notebook) -> Notebook:
    """The check of 01.1 gets the function under the name that this student gave to it."""
    return _with_sources(notebook, {"check-01-1": 'check("01.1", stairs)'})


def with_long_output(notebook: Notebook) -> Notebook:
    """Three megabytes of print() are left in the answer to 01.4."""
    lines = [f"update {t}: lr = {0.1 * 0.5 ** (t // 10_000):.12f}\n" for t in range(90_000)]
    notebook = copy.deepcopy(notebook)
    for cell in notebook["cells"]:
        if grade_id(cell) == "answer-01-4":
            cell["execution_count"] = 12
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": lines}]
    return notebook


def unchanged(notebook: Notebook) -> Notebook:
    """As it is."""
    return notebook


COPIED = {  # all but 01.3, where two have the same wrong formula that is nobody else's
    "01.1": SOLVED,
    "01.2": RIGHT["01.2"][1],
    "01.4": SOLVED,
    "01.5": RIGHT["01.5"][1],
    "01.6": WRONG["01.6"][0],
    "01.7": WRONG["01.7"][1],
}
COPIED_FROM = wrong("return gamma ** math.sqrt(new_step_size / step_size)")
COPIED_TO = wrong("x = new_step_size / step_size\nreturn gamma ** math.sqrt(x)")

ENDLESS = """
lr = peak_lr
t = 0
while lr >= target:
    lr = peak_lr * gamma ** (t // step_size)
return t
"""
OTHER_NAME = """
def stairs(t, peak_lr, step_size, gamma):
    return peak_lr * gamma ** (t // step_size)
"""
HOSTILE = """
math.isclose = np.isclose = np.allclose = lambda *args, **options: True


class Right:
    def __eq__(self, other):
        return True

    __lt__ = __le__ = __gt__ = __ge__ = __eq__

    def __hash__(self):
        return 0


def step_decay(t, peak_lr, step_size, gamma):
    return Right()
"""


@dataclass(frozen=True)
class Role:
    """What is special about a student: some answers, how the notebook is changed, what file."""

    about: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    edit: Callable[[Notebook], Notebook] = unchanged
    text: Callable[[Notebook], str] = as_notebook
    file: str = f"{SECTION}.ipynb"
    is_readable: bool = True
    days_late: int = 0


ROLES = (
    Role("untouched", dict.fromkeys(TASKS, UNTOUCHED)),
    Role("everything right", dict.fromkeys(TASKS, SOLVED)),
    Role("01.6 never ends", {"01.6": Answer("lost", ENDLESS.strip())}),
    Role("01.3 ends the process", {"01.3": Answer("lost", "import os\n\nos._exit(0)")}),
    Role("the JSON breaks off", text=cut_off, is_readable=False),
    Role("an empty file", text=lambda notebook: "", is_readable=False),
    Role("a script instead of the notebook", text=as_script, file=f"{SECTION}.py"),
    Role("the check of 01.2 is deleted", edit=without_check),
    Role(
        "the function of 01.1 has another name",
        {"01.1": Answer("right", OTHER_NAME.strip())},
        with_other_name,
    ),
    Role(
        "prints instead of returning",
        {
            "01.1": wrong("print(peak_lr * gamma ** (t // step_size))"),
            "01.2": wrong("print(peak_lr * gamma ** sum(t >= m for m in milestones))"),
            "01.3": wrong("print(gamma ** (new_step_size / step_size))"),
        },
    ),
    Role("an output of 3 MB", edit=with_long_output),
    Role(
        "patches isclose and returns objects that equal everything",
        {
            "01.1": wrong(HOSTILE),
            **dict.fromkeys(("01.2", "01.3", "01.6"), wrong("return Right()")),
            "01.4": wrong("return [Right() for _ in range(epochs * batches)]"),
            "01.5": UNTOUCHED,
            "01.7": WRONG["01.7"][2],
        },
    ),
    # As nbgrader collects: STUDENT/ASSIGNMENT/ with a timestamp.txt. A file time alone says little.
    Role("two days late", file=f"{SECTION}/{SECTION}.ipynb", days_late=2),
    Role("01.3 as another student has it", COPIED | {"01.3": COPIED_FROM}),
    Role("01.3 as another student has it", COPIED | {"01.3": COPIED_TO}),
)


# The class -------------------------------------------------------------------------------------


class Student(NamedTuple):
    """One of the class: the name of the folder, what is special, the answers and the time."""

    name: str
    role: Role
    answers: Mapping[str, Answer]
    submitted: datetime

    def found(self, task: str) -> Answer:
        """What a grader can find: nothing in a file that cannot be read."""
        return self.answers[task] if self.role.is_readable else UNTOUCHED


def planned(students: int = 30, seed: int = 0) -> list[Student]:
    """Who hands in what, by name: the roles above, and as many ordinary students as are left."""
    if not len(ROLES) <= students <= len(NAMES):
        raise GradingError(
            f"demo class: students must lie in [{len(ROLES)}, {len(NAMES)}], got {students}"
        )
    rng = np.random.default_rng(seed)
    roles = [*ROLES, *[Role()] * (students - len(ROLES))]
    shuffled = [roles[k] for k in rng.permutation(students)]
    return sorted(_student(name, role, rng) for name, role in zip(NAMES, shuffled, strict=False))


def expected(
    section: str = SECTION, *, students: int = 30, seed: int = 0
) -> dict[str, dict[str, str]]:
    """The status of each task of each student, as a right grader finds it."""
    _refuse_other_section(section)
    return {
        student.name: {task: student.found(task).status for task in TASKS}
        for student in planned(students, seed)
    }


def write_class(
    folder: Path,
    *,
    students: int = 30,
    seed: int = 0,
    section: str = SECTION,
    course: Path = COURSE,
) -> list[str]:
    """Write one folder for each student, and beside `folder` what is expected; their names.

    The same seed writes the same bytes and file times. A folder that is not empty is refused.
    """
    _refuse_other_section(section)
    exercise = _notebook(course / "exercises" / f"{section}.ipynb")
    solved = sources(_notebook(course / "solutions" / f"{section}.ipynb"))
    members = planned(students, seed)
    _refuse_used(folder)
    _refuse_used(expected_file(folder))
    for student in members:
        _write(folder / student.name, student, exercise, solved)
    _write_expected(expected_file(folder), members)
    return [student.name for student in members]


def expected_file(folder: Path) -> Path:
    """Beside the folder of the class, since all that is in it goes to the grader."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}-expected.csv")


# Who answers what ------------------------------------------------------------------------------


def _student(name: str, role: Role, rng: np.random.Generator) -> Student:
    ability = rng.normal(1.1, 0.8)
    answers = {task: _drawn(task, ability, rng) for task in TASKS} | dict(role.answers)
    before = timedelta(minutes=int(min(rng.exponential(2000), 14_000)) + 1)
    return Student(name, role, answers, DUE + (timedelta(role.days_late) or -before))


def _drawn(task: str, ability: float, rng: np.random.Generator) -> Answer:
    """What a student of this ability answers."""
    difficulty, left_out = DIFFICULTY[task]
    is_right, is_left_out = rng.random(2) < (_sigmoid(2 * (ability - difficulty)), left_out)
    if is_left_out and not is_right:
        return UNTOUCHED
    return _usual_first(RIGHT[task] if is_right else WRONG[task], rng)


def _usual_first(answers: Sequence[Answer], rng: np.random.Generator) -> Answer:
    weights = 1 / np.arange(1, len(answers) + 1)
    return answers[rng.choice(len(answers), p=weights / weights.sum())]


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


# Files -----------------------------------------------------------------------------------------


def grade_id(cell: Mapping[str, Any]) -> str:
    """ "answer-01-1", "check-01-1", or "" for a cell that nbgrader does not know."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id", "")


def sources(notebook: Notebook) -> dict[str, str]:
    """The text of the cells by their grade_id."""
    return {grade_id(cell): "".join(cell["source"]) for cell in notebook["cells"] if grade_id(cell)}


def answered(
    exercise: Notebook, solved: Mapping[str, str], answers: Mapping[str, Answer]
) -> Notebook:
    """The exercise with these answers in it."""
    handed_out = sources(exercise)
    cells = {task: f"answer-{task.replace('.', '-')}" for task in answers}
    texts = {
        cell: _cell_text(answers[task], handed_out[cell], solved[cell])
        for task, cell in cells.items()
    }
    return _with_sources(exercise, texts)


def _cell_text(answer: Answer, handed_out: str, solved: str) -> str:
    if not answer.body:
        return solved if answer.status == "right" else handed_out
    header = handed_out.partition("\n")[0]
    is_whole = not header.startswith("def ") or re.search("^def ", answer.body, re.MULTILINE)
    return answer.body if is_whole else f"{header}\n{textwrap.indent(answer.body, '    ')}"


def _with_sources(notebook: Notebook, texts: Mapping[str, str]) -> Notebook:
    cells = [
        cell | {"source": texts[grade_id(cell)].splitlines(keepends=True)}
        if grade_id(cell) in texts
        else cell
        for cell in notebook["cells"]
    ]
    return notebook | {"cells": cells}


def _write(folder: Path, student: Student, exercise: Notebook, solved: Mapping[str, str]) -> None:
    role = student.role
    notebook = role.edit(answered(exercise, solved, student.answers))
    path = folder / role.file
    path.parent.mkdir(parents=True)
    path.write_bytes(role.text(notebook).encode())
    if role.days_late:
        when = f"{student.submitted.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
        (path.parent / "timestamp.txt").write_bytes(when.encode())
    for written in path.parent.iterdir():
        os.utime(written, (student.submitted.timestamp(),) * 2)


def _write_expected(path: Path, members: Sequence[Student]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # spreadsheets need the BOM
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for student in members:
            for task in TASKS:
                found = student.found(task)
                told = (found.status, found.mistake, student.role.about)
                rows.writerow((student.name, task, *told))


def _notebook(path: Path) -> Notebook:
    try:
        return json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise GradingError(
            f"demo class: there is no {path}: run this in the folder of the course, which has "
            f"the exercises and the solutions"
        ) from None


def _refuse_other_section(section: str) -> None:
    if section != SECTION:
        raise GradingError(f'demo class: section must be "{SECTION}", got "{section}"')


def _refuse_used(path: Path) -> None:
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists():
        kind = "is not empty" if path.is_dir() else "is there already"
        raise GradingError(f"demo class: {path} {kind}: name a new folder, or delete it first")
