"""Colours as float32 triples between 0 and 1, and ways to mix them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.floating[Any]]
Rng: TypeAlias = np.random.Generator
Ink: TypeAlias = "str | FloatArray"
Stops: TypeAlias = "Sequence[tuple[float, Ink]]"


@lru_cache(maxsize=512)
def _parse(text: str) -> FloatArray:
    digits = text.lstrip("#")
    values = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    return np.array(values, np.float32)


def ink(colour: Ink) -> FloatArray:
    """Return a colour as float32: "#rrggbb" is parsed to shape (3,), an array passes through."""
    return _parse(colour) if isinstance(colour, str) else colour


def mix(a: Ink, b: Ink, t: float | FloatArray) -> FloatArray:
    """Blend a into b by t (0 to 1); an array t of shape S gives an array of shape S + (3,)."""
    share = np.asarray(t, np.float32)
    if share.ndim:
        share = share[..., None]
    first, second = ink(a), ink(b)
    return np.asarray(first + (second - first) * share, np.float32)


def ramp(stops: Stops, t: FloatArray) -> FloatArray:
    """Look t up in a gradient of (position, colour) stops; shape S gives S + (3,), float32."""
    places = [place for place, _ in stops]
    colours = np.stack([ink(colour) for _, colour in stops])
    channels = [np.interp(t, places, colours[:, i]) for i in range(3)]
    return np.stack(channels, axis=-1).astype(np.float32)


def vary(rng: Rng, colour: Ink, amount: float) -> FloatArray:
    """Return the colour with its brightness and, less so, its hue changed at random."""
    light = rng.normal(0, amount)
    tint = rng.normal(0, amount / 3, 3)
    return np.clip(ink(colour) + light + tint, 0, 1).astype(np.float32)


def pick(rng: Rng, colours: Sequence[str]) -> str:
    """Choose one of the colours at random."""
    return colours[int(rng.integers(len(colours)))]
