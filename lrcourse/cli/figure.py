"""A picture in a file, for `--out`. matplotlib, which loads slowly, is met here only when asked."""

from pathlib import Path
from typing import Any

from lrcourse.cli.names import Refusal, listed

KINDS = (".png", ".svg", ".pdf")
UNDATED: dict[str, dict[str, Any]] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def picture_path(name: str) -> Path:
    """The path of `--out`; Refusal for a kind of file that we do not draw."""
    path = Path(name)
    if path.suffix.lower() not in KINDS:
        raise Refusal(f"--out draws {listed(KINDS)} files, not {name!r}")
    return path


def written(path: Path, drawing: Any, alt: str | None = None) -> list[str]:
    """Write a drawing to the file; the lines that say so, with its text alternative."""
    from lrcourse.plots import show  # matplotlib loads slowly; only who asks for it waits

    picture, kind = show(drawing, alt), path.suffix[1:].lower()
    try:
        if kind == "png":
            path.write_bytes(picture.png)
        else:
            figure = getattr(drawing, "figure", drawing)
            figure.savefig(path, format=kind, bbox_inches="tight", metadata=UNDATED[kind])
    except OSError as error:
        raise Refusal(f"{path} cannot be written: {error.strerror or error}") from None
    return [f"Wrote {path}. Its text alternative:", picture.alt]
