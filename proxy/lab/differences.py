"""Where two MLflow releases behave differently: `python -m proxy.lab.differences 3.10.1 3.12.0`.

Prints the fields of protobuf messages that came and went, and the source files whose changes matter to a proxy with
how much of each changed, ready to be read with `diff`. Makes the environments if they are not cached. Exit code 0: it
was read, 1: it could not be done. docs/adding-a-release.md tells what to do with it.
"""

from __future__ import annotations

import argparse
import difflib
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from proxy.lab.environments import Environment, ensure_environment
from proxy.lab.failures import LabError, tail

_SCRIPT = Path(__file__).with_name("extract_fields.py")
_TIME_LIMIT_S = 300

FILES: tuple[tuple[str, str], ...] = (
    ("server/handlers.py", "what the server checks, defaults and answers"),
    ("utils/validation.py", "limits and allowed names"),
    ("utils/search_utils.py", "what filters and orderings may say"),
    ("utils/rest_utils.py", "how clients call, retry and read errors"),
    ("store/tracking/rest_store.py", "which calls a client makes, and in what form"),
    ("store/model_registry/rest_store.py", "the same for the registry"),
    ("store/artifact/mlflow_artifacts_repo.py", "the same for artifacts"),
    ("tracing/client.py", "the same for traces"),
    ("store/tracking/sqlalchemy_store.py", "what repeats, limits and orders do"),
    ("store/model_registry/sqlalchemy_store.py", "the same for the registry"),
    ("exceptions.py", "error codes and their HTTP statuses"),
)
"""Files of the package worth reading, and for what."""


def fields_of(environment: Environment) -> dict[str, str]:
    """Every field of a release's messages with its type.

    Raises:
        LabError: they could not be read.
    """
    with tempfile.TemporaryDirectory(prefix="tightrope-fields-") as home:
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
        raise LabError(f"the messages of MLflow {environment.version} could not be read", output=tail(done.stderr))
    found: dict[str, str] = json.loads(done.stdout)["fields"]
    return found


def compare(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """A line per field that came, went or has another type, by message."""
    lines = [("new", name, after[name]) for name in after.keys() - before.keys()]
    lines += [("gone", name, before[name]) for name in before.keys() - after.keys()]
    lines += [
        ("type", name, f"{before[name]} -> {after[name]}")
        for name in before.keys() & after.keys()
        if before[name] != after[name]
    ]
    return [f"{word:5}{name}  {kind}" for word, name, kind in sorted(lines, key=lambda line: (line[1], line[0]))]


def whole_messages(lines: Sequence[str], before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """``lines`` with those of a message that is new or gone as a whole in one, for there is nothing to compare."""
    old, new = ({name.split(".")[0] for name in fields} for fields in (before, after))
    kept, told = [], set[str]()
    for line in lines:
        message = line[5:].split(".")[0]
        if message in old and message in new:
            kept.append(line)
        elif message not in told:
            told.add(message)
            kept.append(f"{line[:5]}{message}  the whole message")
    return kept


def changed_lines(before: Path, after: Path) -> int:
    """How many lines of a file came or went; all of them where one of the two is missing."""
    old, new = (path.read_text(encoding="utf-8").splitlines() if path.exists() else [] for path in (before, after))
    return sum(line[:1] in "+-" for line in difflib.unified_diff(old, new, n=0, lineterm="") if line[:3] not in _HEADS)


_HEADS = ("+++", "---")


def package(environment: Environment) -> Path:
    """The folder of the installed MLflow.

    Raises:
        LabError: it is not where virtual environments have their packages.
    """
    found = sorted(environment.directory.glob("lib/python*/site-packages/mlflow"))
    if not found:
        raise LabError(f"no MLflow in {environment.directory}")
    return found[0]


def main(arguments: Sequence[str]) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m proxy.lab.differences", description=__doc__)
    parser.add_argument("before", help="full MLflow version, such as 3.10.1")
    parser.add_argument("after", help="the newer one")
    options = parser.parse_args(arguments)
    try:
        environments = [
            ensure_environment(version, report=lambda line: print(line, file=sys.stderr))
            for version in (options.before, options.after)
        ]
        before, after = map(fields_of, environments)
        old, new = map(package, environments)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"fields of messages, {options.before} -> {options.after}:")
    print("\n".join(f"  {line}" for line in whole_messages(compare(before, after), before, after)) or "  the same")
    print("files:")
    for name, purpose in FILES:
        count = changed_lines(old / name, new / name)
        print(f"  {count:5} lines  {name}  ({purpose})")
    print(f"read them:\n  diff -u {old}/FILE {new}/FILE")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
