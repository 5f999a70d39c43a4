"""``tightrope serve``: the proxy itself."""

from __future__ import annotations

import importlib
import os

import typer

from proxy.cli.options import ConfigOption
from proxy.config.load import load_settings

app = typer.Typer(add_completion=False)


@app.command()
def serve(config: ConfigOption = None) -> None:
    """Run the proxy until SIGTERM or Ctrl-C."""
    settings = load_settings(config, os.environ)
    # Loaded here, so that a wrong configuration is told at once and `--help` stays quick.
    importlib.import_module("proxy.wiring").run(settings)
