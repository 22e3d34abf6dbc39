"""What an owner may say about the people behind an agent: checked, made whole, and warned about."""

from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from typing import Annotated, NoReturn

from pydantic import Field

from src.accounts.numbers import normalise_number
from src.accounts.tool_input import KEPT
from src.core import outgoing
from src.core.agent_config import Handoff
from src.core.errors import Invalid
from src.core.outgoing import OutgoingRefused
from src.core.security import new_webhook_secret, webhook_key
from src.core.settings import Settings
from src.core.visible import Seen

NO_WAY = (
    "nobody is told when a customer needs a person: WhatsApp's policy asks for a clear way to one. The default is "
    "used: customers are told that a person will answer in the chat, and wait in GET /conversation and "
    "`released conversations list`. Set handoff.webhook, email or whatsapp, or a contact to be told to customers"
)
NO_SMTP = "handoff.email is set and SMTP_URL is not: no e-mail goes out until the operator sets it"


class HandoffInput(Handoff):
    """A hand-off as an owner gives it; a `webhook_secret` that is `set`, as it is shown, stays the one that it is."""

    contact: Annotated[str, Field(max_length=500), Seen] | None = None
    when: Annotated[str, Field(max_length=2_000), Seen] | None = None
    webhook_secret: Annotated[str, Field(pattern=rf"^({KEPT}|.{{16,200}})$")] | None = None


@dataclass(frozen=True)
class Settled:
    """A hand-off as it is kept; `secret` is the webhook's, where one was made just now: to be shown once."""

    handoff: Handoff
    secret: str | None


def settle_handoff(given: HandoffInput, before: Handoff, settings: Settings, phone_number: str) -> Settled:
    """What is given over what was there before; a webhook without a secret gets one, null asks for a new one.

    Raises `Invalid`, which names the field.
    """
    said = {name: getattr(given, name) for name in given.model_fields_set}
    if said.get("webhook_secret") == KEPT:
        del said["webhook_secret"]
    wanted = before.model_copy(update=said)
    if wanted.webhook is not None:
        _check_webhook(wanted, settings)
    elif said.get("webhook_secret"):
        _refuse("webhook_secret", "signs nothing without handoff.webhook")
    if wanted.email is not None:
        _check_email(wanted.email)
    number = None if wanted.whatsapp is None else _own_number(wanted.whatsapp, phone_number)
    secret = new_webhook_secret() if wanted.webhook and not wanted.webhook_secret else None
    kept = (secret or wanted.webhook_secret) if wanted.webhook else None
    return Settled(wanted.model_copy(update={"whatsapp": number, "webhook_secret": kept}), secret)


def _check_webhook(wanted: Handoff, settings: Settings) -> None:
    try:
        outgoing.check(wanted.webhook or "", settings.outgoing_private)
    except OutgoingRefused as error:
        _refuse("webhook", str(error))
    try:
        key = webhook_key(wanted.webhook_secret or "none yet, one is made")
    except ValueError:
        _refuse("webhook_secret", "is no base64 after whsec_")
    if len(key) < 16:
        _refuse("webhook_secret", "must hold 16 bytes at least")


def _check_email(written: str) -> None:
    try:
        written.encode("ascii")
        Address(addr_spec=written)
    except (ValueError, IndexError, MessageError):
        _refuse("email", "is not an e-mail address such as ana@example.com")


def _own_number(written: str, phone_number: str) -> str:
    try:
        number, _ = normalise_number(written)
    except Invalid:
        _refuse("whatsapp", "is not an E.164 number such as +34600000147")
    if number == phone_number:
        _refuse("whatsapp", "is the bot's own number: name the telephone of a person")
    return number


def _refuse(field: str, message: str) -> NoReturn:
    raise Invalid(
        f"handoff.{field}: {message}", errors=[{"field": f"handoff.{field}", "message": message}]
    ) from None


def no_way_to_a_person(handoff: Handoff) -> bool:
    """Is nobody told of a hand-off, and no contact given to customers?"""
    ways = (handoff.contact, handoff.webhook, handoff.email, handoff.whatsapp)
    return not any(way and way.strip() for way in ways)


def cannot_mail(handoff: Handoff, settings: Settings) -> bool:
    """Does the owner want e-mails that this instance cannot send?"""
    return handoff.email is not None and settings.smtp_url is None
