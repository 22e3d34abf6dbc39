"""Stands in for `docker` and `docker-compose`: containers are lines of a file, images work or do not as a file says.

Written for a quick start (`python -IS`): one deploy calls it some thirty times.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import time

HOME = os.path.dirname(os.path.realpath(__file__))
ALL = ("db", "redis", "caddy", "web", "worker", "beat", "sandbox")
OURS = ("web", "worker", "beat", "sandbox")


def main() -> None:
    """One command, written down, held up where a test wants that, and carried out."""
    words = sys.argv[1:]
    if sys.argv[0].endswith("docker-compose"):
        words = ["compose", *words]
    elif words[0] == "compose" and os.path.exists(f"{HOME}/no-plugin"):
        sys.exit("docker: 'compose' is not a docker command.")
    with open(f"{HOME}/commands", "a") as commands:
        commands.write(" ".join(words) + "\n")
    stall(" ".join(words))
    with open(f"{HOME}/lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with open(f"{HOME}/world") as file:
            world = json.load(file)
        carry_out(world, words)
        record_gap(world)
        with open(f"{HOME}/world.new", "w") as file:
            json.dump(world, file)
        os.replace(f"{HOME}/world.new", f"{HOME}/world")


def stall(command: str) -> None:
    """Waits at the command that the file `stall` holds a part of, until that file is gone."""
    try:
        with open(f"{HOME}/stall") as file:
            part = file.read()
    except FileNotFoundError:
        return
    if part in command:
        with open(f"{HOME}/stalled.new", "w") as file:
            file.write(str(os.getpid()))
        os.replace(f"{HOME}/stalled.new", f"{HOME}/stalled")
        while os.path.exists(f"{HOME}/stall"):
            time.sleep(0.02)


def carry_out(world: dict, words: list[str]) -> None:  # type: ignore[type-arg]
    """What release.sh and rollout.sh use of Docker."""
    match words:
        case ["compose", "version"]:
            pass
        case ["compose", "-p", _, "run", *_]:
            if not world["images"][tail(os.environ["RELEASED_IMAGE"])]["migrates"]:
                sys.exit("ERROR: relation reply is locked")
            world["migrated"].append(tail(os.environ["RELEASED_IMAGE"]))
        case ["compose", "-p", _, "up", *options]:
            up(world, options)
        case ["pull", "-q", image]:
            if tail(image) not in world["images"]:
                sys.exit(f"Error response from daemon: manifest for {image} not found: manifest unknown")
            world["pulled"].append(tail(image))
        case ["ps", "-aq", *filters]:
            service = next(part for part in filters if ".service=" in part).rpartition("=")[2]
            print(*(one["id"] for one in world["containers"] if one["service"] == service), sep="\n")
        case ["ps", *_, template] if ".Label" in template:
            print(*(one["service"] for one in world["containers"]), sep="\n")
        case ["ps", *_]:
            print(*(f"{one['service']} {one['image']}" for one in world["containers"]), sep="\n")
        case ["inspect", "--format", _, *ids]:
            for one in world["containers"]:
                if one["id"] in ids:
                    good = works(world, one)
                    restarts = 3 if world["ends"] and not good else 0
                    print(one["id"], one["image"], "running", restarts, "healthy" if good else "starting")
        case ["rm", *_, gone]:
            world["containers"] = [one for one in world["containers"] if one["id"] != gone]
        case ["stop" | "exec", *_]:
            pass
        case ["image", "ls", *_]:
            print(*dict.fromkeys(world["pulled"]), sep="\n")
        case ["image", "rm", image]:
            world["pulled"] = [one for one in world["pulled"] if one != tail(image)]
        case _:
            sys.exit(f"stand-in: unknown command {words}")


def up(world: dict, options: list[str]) -> None:  # type: ignore[type-arg]
    """Makes what is missing; without --no-recreate also exchanges what has another image."""
    scales = dict(option.split("=") for option in options if "=" in option)
    image = os.environ["RELEASED_IMAGE"]
    for service in [option for option in options if option in ALL] or ALL:
        present = [one for one in world["containers"] if one["service"] == service]
        if "--no-recreate" not in options:
            gone = [one for one in present if one["image"] != image]
            present = [one for one in present if one not in gone]
            world["containers"] = [one for one in world["containers"] if one not in gone]
        for _ in range(int(scales.get(service, "1")) - len(present)):
            world["made"] += 1
            world["containers"].append({"id": f"id{world['made']}", "service": service, "image": image})


def works(world: dict, one: dict) -> bool:  # type: ignore[type-arg]
    """True for what is not ours, and where the image's service works."""
    broken = world["images"].get(tail(one["image"]), {"broken": []})["broken"]
    return one["service"] not in OURS or one["service"] not in broken


def record_gap(world: dict) -> None:  # type: ignore[type-arg]
    """Writes down when no web container works that could take a webhook."""
    serving = any(one["service"] == "web" and works(world, one) for one in world["containers"])
    world["gaps"] += bool(world["served"] and not serving)
    world["served"] |= serving


def tail(image: str) -> str:
    """The digest of an image's name."""
    return image.rpartition("@")[2]


if __name__ == "__main__":
    main()
