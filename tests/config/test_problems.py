"""How problems are told."""

from typing import Any

import pytest
from pydantic import ValidationError

from proxy.config.models import Settings
from proxy.config.problems import describe

BLUE = {"url": "http://blue"}


def problems(data: dict[str, Any], origins: dict[str, str] | None = None) -> list[str]:
    """The lines for wrong settings."""
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(data)
    return describe(caught.value, origins or {})


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"blue": BLUE, "mirror": {"concurency": 3}}, "mirror.concurency: unknown key; did you mean 'concurrency'?"),
        ({"blue": {**BLUE, "tls": {"verfy": 1}}}, "blue.tls.verfy: unknown key; did you mean 'verify'?"),
        ({"blue": BLUE, "lisen": {}}, "lisen: unknown key; did you mean 'listen'?"),
        ({"blue": BLUE, "log": {"zzz": 1}}, "log.zzz: unknown key; known keys here: level, format"),
        ({"blue": {}}, "blue.url: is required"),
        ({"blue": BLUE, "log": 3}, "log: must be a section with keys of its own, not int"),
        (
            {"blue": BLUE, "journal": {"durability": "powr"}},
            "journal.durability: got 'powr', allowed: power, process; did you mean 'power'?",
        ),
        ({"blue": BLUE, "listen": {"port": "x"}}, "listen.port: got 'x'; must be a valid integer"),
    ],
)
def test_a_problem_says_where_what_and_what_else(data, line):
    """Each line has the path, what was given, and what is allowed or probably meant."""
    found = problems(data)
    assert len(found) == 1
    assert found[0].startswith(line)


def test_a_wrong_phase_lists_the_phases():
    """An enum's values and the nearest of them are shown."""
    (line,) = problems({"blue": BLUE, "phase": "mirorring"})
    assert "blue_only, recording, mirroring, mirroring_back, green_only; did you mean 'mirroring'?" in line


def test_the_variable_is_named():
    """Who has both file and environment sees which one is wrong."""
    (line,) = problems({"blue": {"url": "x"}}, {"blue.url": "TIGHTROPE_BLUE__URL"})
    assert line.startswith("blue.url (from TIGHTROPE_BLUE__URL): got 'x'; must be a URL")


@pytest.mark.parametrize(
    "data",
    [
        {"blue": {"url": "http://ann:hunter2@blue"}},
        {"blue": {**BLUE, "token": ["hunter2"]}},
        {"blue": {**BLUE, "password": {"x": "hunter2"}}},
        {"blue": {**BLUE, "username": "ann", "password": "hunter2", "token": "hunter2"}},
        {"blue": BLUE, "admin": "hunter2"},
        {"blue": BLUE, "admin": {"tokn": "hunter2"}},
        {"blue": BLUE, "admin": {"token": "hunter2", "port": 5000}},
    ],
)
def test_no_secret_is_shown(data):
    """Whatever is wrong around a secret, the secret stays hidden."""
    assert "hunter2" not in "\n".join(problems(data))


def test_long_values_are_cut():
    """A pasted certificate does not fill the screen."""
    (line,) = problems({"blue": BLUE, "listen": {"port": "x" * 5000}})
    assert len(line) < 200
