"""Pictures of more pixels than allowed: how that is told, and read again when more are allowed."""

from __future__ import annotations

import math
import re

from cbir.language import kept

_TOO_MANY = kept("{count} pixels are more than the limit of {most}")
_MORE = kept("more pixels than the limit of {most}")
_NUMBER = r"\d{1,3}(?:,\d{3}){0,6}"  # no more digits: a library that was tampered with may hold any
_TOLD = re.compile(
    rf"({_NUMBER})(?: x ({_NUMBER}))? pixels are more than the limit of {_NUMBER}", re.ASCII
)


def told_of_size(width: int, height: int, most: int) -> str:
    """The reason for which a picture of this size is not decoded."""
    return _TOO_MANY.format(count=f"{width:,} x {height:,}", most=f"{most:,}")


def told_of_count(pixels: int | None, most: int) -> str:
    """The same where only how many they are is known, or not even that (None)."""
    if pixels is None:
        return _MORE.format(most=f"{most:,}")
    return _TOO_MANY.format(count=f"{pixels:,}", most=f"{most:,}")


def fits_now(reason: str, most: int) -> bool:
    """Whether a picture that was refused for this ``reason`` has no more than ``most`` pixels.

    False for other reasons, and where it is not known how many it has.
    """
    found = _TOLD.fullmatch(reason)
    if found is None:
        return False
    return math.prod(int(side.replace(",", "")) for side in found.groups() if side) <= most
