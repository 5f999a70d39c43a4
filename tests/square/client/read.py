"""Read what a battery left behind: ``read.py FACTS``, a file with the facts of ``run.py``, by a client of any age.

The last line of stdout is JSON, as of ``run.py``: ``{"operations": {"read run 12": {"outcome": …}, …}}``.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.square.client.book import Operation, Wire, perform
from tests.square.client.lab import Lab
from tests.square.client.readings import READINGS

_LIMIT_S = 60


def _reading(fact: dict[str, Any], lab: Lab) -> None:
    known: Callable[..., None] = READINGS[fact["kind"]]
    known(lab, **{key: value for key, value in fact.items() if key != "kind"})


def main() -> None:
    """Every fact is an operation of its own."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    facts = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    lab, wire = Lab("reading"), Wire()
    wire.listen()
    done = {}
    for number, fact in enumerate(facts):
        kind = fact["kind"] + (" by run" if str(fact.get("uri", "")).startswith("runs:/") else "")
        entry = Operation(f"read {kind} {number}", partial(_reading, fact), _LIMIT_S, patient=False)
        done[entry.name] = perform(entry, lab, wire)
        sys.stderr.write(f"{entry.name}: {fact!r:.200} {done[entry.name]}\n")
    sys.stdout.write("\n" + json.dumps({"operations": done}) + "\n")


if __name__ == "__main__":
    main()
