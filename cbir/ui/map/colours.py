"""Which colour each point of the map has, and how that is told: groups by hue, numbers by a scale.

The hues are Paul Tol's for the colour-blind (SRON/EPS/TN/09-002, https://personal.sron.nl/~pault/):
his "muted" ones on a light ground, his "light" ones on a dark one. Numbers run through Matplotlib's
viridis, without the end that cannot be seen on the ground.
"""

from __future__ import annotations

import datetime
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from cbir.language import _
from cbir.records import Float32Array, Int64Array, Metric
from cbir.ui.widgets.text import shown
from cbir.ui.widgets.theme import Palette
from cbir.work.mapping import ColourBy, MapColours

_ON_LIGHT = (
    "#332288", "#cc6677", "#117733", "#88ccee", "#882255", "#999933", "#44aa99", "#aa4499",
)  # fmt: skip
_ON_DARK = (
    "#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#44bb99", "#99ddff", "#bbcc33", "#aaaa00",
)  # fmt: skip
_SCALE_ON_LIGHT, _SCALE_ON_DARK = (0.0, 0.88), (0.25, 1.0)
_RARE = 0.02  # the share of numbers at either end that does not stretch the scale
TITLES: dict[ColourBy, str] = {
    "": _("One colour"),
    "folder": _("Folder"),
    "tag": _("Tag"),
    "date": _("Date"),
    "cluster": _("Cluster"),
    "score": _("Score"),
}

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Scale:
    """A bar of colours, float32 (m, 3) from low to high, and what its ends mean."""

    colours: Float32Array = field(compare=False)  # those of the theme
    low: str
    high: str


@dataclass(frozen=True, eq=False, slots=True)
class Colouring:
    """``colours`` float32 (n, 3); ``title`` and ``keys`` (colour, label) or a ``scale`` tell it."""

    colours: Float32Array
    title: str
    keys: tuple[tuple[str, str], ...] = ()
    scale: Scale | None = None


def aligned(
    values: NDArray[Scalar], known: Int64Array, ids: Int64Array, missing: Any
) -> NDArray[Scalar]:
    """``values`` (m,) of the ascending ids ``known`` (m,), for ``ids`` (n,): (n,)."""
    if not len(known):
        return np.full(len(ids), missing, values.dtype)
    rows = np.minimum(np.searchsorted(known, ids), len(known) - 1)
    return np.where(known[rows] == ids, values[rows], missing).astype(values.dtype)


def by_groups(found: MapColours, ids: Int64Array, palette: Palette) -> Colouring:
    """A hue for each group; a muted one for all others, and for pictures not grouped yet."""
    assert found.groups is not None
    groups = found.groups
    hues = _hues(palette)[: len(groups.names)]
    table = np.array([to_rgb(hue) for hue in (*hues, palette.muted)], np.float32)
    codes = aligned(groups.codes, found.ids, ids, -1)
    told = zip(hues, _labels(found), groups.counts, strict=True)
    keys = [(hue, label) for hue, label, count in told if count]
    others = int(np.count_nonzero(codes < 0))
    if others:
        rest = _("no tag") if found.by == "tag" and not groups.names else _("other")
        keys.append((palette.muted, _counted(rest, others)))
    return Colouring(table[codes], TITLES[found.by], tuple(keys))


def by_dates(found: MapColours, ids: Int64Array, palette: Palette) -> Colouring:
    """Early to late; muted where no date is known."""
    assert found.values is not None
    values = aligned(found.values, found.ids, ids, np.nan)
    return _scaled(values, "date", palette, _day)


def by_scores(
    nearness: Float32Array, known: Int64Array, ids: Int64Array, metric: Metric, palette: Palette
) -> Colouring:
    """Far from the query to near it."""
    values = aligned(nearness.astype(np.float64), known, ids, np.nan)
    sign = 1 if metric == "cosine" else -1
    return _scaled(values, "score", palette, lambda value: f"{sign * value:.2f}")


def _scaled(
    values: NDArray[np.float64], by: ColourBy, palette: Palette, told: Callable[[float], str]
) -> Colouring:
    there = np.isfinite(values)
    colours = np.tile(np.array(to_rgb(palette.muted), np.float32), (len(values), 1))
    if not there.any():
        return Colouring(colours, TITLES[by])
    low, high = np.quantile(values[there], (_RARE, 1 - _RARE))
    shades = _shades(palette)
    steps = (values[there] - low) / ((high - low) or 1.0) * (len(shades) - 1)
    colours[there] = shades[np.clip(steps, 0, len(shades) - 1).astype(np.intp)]
    return Colouring(colours, TITLES[by], (), Scale(shades, told(float(low)), told(float(high))))


def _shades(palette: Palette) -> Float32Array:
    start, end = _SCALE_ON_DARK if _is_dark(palette) else _SCALE_ON_LIGHT
    shades = matplotlib.colormaps["viridis"](np.linspace(start, end, 256))[:, :3]
    if not _is_dark(palette):
        shades = shades[::-1]  # what is much stands out from the ground
    found: Float32Array = shades.astype(np.float32)
    return found


def _hues(palette: Palette) -> tuple[str, ...]:
    return _ON_DARK if _is_dark(palette) else _ON_LIGHT


def _is_dark(palette: Palette) -> bool:
    return sum(to_rgb(palette.background)) < 1.5


def _labels(found: MapColours) -> list[str]:
    assert found.groups is not None
    names = list(found.groups.names)
    if found.by == "folder":
        names = _short_folders(names)
    elif found.by == "cluster":
        names = [_("cluster {number}").format(number=name) for name in names]
    return [_counted(name, count) for name, count in zip(names, found.groups.counts, strict=True)]


def _counted(name: str, count: int) -> str:
    return f"{shown(name)} ({count:,})"


def _short_folders(folders: list[str]) -> list[str]:
    """Their last names, with the one above where two are the same."""
    last = [os.path.basename(folder) or folder for folder in folders]
    often = Counter(last)
    return [
        name if often[name] == 1 else os.path.join(os.path.basename(os.path.dirname(folder)), name)
        for name, folder in zip(last, folders, strict=True)
    ]


def _day(seconds: float) -> str:
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return moment.date().isoformat()
