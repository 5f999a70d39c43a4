"""What the short reasons in the journal mean, for the operator who reads them."""

from __future__ import annotations

_MEANINGS = {
    "rejected": "the following side refused what the serving side accepted; the detail has both answers",
    "depends_on_parked": "what it belongs to was not made on the following side: retry or skip that record first",
    "maybe_delivered": "it was sent before without an answer, and doing it twice would show; look there, then decide",
    "in_doubt": "the serving side may have done it, and nothing there tells; look there, then retry or skip",
    "server_error": "the following side fails at it again and again (5xx), though it answers other requests",
    "switched": "the other side serves since, so delivering it would overwrite newer data",
    "unreadable": "its body is no JSON, so it cannot be translated",
    "unknown_operation": "this version of Tightrope does not know the operation any more",
    "internal_error": "a fault of Tightrope; its log says more",
    "settled": "it was in doubt; both sides were brought together by reading",
    "not_applied": "it was in doubt, and the serving side did not do it",
    "applied": "it was in doubt, and the serving side had done it",
    "synced": "its whole object was brought over, which includes it",
    "existed": "the following side had it already",
    "twin_found": "an earlier attempt had made it",
    "cannot_hold": "the following side has no place for it; the detail says what it would take",
    "gone": "it was deleted before it could be delivered",
    "home": "only the following side can hold it, and did it at once; after a rollback it is out of sight",
    "not_reached": "the serving side could not be reached, so it never left",
    "refused": "Tightrope refused it, so it never left",
}


def meaning(reason: str) -> str:
    """In words; the label itself where there are none, because labels of errors are their names."""
    return _MEANINGS.get(reason, reason)
