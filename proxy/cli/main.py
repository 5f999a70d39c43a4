"""The command line: a file per command, loaded when the command is used.

Loading lazily keeps ``tightrope status`` as quick as its answer: only ``serve`` pays for the server's libraries.

Expected errors are two lines on standard error, what happened and what to do, never a traceback, and an exit code of
``exit_codes``.
"""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from proxy.cli.exit_codes import exit_code
from proxy.errors import TightropeError

COMMANDS = {
    "serve": "proxy.cli.serve",
    "status": "proxy.cli.status",
    "phase": "proxy.cli.phase",
    "cutover": "proxy.cli.cutover",
    "rollback": "proxy.cli.rollback",
    "hold": "proxy.cli.hold",
    "release": "proxy.cli.release",
    "journal": "proxy.cli.journal",
    "compat": "proxy.cli.compat",
    "config": "proxy.cli.config",
    "demo": "proxy.cli.demo",
}
"""Command -> module; the module's ``app`` is the command. In the order of ``--help``."""


class LazyGroup(TyperGroup):
    """Loads a command's module when it is asked for, and turns expected errors into exit codes."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the table; commands that were registered directly come last."""
        return [*COMMANDS, *(name for name in super().list_commands(ctx) if name not in COMMANDS)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, loaded if need be."""
        if cmd_name in COMMANDS and cmd_name not in self.commands:
            loaded = typer.main.get_command(importlib.import_module(COMMANDS[cmd_name]).app)
            loaded.name = cmd_name
            self.commands[cmd_name] = loaded
        elif cmd_name not in COMMANDS:
            for name in COMMANDS:  # a mistyped name: typer suggests from what is loaded
                self.get_command(ctx, name)
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except TightropeError as exc:
            typer.echo(f"error: {exc.message}", err=True)
            if exc.hint:
                typer.echo(f"hint: {exc.hint}", err=True)
            raise typer.Exit(exit_code(exc)) from exc


def installed_version() -> str:
    """The version that is installed, ``0+unknown`` in a tree that was never installed."""
    try:
        return version("mlflow-tightrope")
    except PackageNotFoundError:
        return "0+unknown"


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tightrope {installed_version()}")
        raise typer.Exit


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it would print local variables, and so secrets
    help="Upgrade MLflow tracking servers without stopping anyone.",
)


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of ``tightrope`` itself."""


def main() -> None:
    """Entry point of the ``tightrope`` script."""
    app(prog_name="tightrope", args=sys.argv[1:])
