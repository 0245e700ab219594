"""Wrong formulas on purpose: does a test notice? `python -m tests.mutation [--all]`.

A mutant is one small change of one line in `lrcourse/schedules`, or in another folder where
the file's name begins with that, as "experiments.train". Each is tried in a process of
its own, forked from one that has loaded all tests: the child swaps the code of the changed
functions and runs the tests until one fails. MUTANTS are the mistakes that people make; `--all`
adds every operator, comparison and number of the formula files, changed by machine.
"""

import argparse
import ast
import importlib
import inspect
import multiprocessing
import os
import types
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, NamedTuple

import pytest

LIBRARY = Path(__file__).parents[1] / "lrcourse"
TESTS = {
    "schedules": ("schedules", "witnesses", "differences", "plateau", "refusals"),
    "experiments": ("train", "optimizers", "stats", "studies", "experiments"),
    "finder": ("rules", "regret", "range_test"),
}
FORMULAS = ("step", "exponential", "polynomial", "cosine", "sgdr", "warmup", "cycle", "modern")
FORMULAS += ("plateau", "base")
NEARBY = {"units": "refus", "sgdr": "restart", "base": "repeat"}  # words in the names of tests
NEARBY |= {f"experiments.{each}": f"test_{each}.py" for each in ("train", "stats", "studies")}
NEARBY |= {"finder.rules": "test_rules.py", "finder.result": "test_rules.py"}
NEARBY |= {"finder.regret": "test_regret.py", "finder.sweep": "test_range_test.py"}
NEARBY |= {"experiments.plan": "refuses", "experiments.run": "test_train.py"}
SECONDS = 300  # who takes longer hangs, and that is noticed


class Mutant(NamedTuple):
    """Replace `right`, which stands once in the file, by `wrong`."""

    file: str
    right: str
    wrong: str

    @property
    def source(self) -> str:
        text = location(self.file).read_text(encoding="utf-8")
        if text.count(self.right) != 1:
            raise ValueError(f"{self.file}: {self.right!r} stands {text.count(self.right)} times")
        return text.replace(self.right, self.wrong)


def module_name(file: str) -> str:
    """ "step" -> "schedules.step", "experiments.train" -> the same"""
    return file if "." in file else f"schedules.{file}"


def location(file: str) -> Path:
    """Where the file lies."""
    return LIBRARY.joinpath(*module_name(file).split(".")).with_suffix(".py")


def functions(module: types.ModuleType) -> Iterator[types.FunctionType]:
    """Every function that the module defines, also those inside its classes."""
    for thing in vars(module).values():
        if getattr(thing, "__module__", None) != module.__name__:
            continue
        if isinstance(thing, types.FunctionType):
            yield inspect.unwrap(thing)
        for member in vars(thing).values() if isinstance(thing, type) else ():
            for name in ("fget", "func", "__func__", "__wrapped__"):
                member = getattr(member, name, member)
            if isinstance(member, types.FunctionType):
                yield member


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """The compiled functions in a compiled file."""
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield constant
            yield from codes(constant)


def apply(source: str, file: str) -> list[str]:
    """Give the functions of the loaded module the code of `source`; which changed."""
    module = importlib.import_module(f"lrcourse.{module_name(file)}")
    changed = {code.co_qualname: code for code in codes(compile(source, file, "exec"))}
    names = []
    for function in functions(module):
        code = changed.get(function.__qualname__, function.__code__)
        if code != function.__code__:
            function.__code__ = code
            names.append(function.__qualname__)
    return names


class Court:
    """A plugin of pytest: in place of running the tests once, run them against each mutant."""

    def __init__(self, mutants: list[Any], processes: int) -> None:
        self.mutants, self.processes, self.failed = mutants, processes, ""
        self.verdicts: list[tuple[Any, str]] = []  # the mutant, and the test that kills it or ""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        global COURT, ITEMS  # what the forked children find in their memory
        COURT, ITEMS = self, session.items
        with multiprocessing.get_context("fork").Pool(self.processes, maxtasksperchild=1) as pool:
            tried = [pool.apply_async(verdict, (mutant,)) for mutant in self.mutants]
            for mutant, result in zip(self.mutants, tried, strict=True):
                self.verdicts.append((mutant, _killer(result)))
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = report.nodeid.rpartition("/")[2] if report.failed else self.failed


COURT: Court
ITEMS: list[pytest.Item]


def verdict(mutant: Any) -> str:
    """The first test that fails on the mutant; empty if none does. Changes this process."""
    changed = apply(mutant.source, mutant.file)
    if not changed:
        raise ValueError(f"{mutant} changes no code")
    classes = [name.partition(".")[0] for name in changed]
    tests = TESTS[module_name(mutant.file).partition(".")[0]]
    items = [item for item in ITEMS if item.path.stem.removeprefix("test_") in tests]

    def distance(item: pytest.Item) -> tuple[bool, bool]:
        is_near = any(f"[{name}]" in item.nodeid for name in classes)
        return not is_near, not concerns(item, mutant.file)

    for item in sorted(items, key=distance):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
        if COURT.failed:
            return COURT.failed
    return ""


def concerns(item: pytest.Item, file: str) -> bool:
    """Whether a test names this file or one of its classes, so that it probably fails first."""
    module = importlib.import_module(f"lrcourse.{module_name(file)}")
    things = vars(module).items()
    names = [name for name, thing in things if getattr(thing, "__module__", "") == module.__name__]
    return any(name in item.nodeid for name in [*names, NEARBY.get(file, file)])


def _killer(result: Any) -> str:
    try:
        return result.get(SECONDS)
    except multiprocessing.TimeoutError:
        return "no end"


def verdicts(mutants: list[Any], processes: int = 2) -> list[tuple[Any, str]]:
    """Each mutant with the test that kills it; empty for a survivor."""
    os.environ["LRCOURSE_PROFILE"] = "mutants"
    court = Court(mutants, processes)
    packages = {module_name(mutant.file).partition(".")[0] for mutant in mutants}
    names = [name for package in sorted(packages) for name in TESTS[package]]
    files = [str(Path(__file__).with_name(f"test_{name}.py")) for name in names]
    options = ["-p", "no:cacheprovider", "-p", "no:terminal", "-p", "no:xdist"]
    code = pytest.main([*options, *files], plugins=[court])
    if len(court.verdicts) < len(mutants):
        raise RuntimeError(f"the tests could not be collected: pytest stopped with {code}")
    return court.verdicts


# Mutants by machine ------------------------------------------------------------------------------

SWAPS: dict[type[ast.AST], list[ast.AST]] = {
    ast.Add: [ast.Sub()],
    ast.Sub: [ast.Add()],
    ast.Mult: [ast.Div()],
    ast.Div: [ast.Mult()],
    ast.Pow: [ast.Mult()],
    ast.Lt: [ast.LtE(), ast.Gt()],
    ast.LtE: [ast.Lt()],
    ast.Gt: [ast.GtE(), ast.Lt()],
    ast.GtE: [ast.Gt()],
    ast.Eq: [ast.NotEq()],
    ast.Is: [ast.IsNot()],
    ast.IsNot: [ast.Is()],
    ast.And: [ast.Or()],
    ast.Or: [ast.And()],
}
WORDS = {"minimum": "maximum", "maximum": "minimum", "cos": "sin", "floor": "ceil", "right": "left"}


def mistakes(node: ast.AST) -> Iterator[tuple[str, object]]:
    """(field, wrong value) for everything in one node that can be mistaken."""
    for field in ("op", "ops"):
        operator = getattr(node, field, None)
        first = operator[0] if isinstance(operator, list) else operator
        for wrong in SWAPS.get(type(first), []):
            yield field, [wrong] if isinstance(operator, list) else wrong
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "value", node.value + 1
    if isinstance(node, ast.Constant) and node.value in WORDS:
        yield "value", WORDS[node.value]
    if isinstance(node, ast.Attribute) and node.attr in WORDS:
        yield "attr", WORDS[node.attr]
    if isinstance(node, ast.IfExp):
        yield "test", ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "op", ast.UAdd()


class Generated(NamedTuple):
    """A whole file with one wrong node."""

    file: str
    line: int
    wrong: str
    source: str


def generated(file: str) -> Iterator[Generated]:
    """Every mutant that `mistakes` finds inside the functions of a file."""
    tree = ast.parse(location(file).read_text(encoding="utf-8"))
    for path in places(tree):
        node = at(tree, path)
        for field, wrong in mistakes(node):
            changed = deepcopy(tree)
            setattr(at(changed, path), field, wrong)
            statement = ast.unparse(ast.fix_missing_locations(_statement(changed, path)))
            yield Generated(file, node.lineno, statement, ast.unparse(changed))


Path_ = tuple[tuple[str, int | None], ...]


def places(node: ast.AST, path: Path_ = (), inside: bool = False) -> Iterator[Path_]:
    """The way to each expression inside a function."""
    if inside and isinstance(node, ast.expr):
        yield path
    inside = inside or isinstance(node, ast.FunctionDef)
    for field, value in ast.iter_fields(node):
        if field in ("args", "returns", "annotation", "decorator_list") and isinstance(
            node, ast.FunctionDef
        ):
            continue
        for i, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.AST):
                step = (field, i if isinstance(value, list) else None)
                yield from places(child, (*path, step), inside)


def at(node: ast.AST, path: Path_) -> ast.AST:
    """The node at the end of the way."""
    for field, i in path:
        node = getattr(node, field) if i is None else getattr(node, field)[i]
    return node


def _statement(tree: ast.AST, path: Path_) -> ast.AST:
    """The innermost statement around a place."""
    nodes = [at(tree, path[:n]) for n in range(len(path) + 1)]
    return [node for node in nodes if isinstance(node, ast.stmt)][-1]


# The mistakes that people make -------------------------------------------------------------------

MUTANTS = [
    Mutant("constant", "return self.peak_lr", "return self.peak_lr + t * 0.01"),
    # step
    Mutant("step", "np.floor(t / self.step_size)", "(t / self.step_size)"),
    Mutant("step", "np.floor(t / self.step_size)", "np.floor((t + 1) / self.step_size)"),
    Mutant("step", "np.floor(t / self.step_size)", "np.ceil(t / self.step_size)"),
    Mutant("step", "np.floor(t / self.step_size)", "np.floor(t / (self.step_size + 1))"),
    Mutant("step", "np.floor(t / self.step_size)", "np.round(t / self.step_size)"),
    Mutant("step", 'side="right"', 'side="left"'),
    Mutant("step", "searchsorted(self.milestones, t,", "searchsorted(self.milestones, t + 1,"),
    # exponential
    Mutant(
        "exponential", "self.gamma ** (t / self.step_size)", "self.gamma * (t / self.step_size)"
    ),
    Mutant("exponential", "(t / self.step_size)", "((t + 1) / self.step_size)"),
    Mutant("exponential", "(t / self.step_size)", "(t * self.step_size)"),
    Mutant("exponential", "(t / self.step_size)", "np.floor(t / self.step_size)"),
    Mutant("exponential", "gamma=math.exp(-checked", "gamma=1 - (checked"),
    Mutant("exponential", "return -math.log(self.gamma)", "return 1 - (self.gamma)"),
    Mutant("exponential", "math.log(2) / self.k", "1 / self.k"),
    Mutant("exponential", "(1 + self.k * t)", "(1 + self.k) ** t"),
    Mutant("exponential", "(1 + self.k * t)", "(1 + self.k * (t + 1))"),
    # polynomial
    Mutant("polynomial", "* (1 - progress(t, self.steps))", "* progress(t, self.steps)"),
    Mutant("polynomial", "* (1 - progress(t, self.steps))", "* (1 - t / self.steps)"),
    Mutant("polynomial", "* (1 - progress(t, self.steps))", "* (1 - progress(t + 1, self.steps))"),
    Mutant("polynomial", "left**self.power", "left * self.power"),
    Mutant("polynomial", "left**self.power", "(1 - (1 - left) ** self.power)"),
    Mutant("polynomial", "left = 1 - progress(t, self.steps)", "left = 1 - t / self.steps"),
    # cosine
    Mutant("cosine", "np.pi * progress", "2 * np.pi * progress"),
    Mutant("cosine", "np.pi * progress(t, self.steps)", "np.pi * t / self.steps"),
    Mutant("cosine", "progress(t, self.steps)", "progress(t, self.steps - 1)"),
    Mutant("cosine", "progress(t, self.steps)", "progress(t + 1, self.steps)"),
    Mutant("cosine", "np.cos(", "np.sin("),
    Mutant("cosine", "0.5 * (1 + np.cos", "1.0 * (1 + np.cos"),
    Mutant("cosine", "(1 + np.cos", "(1 - np.cos"),
    Mutant("cosine", "(self.peak_lr - self.min_lr) * half_wave", "self.peak_lr * half_wave"),
    Mutant("cosine", "self.min_lr + (self", "(self"),
    # sgdr
    Mutant("sgdr", "self.gamma**k", "self.gamma ** (k + 1)"),
    Mutant("sgdr", "self.gamma**k", "self.gamma"),
    Mutant("sgdr", "(t - start) / length", "(t - start) / self.first_cycle"),
    Mutant("sgdr", "(t - start) / length", "(t - start) / (length - 1)"),
    Mutant("sgdr", "(t > 0) & ", ""),
    # warmup
    Mutant("warmup", "* progress(t, self.steps)\n", "* progress(t + 1, self.steps)\n"),
    Mutant("warmup", "* progress(t, self.steps)\n", "* (t / self.steps)\n"),
    Mutant("warmup", " / np.expm1(-self.steps / tau)", " * -1"),
    Mutant("warmup", "np.expm1(-np.minimum(t, self.steps) / tau)", "np.expm1(-t / tau)"),
    Mutant("warmup", "np.expm1(-np.minimum(t, self.steps) / tau)", "-np.minimum(t, self.steps)"),
    Mutant("warmup", "(1 - np.cos(np.pi * progress", "(1 - np.cos(2 * np.pi * progress"),
    Mutant("warmup", "(1 - np.cos(", "(1 + np.cos("),
    Mutant(
        "warmup", "LinearDecay(self.peak_lr, decay_steps", "LinearDecay(self.peak_lr, self.steps"
    ),
    Mutant(
        "warmup", "CosineDecay(self.peak_lr, decay_steps", "CosineDecay(self.peak_lr, self.steps"
    ),
    # cycle
    Mutant("cycle", "self.down_steps or self.up_steps", "self.up_steps"),
    Mutant("cycle", "k = np.floor(t / (up + down))", "k = np.floor(t / up)"),
    Mutant("cycle", "self.cycle_gamma**k", "self.cycle_gamma ** (k + 1)"),
    Mutant("cycle", "* self.gamma**t", "* self.gamma**k"),
    Mutant("cycle", "np.minimum(tau / up, ", "np.maximum(tau / up, "),
    Mutant("cycle", "(up + down - tau) / down", "(up + down - tau) / up"),
    Mutant("cycle", "self.peak_lr / 25", "self.peak_lr / 10"),
    Mutant("cycle", "start / 1e4", "self.peak_lr / 1e4"),
    Mutant("cycle", "round(0.3 * self.steps)", "round(0.5 * self.steps)"),
    Mutant(
        "cycle",
        "self._ramp(turn, start, self.down_steps)",
        "self._ramp(turn, end, self.down_steps)",
    ),
    Mutant(
        "cycle",
        "self._there_and_back(high, self.low_momentum, high)",
        "self._there_and_back(self.low_momentum, high, high)",
    ),
    # modern
    Mutant("modern", "np.minimum(t / w, ", "np.maximum(t / w, "),
    Mutant("modern", "np.sqrt(w / np.maximum(t, w))", "w / np.maximum(t, w)"),
    Mutant("modern", "** -0.5, warmup)", "** -1.0, warmup)"),
    Mutant("modern", "(0.5 + 0.5 * left)", "(0.1 + 0.9 * left)"),
    Mutant(
        "modern", "1 - np.sqrt(progress(t, self.steps))", "np.sqrt(1 - progress(t, self.steps))"
    ),
    Mutant("modern", "warmup >> Constant(self.peak_lr, stable) >> cooldown", "warmup >> cooldown"),
    # composition
    Mutant("base", "np.minimum(t / steps, 1)", "t / steps"),
    Mutant("base", "np.minimum(np.floor(t / first_cycle), most)", "np.floor(t / first_cycle)"),
    Mutant("base", "starts[-1] + lengths[-1] <= np.max(t)", "starts[-1] + lengths[-1] < np.max(t)"),
    Mutant(
        "base",
        'np.searchsorted(starts, t, side="right") - 1',
        'np.searchsorted(starts, t, side="left") - 1',
    ),
    Mutant("base", "lengths[-1] * stretch)", "lengths[-1] + stretch)"),
    Mutant("base", "np.minimum(t, self.steps))", "np.minimum(t, self.steps - 1))"),
    Mutant(
        "base", 'np.max(t)), side="right")\n        lr =', 'np.max(t)), side="left")\n        lr ='
    ),
    Mutant("base", 'np.max(t)), side="right") - 1', 'np.max(t)), side="left") - 1'),
    Mutant("base", "k = k[:1] if k[0] == k[1] else", "k = k[:1] if k[0] <= k[1] else"),
    Mutant("base", "k = k[:1] if", "k = k[0] if"),
    Mutant("base", "lr = self.parts[first].lr(t - starts[first])", "lr = self.parts[first].lr(t)"),
    Mutant(
        "base",
        "for part in self.parts[:-1]:\n            refuse",
        "for part in self.parts[:1]:\n            refuse",
    ),
    Mutant("base", "np.where(t < starts[i], lr,", "np.where(t <= starts[i], lr,"),
    Mutant("base", "np.maximum(t - starts[i], 0)", "t"),
    Mutant("base", "start=self.factor)", "start=1.0)"),
    Mutant("base", "max(filter(None, lengths))", "min(filter(None, lengths))"),
    Mutant("base", "(t - start) / (length / cycle)", "(t - start)"),
    Mutant("base", "self.gamma**k * self.schedule", "self.schedule"),
    Mutant("base", "(m**n - 1) // (m - 1)", "m**n // (m - 1)"),
    Mutant("base", "sum(self.milestones[-1:]) + last", "last"),
    Mutant("base", "mine + theirs, my_factor * their_factor", "mine + theirs, my_factor"),
    # plateau
    Mutant("plateau", "abs(best) if", "best if"),
    Mutant("plateau", "self.bad_checks > self.patience", "self.bad_checks >= self.patience"),
    Mutant("plateau", "self.best, self.bad_checks = metric, 0", "self.bad_checks = 0"),
    Mutant("plateau", "best - margin)", "best + margin)"),
    Mutant("plateau", 'sign = 1 if self.mode == "min" else -1', "sign = 1"),
    Mutant("plateau", "max(self.lr * self.factor, self.min_lr)", "self.lr * self.factor"),
    Mutant("plateau", "self.cooling, self.bad_checks = self.cooldown, 0", "self.bad_checks = 0"),
    Mutant("plateau", "self.cooling, self.bad_checks = self.cooling - 1, 0", "self.cooling -= 1"),
    Mutant("plateau", "fresh = replace(self)", "fresh = self"),
    Mutant("plateau", "(i + 1) * step_size", "i * step_size"),
    Mutant("plateau", "if math.isinf(best) else", "if False else"),
    Mutant("plateau", "t < (self.warmup.steps or 0)", "t <= (self.warmup.steps or 0)"),
    Mutant("plateau", "if self.warmup and self.is_warming_up(t)", "if self.warmup"),
    # units
    Mutant("units", "self.low < value if self.above_low", "self.low <= value if self.above_low"),
    Mutant(
        "units", "value < self.high if self.below_high", "value <= self.high if self.below_high"
    ),
    Mutant("units", "and value < math.inf)", "and True)"),
    Mutant("units", "value % 1 != 0", "False"),
    Mutant("units", "later <= earlier for", "later < earlier for"),
    Mutant("units", "and low > high:", "and low >= 2 * high:"),
    Mutant("units", "and not isinstance(value, bool)\n\n\ndef", "\n\n\ndef"),
    # experiments.optimizers
    Mutant(
        "experiments.optimizers", "weights -= now.lr * with_decay", "weights += now.lr * with_decay"
    ),
    Mutant("experiments.optimizers", "alpha=weight_decay) if", "alpha=-weight_decay) if"),
    Mutant(
        "experiments.optimizers",
        "velocity.mul_(now.momentum).add_(with_decay(",
        "velocity.mul_(now.momentum).add_(now.lr * with_decay(",
    ),
    Mutant(
        "experiments.optimizers", "weights -= now.lr * velocity", "weights -= now.lr * gradient"
    ),
    Mutant("experiments.optimizers", "gradient + now.momentum * velocity", "gradient + velocity"),
    Mutant(
        "experiments.optimizers",
        "gradient / square.sqrt().add_(self.eps)",
        "gradient / (square + self.eps).sqrt()",
    ),
    Mutant("experiments.optimizers", "1 - now.momentum)  #", "now.momentum)  #"),
    Mutant(
        "experiments.optimizers",
        "square.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)",
        "square.mul_(beta2).addcmul_(gradient, gradient, value=1)",
    ),
    Mutant(
        "experiments.optimizers",
        "(square / (1 - self.beta2**now.t)).sqrt_().add_(self.eps)\n        weights",
        "square.sqrt().add_(self.eps)\n        weights",
    ),
    Mutant(
        "experiments.optimizers",
        "(1 - now.momentum**now.t) * mean / scale",
        "(1 - now.momentum ** (now.t + 1)) * mean / scale",
    ),
    Mutant(
        "experiments.optimizers",
        "super().update(weights, with_decay(gradient, weights, self.weight_decay), now)",
        "super().update(weights, gradient, now)",
    ),
    Mutant("experiments.optimizers", "1 - now.lr * self.weight_decay", "1 - self.weight_decay"),
    Mutant("experiments.optimizers", "if rho <= 5:", "if rho <= 4:"),
    Mutant("experiments.optimizers", "(longest - 2) * rho))", "(longest - 2) * longest))"),
    Mutant("experiments.optimizers", "r * sqrt(1 - self.beta2**now.t) /", "r /"),
    Mutant("experiments.optimizers", "2 / (1 - self.beta2) - 1", "2 / (1 - self.beta2)"),
    Mutant("experiments.optimizers", "slope + self.weight_decay * length", "slope"),
    Mutant("experiments.optimizers", "add_(now.lr * ratio * gradient)", "add_(ratio * gradient)"),
    Mutant(
        "experiments.optimizers",
        "now.layers.norms(weights), now.layers.norms(step)",
        "now.layers.norms(step), now.layers.norms(weights)",
    ),
    Mutant("experiments.optimizers", "with_decay(step, weights,", "with_decay(step, gradient,"),
    Mutant("experiments.optimizers", "for side in shape) > 1", "for side in shape) >= 1"),
    Mutant("experiments.optimizers", "(above > 0) & (below > 0)", "(below > 0)"),
    Mutant("experiments.optimizers", "self.is_matrix & (above", "(above"),
    # experiments.train
    Mutant("experiments.train", "manual_seed(DATA_SEEDS + seed)", "manual_seed(seed)"),
    Mutant("experiments.train", "lrs[t - 1], t - 1)", "lrs[t - 1], t)"),
    Mutant("experiments.train", "momenta[t - 1], memory", "momenta[0], memory"),
    Mutant("experiments.train", "clipped(gradient, plan.clip)", "gradient"),
    Mutant("experiments.train", "(norm + 1e-6)).clamp(max=1)", "(norm + 1e-6))"),
    Mutant("experiments.train", "gradient.norm(dim=1, keepdim=True)", "gradient.norm()"),
    Mutant(
        "experiments.train",
        "autograd.grad(loss.sum(), weights)",
        "autograd.grad(loss.mean(), weights)",
    ),
    Mutant("experiments.train", "yield epoch[:, update]", "yield epoch[:, 0]"),
    Mutant(
        "experiments.train", "table.T[:, :, None]", "table.reshape(table.shape[::-1])[:, :, None]"
    ),
    Mutant(
        "experiments.train",
        "[replace(plateau) for plateau in plan.plateaus]",
        "list(plan.plateaus)",
    ),
    Mutant("experiments.train", "plateau.rate(t)]", "plateau.lr]"),
    Mutant("experiments.train", "plateau.update(metric, t)", "plateau.update(metric, t - 1)"),
    Mutant("experiments.train", "torch.set_num_threads(before)", "before"),
    Mutant("experiments.train", "torch.set_num_threads(1)", "before"),
    Mutant("experiments.train", 'and "tried to allocate" not in', 'and "tried to allocate" in'),
    Mutant("experiments.train", "ceil(plan.steps", "int(plan.steps"),
    Mutant("experiments.train", "is_due(t, plan.keep_every)", "is_due(t, plan.test_every)"),
    Mutant("experiments.train", "self.listen_to not in tests", "False"),
    # experiments.plan
    Mutant("experiments.plan", "t == self.steps or (", "("),
    Mutant("experiments.plan", "t % every == 0", "t % every == 1"),
    Mutant("experiments.plan", "slice(first, first + chunk)", "slice(first, first + chunk + 1)"),
    Mutant("experiments.plan", "seeds=self.seeds[rows]", "seeds=self.seeds[: len(self.lrs[rows])]"),
    Mutant(
        "experiments.plan",
        "momenta=self.momenta[rows]",
        "momenta=self.momenta[: len(self.lrs[rows])]",
    ),
    Mutant("experiments.plan", "or count < 1", "or count < 0"),
    Mutant("experiments.plan", "np.nan if own is None else own", "own or 0.0"),
    Mutant("experiments.plan", "(momenta < 1).all()", "(momenta <= 1).all()"),
    Mutant("experiments.plan", "(table >= 0)).all()", "(table > 0)).all()"),
    Mutant("experiments.plan", "(row != 1).any()", "(row != 1).all()"),
    Mutant("experiments.plan", "plateau.peak_lr != 1 and", "True and"),
    Mutant("experiments.plan", "or not clip > 0", "or clip <= 0"),
    Mutant("experiments.plan", "0 <= seed <", "0 < seed <"),
    Mutant("experiments.plan", "and test_every is None", "and False"),
    Mutant(
        "experiments.plan",
        "isinstance(optimizer, type | dict | set)",
        "isinstance(optimizer, type)",
    ),
    # experiments.run
    Mutant("experiments.run", "all(1) & np", "all(1) | np"),
    Mutant(
        "experiments.run",
        '"losses", "weights"):\n            arrays',
        '"losses"):\n            arrays',
    ),
    Mutant("experiments.run", "weights.clone()", "weights"),
    Mutant("experiments.run", "self.momenta.append(now.momentum", "self.momenta.append(now.lr"),
    Mutant("experiments.run", "name: change(array) for", "name: array for"),
    Mutant(
        "experiments.run",
        "np.concatenate([run.tests[name] for run in runs])",
        "runs[0].tests[name]",
    ),
    # experiments.stats
    Mutant("experiments.stats", "values.std(ddof=1)", "values.std()"),
    Mutant(
        "experiments.stats", "0.5 + confidence / 2, len(values) - 1", "confidence, len(values) - 1"
    ),
    Mutant(
        "experiments.stats",
        "0.5 + confidence / 2, len(values) - 1",
        "0.5 + confidence / 2, len(values) / 2",
    ),
    Mutant(
        "experiments.stats",
        "mean_interval(values - baseline, confidence)",
        "mean_interval(values, confidence)",
    ),
    Mutant("experiments.stats", "(1 - confidence) / intervals", "(1 - confidence)"),
    Mutant("experiments.stats", "not self.low <= 0 <= self.high", "not self.low <= self.high"),
    Mutant("experiments.stats", "[*differences, 1, -1]", "differences"),
    # experiments.studies
    Mutant("experiments.studies", "values[:, 1 - half :: 2]", "values[:, half::2]"),
    Mutant("experiments.studies", "total if metric in HIGH_IS_GOOD else -total", "total"),
    Mutant("experiments.studies", "peak * shape for", "shape for"),
    Mutant("experiments.studies", "cycled = dict.fromkeys(schedules, own) |", "cycled ="),
    Mutant("experiments.studies", "np.log(steps[around])", "steps[around]"),
    # finder.rules
    Mutant("finder.rules", "max(0.0, 1 - AGE / steps)", "0.95"),
    Mutant("finder.rules", " / (1 - kept**t)", ""),
    Mutant("finder.rules", "losses + (factor - 1) * np.abs(losses)", "factor * losses"),
    Mutant("finder.rules", "lrs[:end], losses[:end]", "lrs[: end + 1], losses[: end + 1]"),
    Mutant("finder.rules", "deriv=1) / np.gradient(x)", "deriv=1)"),
    Mutant("finder.rules", "np.gradient(losses, lrs)", "np.gradient(losses)"),
    Mutant("finder.rules", "start = end - length[end]", "start = end - length[end] + 1"),
    Mutant("finder.rules", "while left >= 0", "while left > 0"),
    Mutant("finder.rules", "losses.argmin()] / 10)", "losses.argmin()] / 5)"),
    Mutant("finder.rules", "lrs[lowest:][risen.argmax() if risen.any() else -1]", "lrs[lowest]"),
    Mutant("finder.rules", "losses < 0.95 *", "losses < 0.9 *"),
    # finder.result
    Mutant("finder.result", "np.exp(smoothed(np.log(self.lrs[: len(losses)]), kept))", "self.lrs"),
    Mutant("finder.result", "np.median(np.log(lrs))", "np.mean(np.log(lrs))"),
    Mutant("finder.result", "in rising or self.curves", "in self.curves"),
    Mutant("finder.result", "> LEARNED * abs(self.start_loss)", "> 0"),
    Mutant("finder.result", "middle / 3, middle, 3 * middle", "middle / 2, middle, 2 * middle"),
    Mutant("finder.result", "min(steps // 10,", "min(0,"),
    # finder.sweep
    Mutant("finder.sweep", "(loss / count).backward()", "loss.backward()"),
    Mutant("finder.sweep", "rate / max(rates) for", "1.0 for"),
    Mutant("finder.sweep", "            loan.reset()\n", ""),
    Mutant("finder.sweep", "model.eval()", "pass"),
    Mutant("finder.sweep", "means[-1] > lowest", "losses[-1] > lowest"),
    Mutant("finder.sweep", "t + 1 in val_steps", "t in val_steps"),
    # finder.regret
    Mutant("finder.regret", "accuracy.max() - np.where", "accuracy.mean() - np.where"),
    Mutant("finder.regret", "np.where(np.isnan(picks), 100 * CHANCE, reached)", "reached"),
    Mutant("finder.regret", "np.interp(np.log(picks), np.log(peaks)", "np.interp(picks, peaks"),
    Mutant("finder.regret", "np.min(tried, axis=0)", "np.max(tried, axis=0)"),
    Mutant("finder.regret", "nan=CHANCE", "nan=1.0"),
]


def of_room(room: str | None) -> list[Mutant]:
    """The mutants by hand in one of the folders, or all."""
    return [each for each in MUTANTS if room is None or module_name(each.file).startswith(room)]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, prog="python -m tests.mutation")
    options.add_argument("--all", action="store_true", help="also every mutant by machine")
    options.add_argument("--room", choices=TESTS, help="only those in this part of the library")
    options.add_argument("--file", choices=FORMULAS, help="only this formula file, by machine")
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    mutants: list = [] if chosen.file else of_room(chosen.room)
    for file in [chosen.file] if chosen.file else FORMULAS if chosen.all else []:
        mutants += generated(file)
    found = verdicts(mutants, chosen.processes)
    for mutant, killer in found:
        print(f"{killer or 'SURVIVES':<70} {mutant.file}: {mutant.wrong.strip()}")
    print(f"{len(found)} mutants, {sum(not killer for _, killer in found)} survive")


if __name__ == "__main__":
    main()
