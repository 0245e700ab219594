"""The explorer as VS Code's widget host meets it: a real kernel, its messages, and no page.

VS Code has no JupyterLab: its host reads the messages of the kernel, and loads the module
`anywidget` from the nbextensions folder of the kernel's environment.
"""

import contextlib
import queue
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from lrcourse.schedules import StepDecay

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # seconds for what takes one on a quiet machine
VIEW = "application/vnd.jupyter.widget-view+json"
SCHEDULE = """
from lrcourse.explore import explore
from lrcourse.schedules import StepDecay
explore(StepDecay, steps=100)
"""
SLOW = """
import time
import numpy as np
from lrcourse.explore import explore, scene
from lrcourse.panels import Axis, Curve, Panel, View
from lrcourse.schedules import LR

@scene("Slow", plays={plays})
def slow(peak_lr: LR = 0.1):
    for done in range(1, 101):
        curve = Curve("x", np.full(3, peak_lr))
        yield View((Panel(Axis("x"), Axis("y"), (curve,)),), f"{{done}} made", done=done / 100)
        time.sleep(0.005)

shown = explore(slow)
shown
"""


@dataclass
class Host:
    """What a front end does: it sends messages, and keeps the state of every widget."""

    client: BlockingKernelClient
    states: dict[str, dict[str, Any]] = field(default_factory=dict)  # of the widgets that live
    opened: list[dict[str, Any]] = field(default_factory=list)  # comm_open messages

    def run(self, code: str) -> list[dict[str, Any]]:
        """Run a cell; its outputs."""
        request = self.client.execute(code)
        outputs = []
        while (message := self.listen())["msg_type"] != "status" or not ends(message, request):
            if message["msg_type"] in ("display_data", "execute_result", "error"):
                outputs.append(message["content"])
        return outputs

    def listen(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next message; states follow it, as in a front end."""
        message = self.client.get_iopub_msg(timeout=timeout)
        content = message["content"]
        if message["msg_type"] == "comm_open":
            self.opened.append(message)
            self.states[content["comm_id"]] = restored(message)
        elif message["msg_type"] == "comm_msg" and content["data"]["method"] == "update":
            self.states[content["comm_id"]].update(restored(message))
        elif message["msg_type"] == "comm_close":
            del self.states[content["comm_id"]]
        return message

    def send(self, widget: str, data: dict[str, Any], kind: str = "comm_msg") -> str:
        """A message to the widget; its id."""
        message = self.client.session.msg(kind, {"comm_id": widget, "data": data})
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def move(self, widget: str, serial: int, **values: Any) -> str:
        """Move controls, given by their path."""
        moved = {"serial": serial, "gesture": serial, "values": values}
        update = {"method": "update", "state": {"moved": moved}, "buffer_paths": []}
        return self.send(widget, update)

    def press(self, widget: str, kind: str) -> str:
        """The play button: "play" or "stop"."""
        return self.send(widget, {"method": "custom", "content": {"kind": kind}})

    def pictures(self, request: str) -> list[dict[str, Any]]:
        """The pictures that came until the kernel was idle after this message."""
        found = []
        while not ends(message := self.listen(), request):
            if message["msg_type"] == "comm_msg" and "picture" in restored(message):
                found.append(restored(message)["picture"])
        return found

    def wait_for(self, widget: str, what: Any) -> dict[str, Any]:
        """The first picture of which `what` is true."""
        deadline = time.monotonic() + PATIENCE
        while not what(self.states[widget]["picture"]):
            assert time.monotonic() < deadline, "no such picture has come"
            self.listen()
        return self.states[widget]["picture"]

    def rest(self, seconds: float = 0.3) -> None:
        """Listen until no message has come for so long."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.listen(seconds)

    def show(self, code: str) -> str:
        """Run a cell that shows one widget; the id of its model."""
        (output,) = self.run(code)
        return output["data"][VIEW]["model_id"]


def ends(message: dict[str, Any], request: str) -> bool:
    """Whether the kernel says that it has done all of this request."""
    idle = message["content"].get("execution_state") == "idle"
    return idle and message["parent_header"].get("msg_id") == request


def restored(message: dict[str, Any]) -> dict[str, Any]:
    """The state in a message, its buffers put back where `buffer_paths` says."""
    data = message["content"]["data"]
    assert len(data["buffer_paths"]) == len(message["buffers"])
    for (*parents, last), buffer in zip(data["buffer_paths"], message["buffers"], strict=True):
        place = data["state"]
        for key in parents:
            place = place[key]
        place[last] = bytes(buffer)
    return data["state"]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KernelManager]:
    manager = KernelManager(kernel_name="python3")
    manager.start_kernel(cwd=str(ROOT), extra_arguments=["--HistoryManager.enabled=False"])
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.fixture(scope="module")
def host(kernel: KernelManager) -> Iterator[Host]:
    client = kernel.blocking_client()
    client.start_channels()
    client.wait_for_ready(timeout=PATIENCE)
    yield Host(client)
    client.stop_channels()


def curve(picture: dict[str, Any]) -> np.ndarray:
    return np.frombuffer(picture["panels"][0]["marks"][0]["y"])


def test_the_cell_shows_a_view_and_its_still_picture(host):
    (output,) = host.run(SCHEDULE)
    data = output["data"]
    assert data[VIEW]["model_id"] in host.states
    assert data[VIEW]["version_major"] == 2
    assert data["text/html"].startswith('<img alt="StepDecay. ')
    assert data["text/plain"].startswith("StepDecay. ")


def test_the_model_opens_complete(host):
    widget = host.show(SCHEDULE)
    message = next(m for m in host.opened if m["content"]["comm_id"] == widget)
    state = host.states[widget]
    assert message["content"]["target_name"] == "jupyter.widget"
    assert message["metadata"]["version"].startswith("2.")
    assert (state["_model_module"], state["_model_name"]) == ("anywidget", "AnyModel")
    assert (state["_view_module"], state["_view_name"]) == ("anywidget", "AnyView")
    assert "export default" in state["_esm"]
    assert ".lrcourse-explorer" in state["_css"]
    assert {"picture", "controls", "words", "title", "presets", "plays", "moved"} <= set(state)
    np.testing.assert_array_equal(curve(state["picture"]), StepDecay(0.1, 30)(np.arange(100)))


def test_all_numbers_travel_as_bytes(host):
    host.show(SCHEDULE)
    paths = host.opened[-1]["content"]["data"]["buffer_paths"]
    assert ["picture", "panels", 0, "marks", 0, "y"] in paths
    assert len(host.opened[-1]["buffers"]) == len(paths)


def test_a_move_is_answered_with_one_picture_before_the_kernel_is_idle(host):
    widget = host.show(SCHEDULE)
    (picture,) = host.pictures(host.move(widget, 7, **{"schedule.step_size": 40}))
    assert picture["serial"] == 7
    assert "step_size = 40" in picture["said"]
    np.testing.assert_array_equal(curve(picture), StepDecay(0.1, 40)(np.arange(100)))


def test_a_refused_move_says_why(host):
    widget = host.show(SCHEDULE)
    (picture,) = host.pictures(host.move(widget, 1, **{"schedule.gamma": 1.5}))
    assert "gamma (factor per drop) must lie in" in picture["refused"]


def test_moves_that_queue_up_are_all_answered_in_their_order(host):
    widget = host.show(SCHEDULE)
    moves = [host.move(widget, n, **{"schedule.step_size": 10 + n}) for n in range(1, 21)]
    pictures = host.pictures(moves[-1])
    assert [picture["serial"] for picture in pictures] == list(range(1, 21))
    np.testing.assert_array_equal(curve(pictures[-1]), StepDecay(0.1, 30)(np.arange(100)))
    np.testing.assert_array_equal(curve(pictures[0]), StepDecay(0.1, 11)(np.arange(100)))


def test_the_play_button_plays_and_stops(host):
    widget = host.show(SLOW.format(plays=True))
    assert host.states[widget]["picture"]["state"] == "ready"
    host.press(widget, "play")
    host.wait_for(widget, lambda picture: picture["state"] == "running" and picture["done"] > 0.01)
    host.pictures(host.press(widget, "stop"))
    stopped = host.states[widget]["picture"]
    assert stopped["state"] == "stopped"
    host.rest()
    assert host.states[widget]["picture"] == stopped
    host.press(widget, "play")
    host.wait_for(widget, lambda picture: picture["state"] == "done")


def test_slow_work_goes_on_after_the_kernel_is_idle(host):
    widget = host.show(SLOW.format(plays=False))
    host.wait_for(widget, lambda picture: picture["state"] == "done")  # the work of the start
    first = host.pictures(host.move(widget, 1, peak_lr=0.2))[0]
    assert (first["done"], first["serial"]) == (0.01, 1)
    last = host.wait_for(widget, lambda picture: picture["state"] == "done")
    assert (last["done"], last["serial"]) == (1, 1)


def test_a_move_is_answered_while_older_work_is_running(host):
    widget = host.show(SLOW.format(plays=False))
    host.move(widget, 1, peak_lr=0.2)
    host.wait_for(widget, lambda picture: picture["serial"] == 1 and picture["done"] > 0.01)
    first = host.pictures(host.move(widget, 2, peak_lr=0.3))[-1]
    assert (first["serial"], curve(first)[0]) == (2, 0.3)
    last = host.wait_for(widget, lambda picture: picture["state"] == "done")
    assert (last["serial"], curve(last)[0]) == (2, 0.3)


def test_a_cell_runs_while_older_work_is_running(host):
    widget = host.show(SLOW.format(plays=False))
    host.move(widget, 1, peak_lr=0.2)
    assert answer(host) == "42"
    host.wait_for(widget, lambda picture: picture["state"] == "done")


def answer(host: Host) -> str:
    (output,) = host.run("6 * 7")
    return output["data"]["text/plain"]


def test_closing_tells_the_host_and_late_messages_do_no_harm(host):
    widget = host.show(SLOW.format(plays=True))
    host.press(widget, "play")
    assert host.run("shown.close()") == []
    assert widget not in host.states
    host.pictures(host.move(widget, 1, peak_lr=0.2))
    host.pictures(host.press(widget, "play"))
    host.pictures(host.send(widget, {}, "comm_close"))
    assert answer(host) == "42"


def test_a_host_that_closes_a_widget_at_work_does_no_harm(host):
    widget = host.show(SLOW.format(plays=True))
    host.press(widget, "play")
    host.pictures(host.send(widget, {}, "comm_close"))
    assert host.run("shown.move(peak_lr=0.2)") == []
    assert answer(host) == "42"


def test_after_a_restart_the_cell_works_again(kernel, host):
    widget = host.show(SLOW.format(plays=True))
    host.press(widget, "play")
    kernel.restart_kernel(now=True)
    host.client.wait_for_ready(timeout=PATIENCE)
    host.states.clear()
    widget = host.show(SLOW.format(plays=True))
    (picture,) = host.pictures(host.move(widget, 1, peak_lr=0.2))
    assert (picture["serial"], curve(picture)[0]) == (1, 0.2)


def test_vs_code_finds_anywidget_in_the_environment_of_the_kernel():
    """It reads the address of the module in extension.js, and requires that file."""
    folder = Path(sys.prefix) / "share" / "jupyter" / "nbextensions" / "anywidget"
    assert 'anywidget: "nbextensions/anywidget/index"' in (folder / "extension.js").read_text(
        "utf-8"
    )
    assert 'define(["@jupyter-widgets/base"]' in (folder / "index.js").read_text("utf-8")
