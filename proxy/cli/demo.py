"""``tightrope demo``: the whole job on real MLflow servers on this machine."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    blue: Annotated[str, typer.Option("--blue", metavar="VERSION", help="MLflow release to upgrade from.")] = "1.30.1",
    green: Annotated[str, typer.Option("--green", metavar="VERSION", help="MLflow release to upgrade to.")] = "3.17.2",
    keep: Annotated[bool, typer.Option("--keep", help="Keep servers and data running afterwards.")] = False,
) -> None:
    """Mirror, cut over and roll back between two real MLflow servers, and check every step."""
    # Loaded here: it brings the laboratory along, which no other command needs.
    code = importlib.import_module("proxy.lab.demo").run(blue=blue, green=green, keep=keep)
    if code:
        raise typer.Exit(code)
