"""`lrcourse find train.py:make_training`: a range test on the user's own model."""

import argparse
import shutil
import sys
import sysconfig
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np

import lrcourse
from lrcourse.cli.figure import picture_path, written
from lrcourse.cli.names import Refusal, listed
from lrcourse.cli.output import can_show
from lrcourse.cli.plot import NEEDED
from lrcourse.schedules.units import shown
from lrcourse.text_plot import text_plot

OURS = str(Path(lrcourse.__file__).parent)
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})
PARTS = ("model", "optimizer", "loss_fn", "batches")
FORM = "train.py:make_training or my_package.train:make_training"
DESCRIPTION = """\
A range test on your own model. Write a function without arguments that returns what
you train with, and name it after its file:

  def make_training():
      return model, optimizer, loss_fn, batches

  lrcourse find train.py:make_training

loss_fn is a criterion, or a function of (model, batch) that returns the loss; batches
is a DataLoader, a list, or a function that returns an iterator. The same in Python:
lrcourse.finder.sweep(model, optimizer, loss_fn, batches).
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What can follow `lrcourse find`."""
    parser.description = DESCRIPTION
    parser.add_argument("words", nargs="*", metavar="FILE:FUNCTION", help="what makes the training")
    parser.add_argument("--repeats", type=int, metavar="N", help="sweeps (default 3)")
    parser.add_argument("--steps", type=int, metavar="N", help="updates of a sweep (default 400)")
    parser.add_argument(
        "--from", type=float, dest="start_lr", metavar="LR", help="first rate (default 1e-6)"
    )
    parser.add_argument(
        "--to", type=float, dest="peak_lr", metavar="LR", help="last rate (default 10)"
    )
    parser.add_argument("--accumulate", type=int, metavar="N", help="batches of an update")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--out", metavar="FILE", help="draw into a .png, .svg or .pdf, too")
    instead.add_argument("--csv", action="store_true", help="only the losses, for a spreadsheet")
    instead.add_argument(
        "--regret", action="store_true", help="what every rule's pick is worth, on our own tasks"
    )
    parser.add_argument(
        "--first-seed", type=int, default=0, metavar="N", help="of --regret (default 0)"
    )
    parser.add_argument("--markdown", action="store_true", help="the table of --regret as a page")


def run(args: argparse.Namespace) -> Iterable[str]:
    """The lines of the range test, or of the table of regret."""
    if args.regret:
        return _regret(args)
    if args.markdown or args.first_seed:
        raise Refusal("--markdown and --first-seed belong to --regret")
    if len(args.words) != 1:
        raise Refusal(f"find needs one function that makes your training, such as {FORM}")
    path = picture_path(args.out) if args.out else None
    found = _range_test(args)
    if args.csv:
        return spreadsheet(found)
    drawn = _written(path, found) if path else []
    return [*str(found).splitlines(), "", *picture(found), *drawn]


def _range_test(args: argparse.Namespace) -> Any:
    """The RangeTest of what the user's function returns."""
    from lrcourse.finder.ramps import (  # torch loads slowly; --help need not wait
        RAMP,
        ExponentialRamp,
    )
    from lrcourse.finder.sweep import range_test

    asked = {name: getattr(args, name) for name in ("start_lr", "peak_lr", "steps")}
    given = {name: value for name, value in asked.items() if value is not None}
    ramp = ExponentialRamp(**{name: getattr(RAMP, name) for name in asked} | given)
    counts: dict[str, Any] = {"repeats": args.repeats, "accumulate": args.accumulate}
    counts = {name: value for name, value in counts.items() if value is not None}
    training = training_of(args.words[0])
    with _told(f"the training of {args.words[0]}"):
        return range_test(**training, ramp=ramp, **counts)


def _regret(args: argparse.Namespace) -> Iterable[str]:
    """The table of regret, line by line."""
    if args.words:
        raise Refusal("--regret runs on our own tasks; leave the function out")
    if args.first_seed < 0:
        raise Refusal(f"--first-seed must be at least 0, got {args.first_seed}")
    from lrcourse.finder.table import table_lines  # torch loads slowly

    return table_lines(args.first_seed, args.markdown)


# The user's code -------------------------------------------------------------------------------


def training_of(name: str) -> dict[str, Any]:
    """Model, optimizer, loss_fn and batches from the function that `name` says."""
    module_name, colon, function_name = name.rpartition(":")
    if not (colon and module_name and function_name):
        raise Refusal(f"{name} names no function; write the file, a colon and the function: {FORM}")
    with _told(module_name):
        module = _module(module_name)
    function = getattr(module, function_name, None)
    if function is None:
        near = get_close_matches(function_name, vars(module), n=1)
        meant = f": did you mean {near[0]}?" if near else "; define it there, without arguments"
        raise Refusal(f"{module_name} has no function {function_name}{meant}")
    if not callable(function):
        raise Refusal(f"{name} is a {type(function).__name__}, not a function")
    with _told(name):
        made = function()
    return _parts(name, made)


def _module(name: str) -> Any:
    """The user's module: a file, or what `import` finds from the current folder on."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    if not name.endswith(".py"):
        _refuse_unfound(name)
        return import_module(name)
    path = Path(name).resolve()
    if not path.is_file():
        raise Refusal(f"there is no file {name}{_near_file(path)}")
    sys.path.insert(0, str(path.parent))  # what the file imports may lie beside it
    spec = spec_from_file_location(path.stem, path)
    module: Any = module_from_spec(spec)  # type: ignore[arg-type]
    sys.modules[path.stem] = module  # workers of a DataLoader look here
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def _refuse_unfound(name: str) -> None:
    try:
        found = find_spec(name)
    except (ModuleNotFoundError, ValueError):  # of the package above it; of "..x"
        found = None
    if found is None:
        near = get_close_matches(name, [path.stem for path in Path.cwd().glob("*.py")], n=1)
        meant = f": did you mean {near[0]}?" if near else "; a file is given as train.py"
        raise Refusal(f"there is no module {name} to import here{meant}")


def _near_file(path: Path) -> str:
    near = get_close_matches(path.name, [each.name for each in path.parent.glob("*.py")], n=1)
    return f": did you mean {near[0]}?" if near else f" in {Path.cwd()}"


def _parts(name: str, made: Any) -> dict[str, Any]:
    """The four things, by their names where they have names, or in their order."""
    if isinstance(made, Mapping):
        missing = [part for part in PARTS if part not in made]
        if missing:
            raise Refusal(f"{name} returned a {type(made).__name__} without {listed(missing)}")
        return {part: made[part] for part in PARTS}
    if all(hasattr(made, part) for part in PARTS):
        return {part: getattr(made, part) for part in PARTS}
    if isinstance(made, list | tuple) and len(made) == len(PARTS):
        return dict(zip(PARTS, made, strict=True))
    kind = (
        f"{type(made).__name__} of {len(made)}" if isinstance(made, list | tuple) else shown(made)
    )
    raise Refusal(f"{name} returned {kind}; end it with: return {', '.join(PARTS)}")


@contextmanager
def _told(what: str) -> Iterator[None]:
    """An error in the user's code becomes a sentence; what it prints is no line of ours."""
    try:
        with redirect_stdout(sys.stderr):
            yield
    except SystemExit:
        raise Refusal(
            f'{what} ended the program; put what is not for import under if __name__ == "__main__":'
        ) from None
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        if isinstance(error, ValueError) and frames[-1].filename.startswith(OURS):
            raise
        message = " ".join(str(error).split())
        raise Refusal(
            f"{what} raised {type(error).__name__}: {message}{_place(error, frames)}"
        ) from None


def _place(error: Exception, frames: traceback.StackSummary) -> str:
    """The last line of the user's own code, not of a library."""
    if isinstance(error, SyntaxError):
        return ""  # its message says where
    own = [frame for frame in frames if not frame.filename.startswith((OURS, *LIBRARIES, "<"))]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""


# What is printed -------------------------------------------------------------------------------


def spreadsheet(found: Any) -> Iterator[str]:
    """Lines of comma-separated values: the rate, and the loss of each sweep where it has one."""
    yield ",".join(["lr", *(f"loss_{number}" for number in range(1, len(found.losses) + 1))])
    for lr, losses in zip(found.lrs.tolist(), found.losses.T.tolist(), strict=True):
        yield ",".join([repr(lr), *("" if loss != loss else repr(loss) for loss in losses)])


def picture(found: Any) -> Iterator[str]:
    """The first curve drawn with characters, over the powers of ten of the rate."""
    width = min(max(shutil.get_terminal_size((80, 24)).columns - 1, 40), 100)
    curve = found.curves[0]
    steps = np.searchsorted(curve.lrs, found.lrs)  # (S,) the point of the curve at each rate
    inside = (curve.lrs[0] <= found.lrs) & (found.lrs <= curve.lrs[-1])
    highest = 1.35 * found.start_loss - 0.35 * found.lowest_loss
    losses = curve.losses[np.minimum(steps, len(curve.losses) - 1)]
    losses = np.where(inside & (losses <= highest), losses, np.nan)
    if not np.isfinite(losses).any():
        return
    yield "The loss over the learning rate, smoothed, of the first sweep:"
    yield from text_plot(
        [losses],
        width,
        12,
        ascii=not can_show(NEEDED, sys.stdout.encoding),
        t=np.log10(found.lrs),
        quantity="loss, smoothed",
        time="learning rate η",
        label=lambda power: f"{10.0**power:g}" if power % 1 == 0 else "",
        zero=False,
    )


def _written(path: Path, found: Any) -> list[str]:
    from lrcourse.plots import plot_range_test  # matplotlib loads slowly

    return ["", *written(path, plot_range_test(found))]
