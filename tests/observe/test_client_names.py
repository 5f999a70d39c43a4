"""Naming clients."""

import pytest

from proxy.observe.client_names import CLIENTS, ClientNames, parse


@pytest.mark.parametrize(
    ("user_agent", "client", "version"),
    [
        ("mlflow-python-client/2.9.2", "python", "2.9.2"),
        ("mlflow-python-client/3.2.0rc1", "python", "3.2.0"),
        ("mlflow-python-client/3.10.0.dev0", "python", "3.10.0"),
        ("mlflow-python-client/main", "python", "unknown"),
        ("mlflow-java-client/1.30.1", "java", "1.30.1"),
        ("mlflow-r-client", "r", "unknown"),
        ("libcurl/8.1 r-curl/5.0 httr/1.4", "r", "unknown"),
        ("Apache-HttpClient/4.5.13 (Java/11.0.2)", "java", "unknown"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "browser", "unknown"),
        ("curl/8.0", "other", "unknown"),
        ("", "other", "unknown"),
        ("mlflow-python-client/99999.1.1", "python", "unknown"),
    ],
)
def test_clients_are_known_by_their_header(user_agent, client, version):
    """Kind and three-number version come from the User-Agent; the kind is always one of the fixed set."""
    assert parse(user_agent) == (client, version)
    assert client in CLIENTS


def test_versions_are_bounded():
    """Whatever is sent, at most the first fifty versions are named; those stay named."""
    names = ClientNames(max_versions=50)
    found = {names.identify(f"mlflow-python-client/1.0.{n}")[1] for n in range(500)}
    assert len(found) == 51
    assert "other" in found
    assert names.identify("mlflow-java-client/1.0.7") == ("java", "1.0.7")
    assert names.identify("mlflow-python-client/1.0.499") == ("python", "other")


def test_memory_is_bounded():
    """Endless different headers do not grow the process."""
    names = ClientNames()
    for n in range(5000):
        names.identify(f"curl/{n}")
    assert len(names._known) == 1000
