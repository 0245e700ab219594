"""Random schedules for the property tests: every class, every composition, legal values only."""

from hypothesis import strategies as st

from lrcourse.schedules import SCHEDULES, Choice, IncreasingUnit, Repeat, Schedule

OURS = [cls for cls in SCHEDULES.values() if cls.__module__.startswith("lrcourse.")]
LENGTHS = ("warmup_steps", "decay_steps", "down_steps")  # what must fit into `steps`

rates = st.floats(1e-6, 10)
shares = st.floats(0, 1)
counts = st.integers(1, 60)
times = st.lists(st.integers(0, 150) | st.integers(0, 10_000), min_size=1, max_size=30)

NUMBERS = {  # how to draw a value, by the meaning of its unit
    "learning rate": rates,
    "optimizer updates": counts,
    "factor per drop": st.floats(0.01, 1),
    "factor per period": st.floats(0.8, 1),
    "factor per update": st.floats(0.8, 1),
    "factor per cycle": st.floats(0.1, 1),
    "decay per optimizer update": st.floats(0, 2),
    "exponent": st.floats(0.1, 5),
    "growth from cycle to cycle": st.integers(1, 4),
    "momentum": st.floats(0, 0.999),
    "factor per cut": st.floats(0.1, 0.9),
    "checks of the metric": st.integers(0, 5),
    "smallest improvement": st.floats(0, 0.1),
}


@st.composite
def drawn(draw, cls: type[Schedule]):
    """Any legal schedule of the class `cls`."""
    values = {name: draw(_field(cls, name, unit)) for name, unit in cls.units().items()}
    for name in ("min_lr", "start_lr"):
        if values.get(name) is not None:
            values[name] = values["peak_lr"] * draw(shares)
    if "low_momentum" in values:
        pair = values["low_momentum"], values["high_momentum"]
        values["low_momentum"], values["high_momentum"] = sorted(pair)
    if "steps" in values and "warmup_steps" in values:
        parts = [values[name] or 1 for name in LENGTHS if name in values]
        values["steps"] += sum(parts)
        if values["warmup_steps"] is None:  # 30% of `steps`, by itself
            values["steps"] *= 2
    return cls(**values)


def _field(cls, name, unit):
    is_word = isinstance(unit, Choice)
    value = st.sampled_from(unit.words) if is_word else NUMBERS[unit.meaning]
    if isinstance(unit, IncreasingUnit):
        value = st.lists(value, min_size=1, max_size=5, unique=True).map(sorted).map(tuple)
    return st.none() | value if cls.default(name) is None else value


simple = st.one_of([drawn(cls) for cls in OURS])


def _composed(parts):
    ending = st.builds(lambda a, n: a if a.steps and n % 2 else a.lasting(n), parts, counts)
    return st.one_of(
        st.builds(lambda a, b: a >> b, ending, parts),
        st.builds(lambda a, b: a * b, parts, parts),
        st.builds(lambda c, a: c * a, st.floats(0, 3), parts),
        ending,
        st.builds(
            Repeat,
            ending,
            st.none() | st.integers(1, 3),
            st.integers(1, 3),
            NUMBERS["factor per cycle"],
        ),
    )


composed = st.recursive(simple, _composed, max_leaves=5)
schedules = simple | composed
