"""``tightrope config``: check, explain and show the configuration."""

from __future__ import annotations

import os

import typer
import yaml

from proxy.cli.options import ConfigOption, Output, OutputOption
from proxy.cli.output import print_json, say
from proxy.config.load import load_settings
from proxy.config.models import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True, help="Check, explain and show the configuration.")


@app.command()
def validate(config: ConfigOption = None) -> None:
    """Check the configuration and list every problem at once."""
    settings = load_settings(config, os.environ)
    green = settings.green.url if settings.green is not None else "none (translation only)"
    say(f"the configuration is valid: blue {settings.blue.url}, green {green}, state {settings.state.url}")


@app.command()
def schema() -> None:
    """Print the JSON Schema, for editors and CI."""
    print_json(Settings.model_json_schema())


@app.command()
def show(config: ConfigOption = None, output: OutputOption = Output.TABLE) -> None:
    """Print what is in force, defaults and environment included, secrets hidden."""
    data = load_settings(config, os.environ).model_dump(mode="json")
    if output is Output.JSON:
        print_json(data)
    else:
        print(yaml.safe_dump(data, sort_keys=False), end="")
