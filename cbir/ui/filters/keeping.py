"""Filters and orders as they are kept in a file of JSON."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from cbir.asking import ANY, BY_SCORE, DATE_KINDS, ORDER_KEYS, ORIENTATIONS, Filter, Order


def filter_to_json(wanted: Filter) -> dict[str, Any]:
    """What a filter asks for; what lets everything through is left out."""
    asked = {field.name: getattr(wanted, field.name) for field in fields(Filter)}
    return {
        name: value.isoformat() if isinstance(value, datetime.date) else value
        for name, value in asked.items()
        if value != getattr(ANY, name)
    }


def filter_from_json(known: Any) -> Filter | None:
    """The filter that ``filter_to_json`` wrote; None where it is none, or of another version."""
    if not isinstance(known, dict) or not known.keys() <= _READERS.keys():
        return None
    try:
        return Filter(**{name: _READERS[name](value) for name, value in known.items()})
    except (TypeError, ValueError):
        return None


def order_to_json(order: Order) -> dict[str, Any]:
    """An order, as ``order_from_json`` reads it."""
    return {"key": order.key, "reverse": order.reverse}


def order_from_json(known: Any) -> Order:
    """The order that was kept; by score where it is none."""
    if not isinstance(known, dict) or known.get("key") not in ORDER_KEYS:
        return BY_SCORE
    return Order(known["key"], known.get("reverse") is True)


def _a(kind: type | tuple[type, ...]) -> Callable[[Any], Any]:
    """A reader of values of one kind; True and False are no numbers."""

    def read(value: Any) -> Any:
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise TypeError
        return value

    return read


def _one_of(*values: str) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value not in values:
            raise ValueError
        return value

    return read


def _some(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: tuple(reader(one) for one in _a(list)(value))


_READERS: dict[str, Callable[[Any], Any]] = {
    "folder": _a(str),
    "date": _one_of(*DATE_KINDS),
    "since": datetime.date.fromisoformat,
    "until": datetime.date.fromisoformat,
    "min_bytes": _a(int),
    "max_bytes": _a(int),
    "min_megapixels": _a((int, float)),
    "max_megapixels": _a((int, float)),
    "formats": _some(_a(str)),
    "orientations": _some(_one_of(*ORIENTATIONS)),
    "tags": _some(_a(str)),
    "missing": _a(bool),
}
