"""The workspace header on its way to a server."""

from __future__ import annotations

import pytest

from proxy.core.workspaces import understood
from proxy.errors import NoSuchWorkspaceError

OTHER = ("Accept", "*/*")


def _named(value: str) -> tuple[tuple[str, str], ...]:
    return (("X-MLFLOW-WORKSPACE", value), OTHER)


def test_without_the_header_nothing_is_done():
    """The very same headers, which is the usual case."""
    headers = (OTHER,)
    assert understood(headers, offered=False, mirrored=True) is headers


@pytest.mark.parametrize("value", ["default", " default ", ""])
def test_the_default_workspace_is_what_a_server_without_workspaces_has(value):
    """The name is left out there, and stays where workspaces are known."""
    assert understood(_named(value), offered=False, mirrored=True) == (OTHER,)
    assert understood(_named(value), offered=True, mirrored=True) == _named(value)


def test_another_workspace_is_not_there():
    """404 instead of the 500 that clients would repeat."""
    with pytest.raises(NoSuchWorkspaceError, match="no workspace 'team'") as caught:
        understood(_named("team"), offered=False, mirrored=False)
    assert (caught.value.http_status, caught.value.code) == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_write_to_another_workspace_is_not_mirrored_into_the_default_one():
    """It is refused while writes are mirrored; reads, and writes to one server alone, pass."""
    assert understood(_named("team"), offered=True, mirrored=False) == _named("team")
    with pytest.raises(NoSuchWorkspaceError, match="cannot be mirrored"):
        understood(_named("team"), offered=True, mirrored=True)
