"""All that is held about a customer comes as one document and as a page, by API and by shell."""

import base64
import json
import re
from pathlib import Path

import pytest

from src.core import audit
from src.messages.rights import collect
from tests.integration.cli.backup_world import released, settings_of
from tests.integration.hearing.hearing_world import bytes_of
from tests.integration.rights.rights_world import ASKED, NAME, NOTED, NUMBER, SPOKEN, WORDS, Rights
from tests.world import call, eventually


@pytest.mark.both_databases
def test_the_document_holds_all_of_it(rights: Rights) -> None:
    rights.lives()
    status, document = rights.api("GET", f"/customer/+{NUMBER}")
    assert (status, document["format"], document["retention_days"]) == (200, "released-customer/1", 14)
    text = json.dumps(document, ensure_ascii=False)
    for words in (*WORDS, ASKED, SPOKEN, NOTED):
        assert words in text
    (talk,) = document["conversations"]
    for table in ("messages", "turns", "replies", "actions", "notes", "alerts"):
        assert talk[table], table
    pictures = [one["media"] for one in talk["messages"] if one["kind"] == "image"]
    assert [base64.b64decode(one["base64"]) for one in pictures] == [bytes_of("image")]
    assert any(reply["receipts"] for reply in talk["replies"])
    assert len(document["notices"]) == 2
    assert [one["period"] for one in document["spending"]] == ["2026-11-20"] or document["spending"]
    assert len(document["alerts_to_people"]) == 1
    assert {"noted", "replied", "exported"} <= {one["action"] for one in document["audit"]}
    assert set(document["elsewhere"]) == {"seen", "usage", "cached_answer", "backup", "outside"}


def test_the_customer_is_found_however_the_number_is_written_and_by_user_id(rights: Rights) -> None:
    rights.lives()
    for written in ("+34 655 50 12 34", "0034655501234", "34655501234", "(+34) 655-501.234", rights.user_id):
        status, found = rights.api("GET", f"/customer/{written.replace(' ', '%20')}")
        assert (status, found["customers"][0]["wa_id"]) == (200, NUMBER), written
    status, problem = rights.api("GET", "/customer/+34655509998")
    assert (status, problem["title"]) == (404, "There is no such customer")
    assert "forgotten" in problem["detail"]
    for wrong in ("655", "hola que tal", "+", "%00%00%00"):
        status, problem = rights.api("GET", f"/customer/{wrong.replace(' ', '%20')}")
        assert (status, problem["errors"][0]["field"]) == (422, "customer"), wrong


def test_the_page_escapes_what_was_written_and_speaks_the_language_asked_for(rights: Rights) -> None:
    rights.lives()
    rights.says('<script>alert("x")</script><img src=x onerror=y>')
    eventually(lambda: "onerror" in rights.api("GET", f"/customer/{NUMBER}/page")[1])
    for language, title in (
        (None, "Lo que guardamos sobre usted"),
        ("pt-BR", "O que guardamos sobre você"),
        ("en", "What we hold about you"),
    ):
        asked = "" if language is None else f"?language={language}"
        status, page = rights.api("GET", f"/customer/{NUMBER}/page{asked}")
        assert status == 200
        assert f"<h1>{title}</h1>" in page
        assert "<script" not in page
        assert "&lt;img src=x" in page
        assert not re.search(r'(?:src|href)="(?!data:)', page)
        assert all(words in page for words in WORDS)
        assert 'src="data:image/' in page
    assert rights.api("GET", f"/customer/{NUMBER}/page?language=fr")[0] == 422


def test_a_shell_writes_document_page_and_files_for_its_user_alone(rights: Rights, tmp_path: Path) -> None:
    rights.lives()
    folder = tmp_path / "out"
    done = rights.typed("export", f"+{NUMBER}", "--out", folder)
    assert done.returncode == 0, done.stderr
    assert f"{folder}: 1 conversations" in done.stdout
    document = json.loads((folder / "customer.json").read_text(encoding="utf-8"))
    (picture,) = (one["media"] for one in document["conversations"][0]["messages"] if one["kind"] == "image")
    assert (folder / picture["file"]).read_bytes() == bytes_of("image")
    assert f'<img src="{picture["file"]}"' in (folder / "customer.html").read_text(encoding="utf-8")
    for path in (folder, folder / "media", *folder.rglob("*.*")):
        assert path.stat().st_mode & 0o077 == 0, path
    again = rights.typed("export", f"+{NUMBER}", "--out", folder)
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)
    shown = rights.typed("export", f"+{NUMBER}", "--json")
    assert json.loads(shown.stdout)["customers"][0]["name"] == NAME
    assert released("data", "export", NUMBER, "--json", **settings_of(rights)).returncode == 0
    assert rights.typed("export", NUMBER, cwd=tmp_path).returncode == 0
    assert [path.name.count(NUMBER) for path in tmp_path.glob("customer-*")] == [0]
    nobody = rights.typed("export", "+34655509998", "--out", tmp_path / "none")
    assert (nobody.returncode, (tmp_path / "none").exists()) == (1, False)
    assert "no conversation is with this number" in nobody.stderr


def test_files_beyond_the_limit_are_named_and_left_out(
    rights: Rights, monkeypatch: pytest.MonkeyPatch
) -> None:
    rights.lives()
    monkeypatch.setattr(collect, "INLINE_MB", 0)
    document = rights.api("GET", f"/customer/{NUMBER}")[1]
    (picture,) = (one["media"] for one in document["conversations"][0]["messages"] if one["kind"] == "image")
    assert "base64" not in picture
    assert "released customers export" in picture["left_out"]
    assert picture["size"] == len(bytes_of("image"))


def test_another_number_of_the_business_is_in_it(rights: Rights) -> None:
    rights.lives()
    _, other = call("POST", f"{rights.sandbox}/api/numbers", {"phone_number": "+34600000148", "name": "Otra"})
    body = {"phone_number": "+34600000148", "phone_number_id": other["phone_number_id"], "faqs": rights.faqs}
    assert rights.api("POST", "/agent", body)[0] == 201
    chat = f"{rights.sandbox}/api/chats/{rights.customers[0]}/{other['phone_number_id']}/messages"
    assert call("POST", chat, {"type": "text", "text": "¿y aquí?"})[0] == 201
    eventually(lambda: len(rights.api("GET", f"/customer/{NUMBER}")[1]["conversations"]) == 2)


def test_who_read_it_is_in_the_audit_log_by_a_keyed_hash(rights: Rights) -> None:
    rights.lives()
    rights.api("GET", f"/customer/{NUMBER}")
    with rights.instance.database.read() as session:
        (last,) = audit.latest(session, 1)
    key = rights.instance.keyring.lookup(f"wa:{NUMBER}")
    assert (last.action, last.object) == ("exported", f"customer {key.hex()}")
