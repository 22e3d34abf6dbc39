"""What a customer's answer makes of an action: agreed to, declined, or over; and what came of one that was run."""

from sqlalchemy import Connection, func, select

from src.core.conversation_tables import ActionState
from src.core.database import AnyRow
from src.core.models import messages, replies
from src.core.states import MessageState, ReplyState
from src.messages.actions import actions
from src.messages.actions.consent import NO, YES, Answer, said, tapped
from src.messages.actions.outcome import Call, Confirmed, Declined, Ended, Expired, Lapsed, Taken
from src.messages.brain.pace import MustWait
from src.messages.question import Question

_NEVER_SEEN = (ReplyState.FAILED, ReplyState.WITHHELD)
CUT_OFF = "unknown outcome"


def take(session: Connection, conversation_id: int, question: Question) -> Taken | None:
    """What the turn's messages say to what the customer was asked; None when nothing was asked.

    A button answers its own call, at any time; a plain yes or no answers what was said last. Whatever else is said
    ends what was asked (`Lapsed` where it was the last thing that we said). Safe to call twice: a turn that starts anew finds what it had found. Raises `MustWait` while
    another worker runs it.
    """
    tap = tapped(question.tapped)
    if tap is not None:
        row = actions.by_call(session, conversation_id, tap.call_id)
        return Expired() if row is None else _taken(session, row, tap.answer)
    row = actions.of_last_turn(session, conversation_id)
    if row is None:
        return None
    asked_at = _asked_at(session, row)
    taken = _taken(session, row, _in_words(session, row, question, asked_at))
    is_over = row.state in (ActionState.PROPOSED, ActionState.EXPIRED)
    return Lapsed() if taken is None and is_over and asked_at is not None else taken


def _taken(session: Connection, row: AnyRow, answer: Answer | None) -> Taken | None:
    call = Call(row.call_id, row.tool, row.arguments)
    if row.state == ActionState.PROPOSED:
        return _answered(session, row, call, answer)
    if row.state == ActionState.CONFIRMED:
        return _not_begun(session, row, call, answer)
    if row.state == ActionState.RUNNING:
        return _given_up(session, row, call)
    if row.state in (ActionState.DONE, ActionState.FAILED):
        return Ended(call, **row.result)
    if row.state == ActionState.DECLINED and answer == NO:
        return Declined()
    return Expired() if answer else None


def _answered(session: Connection, row: AnyRow, call: Call, answer: Answer | None) -> Taken | None:
    target = {YES: ActionState.CONFIRMED, NO: ActionState.DECLINED}.get(answer or "", ActionState.EXPIRED)
    if row.now - row.created_at > actions.CONFIRM_MS:
        target = ActionState.EXPIRED
    actions.move(session, row.id, ActionState.PROPOSED, target)
    if target == ActionState.CONFIRMED:
        return Confirmed(row.id, call)
    if target == ActionState.DECLINED:
        return Declined()
    return Expired() if answer else None


def _not_begun(session: Connection, row: AnyRow, call: Call, answer: Answer | None) -> Confirmed | Expired:
    """Agreed to by a turn that came no further: by the very messages that still wait, or it is over."""
    if answer == YES and row.now - row.settled_at <= actions.CONFIRM_MS:
        return Confirmed(row.id, call)
    actions.move(session, row.id, ActionState.CONFIRMED, ActionState.EXPIRED)
    return Expired()


def _given_up(session: Connection, row: AnyRow, call: Call) -> Ended:
    """A run that never ended: whoever ran it died, and nobody knows how far it came."""
    if row.now < row.settled_at:
        raise MustWait(row.settled_at)
    ended = Ended(call, "", CUT_OFF, unknown=True)
    actions.end(session, row.id, ended)
    return ended


def _asked_at(session: Connection, row: AnyRow) -> int | None:
    """When the question reached WhatsApp; None when it did not, or something was said after it."""
    c = replies.c
    last = session.execute(
        select(c.turn_id, c.sent_at)
        .where(c.conversation_id == row.conversation_id, c.state.not_in(_NEVER_SEEN))
        .order_by(c.id.desc())
        .limit(1)
    ).first()
    return None if last is None or last.turn_id != row.turn_id else last.sent_at


def _in_words(session: Connection, row: AnyRow, question: Question, asked_at: int | None) -> Answer | None:
    """A plain yes or no, all of it written after the question had reached WhatsApp, to the last thing we said."""
    answer = said(question.texts)
    if answer is None or question.unreadable or asked_at is None:
        return None
    m = messages.c
    waiting = (m.conversation_id == row.conversation_id, m.state == MessageState.RECEIVED)
    first: int | None = session.execute(select(func.min(m.received_at)).where(*waiting)).scalar()
    return answer if first is not None and first > asked_at else None
