"""Tells people by e-mail, through the operator's SMTP server."""

import smtplib
import ssl
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from src.core.settings import Settings
from src.messages.people import letters
from src.messages.people.alerts import Call
from src.messages.people.outcome import SENT, Outcome, again, failed

SECONDS = 10.0  # for each step of the exchange
_PORTS = {"smtp": 587, "smtps": 465}


class _NotPrivate(Exception):
    """The server would take the password in the clear."""


def tell(settings: Settings, call: Call) -> Outcome:
    """Sends the alert; once the server has taken it, it is the server's."""
    if settings.smtp_url is None:
        return failed("no SMTP_URL")
    sender = settings.smtp_from or unquote(urlsplit(settings.smtp_url).username or "")
    if "@" not in sender:
        return failed("no SMTP_FROM")
    try:
        _send(urlsplit(settings.smtp_url), _message(settings, call, sender))
    except _NotPrivate:
        return again("no TLS for the password")
    except smtplib.SMTPAuthenticationError:
        return again("login refused")
    except smtplib.SMTPRecipientsRefused as error:
        code = max(code for code, _ in error.recipients.values())
        return failed("address refused") if code >= 500 else again(f"SMTP {code}")
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        reason = f"SMTP {error.smtp_code}"
        return failed(reason) if error.smtp_code >= 500 else again(reason)
    except ssl.SSLError:
        return again("TLS failed")
    except (smtplib.SMTPException, OSError):
        return again("unreachable")
    return SENT


def _message(settings: Settings, call: Call, sender: str) -> EmailMessage:
    subject, body = letters.letter(call, settings.public_url)
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(addr_spec=call.handoff.email)
    message["Subject"] = subject
    message["Date"] = formatdate(call.now / 1000)
    message["Message-ID"] = f"<{call.key}@{sender.rpartition('@')[2].strip('> ')}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(body)
    return message


def _send(server: SplitResult, message: EmailMessage) -> None:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    context = ssl.create_default_context()
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=context)
    else:
        connection = smtplib.SMTP(host, port, timeout=SECONDS)
    with connection:
        connection.ehlo_or_helo_if_needed()
        is_private = server.scheme == "smtps" or _is_here(host)
        if server.scheme == "smtp" and connection.has_extn("starttls"):
            connection.starttls(context=context)
            is_private = True
        if server.username:
            if not is_private:
                raise _NotPrivate
            connection.login(unquote(server.username), unquote(server.password or ""))
        connection.send_message(message)


def _is_here(host: str) -> bool:
    """Does the connection stay on this machine?"""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
