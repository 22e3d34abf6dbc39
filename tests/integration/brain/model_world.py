"""A world whose bot has a model: the sandbox's, scripted by rules."""

from pathlib import Path
from typing import Any

from sqlalchemy import select

from src.core.models import turns
from tests.world import World, call

KEY = "sk-of-the-tests"
BAKERY = (
    ("¿A qué hora abren?", "De lunes a viernes abrimos de 7:00 a 20:00, los sábados de 8:00 a 14:00."),
    ("¿Dónde están?", "En la calle del Pez, 7, junto al metro Noviciado."),
    ("¿Hacen envíos?", "Sí, a todo Madrid por 4 €. A partir de 30 € es gratis."),
    ("¿Se puede pagar con tarjeta?", "Sí, con tarjeta y también por Bizum."),
    ("¿Tienen pan sin gluten?", "Sí, pan de molde sin gluten por encargo, a 6,50 €."),
)


class ModelWorld(World):
    """As `World`, with the five FAQs of a bakery and a model that answers."""

    def __init__(self, home: Path, database_url: str | None = None, **settings: Any) -> None:
        given = {"openai_api_key": KEY, "openai_rps_per_agent": 50.0, "openai_timeout": 10.0}
        super().__init__(home, database_url, **{**given, **settings})

    def settings(self) -> dict[str, Any]:
        """The platform's settings; the model is the sandbox's."""
        return {"openai_base_url": f"{self.sandbox}/v1", **super().settings()}

    def is_a_bakery(self, **more: Any) -> None:
        """The owner's agent with the bakery's FAQs."""
        self.faqs = [{"q": q, "a": a, "id": f"f{n}"} for n, (q, a) in enumerate(BAKERY, start=1)]
        status, made = self.api(
            "POST",
            "/agent",
            {
                "phone_number": "+34600000147",
                "phone_number_id": self.number_id,
                "faqs": self.faqs,
                "name": "Zarpa",
                "handoff": {"contact": "910 000 147"},
                **more,
            },
        )
        assert status == 201, made
        self.agent_id = made["agent_id"]

    def model(self, act: str, on: str = "responses", **more: Any) -> None:
        """What the model does from now on, `times` times at most."""
        status, answer = call("POST", f"{self.sandbox}/api/openai/rules", {"on": on, "act": act, **more})
        assert status in (200, 201), answer

    def says_model(self, answer: str, cites: str, quote: str, **more: Any) -> None:
        """The model's next drafts are these words."""
        content = {
            "decision": "answer",
            "quotes": [{"source_id": cites, "text": quote}],
            "source_ids": [cites],
            "options": [],
            "language": "es",
            "answer": answer,
            "handoff_reason": "",
        }
        self.model("reply", content={**content, **more.pop("content", {})}, **more)

    def asked(self) -> list[dict[str, Any]]:
        """Every request that reached the model, oldest first."""
        found: list[dict[str, Any]] = call("GET", f"{self.sandbox}/api/openai/ledger?limit=5000")[1][
            "entries"
        ]
        return found

    def turns(self) -> list[dict[str, Any]]:
        """What was decided, oldest first: decision, brain, model, cost, detail."""
        with self.instance.database.read() as session:
            return [dict(row._mapping) for row in session.execute(select(turns).order_by(turns.c.id))]
