"""What a deleted tag of an experiment is set to on servers that cannot delete it."""

from __future__ import annotations

from proxy.core.hidden_tags import PREFIX

TOMBSTONE = f"{PREFIX}deleted"
