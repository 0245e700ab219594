"""What holds of every explorer: each control does something, and no position breaks it."""

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest

from lrcourse.explore import explore
from lrcourse.explore.controls import Drawing
from lrcourse.explore.message import message
from lrcourse.explore.scene import Scene
from lrcourse.explore.scenes import SCENES
from lrcourse.panels import Band, Curve, View

EVERY = pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES.keys())
TWO = 2  # of a slow scene, the preview and the first improvement


def extremes(control) -> list:
    """The values at the ends of a control, and some between."""
    if control["kind"] == "number":
        stops = control["stops"]
        return [stops[0], stops[len(stops) // 3], stops[-1]]
    if control["kind"] == "choice":
        return control["words"]
    if control["kind"] == "switch":
        return [True, False]
    if control["kind"] == "drawing":
        low, high = control["ends"]
        points = len(control["value"])
        return [[low] * points, [high] * points, [low, high] * (points // 2)]
    return [control["value"]]


def first_view(scene: Scene, values: dict) -> View:
    arguments = scene.arguments(values, scene.start())
    return next(scene.views(arguments))


def drawn(view: View) -> Iterator[np.ndarray]:
    """All numbers of a picture."""
    for panel in view.panels:
        for mark in panel.marks:
            lists = [mark.low, mark.high] if isinstance(mark, Band) else [mark.x, mark.y]
            yield from (np.asarray(numbers, float) for numbers in lists if numbers is not None)


def fingerprint(view: View) -> tuple:
    table = view.table.rows if view.table else ()
    return (view.said, table, *(numbers.tobytes() for numbers in drawn(view)))


def test_there_is_an_explorer_for_every_section():
    assert len(SCENES) >= 12
    assert all(scene.name == name for name, scene in SCENES.items())


@EVERY
def test_it_starts_with_a_picture_and_a_sentence(scene):
    explorer = explore(scene)
    view = explorer.view
    assert 1 <= len(view.panels) <= 3
    assert all(panel.x.label and panel.y.label for panel in view.panels)
    assert view.said.strip()
    assert "\n" not in view.said
    assert explorer.picture["refused"] == ""
    assert scene.title != scene.name.replace("_", " ")


@EVERY
def test_what_a_page_gets_is_plain(scene):
    explorer = explore(scene)
    json.dumps([explorer.controls, explorer.presets], allow_nan=False)
    json.dumps(
        message(explorer.view), default=lambda raw: len(raw) if isinstance(raw, bytes) else 1 / 0
    )


@EVERY
def test_every_end_of_every_control_gives_a_picture_or_one_sentence(scene):
    for control in scene.controls(scene.start()):
        for value in extremes(control):
            explorer = explore(scene)
            explorer.move(**{control["path"]: value})
            refused = explorer.picture["refused"]
            assert not re.match(r"\w+(Error|Warning|Exception): ", refused), (control, value)
            assert "\n" not in refused
            assert "nan" not in explorer.picture["said"].lower().split(), (control, value)


@EVERY
def test_every_control_changes_what_is_seen(scene):
    """At the start or at a preset: a seed does nothing where there is no noise."""
    positions = [scene.values(scene.start()), *(each["values"] for each in scene.presets())]
    for control in scene.controls(scene.start()):
        if control.get("optional"):
            continue  # such as `steps` of a Constant: only what follows it would show it
        assert any(changes(scene, values, control) for values in positions), control["path"]


def changes(scene: Scene, values: dict, control: dict) -> bool:
    before = fingerprint(last_of(scene, values))
    for value in extremes(control):
        try:
            if fingerprint(last_of(scene, values | {control["path"]: value})) != before:
                return True
        except ValueError:
            continue
    return False


def last_of(scene: Scene, values: dict) -> View:
    """The best view; of a scene that plays or is slow the first few will do."""
    views = scene.views(scene.arguments(values, scene.start()))
    for _, view in zip(range(TWO), views, strict=False):
        last = view
    return last


@EVERY
def test_the_same_arguments_give_the_same_picture(scene):
    values = scene.values(scene.start())
    assert fingerprint(first_view(scene, values)) == fingerprint(first_view(scene, values))


@EVERY
def test_each_preset_is_legal_and_another_picture(scene):
    explorer = explore(scene)
    seen = {fingerprint(explorer.view)} if len(explorer.presets) == 0 else set()
    for preset in explorer.presets:
        view = last_of(scene, preset["values"])
        assert fingerprint(view) not in seen, preset["label"]
        seen.add(fingerprint(view))


@EVERY
def test_the_code_to_copy_is_python(scene):
    for code in explore(scene).view.codes:
        compile(code.text, code.label, "exec")


@EVERY
def test_a_painted_curve_has_a_panel_to_paint_in(scene):
    painted = {
        name
        for name, parameter in scene.parameters.items()
        if isinstance(getattr(parameter, "unit", None), Drawing)
    }
    view = explore(scene).view
    assert {panel.draws for panel in view.panels if panel.draws} == painted


@EVERY
def test_a_line_to_drag_moves_a_number(scene):
    explorer = explore(scene)
    kinds = {control["path"]: control["kind"] for control in explorer.controls}
    marks = [mark for panel in explorer.view.panels for mark in panel.marks]
    lines = [mark for mark in marks if getattr(mark, "moves", "")]
    assert all(kinds[line.moves] == "number" for line in lines)
    labelled = {line.moves for line in lines if line.label}
    assert labelled == {line.moves for line in lines}  # it may lie in two panels, named in one


@EVERY
def test_labels_of_one_panel_differ_and_so_do_their_styles(scene):
    for panel in explore(scene).view.panels:
        curves = [m for m in panel.marks if isinstance(m, Curve) and m.label and not m.faint]
        assert len({c.label for c in curves}) == len({c.style for c in curves}) == len(curves)
