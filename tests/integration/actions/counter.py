"""A shop's counter for tests: an agent with tools, a customer, and turns as the platform settles them."""

from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, update

from src.core import schema
from src.core.agent_config import AgentConfig, Faq, Tool
from src.core.conversation_tables import actions as action_table
from src.core.database import AnyRow, now_ms
from src.core.instance import open_instance
from src.core.models import Author, conversations, messages, replies, turns
from src.core.openai_client import Wish
from src.core.settings import Settings
from src.core.states import Holder, MessageState, ReplyState
from src.messages.actions.desk import Behalf, Desk, Proposed
from src.messages.actions.outcome import Confirmed, Ended, Taken, Wished
from src.messages.decision import Confirm, Decision, SmallTalk
from src.messages.question import Question
from tests.owner import Owner

READS, CHANGES = "order_status", "book_table"
_STRINGS = {"order": {"type": "string"}, "day": {"type": "string"}, "people": {"type": "integer"}}


class Counter:
    """`wishes` is the model's, `says` and `taps` are the customer's; `settles` ends a turn."""

    def __init__(self, home: Path, database_url: str, owner: Owner, **settings: Any) -> None:
        given = {"released_home": home, "database_url": database_url, "outgoing_private": owner.private}
        self.instance = open_instance(Settings(_env_file=None, **{**given, **settings}))
        schema.migrate(self.instance.database)
        self.tools = [self.tool(owner, READS, changes=False), self.tool(owner, CHANGES, changes=True)]
        self.conversation_id = self.customer_comes("34600111222")
        self.desk = self.new_desk()

    @staticmethod
    def tool(owner: Owner, name: str, *, changes: bool) -> Tool:
        parameters = {"type": "object", "properties": _STRINGS}
        return Tool(
            name=name,
            description=f"{name}.",
            parameters=parameters,
            url=owner.url,
            secret="s" * 24,
            changes=changes,
        )

    def customer_comes(self, wa_id: str) -> int:
        """The id of a new conversation."""
        row = {
            "phone_number_id": "55",
            "wa_key": wa_id.encode()[-16:],
            "customer": {"wa_id": wa_id, "name": "Ana"},
            "customer_key": b"k",
            "holder": Holder.BOT,
            "fence": 0,
            "redrafts": 0,
            "failures": 0,
            "last_at": 1,
            "created_at": 1,
        }
        with self.instance.database.transaction() as session:
            made = insert(conversations).values(row).returning(conversations.c.id)
            found: int = session.execute(made).scalar_one()
            return found

    def new_desk(self, conversation_id: int | None = None) -> Desk:
        """A turn's desk, with the tools as they are now."""
        here = conversation_id or self.conversation_id
        with self.instance.database.read() as session:
            customer = session.execute(
                select(conversations.c.customer).where(conversations.c.id == here)
            ).scalar_one()
        config = AgentConfig(faqs=(Faq(id="f1", q="¿?", a="."),), tools=tuple(self.tools))
        return Desk(self.instance, Behalf("asst_1", here, customer), config, "es")

    def wishes(self, name: str, **arguments: Any) -> Wished:
        """The model asks for a tool, in this turn."""
        return self.desk.run(Wish("w", name, arguments))

    def settles(self, decision: Decision | None = None) -> int:
        """The turn ends with that decision, its reply reaches WhatsApp, and the next turn begins; the turn's id."""
        said = decision or SmallTalk("¡Hola!")
        with self.instance.database.transaction() as session:
            session.execute(update(messages).values(state=MessageState.ANSWERED))
            turn = {
                "conversation_id": self.conversation_id,
                "agent_id": "asst_1",
                "agent_version": 1,
                "decision": said.kind,
                "brain": "openai",
                "detail": {},
                "messages": 1,
                "created_at": now_ms(),
            }
            turn_id: int = session.execute(insert(turns).values(turn).returning(turns.c.id)).scalar_one()
            self.desk.settle(session, turn_id, said)
            self.replies(session, turn_id, said.text)
        self.desk = self.new_desk()
        return turn_id

    def replies(self, session: Any, turn_id: int | None, text: str) -> None:
        """Something of ours reaches WhatsApp."""
        row = {
            "conversation_id": self.conversation_id,
            "turn_id": turn_id,
            "part": 0,
            "author": Author.BOT if turn_id else Author.PERSON,
            "state": ReplyState.SENT,
            "content": {"type": "text", "text": {"body": text}},
            "tracker": f"t{turn_id}",
            "attempts": 1,
            "asked_at": 1,
            "sent_at": now_ms() - 5,
            "created_at": now_ms(),
        }
        session.execute(insert(replies).values(row))

    def proposes(self, **arguments: Any) -> Confirm:
        """A turn ends with the question whether to book."""
        proposed = self.wishes(CHANGES, **arguments)
        assert isinstance(proposed, Proposed)
        self.settles(proposed.decision)
        return proposed.decision

    def says(self, *texts: str, desk: Desk | None = None) -> Taken | None:
        """What a turn makes of these messages."""
        with self.instance.database.transaction() as session:
            for text in texts:
                row = {
                    "conversation_id": self.conversation_id,
                    "state": MessageState.RECEIVED,
                    "kind": "text",
                    "content": {"text": {"body": text}},
                    "sent_at": now_ms(),
                    "received_at": now_ms(),
                }
                session.execute(insert(messages).values(row))
        return self.taken(Question(texts), desk)

    def taps(self, *buttons: str, desk: Desk | None = None) -> Taken | None:
        """What a turn makes of these taps."""
        return self.taken(Question((), tapped=buttons), desk)

    def taken(self, question: Question, desk: Desk | None = None) -> Taken | None:
        with self.instance.database.transaction() as session:
            return (desk or self.desk).taken(session, question)

    def carries_out(self, taken: Taken | None) -> Ended:
        """The customer has said yes, and it is done."""
        assert isinstance(taken, Confirmed)
        return self.desk.carry_out(taken)

    def rows(self) -> list[AnyRow]:
        """The actions as they are kept, oldest first."""
        with self.instance.database.read() as session:
            return list(session.execute(select(action_table).order_by(action_table.c.id)).all())

    def states(self) -> list[str]:
        """What became of each."""
        return [row.state.value for row in self.rows()]

    def sets(self, **values: Any) -> None:
        """Changes the newest action as time or a crash would."""
        newest = self.rows()[-1].id
        with self.instance.database.transaction() as session:
            session.execute(update(action_table).where(action_table.c.id == newest).values(values))


def buttons(asked: Confirm) -> tuple[str, str]:
    """The ids of its yes and its no."""
    yes, no = asked.message["interactive"]["action"]["buttons"]
    return yes["reply"]["id"], no["reply"]["id"]
