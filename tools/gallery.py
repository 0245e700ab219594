"""The gallery of the explorers: `python tools/gallery.py`, after the browser tests have run.

They leave a picture of each explorer in tests/artifacts/; here it becomes a small PNG of 256
colours in docs/explorers/.
"""

import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
TAKEN = ROOT / "tests" / "artifacts"
GALLERY = ROOT / "docs" / "explorers"


def main() -> int:
    pictures = sorted(TAKEN.glob("scene_*.png"))
    if not pictures:
        print("No pictures yet: run `python start.py test tests/browser/test_scenes_in_lab.py`.")
        return 1
    GALLERY.mkdir(exist_ok=True)
    for picture in pictures:
        small = Image.open(picture).convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(GALLERY / picture.name.removeprefix("scene_"), optimize=True)
    print(f"{len(pictures)} pictures in {GALLERY.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
