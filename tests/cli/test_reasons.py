"""The journal's reasons in words."""

from __future__ import annotations

import re
from pathlib import Path

import proxy
from proxy.cli.reasons import meaning

_REASON = re.compile(r"State\.(?:PARKED|SKIPPED|MIRRORED|REJECTED|ANSWERED), (?:reason=)?\"(\w+)\"")


def test_every_reason_has_words():
    """Whatever the services give as a reason."""
    sources = (Path(proxy.__file__).parent / "services").glob("*.py")
    found = {reason for path in sources for reason in _REASON.findall(path.read_text())}
    assert {"depends_on_parked", "cannot_hold", "settled"} <= found
    assert [reason for reason in sorted(found) if meaning(reason) == reason] == []


def test_a_label_that_is_not_known_stays():
    """Nothing is made up."""
    assert meaning("UpstreamTimeoutError") == "UpstreamTimeoutError"
