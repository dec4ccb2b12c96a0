"""Filters and orders survive a file of JSON, and what is no filter is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.asking import ANY, BY_SCORE, DATE_KINDS, ORDER_KEYS, ORIENTATIONS, Filter, Order
from cbir.ui.filters.keeping import (
    filter_from_json,
    filter_to_json,
    order_from_json,
    order_to_json,
)

_bytes = st.integers(0, 2**50)
_megapixels = st.floats(0, 1e6)
_filters = st.builds(
    Filter,
    folder=st.text(),
    date=st.sampled_from(DATE_KINDS),
    since=st.none() | st.dates(),
    until=st.none() | st.dates(),
    min_bytes=_bytes,
    max_bytes=st.none() | _bytes,
    min_megapixels=_megapixels,
    max_megapixels=st.none() | _megapixels,
    formats=st.lists(st.text()).map(tuple),
    orientations=st.lists(st.sampled_from(ORIENTATIONS)).map(tuple),
    tags=st.lists(st.text()).map(tuple),
    missing=st.none() | st.booleans(),
)


@given(_filters)
def test_a_filter_survives(wanted: Filter) -> None:
    assert filter_from_json(json.loads(json.dumps(filter_to_json(wanted)))) == wanted


def test_what_lets_everything_through_takes_no_room() -> None:
    assert filter_to_json(ANY) == {}
    assert filter_from_json({}) == ANY


@pytest.mark.parametrize(
    "known",
    [
        None,
        [],
        "folder",
        {"colour": "red"},
        {"folder": 3},
        {"since": "yesterday"},
        {"since": 2024},
        {"tags": "sea"},
        {"tags": [3]},
        {"missing": 1},
        {"min_bytes": True},
        {"orientations": ["round"]},
        {"orientations": [[]]},
    ],
)
def test_what_is_no_filter_is_none(known: Any) -> None:
    assert filter_from_json(known) is None


@pytest.mark.parametrize("key", ORDER_KEYS)
def test_an_order_survives(key: Any) -> None:
    order = Order(key, reverse=True)
    assert order_from_json(json.loads(json.dumps(order_to_json(order)))) == order


@pytest.mark.parametrize("known", [None, {}, {"key": "colour"}, {"key": []}, 3])
def test_what_is_no_order_is_by_score(known: Any) -> None:
    assert order_from_json(known) == BY_SCORE
