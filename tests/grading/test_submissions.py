"""Who handed in what: the layouts of the platforms, and what is wrong in real folders and zips."""

import io
import json
import os
import pickle
import random
import stat
import struct
import subprocess
import unicodedata
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.notebook import MOST_BYTES
from lrcourse.grading.submissions import (
    BOMB,
    COMMIT,
    SHEET,
    Submission,
    find_submissions,
    layouts,
    tree,
)

ROOT = Path(__file__).parents[2]


def notebook(text="x = 1", section=""):
    metadata = {"lrcourse": {"source": f"sources/exercises/{section}.py"}} if section else {}
    cells = [{"cell_type": "code", "source": text}]
    return json.dumps({"cells": cells, "metadata": metadata}).encode()


def write(folder, files):
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def zipped(files):
    """The bytes of a zip; `files` are names or ZipInfos, with their bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, data)
    return buffer.getvalue()


def member(name, **values):
    info = zipfile.ZipInfo(name, (2026, 11, 22, 21, 3, 0))
    for key, value in values.items():
        setattr(info, key, value)
    return info


def zip_file(folder, files, name="submissions.zip"):
    path = folder / name
    path.write_bytes(zipped(files))
    return path


def graded(found):
    return {(each.student, each.section): each.read() for each in found if not each.problem}


def problems(found):
    return {each.file: each.problem for each in found if each.problem}


# Layouts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "student", "note"),
    [
        ("01_step.ipynb", "01_step", "does not say whose"),
        ("01_step_kim.ipynb", "kim", "name of the file"),
        ("Kim Minji 01-Step (2).ipynb", "Kim Minji", "name of the file"),
        ("kim.ipynb", "kim", "name of the file"),
    ],
)
def test_a_single_notebook_is_whose_its_name_says(tmp_path, name, student, note):
    write(tmp_path, {name: notebook(section="01_step")})
    [found] = find_submissions([tmp_path / name])
    assert (found.student, found.section, found.problem) == (student, "01_step", "")
    assert note in found.note
    assert found.read() == notebook(section="01_step")


def test_a_folder_with_one_folder_per_student(tmp_path):
    files = {
        "class/kim/01_step.ipynb": notebook("kim"),
        "class/lee/exercises/01_step.ipynb": notebook("lee"),
        "class/kim/02_exponential.ipynb": notebook("kim2"),
        "class/ünal 'x'/Untitled.ipynb": notebook("ü", "03_cosine"),
        "class/kim/.Rhistory": b"x",  # nobody hands that in, so nothing is said of it
    }
    found = find_submissions([write(tmp_path, files) / "class"])
    assert graded(found) == {
        ("kim", "01_step"): notebook("kim"),
        ("kim", "02_exponential"): notebook("kim2"),
        ("lee", "01_step"): notebook("lee"),
        ("ünal 'x'", "03_cosine"): notebook("ü", "03_cosine"),
    }
    assert not any(each.problem or each.late for each in found)
    assert {each.note for each in found} == {
        f"the student is the name of the folder {student}."
        for student in ("kim", "lee", "ünal 'x'")
    }
    one = find_submissions([tmp_path / "class" / "kim"])
    assert {each.student for each in one} == {"kim"}
    several = find_submissions(sorted((tmp_path / "class").iterdir()))
    assert graded(several).keys() == graded(found).keys()


def test_a_flat_folder_is_sorted_by_the_names_of_the_files(tmp_path):
    files = {"01_step_kim.ipynb": notebook("kim"), "lee-01-step.ipynb": notebook("lee")}
    assert graded(find_submissions([write(tmp_path, files)])) == {
        ("kim", "01_step"): notebook("kim"),
        ("lee", "01_step"): notebook("lee"),
    }


@pytest.mark.parametrize(
    ("timestamp", "submitted_at"),
    [
        ("2026-11-22 21:03:00.948203 UTC", "2026-11-22T21:03:00.948203+00:00"),
        ("2026-11-22 21:03:00 Asia/Seoul\n", "2026-11-22T21:03:00+09:00"),
        ("2026-11-22T21:03:00 -0530", "2026-11-22T21:03:00-05:30"),
        ("2026-11-22 21:03", "2026-11-22T21:03:00+00:00"),
        ("2026-13-22 21:03:00 UTC", None),
        ("2026-11-22 21:03:00 ../../../etc/passwd", None),
        ("yesterday", None),
    ],
)
@pytest.mark.parametrize("given", ["", "submitted", "submitted/kim", "submitted/kim/01_step"])
def test_nbgrader_folders_say_who_and_when(tmp_path, given, timestamp, submitted_at):
    files = {
        "submitted/kim/01_step/01_step.ipynb": notebook(),
        "submitted/kim/01_step/timestamp.txt": timestamp.encode(),
        "submitted/kim/01_step/.ipynb_checkpoints/01_step-checkpoint.ipynb": notebook("old"),
    }
    found = find_submissions([write(tmp_path, files) / given])
    if given == "submitted/kim/01_step":  # nothing says kim in there
        assert [each.submitted_at for each in found] == [submitted_at]
    else:
        assert [(each.student, each.section, each.submitted_at) for each in found] == [
            ("kim", "01_step", submitted_at)
        ]
        assert [each.time_from for each in found] == [SHEET if submitted_at else ""]


def clone(folder, *sections):
    """A clone of this course as a student has it."""
    files = {f"exercises/{each}.ipynb": notebook(f"mine {each}", each) for each in sections}
    files |= {f"{kind}/01_step.ipynb": notebook(kind) for kind in ("notebooks", "solutions")}
    files |= {"lrcourse/schedules/step.py": b"x", "sources/exercises/01_step.py": b"# %%\n"}
    files |= {
        "exercises/my_answers/01_step.ipynb": notebook("backup", "01_step"),
        "README.md": b"x",
    }
    write(folder, files)
    subprocess.run(["git", "init", "-q", folder], check=True)


def test_clones_of_github_classroom_give_their_exercises_only(tmp_path):
    top = tmp_path / "week-1-submissions"
    for name in ("week-1-kim-minji", "week-1-kim-jun"):
        clone(top / name, "01_step", "02_exponential")
    (top / "week-1-lee").mkdir()
    subprocess.run(["git", "init", "-q", top / "week-1-lee"], check=True)
    found = find_submissions([top])
    assert graded(found) == {
        (student, section): notebook(f"mine {section}", section)
        for student in ("kim-minji", "kim-jun")
        for section in ("01_step", "02_exponential")
    }
    assert problems(found) == {
        "week-1-submissions/week-1-lee": "there is no exercise notebook in this repository."
    }


def test_clones_in_any_folder_lose_the_words_that_all_names_begin_with(tmp_path):
    for name in ("week-1-kim", "week-1-kiara"):
        clone(tmp_path / name, "01_step")
    assert {each.student for each in find_submissions([tmp_path])} == {"kim", "kiara"}


def git(folder, *words, at=""):
    dates = {"GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", "GIT_COMMITTER_DATE": at} if at else {}
    who = ["-c", "user.name=kim", "-c", "user.email=kim@x.kr"]
    subprocess.run(
        ["git", *who, "-C", folder, *words], env={**os.environ, **dates}, check=True, timeout=60
    )


def committed(folder, day, files):
    """A clone in which the files were committed on that day of November."""
    write(folder, files)
    if not (folder / ".git").exists():
        git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "x", at=f"2026-11-{day}T21:03:00+09:00")


STEP, EXPONENTIAL = "exercises/01_step.ipynb", "exercises/02_exponential.ipynb"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("detached", [False, True])
def test_a_clone_says_when_each_file_was_committed(tmp_path, packed, detached):
    clone = tmp_path / "week-1-kim"
    committed(clone, 20, {STEP: b"1", EXPONENTIAL: b"1", "README.md": b"1"})
    committed(clone, 21, {STEP: b"2"})
    committed(clone, 22, {"README.md": b"2"})
    if detached:
        git(clone, "checkout", "-q", "--detach")
    if packed:
        git(clone, "gc", "-q")
        git(clone, "pack-refs", "--all")
    write(clone, {"exercises/03_cosine.ipynb": b"not committed"})
    for given in (tmp_path, clone):
        found = {each.section: each for each in find_submissions([given])}
        assert {name: each.submitted_at for name, each in found.items()} == {
            "01_step": "2026-11-21T12:03:00+00:00",
            "02_exponential": "2026-11-20T12:03:00+00:00",
            "03_cosine": None,
        }
        assert [found[name].time_from for name in sorted(found)] == [COMMIT, COMMIT, ""]


def test_the_settings_of_a_clone_start_no_program(tmp_path):
    """A student may have handed in the folder, with its .git."""
    clone = tmp_path / "kim"
    committed(clone, 20, {STEP: b"1"})
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    plain = (clone / ".git" / "config").read_text()
    hostile = f"""
        [log]
            showSignature = true
        [gpg]
            program = {program}
        [core]
            fsmonitor = {program}
            sshCommand = {program}
            pager = {program}
            hooksPath = {tmp_path}
        [diff]
            external = {program}
    """
    (clone / ".git" / "config").write_text(plain + hostile)
    signed = subprocess.run(
        ["git", "-C", clone, "cat-file", "commit", "HEAD"], capture_output=True, check=True
    ).stdout.replace(b"\n\n", b"\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n\n", 1)
    made = subprocess.run(
        ["git", "-C", clone, "hash-object", "-t", "commit", "-w", "--stdin"],
        input=signed, capture_output=True, check=True,
    )  # fmt: skip
    head = (clone / ".git" / "HEAD").read_text().removeprefix("ref: ").strip()
    (clone / ".git" / head).write_bytes(made.stdout)
    [found] = find_submissions([clone])
    assert found.submitted_at == "2026-11-20T12:03:00+00:00"
    assert not (tmp_path / "started").exists()
    subprocess.run(["git", "-C", clone, "log", "-1"], capture_output=True, check=False)
    assert (tmp_path / "started").exists()  # git itself does start it


@pytest.mark.parametrize(
    "head",
    [b"", b"ref: refs/heads/../../x", b"ref: /etc/passwd", b"x" * 40, b"\xff", b"0" * 40, None],
)
def test_a_clone_that_cannot_be_read_has_no_time(tmp_path, head):
    clone = tmp_path / "kim"
    committed(clone, 20, {STEP: b"1"})
    (clone / ".git" / "HEAD").unlink()
    if head is None:
        os.mkfifo(clone / ".git" / "HEAD")
    else:
        (clone / ".git" / "HEAD").write_bytes(head)
    [found] = find_submissions([tmp_path])
    assert (found.submitted_at, found.time_from, found.problem) == (None, "", "")


def test_where_git_is_missing_a_clone_has_no_time(tmp_path, monkeypatch):
    committed(tmp_path / "kim", 20, {STEP: b"1"})
    monkeypatch.setenv("PATH", str(tmp_path))
    [found] = find_submissions([tmp_path])
    assert (found.submitted_at, found.problem) == (None, "")


def test_of_two_files_in_a_clone_the_one_committed_later_is_newer(tmp_path):
    clone = tmp_path / "kim"
    committed(clone, 21, {"a/01_step.ipynb": notebook("new", "01_step")})
    committed(clone, 22, {"x": b""})
    committed(tmp_path / "lee", 20, {"b/01_step.ipynb": notebook("lee", "01_step")})
    write(clone, {"b/01_step.ipynb": notebook("old", "01_step")})
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "x", at="2026-11-21T23:00:00+14:00")
    assert graded(find_submissions([tmp_path]))["kim", "01_step"] == notebook("new", "01_step")


CANVAS = {
    "kimminji_12345_67890_01_step.ipynb": notebook("kim"),
    "leejun_LATE_222_333_01_step.ipynb": notebook("lee late"),
    "parkhana_55_70_01_step.ipynb": notebook("first"),
    "parkhana_55_71_01_step-1.ipynb": notebook("second"),
    "parkhana_55_69_01_step-2.ipynb": notebook("zeroth"),
    "kimminji_99999_67893_01_step.ipynb": notebook("another kim"),
    "o_brien_7_8_my homework.ipynb": notebook("brien", "01_step"),
    "김민지_41_42_01_step.ipynb": notebook("minji"),
    "anon_x7Gh2_900_01_step.ipynb": notebook("anonymous"),
    "LATE_anon_Q1w2E_901_01_step.ipynb": notebook("anonymous, late"),
    "choi_1_2_01_step.pdf": b"%PDF-1.7",
    "jung_3_4_text.html": b"<p>here it is</p>",
}


def test_a_canvas_zip(tmp_path):
    found = find_submissions([zip_file(tmp_path, CANVAS)])
    assert graded(found) == {
        ("kimminji_12345", "01_step"): notebook("kim"),
        ("leejun_222", "01_step"): notebook("lee late"),
        ("parkhana_55", "01_step"): notebook("second"),
        ("kimminji_99999", "01_step"): notebook("another kim"),
        ("o_brien_7", "01_step"): notebook("brien", "01_step"),
        ("김민지_41", "01_step"): notebook("minji"),
        ("anon_x7Gh2", "01_step"): notebook("anonymous"),
        ("anon_Q1w2E", "01_step"): notebook("anonymous, late"),
    }
    assert {each.student for each in found if each.late} == {"leejun_222", "anon_Q1w2E"}
    assert {each.student for each in found if each.problem} == {"parkhana_55", "choi_1", "jung_3"}
    told = problems(found)
    assert told["submissions.zip/parkhana_55_70_01_step.ipynb"] == (
        "submissions.zip/parkhana_55_71_01_step-1.ipynb is graded instead, which is newer."
    )
    assert "ask for the .ipynb" in told["submissions.zip/choi_1_2_01_step.pdf"]
    assert not any(each.submitted_at for each in found)  # the dates are those of the download


@pytest.mark.parametrize("ending", ["", "_"])
def test_a_moodle_zip(tmp_path, ending):
    files = {
        f"Kim Minji_12345_assignsubmission_file{ending}/01_step.ipynb": notebook("kim"),
        f"Kim Minji_12346_assignsubmission_file{ending}/01_step.ipynb": notebook("other kim"),
        f"Lee_Jun_7_assignsubmission_file{ending}/sub/lesson.ipynb": notebook("lee", "01_step"),
        f"Park_8_assignsubmission_file{ending}/report.docx": b"PK",
        "Choi Su_9_assignsubmission_onlinetext/onlinetext.html": b"<p>",
    }
    found = find_submissions([zip_file(tmp_path, files)])
    assert graded(found) == {
        ("Kim Minji_12345", "01_step"): notebook("kim"),
        ("Kim Minji_12346", "01_step"): notebook("other kim"),
        ("Lee_Jun_7", "01_step"): notebook("lee", "01_step"),
    }
    assert sorted(each.student for each in found if each.problem) == ["Choi Su_9", "Park_8"]


def test_a_flat_moodle_zip(tmp_path):
    files = {"Kim Minji_12345_assignsubmission_file_01_step.ipynb": notebook("kim")}
    assert graded(find_submissions([zip_file(tmp_path, files)])) == {
        ("Kim Minji_12345", "01_step"): notebook("kim")
    }


def test_an_archive_in_an_archive_is_its_students(tmp_path):
    homework = zipped({"hw/01_step.ipynb": notebook("kim"), "hw/02_exponential.ipynb": notebook()})
    deep = zipped({"a.zip": zipped({"b.zip": zipped({"c.zip": zipped({"01_step.ipynb": b"x"})})})})
    files = {"kim_1_2_hw.zip": homework, "lee_3_4_hw.zip": deep, "park_5_6_hw.zip": b"PK no zip"}
    found = find_submissions([zip_file(tmp_path, files)])
    assert graded(found) == {
        ("kim_1", "01_step"): notebook("kim"),
        ("kim_1", "02_exponential"): notebook(),
    }
    told = {each.student: each.problem for each in found if each.problem}
    assert "more than 3 deep" in told["lee_3"]
    assert "damaged or no zip" in told["park_5"]


def test_zips_that_lie_in_a_folder_are_one_per_student(tmp_path):
    for name in ("kim", "lee"):
        zip_file(tmp_path, {"01_step.ipynb": notebook(name)}, f"{name}.zip")
    assert graded(find_submissions([tmp_path])) == {
        (name, "01_step"): notebook(name) for name in ("kim", "lee")
    }


# Which file ------------------------------------------------------------------------------------


def test_the_notebook_says_which_exercise_it_is_before_its_name_does(tmp_path):
    files = {"kim/02_exponential.ipynb": notebook(section="01_step"), "lee/a.ipynb": notebook()}
    found = find_submissions([write(tmp_path, files)])
    assert [(each.student, each.section) for each in found] == [("kim", "01_step"), ("lee", "")]
    assert "its name says 02_exponential, but it is the notebook of 01_step" in found[0].note


def test_the_folder_says_which_exercise_it_is_where_nothing_else_does(tmp_path):
    files = {"submitted/kim/01_step/Untitled.ipynb": notebook()}
    assert graded(find_submissions([write(tmp_path, files)])).keys() == {("kim", "01_step")}


@pytest.mark.parametrize(
    ("better", "worse", "why"),
    [
        ("01_step.ipynb", "my 01_step.ipynb", "name that fits better"),
        ("my 01_step.ipynb", "Untitled.ipynb", "name that fits better"),
        ("01_step-1.ipynb", "01_step.ipynb", "is newer"),
        ("01_step (2).ipynb", "01_step (1).ipynb", "is newer"),
        ("01_step.ipynb", "01_step.py", "name that fits better"),
        ("new/01_step.ipynb", "old/01_step.ipynb", "is newer"),
    ],
)
def test_of_two_files_the_better_name_and_then_the_newer_is_graded(tmp_path, better, worse, why):
    files = {
        f"kim/{better}": notebook("better", "01_step"),
        f"kim/{worse}": notebook("worse", "01_step"),
        "lee/01_step.ipynb": notebook("lee"),
    }
    write(tmp_path, files)
    os.utime(tmp_path / "kim" / worse, (1e9, 1e9) if "old" in worse else (2e9, 2e9))
    found = find_submissions([tmp_path])
    assert graded(found)["kim", "01_step"] == notebook("better", "01_step")
    [(file, told)] = problems(found).items()
    assert file.endswith(f"kim/{worse}")
    assert f"kim/{better} is graded instead" in told
    assert why in told


def test_a_student_in_two_downloads_is_graded_once(tmp_path):
    first = zip_file(tmp_path, {"kim_1_20_01_step.ipynb": notebook("late")}, "a.zip")
    second = zip_file(tmp_path, {"kim_1_10_01_step.ipynb": notebook("early")}, "b.zip")
    found = find_submissions([first, second])
    assert graded(found) == {("kim_1", "01_step"): notebook("late")}
    assert list(problems(found)) == ["b.zip/kim_1_10_01_step.ipynb"]


def test_a_file_without_a_section_does_not_compete_with_one_that_has_it(tmp_path):
    files = {"kim/01_step.ipynb": notebook(), "kim/scratch.ipynb": notebook(), "lee/x.ipynb": b"{}"}
    found = find_submissions([write(tmp_path, files)])
    assert graded(found).keys() == {("kim", "01_step"), ("lee", "")}
    [told] = problems(found).values()
    assert "does not say which exercise" in told


def test_a_student_of_nbgrader_is_known_without_a_timestamp(tmp_path):
    files = {f"submitted/kim/{each}/{each}.ipynb": notebook() for each in ("01_step", "03_cosine")}
    assert {each.student for each in find_submissions([write(tmp_path, files)])} == {"kim"}


def test_a_script_is_graded_where_there_is_no_notebook(tmp_path):
    files = {"kim/01_step.py": b"# %%\nx = 1\n", "lee/helper.py": b"x", "lee/01_step.ipynb": b"{}"}
    found = find_submissions([write(tmp_path, files)])
    assert graded(found) == {("kim", "01_step"): b"# %%\nx = 1\n", ("lee", "01_step"): b"{}"}
    assert len(problems(found)) == 1


def test_what_nobody_can_read_is_still_a_submission(tmp_path):
    """Its zero, with the reason, is the grader's to give."""
    files = {"kim/01_step.ipynb": b"", "lee/01_step.ipynb": b"x" * (MOST_BYTES + 5)}
    found = find_submissions([write(tmp_path, files)])
    assert {each.student: len(each.read()) for each in found} == {"kim": 0, "lee": MOST_BYTES + 1}
    assert not problems(found)


# What is wrong in zips and folders -------------------------------------------------------------


def test_names_that_leave_the_archive_links_and_passwords_are_refused_with_a_sentence(tmp_path):
    link = member("link/01_step.ipynb", external_attr=(stat.S_IFLNK | 0o777) << 16)
    data = zipped(
        [
            ("ok/01_step.ipynb", notebook()),
            ("../up/01_step.ipynb", notebook()),
            ("/abs/01_step.ipynb", notebook()),
            ("C:\\win/01_step.ipynb", notebook()),
            ("a/../../b/01_step.ipynb", notebook()),
            (link, b"/etc/passwd"),
            (member("lzma/01_step.ipynb", compress_type=zipfile.ZIP_LZMA), notebook()),
        ]
    )
    (tmp_path / "s.zip").write_bytes(data)
    found = find_submissions([tmp_path / "s.zip"])
    assert graded(found).keys() == {("ok", "01_step")}
    told = problems(found)
    assert sum("leads out of the archive" in each for each in told.values()) == 4
    assert told["s.zip/link/01_step.ipynb"].startswith("it is a link")
    assert "unusual way" in told["s.zip/lzma/01_step.ipynb"]


def test_a_password_is_one_sentence(tmp_path):
    data = bytearray(zipped({"kim/01_step.ipynb": notebook(), "lee/01_step.ipynb": notebook()}))
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    (tmp_path / "s.zip").write_bytes(data)
    found = find_submissions([tmp_path / "s.zip"])
    assert graded(found).keys() == {("lee", "01_step")}
    assert "password" in problems(found)["s.zip/kim/01_step.ipynb"]


def test_names_that_are_not_marked_as_utf8_are_read_all_the_same(tmp_path):
    def unmarked(name, encoding):
        """A zip as macOS and Windows write it: the bytes of the name without the mark."""
        raw = name.encode(encoding)
        placeholder = "n" * len(raw)
        return zipped({f"{placeholder}/01_step.ipynb": notebook(name)}).replace(
            placeholder.encode(), raw
        )

    names = {"김민지": "cp949", "김서연": "utf-8", "José": "utf-8", "Müller": "cp437"}
    names["Peñón"] = "cp437"  # whose bytes are signs in EUC-KR, but no Hangul
    for number, (name, encoding) in enumerate(names.items()):
        (tmp_path / f"{number}.zip").write_bytes(unmarked(name, encoding))
        found = find_submissions([tmp_path / f"{number}.zip"])
        assert [each.read() for each in found] == [notebook(name)]
        assert found[0].student == name


def test_accents_that_macos_splits_off_are_the_same_student(tmp_path):
    name = "José 김"
    files = {f"{unicodedata.normalize('NFD', name)}/01_step.ipynb": notebook(), "a/b.ipynb": b"{}"}
    found = find_submissions([zip_file(tmp_path, files)])
    assert (name, "01_step") in graded(found)


def test_folders_named_in_another_encoding_stay_the_students_they_are(tmp_path):
    """As an old unzip leaves them: Korean in EUC-KR, and what nobody can read."""
    for name in ("김민지".encode("euc_kr"), "이서준".encode("euc_kr"), b"a\xff", b"a\xfe"):
        folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
        write(folder, {"01_step.ipynb": notebook()})
    found = find_submissions([tmp_path])
    assert {each.student for each in found} == {"김민지", "이서준", "a\\xff", "a\\xfe"}
    assert not problems(found)
    assert {each.read() for each in found} == {notebook()}


def test_names_with_line_breaks_and_half_characters_become_one_line(tmp_path):
    bad = os.fsencode(tmp_path) + b"/kim\n\xff\xe2\x80\xae=1"
    os.makedirs(bad)
    Path(os.fsdecode(bad), "01_step.ipynb").write_bytes(notebook())
    write(tmp_path, {"lee/01_step.ipynb": notebook()})
    found = find_submissions([tmp_path])
    assert [each.student for each in found] == ["kim\ufffd\\xff\ufffd=1", "lee"]
    assert tree.shown("half \ud800") == "half \ufffd"  # as Windows may have it
    assert found[0].read() == notebook()
    found[0].file.encode()


def test_a_bomb_is_read_as_far_as_it_may(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "ALWAYS", 16 << 20)  # else it takes a larger bomb
    files = {f"s{number:02}/01_step.ipynb": b" " * (4 << 20) for number in range(12)}
    files["t/01_step.ipynb"] = notebook()
    path = zip_file(tmp_path, files)
    assert path.stat().st_size < 1 << 17
    found = find_submissions([path])
    told = [each for each in found if each.problem]
    assert {each.problem for each in told} == {BOMB}
    assert 4 < len(told) < 9
    assert len(found) == 13


def test_of_a_member_no_more_is_read_than_a_notebook_may_have(tmp_path):
    [found] = find_submissions([zip_file(tmp_path, {"01_step.ipynb": b" " * (MOST_BYTES + 99)})])
    assert len(found.read()) == MOST_BYTES + 1


def test_archives_full_of_archives_end_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "MOST_INNER", 1 << 20)
    inner = zipped({"x.zip": b"\0" * (2 << 20)})
    found = find_submissions([zip_file(tmp_path, {f"{n}_1_2_a.zip": inner for n in "abc"})])
    assert len(found) == 3
    assert all("too large" in each.problem for each in found)


def test_archives_in_an_archive_have_one_budget_of_bytes(tmp_path, monkeypatch):
    """Each is small enough; all together are what a zip of 1 KB may not become."""
    monkeypatch.setattr(tree, "ALWAYS", 5 << 19)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("01_step.ipynb", notebook() + b" " * (1 << 20))
    files = {f"s{number}_1_2_hw.zip": buffer.getvalue() for number in range(5)}
    found = find_submissions([zip_file(tmp_path, files)])
    assert [each.student for each in found if not each.problem] == ["s0_1", "s1_1"]
    assert ["too large" in each.problem for each in found] == [False] * 2 + [True] * 3


def test_in_a_folder_every_zip_adds_to_that_budget(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "ALWAYS", 0)
    inner = zipped({"01_step.ipynb": notebook("kim")})
    zip_file(tmp_path, {"mine.ZIP": inner}, "kim.ZIP")
    zip_file(tmp_path, {"01_step.ipynb": notebook("lee")}, "lee.zip")
    assert graded(find_submissions([tmp_path])).keys() == {("kim", "01_step"), ("lee", "01_step")}


def test_a_damaged_archive_in_an_archive_is_told(tmp_path):
    inner = zipped({"01_step.ipynb": notebook("kim")})
    path = zip_file(tmp_path, [(member("kim_1_2_hw.zip"), inner), ("lee_3_4_01_step.ipynb", b"")])
    data = path.read_bytes()
    path.write_bytes(data.replace(inner[:40], inner[:39] + b"?"))
    told = problems(find_submissions([path]))
    assert told == {
        "submissions.zip/kim_1_2_hw.zip": "it cannot be read: it is damaged or no zip archive: "
        "download it again."
    }


def test_a_zip_with_far_too_many_names_is_not_listed(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "MOST_DIRECTORY", 5_000)
    path = zip_file(tmp_path, {f"{number}/a.ipynb": b"" for number in range(200)})
    [found] = find_submissions([path])
    assert "list of names" in found.problem


def test_only_so_many_files_are_looked_at(tmp_path, monkeypatch):
    monkeypatch.setattr(tree, "MOST_FILES", 20)
    files = {f"s{number:03}/01_step.ipynb": b"{}" for number in range(50)}
    for given in (zip_file(tmp_path, files), write(tmp_path / "class", files)):
        found = find_submissions([given])
        assert len(graded(found)) == 20
        assert [each.problem for each in found if each.problem] == [
            "it has more than 20 files, and the rest is not looked at."
        ]


def test_ten_thousand_members_are_found_and_read(tmp_path):
    files = {f"s{number:05}_1_2_01_step.ipynb": notebook(str(number)) for number in range(10_000)}
    found = find_submissions([zip_file(tmp_path, files)])
    assert len(graded(found)) == 10_000
    assert found[4321].read() == notebook("4321")


def test_rubbish_that_machines_leave_is_not_a_submission(tmp_path):
    files = {
        "kim/01_step.ipynb": notebook(),
        "kim/.ipynb_checkpoints/01_step-checkpoint.ipynb": notebook("old"),
        "__MACOSX/kim/._01_step.ipynb": b"\0\5\x16\7",
        "kim/._01_step.ipynb": b"\0\5\x16\7",
        "kim/.DS_Store": b"x",
        "lee/01_step.ipynb": notebook(),
    }
    for given in (zip_file(tmp_path, files), write(tmp_path / "class", files)):
        found = find_submissions([given])
        assert graded(found).keys() == {("kim", "01_step"), ("lee", "01_step")}
        assert not problems(found)


def test_links_pipes_and_closed_folders_are_told(tmp_path):
    top = write(tmp_path / "class", {"kim/01_step.ipynb": notebook(), "lee/x.txt": b"x"})
    secret = tmp_path / "01_step.ipynb"
    secret.write_bytes(notebook("the solution"))
    (top / "lee" / "01_step.ipynb").symlink_to(secret)
    (top / "park").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(top / "kim" / "02_exponential.ipynb")
    found = find_submissions([top])
    assert graded(found).keys() == {("kim", "01_step")}
    told = problems(found)
    assert told["class/lee/01_step.ipynb"] == told["class/park"] == tree.LINK
    assert "pipe" in told["class/kim/02_exponential.ipynb"]
    [given] = find_submissions([top / "lee" / "01_step.ipynb"])
    assert not given.problem  # whoever grades may name a link
    assert given.read() == notebook("the solution")


@pytest.mark.parametrize("name", ["missing", "missing.zip"])
def test_what_is_not_there_is_one_sentence(tmp_path, name):
    with pytest.raises(GradingError, match=r"missing.*: there is no such file or folder"):
        find_submissions([tmp_path / name])


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\x05\x06", b"PK\x05\x06" + b"\xff" * 18, b"x" * 99]
)
def test_what_is_called_a_zip_and_is_none_is_told(tmp_path, data):
    (tmp_path / "s.zip").write_bytes(data)
    [found] = find_submissions([tmp_path / "s.zip"])
    assert found.problem.startswith("the archive cannot be opened: ")
    assert ("list of names" in found.problem) == (b"\xff" in data)


def test_an_empty_folder_is_told(tmp_path):
    [found] = find_submissions([tmp_path])
    assert found.problem == "there is no file in it."


def test_other_archives_are_told(tmp_path):
    found = find_submissions([write(tmp_path, {"kim/hw.tar.gz": b"x", "lee/hw.rar": b"x"})])
    assert all("unpack it first" in each.problem for each in found)


def test_a_file_that_has_gone_is_one_sentence(tmp_path):
    write(tmp_path, {"kim/01_step.ipynb": notebook()})
    path = zip_file(tmp_path, {"lee/01_step.ipynb": notebook()})
    found = find_submissions([tmp_path / "kim", path])
    path.unlink()
    (tmp_path / "kim" / "01_step.ipynb").unlink()
    for each in found:
        with pytest.raises(GradingError, match=r"01_step.ipynb: it cannot be read: No such file"):
            each.read()


def test_a_submission_can_be_sent_to_another_process(tmp_path):
    [found] = find_submissions([zip_file(tmp_path, {"kim_1_2_01_step.ipynb": notebook()})])
    sent = pickle.loads(pickle.dumps(found))
    assert sent == found
    assert isinstance(sent, Submission)
    assert sent.read() == notebook()


def test_the_times_are_those_that_python_reads():
    assert layouts.time_in("2015-02-02 15:58:23.948203 UTC") == datetime.fromisoformat(
        "2015-02-02T15:58:23.948203+00:00"
    )


def test_thousands_of_damaged_zips_raise_nothing(tmp_path):
    inner = zipped({"01_step.ipynb": notebook(), "b.txt": b"b"})
    whole = zipped({**dict(list(CANVAS.items())[:4]), "kim_1_2_hw.zip": inner})
    rng = random.Random(2)
    path = tmp_path / "s.zip"
    lengths = set()
    for _ in range(500):
        data = bytearray(whole)
        for _ in range(rng.choice([1, 2, 20])):
            at = rng.randrange(len(data))
            if rng.random() < 0.2:
                data[at : at + 4] = rng.choice([b"PK\1\2", b"PK\3\4", b"PK\5\6", b"\xff" * 4])
            elif rng.random() < 0.1:
                del data[at : at + rng.randrange(1, 50)]
            else:
                data[at] = rng.randrange(256)
        path.write_bytes(data)
        found = find_submissions([path])
        assert found
        for each in found:
            each.file.encode()
            if not each.problem:
                each.read()
        lengths.add(len(found))
    assert len(lengths) > 3


def test_the_size_of_the_list_of_names_is_read_from_large_archives_too(tmp_path):
    """The record of zip64, which stands where the small one is full."""
    size = 77
    record = b"PK\x06\x06" + struct.pack("<QHHLLQQQQ", 44, 45, 45, 0, 0, 1, 1, size, 0)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, 0, 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, 2**32 - 1, 2**32 - 1, 0)
    assert tree._directory_size(io.BytesIO(record + locator + end)) == size
