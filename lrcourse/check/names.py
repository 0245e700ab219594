"""A check of a name that nobody has defined: cells run out of order, or a function renamed.

Python raises its NameError before check() is called. In a notebook it becomes our sentence; the
cell still counts as failed, so "run all" stops there.
"""

import ast
import linecache
import os
import sys
import types
from typing import Any

from lrcourse.check.verdict import Message
from lrcourse.tasks import TASKS, FunctionTask


def watch_names() -> None:
    """In a notebook, answer a check of an unknown name with a sentence.

    nbgrader reads the points from Python's own error, so there nothing changes.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell and "NBGRADER_EXECUTION" not in os.environ:
        shell.set_custom_exc((NameError,), _answer)


def _answer(
    shell: Any,
    kind: type[BaseException],
    error: NameError,
    trace: types.TracebackType,
    tb_offset: int | None = None,
) -> None:
    """What IPython calls; every other NameError is shown as ever."""
    task_id = _checked(trace)
    if task_id in TASKS:
        sys.modules["IPython.display"].display(unknown_name(task_id, str(error.name)))
    else:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def unknown_name(task_id: str, name: str) -> Message:
    """What to do where a check names something that does not exist."""
    task = TASKS[task_id]
    remedy = f"Run the cell above that gives {name} a value, then this one again."
    if isinstance(task, FunctionTask):
        remedy = (
            f"Run the cell above that defines it, then this one again. If your function has "
            f'another name, write that: check("{task_id}", its_name).'
        )
    return Message((f"… {task_id} not attempted: {name} is not known here.", remedy))


def _checked(trace: types.TracebackType) -> str:
    """The number of the task in the call of check() whose own words raised the error, or ""."""
    while trace.tb_next:
        trace = trace.tb_next
    code = trace.tb_frame.f_code
    if code.co_name != "<module>":  # inside a function: its own traceback says more
        return ""
    source = "".join(linecache.getlines(code.co_filename))
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name("check"), args=[ast.Constant(str(task_id)), *_]) if (
                node.lineno <= trace.tb_lineno <= (node.end_lineno or node.lineno)
            ):
                return task_id
    return ""
