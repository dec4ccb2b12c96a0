"""What is typed into the filter bar, read and written: days, sizes, tags."""

from __future__ import annotations

import calendar
import datetime
import re
from dataclasses import dataclass

from cbir.errors import InvalidQuery
from cbir.language import _

_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_SIZE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(kb|k|mb|m|gb|g|mp)?", re.IGNORECASE)
_RANGE = re.compile(r"\s*(>|<|≥|≤)?\s*([^-–<>]*?)\s*(?:[-–]\s*([^-–<>]+?)\s*)?")
_BYTES = {"": 1_000_000, "k": 1000, "m": 1_000_000, "g": 1_000_000_000}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large a file (bytes) and a picture (megapixels) may be; None: as large as it likes."""

    min_bytes: int = 0
    max_bytes: int | None = None
    min_megapixels: float = 0.0
    max_megapixels: float | None = None


def read_day(text: str, *, last: bool) -> datetime.date | None:
    """A day, month or year, ``2024``, ``2024-05``, ``2024-05-31``; None where nothing is typed.

    Of a month or year it is the first day, or the ``last`` one. Raises InvalidQuery.
    """
    if not text.strip():
        return None
    found = _DAY.fullmatch(text.strip())
    try:
        if found is None:
            raise ValueError
        year = int(found[1])
        month = int(found[2] or (12 if last else 1))
        day = int(found[3] or (calendar.monthrange(year, month)[1] if last else 1))
        return datetime.date(year, month, day)
    except ValueError as error:  # calendar's error for a wrong month is one too
        raise InvalidQuery(
            _("“{text}” is no day: type a year, a month or a day, such as 2024-05-31.").format(
                text=text.strip()
            )
        ) from error


def read_sizes(text: str) -> Sizes:
    """Sizes such as ``> 2 MB``, ``< 500k``, ``1–5 MB``, ``> 12 MP``; a bare number is megabytes.

    Raises InvalidQuery.
    """
    if not text.strip():
        return Sizes()
    found = _RANGE.fullmatch(text)
    if found is None or not found[2] or (found[1] and found[3]):
        raise _no_size(text)
    if not found[1] and not found[3]:
        raise _no_size(text)
    unit = _unit(found[3] or found[2], text)
    if found[3]:
        low, high = _amount(found[2], text, unit), _amount(found[3], text, unit)
        if low > high:
            raise InvalidQuery(_("Nothing lies between: “{text}”.").format(text=text.strip()))
        return _sizes(unit, low, high)
    amount = _amount(found[2], text, unit)
    above = found[1] in (">", "≥")
    return _sizes(unit, amount, None) if above else _sizes(unit, 0, amount)


def write_sizes(sizes: Sizes) -> str:
    """What ``read_sizes`` reads as ``sizes``; "" where every size will do."""
    if sizes.min_megapixels or sizes.max_megapixels is not None:
        return _written(sizes.min_megapixels, sizes.max_megapixels, "MP")
    low, high = sizes.min_bytes, sizes.max_bytes
    unit, name = next(
        (
            (unit, name)
            for unit, name in ((1_000_000, "MB"), (1000, "kB"))
            if all(amount is None or not amount * 100 % unit for amount in (low, high))
        ),
        (1000, "kB"),
    )
    return _written(low / unit, None if high is None else high / unit, name)


def read_tags(text: str) -> tuple[str, ...]:
    """Tags between commas, each once."""
    return tuple(dict.fromkeys(tag.strip() for tag in text.split(",") if tag.strip()))


def _written(low: float, high: float | None, unit: str) -> str:
    if high is None:
        return f"> {low:.12g} {unit}" if low else ""
    return f"{low:.12g}–{high:.12g} {unit}" if low else f"< {high:.12g} {unit}"


def _sizes(unit: str, low: float, high: float | None) -> Sizes:
    if unit == "mp":
        return Sizes(min_megapixels=low, max_megapixels=high)
    return Sizes(min_bytes=round(low), max_bytes=None if high is None else round(high))


def _unit(amount: str, whole: str) -> str:
    found = _SIZE.fullmatch(amount)
    if found is None:
        raise _no_size(whole)
    return "mp" if (found[2] or "").lower() == "mp" else (found[2] or "").lower()[:1]


def _amount(text: str, whole: str, unit: str) -> float:
    found = _SIZE.fullmatch(text)
    if found is None:
        raise _no_size(whole)
    own = (found[2] or "").lower()
    number = float(found[1].replace(",", "."))
    if unit == "mp" or own == "mp":
        if own not in ("", "mp") or unit != "mp":
            raise _no_size(whole)
        return number
    return number * _BYTES[own[:1] or unit]


def _no_size(text: str) -> InvalidQuery:
    return InvalidQuery(
        _("“{text}” is no size: type such as > 2 MB, < 500 kB, 1–5 MB or > 12 MP.").format(
            text=text.strip()
        )
    )
