"""The only way along a life is a legal one."""

from enum import StrEnum

import pytest

from src.core.models import messages, replies
from src.core.states import LEGAL, IllegalMove, MessageState, ReplyState, move


def test_every_state_is_in_the_graph() -> None:
    assert set(LEGAL) == {*MessageState, *ReplyState}


def test_a_life_never_changes_its_kind() -> None:
    for origin, targets in LEGAL.items():
        assert all(type(target) is type(origin) for target in targets)


def test_what_a_customer_has_read_is_final() -> None:
    ends = {state for state in ReplyState if not LEGAL[state]}
    assert ends == {ReplyState.READ, ReplyState.FAILED, ReplyState.WITHHELD}


def test_a_reply_is_never_sent_again_from_a_lapsed_send() -> None:
    """A lapsed `sending` becomes uncertain; only Meta's own word puts an uncertain one back."""
    assert ReplyState.SENDING not in LEGAL[ReplyState.UNCERTAIN]
    assert ReplyState.SENDING not in LEGAL[ReplyState.SENT]


@pytest.mark.parametrize(
    ("table", "origin", "target"),
    [
        (replies, ReplyState.READ, ReplyState.DELIVERED),
        (replies, ReplyState.FAILED, ReplyState.SENT),
        (messages, MessageState.ANSWERED, MessageState.RECEIVED),
    ],
)
def test_an_illegal_move_is_a_mistake_of_ours(table: object, origin: StrEnum, target: StrEnum) -> None:
    with pytest.raises(IllegalMove):
        move(None, table, [1], origin, target)  # type: ignore[arg-type]
