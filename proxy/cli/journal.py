"""``tightrope journal``: look at recorded writes, retry or skip parked ones."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

import typer

from proxy.cli.admin_client import AdminClient
from proxy.cli.options import DEFAULT_ADMIN_URL, AdminUrl, Output, OutputOption, Token, TokenFile
from proxy.cli.output import at, facts, print_json, say, table
from proxy.cli.reasons import meaning
from proxy.core.writes import State
from proxy.errors import RequestError

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Look at recorded writes, retry or skip parked ones."
)

States = Annotated[
    list[State] | None, typer.Option("--state", help="Only these; may be repeated. Default: all that are not final.")
]
Seqs = Annotated[list[int] | None, typer.Argument(metavar="SEQ...", min=1, help="Positions in the journal.")]


@app.command("ls")
def list_records(
    state: States = None,
    after: Annotated[int, typer.Option("--after", min=0, metavar="SEQ", help="Begin behind this position.")] = 0,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000)] = 100,
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """List records, oldest first."""
    query = urlencode([("after", after), ("limit", limit), *(("state", each.value) for each in state or ())])
    found = AdminClient(admin_url, token, token_file).get(f"/api/v1/journal?{query}")
    if output is Output.JSON:
        print_json(found)
        return
    table(
        "journal",
        ("seq", "state", "operation", "lane", "received", "tries", "reason"),
        (
            (
                one["seq"],
                one["state"],
                one["operation"],
                one["lane"],
                at(one["received_at"]),
                one["attempts"],
                one["reason"],
            )
            for one in found["records"]
        ),
    )
    if not found["records"]:
        say("no such records")
    if found["next_after"] is not None:
        say(f"there may be more: tightrope journal ls --after {found['next_after']}")


@app.command()
def show(
    seq: Annotated[int, typer.Argument(min=1, help="Position in the journal.")],
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Show one record in full, for a parked one with both servers' answers."""
    found = AdminClient(admin_url, token, token_file).get(f"/api/v1/journal/{seq}")
    if output is Output.JSON:
        print_json(found)
        return
    request = found.pop("request")
    if found["reason"] and meaning(found["reason"]) != found["reason"]:
        found["reason"] = f"{found['reason']}: {meaning(found['reason'])}"
    times = {name: at(found[name]) for name in ("received_at", "answered_at")}
    facts([(name, "-" if value in (None, "", []) else value) for name, value in {**found, **times}.items()])
    facts((f"request {name}", value) for name, value in request.items())


@app.command()
def retry(
    seqs: Seqs = None,
    every: Annotated[bool, typer.Option("--all", help="Every parked record.")] = False,
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Try parked records again."""
    if bool(seqs) == every:
        raise RequestError("name the records to retry, or give --all", hint="`tightrope journal ls --state parked`")
    found = AdminClient(admin_url, token, token_file).post("/api/v1/journal/retry", {"seqs": seqs or None})
    if output is Output.JSON:
        print_json(found)
    else:
        say(f"{found['reopened']} records will be tried again")


@app.command()
def skip(
    seqs: Annotated[list[int], typer.Argument(metavar="SEQ...", min=1, help="Positions in the journal.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stands in the journal and the audit log.")],
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Give records up: the following side will never hold them."""
    found = AdminClient(admin_url, token, token_file).post("/api/v1/journal/skip", {"seqs": seqs, "reason": reason})
    if output is Output.JSON:
        print_json(found)
    else:
        say(f"{found['skipped']} records skipped")
