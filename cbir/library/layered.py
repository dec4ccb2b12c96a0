"""A mapping that many versions share: a change costs what it holds, not what the whole holds.

Three layers, looked up from the newest: a small top and a middle dict, where a value of None means
"removed", over a bottom mapping that is never copied (the columns of a file). A change copies the
top only; the top is merged into a new middle when it passes a bound that grows with the square root
of the middle, which keeps both costs small (the two-level case of a log-structured merge tree,
O'Neil et al. 1996).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, Protocol, TypeVar

K = TypeVar("K")
V = TypeVar("V")
V_co = TypeVar("V_co", covariant=True)
K_contra = TypeVar("K_contra", contravariant=True)


class Lookup(Protocol[K_contra, V_co]):
    """What the bottom layer must offer."""

    def get(self, key: K_contra, /) -> V_co | None:
        """The value of ``key``, or None."""


class Layered(Generic[K, V]):
    """An immutable mapping; ``changed`` returns the next version and leaves this one as it is."""

    __slots__ = ("_bottom", "_middle", "_top")

    def __init__(
        self,
        bottom: Lookup[K, V],
        middle: dict[K, V | None] | None = None,
        top: dict[K, V | None] | None = None,
    ) -> None:
        self._bottom = bottom
        self._middle: dict[K, V | None] = middle if middle is not None else {}
        self._top: dict[K, V | None] = top if top is not None else {}

    def get(self, key: K) -> V | None:
        """The value of ``key``, or None where it is not (or no longer) held."""
        if key in self._top:
            return self._top[key]
        if key in self._middle:
            return self._middle[key]
        return self._bottom.get(key)

    def changed(self, put: Mapping[K, V], drop: Iterable[K] = ()) -> Layered[K, V]:
        """The next version: without the keys of ``drop``, then with the values of ``put``."""
        top = self._top.copy()
        for key in drop:
            top[key] = None
        top.update(put)
        if len(top) <= max(1024, 8 * math.isqrt(len(self._middle))):
            return Layered(self._bottom, self._middle, top)
        return Layered(self._bottom, {**self._middle, **top}, {})

    def overlay(self) -> Iterator[tuple[K, V | None]]:
        """What lies above the bottom: each changed key once, with its value or None for removed."""
        for key, value in self._middle.items():
            if key not in self._top:
                yield key, value
        yield from self._top.items()
