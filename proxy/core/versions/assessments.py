"""Assessments (feedback and expectations) kept as notes on their trace, and what a server does with them.

One note each, so that two people who assess at once do not overwrite each other. The text is the assessment as the API
writes it; ids, times and ``valid`` are filled in as servers from 3.3 on do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from proxy.core.json_sites import as_list, as_map
from proxy.core.versions import jsontext, notes, proto_times

_PREFIX = "assessment."
_PLAIN_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_VALUES = ("feedback", "expectation", "issue")
_SNAKE = re.compile(r"(?<=[a-z])([A-Z])")


class AssessmentError(ValueError):
    """The request is one that a server refuses with INVALID_PARAMETER_VALUE; the text says why."""


def note_name(assessment_id: str) -> str:
    """Under which name an assessment is noted; ids that are no tag keys are hashed (the note holds them in full)."""
    plain = _PLAIN_ID.fullmatch(assessment_id) is not None
    return _PREFIX + (
        assessment_id
        if plain
        else "x" + hashlib.sha256(assessment_id.encode("utf-8", "surrogatepass")).hexdigest()[:30]
    )


def fresh_id(token: str, number: int = 0) -> str:
    """``a-`` and 32 hex digits, as servers mint them; ``number`` tells those of one request apart."""
    return f"a-{(int(token, 16) + number) % (1 << 128):032x}"


def of_trace(tags: Any, trace: str) -> list[dict[str, Any]]:
    """All assessments noted in a trace's tags, oldest first, as clients get them."""
    read = (_read(text) for text in notes.read_all(tags, _PREFIX).values())
    found = [{**each, "trace_id": trace} for each in read if each is not None]
    return sorted(found, key=lambda each: proto_times.timestamp_ms(each.get("create_time")) or 0)


def find(tags: Any, trace: str, assessment_id: str) -> dict[str, Any] | None:
    """One of them."""
    found = _read(notes.read(tags, note_name(assessment_id)))
    return {**found, "trace_id": trace} if found is not None else None


def note_tags(assessment: Mapping[str, Any], piece: int) -> list[notes.Tag]:
    """The hidden tags that keep an assessment; the one that makes it valid comes last."""
    kept = {name: value for name, value in assessment.items() if name != "trace_id"}
    tags = notes.write(note_name(str(assessment["assessment_id"])), jsontext.write(kept).decode(), piece=piece)
    return tags[1:] + tags[:1]


def created(given: Mapping[str, Any], trace: str, fallback_id: str, now_ms: int) -> dict[str, Any]:
    """What a server makes of the assessment in a create.

    Raises:
        AssessmentError: it has no value.
    """
    if not any(isinstance(given.get(name), Mapping) for name in _VALUES):
        raise AssessmentError("Unknown assessment type: None")
    now = proto_times.timestamp(now_ms)
    return {
        **{name: value for name, value in given.items() if value is not None},
        "assessment_id": given.get("assessment_id") or fallback_id,
        "trace_id": trace,
        "source": given.get("source") or {"source_type": "SOURCE_TYPE_UNSPECIFIED"},
        "create_time": given.get("create_time") or now,
        "last_update_time": given.get("last_update_time") or now,
        "valid": True,
    }


def updated(existing: Mapping[str, Any], given: Mapping[str, Any], mask: Iterable[str], now_ms: int) -> dict[str, Any]:
    """What an update makes of an assessment: values of another type are refused, metadata is merged.

    Raises:
        AssessmentError: the value is of another type.
    """
    changed = dict(existing)
    for field in mask:
        if field in {"feedback", "expectation"} and field not in existing:
            kind = "Feedback" if "feedback" in existing else "Expectation"
            article = "an" if kind == "Expectation" else "a"
            raise AssessmentError(f"Cannot update {field} value on {article} {kind} assessment.")
        if field == "metadata":
            changed[field] = {**as_map(existing.get(field)), **as_map(given.get(field))}
        elif field in {"assessment_name", "feedback", "expectation", "rationale"} and field in given:
            changed[field] = given[field]
    return {**changed, "last_update_time": proto_times.timestamp(now_ms)}


def fields_of_mask(mask: Any) -> list[str]:
    """The names in a FieldMask, which JSON writes as ``"assessmentName,feedback"``."""
    paths = as_list(mask.get("paths")) if isinstance(mask, Mapping) else str(mask or "").split(",")
    return [_SNAKE.sub(r"_\1", str(path)).lower() for path in paths if path]


def _read(text: str | None) -> dict[str, Any] | None:
    found = jsontext.parsed(text)
    return found if found.get("assessment_id") else None
