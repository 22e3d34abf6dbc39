"""Each container may do what it must, reach whom it must, and is seen by nobody else."""

from typing import Any

import pytest

from tests.containers.engine import Containers, run

OURS = ("web", "worker", "beat", "migrate", "sandbox")
ALL = (*OURS, "db", "redis", "caddy")
AS_A_USER = {
    "web": "10001",
    "worker": "10001",
    "beat": "10001",
    "sandbox": "10001",
    "db": "postgres",
    "redis": "redis",
}


@pytest.fixture(scope="module")
def seen(containers: Containers) -> dict[str, dict[str, Any]]:
    found = containers.inspect()
    assert set(found) == set(ALL)
    return found


@pytest.mark.parametrize("service", ALL)
def test_a_container_cannot_change_its_files_gain_rights_or_fill_the_machine(
    seen: dict[str, dict[str, Any]], service: str
) -> None:
    host = seen[service]["HostConfig"]
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["Memory"] > 0 and host["NanoCpus"] > 0 and host["PidsLimit"] > 0
    assert host["LogConfig"] == {"Type": "json-file", "Config": {"max-size": "10m", "max-file": "3"}}
    assert (not host["Privileged"] and not host["CapAdd"]) or service in ("db", "redis", "caddy")


@pytest.mark.parametrize("service", AS_A_USER)
def test_what_works_in_a_container_is_not_root(containers: Containers, service: str) -> None:
    user = containers.execute(service, "stat", "-c", "%u %U", "/proc/1").split()
    assert AS_A_USER[service] in user


def test_one_port_is_published_and_on_loopback_alone(
    containers: Containers, seen: dict[str, dict[str, Any]]
) -> None:
    published = {
        service: ports
        for service, one in seen.items()
        if (
            ports := {port: hosts for port, hosts in (one["NetworkSettings"]["Ports"] or {}).items() if hosts}
        )
    }
    assert published == {"caddy": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(containers.port)}]}}


def test_the_database_and_the_broker_are_reached_by_the_app_alone(
    containers: Containers, seen: dict[str, dict[str, Any]]
) -> None:
    store = f"{containers.name}_store"
    within = {service for service, one in seen.items() if store in one["NetworkSettings"]["Networks"]}
    assert within == {"db", "redis", "web", "worker", "beat", "migrate", "sandbox"}
    assert run("docker", "network", "inspect", "--format", "{{.Internal}}", store).strip() == "true"


def test_redis_asks_for_a_password_and_forgets_nothing(containers: Containers) -> None:
    assert "NOAUTH" in containers.execute("redis", "redis-cli", "ping")
    with_password = ("sh", "-c", 'REDISCLI_AUTH="$POSTGRES_PASSWORD" redis-cli config get "$1"', "sh")
    for setting, value in (
        ("maxmemory-policy", "noeviction"),
        ("appendonly", "yes"),
        ("appendfsync", "everysec"),
    ):
        assert containers.execute("redis", *with_password, setting).split() == [setting, value]
    assert "change-me" not in containers.execute("redis", "cat", "/proc/1/cmdline")


def test_the_keys_are_for_the_app_alone(containers: Containers) -> None:
    files = containers.execute("web", "stat", "-c", "%a %u %n", "/data", "/data/secret_key", "/data/api_key")
    assert files.splitlines() == ["700 10001 /data", "600 10001 /data/secret_key", "600 10001 /data/api_key"]
