"""What the pipeline's key opens at the host, and what it does not."""

from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.delivery.host import SECRET, USER, Host, digest

NEXT = digest(2)


def arguments() -> str:
    """The command lines of all that runs on this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it may have ended
            found.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(found)


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "deploy",
        "deploy latest",
        f"deploy {NEXT[:-1]}",
        f"deploy {NEXT}0",
        f"deploy {NEXT.replace('0', 'A')}",
        f"deploy ghcr.io/mallory/released@{NEXT}",
        f"deploy {NEXT} --privileged",
        f"deploy {NEXT}; touch stolen",
        f"deploy {NEXT}\ntouch stolen",
        f"deploy {NEXT} && touch stolen",
        "deploy $(touch stolen)",
        "deploy `touch stolen`",
        "status; touch stolen",
        "status\n",
        "rollback | sh",
        " status",
        "DEPLOY",
        "bash -i",
        "docker ps",
    ],
)
def test_everything_but_three_commands_is_refused_and_nothing_runs(closed: Host, asked: str) -> None:
    done = closed.ssh("ssh", "-p", str(closed.port), f"{USER}@127.0.0.1", asked)
    assert done.returncode == 64, done
    assert done.stderr.splitlines()[-1].startswith("release: refused: only  deploy sha256:DIGEST"), (
        done.stderr
    )
    assert closed.commands() == []
    assert not list(closed.folder.rglob("stolen"))


def test_the_key_gives_no_terminal(host: Host) -> None:
    before = host.commands()
    done = host.ssh("ssh", "-tt", "-p", str(host.port), f"{USER}@127.0.0.1")
    assert done.returncode in (64, 255)
    assert "PTY allocation request failed" in done.stderr
    assert host.commands() == before


def test_the_key_forwards_no_port(host: Host) -> None:
    there = ("-p", str(host.port), f"{USER}@127.0.0.1")
    out = host.ssh("ssh", "-W", f"127.0.0.1:{host.port}", *there)
    assert out.returncode != 0
    assert "administratively prohibited" in out.stderr
    back = host.ssh("ssh", "-N", "-o", "ExitOnForwardFailure=yes", "-R", f"0:127.0.0.1:{host.port}", *there)
    assert back.returncode != 0
    assert "remote port forwarding failed" in back.stderr


@pytest.mark.parametrize("protocol", ["-O", "-s"])
def test_the_key_copies_no_file_in_or_out(host: Host, tmp_path: Path, protocol: str) -> None:
    (tmp_path / "mine").write_text("mine")
    there = f"scp://{USER}@127.0.0.1:{host.port}"
    assert host.ssh("scp", protocol, str(tmp_path / "mine"), f"{there}/{tmp_path}/theirs").returncode != 0
    assert not (tmp_path / "theirs").exists()
    assert host.ssh("scp", protocol, f"{there}/{host.project}/.env", str(tmp_path / "got")).returncode != 0
    assert not (tmp_path / "got").exists()


def test_a_host_with_another_key_gets_no_command_and_the_private_key_is_removed(host: Host) -> None:
    before = host.commands()
    other = (host.folder / "key.pub").read_text()
    code, said = host.ask(
        f"deploy {NEXT}", DEPLOY_KNOWN_HOSTS=f"[127.0.0.1]:{host.port} {' '.join(other.split()[:2])}"
    )
    assert code == 255
    assert "HOST IDENTIFICATION HAS CHANGED" in said
    assert host.commands() == before
    assert list((host.folder / "job").iterdir()) == []


def test_the_private_key_is_for_its_owner_alone_while_it_lies_there(host: Host) -> None:
    host.stalls_at("pull")
    asking = host.begin(f"deploy {NEXT}")
    host.stalled()
    [folder] = (host.folder / "job").iterdir()
    assert (folder.stat().st_mode & 0o777, (folder / "key").stat().st_mode & 0o777) == (0o700, 0o600)
    host.goes_on()
    asking.communicate(timeout=60)
    assert list((host.folder / "job").iterdir()) == []


def test_no_process_has_the_key_among_its_arguments_and_no_answer_the_host_s_secrets(host: Host) -> None:
    host.stalls_at("pull")
    asking = host.begin(f"deploy {NEXT}")
    host.stalled()
    seen = arguments()
    host.goes_on()
    said, _ = asking.communicate(timeout=60)
    key = host.environment()["DEPLOY_KEY"].splitlines()[1]
    assert "ask.sh deploy" in seen
    assert key not in seen
    assert SECRET.partition("=")[2] not in said + host.ask("status")[1]


@pytest.mark.parametrize("name", ["DEPLOY_HOST", "DEPLOY_KEY", "DEPLOY_KNOWN_HOSTS"])
def test_a_pipeline_that_lacks_a_setting_says_which(bare: Host, name: str) -> None:
    code, said = bare.ask("status", **{name: ""})
    assert (code, said.count("\n")) == (78, 1)
    assert name in said


@pytest.mark.parametrize("line", ["SCRIPT=/bin/sh", "IMAGE=released; id", "WEB=0", "FOLDER=/nowhere"])
def test_a_configuration_that_is_wrong_is_said_to_be_in_one_line(bare: Host, line: str) -> None:
    with (bare.folder / "release.conf").open("a") as file:
        file.write(line + "\n")
    code, said = bare.deploy(2)
    assert (code, said.count("\n")) == (78, 1), said
    assert "release.conf" in said
    assert bare.commands() == []
