"""The command line: each command opens, calls one function, prints."""

from __future__ import annotations

from importlib import import_module

import click

COMMANDS = (
    "info",
    "show",
    "record",
    "evidence",
    "disputes",
    "independence",
    "perspective",
    "query",
    "validate",
    "fmt",
    "rules",
    "cite",
    "diff",
    "release",
)
"""The commands in the order of the help page; each lives in the module of its name."""


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"{__name__}.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from idlib_data.cli.version import tell

        tell()
        ctx.exit()


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version of program and data, which other data are in use, and exit.",
)
def main() -> None:
    """The Idlib ceasefire and the Turkish-Russian patrols, with evidence for every cell.

    \b
    Example:
      idlib-data show patrols --where outcome=attacked

    Exit codes: 0 fine, 1 the data has problems, 2 the call or the environment has.
    """
