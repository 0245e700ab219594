"""From published numbers to a schedule: every recipe has one of a few shapes."""

from dataclasses import dataclass

from lrcourse.schedules import (
    Constant,
    CosineDecay,
    InverseSqrt,
    LinearDecay,
    LinearWarmup,
    MultiStepDecay,
    Schedule,
    SqrtDecay,
    WarmupCosine,
    WarmupLinear,
    WarmupStableDecay,
)

FALLS = {"cosine": CosineDecay, "linear": LinearDecay, "1-sqrt": SqrtDecay}
WARMED = {"cosine": WarmupCosine, "linear": WarmupLinear}
NEED_AN_END = tuple(FALLS)
KINDS = (*FALLS, "drops", "inverse sqrt", "constant", "plateau", "unpublished")
WARMUPS = ("linear", "constant")


@dataclass(frozen=True)
class Shape:
    """A recipe's rates and lengths; all lengths are whole numbers of one clock.

    `steps` is the end of the decay, `decay_start` its beginning (None: the end of the warmup),
    and `drops` are where the rate is multiplied by `gamma`; all count from the first update.
    """

    kind: str
    peak_lr: float
    min_lr: float
    start_lr: float
    warmup_kind: str
    warmup_steps: int
    steps: int = 0
    decay_start: int | None = None
    drops: tuple[int, ...] = ()
    gamma: float = 1.0

    def schedule(self) -> Schedule:
        """The warmup and what follows it, with a name of the course where it has one."""
        if self.kind == "inverse sqrt":
            return InverseSqrt(self.peak_lr, self.warmup_steps)
        if self.kind in FALLS and self.warmup_kind == "linear" and self.warmup_steps:
            return self._warmed()
        if not self.warmup_steps:
            return self._after_warmup()
        return self._warmup() >> self._after_warmup()

    def _warmed(self) -> Schedule:
        ends = {"start_lr": self.start_lr, "min_lr": self.min_lr}
        if self.decay_start is None and self.kind in WARMED:
            return WARMED[self.kind](self.peak_lr, self.warmup_steps, self.steps, **ends)
        falling = self.steps - self._stable_until
        return WarmupStableDecay(
            self.peak_lr, self.warmup_steps, falling, self.steps, **ends, shape=self.kind
        )

    def _warmup(self) -> Schedule:
        if self.warmup_kind == "constant":
            return Constant(self.start_lr, self.warmup_steps)
        return LinearWarmup(self.peak_lr, self.warmup_steps, self.start_lr)

    def _after_warmup(self) -> Schedule:
        if self.kind == "drops":
            milestones = tuple(t - self.warmup_steps for t in self.drops)
            return MultiStepDecay(self.peak_lr, milestones, self.gamma)
        if self.kind == "constant":
            return Constant(self.peak_lr)
        fall = FALLS[self.kind](self.peak_lr, self.steps - self._stable_until, self.min_lr)
        stable = self._stable_until - self.warmup_steps
        return Constant(self.peak_lr, stable) >> fall if stable else fall

    @property
    def _stable_until(self) -> int:
        return self.warmup_steps if self.decay_start is None else self.decay_start
