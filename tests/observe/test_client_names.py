"""Naming clients."""

import pytest

from proxy.observe.client_names import ClientNames


@pytest.mark.parametrize(
    ("user_agent", "labels"),
    [
        ("mlflow-python-client/2.9.2", ("python", "2.9.2")),
        ("mlflow-python-client/3.2.0rc1", ("python", "3.2.0")),
        ("mlflow-python-client/main", ("python", "unknown")),
        ("Mozilla/5.0 (X11; Linux x86_64)", ("browser", "unknown")),
        ("", ("other", "unknown")),
    ],
)
def test_labels_come_from_the_header(user_agent, labels):
    """Kind and three-number version, ``unknown`` where the client says none."""
    assert ClientNames().identify(user_agent) == labels


def test_versions_are_bounded():
    """Whatever is sent, at most the first fifty versions are named; those stay named."""
    names = ClientNames(max_versions=50)
    found = {names.identify(f"mlflow-python-client/1.0.{n}")[1] for n in range(500)}
    assert len(found) == 51
    assert "other" in found
    assert names.identify("mlflow-java-client/1.0.7") == ("java", "1.0.7")
    assert names.identify("mlflow-python-client/1.0.499") == ("python", "other")
    assert names.bounded("other") == "other"
    assert names.bounded("unknown") == "unknown"


def test_memory_is_bounded():
    """Endless different headers do not grow the process."""
    names = ClientNames()
    for n in range(5000):
        names.identify(f"curl/{n}")
    assert len(names._known) == 1000
