"""One explorer for each section of the course. Each file is one scene, and an example of one.

from lrcourse.explore import explore
from lrcourse.explore.scenes import noisy_valley
explore(noisy_valley)
"""

from lrcourse.explore.scene import Scene
from lrcourse.explore.scenes.batch_size import batch_size
from lrcourse.explore.scenes.compositions import compositions
from lrcourse.explore.scenes.decay_family import decay_family
from lrcourse.explore.scenes.drawn_schedule import draw_your_own
from lrcourse.explore.scenes.live_training import live_training
from lrcourse.explore.scenes.lr_finder import lr_finder
from lrcourse.explore.scenes.noisy_valley import noisy_valley
from lrcourse.explore.scenes.one_cycle import one_cycle
from lrcourse.explore.scenes.plateau import plateau
from lrcourse.explore.scenes.recipes import recipes
from lrcourse.explore.scenes.restarts import restarts
from lrcourse.explore.scenes.warmup_shapes import warmup_shapes

_IN_THE_ORDER_OF_THE_SECTIONS: tuple[Scene, ...] = (
    noisy_valley,
    decay_family,
    restarts,
    plateau,
    warmup_shapes,
    one_cycle,
    compositions,
    lr_finder,
    batch_size,
    recipes,
    draw_your_own,
    live_training,
)
SCENES: dict[str, Scene] = {scene.name: scene for scene in _IN_THE_ORDER_OF_THE_SECTIONS}

__all__ = [
    "SCENES",
    "batch_size",
    "compositions",
    "decay_family",
    "draw_your_own",
    "live_training",
    "lr_finder",
    "noisy_valley",
    "one_cycle",
    "plateau",
    "recipes",
    "restarts",
    "warmup_shapes",
]
