"""One client on one server or through one proxy: run the battery, read what another one left."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proxy.lab.clients import run_client
from proxy.lab.failures import LabError
from tests.square.expected import Setting, expected

_CLIENT = Path(__file__).parent / "client"
_TIMEOUT_S = 1200.0


@dataclass(frozen=True)
class Result:
    """What one client made of it."""

    setting: Setting
    operations: Mapping[str, Mapping[str, Any]]
    """Name -> ``{"outcome": ok | failed | unknown, "message": …, "seconds": …}``."""
    facts: Sequence[Mapping[str, Any]] = ()
    """What it left behind for readings."""

    def count(self, outcome: str) -> int:
        """How many operations ended so."""
        return Counter(each["outcome"] for each in self.operations.values())[outcome]

    @property
    def problems(self) -> list[str]:
        """Failures that nobody declared, declared ones with other words, and declared ones that did not happen."""
        found = []
        for name, each in self.operations.items():
            declared, message = expected(name, self.setting), str(each.get("message", ""))
            if each["outcome"] == "failed" and declared is None:
                found.append(f"{name}: {message}")
            elif each["outcome"] == "failed" and declared is not None and not declared.fits(message):
                found.append(f"{name}: should say {declared.because!r}: {message}")
            elif each["outcome"] == "ok" and declared is not None:
                found.append(f"{name}: works, although it was declared to fail: {declared.because!r}")
        return found

    @property
    def declared(self) -> int:
        """How many failed as declared."""
        return self.count("failed") - sum(not line.split(": ", 1)[1].startswith("works,") for line in self.problems)


def battery(
    setting: Setting, url: str, prefix: str, *, only: Sequence[str] = (), without: Sequence[str] = ()
) -> Result:
    """Run the battery with the client of ``setting`` on ``url``; names begin with ``prefix``."""
    answer = _run(setting.client, "run.py", url, [prefix, ",".join(only), ",".join(without)])
    return Result(setting, answer["operations"], answer["facts"])


def reading(setting: Setting, url: str, facts: Sequence[Mapping[str, Any]], folder: Path) -> Result:
    """Let the client of ``setting`` read what ``setting.writer`` left behind."""
    file = folder / f"facts-{setting.writer}-{setting.client}.json"
    file.write_text(json.dumps(list(facts)), encoding="utf-8")
    answer = _run(setting.client, "read.py", url, [str(file)])
    return Result(setting, answer["operations"])


def _run(version: str, script: str, url: str, arguments: Sequence[str]) -> dict[str, Any]:
    result = run_client(version, _CLIENT / script, tracking_uri=url, args=arguments, timeout_s=_TIMEOUT_S)
    if result.json is None:
        raise LabError(f"{script} of {version} gave no result", output=f"{result.stdout}\n{result.stderr}"[-4000:])
    answer: dict[str, Any] = result.json
    return answer
