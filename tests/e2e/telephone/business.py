"""A stand-in for a business: it hears the sandbox's webhooks over HTTP and answers by a script through the Graph API."""

import hashlib
import hmac
import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Json = dict[str, Any]

SECRET = "the-business-s-secret"
PATIENCE = 30.0

BUTTONS: Json = {
    "type": "button",
    "body": {"text": "¿Te refieres a…?"},
    "action": {
        "buttons": [
            {"type": "reply", "reply": {"id": "hours", "title": "Horario"}},
            {"type": "reply", "reply": {"id": "bread", "title": "Pan sin gluten"}},
        ]
    },
}
CAKE: Json = {"id": "cake", "title": "Tartas", "description": "¿Con cuánta antelación?"}
LIST: Json = {
    "type": "list",
    "body": {"text": "¿Cuál buscas?"},
    "action": {
        "button": "Ver preguntas",
        "sections": [
            {"title": "Pedidos", "rows": [CAKE]},
            {"title": "Tienda", "rows": [{"id": "park", "title": "Aparcamiento"}]},
        ],
    },
}


class Business:
    """Answers `botones` with buttons, `lista` with a list, `silencio…` not at all, the rest with an echo.

    The gates hold it: `hears` before a webhook is answered, `reads` before the read receipt, `speaks` before
    the answer.
    """

    def __init__(self) -> None:
        self.hears, self.reads, self.speaks = (threading.Event() for _ in range(3))
        self.open_gates()
        self.graph_url = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._door())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.callback_url = f"http://127.0.0.1:{self._server.server_port}/webhook"

    def open_gates(self) -> None:
        """Lets everything through."""
        for gate in (self.hears, self.reads, self.speaks):
            gate.set()

    def close(self) -> None:
        """Stops listening."""
        self.open_gates()
        self._server.shutdown()
        self._server.server_close()

    def send(self, phone_number_id: str, node: Json) -> None:
        """Calls the Graph endpoint for messages; the sandbox's refusal is an HTTPError."""
        body = json.dumps({"messaging_product": "whatsapp", **node}).encode()
        headers = {"Content-Type": "application/json", "Authorization": "Bearer any"}
        url = f"{self.graph_url}/v26.0/{phone_number_id}/messages"
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=PATIENCE):
            pass

    def answer(self, phone_number_id: str, message: Json) -> None:
        """Reads, types and answers, as far as the gates are open."""
        said = text_of(message)
        if said is None or said.startswith("silencio"):
            return
        self.reads.wait(PATIENCE)
        typing = {"status": "read", "message_id": message["id"], "typing_indicator": {"type": "text"}}
        self.send(phone_number_id, typing)
        self.speaks.wait(PATIENCE)
        self.send(phone_number_id, {**addressee(message), **script(said)})

    def _door(self) -> type[BaseHTTPRequestHandler]:
        business = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
                business.hears.wait(PATIENCE)
                self.send_response(200 if self.headers["X-Hub-Signature-256"] == signature else 401)
                self.end_headers()
                for heard in inbound(json.loads(body)):
                    threading.Thread(target=business.answer, args=heard, daemon=True).start()

            def log_message(self, format: str, *args: object) -> None:
                """Says nothing: the tests' output is theirs."""

        return Door


def inbound(notification: Json) -> list[tuple[str, Json]]:
    """The messages of a notification, each with the id of the number it was written to."""
    found = []
    for value in (change["value"] for entry in notification["entry"] for change in entry["changes"]):
        number = value["metadata"]["phone_number_id"]
        found += [(number, message) for message in value.get("messages", [])]
    return found


def text_of(message: Json) -> str | None:
    """What the customer wrote or tapped, or None."""
    if message["type"] == "text":
        return str(message["text"]["body"])
    if message["type"] != "interactive":
        return None
    reply = message["interactive"][message["interactive"]["type"]]
    return f"{reply['title']} ({reply['id']})"


def addressee(message: Json) -> Json:
    """The customer's number when it is known, else the user id."""
    return {"to": "+" + message["from"]} if "from" in message else {"recipient": message["from_user_id"]}


def script(said: str) -> Json:
    """The answer to what was said."""
    interactive = {"botones": BUTTONS, "lista": LIST}.get(said)
    if interactive is not None:
        return {"type": "interactive", "interactive": interactive}
    return {"type": "text", "text": {"body": f"Has dicho: {said}"}}
