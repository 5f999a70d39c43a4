"""Counting clients."""

from proxy.services.census import Census, ClientSeen


def test_clients_are_counted_by_kind_and_version():
    """Requests, translated ones, and when the last came; the busiest first."""
    census = Census()
    census.note("mlflow-python-client/1.30.1", True, 10.0)
    census.note("mlflow-python-client/3.1.0", False, 11.0)
    census.note("mlflow-python-client/3.1.0", True, 12.0)
    assert census.seen() == (
        ClientSeen("python", "3.1.0", 2, 1, 12.0),
        ClientSeen("python", "1.30.1", 1, 1, 10.0),
    )


def test_last_seen_never_goes_back():
    """A clock that is set back does not make a client look older."""
    census = Census()
    census.note("curl/8", False, 10.0)
    census.note("curl/8", False, 5.0)
    assert census.seen()[0].last_seen == 10.0


def test_the_list_is_bounded():
    """Invented versions do not grow it."""
    census = Census()
    for n in range(1000):
        census.note(f"mlflow-python-client/1.0.{n}", False, float(n))
    assert len(census.seen()) == 51
    assert sum(each.requests for each in census.seen()) == 1000
