"""A learner's function at work: whatever it does wrong becomes one sentence.

The function runs in the learner's own notebook: this is help, not an exam, and no sandbox.
"""

import builtins
import contextlib
import copy
import dis
import inspect
import io
import reprlib
from collections.abc import Callable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import Any

from lrcourse.handouts import Unlike
from lrcourse.tasks import MOST_NUMBERS, Case, FunctionTask, Played, Point, play_on

UNCHANGING = (int, float, str)  # arguments that need no copy
MOST_PRINTED = 2_000  # characters of a learner's own print() that are shown
REMEDIES = {  # what Python says, and what a beginner can do about it
    "for ^": "A power is written **",
    "'list'": "The argument is a list; np.array(values) makes an array that you can compute with",
    "can't multiply sequence": "A list cannot be multiplied; np.array(values) can",
    "ellipsis": "A function that it calls still gives the dots: write that one first",
    "builtin_function_or_method": "Is a word missing its quotation marks, or a call its brackets",
    "Invalid learning rate": "Are brackets missing? Python multiplies and divides before it adds",
}
OF_MATH = {"ceil", "cos", "exp", "floor", "log", "log10", "pi", "sin", "sqrt"}  # gamma is no slip
TOO_MANY = f"gives more than {MOST_NUMBERS:,} numbers: does a loop never end?"


class Unanswered(Exception):
    """The answer gave None or ... : nobody has tried yet."""


class Stopped(Exception):
    """The learner's code failed; the message is the sentence to show.

    `kind` is the class of what it raised, such as "ZeroDivisionError".
    """

    def __init__(self, sentence: str, kind: str = "") -> None:
        super().__init__(sentence)
        self.kind = kind


def played_by(task: FunctionTask, answer: Any, cases: Sequence[Case]) -> Played:
    """The numbers that the answer gives, as floats, as far as it comes; the error is Stopped.

    Raises Unanswered, and Stopped where no case can be tried.
    """
    points, done, error = play_on(Watched(answer, task, cases[0]), cases, task.harness)
    if isinstance(error, Unanswered):
        raise error
    if error and not isinstance(error, Stopped):  # of a harness, or of a learner's own __iter__
        told = _unlike(error) or f"the answer cannot be read: it {_raised(error)}"
        error = Stopped(told, type(error).__name__)
    numbers: list[Point] = []
    for point in points:
        try:
            numbers.append(Point(point.case, point.place, _number(point, cases)))
        except Stopped as stopped:
            whole = [each for each in numbers if each.case < point.case]
            return Played(whole, point.case, stopped)
    return Played(numbers, done, error)


class Watched:
    """A learner's function or class; what it raises, prints or changes becomes one sentence."""

    def __init__(self, answer: Any, task: FunctionTask, first: Case) -> None:
        self.answer = answer
        self.name = getattr(answer, "__name__", "your function")
        self.has_answered = False
        _refuse_signature(answer, self.name, _passed(task, first))

    def __call__(self, *values: Any) -> Any:
        given = [each if isinstance(each, UNCHANGING) else copy.deepcopy(each) for each in values]
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                result = self.answer(*given)
                if isinstance(result, Iterator):  # a generator runs, and may fail, only here
                    result = [*_at_most(result)]
        except NotImplementedError:
            raise Unanswered from None
        except KeyboardInterrupt:
            raise Stopped(
                f"{self._call(values)} was stopped before it gave an answer. "
                f"Does a loop in it never end?"
            ) from None
        except _TooMany:
            raise Stopped(f"{self._call(values)} {TOO_MANY}") from None
        except (Exception, SystemExit) as error:
            sentence = _unlike(error) or f"{self._call(values)} {_raised(error)}"
            raise Stopped(sentence, type(error).__name__) from None
        _show(printed.getvalue())
        if result is None or result is ...:
            self._refuse_nothing(result, printed.getvalue(), values)
        self.has_answered = True
        self._refuse_changes(values, given)
        return result

    def _refuse_nothing(self, result: Any, printed: str, values: Sequence[Any]) -> None:
        if printed.strip():
            raise Stopped(
                f"{self._call(values)} prints its answer and gives back {result}. "
                f"Write return in place of print."
            )
        if self.has_answered:
            gave = "..." if result is ... else "None"
            raise Stopped(f"{self._call(values)} gave {gave}: every path must return an answer.")
        if result is None:
            raise Stopped(f"{self._call(values)} gave None: end the function with return.")
        raise Unanswered

    def _refuse_changes(self, values: Sequence[Any], given: Sequence[Any]) -> None:
        for before, after in zip(values, given, strict=True):
            if isinstance(before, list | dict) and not _is_equal(before, after):
                raise Stopped(
                    f"{self._call(values)} changes what it was given: {reprlib.repr(before)} is "
                    f"{reprlib.repr(after)} afterwards. Work on a copy, such as list(values)."
                )

    def _call(self, values: Sequence[Any]) -> str:
        return f"{self.name}({', '.join(map(reprlib.repr, values))})"


def outside_names(answer: Any) -> list[str]:
    """The values of other cells that a function uses: numbers, lists, arrays, not functions.

    In this notebook they exist. Where only this cell runs, they do not.
    """
    if not isinstance(answer, FunctionType):
        return []
    used = _global_names(answer.__code__) & answer.__globals__.keys()
    return sorted(
        name
        for name in used - vars(builtins).keys()
        if not name.startswith("_")
        and not callable(answer.__globals__[name])
        and not inspect.ismodule(answer.__globals__[name])
    )


def unread(answer: Any) -> list[str]:
    """The arguments that a function never reads."""
    if not isinstance(answer, FunctionType):
        return []
    code = answer.__code__  # its own: a decorated function shows the signature of another
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    read = _read_names(code)
    return [name for name in arguments if name not in read]


def _read_names(code: CodeType) -> set[str]:
    """The variables that this code, and the functions in it, read."""
    loads = (each.argval for each in dis.get_instructions(code) if "LOAD" in each.opname)
    names = {name for each in loads for name in (each if isinstance(each, tuple) else (each,))}
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return names.union(*map(_read_names, inner))


def _global_names(code: CodeType) -> set[str]:
    """What this code, and the functions in it, read from outside; x.T is no T."""
    own = {each.argval for each in dis.get_instructions(code) if each.opname == "LOAD_GLOBAL"}
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return own.union(*map(_global_names, inner))


def as_number(value: Any) -> float | None:
    """The value as a float; None where it is no single number."""
    if isinstance(value, str | bytes | complex):
        return None
    try:
        return float(value.detach() if hasattr(value, "detach") else value)
    except Exception:  # the value is a learner's: its __float__ may raise anything
        return None


def _number(point: Point, cases: Sequence[Case]) -> float:
    number = as_number(point.value)
    at = f" at {point.place}" if point.place else ""
    if point.value is ...:
        raise Stopped(f"the answer{at} is still the dots: ...")
    if number is None:
        told = reprlib.repr(point.value)
        kind = "" if isinstance(point.value, str) else f" ({type(point.value).__name__})"
        raise Stopped(f"the answer{at} must be a number, got {told}{kind}.")
    if number != number:
        shown = {k: reprlib.repr(v) for k, v in cases[point.case].arguments.items()}
        case = ", ".join(f"{name} = {value}" for name, value in shown.items())
        raise Stopped(
            f"the answer{at}, with {case}, is nan, which is not a number. It comes from 0/0, "
            f"inf - inf, or the logarithm or root of a negative number."
        )
    return number


class _TooMany(Exception):
    """A generator that does not end."""


def _at_most(result: Iterator[Any]) -> Iterator[Any]:
    for count, value in enumerate(result):
        if count >= MOST_NUMBERS:
            raise _TooMany
        yield value


def _unlike(error: BaseException) -> str:
    """The sentence of a harness about what an answer gave, wherever the harness ran; else ""."""
    return f"{str(error).rstrip('.')}." if type(error).__name__ == Unlike.__name__ else ""


def _raised(error: BaseException) -> str:
    first_line = str(error).strip().partition("\n")[0]
    told = f"raised {type(error).__name__}: {first_line[:300].rstrip('.')}"
    if isinstance(error, NameError) and error.name in OF_MATH:
        told += f". Write math.{error.name}, after import math"
    elif isinstance(error, NameError) and error.name:
        told += (
            f". {error.name} is not known there: run the cells above, "
            f"or give it a value inside the function"
        )
    if isinstance(error, RecursionError):
        told += (
            ". The function calls itself too often: Python stops after about 1000 calls. Does it "
            "ever end? If so, write a loop instead"
        )
    for sign, remedy in REMEDIES.items():
        if isinstance(error, TypeError | AttributeError | ValueError) and sign in str(error):
            told += f". {remedy}"
            break
    return told + "."


def _passed(task: FunctionTask, first: Case) -> list[str]:
    """The names of what the task passes; a harness passes what a right answer takes."""
    if task.harness:
        return list(inspect.signature(task.reference).parameters)
    return [*(["t"] if first.times is not None else []), *first.arguments]


def _refuse_signature(answer: Callable[..., Any], name: str, wanted: list[str]) -> None:
    """Stopped where the function takes other arguments than the task passes."""
    try:
        signature = inspect.signature(answer)
    except (TypeError, ValueError):  # some builtins do not tell
        return
    own = list(signature.parameters)
    listed = ", ".join(wanted)
    if set(own) == set(wanted) and own != wanted:
        raise Stopped(
            f"{name} takes its arguments in another order: ({', '.join(own)}). "
            f"The task calls it as {name}({listed})."
        )
    try:
        signature.bind(*wanted)
    except TypeError:
        raise Stopped(
            f"{name} takes {_plain(signature)}, but the task calls it as {name}({listed}). "
            f"Keep the first line of the function as it was."
        ) from None


def _plain(signature: inspect.Signature) -> str:
    """ "(t, *, gamma=0.5)", without annotations."""
    bare = [
        each.replace(annotation=inspect.Parameter.empty) for each in signature.parameters.values()
    ]
    return str(inspect.Signature(bare))


def _is_equal(before: Any, after: Any) -> bool:
    try:
        return bool(before == after)
    except Exception:  # arrays inside, or a learner's own __eq__
        return repr(before) == repr(after)


def _show(printed: str) -> None:
    """What the learner printed, in print's own place, but not a thousand lines of it."""
    if printed:
        more = "" if len(printed) <= MOST_PRINTED else "\n... (more was printed)\n"
        print(printed[:MOST_PRINTED] + more, end="")
