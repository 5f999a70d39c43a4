"""SQL's LIKE without regular expressions: ``%`` is any text, ``_`` any one character. Never slower than n times m."""

from __future__ import annotations


def like(text: str, pattern: str, *, ignore_case: bool = False) -> bool:
    """Whether the whole text fits the pattern; with ``ignore_case`` as SQL's ILIKE has it."""
    if ignore_case:
        text, pattern = text.lower(), pattern.lower()
    at = star = 0
    resume, index = -1, 0
    while index < len(text):
        if at < len(pattern) and pattern[at] == "%":
            star, resume = at, index
            at += 1
        elif at < len(pattern) and pattern[at] in {"_", text[index]}:
            at, index = at + 1, index + 1
        elif resume >= 0:  # let the last % take one character more
            resume += 1
            at, index = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("%")
