"""``tightrope release``: let waiting writes go on."""

from __future__ import annotations

import typer

from proxy.cli.admin_client import AdminClient
from proxy.cli.options import DEFAULT_ADMIN_URL, AdminUrl, Output, OutputOption, Token, TokenFile
from proxy.cli.output import print_json, say

app = typer.Typer(add_completion=False)


@app.command()
def release(
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """End a hold; harmless when there is none."""
    found = AdminClient(admin_url, token, token_file).post("/api/v1/release", {})
    if output is Output.JSON:
        print_json(found)
    else:
        say("writes go on")
