"""An outlook on its way to the command line."""

from __future__ import annotations

import json
from dataclasses import asdict

from proxy.services.outlook_view import Need, Outlook


def test_json_goes_both_ways():
    """What the API sends is what the command line reads."""
    need = Need("python", "1.30.1", ("ListExperiments", "CreateRun"), 2, 4.0)
    found = Outlook("green", "3.17.2", (need,), (), (need, need), "One sentence.")
    assert Outlook.from_json(json.loads(json.dumps(asdict(found)))) == found
