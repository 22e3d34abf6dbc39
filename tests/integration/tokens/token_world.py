"""A world whose tokens grow old: several numbers, a Meta whose clock the test moves, and the work that keeps tokens good."""

from typing import Any

from click.testing import CliRunner, Result
from sqlalchemy import func, select

from sandbox.guards import APP_ID
from src.accounts.numbers import add_number
from src.accounts.tokens.keep import keep_tokens
from src.cli import released
from src.core.models import replies
from src.core.states import ReplyState
from src.core.token_tables import TokenState, tokens
from tests.world import TOKEN, World, call, eventually

DAY, MINUTE = 24 * 3600.0, 60.0
SECOND, SECOND_TOKEN = "+34600000999", "EAAGsecond-number"
QUESTION, ANSWER = "¿A qué hora abren?", "A las nueve."
_GONE = (ReplyState.SENT, ReplyState.DELIVERED, ReplyState.READ)


class TokenWorld(World):
    """Two numbers: the first speaks with the instance's token, the second with its own; both last 60 days."""

    app_id: str | None = APP_ID

    def settings(self) -> dict[str, Any]:
        return {**super().settings(), "meta_app_id": self.app_id}

    def opens(self) -> None:
        """The business begins: two agents, two young tokens."""
        self.last(TOKEN, 60 * DAY)
        self.last(SECOND_TOKEN, 60 * DAY)
        self.knows(QUESTION, ANSWER)
        made = call("POST", f"{self.sandbox}/api/numbers", {"phone_number": SECOND})[1]
        self.numbers = [self.number_id, made["phone_number_id"]]
        with self.instance.database.transaction() as session:
            add_number(session, SECOND, self.numbers[1], access_token=SECOND_TOKEN)
        body = {"phone_number": SECOND, "phone_number_id": self.numbers[1], "faqs": self.faqs}
        assert self.api("POST", "/agent", {**body, "handoff": {"contact": "910 000 147"}})[0] == 201
        self.asked = 0

    def last(self, token: str, seconds: float | None) -> None:
        """Meta has made this token, which lasts so long from now on."""
        assert call("POST", f"{self.sandbox}/api/tokens", {"token": token, "lasts": seconds})[0] == 201

    def dies(self, token: str, subcode: int = 460) -> None:
        """Meta ends this token at once."""
        assert call("POST", f"{self.sandbox}/api/tokens", {"token": token, "dies": subcode})[0] == 201

    def passes(self, seconds: float) -> None:
        """Time passes for Meta's tokens."""
        call("POST", f"{self.sandbox}/api/clock", {"advance": seconds})

    @property
    def now(self) -> int:
        """Meta's time, in ms."""
        return int(call("GET", f"{self.sandbox}/api/clock")[1]["now"] * 1000)

    def keep(self) -> dict[str, int]:
        """The clock looks after the tokens."""
        return keep_tokens(self.instance, self.now)

    def keep_for_minutes(self, minutes: int = 4) -> None:
        """The clock looks after them once a minute."""
        for _ in range(minutes):
            self.keep()
            self.passes(MINUTE)

    def asks(self, number: int = 0, customer: int = 0) -> None:
        """A customer asks one of the two numbers something."""
        self.number_id = self.numbers[number]
        self.says(QUESTION, customer)
        self.asked += 1

    def all_answered(self, seconds: float = 60.0) -> None:
        """Every question that was asked has its answer, which Meta has accepted."""
        eventually(lambda: self.answered() == self.asked, seconds)

    def answered(self) -> int:
        """Replies that Meta has accepted."""
        with self.instance.database.read() as session:
            gone = select(func.count()).select_from(replies).where(replies.c.state.in_(_GONE))
            return int(session.execute(gone).scalar_one())

    def refusals(self) -> int:
        """Sends that Meta did not accept."""
        return len([entry for entry in self.ledger("send") if not entry["accepted"]])

    def at_meta(self) -> dict[str, bool]:
        """Every token that Meta knows, oldest first, and whether it works."""
        found = call("GET", f"{self.sandbox}/api/tokens")[1]["tokens"]
        return {one["token"]: one["works"] for one in found}

    def working(self) -> list[str]:
        """The tokens that work."""
        return [token for token, works in self.at_meta().items() if works]

    def current(self) -> list[str]:
        """The tokens that the platform speaks with."""
        with self.instance.database.read() as session:
            mine = select(tokens.c.value).where(tokens.c.state == TokenState.CURRENT).order_by(tokens.c.id)
            return list(session.execute(mine).scalars())

    def types(self, *words: str) -> Result:
        """Somebody types `released tokens …`."""
        own = {key.upper(): str(value) for key, value in self.settings().items() if value is not None}
        return CliRunner().invoke(released, ["tokens", *words], env=own)
