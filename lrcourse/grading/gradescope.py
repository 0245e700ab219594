"""Gradescope: the zip that an instructor uploads, and the program that runs in its container.

    python -m lrcourse.grading.gradescope /autograder --section 01_step

grades the one submission that lies there and writes results/results.json, whatever happens. What a
student sees never says why the grader failed: that is for the instructor, as a hidden test.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ and .../submission_metadata/
"""

import argparse
import io
import json
import shlex
import sys
import traceback
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from lrcourse.grading import GradingError
from lrcourse.grading.assignment import Own, own_assignment, read_assignment
from lrcourse.grading.exports import has_score
from lrcourse.grading.grade import Assignment, assignment_of, grade, seed_for
from lrcourse.grading.late import applied, parse, seconds_late
from lrcourse.grading.run import chosen_level
from lrcourse.grading.sandbox import Sandbox
from lrcourse.grading.sandbox.limits import PACKAGE, ROOT
from lrcourse.grading.submissions import find_submissions

Record = Mapping[str, Any]

NOT_GRADED = (
    "The autograder could not grade this. A person looks at it; the 0 is not your score yet."
)
OF_THE_COURSE = ("pyproject.toml", "README.md", "LICENSE", "constraints.txt")
SECRET, PIP_CONF = "secret", "pip.conf"  # files of the zip
EXECUTABLE = ("run_autograder", "setup.sh")
DATE = (1980, 1, 1, 0, 0, 0)  # the same files make the same zip


class Kit(NamedTuple):
    """What an autograder grades, and how."""

    secret: str
    section: str = ""  # "01_step", where it is no assignment of an instructor's own
    own: Own | None = None
    late: str = "none"
    level: int = 2
    more_time: float = 1.0
    pip_conf: str = ""


# The zip ----------------------------------------------------------------------------------------


def kit_zip(kit: Kit) -> bytes:
    """The zip to upload. It holds the answers, and the secret of the hidden cases."""
    blob = io.BytesIO()
    with zipfile.ZipFile(blob, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in _files(kit):
            member = zipfile.ZipInfo(name, DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = (0o755 if name in EXECUTABLE else 0o644) << 16
            file.writestr(member, text)
    return blob.getvalue()


def _files(kit: Kit) -> Iterator[tuple[str, str | bytes]]:
    yield "setup.sh", SETUP
    yield "run_autograder", run_autograder(kit)
    yield SECRET, kit.secret
    if kit.pip_conf:
        yield PIP_CONF, kit.pip_conf
    if kit.own:
        yield f"{kit.own.name}.py", kit.own.text
        yield from kit.own.drivers
    for path in _course_files():
        yield f"course/{path.relative_to(ROOT).as_posix()}", path.read_bytes()


def _course_files() -> list[Path]:
    """What pip needs to install the course, and the exercises, which hold the checks."""
    missing = [name for name in OF_THE_COURSE if not (ROOT / name).exists()]
    if missing:
        raise GradingError(
            f"the zip needs the course's own files, and {ROOT} has no {missing[0]}: run this from "
            f"a folder of the course, installed with start.py or pip install -e."
        )
    package = [path for path in PACKAGE.rglob("*") if path.is_file()]
    kept = [path for path in package if "__pycache__" not in path.parts]
    exercises = (ROOT / "exercises").glob("*.ipynb")
    return [*(ROOT / name for name in OF_THE_COURSE), *sorted(kept), *sorted(exercises)]


SETUP = """\
#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder is uploaded (Ubuntu 24.04 or newer).
# A pip.conf in the zip is honoured: an index with CPU wheels of PyTorch makes the image smaller.
set -euo pipefail
home="${AUTOGRADER:-/autograder}"
apt-get update
apt-get install -y python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "lrcourse needs Python 3.11: choose the base image Ubuntu 24.04 or newer." >&2
    exit 1
}
python3 -m venv "$home/lrcourse"
if [ -f "$home/source/pip.conf" ]; then export PIP_CONFIG_FILE="$home/source/pip.conf"; fi
cd "$home/source/course"
"$home/lrcourse/bin/pip" install --no-cache-dir --constraint constraints.txt --editable .
"""


def run_autograder(kit: Kit) -> str:
    """The program that Gradescope starts for each submission, as text."""
    what = ["--assignment", f"{kit.own.name}.py"] if kit.own else ["--section", kit.section]
    how = [
        "--late",
        kit.late,
        "--strict-level",
        str(kit.level),
        "--more-time",
        f"{kit.more_time:g}",
    ]
    return f"""\
#!/usr/bin/env bash
# Gradescope runs this in a fresh container for each submission, and shows what stands in
# results.json. What is printed is for the instructor alone.
home="${{AUTOGRADER:-/autograder}}"
results="$home/results/results.json"
mkdir -p "$home/results"
rm -f "$results"
cd "$home/source/course" &&
    "$home/lrcourse/bin/python" -m lrcourse.grading.gradescope "$home" \\
        {shlex.join(what + how)} 2>&1
if [ ! -s "$results" ]; then  # not even Python came to its end
    cat > "$results" <<'END'
{failed("The grader did not start, or was killed: its output says more.")}END
fi
"""


# In the container -------------------------------------------------------------------------------


def main(words: Sequence[str]) -> None:
    """Grade what lies in the folder, and write its results.json; what is printed says how."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--section", default="")
    parser.add_argument("--assignment", default="")
    parser.add_argument("--late", default="none")
    parser.add_argument("--strict-level", type=int, default=2)
    parser.add_argument("--more-time", type=float, default=1.0)
    args = parser.parse_args(words)
    try:
        text = _graded(args)
    except GradingError as error:
        text = failed(str(error))
    except Exception:
        text = failed(traceback.format_exc())
    path = args.home / "results" / "results.json"
    path.write_text(text, encoding="utf-8")
    print(text)


def _graded(args: argparse.Namespace) -> str:
    source = args.home / "source"
    own = read_assignment(source / args.assignment) if args.assignment else None
    assignment = own_assignment(own) if own else assignment_of(args.section)
    assignment = replace(assignment, limits=assignment.limits.longer(args.more_time))
    metadata = args.home / "submission_metadata.json"
    student, submitted_at, due = handed_in(metadata.read_text(encoding="utf-8"))
    file, data = _notebook(args.home / "submission", assignment)
    if data is None:
        return unusable(assignment, file)
    level = chosen_level(args.strict_level)
    secret = (source / SECRET).read_bytes().strip()
    seed = seed_for(secret, assignment.section, student, data)
    with Sandbox(level, assignment.limits) as sandbox:
        record = grade(data, assignment, student, seed, sandbox)
    return results_json(applied(record, parse(args.late), seconds_late(submitted_at, due)))


def _notebook(folder: Path, assignment: Assignment) -> tuple[str, bytes | None]:
    """The name and the bytes of the one notebook; or a sentence for the student, and None."""
    name = assignment.section
    sections = {"sections": (name,)} if assignment.text else {}
    found = [each for each in find_submissions([folder], **sections) if not each.problem]
    fitting = [each for each in found if each.section == name]
    fitting = fitting or [each for each in found if assignment.text or not each.section]
    if len(fitting) == 1:
        return fitting[0].file, fitting[0].read()
    names = ", ".join(sorted(each.path.name for each in fitting or found)) or "none"
    return f"Hand in one notebook, {name}.ipynb; the notebooks found are: {names}.", None


def handed_in(metadata: str) -> tuple[str, str | None, str | None]:
    """Who handed in, when, and when it was due, from submission_metadata.json."""
    try:
        found = json.loads(metadata)
        users = [user.get("email") or user["name"] for user in found["users"]]
        due = (found["users"][0].get("assignment") or found["assignment"])["due_date"]
        return ", ".join(users), found.get("created_at"), due or None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise GradingError(
            "submission_metadata.json does not say who handed in: is it from Gradescope?"
        ) from None


# results.json -----------------------------------------------------------------------------------


def results_json(record: Record) -> str:
    """The results.json of one submission; a record that needs review has no score yet."""
    if not has_score(record):
        return failed(f"this needs review: {record.get('reason', '')}")
    tests = [
        {
            "name": f"{name} {task['title']}",
            "number": name,
            "score": task["points"],
            "max_score": task["of"],
            "status": "passed" if task["points"] >= task["of"] else "failed",
            "output": "\n".join(filter(None, [task.get("said"), task.get("lesson")])),
        }
        for name, task in record["tasks"].items()
    ]
    kept = ("assignment", "sha256", "seed", "spec", "level", "limits", "versions")
    output = "\n".join(filter(None, [record.get("reason"), _lateness(record)]))
    told = {key: record[key] for key in kept if key in record}
    return _written(record["score"], output, tests, told, record.get("seconds", 0.0))


def failed(why: str) -> str:
    """The results.json where the grader is at fault: the student reads that, the instructor why."""
    hidden = {"name": "For the instructor", "visibility": "hidden", "output": why}
    return _written(0.0, NOT_GRADED, [{**hidden, "status": "failed"}], {"needs_review": True})


def unusable(assignment: Assignment, why: str) -> str:
    """The results.json where nothing can be graded, for a reason that the student can mend."""
    return _written(0.0, why, [], {"assignment": assignment.section})


def _lateness(record: Record) -> str:
    raw, score = record.get("raw_score", record["score"]), record["score"]
    if raw == score:
        return ""
    hours = record.get("late_seconds", 0.0) / 3600
    return f"It was handed in {hours:.1f} hours late: {raw:g} points became {score:g}."


def _written(
    score: float,
    output: str,
    tests: list[dict[str, Any]],
    extra: Mapping[str, Any],
    seconds: float = 0.0,
) -> str:
    found = {
        "score": score,
        "execution_time": seconds,
        "output": output,
        "output_format": "text",  # a student's own words are no HTML
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
        "extra_data": extra,
    }
    return json.dumps(found, indent=1) + "\n"


if __name__ == "__main__":
    main(sys.argv[1:])
