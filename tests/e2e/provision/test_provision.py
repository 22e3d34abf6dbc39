"""From a name and a number to an instance that answers, however often it is cut off and repeated."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.e2e.provision.fleet import NUMBER, PROJECT, Fleet

# Each is a change of the world, in the order in which they come; a run is killed just before it.
MOMENTS = (
    "os.mkdir /clients",
    "os.mkdir /bakery",
    "open client.json.new",
    "os.rename client.json",
    "open .env.new",
    "os.rename .env",
    "os.rename begun",
    "subprocess.Popen up --no-demo",
    "http.client.send GET /ready",
    "http.client.send POST /agent",
    "http.client.send POST /agent/",
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_client_answers_with_the_faqs_of_a_file_and_keeps_its_secrets(fleet: Fleet, tmp_path: Path) -> None:
    faqs = tmp_path / "faqs.csv"
    faqs.write_text("pregunta;respuesta\n¿A qué hora abren?;Abrimos a las 9:30.\n", encoding="utf-8")
    said = fleet.add("bakery", "--faqs", str(faqs))
    assert "9:30" in fleet.asks("bakery", "a q hora abren?")
    env = fleet.env("bakery")
    for shown in (f"http://127.0.0.1:{env['PORT']}/sandbox/", env["META_VERIFY_TOKEN"], "/webhook"):
        assert shown in said
    log = (fleet.folder / "bakery/released.log").read_text()
    for name in ("SECRET_KEY", "API_KEY"):
        assert env[name] not in said + log + "".join(fleet.processes("bakery").values())
    assert env["META_VERIFY_TOKEN"] not in log
    for path in (fleet.folder, fleet.folder / "bakery", fleet.folder / "bakery/data"):
        assert mode(path) == 0o700
    assert {mode(path) for path in (fleet.folder / "bakery").rglob("*") if path.is_file()} == {0o600}


def test_without_faqs_the_agent_says_that_it_is_an_example_and_no_bakery_of_ours(fleet: Fleet) -> None:
    fleet.add("bakery")
    assert "reemplazar" in fleet.asks("bakery", "¿qué es este bot?")
    assert [one["phone_number"] for one in fleet.api("bakery", "/agent")["agents"]] == [NUMBER]


def test_a_repetition_changes_nothing(fleet: Fleet) -> None:
    first = fleet.add("bakery")
    before = (fleet.folder / "bakery/.env").read_bytes(), fleet.pid("bakery"), fleet.api("bakery", "/agent")
    again = fleet.add("bakery")
    assert before == (
        (fleet.folder / "bakery/.env").read_bytes(),
        fleet.pid("bakery"),
        fleet.api("bakery", "/agent"),
    )
    assert again.partition("\n\n")[2] == first.partition("\n\n")[2]


def test_killed_at_every_step_one_after_another_it_is_completed(fleet: Fleet) -> None:
    for moment in MOMENTS:
        done = fleet.run("clients", "add", "bakery", NUMBER, "--embedded", dies=moment)
        assert done.returncode == -9, (moment, done.stdout, done.stderr)
    env = (fleet.folder / "bakery/.env").read_bytes()
    fleet.add("bakery")
    assert (fleet.folder / "bakery/.env").read_bytes() == env
    assert len(fleet.api("bakery", "/agent")["agents"]) == 1
    assert [line for line in fleet.processes("bakery").values() if line.endswith("up --no-demo ")]
    assert "ejemplo" in fleet.asks("bakery", "¿qué es este bot?")
    assert not list(fleet.folder.rglob("*.new"))


def test_at_once_clients_get_ports_of_their_own_and_one_client_is_made_once(fleet: Fleet) -> None:
    begun = [
        fleet.begin("clients", "add", name, number, "--embedded")
        for name, number in (
            ("bakery", NUMBER),
            ("gym", "+34600000148"),
            ("bakery", NUMBER),
            ("spa", "+34600000149"),
        )
    ]
    for process in begun:
        out, errors = process.communicate(timeout=120)
        assert process.returncode == 0, out + errors
    assert len({fleet.env(name)["PORT"] for name in ("bakery", "gym", "spa")}) == 3
    assert [len(fleet.api(name, "/agent")["agents"]) for name in ("bakery", "gym", "spa")] == [1, 1, 1]
    assert fleet.api("gym", "/agent")["agents"][0]["phone_number"] == "+34600000148"


def test_a_real_clients_values_are_taken_and_shown_to_nobody(fleet: Fleet, tmp_path: Path) -> None:
    real = tmp_path / "real.env"
    real.write_text("META_ACCESS_TOKEN=EAAGrealtoken\nMETA_APP_SECRET='realsecret'\nPORT=1\nWABA_ID=77\n")
    real.chmod(0o644)
    words = ("--env", str(real), "--phone-number-id", "1065403", "--domain", "bot.example.com")
    done = fleet.run("clients", "add", "bakery", NUMBER, "--embedded", *words)
    assert done.returncode == 0, done.stderr
    assert "chmod 600" in done.stderr
    assert "left out" in done.stderr
    assert "EAAGrealtoken" not in done.stdout + done.stderr
    assert "realsecret" not in done.stdout + done.stderr
    [agent] = fleet.api("bakery", "/agent")["agents"]
    assert agent["phone_number_id"] == "1065403"
    assert fleet.api("bakery", "/ready")["mode"] == "live"
    assert "https://graph.facebook.com/v26.0/77/subscribed_apps" in done.stdout
    assert '"override_callback_uri": "https://bot.example.com/webhook"' in done.stdout
    assert (
        fleet.run("clients", "add", "bakery", NUMBER, "--embedded", *words).stdout.count("subscribed_apps")
        == 1
    )


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    assert done.returncode == code, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "NAME"),
        (("bakery",), "+PHONE"),
        (("Bakery", NUMBER), "NAME"),
        (("-bakery", NUMBER), "-b"),
        (("b" * 32, NUMBER), "NAME"),
        (("bakery", "600000147"), "+PHONE"),
        (("bakery", NUMBER, "--port", "80"), "--port"),
        (("bakery", NUMBER, "--domain", "https://x.example"), "--domain"),
        (("bakery", NUMBER, "--phone-number-id", "a b"), "--phone-number-id"),
        (("bakery", NUMBER, "--faqs", "/nowhere/faqs.csv"), "--faqs"),
        (("bakery", NUMBER, "--cloud"), "--cloud"),
        (("edge", NUMBER), "edge"),
    ],
)
def test_misuse_is_one_line_and_nothing_is_made(fleet: Fleet, words: tuple[str, ...], named: str) -> None:
    assert named in one_line(fleet.run("clients", "add", *words), 2)
    assert not fleet.folder.exists()


def test_wrong_files_are_one_line_and_make_no_client(fleet: Fleet, tmp_path: Path) -> None:
    add = ("clients", "add", "bakery", NUMBER, "--embedded")
    faqs, env = tmp_path / "faqs.json", tmp_path / "real.env"
    faqs.write_text('{"faqs": [{"q": "¿Abren?"}]}')
    assert "line 1" in one_line(fleet.run(*add, "--faqs", str(faqs)), 1)
    env.touch(0o600)
    for text, said in (
        ("META_ACCESS_TOKEN=EAAGtoken\n", "META_APP_SECRET is missing"),
        ("OPENAI_API_KEY\n", "line 1"),
        ("BURST_WAIT_MS=soon\n", "BURST_WAIT_MS"),
        ("META_APP_SECRET=a$b\n", "holds a quote"),
    ):
        env.write_text(text)
        assert said in one_line(fleet.run(*add, "--env", str(env)), 1)
    assert not (fleet.folder / "bakery").exists()


def test_without_docker_it_says_so_and_makes_no_client(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert "provision with --embedded" in one_line(fleet.run("clients", "add", "bakery", NUMBER), 1)
    assert not fleet.folder.exists()


def test_a_name_stands_for_one_number_and_a_port_for_one_client(fleet: Fleet) -> None:
    fleet.add("bakery")
    port = fleet.env("bakery")["PORT"]
    other = "+34600000148"
    assert NUMBER in one_line(fleet.run("clients", "add", "bakery", other, "--embedded"), 1)
    assert "bakery's" in one_line(fleet.run("clients", "add", "gym", other, "--embedded", "--port", port), 1)
    assert not (fleet.folder / "gym").exists()


def test_the_script_makes_the_environment_and_takes_files_from_where_one_stands(
    fleet: Fleet, tmp_path: Path
) -> None:
    project = tmp_path / "project"
    (project / ".venv/bin").mkdir(parents=True)
    shutil.copytree(PROJECT / "scripts", project / "scripts")
    for name in ("requirements.txt", "pyproject.toml"):
        shutil.copy2(PROJECT / name, project / name)
    (project / ".venv/bin/released").symlink_to(PROJECT / ".venv/bin/released")
    mark = ". scripts/environment.sh && fingerprint requirements.txt >.venv/installed-requirements.txt"
    subprocess.run(["bash", "-c", mark], cwd=project, check=True)
    (tmp_path / "faqs.json").write_text(json.dumps([{"q": "¿Abren?", "a": "A las 9:30."}]), encoding="utf-8")

    def script(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [project / "scripts/provision_client.sh", *words],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "RELEASED_CLIENTS": str(fleet.folder)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    done = script("demo", "+123456789", "--faqs", "faqs.json", "--embedded")
    assert done.returncode == 0, done.stderr
    assert "9:30" in fleet.asks("demo", "¿Abren?")
    assert "NAME and +PHONE are missing" in one_line(script(), 2)
    assert script("-h").stdout.startswith("Usage: ./scripts/provision_client.sh NAME +PHONE")
