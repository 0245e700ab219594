"""Which names there are, and what somebody means who types another library's."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from lrcourse.schedules import SCHEDULES, ReduceOnPlateau, Repeat, Schedule

# Names of torch, transformers, optax, Keras and papers, in small letters without underscores.
SCHEDULES_ELSEWHERE = {
    "1cycle": "OneCycle",
    "clr": "TriangularCycle",
    "constantlr": "Constant",
    "constantschedule": "Constant",
    "constantwithwarmup": "LinearWarmup",
    "cosine": "CosineDecay WarmupCosine",
    "cosineannealing": "CosineDecay",
    "cosineannealinglr": "CosineDecay",
    "cosineannealingwarmrestarts": "CosineRestarts",
    "cosinedecayrestarts": "CosineRestarts",
    "cosinedecayschedule": "CosineDecay",
    "cosineonecycleschedule": "OneCycle",
    "cosinewithminlr": "WarmupCosine",
    "cosinewithrestarts": "CosineRestarts",
    "cycliclr": "TriangularCycle",
    "exponential": "ExponentialDecay",
    "exponentiallr": "ExponentialDecay",
    "exprange": "TriangularCycle",
    "getconstantschedulewithwarmup": "LinearWarmup",
    "getcosineschedulewithwarmup": "WarmupCosine",
    "getcosinewithhardrestartsschedulewithwarmup": "CosineRestarts",
    "getinversesqrtschedule": "InverseSqrt",
    "getlinearschedulewithwarmup": "WarmupLinear",
    "getpolynomialdecayschedulewithwarmup": "PolynomialDecay",
    "getwsdschedule": "WarmupStableDecay",
    "linear": "LinearDecay WarmupLinear",
    "linearlr": "LinearDecay LinearWarmup",
    "linearonecycleschedule": "OneCycle",
    "linearschedule": "LinearDecay LinearWarmup",
    "multisteplr": "MultiStepDecay",
    "noam": "InverseSqrt",
    "onecyclelr": "OneCycle",
    "piecewiseconstantdecay": "MultiStepDecay",
    "piecewiseconstantschedule": "MultiStepDecay",
    "plateau": "ReduceOnPlateau",
    "polynomiallr": "PolynomialDecay",
    "polynomialschedule": "PolynomialDecay",
    "reducelronplateau": "ReduceOnPlateau",
    "rsqrt": "InverseSqrt",
    "sgdr": "CosineRestarts",
    "sgdrschedule": "CosineRestarts",
    "step": "StepDecay",
    "steplr": "StepDecay",
    "trapezoidal": "WarmupStableDecay",
    "triangular": "TriangularCycle",
    "triangular2": "TriangularCycle",
    "warmup": "LinearWarmup",
    "warmupconstantschedule": "LinearWarmup",
    "warmupcosinedecayschedule": "WarmupCosine",
    "wsd": "WarmupStableDecay",
}
# Likewise for parameters, and the letters of the formulas; of several, those that a class has.
PARAMETERS_ELSEWHERE = {
    "alpha": "min_lr",
    "annealstrategy": "shape",
    "baselr": "min_lr peak_lr",
    "basemomentum": "low_momentum",
    "boundaries": "milestones",
    "cyclelength": "first_cycle",
    "d": "decay_steps down_steps",
    "decayfactor": "gamma",
    "decayrate": "gamma k",
    "decaysteps": "step_size steps",
    "drop": "gamma",
    "dmodel": "peak_lr",
    "endvalue": "min_lr",
    "epochs": "steps",
    "etamax": "peak_lr",
    "etamin": "min_lr",
    "etapeak": "peak_lr",
    "etastart": "start_lr",
    "exponent": "power",
    "factor": "gamma",
    "finallr": "min_lr",
    "firstdecaysteps": "first_cycle",
    "initiallearningrate": "peak_lr",
    "initiallr": "peak_lr start_lr",
    "initvalue": "peak_lr start_lr",
    "learningrate": "peak_lr",
    "length": "steps",
    "lr": "peak_lr",
    "lrend": "min_lr",
    "lrmin": "min_lr",
    "lrpower": "power",
    "m": "stretch",
    "maxlr": "peak_lr",
    "maxmomentum": "high_momentum",
    "maxsteps": "steps",
    "mmul": "gamma",
    "numcycles": "count",
    "numtrainingsteps": "steps",
    "numwarmupsteps": "warmup_steps",
    "p": "power",
    "pctstart": "warmup_steps",
    "peakvalue": "peak_lr",
    "s": "step_size",
    "startfactor": "start_lr",
    "stepsizedown": "down_steps",
    "stepsizeup": "up_steps",
    "t": "steps",
    "t0": "first_cycle",
    "tinitial": "steps",
    "tmax": "steps",
    "tmul": "stretch",
    "tmult": "stretch",
    "totaliters": "steps",
    "totalsteps": "steps",
    "transitionsteps": "step_size steps",
    "u": "up_steps",
    "w": "warmup_steps steps",
    "warmup": "warmup_steps",
    "warmuplrinit": "start_lr",
    "warmupt": "warmup_steps",
    "γ": "gamma",
}


class Refusal(ValueError):
    """One sentence for the learner: what is wrong, and the remedy."""


def schedules() -> dict[str, type[Schedule]]:
    """The schedules of the course, without those that a program has added."""
    return {name: cls for name, cls in SCHEDULES.items() if cls.__module__.startswith("lrcourse.")}


def everything() -> dict[str, Any]:
    """All that has a name: the schedules, and what is made of schedules or metrics."""
    return {**schedules(), "Repeat": Repeat, "ReduceOnPlateau": ReduceOnPlateau}


def schedule_class(name: str) -> Any:
    """The class of this name; Refusal with the name that was meant."""
    known = everything()
    if name in known:
        return known[name]
    meant = suggestion(name, known, SCHEDULES_ELSEWHERE)
    raise Refusal(f"there is no schedule {name}{meant or '; `lrcourse list` shows all there are'}")


def check_parameter(cls: Any, name: str) -> None:
    """Refusal, with the name that was meant, unless `cls` has a parameter of this name."""
    known = parameters(cls)
    if name not in known:
        meant = suggestion(name, known, PARAMETERS_ELSEWHERE)
        raise Refusal(
            f"{cls.__name__} has no parameter {name}{meant or f'; it has {listed(known)}'}"
        )


def parameters(cls: Any) -> list[str]:
    """What the constructor takes: `schedule` of a composition, and all that has a unit."""
    return ["schedule"] * (cls is Repeat) + list(cls.units())


def suggestion(name: str, known: Iterable[str], elsewhere: dict[str, str]) -> str:
    """ ": did you mean steps?", or nothing where nothing is near."""
    found = {bare(each): each for each in known}
    meant = [each for each in elsewhere.get(bare(name), "").split() if each in found.values()]
    if not meant:
        near = get_close_matches(bare(name), found, n=1, cutoff=0.7)
        near += get_close_matches(bare(name), elsewhere, n=1, cutoff=0.85)
        meant = [found[near[0]] if near[0] in found else elsewhere[near[0]]] if near else []
    return f": did you mean {' or '.join(meant)}?" if meant else ""


def bare(name: str) -> str:
    """The name as it is looked up: without capitals and underscores."""
    return name.lower().replace("_", "").replace("-", "")


def listed(names: Iterable[str]) -> str:
    """The names of a list as a sentence has them: "a, b and c"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last
