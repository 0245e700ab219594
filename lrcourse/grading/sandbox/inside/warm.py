"""The warm process: imports everything once, then forks a job for each session.

    python -c "..." {"control": 3, "level": 2, "modules": [...], "limits": {...}, ...}

It never runs a student's code and never reads what a job sends. Over its control socket comes one
byte with two descriptors for each session: the job's end of a connection to the grader, and a
line on which the grader hangs up (the job is ended) and is told how the job ended.
"""

import array
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import types
from pathlib import Path
from typing import Any

from lrcourse.grading.sandbox.inside import border, job, landlock, namespaces, pages, seccomp
from lrcourse.grading.sandbox.inside.recording import Nothing, stand_in
from lrcourse.grading.sandbox.inside.wire import Channel

TWO_DESCRIPTORS = socket.CMSG_SPACE(2 * array.array("i").itemsize)
ENVIRONMENT = {"PATH": "/usr/bin", "HOME": "/", "LANG": "C.UTF-8", "MPLBACKEND": "Agg"}


def main() -> None:
    """Import, lock what can be locked once, say so, serve until the grader hangs up."""
    told = json.loads(sys.argv[1])
    control = socket.socket(fileno=told["control"])
    channel = Channel(control)
    try:
        _refuse_no_proc()
        border.count_threads_of_this_user()
        if told["level"] >= 3:
            namespaces.enter_own_world()
        warm_up(told["modules"], told["closed"])
        own = namespaces.own_process_ids() if told["level"] >= 3 else -1
        closed = _border(told)
    except Exception as error:
        channel.send({"failed": f"{type(error).__name__}: {error}"})
        return
    channel.send({"ready": True})
    control.setblocking(True)
    Supervisor(control, closed, own).serve()


def _refuse_no_proc() -> None:
    """Threads are counted and namespaces are found there."""
    if sys.platform == "linux" and not os.path.exists("/proc/self/task"):
        raise OSError("/proc is not mounted here, which it is on Linux and in every container")


def warm_up(modules: list[str], closed: list[str]) -> None:
    """Import what students import; put stand-ins where an answer or a widget would be."""
    for name in modules:
        importlib.import_module(name)
    close_modules(closed)
    add_stand_ins()
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)
        torch.manual_seed(0)
        torch.allclose(torch.ones(3).clamp(max=1.0), torch.ones(3))  # looks at the processor
        torch.optim.SGD([torch.zeros(1, requires_grad=True)]).step()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        _draw(pyplot)
    if plots := sys.modules.get("lrcourse.plots"):
        vars(plots)["show"] = _nothing  # a picture that nobody sees takes longer than the rest


def _draw(pyplot: Any) -> None:
    """A picture, once: each job would find the fonts and fill the tables again."""
    figure, ax = pyplot.subplots()
    ax.plot(range(101), label="a rate")
    ax.set(xlabel="t", ylabel="learning rate", title="a schedule")
    ax.set_xticks(range(101), minor=True)
    ax.grid(True, which="both")
    ax.legend()
    pyplot.close(figure)


def add_stand_ins() -> None:
    """lrcourse.check, lrcourse.explore and IPython, which do nothing here."""
    names = ("lrcourse.explore", "IPython", "IPython.display")
    for module in (stand_in(None), *map(_quiet, names)):
        sys.modules[module.__name__] = module
    ipython = vars(sys.modules["IPython"])  # matplotlib looks at these
    ipython.update(version_info=(9, 0, 0), get_ipython=lambda: None)
    for name in ("check", "explore"):
        vars(sys.modules["lrcourse"])[name] = sys.modules[f"lrcourse.{name}"]


def _quiet(name: str) -> types.ModuleType:
    """A module in which every name is a function that does nothing."""
    module = types.ModuleType(name)
    vars(module).update(__path__=[], __getattr__=_nothing_named)
    return module


def _nothing_named(attribute: str) -> Any:
    if attribute.startswith("__"):
        raise AttributeError(attribute)
    return _nothing


def _nothing(*_: Any, **__: Any) -> Nothing:
    return Nothing()


def close_modules(closed: list[str]) -> None:
    """From here on an import of these fails; OSError where one is loaded already."""
    for name in closed:
        for loaded in [each for each in sys.modules if f"{each}.".startswith(f"lrcourse.{name}.")]:
            if name != "grading":
                raise OSError(f"{loaded} is loaded where students' code runs")
            del sys.modules[loaded]
        sys.modules[f"lrcourse.{name}"] = None  # type: ignore[assignment]
        vars(sys.modules["lrcourse"]).pop(name, None)


def _border(told: dict[str, Any]) -> border.Border:
    """What every job closes around itself; what can be prepared is prepared here."""
    level, ruleset, scratch = told["level"], -1, []
    if sys.platform == "linux":
        threads = len(os.listdir("/proc/self/task"))
        if threads != 1:
            raise OSError(f"the warm process has {threads} threads; it must have one to fork")
    gc.collect()
    gc.freeze()  # a collection in a job would copy every page
    pages.collapse()
    size = pages.address_space()
    if level >= 3:
        namespaces.enter_root(landlock.library_folders())
        scratch = [namespaces.SCRATCH]
    if level >= 2:
        if not seccomp.is_available() or not landlock.version():
            raise OSError("this kernel has no Landlock, or this machine no list of system calls")
        readable = landlock.readable_paths(Path(each) for each in told["hidden"])
        ruleset = landlock.rules(readable, scratch)
    _forget(told["root"])
    return border.Border(level, told["limits"], ruleset, size)


def _forget(root: str) -> None:
    """Nothing of the grader's own surroundings is left for a student to read."""
    sys.path[:] = [each for each in sys.path if Path(each or ".").resolve() != Path(root)]
    sys.argv[:] = [""]
    os.environ.clear()
    os.environ.update(ENVIRONMENT)


class Supervisor:
    """Starts jobs, ends them when the grader hangs up, and says how each ended."""

    def __init__(self, control: socket.socket, closed: border.Border, own: int) -> None:
        self.control = control
        self.own = own  # our namespace of process numbers, where each job has one of its own
        self.border = closed
        self.lines: dict[int, socket.socket] = {}  # process -> its line to the grader
        self.killed: set[int] = set()
        self.alarm = _wake_on_ended_children()

    def serve(self) -> None:
        """Until the grader's process hangs up."""
        while True:
            alive = {
                line.fileno(): process
                for process, line in self.lines.items()
                if process not in self.killed
            }
            for descriptor in _readable([self.control.fileno(), self.alarm, *alive]):
                if descriptor == self.control.fileno():
                    self.start()
                elif descriptor == self.alarm:
                    os.read(self.alarm, 4096)
                else:
                    self.end(alive[descriptor])
            self.reap()

    def start(self) -> None:
        """A new job for the two descriptors that have come."""
        message, ancillary, *_ = self.control.recvmsg(1, TWO_DESCRIPTORS)
        if not message:
            os._exit(0)  # the grader is gone; its jobs go with this process
        end, line = (socket.socket(fileno=each) for each in array.array("i", ancillary[0][2]))
        process = os.fork() if self.own < 0 else namespaces.fork_alone(self.own)
        if process == 0:
            _run_job(end, self.border)
        end.close()
        self.lines[process] = line

    def end(self, process: int) -> None:
        """The grader has hung up."""
        self.killed.add(process)
        os.kill(process, signal.SIGKILL)  # not reaped yet, so it is still this process

    def reap(self) -> None:
        """Tell the grader of every job that has ended."""
        for process, line in list(self.lines.items()):
            gone, status, used = os.wait4(process, os.WNOHANG)
            if gone:
                _report(line, status, used, process in self.killed)
                self.killed.discard(process)
                self.lines.pop(process).close()


def _readable(descriptors: list[int]) -> list[int]:
    """Those that have something to read, once there are any."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll()]


def _run_job(end: socket.socket, closed: border.Border) -> None:
    """In the child: never returns."""
    code = 70
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        job.run(end, closed)
    except ConnectionError:  # the grader has hung up
        code = 0
    finally:
        os._exit(code)


def _report(line: socket.socket, status: int, used: Any, was_killed: bool) -> None:
    told = {
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
        "killed": was_killed,
        "cpu": used.ru_utime + used.ru_stime,
        "resident": used.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
    }
    line.setblocking(False)
    try:
        line.send(json.dumps(told).encode())
    except OSError:  # nobody wants to know
        return


def _wake_on_ended_children() -> int:
    """A descriptor that is readable once a child has ended."""
    readable, writable = os.pipe()
    os.set_blocking(readable, False)
    os.set_blocking(writable, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    return readable
