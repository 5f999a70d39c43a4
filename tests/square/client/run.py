"""Run the battery: ``run.py PREFIX [only,these [without,those]]``; the last line of stdout is JSON.

``{"operations": {name: {"outcome": …, "seconds": …, …}}, "facts": [{"kind": …, …}]}``. MLFLOW_TRACKING_URI names the
server.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from tests.square.client.book import BOOK, Wire, perform
from tests.square.client.lab import Lab
from tests.square.client.operations import load


def main() -> None:
    """All operations in the order of the book."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    load()
    only, without = (set(filter(None, names.split(","))) for names in [*sys.argv[2:], "", ""][:2])
    lab, wire = Lab(sys.argv[1]), Wire()
    wire.listen()
    done = {}
    for name, entry in BOOK.items():
        if (not only or name in only) and name not in without:
            done[name] = perform(entry, lab, wire)
            sys.stderr.write(f"{name}: {done[name]}\n")
    sys.stdout.write("\n" + json.dumps({"operations": done, "facts": lab.facts}) + "\n")


if __name__ == "__main__":
    main()
