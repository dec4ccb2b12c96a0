"""Records in the order that the user wants to see them."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cbir.asking import Order
from cbir.records import UNDATED, Int64Array, Record

_DIGITS = re.compile(r"\d+")
_LONGEST = 80  # characters of a name that decide
_WIDEST = 16  # digits of a number that decide


def ordered(records: Sequence[Record], order: Order) -> tuple[Record, ...]:
    """``records``, which come by score or by id, in ``order``; equals stay as they come.

    numpy sorts them, which lets other threads run meanwhile, as ``sorted`` does not.
    """
    if order.key in ("score", "added") or not records:
        return tuple(reversed(records)) if order.reverse else tuple(records)
    keys = _keys(records, order)
    found: Int64Array = np.argsort(keys, kind="stable")
    rows = found.tolist()
    return tuple(records[row] for row in (reversed(rows) if order.reverse else rows))


def _keys(records: Sequence[Record], order: Order) -> NDArray[np.generic]:
    if order.key == "name":
        return np.array([natural(os.path.basename(record.path)) for record in records])
    if order.key == "size":
        return -np.array([record.file.size for record in records], np.int64)
    return -np.array([_moment(record) for record in records], np.float64)


def natural(name: str) -> str:
    """A name whose plain order is the one people expect: ``img2`` before ``img10``, ``a`` by ``A``.

    Only its first 80 characters count.
    """
    short = name.casefold()[:_LONGEST]
    return _DIGITS.sub(lambda digits: digits[0].lstrip("0").zfill(_WIDEST), short)


def _moment(record: Record) -> float:
    """When a picture was taken, or else its file modified, in seconds of this place's clock."""
    if record.file.taken > UNDATED:
        return float(record.file.taken)
    seconds = record.file.mtime_ns / 1e9
    try:
        return seconds + time.localtime(seconds).tm_gmtoff
    except (OverflowError, OSError, ValueError):  # years that the system's clock does not know
        return seconds
