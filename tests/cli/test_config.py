"""`tightrope config`."""

import json
from pathlib import Path

import yaml

from tests.cli.conftest import Run

QUICKSTART = str(Path(__file__).parents[2] / "config" / "quickstart.yaml")


def test_validate_says_what_it_found(run: Run):
    """Both servers and the state."""
    found = run("config", "validate", "-c", QUICKSTART)
    assert found.exit_code == 0, found.output
    assert "http://127.0.0.1:5002" in found.stdout


def test_validate_lists_problems(run: Run, tmp_path: Path):
    """Exit code 2, one line each."""
    file = tmp_path / "x.yaml"
    file.write_text("blu: {}\nphase: x\n")
    found = run("config", "validate", "-c", str(file))
    assert found.exit_code == 2
    assert found.stderr.count("\n  ") == 3


def test_the_file_may_come_from_the_environment(run: Run):
    """TIGHTROPE_CONFIG names it, other variables go over it."""
    found = run("config", "validate", env={"TIGHTROPE_CONFIG": QUICKSTART, "TIGHTROPE_BLUE__URL": "http://other"})
    assert "http://other" in found.stdout


def test_schema_is_json_schema(run: Run):
    """With every section, descriptions, and no unknown keys."""
    found = json.loads(run("config", "schema").stdout)
    assert found["additionalProperties"] is False
    assert {"listen", "admin", "blue", "green", "state", "phase", "journal"} <= set(found["properties"])
    assert found["$defs"]["MirrorSettings"]["properties"]["concurrency"]["description"]


def test_show_hides_secrets_and_can_be_loaded(run: Run):
    """What is in force, defaults included, as YAML or JSON."""
    env = {"TIGHTROPE_ADMIN__TOKEN": "hunter2"}
    shown = run("config", "show", "-c", QUICKSTART, env=env).stdout
    as_json = run("config", "show", "-c", QUICKSTART, "-o", "json", env=env).stdout
    assert "hunter2" not in shown + as_json
    assert yaml.safe_load(shown) == json.loads(as_json)
    assert json.loads(as_json)["blue"]["version"] == "auto"
