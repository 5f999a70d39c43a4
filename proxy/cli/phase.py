"""``tightrope phase``: where the upgrade stands, and going to another phase."""

from __future__ import annotations

from typing import Annotated

import typer

from proxy.cli.admin_client import AdminClient
from proxy.cli.moves import move
from proxy.cli.options import (
    DEFAULT_ADMIN_URL,
    AdminUrl,
    DryRun,
    MaxHold,
    Output,
    OutputOption,
    Token,
    TokenFile,
    Waive,
)
from proxy.cli.output import facts, print_json
from proxy.core.cutover import Phase

app = typer.Typer(add_completion=False)


@app.command()
def phase(
    target: Annotated[Phase | None, typer.Argument(metavar="[PHASE]", help=", ".join(Phase))] = None,
    dry_run: DryRun = False,
    waive: Waive = None,
    max_hold_s: MaxHold = None,
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show the phase, or go to PHASE in one move."""
    if target is not None:
        body = {"to": target.value, "dry_run": dry_run, "waive": waive or [], "max_hold_s": max_hold_s}
        move("/api/v1/phase", body, admin_url=admin_url, token=token, token_file=token_file, output=output)
        return
    found = AdminClient(admin_url, token, token_file).get("/api/v1/phase")
    if output is Output.JSON:
        print_json(found)
    else:
        facts(
            [
                ("phase", found["phase"]),
                ("serving", found["serving"]),
                ("can go to", ", ".join(found["targets"]) or "nowhere: this is the end"),
            ]
        )
