"""Commands that are imported when they are asked for: all of them together take seconds, and tens of MB."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Lazy(click.Group):
    """A group whose `lazy` commands are known by name and `module:attribute`; the others as usual."""

    def __init__(self, *given: Any, lazy: Mapping[str, str], **more: Any) -> None:
        super().__init__(*given, **more)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, sorted."""
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now; None where there is none."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self._lazy[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command
