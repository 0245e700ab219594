"""Every learning-rate schedule of the course, each written like its formula. NumPy only."""

from lrcourse.schedules.base import (
    SCHEDULES,
    Lasting,
    Phased,
    Product,
    Repeat,
    Schedule,
    Sequential,
)
from lrcourse.schedules.constant import Constant
from lrcourse.schedules.cosine import CosineDecay
from lrcourse.schedules.cycle import OneCycle, TriangularCycle
from lrcourse.schedules.exponential import ExponentialDecay, InverseTimeDecay
from lrcourse.schedules.modern import REX, InverseSqrt, SqrtDecay, WarmupStableDecay
from lrcourse.schedules.piecewise import PiecewiseLinear
from lrcourse.schedules.plateau import ReduceOnPlateau
from lrcourse.schedules.polynomial import LinearDecay, PolynomialDecay
from lrcourse.schedules.sgdr import CosineRestarts
from lrcourse.schedules.step import MultiStepDecay, StepDecay
from lrcourse.schedules.units import (
    LR,
    Choice,
    Count,
    CycleFactor,
    Decay,
    DecayRate,
    Factor,
    IncreasingUnit,
    Milestones,
    Momentum,
    Period,
    Power,
    Steps,
    Stretch,
    Unit,
    Warmup,
)
from lrcourse.schedules.warmup import (
    CosineWarmup,
    ExponentialWarmup,
    LinearWarmup,
    WarmupCosine,
    WarmupLinear,
)

__all__ = [
    "LR",
    "REX",
    "SCHEDULES",
    "Choice",
    "Constant",
    "CosineDecay",
    "CosineRestarts",
    "CosineWarmup",
    "Count",
    "CycleFactor",
    "Decay",
    "DecayRate",
    "ExponentialDecay",
    "ExponentialWarmup",
    "Factor",
    "IncreasingUnit",
    "InverseSqrt",
    "InverseTimeDecay",
    "Lasting",
    "LinearDecay",
    "LinearWarmup",
    "Milestones",
    "Momentum",
    "MultiStepDecay",
    "OneCycle",
    "Period",
    "Phased",
    "PiecewiseLinear",
    "PolynomialDecay",
    "Power",
    "Product",
    "ReduceOnPlateau",
    "Repeat",
    "Schedule",
    "Sequential",
    "SqrtDecay",
    "StepDecay",
    "Steps",
    "Stretch",
    "TriangularCycle",
    "Unit",
    "Warmup",
    "WarmupCosine",
    "WarmupLinear",
    "WarmupStableDecay",
]
