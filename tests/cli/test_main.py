"""The command line as a whole."""

import subprocess
import sys

import pytest

from proxy.cli.main import COMMANDS
from proxy.errors import ConfigError
from tests.cli.conftest import Run


def python(*args: str) -> "subprocess.CompletedProcess[str]":
    """A real process."""
    return subprocess.run([sys.executable, *args], capture_output=True, text=True, timeout=60, check=False)


def test_version_in_a_real_process():
    """`python -m proxy --version` prints one line and is fine."""
    found = python("-m", "proxy", "--version")
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("tightrope ")
    assert found.stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--version"], {"aiohttp", "pydantic", "yaml", "proxy.web"}),
        (["status"], {"aiohttp", "structlog", "proxy.web"}),
    ],
)
def test_quick_commands_load_little(arguments: list[str], absent: set[str]):
    """Only `serve` pays for the server's libraries."""
    code = (
        "import sys; sys.argv = ['tightrope', *sys.argv[1:]]\n"
        "from proxy.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('loaded', *sys.modules)"
    )
    found = python("-c", code, *arguments)
    loaded = set(found.stdout.splitlines()[-1].split())
    assert "loaded" in loaded
    assert not absent & loaded


def test_help_lists_every_command(run: Run):
    """And loads each of them, so none is broken."""
    found = run("--help")
    assert found.exit_code == 0
    for name in COMMANDS:
        assert f" {name} " in found.output


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str):
    """--help works everywhere and shows no traceback."""
    found = run(name, "--help")
    assert found.exit_code == 0
    assert "Usage:" in found.output


def test_no_command_is_help(run: Run):
    """Someone who types only `tightrope` gets the list."""
    assert "rollback" in run().output


def test_a_mistyped_command_gets_a_suggestion(run: Run):
    """Usage errors have exit code 2."""
    found = run("cutovr")
    assert found.exit_code == 2
    assert "'cutover'" in found.output


@pytest.mark.parametrize(
    "arguments", [["phase", "nowhere"], ["cutover", "--max-hold-s", "x"], ["journal", "show", "0"]]
)
def test_wrong_arguments_are_usage_errors(run: Run, arguments: list[str]):
    """They never reach the proxy."""
    assert run(*arguments).exit_code == 2


def test_expected_errors_are_two_lines(run: Run, monkeypatch: pytest.MonkeyPatch):
    """What happened and what to do, and no traceback."""

    def fail(*_args: object) -> None:
        raise ConfigError("it is wrong", hint="make it right")

    monkeypatch.setattr("proxy.cli.config.load_settings", fail)
    found = run("config", "validate")
    assert found.exit_code == 2
    assert found.stderr == "error: it is wrong\nhint: make it right\n"
    assert found.stdout == ""
