"""The derived table of routes as data: read it, add what one MLflow version has, write it out again as Python.

A route's identity is its method and template; its operation name is fixed when it first appears, so that a renamed
handler changes nothing for us. Which versions have it is kept as a set and folded into runs of consecutive studied
versions when the table is written: a route that went and came back has two rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from proxy.core.mlflow_version import Version

Row = tuple[str, str, str, str, str, str | None]
"""``(operation, surface, method, template, first, last)`` as in ``routes.py``."""

Key = tuple[str, str]
"""Method and template."""

_SURFACES = ("api", "ajax", "preview", "ajax-preview", "root")
_SURFACE_OF = re.compile(r"^/(ajax-api|api)/\d+\.\d+/(preview/)?")

_HEADER = '''"""GENERATED, do not edit: which paths each operation has in which MLflow versions.

Derived from installed packages by ``python -m proxy.lab.catalogue VERSION --write``; docs/catalogue.md tells how and
when. Rules that a release registers without implementing are left out.

``ROUTES`` holds ``(operation, surface, method, template, first, last)``: the first and last studied version that has
the route, last None while the newest one has it. Rows of one operation and surface stand oldest form first.
"""

from __future__ import annotations

'''


def surface_of(template: str) -> str:
    """``ajax-preview`` for ``/ajax-api/2.0/preview/mlflow/…`` and so on; ``root`` outside the API prefixes."""
    found = _SURFACE_OF.match(template)
    if found is None:
        return "root"
    side = "ajax" if found[1] == "ajax-api" else "api"
    if found[2]:
        return "preview" if side == "api" else "ajax-preview"
    return side


@dataclass
class RouteTable:
    """Every known route with its operation and the versions that have it."""

    studied: list[Version] = field(default_factory=list)
    operations: dict[Key, str] = field(default_factory=dict)
    versions: dict[Key, set[Version]] = field(default_factory=dict)

    @classmethod
    def from_rows(cls, studied: Iterable[str], rows: Iterable[Row]) -> RouteTable:
        """Read the literals of ``routes.py``."""
        table = cls(sorted(Version.parse(text) for text in studied))
        for operation, _surface, method, template, first, last in rows:
            start, end = Version.parse(first), None if last is None else Version.parse(last)
            table.operations[method, template] = operation
            table.versions.setdefault((method, template), set()).update(
                version for version in table.studied if start <= version and (end is None or version <= end)
            )
        return table

    def routes_of(self, version: Version) -> dict[Key, str]:
        """The routes of a version and their operations; for one not studied, those of the nearest one before it."""
        before = max((known for known in self.studied if known <= version), default=None)
        return {key: self.operations[key] for key, known in self.versions.items() if before in known}

    def add(self, version: Version, found: Mapping[Key, str]) -> None:
        """Put in what ``version`` has; replaces what the table said of it."""
        if version not in self.studied:
            self.studied = sorted([*self.studied, version])
        for known in self.versions.values():
            known.discard(version)
        for key, operation in found.items():
            self.operations.setdefault(key, operation)
            self.versions.setdefault(key, set()).add(version)

    def rows(self) -> list[Row]:
        """Sorted, and folded into runs of consecutive studied versions."""
        rows = [row for key in self.versions for row in self._runs(key)]
        return sorted(rows, key=_order)

    def _runs(self, key: Key) -> Iterable[Row]:
        method, template = key
        known = self.versions[key]
        run: list[Version] = []
        for version in [*self.studied, None]:
            if version is not None and version in known:
                run.append(version)
            elif run:
                last = None if version is None else str(run[-1])
                yield self.operations[key], surface_of(template), method, template, str(run[0]), last
                run = []

    def to_python(self) -> str:
        """The whole text of ``routes.py``."""
        lines = [_HEADER, "STUDIED: tuple[str, ...] = (\n"]
        lines += [f'    "{version}",\n' for version in self.studied]
        lines += [")\n\nROUTES: tuple[tuple[str, str, str, str, str, str | None], ...] = (\n"]
        for row in self.rows():
            cells = ", ".join("None" if cell is None else f'"{cell}"' for cell in row)
            lines.append(f"    ({cells}),\n")
        return "".join([*lines, ")\n"])


def _order(row: Row) -> tuple[str, int, Version, str, str]:
    operation, surface, method, template, first, _last = row
    return operation, _SURFACES.index(surface), Version.parse(first), method, template
