"""Commands whose misuse is told in one line."""

import click


class Misuse(click.ClickException):
    """What was written is no such command; exit code 2, in one line."""

    exit_code = 2


class Strict(click.Command):
    """A command whose misuse is told in one line."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, but shorter."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise Misuse(f"{error.format_message()} (-h explains)") from None
