"""Who is asking."""

from __future__ import annotations

import pytest

from proxy.core.dialect import CLIENTS, client_of, version_of
from proxy.core.mlflow_version import Version


@pytest.mark.parametrize(
    ("user_agent", "client"),
    [
        ("mlflow-python-client/1.30.1", ("python", Version(1, 30, 1))),
        ("mlflow-python-client/3.2.0rc1", ("python", Version(3, 2, 0))),
        ("mlflow-python-client/2.10.0.dev0", ("python", Version(2, 10, 0))),
        ("mlflow-python-client/3.1", ("python", Version(3, 1, 0))),
        ("databricks-sdk-py/1 mlflow-python-client/2.9.2 os/linux", ("python", Version(2, 9, 2))),
        ("mlflow-python-client/unknown", ("python", None)),
        ("mlflow-python-client/99999.1.1", ("python", None)),
        ("mlflow-python-client/1.2.34567", ("python", None)),
        ("mlflow-java-client/2.4.1", ("java", Version(2, 4, 1))),
        ("MLflow-Java-Client/2.4.1-SNAPSHOT", ("java", Version(2, 4, 1))),
        ("mlflow-java-client", ("java", None)),
        ("Apache-HttpClient/4.5.13 (Java/11.0.2)", ("java", None)),
        ("mlflow-r-client", ("r", None)),
        ("mlflow-r-client/2.9.1", ("r", Version(2, 9, 1))),
        ("libcurl/7.88.1 r-curl/5.0.0 httr/1.4.5", ("r", None)),
        ("libcurl/7.88.1", ("other", None)),
        ("Mozilla/5.0 (X11; Linux x86_64)", ("browser", None)),
        ("curl/8.0", ("other", None)),
        ("", ("other", None)),
    ],
)
def test_clients_are_known_by_their_user_agent(user_agent, client):
    """Name and version as far as the client says them; who does not say speaks the path that it uses."""
    assert client_of(user_agent) == client
    assert client[0] in CLIENTS


@pytest.mark.parametrize(
    ("user_agent", "declared", "version"),
    [
        ("mlflow-python-client/3.6.0", "3.17.2", Version(3, 6, 0)),
        ("my-program/1.0", "3.17.2", Version(3, 17, 2)),
        ("my-program/1.0", "soon", None),
        ("my-program/1.0", "", None),
    ],
)
def test_a_declared_version_counts_where_the_user_agent_says_none(user_agent, declared, version):
    """Programs that put their own name into the user agent."""
    assert version_of(user_agent, declared) == version
