"""``tightrope cutover``: green takes over."""

from __future__ import annotations

import typer

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

app = typer.Typer(add_completion=False)


@app.command()
def cutover(
    dry_run: DryRun = False,
    waive: Waive = None,
    max_hold_s: MaxHold = None,
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Let green serve clients; blue follows, so that a rollback loses nothing.

    Clients' writes wait while the journal drains and the gates are checked. If that takes longer than the limit,
    or a gate does not hold, everything goes on as before.
    """
    body = {"dry_run": dry_run, "waive": waive or [], "max_hold_s": max_hold_s}
    move("/api/v1/cutover", body, admin_url=admin_url, token=token, token_file=token_file, output=output)
