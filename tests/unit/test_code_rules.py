"""Our code keeps the rules that make whole kinds of mistakes impossible, and each exception has its reason here."""

from pathlib import Path

import pytest

from tests.unit import code_rules
from tests.unit.code_rules import Rule, broken

PROJECT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "sandbox", "celery_worker", "migrations", "evals")

# Where a rule may be broken, and why that does no harm.
EXCEPT: dict[Rule, dict[str, str]] = {
    code_rules.no_composed_sql: {
        "src/accounts/backup/tables.py": "names of our own tables and columns, quoted by the dialect",
        "src/accounts/backup/take.py": "names of settings and of PostgreSQL's sequences of our own tables",
        "src/accounts/backup/restore.py": "names of settings",
        "src/core/database.py": "pragmas that stand in the code",
        "migrations/indexes.py": "names of our own indexes",
        "migrations/versions/0006_audit.py": "words of triggers that stand in the code",
        "sandbox/chats.py": "conditions that stand in the code",
        "sandbox/courier.py": "columns that stand in the code",
        "sandbox/people.py": "one of two columns that stand in the code",
    },
    code_rules.no_words_in_a_log: {
        "src/core/telemetry.py": "a wide line, whose name is given where it is begun",
    },
    code_rules.no_endless_wait: {
        "src/core/outgoing.py": "it is given a socket of ours, each read and write of which has its time",
        "src/core/openai_wire.py": "a rehearsal that leaves for nowhere",
    },
    code_rules.no_other_way_out: {
        "src/core/outgoing.py": "the way out itself",
        "src/core/addresses.py": "looks up the name, once",
        "src/core/peers.py": "looks up names of TRUSTED_PROXIES and LOCAL_PROXY, which the operator sets",
        "src/core/meta_client.py": "Meta: META_GRAPH_URL, and the hosts of MEDIA_HOSTS",
        "src/core/meta_media.py": "the types of Meta's answers",
        "src/core/openai_wire.py": "the model: OPENAI_BASE_URL, which the operator sets",
        "src/messages/people/mail.py": "e-mail: SMTP_URL, which the operator sets",
        "src/tasks.py": "the broker: CELERY_BROKER_URL, which the operator sets",
        "src/cli/checks/web.py": "the doctor, by hand: addresses of the operator's settings",
        "src/cli/checks/public.py": "the doctor, by hand: PUBLIC_URL",
        "src/cli/checks/broker.py": "the doctor, by hand: the broker",
        "src/cli/clients/door.py": "the commands about clients: instances on this machine",
        "src/cli/clients/reserve.py": "whether a port of this machine is free",
        "src/cli/up.py": "listens",
    },
}
RULES: list[Rule] = [
    code_rules.no_unchecked_certificate,
    code_rules.no_shell,
    code_rules.no_code_from_data,
    code_rules.no_composed_sql,
    code_rules.no_secret_compared,
    code_rules.no_words_in_a_log,
    code_rules.no_endless_wait,
    code_rules.no_other_way_out,
]


def _files(rule: Rule) -> list[Path]:
    folders = ("src", "celery_worker") if rule is code_rules.no_other_way_out else FOLDERS
    return [path for folder in folders for path in sorted((PROJECT / folder).rglob("*.py"))]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_is_kept(rule: Rule) -> None:
    breaches = {}
    for path in _files(rule):
        if found := broken(path.read_text(encoding="utf-8"), rule):
            breaches[str(path.relative_to(PROJECT))] = found
    allowed = EXCEPT.get(rule, {})
    assert {path: found for path, found in breaches.items() if path not in allowed} == {}
    assert set(allowed) - set(breaches) == set(), "an exception that nothing needs any more"


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (code_rules.no_unchecked_certificate, "requests.get(url, verify=False)"),
        (code_rules.no_unchecked_certificate, "context.check_hostname = False"),
        (code_rules.no_unchecked_certificate, "context.verify_mode = ssl.CERT_NONE"),
        (code_rules.no_shell, "subprocess.run(line, shell=True)"),
        (code_rules.no_shell, "os.system(line)"),
        (code_rules.no_code_from_data, "eval(text)"),
        (code_rules.no_code_from_data, "import pickle"),
        (code_rules.no_code_from_data, "from pickle import loads"),
        (code_rules.no_code_from_data, "yaml.load(text)"),
        (code_rules.no_composed_sql, "session.execute(f'SELECT * FROM t WHERE id = {given}')"),
        (code_rules.no_composed_sql, "session.execute('SELECT * FROM t WHERE id = %s' % given)"),
        (code_rules.no_composed_sql, "session.execute('DELETE FROM ' + table)"),
        (code_rules.no_composed_sql, "session.execute('UPDATE {} SET a = 1'.format(table))"),
        (code_rules.no_secret_compared, "given == settings.api_key"),
        (code_rules.no_secret_compared, "instance.verify_token != token"),
        (code_rules.no_secret_compared, "keyring.token('verify') == given"),
        (code_rules.no_words_in_a_log, "log.info('sent', extra={'text': said})"),
        (code_rules.no_words_in_a_log, "log.info('sent', extra={'what': message.text})"),
        (code_rules.no_words_in_a_log, "log.warning('refused %s', token)"),
        (code_rules.no_words_in_a_log, "log.warning(f'refused {code}')"),
        (code_rules.no_words_in_a_log, "note(question=asked)"),
        (code_rules.no_endless_wait, "urllib3.PoolManager(retries=False)"),
        (code_rules.no_endless_wait, "smtplib.SMTP(host, port)"),
        (code_rules.no_other_way_out, "import urllib3"),
        (code_rules.no_other_way_out, "from urllib.request import urlopen"),
        (code_rules.no_other_way_out, "socket.create_connection((host, port), timeout=1)"),
    ],
)
def test_a_breach_is_found(rule: Rule, line: str) -> None:
    assert broken(line, rule)


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        (code_rules.no_composed_sql, "session.execute(text('SELECT 1'), {'id': given})"),
        (code_rules.no_composed_sql, "title = f'{name} SELECTs nothing'"),
        (code_rules.no_secret_compared, "said.get('webhook_secret') == KEPT"),
        (code_rules.no_secret_compared, "select(c).where(c.key == keyring.token_key(given))"),
        (code_rules.no_secret_compared, "if name == b'x-hub-signature-256': pass"),
        (code_rules.no_words_in_a_log, "log.info('turn_ended', extra={'turn_id': turn.id})"),
        (code_rules.no_endless_wait, "urllib3.PoolManager(timeout=limits)"),
        (code_rules.no_other_way_out, "host = socket.gethostname()"),
        (code_rules.no_code_from_data, "yaml.safe_load(text)"),
    ],
)
def test_what_is_right_is_let_be(rule: Rule, line: str) -> None:
    assert not broken(line, rule)
