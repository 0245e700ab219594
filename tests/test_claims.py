"""Every claim says the same on seeds that no lesson uses; and the verdicts are computed rightly."""

import ast
import inspect
import math
import re
import textwrap
from pathlib import Path

import pytest

from lrcourse import claims
from lrcourse.claims import AGAINST, CLAIMS, DEPENDS, FAILS, FOR, HOLDS, Claim, Evidence
from lrcourse.claims.base import SILENT, UNCLEAR, claim
from lrcourse.experiments import Interval

OTHER_SEEDS = [1000]
MORE_SEEDS = [2000, 3000, 4000]  # run them with: python3 start.py test -m slow


def evidence(mean, half_width=0.1, **bounds):
    return Evidence("x", Interval(mean, half_width, 12), **bounds)


def found(*evidence, verdict=HOLDS):
    return Claim("a", "A.", "00", ("A1",), verdict, lambda first_seed: evidence).run()


# The claims ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("first_seed", OTHER_SEEDS)
@pytest.mark.parametrize("name", CLAIMS)
def test_holds_for_other_seeds(name, first_seed):
    finding = CLAIMS[name].run(first_seed)
    assert finding.evidence
    assert finding.is_as_taught, f"\n{finding}"


@pytest.mark.slow
@pytest.mark.parametrize("first_seed", [0, *MORE_SEEDS])
@pytest.mark.parametrize("name", CLAIMS)
def test_holds_for_many_other_seeds(name, first_seed):
    test_holds_for_other_seeds(name, first_seed)


def test_every_topic_is_known():
    files = {path.stem for path in Path(claims.__file__).parent.glob("*.py")} - {"__init__", "base"}
    assert {topic.__name__.rpartition(".")[2] for topic in claims.TOPICS} == files


@pytest.mark.parametrize("each", CLAIMS.values(), ids=CLAIMS)
def test_is_written_as_a_sentence(each):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", each.name)
    assert re.fullmatch(r"[A-Z].*[^.]\.", each.sentence)
    assert each.section in {f"{number:02}" for number in range(13)}
    assert all(re.fullmatch(r"[A-EKTX]\d+", row) for row in each.ledger)
    assert each.verdict in (HOLDS, FAILS, DEPENDS)


# The verdicts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mean", "bounds", "speaks"),
    [
        (1.0, {"low": 0.5}, FOR),
        (1.0, {"low": 0.95}, SILENT),  # the interval reaches below
        (1.0, {"low": 1.05}, SILENT),  # the interval reaches above
        (1.0, {"low": 1.5}, AGAINST),
        (1.0, {"high": 1.5}, FOR),
        (1.0, {"high": 0.5}, AGAINST),
        (0.0, {"low": -0.2, "high": 0.2}, FOR),  # no difference worth having
        (0.0, {"low": -0.05, "high": 0.05}, SILENT),
        (5.0, {"low": -0.2, "high": 0.2}, AGAINST),
        (math.nan, {"low": 0}, SILENT),
    ],
)
def test_an_interval_speaks_only_as_a_whole(mean, bounds, speaks):
    assert evidence(mean, **bounds).speaks == speaks


def test_the_verdict_follows_from_the_evidence():
    good, bad, unsure = evidence(1, low=0), evidence(-1, low=0), evidence(0, low=0)
    assert found(good, good).verdict == HOLDS
    assert found(bad).verdict == FAILS
    assert found(good, bad).verdict == DEPENDS
    assert found(good, unsure).verdict == found(bad, unsure).verdict == UNCLEAR


def test_a_claim_whose_sign_flips_is_not_as_taught():
    good, bad = evidence(1, low=0), evidence(-1, low=0)
    against = evidence(-1, low=0, taught=AGAINST)
    assert found(good).is_as_taught
    assert not found(bad).is_as_taught
    assert not found(evidence(0, low=0)).is_as_taught
    assert found(good, against, verdict=DEPENDS).is_as_taught
    assert not found(against, verdict=DEPENDS).is_as_taught
    assert not found(bad, evidence(1, low=0, taught=AGAINST), verdict=DEPENDS).is_as_taught


def test_a_finding_tells_what_was_measured_and_needed():
    text = str(found(evidence(1, low=0.5), evidence(-1, high=0.25)))
    assert "x: 1.00 ± 0.10 (true if above 0.5)" in text
    assert "x: −1.00 ± 0.10 (true if below 0.25)" in text
    assert text.endswith("verdict: holds")
    assert repr(found(evidence(1, low=0))) == str(found(evidence(1, low=0)))
    assert "the course teaches: holds" in str(found(evidence(-1, low=0)))


def test_stand_in_the_order_of_the_course():
    assert len(CLAIMS) >= 20
    assert [each.section for each in CLAIMS.values()] == sorted(c.section for c in CLAIMS.values())


def test_the_page_of_what_we_measured_has_every_claim_and_no_surprise():
    page = (Path(__file__).parents[1] / "docs" / "claims.md").read_text("utf-8")
    headings = re.findall(r"^## (.*)$", page, re.MULTILINE)
    assert headings == [f"{each.section} {each.name}" for each in CLAIMS.values()]
    for each in CLAIMS.values():
        assert f"> {each.sentence}\n" in page
    assert page.count("Verdict: **") == len(CLAIMS)
    assert "the course teaches" not in page


def test_two_claims_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two claims named"):
        claim(next(iter(CLAIMS)), "A.", section="00", ledger="A1", verdict=HOLDS)(lambda seed: [])


@pytest.mark.parametrize("each", CLAIMS.values(), ids=CLAIMS)
def test_fits_into_a_cell_of_15_lines(each):
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(each.experiment))).body
    assert ast.get_docstring(function)
    first = function.body[1].lineno  # after the docstring
    assert function.end_lineno - first < 15
