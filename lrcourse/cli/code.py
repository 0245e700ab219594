"""A schedule from its code: `LinearWarmup(0.1, 10) >> CosineDecay(0.1, 90)`.

What a schedule prints can be read again. Nothing is executed: the text is taken apart by `ast`,
and of Python only calls of schedules, `>>`, `*`, `.lasting(n)` and plain values are understood.
"""

import ast
import inspect
import warnings
from collections.abc import Callable
from operator import mul, rshift
from typing import Any

from lrcourse.cli.names import Refusal, check_parameter, schedule_class
from lrcourse.schedules import ReduceOnPlateau, Schedule

LONGEST = 5000  # characters
MOST_PARTS = 100  # calls and operators; more would be too deep for Python itself
EXAMPLE = "LinearWarmup(0.1, 10) >> CosineDecay(0.1, 90)"
LISTENS = (
    "ReduceOnPlateau listens to a metric, so it is no curve over t; "
    "`lrcourse list ReduceOnPlateau` tells more"
)
OPERATORS: dict[type, Callable] = {ast.RShift: rshift, ast.Mult: mul}


def parse(code: str) -> Schedule:
    """The schedule that `code` describes; ValueError says what is not understood."""
    if len(code) > LONGEST:
        raise Refusal(f"the code is too long: at most {LONGEST} characters are read")
    try:
        tree = _tree(code)
        parts = sum(isinstance(node, ast.Call | ast.BinOp) for node in ast.walk(tree))
        if parts > MOST_PARTS:
            raise Refusal(
                f"the code has {parts} calls and operators: at most {MOST_PARTS} are read"
            )
        found = _value(tree)
    except (RecursionError, MemoryError):
        raise Refusal("the code is nested too deeply to be read") from None
    if not isinstance(found, Schedule):
        raise Refusal(f"{shortened(code)} is no schedule; one is {EXAMPLE}")
    return found


def makers(cls: Any) -> list[str]:
    """The class methods that make a schedule in another way: `noam` of InverseSqrt."""
    return [name for name, thing in vars(cls).items() if isinstance(thing, classmethod)]


def shortened(text: str, longest: int = 60) -> str:
    """The text on one line, its end left out where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def _tree(code: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code.strip(), mode="eval").body
    except (SyntaxError, ValueError):
        raise Refusal(f"{shortened(code)} cannot be read as code; try {EXAMPLE}") from None


def _value(node: ast.expr) -> Any:
    match node:
        case ast.BinOp(op=ast.RShift() | ast.Mult()):
            return _composed(node)
        case ast.Call(func=ast.Name(id=name)):
            return _made(schedule_class(name), node)
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=maker)):
            return _made_by(schedule_class(name), maker, node)
        case ast.Call(func=ast.Attribute(value=inner, attr="lasting")):
            return _called(_schedule(inner).lasting, "lasting", node)
        case ast.Name(id=name):
            example = shortened(repr(schedule_class(name).example()), 200)
            raise Refusal(f"{name} needs its parameters, such as {example}")
        case ast.Tuple(elts=elements) | ast.List(elts=elements):
            return tuple(map(_plain, elements))
    return _plain(node)


def _plain(node: ast.expr) -> Any:
    """A number, a word or None; not the result of a calculation."""
    match node:
        case ast.Constant(value=value) if type(value) in (int, float, str, type(None)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
    raise Refusal(f"{shortened(ast.unparse(node))} is not understood here; try {EXAMPLE}")


def _composed(node: ast.BinOp) -> Schedule:
    left, right = _value(node.left), _value(node.right)
    sign = ">>" if isinstance(node.op, ast.RShift) else "*"
    both = isinstance(left, Schedule) and isinstance(right, Schedule)
    numbers = [each for each in (left, right) if isinstance(each, int | float)]
    if not both and (sign == ">>" or len(numbers) != 1):
        what = "two schedules" if sign == ">>" else "two schedules, or a number and a schedule"
        raise Refusal(f"{sign} stands between {what}, not in {shortened(ast.unparse(node))}")
    return OPERATORS[type(node.op)](left, right)


def _schedule(node: ast.expr) -> Schedule:
    value = _value(node)
    if not isinstance(value, Schedule):
        raise Refusal(f"{shortened(ast.unparse(node))} is no schedule, so nothing can be lasting")
    return value


def _made(cls: Any, node: ast.Call) -> Schedule:
    if cls is ReduceOnPlateau:
        raise Refusal(LISTENS)
    for keyword in node.keywords:
        check_parameter(cls, keyword.arg or "**")
    return _called(cls, cls.__name__, node)


def _made_by(cls: Any, maker: str, node: ast.Call) -> Schedule:
    if maker not in makers(cls):
        ways = "".join(f", or {cls.__name__}.{each}(...)" for each in makers(cls))
        raise Refusal(f"{cls.__name__}.{maker} is not understood: write {cls.__name__}(...){ways}")
    return _called(getattr(cls, maker), f"{cls.__name__}.{maker}", node)


def _called(make: Callable[..., Schedule], name: str, node: ast.Call) -> Schedule:
    """What `make` makes of the arguments, which are first compared with those it has."""
    values = [_value(argument) for argument in node.args]
    named = {str(keyword.arg): _value(keyword.value) for keyword in node.keywords}
    if len(named) < len(node.keywords):
        raise Refusal(f"{name}: a parameter is given twice")
    try:
        inspect.signature(make).bind(*values, **named)
    except TypeError as error:
        raise Refusal(f"{name}: {error}") from None
    return make(*values, **named)
