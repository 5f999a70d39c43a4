"""``tightrope hold``: let clients' writes wait, for an upgrade of one server in place."""

from __future__ import annotations

from typing import Annotated

import typer

from proxy.cli.admin_client import AdminClient
from proxy.cli.options import DEFAULT_ADMIN_URL, AdminUrl, Output, OutputOption, Token, TokenFile
from proxy.cli.output import print_json, say

app = typer.Typer(add_completion=False)


@app.command()
def hold(
    max_s: Annotated[
        float | None,
        typer.Option("--max-s", metavar="SECONDS", help="Release by itself after this. Default: configured."),
    ] = None,
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Let clients' writes wait at the proxy until `tightrope release`."""
    found = AdminClient(admin_url, token, token_file).post("/api/v1/hold", {"max_s": max_s})
    if output is Output.JSON:
        print_json(found)
    else:
        say("writes wait now; `tightrope release` lets them go on")
