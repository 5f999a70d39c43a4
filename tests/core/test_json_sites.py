"""Values at named places of a document."""

from __future__ import annotations

import pytest

from proxy.core import json_sites

DOCUMENT = {
    "run": {"info": {"id": "a", "empty": None}},
    "ids": ["1", "2"],
    "runs": [{"info": {"id": "b"}}, {"info": {}}, {"info": {"id": "c"}}, "no run"],
    "deep": [{"x": {"id": "d", "ids": ["e"]}}],
}


@pytest.mark.parametrize(
    ("site", "found"),
    [
        ("run.info.id", ["a"]),
        ("run.info.empty", []),
        ("run.info.missing.id", []),
        ("ids[]", ["1", "2"]),
        ("ids", [["1", "2"]]),
        ("run[]", []),
        ("runs[].info.id", ["b", "c"]),
        ("**.id", ["a", "b", "c", "d"]),
        ("**.ids[]", ["1", "2", "e"]),
        ("**.info.id", ["a", "b", "c"]),
    ],
)
def test_a_site_finds_its_values_in_document_order(site, found):
    """Dots step into objects, ``[]`` into every element, ``**.`` begins anywhere; what does not fit is passed over."""
    assert list(json_sites.values(DOCUMENT, site)) == found


@pytest.mark.parametrize("document", [None, 3, "text", [], [[1]], {"run": "x"}, {"run": {"info": ["id"]}}])
@pytest.mark.parametrize("site", ["run.info.id", "run[].id", "**.id"])
def test_a_document_of_another_shape_has_no_values(document, site):
    """Clients may send anything; a site that does not fit finds nothing and raises nothing."""
    assert json_sites.first(document, site) is None


def test_holders_can_be_written_through():
    """Each place is given as container and key, so that its value can be replaced."""
    document = {"ids": ["1", "2"], "info": {"id": "3"}}
    for site in ("ids[]", "info.id"):
        for container, key in json_sites.holders(document, site):
            container[key] += "!"
    assert document == {"ids": ["1!", "2!"], "info": {"id": "3!"}}


def test_depth_is_no_danger():
    """A body nested more deeply than Python's stack is searched all the same."""
    document: dict[str, object] = {"id": "found"}
    for _ in range(5000):
        document = {"inner": [document]}
    assert json_sites.first(document, "**.id") == "found"


def test_only_a_list_has_elements():
    """A text or a number in its place is nobody's list."""
    assert json_sites.as_list([1]) == [1]
    assert json_sites.as_list("ab") == json_sites.as_list(None) == []


@pytest.mark.parametrize(
    ("value", "number"),
    [("12", 12), (12, 12), ("-1", -1), (None, None), ("x", None), ([], None), (float("inf"), None), ("9" * 5000, None)],
)
def test_a_whole_number_may_come_as_text(value, number):
    """From a query, and from servers up to 1.20."""
    assert json_sites.integer(value) == number


@pytest.mark.parametrize("value", [None, 7, "x", True])
def test_another_form_is_an_empty_one(value):
    """So that nobody has to ask before looking inside."""
    assert json_sites.as_list(value) == []
    assert json_sites.as_map(value) == {}
    assert json_sites.maps_in(value) == []
    assert json_sites.maps_in([value, {"a": 1}, []]) == [{"a": 1}]
    assert json_sites.as_map({"a": value}) == {"a": value}
