"""What has to be installed so that a given MLflow version works today: pure data and one function.

A released wheel pins its dependencies loosely, so an old MLflow resolved today gets libraries it never met. Two cures:
a cutoff date (`uv --exclude-newer`: only packages that existed then) for versions older than about two years, and
plain upper bounds where they are enough or where the package index does not tell upload dates.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from proxy.lab.failures import LabError

FORMAT = 1
"""Raise it to have every cached environment rebuilt."""


@dataclass(frozen=True)
class Recipe:
    """All that decides the content of one environment; its hash is part of the folder's name."""

    name: str
    """Readable start of the folder name, such as `2.22.4` or `postgres`."""
    requirements: tuple[str, ...]
    python: str
    """Version request as uv understands it, such as `>=3.10,<3.12`."""
    bounds: tuple[str, ...] = ()
    """Extra upper bounds, used when there is no cutoff or the cutoff could not be used."""
    cutoff: str | None = None
    """Only packages uploaded before this day (ISO date)."""

    @property
    def folder(self) -> str:
        """Name of the environment's folder in the cache."""
        text = json.dumps([FORMAT, asdict(self)], sort_keys=True)
        return f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


@dataclass(frozen=True)
class _Period:
    """One stretch of MLflow releases that needs the same treatment; `first` is its first (major, minor)."""

    first: tuple[int, int]
    python: str
    bounds: tuple[str, ...] = ()
    cutoff: str | None = None


_ONE_X = ("sqlalchemy<2", "flask<2.3", "werkzeug<2.3", "numpy<2", "pandas<2", "protobuf<4", "alembic<1.12")
_TWO_X = ("sqlalchemy<2.1", "opentelemetry-api<1.33", "opentelemetry-sdk<1.33")
# Their span processors skip the constructor of OpenTelemetry's, which sets what later releases need at every span.
_BEFORE_SHUTDOWN = ("opentelemetry-api<1.40", "opentelemetry-sdk<1.40")

# Cutoffs lie a few weeks to months after the last patch release of the period.
_PERIODS = (
    _Period((1, 0), ">=3.7,<3.9", (*_ONE_X, "jinja2<3.1", "sqlalchemy<1.4"), "2020-02-15"),
    _Period((1, 10), ">=3.8,<3.9", (*_ONE_X, "jinja2<3.1", "sqlalchemy<1.4"), "2021-02-15"),
    _Period((1, 14), ">=3.8,<3.10", (*_ONE_X, "jinja2<3.1"), "2021-10-15"),
    _Period((1, 21), ">=3.8,<3.10", (*_ONE_X, "jinja2<3.1"), "2022-06-15"),
    _Period((1, 26), ">=3.9,<3.11", _ONE_X, "2022-11-15"),
    _Period((1, 30), ">=3.9,<3.12", ("sqlalchemy<2", "flask<3", "werkzeug<3", "numpy<2", "pandas<2"), "2023-06-01"),
    _Period((2, 0), ">=3.10,<3.12", (*_TWO_X, "flask<3", "werkzeug<3", "numpy<2", "pandas<3"), "2023-05-15"),
    _Period((2, 4), ">=3.10,<3.12", (*_TWO_X, "flask<4", "numpy<2", "pandas<3"), "2024-02-15"),
    _Period((2, 10), ">=3.10,<3.12", (*_TWO_X, "numpy<2", "pandas<3"), "2024-12-15"),
    _Period((2, 18), ">=3.10,<3.13", _TWO_X),
    _Period((3, 0), ">=3.10,<3.14", ("sqlalchemy<2.1", *_BEFORE_SHUTDOWN)),
    _Period((3, 10), ">=3.10,<3.14", _BEFORE_SHUTDOWN),
    _Period((3, 17), ">=3.10,<3.14"),
)


def parse_version(version: str) -> tuple[int, int, int]:
    """Split `2.22.4` into numbers; a suffix such as `rc1` is ignored.

    Raises:
        LabError: not a version number.
    """
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if not found:
        raise LabError(f"{version!r} is not an MLflow version", hint="give all three numbers, as in 2.22.4")
    return int(found[1]), int(found[2]), int(found[3])


def mlflow_recipe(version: str, extras: Iterable[str] = ()) -> Recipe:
    """Return the recipe for one MLflow version, with PostgreSQL's driver and any further requirements.

    Raises:
        LabError: `version` is not a version number.
    """
    number = parse_version(version)[:2]
    period = next(p for p in reversed(_PERIODS) if p.first <= number or p is _PERIODS[0])
    return Recipe(
        name=version,
        # setuptools: pkg_resources, which MLflow 1.x and gunicorn 20 import, is gone from later ones.
        requirements=(f"mlflow=={version}", "psycopg2-binary", "setuptools<70", *sorted(extras)),
        python=period.python,
        bounds=period.bounds,
        cutoff=period.cutoff,
    )
