"""Meta itself (`--live`): token, numbers, app secret, subscription. It reads, and changes nothing."""

import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from src.cli.checks.finding import Finding, fail, ok, warn
from src.cli.checks.graph import RENEW, Line, ask_as, error_of
from src.cli.checks.number import number
from src.cli.checks.web import Answer
from src.core import access
from src.core.database import AnyRow
from src.core.instance import Instance
from src.core.models import numbers

_SCOPES = ("whatsapp_business_messaging", "whatsapp_business_management")
_DAY = 24 * 3600
_FEW_DAYS = 15


def meta(instance: Instance) -> Iterator[Finding]:
    """What Meta says of everything that this instance was given."""
    lines = _lines(instance)
    first = ask_as(lines[0], f"{instance.settings.graph_url}/debug_token", input_token=lines[0].token)
    if first.status == 0:
        yield fail(
            "meta",
            f"{instance.settings.graph_url} does not answer",
            first.text,
            "start the instance (it holds the sandbox)"
            if instance.settings.sandbox_mode
            else "let this machine reach graph.facebook.com at port 443, also by name",
        )
        return
    yield _clock(first)
    apps: dict[str, str | None] = {}
    for line in lines:
        if line.token not in apps:
            finding, apps[line.token] = _token(instance, line)
            yield finding
        if line.phone_number_id is not None:
            yield from number(instance, line)
    yield from _accounts(instance, lines, apps)


def _lines(instance: Instance) -> list[Line]:
    own = instance.settings
    rows: list[AnyRow] = []
    token = instance.access_token
    try:
        with instance.database.read() as session:
            rows = list(session.execute(select(numbers).order_by(numbers.c.created_at)))
            token = access.instance_token(session, instance)
    except SQLAlchemyError:
        rows = []  # the database's own checks say it
    known = [
        Line(
            row.phone_number,
            row.phone_number_id,
            row.waba_id or own.waba_id,
            row.access_token or token,
            (row.app_secret,) if row.app_secret else instance.app_secrets,
        )
        for row in rows
    ]
    given = own.phone_number_id
    if given is not None and given not in {line.phone_number_id for line in known}:
        known.append(Line("PHONE_NUMBER_ID", given, own.waba_id, token, instance.app_secrets))
    return known or [Line("", None, own.waba_id, token, instance.app_secrets)]


def _clock(answer: Answer) -> Finding:
    if answer.date is None:
        return ok("meta", "it answers")
    skew = abs(time.time() - answer.date)
    if skew > 60:
        cure = "switch on time synchronisation: `timedatectl set-ntp true`"
        return warn("meta", f"its clock differs by {skew:.0f} s", "this machine's clock is wrong", cure)
    return ok("meta", "it answers, and the clocks agree")


def _token(instance: Instance, line: Line) -> tuple[Finding, str | None]:
    """The finding, and the id of the app that the token belongs to."""
    answer = ask_as(line, f"{instance.settings.graph_url}/debug_token", input_token=line.token)
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    code, _, said = error_of(answer)
    if code == 190 or (isinstance(data, dict) and data.get("is_valid") is False):
        why = said if code else str((data or {}).get("error", {}).get("message", "it is not valid"))
        return fail("token", "Meta refuses it", why, RENEW), None
    if not isinstance(data, dict):
        cause = f"debug_token answered: {said}"
        return warn(
            "token", "Meta does not tell about it", cause, "see whether the numbers below can be read"
        ), None
    return _described(data), str(data.get("app_id") or "") or None


def _described(data: dict[str, Any]) -> Finding:
    missing = [scope for scope in _SCOPES if scope not in (data.get("scopes") or [])]
    if missing:
        return fail(
            "token",
            f"valid, without {' and '.join(missing)}",
            "it was made without these permissions",
            RENEW,
        )
    ends = int(data.get("expires_at") or 0)
    if ends == 0:
        return ok("token", "valid, never ends")
    days = int((ends - time.time()) // _DAY)
    if days < _FEW_DAYS:
        return warn("token", f"valid, ends in {days} days", "a system user's token lasts 60 days", RENEW)
    return ok("token", f"valid, ends in {days} days")


def _accounts(instance: Instance, lines: list[Line], apps: dict[str, str | None]) -> Iterator[Finding]:
    seen: set[str] = set()
    for line in lines:
        waba_id = line.waba_id
        if waba_id is None and not instance.settings.sandbox_mode:
            cure = "set WABA_ID (WhatsApp Manager shows it), or `released numbers add … --waba ID`"
            yield warn(
                "subscription", "not known", f"the account of {line.name or 'the token'} is not known", cure
            )
        elif (waba_id or "sandbox") not in seen:
            seen.add(waba_id or "sandbox")
            yield _subscription(instance, line, waba_id or "sandbox", apps[line.token])


def _subscription(instance: Instance, line: Line, waba_id: str, app_id: str | None) -> Finding:
    answer = ask_as(line, f"{instance.settings.graph_url}/{waba_id}/subscribed_apps")
    data = answer.json.get("data") if isinstance(answer.json, dict) else None
    if answer.status != 200 or not isinstance(data, list):
        cure = (
            "compare WABA_ID with WhatsApp Manager; give the token's system user the account (Assign assets)"
        )
        return fail("subscription", f"the account {waba_id} cannot be read", error_of(answer)[2], cure)
    apps = [one.get("whatsapp_business_api_data", {}) for one in data if isinstance(one, dict)]
    ids = [str(app.get("id")) for app in apps]
    if not ids or (app_id is not None and app_id not in ids):
        return fail(
            "subscription",
            f"the app is not subscribed to the account {waba_id}",
            "its messages are not brought to this instance",
            f'curl -X POST "{instance.settings.graph_url}/{waba_id}/subscribed_apps" '
            '-H "Authorization: Bearer $META_ACCESS_TOKEN"',
        )
    return ok("subscription", f"the app is subscribed to the account {waba_id}")
