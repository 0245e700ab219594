"""The files stand in floors: each imports only from floors below, and few meet the outside."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lrcourse"
FLOORS = [
    ["schedules", "text_plot", "words", "panels"],
    [
        *("torch_scheduler", "torch_twins", "torch_compositions"),
        *("experiments", "recipes", "borrowed", "user_training", "progress", "update"),
    ],
    ["finder", "diagnosis", "batch_size", "handouts"],
    ["plots", "tasks", "claims", "advise", "doctor"],
    ["explore", "check"],
    ["grading"],
    ["cli"],
    ["__main__"],
]
FLOOR = {name: floor for floor, names in enumerate(FLOORS) for name in names}
CONFINED = {  # who may import what from outside; NumPy is everywhere
    "torch": {
        *("torch_scheduler", "torch_twins", "torch_compositions", "experiments", "borrowed"),
        *("user_training", "finder", "diagnosis", "batch_size", "handouts", "claims"),
        "tasks",
    },
    "sklearn": {"experiments"},
    "cloudpickle": {"experiments"},
    "loky": {"experiments"},
    "tqdm": {"experiments", "cli"},
    "scipy": {"experiments", "finder", "diagnosis", "claims", "plots"},
    "tensorboard": {"diagnosis"},
    "platformdirs": {"progress"},
    "packaging": {"doctor"},
    "matplotlib": {"plots"},
    "ipywidgets": {"explore"},
    "anywidget": {"explore"},
    "traitlets": {"explore"},
}
FILES = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def room(path):
    """The first name below lrcourse: "schedules" for schedules/step.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(text):
    """Every module that a program imports, anywhere in it."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                yield f"lrcourse.(relative, line {node.lineno})"
            elif node.module == "lrcourse":  # its names are files
                yield from (f"lrcourse.{alias.name}" for alias in node.names)
            else:
                yield node.module


def broken_rules(here, text):
    """What the file in room `here` imports and may not."""
    for module in imports(text):
        top, _, rest = module.partition(".")
        below = rest.partition(".")[0]
        if top == "lrcourse":
            if below not in ("", here) and FLOOR.get(below, 99) >= FLOOR[here]:
                yield module
        elif _is_outside(top) and here not in CONFINED.get(top, ()):
            yield module


def _is_outside(package):
    return package != "numpy" and package not in sys.stdlib_module_names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_only_from_below(path):
    assert not list(broken_rules(room(path), path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("here", "text"),
    [
        ("schedules", "import torch"),
        ("schedules", "from lrcourse.plots import show"),
        ("schedules", "def f():\n    from scipy import stats"),
        ("experiments", "from lrcourse.torch_twins import twin"),  # same floor
        ("plots", "import lrcourse.explore"),
        ("plots", "from lrcourse import explore"),
        ("plots", "from ..explore import explore"),
        ("check", "import requests"),
        ("handouts", "from lrcourse.tasks.step import step_decay"),
        ("handouts", "from lrcourse.check import given"),
        ("handouts", "import matplotlib"),
    ],
)
def test_the_rule_catches_a_wrong_import(here, text):
    assert list(broken_rules(here, text))


def test_every_room_has_a_floor():
    assert {room(path) for path in FILES} == FLOOR.keys()


def loaded_by(module, *others):
    """Which of the others are there once this module is imported by a new Python."""
    code = f"import sys, {module}; print(*({set(others)} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_formulas_need_numpy_alone():
    packages = ("torch", "scipy", "matplotlib", "ipywidgets", "pandas")
    assert not loaded_by("lrcourse.schedules", *packages)


# What a grader lets an exercise import ---------------------------------------------------------

HANDOUTS = sorted(path.stem for path in (PACKAGE / "handouts").glob("*.py"))
EXERCISES = sorted((PACKAGE.parent / "sources" / "exercises").glob("*.py"))
ANSWERS = ("lrcourse.tasks", "lrcourse.grading")  # references, and the wrong answers known by name


def answers_in(text):
    """What a program imports of the right answers."""
    return [module for module in imports(text) if f"{module}.".startswith(ANSWERS)]


@pytest.mark.parametrize("name", HANDOUTS)
def test_what_is_handed_out_brings_no_answers_with_it(name):
    module = f"lrcourse.handouts.{name}".removesuffix(".__init__")
    assert not loaded_by(module, *ANSWERS, "lrcourse.check", "matplotlib")


@pytest.mark.parametrize("path", EXERCISES, ids=lambda path: path.stem)
def test_an_exercise_imports_no_answers(path):
    assert not answers_in(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "import lrcourse.tasks",
        "from lrcourse import tasks",
        "def f():\n    from lrcourse.tasks.step import mystery_rates",
        "from lrcourse.grading.remote import RemoteFunction",
    ],
)
def test_an_import_of_answers_is_seen(text):
    assert answers_in(text)
