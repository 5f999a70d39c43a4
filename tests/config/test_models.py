"""The settings tree."""

from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from proxy.config.models import Settings, StateSettings
from proxy.core.cutover import Phase

BLUE = {"url": "http://blue:5001"}
GREEN = {"url": "http://green:5002"}


def test_blue_alone_is_enough():
    """One URL makes a translator with the documented listeners."""
    settings = Settings.model_validate({"blue": BLUE})
    assert (settings.listen.host, settings.listen.port) == ("0.0.0.0", 5000)
    assert (settings.admin.host, settings.admin.port) == ("127.0.0.1", 9500)
    assert settings.green is None
    assert settings.phase is Phase.BLUE_ONLY
    assert settings.journal.durability == "power"


def test_state_path_is_the_file_of_the_url():
    """Three slashes are relative, four absolute."""
    assert StateSettings(url="sqlite:///a/b.db").path == Path("a/b.db")
    assert StateSettings(url="sqlite:////a/b.db").path == Path("/a/b.db")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"blue": BLUE, "phase": "mirroring"}, "needs a green server"),
        ({"blue": BLUE, "green": BLUE}, "is blue's, too"),
        ({"blue": {"url": "http://127.0.0.1:5000"}}, "own listener"),
        ({"blue": BLUE, "green": {"url": "http://localhost:5000"}}, "own listener"),
        ({"blue": BLUE, "admin": {"port": 5000}}, "port of listen"),
        ({"blue": BLUE, "admin": {"host": "0.0.0.0"}}, "set token_file"),
        ({"blue": BLUE, "mirror": {"retry_initial_s": 9, "retry_max_s": 3}}, "must not be below"),
        ({"blue": BLUE, "cutover": {"max_hold_s": 0}}, "greater than 0"),
        ({"blue": BLUE, "cutover": {"max_hold_s": float("inf")}}, "finite"),
        ({"blue": BLUE, "mirror": {"concurrency": 0}}, "greater than or equal to 1"),
        ({"blue": BLUE, "listen": {"port": 65536}}, "65535"),
    ],
)
def test_settings_that_cannot_work_are_refused(data, reason):
    """What would fail, go round in circles or lose writes later is refused at the start."""
    with pytest.raises(ValidationError, match=reason):
        Settings.model_validate(data)


def test_phases_that_mirror_are_fine_with_a_green_server():
    """With two servers every phase may be the first."""
    for phase in Phase:
        assert Settings.model_validate({"blue": BLUE, "green": GREEN, "phase": phase}).phase is phase


def test_open_admin_listener_is_fine_with_a_token():
    """A token makes any admin host acceptable."""
    settings = Settings.model_validate({"blue": BLUE, "admin": {"host": "0.0.0.0", "token": "abc"}})
    assert settings.admin.token is not None


def test_choices_may_be_written_in_capitals():
    """Environment variables are often shouted."""
    settings = Settings.model_validate({"blue": BLUE, "log": {"level": "INFO"}, "phase": "BLUE_ONLY"})
    assert settings.log.level == "info"


def test_every_setting_is_explained_and_every_duration_has_its_unit():
    """Each setting has a description, and names of durations and sizes end with their unit."""

    def walk(model: type[BaseModel]):
        for name, field in model.model_fields.items():
            inner = [kind for kind in (field.annotation, *getattr(field.annotation, "__args__", ())) if kind]
            sections = [kind for kind in inner if isinstance(kind, type) and issubclass(kind, BaseModel)]
            if sections:
                yield from walk(sections[0])
            else:
                yield name, field

    for name, field in walk(Settings):
        assert field.description, name
        if field.annotation is float:
            assert name.endswith("_s"), name
