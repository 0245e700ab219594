"""Every attack, at every level that this machine offers: what is right stays right, nothing that
is not becomes right, nothing is found, and the next student notices nothing."""

import numpy as np
import pytest
from attacks import ALL, ANSWERS, ATTACKS, CHECKS, IMPORTS

from lrcourse.grading.sandbox import Lost, Session

T = np.arange(50.0)
CALLS = {
    "step": (25, 0.3, 0.5, 10),
    "exponential": (7, 0.4, 0.9),
    "cosine": (T, 0.7, 50),
    "warmup": (12, 0.2, 5),
}
RIGHT = {
    "step": 0.3 * 0.5**2,
    "exponential": 0.4 * 0.9**7,
    "cosine": 0.35 * (1 + np.cos(np.pi * T / 50)),
    "warmup": 0.2 * np.minimum((np.arange(12) + 1) / 5, 1),
}
HONEST = (IMPORTS, *ANSWERS.values())


def right_answers(session: Session) -> set[str]:
    """Which of the four functions give the right numbers."""
    return {name for name in ANSWERS if is_right(session, name)}


def is_right(session: Session, name: str) -> bool:
    try:
        reply = session.call(name, [CALLS[name]])[0]
    except Lost as lost:
        refuse_a_fault_of_ours(lost)
        return False
    numbers = np.asarray(reply.value) if not reply.error else np.array("")
    is_number = numbers.dtype.kind == "f" and numbers.shape == np.shape(RIGHT[name])
    return is_number and bool(np.allclose(numbers, RIGHT[name], rtol=1e-6, atol=0))


def refuse_a_fault_of_ours(lost: Lost) -> None:
    assert lost.kind != "sandbox", lost.sentence


def printed_by(session: Session) -> str:
    try:
        return session.start().printed
    except Lost as lost:
        refuse_a_fault_of_ours(lost)
        return ""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_gains_nothing_and_hurts_nobody_else(border, attack):
    border.start()
    starts = border.starts
    with border.session(attack.cells, CHECKS, {}) as session:
        printed = printed_by(session)
        right = right_answers(session)
    assert attack.least <= right <= attack.most
    assert "LOOT" not in printed
    with border.session(HONEST, CHECKS, {}) as session:
        assert right_answers(session) == ALL
    assert border.starts == starts
