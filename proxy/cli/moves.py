"""What ``phase``, ``cutover`` and ``rollback`` share: ask for a move, show its report, choose the exit code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from proxy.cli.admin_client import AdminClient
from proxy.cli.exit_codes import ERROR, FINE, REFUSED
from proxy.cli.options import Output
from proxy.cli.output import console, duration, print_json, say, table
from proxy.core.reports import MoveReport

_PATIENCE_S = 600.0
_MARGIN_S = 120.0


def move(
    path: str,
    body: dict[str, Any],
    *,
    admin_url: str,
    token: str | None,
    token_file: Path | None,
    output: Output,
) -> None:
    """Ask for a move and report on it.

    Raises:
        typer.Exit: with 4 when a gate stands in the way (in a dry run, too), with 1 when the move was aborted.
    """
    client = AdminClient(admin_url, token, token_file)
    patience_s = max(_PATIENCE_S, (body.get("max_hold_s") or 0.0) + _MARGIN_S)
    with console(stderr=True).status("under way"):
        answer = client.post(path, body, timeout_s=patience_s)
    report = MoveReport.from_json({key: value for key, value in answer.items() if key not in {"error_code", "hint"}})
    if output is Output.JSON:
        print_json(report.to_json())
    else:
        show(report)
    code = exit_code(report)
    if code:
        raise typer.Exit(code)


def exit_code(report: MoveReport) -> int:
    """0 when it was done, or could be; 4 when a precondition does not hold; 1 when it was aborted."""
    if report.outcome == "aborted":
        return ERROR
    stopped = report.outcome == "refused" or any(gate.stops for gate in report.gates)
    return REFUSED if stopped and report.outcome != "done" else FINE


def show(report: MoveReport) -> None:
    """Print a report for people."""
    plan = " (dry run)" if report.dry_run else ""
    table(
        f"{report.event}{plan}: {report.from_phase} -> {report.to_phase}",
        ("step", "state", "took", "detail"),
        ((step.name, step.state, duration(step.seconds), step.detail) for step in report.steps),
    )
    table(
        "gates",
        ("gate", "value", "must be", "holds"),
        (
            (gate.name, gate.value, gate.threshold, "yes" if gate.ok else "waived" if gate.waived else "NO")
            for gate in report.gates
        ),
    )
    table(
        "what the other side cannot hold",
        ("kind", "count", "detail"),
        ((loss.kind, loss.count, loss.detail) for loss in report.losses),
    )
    say(f"{report.outcome}: {report.message}")
    if report.held_s:
        say(f"clients' writes waited {duration(report.held_s)}")
