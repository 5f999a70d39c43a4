"""What can be searched for, and what of it which servers understand: one table per kind of entity.

A ``Rule`` says that MLflow's newest language has clauses of this form, and since when servers evaluate them. A clause
that no rule covers is no clause of any version; it goes to the server as it stands, and the server says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.core.json_sites import integer
from proxy.core.mlflow_version import Version
from proxy.core.versions import evaluate, filters
from proxy.core.versions.change import Range, within
from proxy.core.versions.evaluate import Value
from proxy.core.versions.filters import Clause, FilterSyntaxError, Identifier, Literal

ALWAYS: tuple[Range, ...] = ((None, None),)


def since(*numbers: int) -> tuple[Range, ...]:
    """Servers from this version on."""
    return ((Version(*numbers), None),)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clause or an ordering is about, under its one proper name: ``metric``, ``param``, ``tag``…, and a key."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Rule:
    """Clauses about ``kind`` (with one of ``keys``; any when empty) by ``comparators`` work on ``servers``.

    Where there is a ``value``, clauses with this one only.
    """

    kind: str
    keys: frozenset[str]
    comparators: frozenset[str]
    servers: tuple[Range, ...] = ALWAYS
    value: str | None = None

    def covers(self, subject: Subject, comparator: str, literal: Literal = None) -> bool:
        """Whether such a clause is meant."""
        return (
            subject.kind == self.kind
            and comparator in self.comparators
            and (not self.keys or subject.key in self.keys)
            and (self.value is None or self.value == literal)
        )


@dataclass(frozen=True, slots=True)
class Test:
    """A clause that is understood: it can be evaluated on an answered entity."""

    clause: Clause
    subject: Subject
    literal: Literal
    native: bool
    """Whether the server evaluates it itself."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """An ``order_by`` entry that is understood."""

    subject: Subject
    ascending: bool
    native: bool


@dataclass(frozen=True, slots=True)
class SearchKind:
    """One search.

    Attributes:
        noun: for messages.
        field: of the answer, where the entities are.
        rules: what there is to filter by; the first that covers a clause decides.
        orders: what there is to order by; no keys of a rule: any.
        numeric: attributes that are numbers; metrics are as well.
        aliases: further names of attributes.
        read: the values of a subject on an entity, none when it has none.
        ties: how equals are ordered, unless ordered by already.
        standard: the order when none is asked for.
        page_limit: the most that servers give at once.
        page_default: how many they give when nothing is said.
        one_clause: servers that take only one clause at a time.
        read_order: the same for ordering; None: as for comparing.
        longest_value: values longer than this are evaluated on our side by servers before 2.17, which cannot hold them.
    """

    noun: str
    field: str
    rules: tuple[Rule, ...]
    orders: tuple[Rule, ...]
    numeric: frozenset[str]
    aliases: Mapping[str, str]
    read: Callable[[Mapping[str, Any], Subject], Sequence[Value]]
    ties: tuple[tuple[Subject, bool], ...]
    standard: tuple[tuple[Subject, bool], ...]
    page_limit: int
    page_default: int
    one_clause: Range | None = None
    read_order: Callable[[Mapping[str, Any], Subject], Sequence[Value]] | None = None
    longest_value: int = 0

    def tests(self, text: object, server: Version) -> tuple[Test, ...] | None:
        """The clauses of a filter; None when one of them is of no language that we know."""
        try:
            parts = filters.clauses(text) if isinstance(text, str) else () if text is None else None
            found = [self._test(part, server) for part in parts] if parts is not None else None
        except FilterSyntaxError:
            return None
        if found is None or None in found:
            return None
        tests = [test for test in found if test is not None]
        if self.one_clause is not None and within(server, self.one_clause):
            tests = _only_first_native(tests)
        return tuple(tests)

    def sortings(self, entries: object, server: Version) -> tuple[Sorting, ...] | None:
        """The entries of an ``order_by``; None when one of them is of no language that we know."""
        if entries is None:
            return ()
        if not isinstance(entries, list):
            return None
        found: list[Sorting] = []
        for entry in entries:
            try:
                order = filters.order(entry) if isinstance(entry, str) else None
            except FilterSyntaxError:
                order = None
            subject = self._subject(order.identifier) if order is not None else None
            rule = self._rule(self.orders, subject, "") if subject is not None else None
            if order is None or subject is None or rule is None:
                return None
            found.append(Sorting(subject, order.ascending, any(within(server, each) for each in rule.servers)))
        return tuple(found)

    def passes(self, entity: Mapping[str, Any], tests: Sequence[Test]) -> bool:
        """Whether an entity passes all of them."""
        return all(
            evaluate.holds(test.clause.comparator, test.literal, self.read(entity, test.subject)) for test in tests
        )

    def sorted(self, entities: Sequence[dict[str, Any]], sortings: Sequence[Sorting]) -> list[dict[str, Any]]:
        """The entities in the order that was asked for, equals as MLflow orders them."""
        wanted = [(each.subject, each.ascending) for each in sortings] or list(self.standard)
        there = {subject for subject, _ in wanted}
        wanted += [tie for tie in self.ties if tie[0] not in there]
        return evaluate.ordered(entities, [(self._reader(subject), ascending) for subject, ascending in wanted])

    def is_numeric(self, subject: Subject) -> bool:
        """Whether it is compared as a number."""
        return subject.kind == "metric" or (subject.kind == "attribute" and subject.key in self.numeric)

    def _reader(self, subject: Subject) -> Callable[[Mapping[str, Any]], Value | None]:
        values = self.read_order or self.read
        return lambda entity: next(iter(values(entity, subject)), None)

    def _test(self, clause: Clause, server: Version) -> Test | None:
        subject = self._subject(clause.identifier)
        literal = filters.literal(clause)
        rule = self._rule(self.rules, subject, clause.comparator, literal) if subject is not None else None
        if subject is None or rule is None:
            return None
        if not evaluate.fits(clause.comparator, literal, numeric=self.is_numeric(subject)):
            return None
        native = any(within(server, each) for each in rule.servers)
        if self.longest_value and server < _LONG_VALUES and isinstance(literal, str):
            native = native and len(literal) <= self.longest_value
        return Test(clause, subject, literal, native)

    def _subject(self, identifier: Identifier) -> Subject | None:
        kind = _KINDS.get(identifier.entity)
        if kind is None:
            return None
        key = identifier.key
        return Subject(kind, self.aliases.get(key, key) if kind == "attribute" else key)

    @staticmethod
    def _rule(rules: Sequence[Rule], subject: Subject, comparator: str, literal: Literal = None) -> Rule | None:
        return next((rule for rule in rules if rule.covers(subject, comparator, literal)), None)


ORDER = frozenset({""})
"""The comparators of a rule about ``order_by``."""


def tag_values(entity: Any, key: str, field: str = "tags") -> list[str]:
    """The value of a tag or param in a list of ``{"key", "value"}``; nothing when it is not there."""
    found = entity.get(field) if isinstance(entity, Mapping) else None
    if not isinstance(found, list):
        return []
    return [str(each.get("value", "")) for each in found if isinstance(each, dict) and each.get("key") == key][:1]


def number(value: Any) -> list[Value]:
    """A number as JSON carries it (servers up to 1.20 write 64-bit ones as strings); nothing when it is none."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, int | float):
        return [value]
    whole = integer(value)
    if whole is not None:
        return [whole]
    try:
        return [float(value)]
    except (TypeError, ValueError):
        return []


def _only_first_native(tests: Sequence[Test]) -> list[Test]:
    bare = (index for index, test in enumerate(tests) if test.native and not test.clause.identifier.entity)
    first = next(bare, None)
    return [Test(test.clause, test.subject, test.literal, native=index == first) for index, test in enumerate(tests)]


_LONG_VALUES = Version(2, 17)
_KINDS = {
    "": "attribute",
    **dict.fromkeys(("attribute", "attributes", "attr", "run"), "attribute"),
    **dict.fromkeys(("metric", "metrics"), "metric"),
    **dict.fromkeys(("parameter", "parameters", "param", "params"), "param"),
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("dataset", "datasets"), "dataset"),
}
