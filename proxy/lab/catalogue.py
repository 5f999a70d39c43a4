"""Compare the catalogue's table of routes with a real MLflow release: `python -m proxy.lab.catalogue 3.18.0 [--write]`.

Makes the environment of that version if it is not cached, reads the routes from the installed applications and reports
what is new, gone or called otherwise. Exit code 0: no differences, 3: differences, 1: it could not be done.
`--write` puts what was found into ``routes.py`` (then 0); docs/catalogue.md tells what is left to do by hand.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proxy.core.endpoints import routes
from proxy.core.endpoints.catalogue import CATALOGUE
from proxy.core.mlflow_version import Version
from proxy.lab.environments import ensure_environment
from proxy.lab.failures import LabError, tail
from proxy.lab.operation_names import operation_name
from proxy.lab.route_table import Key, RouteTable

_SCRIPT = Path(__file__).with_name("extract_routes.py")
_TIME_LIMIT_S = 300


@dataclass(frozen=True)
class Differences:
    """What a release has otherwise than the table says; the values are operation names."""

    new: Mapping[Key, str]
    gone: Mapping[Key, str]
    renamed: Mapping[Key, tuple[str, str]]
    """Our name and the one that the rule would give today. Only told: ours stays, because it is what people know."""

    def __bool__(self) -> bool:
        return bool(self.new or self.gone)


def extract(version: str) -> dict[Key, str]:
    """The implemented routes of a release and their operation names, read from its environment.

    Raises:
        LabError: the environment could not be made, or a part of the release could not be read.
    """
    environment = ensure_environment(version, report=lambda line: print(line, file=sys.stderr))
    with tempfile.TemporaryDirectory(prefix="tightrope-catalogue-") as home:
        done = subprocess.run(
            [environment.python, "-W", "ignore", _SCRIPT],
            check=False,
            capture_output=True,
            text=True,
            cwd=home,
            env=environment.variables(Path(home)),
            timeout=_TIME_LIMIT_S,
        )
    if done.returncode != 0:
        raise LabError(f"the routes of MLflow {version} could not be read", output=tail(done.stderr))
    return routes_in(json.loads(done.stdout))


def routes_in(extracted: Mapping[str, Any]) -> dict[Key, str]:
    """What ``extract_routes.py`` printed, as operation names by method and template; not implemented ones are left out.

    Raises:
        LabError: an application of the release was skipped, so that its routes would seem to be gone.
    """
    if extracted["skipped"]:
        reasons = "; ".join(f"{part}: {reason}" for part, reason in extracted["skipped"].items())
        raise LabError(f"MLflow {extracted['version']} could be read only in part ({reasons})")
    return {
        (route["method"], route["template"]): operation_name(route["rpc"], route["handler"])
        for route in extracted["routes"]
        if route["implemented"]
    }


def current_table() -> RouteTable:
    """The table in ``routes.py``."""
    return RouteTable.from_rows(routes.STUDIED, routes.ROUTES)


def compare(table: RouteTable, version: Version, found: Mapping[Key, str]) -> Differences:
    """Set a release against the table (against the nearest older studied one, if it has not been studied)."""
    known = table.routes_of(version)
    return Differences(
        new={key: table.operations.get(key, found[key]) for key in found.keys() - known.keys()},
        gone={key: known[key] for key in known.keys() - found.keys()},
        renamed={key: (known[key], found[key]) for key in known.keys() & found.keys() if known[key] != found[key]},
    )


def report(table: RouteTable, version: Version, differences: Differences) -> str:
    """The comparison in words, a line per route, sorted by operation."""
    before = max((known for known in table.studied if known <= version), default=None)
    against = "" if before == version else f" (not studied; compared with {before or 'nothing'})"
    head = f"MLflow {version}{against}: "
    count = len(differences.new) + len(differences.gone)
    lines = [head + (f"{count} differences" if differences else "no differences")]
    for word, found in (("new", differences.new), ("gone", differences.gone)):
        lines += [f"  {word:5}{name}  {key[0]} {key[1]}" for name, key in sorted((v, k) for k, v in found.items())]
    lines += [
        f"  note {ours}  {key[0]} {key[1]} would be called {theirs} today; the name stays"
        for key, (ours, theirs) in sorted(differences.renamed.items())
    ]
    undescribed = sorted(set(differences.new.values()) - CATALOGUE.keys())
    lines += [f"  to describe: {', '.join(undescribed)}"] if undescribed else []
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m proxy.lab.catalogue", description=__doc__)
    parser.add_argument("version", help="full MLflow version, such as 3.18.0")
    parser.add_argument("--write", action="store_true", help="put what is found into routes.py")
    options = parser.parse_args(arguments)
    table = current_table()
    try:
        version = Version.parse(options.version)
        found = extract(options.version)
    except (LabError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    differences = compare(table, version, found)
    print(report(table, version, differences))
    if options.write:
        table.add(version, found)
        target = Path(str(routes.__file__))
        target.write_text(table.to_python(), encoding="utf-8")
        print(f"written: {target}")
    return 3 if differences and not options.write else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
