"""What the operations share: the client, fresh names, things made once, facts for the reading afterwards."""

from __future__ import annotations

import inspect
import itertools
import tempfile
import time
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

mlflow: Any = import_module("mlflow")
entities: Any = import_module("mlflow.entities")
MlflowException: Any = import_module("mlflow.exceptions").MlflowException

NOW = 1_700_000_000_000
"""A fixed time in milliseconds for all that may say when it happened."""


class Unknown(Exception):  # noqa: N818 - not an error, an answer
    """This client has no such feature."""


class Lab:
    """One run of the battery."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.client: Any = import_module("mlflow.tracking").MlflowClient()
        self.version = tuple(int(part) for part in mlflow.__version__.split(".")[:2])
        self.facts: list[dict[str, Any]] = []
        self._numbers = itertools.count(1)

    def name(self, what: str) -> str:
        """A name that nothing on the server has."""
        return f"{self.prefix} {what} {next(self._numbers)}"

    @cached_property
    def experiment(self) -> str:
        """An experiment for all that does not matter where."""
        return str(self.client.create_experiment(self.name("everything")))

    def run(self, experiment: str | None = None, **tags: str) -> str:
        """A new run."""
        made = self.client.create_run(experiment or self.experiment, start_time=NOW, tags=tags)
        return str(made.info.run_id)

    @cached_property
    def folder(self) -> Path:
        """A folder of our own on the client's machine."""
        return Path(tempfile.mkdtemp(prefix="square-"))

    def remember(self, kind: str, **fact: Any) -> None:
        """Leave a fact for the reading afterwards, possibly by a client of another age."""
        self.facts.append({"kind": kind, **fact})

    def needs_artifacts(self, uri: str) -> None:
        """Unknown to clients that cannot speak the scheme under which the server keeps files."""
        registry = import_module("mlflow.store.artifact.artifact_repository_registry")._artifact_repository_registry
        scheme = uri.split(":", 1)[0] if ":" in uri else ""
        if scheme not in registry._registry:
            raise Unknown(f"this client has no artifact store for {scheme}:")

    @cached_property
    def files_run(self) -> str:
        """A run for files."""
        run = self.run()
        self.needs_artifacts(self.client.get_run(run).info.artifact_uri)
        return run

    @cached_property
    def pyfunc(self) -> Any:
        """Import it when needed: slow in some versions."""
        return import_module("mlflow.pyfunc")


def needs(owner: Any, *names: str) -> Any:
    """The attribute, or ``Unknown``; with several names the first that exists."""
    for name in names:
        if hasattr(owner, name):
            return getattr(owner, name)
    raise Unknown(f"this client has no {' or '.join(names)}")


def module(name: str) -> Any:
    """Import a module of MLflow that not every version has."""
    try:
        return import_module(name)
    except ImportError as error:
        raise Unknown(f"this client has no {name}: {error}") from error


def takes(function: Callable[..., Any], *names: str) -> str:
    """The first of these parameter names that the function has, or ``Unknown``."""
    known = inspect.signature(function).parameters
    for name in names:
        if name in known:
            return name
    raise Unknown(f"{function.__name__} of this client takes no {' or '.join(names)}")


def refused(call: Callable[[], Any], *codes: str) -> Exception:
    """The MLflow error that a call must end in, with one of these error codes (any if none is named)."""
    error = fails(call)
    known = isinstance(error, MlflowException)
    assert known, repr(error)
    code = getattr(error, "error_code", None)
    assert not codes or code in codes, f"{code} instead of {codes}: {error}"
    return error


def fails(call: Callable[[], Any]) -> Exception:
    """The error of any type that a call must end in, at once and not after many repetitions."""
    began = time.monotonic()
    answer, error = _outcome(call)
    assert error is not None, f"no error, but {str(answer)[:200]}"
    assert "too many" not in str(error), error
    took = time.monotonic() - began
    assert took < 10, f"the error took {took:.0f} s: {error}"
    return error


def _outcome(call: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return call(), None
    except Exception as error:  # noqa: BLE001 - handed on
        return None, error


def same(found: Any, expected: Any, what: str = "") -> None:
    """Assert equality, and say both values."""
    assert found == expected, f"{what}{': ' if what else ''}{found!r} instead of {expected!r}"


def eventually(read: Callable[[], Any], good: Callable[[Any], bool], timeout_s: float = 15) -> Any:
    """Read until it is good: some writes of newer clients are asynchronous."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = read()
        if good(found):
            return found
        assert time.monotonic() < deadline, f"still {str(found)[:300]} after {timeout_s:g} s"
        time.sleep(0.2)
