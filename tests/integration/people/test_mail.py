"""People are told by e-mail, in the agent's language, through a real mail server; refusals are told apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.certificates import certificate_for
from tests.integration.people.desk import A_PERSON, Desk
from tests.integration.people.sinks import Mailbox, mail_server


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, database_url: str, box: Mailbox) -> Iterator[Desk]:
    with mailing(tmp_path, box, database_url) as found:
        yield found


def mailing(home: Path, box: Mailbox, database_url: str | None = None, **settings: str) -> Desk:
    given = {"smtp_url": f"smtp://127.0.0.1:{box.port}", "smtp_from": "Bot <bot@example.com>"}
    return Desk(home, database_url, **{**given, **settings})


def test_a_letter_says_who_waits_since_when_and_why_and_nothing_that_they_wrote(
    desk: Desk, box: Mailbox
) -> None:
    desk.opens(email="ana@example.com")
    desk.says(A_PERSON)
    assert desk.settled() == [("email", "sent", None)]
    (mail,) = box.mails
    waiting = desk.waiting()
    assert (mail["To"], mail["From"]) == ("ana@example.com", "Bot <bot@example.com>")
    assert mail["Subject"] == "Alguien espera respuesta en WhatsApp: Zarpa"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert f"{waiting['customer']['name']} espera a una persona" in text
    assert "pidió hablar con una persona" in text
    assert f"released conversations show {waiting['id']}" in text
    assert A_PERSON not in text
    assert waiting["customer"]["wa_id"] not in str(mail)


@pytest.mark.parametrize(
    ("language", "words"), [("pt-BR", "pediu para falar"), ("en", "Reason: asked for a person")]
)
def test_it_is_written_in_the_agents_language_and_links_where_there_is_an_address(
    tmp_path: Path, box: Mailbox, language: str, words: str
) -> None:
    with mailing(tmp_path, box, public_url="https://bot.example.com") as desk:
        desk.opens(email="ana@example.com")
        desk.api("PATCH", f"/agent/{desk.agent_id}", {"language": language})
        desk.says(A_PERSON)
        desk.settled()
        text = box.mails[0].get_content()
        assert words in text
        assert f"released conversations show {desk.waiting()['id']} (API: https://bot" in text


@pytest.mark.parametrize(
    ("command", "answer", "becomes"),
    [
        ("RCPT", "550 no such mailbox", ("failed", "address refused")),
        ("MAIL", "553 not you", ("failed", "SMTP 553")),
        ("DATA", "554 spam", ("failed", "SMTP 554")),
        ("RCPT", "450 greylisted", ("queued", "SMTP 450")),
        ("MAIL", "421 busy", ("queued", "SMTP 421")),
        ("EHLO", "421 busy", ("queued", "unreachable")),
    ],
)
def test_what_is_refused_for_good_has_failed_and_what_is_not_is_tried_again(
    tmp_path: Path, box: Mailbox, command: str, answer: str, becomes: tuple[str, str]
) -> None:
    box.says[command] = [answer, answer]  # a second EHLO may be a HELO
    box.says["HELO"] = [answer]
    with mailing(tmp_path, box) as desk:
        desk.opens(email="ana@example.com")
        desk.says(A_PERSON)
        row = desk.put_off()
        assert (row["state"], row["error"]) == becomes
        box.says.clear()
        desk.hurry()
        assert desk.settled()[0][1] == ("sent" if becomes[0] == "queued" else "failed")
        assert len(box.mails) == (1 if becomes[0] == "queued" else 0)


def test_a_server_that_is_away_is_tried_again(tmp_path: Path, box: Mailbox) -> None:
    with mailing(tmp_path, box, smtp_url="smtp://127.0.0.1:9") as desk:
        desk.opens(email="ana@example.com")
        desk.says(A_PERSON)
        assert desk.put_off()["error"] == "unreachable"


def test_without_a_server_the_owner_hears_it_when_the_address_is_given(tmp_path: Path) -> None:
    with Desk(tmp_path) as desk:
        (warning,) = desk.opens(email="ana@example.com")["warnings"]
        assert "SMTP_URL" in warning
        desk.says(A_PERSON)
        assert desk.settled() == [("email", "failed", "no SMTP_URL")]


def test_the_password_goes_over_tls_where_the_server_offers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = certificate_for("localhost", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    with mail_server(context) as box:
        desk = mailing(tmp_path, box, smtp_url=f"smtp://bot:p%40ss@localhost:{box.port}")
        with desk:
            desk.opens(email="ana@example.com")
            desk.says(A_PERSON)
            assert desk.settled() == [("email", "sent", None)]
    words = [command.split(" ")[0].upper() for command in box.commands]
    assert words.index("STARTTLS") < words.index("AUTH") < words.index("MAIL")


def test_a_server_whose_certificate_is_nobodys_gets_no_password(tmp_path: Path) -> None:
    _, context = certificate_for("localhost", tmp_path)
    with mail_server(context) as box:
        desk = mailing(tmp_path, box, smtp_url=f"smtp://bot:pass@localhost:{box.port}")
        with desk:
            desk.opens(email="ana@example.com")
            desk.says(A_PERSON)
            assert desk.put_off()["error"] == "TLS failed"
    assert not any(command.startswith("AUTH") for command in box.commands)
    assert box.mails == []


def test_a_login_that_fails_is_tried_again_for_the_operator_to_mend_it(tmp_path: Path, box: Mailbox) -> None:
    box.says["AUTH"] = ["535 no"] * 3
    with mailing(tmp_path, box, smtp_url=f"smtp://bot:pass@127.0.0.1:{box.port}") as desk:
        desk.opens(email="ana@example.com")
        desk.says(A_PERSON)
        assert desk.put_off()["error"] == "login refused"
