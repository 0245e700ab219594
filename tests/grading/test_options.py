"""What `lrcourse grade` keeps of an assignment from one run to the next."""

import pytest

from lrcourse.grading import GradingError
from lrcourse.grading.options import (
    read_options,
    refuse_lost_files,
    with_given,
    words,
    write_options,
)

NOTHING = dict.fromkeys(("due", "late", "rubric", "times", "extensions"))


def test_what_is_kept_comes_back(tmp_path):
    assert read_options(tmp_path) == {}
    options = {"01_step": {"due": "2026-11-22T23:59+09:00", "rubric": "/점수.csv"}}
    write_options(tmp_path, options)
    assert read_options(tmp_path) == options
    assert [path.name for path in tmp_path.iterdir()] == ["options.json"]


def test_what_is_given_counts_for_what_is_graded_now_and_for_nothing_else():
    kept = {"01_step": {"due": "a", "late": "zero"}, "02_exponential": {"due": "b"}}
    now = with_given(kept, ["01_step", "03_cosine"], NOTHING | {"due": "c"})
    assert now == {
        "01_step": {"due": "c", "late": "zero"},
        "02_exponential": {"due": "b"},
        "03_cosine": {"due": "c"},
    }
    assert kept["01_step"]["due"] == "a"


def test_an_empty_word_takes_it_back(tmp_path):
    now = with_given({"01_step": {"rubric": "/gone.csv"}}, ["01_step"], NOTHING | {"rubric": ""})
    refuse_lost_files(now)
    assert words(now["01_step"], NOTHING) == ""


def test_a_file_is_found_from_another_folder(tmp_path, monkeypatch):
    (tmp_path / "points.csv").touch()
    monkeypatch.chdir(tmp_path)
    now = with_given({}, ["01_step"], NOTHING | {"rubric": "points.csv"})
    monkeypatch.chdir("/")
    refuse_lost_files(now)
    (tmp_path / "points.csv").unlink()
    with pytest.raises(GradingError, match=r"points\.csv, the --rubric of 01_step, is not there"):
        refuse_lost_files(now)


def test_only_what_was_not_typed_is_told():
    said = {"due": "a", "late": "zero", "rubric": ""}
    assert words(said, NOTHING | {"due": "a"}) == '--late "zero"'


@pytest.mark.parametrize("text", ["", "[]", '{"01_step": 3}', "\x00"])
def test_a_broken_file_is_one_sentence(tmp_path, text):
    (tmp_path / "options.json").write_text(text)
    with pytest.raises(GradingError, match="cannot be read: delete it, and say --due"):
        read_options(tmp_path)
