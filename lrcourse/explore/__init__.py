"""Pictures that answer a slider: schedules under your hands, and a scene for every section."""

from lrcourse.explore.explorer import Explorer, explore
from lrcourse.explore.scene import Scene, scene

__all__ = ["Explorer", "Scene", "explore", "scene"]
