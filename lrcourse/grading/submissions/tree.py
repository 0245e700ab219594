"""Every file under a path, archives opened, as `Found`: where it lies and how to read it.

Nothing is ever unpacked to the disk, so a name such as `../../.bashrc` can do no harm; it is
refused all the same. The work is bounded: so many files, so many bytes out of archives, archives
so deep in each other. What is not looked into is found as well, with the sentence that says why.
"""

import calendar
import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

from lrcourse.grading import GradingError
from lrcourse.grading.notebook import MOST_BYTES

MOST_FILES = 200_000  # in one path that was given, archives in it included: 400 full clones
MOST_DIRECTORY = 8 << 20  # bytes of the list of names at the end of a zip
MOST_INNER = 64 << 20  # bytes of an archive that lies in an archive
MOST_DEPTH = 3  # archives in archives
EXPANSION = 50  # a class of notebooks becomes about 10 times smaller; a bomb 1000 times
ALWAYS = 512 << 20  # bytes out of archives that are never too many
SKIPPED = {".git", ".ipynb_checkpoints", "__MACOSX", "__pycache__", ".DS_Store", "Thumbs.db"}
OTHER_ARCHIVES = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".tbz2")
DAMAGED = (
    zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError, IndexError,
    OSError, struct.error,
)  # fmt: skip
LINK = "it is a link to another file, and links are not followed."
UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Found(NamedTuple):
    """A file: its names from the given path down, and the way to its bytes."""

    parts: tuple[str, ...]  # ("submissions.zip", "kim_1_2_01_step.ipynb")
    path: Path  # the file on the disk
    members: tuple[int, ...] = ()  # its place in that archive, and in the archive in it
    newest: float = 0.0  # a time that is only compared within one folder or archive
    problem: str = ""


@dataclass
class Budget:
    """What may still be done for one path that was given."""

    bytes: int
    files: int = field(default_factory=lambda: MOST_FILES)
    told: set[str] = field(default_factory=set)

    def tell_once(self, sentence: str) -> bool:
        """Whether this has not been said yet."""
        is_new = sentence not in self.told
        self.told.add(sentence)
        return is_new


def files_under(path: Path) -> Iterator[Found]:
    """The files of a folder, of an archive, or the one file; in the order of their names."""
    if not os.path.lexists(path):
        raise GradingError(f"{shown(str(path))}: there is no such file or folder.")
    size = path.stat().st_size if path.is_file() else 0
    if path.is_dir():
        yield from _in_folder(path, Budget(ALWAYS))
    else:
        yield from _opened(Found((shown(path.name),), path), Budget(ALWAYS + EXPANSION * size))


def read(path: Path, members: tuple[int, ...] = ()) -> bytes:
    """The bytes of a file, at most one more than a notebook may have."""
    try:
        if not members:
            with open(path, "rb") as file:
                return file.read(MOST_BYTES + 1)
        status = path.stat()
        archive = _kept_open(path, members[:-1], (status.st_mtime_ns, status.st_size))
        return _member(archive, archive.infolist()[members[-1]], MOST_BYTES + 1)
    except DAMAGED as error:
        raise GradingError(f"it cannot be read: {_reason(error)}") from None


def shown(name: str) -> str:
    """A name as one line of text, the same on every machine (macOS splits its accents off)."""
    return UNSHOWN.sub("\ufffd", unicodedata.normalize("NFC", _legible(name)))


def _legible(name: str) -> str:
    r"""Also a name whose bytes are no UTF-8: Korean in EUC-KR, or else "\xb1\xe8".

    As two \ufffd each, two names on the disk would be one student.
    """
    try:
        raw = name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, which Windows allows
        return name
    return _text(raw) or raw.decode("utf-8", "backslashreplace")


# Folders ---------------------------------------------------------------------------------------


def _in_folder(top: Path, budget: Budget) -> Iterator[Found]:
    failed: list[OSError] = []
    for folder, folders, names in os.walk(top, onerror=failed.append):
        above = (shown(top.resolve().name), *map(shown, Path(folder).relative_to(top).parts))
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        if ".git" in folders or ".git" in names:
            yield Found((*above, ".git"), Path(folder, ".git"))
        folders[:] = sorted(set(folders) - SKIPPED - set(links))
        for name in sorted([*names, *links]):
            if name in SKIPPED or name.startswith("._"):
                continue
            budget.files -= 1
            if budget.files < 0:
                sentence = f"it has more than {MOST_FILES:,} files, and the rest is not looked at."
                yield Found(above[:1], top, problem=sentence)
                return
            found = Found((*above, shown(name)), Path(folder, name))
            size = Path(folder, name).lstat().st_size if name.lower().endswith(".zip") else 0
            budget.bytes += EXPANSION * size
            yield from _opened(found, budget)
    for error in failed:
        name = shown(str(error.filename))
        yield Found((name,), Path(name), problem=f"the folder cannot be read: {error.strerror}.")


def _opened(found: Found, budget: Budget) -> Iterator[Found]:
    """The file itself, or what is in it where it is an archive."""
    try:
        status = os.lstat(found.path)
        if stat.S_ISLNK(status.st_mode) and len(found.parts) > 1:
            yield found._replace(problem=LINK)
            return
        status = os.stat(found.path)
        if not stat.S_ISREG(status.st_mode):
            yield found._replace(problem="it is no file but a device or a pipe.")
            return
        found = found._replace(newest=status.st_mtime)
        if not found.path.name.lower().endswith(".zip"):
            yield found
            return
        with open(found.path, "rb") as file:
            yield from _in_archive(file, found, budget)
    except OSError as error:
        yield found._replace(problem=f"it cannot be read: {error.strerror or error}.")


# Archives --------------------------------------------------------------------------------------


def _in_archive(file: IO[bytes], outer: Found, budget: Budget) -> Iterator[Found]:
    try:
        archive = _archive(file)
    except (GradingError, *DAMAGED) as error:
        yield outer._replace(problem=f"the archive cannot be opened: {_reason(error)}")
        return
    for number, info in enumerate(archive.infolist()):
        names = _names(info)
        if info.filename.endswith(("/", "\\")) or any(
            name in SKIPPED or name.startswith("._") for name in names
        ):
            continue
        budget.files -= 1
        if budget.files < 0:
            sentence = f"it has more than {MOST_FILES:,} files, and the rest is not looked at."
            if budget.tell_once(sentence):
                yield outer._replace(problem=sentence)
            return
        inside = outer._replace(
            parts=(*outer.parts, *map(shown, names)),
            members=(*outer.members, number),
            newest=_comparable(info.date_time),
        )
        if problem := _refused(info, names):
            yield inside._replace(problem=problem)
        elif not info.filename.lower().endswith(".zip"):
            yield inside
        else:
            yield from _inner(archive, info, inside, budget)


def _inner(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, inside: Found, budget: Budget
) -> Iterator[Found]:
    """What is in an archive that lies in an archive."""
    if len(inside.members) >= MOST_DEPTH:
        yield inside._replace(problem=f"archives lie more than {MOST_DEPTH} deep in each other.")
        return
    try:
        data = _member(archive, info, min(MOST_INNER, budget.bytes) + 1)
    except DAMAGED as error:
        yield inside._replace(problem=f"it cannot be read: {_reason(error)}")
        return
    budget.bytes -= len(data)
    if len(data) > MOST_INNER or budget.bytes < 0:
        yield inside._replace(problem="the archive in the archive is too large: unpack it first.")
        return
    yield from _in_archive(io.BytesIO(data), inside, budget)


def _archive(file: IO[bytes]) -> zipfile.ZipFile:
    _refuse_endless(file)
    return zipfile.ZipFile(file)


def _refuse_endless(file: IO[bytes]) -> None:
    size = _directory_size(file)
    if size > MOST_DIRECTORY:
        raise GradingError(f"its list of names has {size >> 20} MB: it is no class of notebooks.")


def _directory_size(file: IO[bytes]) -> int:
    """What the end of a zip says about its list of names, which zipfile reads as a whole.

    The end record is described in https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT,
    4.3.14 to 4.3.16.
    """
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 65_700))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        return 0  # zipfile says what is wrong
    if at >= 76 and tail[at - 20 : at - 16] == b"PK\x06\x07":
        return int(struct.unpack_from("<Q", tail, at - 36)[0])
    return int(struct.unpack_from("<L", tail, at + 12)[0])


def _names(info: zipfile.ZipInfo) -> list[str]:
    """The folders and the name of a member."""
    name = info.filename
    if not info.flag_bits & 0x800:  # not marked as UTF-8: zipfile has read it as code page 437
        name = _recoded(name)
    return [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]


def _recoded(name: str) -> str:
    """A name without the UTF-8 mark: macOS writes UTF-8 all the same, Korean Windows EUC-KR."""
    try:
        return _text(name.encode("cp437")) or name
    except UnicodeEncodeError:
        return name


def _text(raw: bytes) -> str:
    """These bytes as UTF-8, or as Korean in EUC-KR; "" where they are neither."""
    for encoding in ("utf-8", "euc_kr"):
        try:
            read = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8" or all(c < "\x80" or "\uac00" <= c <= "\ud7a3" for c in read):
            return read
    return ""


def _refused(info: zipfile.ZipInfo, names: list[str]) -> str:
    """Why a member is not read; "" where it may be."""
    if stat.S_ISLNK(info.external_attr >> 16):
        return LINK
    if (
        not names
        or ".." in names
        or info.filename.startswith(("/", "\\"))
        or info.filename[1:2] == ":"
    ):
        return "its name leads out of the archive, so nobody can say whose it is."
    if info.flag_bits & 0x1:
        return "it is protected with a password: unpack the archive first."
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "it is compressed in an unusual way: unpack the archive first."
    return ""


def _comparable(date: tuple[int, int, int, int, int, int]) -> float:
    try:
        return float(calendar.timegm(date))
    except (ValueError, OverflowError):  # the 0th of month 0
        return 0.0


@lru_cache(maxsize=2)
def _kept_open(path: Path, members: tuple[int, ...], stamp: tuple[int, int]) -> zipfile.ZipFile:
    """The archive; to read the list of its names for each of its files would take minutes."""
    if not members:
        with open(path, "rb") as file:
            _refuse_endless(file)
        return zipfile.ZipFile(path)
    outer = _kept_open(path, members[:-1], stamp)
    data = _member(outer, outer.infolist()[members[-1]], MOST_INNER + 1)
    return _archive(io.BytesIO(data))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """At most so many bytes, whatever the archive says about its size."""
    with archive.open(info) as member:
        return member.read(most)


def _reason(error: Exception) -> str:
    if isinstance(error, GradingError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    return "it is damaged or no zip archive: download it again."
