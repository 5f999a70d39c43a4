"""Options that several commands share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class Output(str, Enum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="For people, or stable JSON for scripts.")]
ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        envvar="TIGHTROPE_CONFIG",
        metavar="FILE",
        help="YAML file; TIGHTROPE_* variables go over it. Without a file, the variables alone.",
    ),
]
AdminUrl = Annotated[
    str, typer.Option("--admin-url", envvar="TIGHTROPE_ADMIN_URL", help="Where the operator API listens.")
]
Token = Annotated[
    str | None,
    typer.Option(
        "--token", envvar="TIGHTROPE_ADMIN__TOKEN", show_envvar=True, help="Token of the operator API.", metavar="TOKEN"
    ),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", envvar="TIGHTROPE_ADMIN__TOKEN_FILE", metavar="FILE", help="File that holds the token."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show the steps and the gates, and change nothing.")]
Waive = Annotated[
    list[str] | None,
    typer.Option("--waive", metavar="GATE", help="Go ahead although this gate does not hold; may be repeated."),
]
MaxHold = Annotated[
    float | None,
    typer.Option(
        "--max-hold-s",
        metavar="SECONDS",
        help="Longest time that clients' writes wait; then back. Default: configured.",
    ),
]
DEFAULT_ADMIN_URL = "http://127.0.0.1:9500"
