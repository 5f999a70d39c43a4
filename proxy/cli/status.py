"""``tightrope status``: everything at one glance."""

from __future__ import annotations

import typer

from proxy.cli.admin_client import AdminClient
from proxy.cli.options import DEFAULT_ADMIN_URL, AdminUrl, Output, OutputOption, Token, TokenFile
from proxy.cli.output import at, duration, facts, print_json, say, size, table
from proxy.services.status import StatusView

app = typer.Typer(add_completion=False)


@app.command()
def status(
    admin_url: AdminUrl = DEFAULT_ADMIN_URL,
    token: Token = None,
    token_file: TokenFile = None,
    output: OutputOption = Output.TABLE,
) -> None:
    """Phase, lag, journal, divergences, servers, and the clients seen."""
    answer = AdminClient(admin_url, token, token_file).get("/api/v1/status")
    if output is Output.JSON:
        print_json(answer)
    else:
        show(StatusView.from_json(answer))


def show(view: StatusView) -> None:
    """Print a status for people."""
    waiting = f"yes, {view.hold.waiting} waiting since {at(view.hold.since)}" if view.hold.held else "no"
    facts(
        [
            ("phase", view.phase),
            ("serving", view.serving),
            ("following", view.following or "-"),
            ("lag", duration(view.lag_s)),
            ("writes held", waiting),
            ("in doubt", view.in_doubt),
            ("parked", view.parked),
            ("journal", ", ".join(f"{n} {state}" for state, n in view.journal.items() if n) or "empty"),
            ("on disk", size(view.journal_bytes)),
            ("divergences", ", ".join(f"{n} {kind}" for kind, n in view.open_divergences.items() if n) or "none"),
            ("running", f"tightrope {view.version} since {at(view.started_at)}"),
        ]
    )
    table(
        "servers",
        ("side", "url", "version", "answers"),
        (
            (name, side.url, side.version or "?", "yes" if side.healthy else "NO")
            for name, side in view.sides.items()
            if side is not None
        ),
    )
    table(
        "clients seen",
        (
            "client",
            "version",
            "requests",
            "translated",
            "refused",
            "first seen",
            "last seen",
            "last translated",
            "by most",
        ),
        (
            (
                each.client,
                each.version,
                each.requests,
                each.translated,
                each.refused,
                at(each.first_seen),
                at(each.last_seen),
                at(each.last_translated),
                ", ".join(f"{name} ({count})" for name, count in each.changes.items()) or "-",
            )
            for each in view.clients
        ),
    )
    for outlook in view.outlook:
        say(outlook.line)
    for problem in view.problems:
        say(f"problem: {problem}")
