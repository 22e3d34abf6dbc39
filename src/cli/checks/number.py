"""One number as Meta sees it: readable, connected, signed with our secret, brought to our address."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

from src.cli.checks.finding import Finding, fail, ok, warn
from src.cli.checks.graph import RENEW, Line, ask_as, error_of
from src.cli.checks.web import Answer
from src.core.instance import Instance

_FIELDS = "display_phone_number,verified_name,status,quality_rating,name_status,webhook_configuration"


def number(instance: Instance, line: Line) -> Iterator[Finding]:
    """What Meta says of the number, and of the secret that signs its webhooks."""
    url = f"{instance.settings.graph_url}/{line.phone_number_id}"
    answer = ask_as(line, url, fields=_FIELDS)
    name = f"number {line.name}"
    if answer.status != 200 or not isinstance(answer.json, dict):
        yield _unreadable(name, line, answer)
        return
    yield _described(name, line, answer.json)
    yield _secret(url, line)
    yield from _override(instance, line, answer.json)


def _unreadable(name: str, line: Line, answer: Answer) -> Finding:
    code, subcode, said = error_of(answer)
    found = f"the id {line.phone_number_id} cannot be read"
    if code == 190:
        return fail(name, found, said, RENEW)
    if subcode == 33 or code in (10, 100) or 200 <= code < 300:
        return fail(
            name,
            found,
            "there is no such number, or the token's system user was not given its account",
            "compare the id under WhatsApp, API Setup; in Settings, System users, Assign assets give the user the "
            "WhatsApp account with full control",
        )
    return fail(name, found, said, "try again; if it stays, look at metastatus.com")


def _described(name: str, line: Line, told: dict[str, Any]) -> Finding:
    shown = "".join(c for c in str(told.get("display_phone_number", "")) if c.isdigit())
    found = f"{told.get('verified_name')}, {told.get('status')}, quality {told.get('quality_rating')}"
    if line.name.startswith("+") and shown and shown != line.name[1:]:
        cure = "give the number its own id: `released numbers list` shows what is registered"
        return fail(name, found, f"the id {line.phone_number_id} belongs to +{shown}", cure)
    if told.get("status") not in (None, "CONNECTED"):
        cure = "register it with a PIN of six digits (docs/go-live.md, step 6)"
        return fail(name, found, "it does not speak to the Cloud API", cure)
    if told.get("quality_rating") == "RED":
        cure = "answer only who wrote, and send nothing that was not asked for; the rating looks at the last days"
        return warn(name, found, "customers block or report it", cure)
    if told.get("name_status") in ("DECLINED", "EXPIRED", "NONE"):
        cure = "WhatsApp Manager, Phone numbers, Profile: ask for a display name that follows Meta's rules"
        return warn(name, found, f"its display name is {told['name_status']}", cure)
    return ok(name, found)


def _secret(url: str, line: Line) -> Finding:
    """The right proof is taken and a wrong one refused, or else nothing can be told."""
    answers = [_proven(url, line, secret) for secret in line.secrets]
    cure = "App dashboard, App settings, Basic, App secret, Show; set META_APP_SECRET and start again"
    if not any(answer.status == 200 for answer in answers):
        return fail("app secret", "it is not the secret of the token's app", error_of(answers[0])[2], cure)
    if _proven(url, line, "a secret that is wrong").status == 200:
        cause = "Meta takes any proof for this token"
        return warn(
            "app secret", "it cannot be told whether it fits", cause, "watch for webhooks answered 401"
        )
    return ok("app secret", "it is that of the token's app")


def _proven(url: str, line: Line, secret: str) -> Answer:
    proof = hmac.new(secret.encode(), line.token.encode(), hashlib.sha256).hexdigest()
    return ask_as(line, url, fields="id", appsecret_proof=proof)


def _override(instance: Instance, line: Line, told: dict[str, Any]) -> Iterator[Finding]:
    """Where Meta brings this number's messages: its own address, else the account's, else the app's."""
    places = told.get("webhook_configuration")
    public = instance.settings.public_url
    if not isinstance(places, dict) or public is None or instance.settings.sandbox_mode:
        return
    order = ("phone_number", "whatsapp_business_account", "application")
    used = next((str(places[place]) for place in order if places.get(place)), None)
    if used is None:
        cure = f"App dashboard, WhatsApp, Configuration, Webhook: callback {public}/webhook"
        yield fail("webhook", f"none for {line.name}", "Meta knows no address to bring messages to", cure)
    elif used.rstrip("/") != f"{public}/webhook":
        cure = f"set it to {public}/webhook where it stands, or correct PUBLIC_URL"
        yield fail("webhook", f"{line.name}: Meta brings messages to {used}", "that is another address", cure)
    else:
        yield ok("webhook", f"{line.name}: {used}")
