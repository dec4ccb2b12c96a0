"""What the map asks of the window, and its title; apart from the panel: that imports Matplotlib."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cbir.records import SPACE_TITLES, Metric
from cbir.work.mapping import ColourBy

How = Literal["new", "add", "remove"]
"""What becomes of points inside a shape: chosen anew, chosen too, or chosen no longer."""


@dataclass(frozen=True, slots=True)
class MapEvents:
    """``on_select(id, add)``: a point was clicked, with ``add`` beside those selected before.

    ``on_shape(ids, how)``: a lasso or box was drawn around these. ``on_save``: the map is to be
    written as a picture. ``on_colour``: points are to be coloured by something else.
    """

    on_select: Callable[[int, bool], None]
    on_shape: Callable[[tuple[int, ...], How], None]
    on_save: Callable[[], None]
    on_colour: Callable[[ColourBy], None]


def title_of(space: str, metric: Metric) -> str:
    """What a map is called: its space, and the metric that it is seen by."""
    return f"{SPACE_TITLES.get(space, space)} · {metric}"
