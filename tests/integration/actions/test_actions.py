"""Nothing is changed in an owner's system before the customer agreed to exactly that, and then once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from src.accounts.key_holder import OWNER
from src.core.conversation_tables import ActionState
from src.core.database import now_ms
from src.messages import handoff
from src.messages.actions.actions import CONFIRM_MS
from src.messages.actions.desk import Proposed, Told
from src.messages.actions.outcome import Confirmed, Declined, Denied, Ended, Expired, Lapsed
from src.messages.brain.pace import MustWait
from src.messages.question import Question
from tests.integration.actions.counter import CHANGES, READS, Counter, buttons
from tests.integration.actions.mcp_standin import MODERN, McpStandIn
from tests.owner import Owner, Says


@pytest.fixture
def owner() -> Iterator[Owner]:
    with Owner() as found:
        yield found


@pytest.fixture
def shop(tmp_path: Path, database_url: str, owner: Owner) -> Iterator[Counter]:
    found = Counter(tmp_path, database_url, owner)
    yield found
    found.instance.close()


def test_a_tool_that_reads_is_called_at_once_and_may_be_cited(shop: Counter, owner: Owner) -> None:
    assert shop.wishes(READS, order="A-17") == Told("tool:order_status:1", '{"status":"shipped"}')
    assert shop.wishes(READS, order="A-18") == Told("tool:order_status:2", '{"status":"shipped"}')
    assert [request.json["arguments"] for request in owner.requests] == [{"order": "A-17"}, {"order": "A-18"}]


def test_who_asks_is_the_conversations_customer_whatever_the_model_says(shop: Counter, owner: Owner) -> None:
    shop.wishes(READS, order="of 34600999999")
    assert owner.requests[0].json["customer"] == {"wa_id": "34600111222", "name": "Ana"}
    denied = shop.wishes(READS, order="A-17", wa_id="34600999999", customer={"wa_id": "34600999999"})
    assert isinstance(denied, Denied)
    assert len(owner.requests) == 1


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("drop_tables", {}),
        ("mcp_book", {}),
        ("", {}),
        (READS, {"order": 17}),
        (READS, {"order": None}),
        (CHANGES, {"people": "four"}),
        (CHANGES, {"discount": 100}),
    ],
)
def test_a_foreign_name_or_wrong_arguments_call_nothing(
    shop: Counter, owner: Owner, name: str, arguments: dict[str, Any]
) -> None:
    assert isinstance(shop.wishes(name, **arguments), Denied)
    shop.settles()
    assert (owner.requests, shop.rows()) == ([], [])


def test_three_calls_are_enough_for_a_turn(shop: Counter, owner: Owner) -> None:
    told = [shop.wishes(READS, order=str(number)) for number in range(5)]
    assert [type(one) for one in told] == [Told, Told, Told, Denied, Denied]
    assert len(owner.requests) == 3


def test_what_a_turn_asked_is_kept_with_it(shop: Counter, owner: Owner) -> None:
    shop.wishes(READS, order="A-17")
    owner.answer = lambda _request: Says({}, status=500)
    denied = shop.wishes(READS, order="A-18")
    assert isinstance(denied, Denied)
    assert denied.reason == "status 500"
    turn_id = shop.settles()
    kept = [(row.turn_id, row.state, row.arguments, row.result) for row in shop.rows()]
    assert kept == [
        (turn_id, ActionState.TOLD, {"order": "A-17"}, {"text": '{"status":"shipped"}'}),
        (turn_id, ActionState.MISSED, {"order": "A-18"}, {"reason": "status 500"}),
    ]


def test_arguments_and_results_are_sealed_at_rest(shop: Counter, owner: Owner) -> None:
    owner.answer = lambda _request: Says({"secret": "of-the-result"})
    shop.wishes(READS, order="secret-of-the-arguments")
    shop.settles()
    with shop.instance.database.read() as session:
        (row,) = session.execute(text("SELECT arguments, result FROM action")).all()
    assert b"secret" not in bytes(row.arguments) + bytes(row.result)


def test_a_tool_that_changes_something_asks_first(shop: Counter, owner: Owner) -> None:
    proposed = shop.wishes(CHANGES, day="viernes", people=4)
    assert isinstance(proposed, Proposed)
    assert "• day: viernes\n• people: 4" in proposed.decision.text
    shop.settles(proposed.decision)
    assert (owner.requests, shop.states()) == ([], ["proposed"])


def test_a_yes_does_it_with_what_was_shown_and_keeps_what_came_of_it(shop: Counter, owner: Owner) -> None:
    owner.answer = lambda _request: Says("table 7")
    yes, _ = buttons(shop.proposes(day="viernes", people=4))
    ended = shop.carries_out(shop.taps(yes))
    assert (ended.text, ended.reason) == ("table 7", None)
    (request,) = owner.requests
    assert request.json["arguments"] == {"day": "viernes", "people": 4}
    assert request.headers["idempotency-key"] == shop.rows()[0].call_id
    assert shop.states() == ["done"]


def test_a_no_does_nothing(shop: Counter, owner: Owner) -> None:
    _, no = buttons(shop.proposes(day="viernes"))
    assert shop.taps(no) == Declined()
    assert (owner.requests, shop.states()) == ([], ["declined"])


def test_what_was_not_shown_to_the_customer_was_never_asked(shop: Counter) -> None:
    assert isinstance(shop.wishes(CHANGES, day="viernes"), Proposed)
    shop.settles()  # something else is said in the end
    assert shop.rows() == []
    assert shop.says("sí") is None


def test_a_double_tap_does_it_once(shop: Counter, owner: Owner) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    first = shop.carries_out(shop.taps(yes, yes))
    shop.settles()
    again = shop.taps(yes)
    assert again == first
    assert len(owner.requests) == 1


def test_two_workers_with_one_yes_do_it_once(shop: Counter, owner: Owner) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    taken = shop.taps(yes)
    assert isinstance(taken, Confirmed)
    assert shop.taps(yes) == taken  # a turn that was begun anew

    def work(_: int) -> Ended | MustWait:
        try:
            return shop.new_desk().carry_out(taken)
        except MustWait as wait:
            return wait

    with ThreadPoolExecutor(4) as workers:
        outcomes = list(workers.map(work, range(4)))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == [
        "Ended",
        "MustWait",
        "MustWait",
        "MustWait",
    ]
    assert len(owner.requests) == 1


def test_a_tap_after_a_quarter_of_an_hour_does_nothing(shop: Counter, owner: Owner) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    shop.sets(created_at=now_ms() - CONFIRM_MS - 1)
    assert shop.taps(yes) == Expired()
    assert shop.taps(yes) == Expired()
    assert (owner.requests, shop.states()) == ([], ["expired"])


def test_a_tap_on_what_was_declined_does_nothing(shop: Counter) -> None:
    yes, no = buttons(shop.proposes(day="viernes"))
    shop.taps(no)
    shop.settles()
    assert shop.taps(yes) == Expired()
    assert shop.states() == ["declined"]


def test_a_newer_question_ends_the_older_one(shop: Counter, owner: Owner) -> None:
    older, _ = buttons(shop.proposes(day="viernes"))
    newer, _ = buttons(shop.proposes(day="sábado"))
    assert shop.taps(older) == Expired()
    assert shop.carries_out(shop.taps(newer)).reason is None
    assert [request.json["arguments"] for request in owner.requests] == [{"day": "sábado"}]


def test_saying_something_else_ends_it(shop: Counter) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    assert shop.says("¿y cuánto cuesta?") == Lapsed()
    assert shop.taps(yes) == Expired()


def test_another_customers_tap_is_unknown_and_changes_nothing(shop: Counter, owner: Owner) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    stranger = shop.new_desk(shop.customer_comes("34600999999"))
    assert shop.taps(yes, desk=stranger) == Expired()
    assert shop.states() == ["proposed"]
    assert isinstance(shop.taps(yes), Confirmed)


def test_a_forged_button_is_unknown(shop: Counter) -> None:
    assert shop.taps(f"act:{'0' * 32}:yes") == Expired()
    assert shop.taps("act:x:yes", "faq:f1") is None


@pytest.mark.parametrize(("word", "kind"), [("Sí, por favor", Confirmed), ("no, gracias", Declined)])
def test_a_plain_word_answers_what_was_said_last(shop: Counter, word: str, kind: type) -> None:
    shop.proposes(day="viernes")
    assert isinstance(shop.says(word), kind)


def test_a_yes_that_was_written_before_the_question_came_is_no_answer_to_it(shop: Counter) -> None:
    shop.proposes(day="viernes")
    with shop.instance.database.transaction() as session:
        session.execute(text("UPDATE reply SET sent_at = sent_at + 3600000"))
    assert shop.says("sí") == Lapsed()
    assert shop.states() == ["expired"]


def test_a_yes_to_a_person_is_no_answer_to_the_bot(shop: Counter) -> None:
    shop.proposes(day="viernes")
    with shop.instance.database.transaction() as session:
        shop.replies(session, None, "¿Te llamo mañana?")
    assert shop.says("sí") is None
    assert shop.states() == ["expired"]


def test_a_yes_beside_a_picture_is_no_answer(shop: Counter) -> None:
    shop.proposes(day="viernes")
    shop.says()
    assert shop.taken(Question(("sí",), unreadable=("sticker",))) == Lapsed()


def test_a_yes_with_more_beside_it_is_no_answer(shop: Counter) -> None:
    shop.proposes(day="viernes")
    assert shop.says("sí", "pero mejor el sábado") == Lapsed()
    assert shop.says("¿hola?") == Lapsed()  # a turn that begins anew finds what it had found
    assert shop.states() == ["expired"]


def test_a_turn_that_begins_anew_after_it_was_done_finds_what_came_of_it(shop: Counter, owner: Owner) -> None:
    shop.proposes(day="viernes")
    ended = shop.carries_out(shop.says("sí"))
    assert shop.says("¿hola?") == ended  # another message came before the turn could be settled
    assert len(owner.requests) == 1
    shop.settles()
    assert shop.says("¿hola?") is None


def test_what_was_agreed_to_and_not_begun_is_begun_by_the_next_turn_but_not_for_ever(shop: Counter) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    assert isinstance(shop.taps(yes), Confirmed)
    assert isinstance(shop.taps(yes), Confirmed)
    shop.sets(settled_at=now_ms() - CONFIRM_MS - 1)
    assert shop.taps(yes) == Expired()


def test_what_was_agreed_to_and_not_begun_is_over_when_something_else_is_said(
    shop: Counter, owner: Owner
) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    shop.taps(yes)
    assert shop.says("gracias") == Expired()
    assert shop.taps(yes) == Expired()
    assert (owner.requests, shop.states()) == ([], ["expired"])


def test_nothing_is_begun_once_a_person_has_taken_over(shop: Counter, owner: Owner) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    taken = shop.taps(yes)
    with shop.instance.database.transaction() as session:
        handoff.take_over(session, OWNER, shop.conversation_id)
    assert isinstance(taken, Confirmed)
    with pytest.raises(MustWait):
        shop.desk.carry_out(taken)
    assert (owner.requests, shop.states()) == ([], ["expired"])


def test_a_run_that_was_cut_off_is_not_repeated_and_nobody_claims_to_know(
    shop: Counter, owner: Owner
) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    shop.taps(yes)
    shop.sets(state=ActionState.RUNNING, settled_at=now_ms() + 60_000)  # its worker has died just now
    with pytest.raises(MustWait) as wait:
        shop.taps(yes)
    assert wait.value.until > time.time() * 1000
    shop.sets(settled_at=now_ms() - 1)
    ended = shop.taps(yes)
    assert isinstance(ended, Ended)
    assert (ended.reason, ended.unknown) == ("unknown outcome", True)
    assert shop.taps(yes) == ended
    assert (owner.requests, shop.states()) == ([], ["failed"])


@pytest.mark.parametrize(("status", "unknown"), [(409, False), (500, True)])
def test_a_failure_is_told_as_one_and_never_tried_again(
    shop: Counter, owner: Owner, status: int, unknown: bool
) -> None:
    owner.answer = lambda _request: Says({}, status=status)
    yes, _ = buttons(shop.proposes(day="viernes"))
    ended = shop.carries_out(shop.taps(yes))
    assert (ended.reason, ended.unknown) == (f"status {status}", unknown)
    shop.settles()
    assert shop.taps(yes) == ended
    assert (len(owner.requests), shop.states()) == (1, ["failed"])


def test_a_tool_that_its_owner_took_away_meanwhile_is_not_called(shop: Counter, owner: Owner) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    taken = shop.taps(yes)
    shop.tools = shop.tools[:1]
    assert isinstance(taken, Confirmed)
    ended = shop.new_desk().carry_out(taken)
    assert (ended.reason, ended.unknown) == ("the tool is gone", False)
    assert owner.requests == []


def test_a_tool_that_takes_other_arguments_by_now_is_not_called(shop: Counter, owner: Owner) -> None:
    yes, _ = buttons(shop.proposes(day="viernes"))
    taken = shop.taps(yes)
    assert isinstance(taken, Confirmed)
    stricter = {"type": "object", "properties": {"date": {"type": "string"}}, "required": ["date"]}
    shop.tools = [tool.model_copy(update={"parameters": stricter}) for tool in shop.tools]
    assert shop.new_desk().carry_out(taken).reason == "the tool is gone"
    assert owner.requests == []


def test_what_cannot_be_shown_whole_is_not_asked_and_not_done(shop: Counter, owner: Owner) -> None:
    denied = shop.wishes(CHANGES, day="x" * 2_000)
    assert isinstance(denied, Denied)
    assert denied.reason == "too long to show"
    shop.settles()
    assert (owner.requests, shop.rows()) == ([], [])


def test_the_log_holds_ids_and_no_words(
    shop: Counter, owner: Owner, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    owner.answer = lambda _request: Says("answer-of-the-owner")
    shop.wishes(READS, order="words-of-the-customer")
    shop.wishes("name-of-the-model")
    lines = [record.__dict__ for record in caplog.records if record.name.startswith("src.messages.actions")]
    assert [line["msg"] for line in lines] == ["tool_called", "tool_denied"]
    assert lines[0]["outcome"] == "ok"
    assert owner.requests[0].json["call_id"] == lines[0]["call_id"]
    assert "-of-the-" not in str(lines)


def test_an_mcp_servers_tools_stand_beside_the_owners(
    tmp_path: Path, database_url: str, owner: Owner
) -> None:
    with McpStandIn(MODERN) as there:
        private = f"{owner.private},{there.private}"
        shop = Counter(
            tmp_path, database_url, owner, mcp_url=there.url, mcp_token="key", outgoing_private=private
        )
        names = [function.name for function in shop.desk.functions]
        assert names == [READS, CHANGES, "mcp_get_stock_v2", "mcp_book"]
        assert shop.wishes("mcp_get_stock_v2", sku="1") == Told("tool:mcp_get_stock_v2:1", "3 left")
        proposed = shop.wishes("mcp_book")
        assert isinstance(proposed, Proposed)
        assert there.methods().count("tools/call") == 1
        shop.settles(proposed.decision)
        ended = shop.carries_out(shop.taps(buttons(proposed.decision)[0]))
        assert (ended.text, ended.reason) == ("3 left", None)
        shop.instance.close()
