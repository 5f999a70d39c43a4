"""When Tightrope can go."""

from __future__ import annotations

import pytest

from proxy.core.mlflow_version import Version
from proxy.core.versions.skew import Standing, Verdict
from proxy.services.census import ClientUse
from proxy.services.outlook import outlook
from proxy.services.outlook_view import Need, Outlook

NEW = {"green": "3.17.2"}

ALWAYS = {"ListExperiments", "CreateRegisteredModel", "GetRegisteredModel", "SetModelVersionTag"}
SOMETIMES = {"CreateRun", "CreateModelVersion"}
REFUSED = {"CreateWebhook"}


def fixed(name: str, client: Version | None, server: Version) -> Standing:
    """A skew table of the tests' own: only what clients of another version use is touched by anything."""
    if name in REFUSED and server < Version(3, 3):
        return Standing(name, "", Verdict.REFUSED, refusal="no")
    if client in {None, server}:
        return Standing(name, "", Verdict.NATIVE)
    if name in ALWAYS:
        return Standing(name, "", Verdict.TRANSLATED)
    return Standing(name, "", Verdict.EMULATED if name in SOMETIMES else Verdict.NATIVE, name in SOMETIMES)


@pytest.fixture(autouse=True)
def _table(monkeypatch):
    monkeypatch.setattr("proxy.services.outlook.standing", fixed)


def one(*uses: ClientUse, versions: dict[str, str | None] | None = None) -> Outlook:
    (found,) = outlook(uses, NEW if versions is None else versions)
    return found


def test_nobody_needs_it():
    """Clients of the server's version, browsers, and old ones that use what never changed."""
    found = one(
        ClientUse("python", "3.17.2", {"StartTraceV3": 1.0}),
        ClientUse("python", "1.30.1", {"GetRun": 1.0}),
        ClientUse("browser", "unknown", {"ListExperiments": 1.0}),
        ClientUse("other", "unknown", {"CreateRegisteredModel": 1.0}),
    )
    assert (found.always, found.sometimes, found.missing) == ((), (), ())
    assert found.line == "With green (3.17.2) serving, no client seen needs Tightrope."


def test_who_needs_it_is_named_with_operations_and_time():
    """The latest first; the sentence names three operations."""
    used = {"ListExperiments": 4.0, "CreateRegisteredModel": 3.0, "GetRegisteredModel": 2.0, "SetModelVersionTag": 1.0}
    found = one(ClientUse("python", "1.30.1", {**used, "GetRun": 9.0}))
    assert found.always == (Need("python", "1.30.1", tuple(used), 4, 4.0),)
    assert found.line == (
        "With green (3.17.2) serving, 1 client still needs Tightrope: python 1.30.1 (ListExperiments, "
        "CreateRegisteredModel, GetRegisteredModel and 1 more; last at 1970-01-01 00:00Z)."
    )


def test_some_calls_and_missing_things_are_kept_apart():
    """A condition makes no need of every call, and what is refused is no reason to keep Tightrope."""
    found = one(ClientUse("python", "3.17.2", {"CreateRun": 2.0, "CreateWebhook": 3.0}), versions={"blue": "1.30.1"})
    assert found.sometimes == (Need("python", "3.17.2", ("CreateRun",), 1, 2.0),)
    assert found.missing == (Need("python", "3.17.2", ("CreateWebhook",), 1, 3.0),)
    assert "no client needs Tightrope for every call, but for some calls python 3.17.2 (CreateRun" in found.line
    assert "blue itself lacks what was asked for by python 3.17.2 (CreateWebhook" in found.line


def test_always_and_sometimes_stand_in_one_sentence():
    """Two clients of different needs."""
    found = one(
        ClientUse("python", "1.30.1", {"ListExperiments": 1.0}),
        ClientUse("python", "1.20.2", {"ListExperiments": 2.0}),
        ClientUse("python", "2.9.2", {"CreateModelVersion": 1.0}),
    )
    assert [need.version for need in found.always] == ["1.20.2", "1.30.1"]
    assert "2 clients still need Tightrope: python 1.20.2" in found.line
    assert "for some calls also python 2.9.2 (CreateModelVersion" in found.line


def test_what_servers_tell_about_themselves_is_no_need():
    """A client gets along without server-info."""
    found = one(ClientUse("python", "3.17.2", {"GetServerInfo": 1.0}), versions={"green": "3.3.2"})
    assert (found.always, found.sometimes, found.missing) == ((), (), ())


def test_a_side_of_unknown_version_has_no_outlook():
    """Nothing is said that nobody knows; names that are no operations are passed over."""
    assert outlook((), {"blue": None}) == ()
    assert one(ClientUse("python", "1.30.1", {"Nope": 1.0})).always == ()
