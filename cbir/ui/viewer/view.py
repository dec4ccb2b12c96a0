"""Which part of a picture is in view, and where on the canvas: arithmetic, no window."""

from __future__ import annotations

from dataclasses import dataclass, replace

from cbir.asking import Box

LARGEST_SCALE = 16.0
"""Screen pixels a picture's pixel takes at most."""

_MOST_ENLARGED = 2.0  # small pictures that are fitted grow no further
_LEAST_SHARE = 0.01  # of the picture's width and height: smaller boxes are slips of the hand


@dataclass(frozen=True, slots=True)
class View:
    """How a picture is looked at: ``zoom`` 1 fits it to its place, ``x`` and ``y`` are the shares
    of its width and height that lie in the middle. Means the same for pictures of any size."""

    zoom: float = 1.0
    x: float = 0.5
    y: float = 0.5


WHOLE = View()


@dataclass(frozen=True, slots=True)
class Frame:
    """A ``picture`` (width, height in its own pixels) on a ``canvas`` (screen pixels) in a view."""

    picture: tuple[int, int]
    canvas: tuple[int, int]
    view: View = WHOLE

    @property
    def fitting(self) -> float:
        """Screen pixels a picture's pixel takes where it is fitted."""
        shares = (has / needs for has, needs in zip(self.canvas, self.picture, strict=True))
        return min(_MOST_ENLARGED, *shares)

    @property
    def scale(self) -> float:
        """Screen pixels a picture's pixel takes."""
        return self.fitting * self.view.zoom

    @property
    def corner(self) -> tuple[float, float]:
        """Where on the canvas the picture's top left corner lies; it may be outside."""
        return self._start(0, self.view.x), self._start(1, self.view.y)

    def _start(self, axis: int, middle: float) -> float:
        """Centred where it is smaller than the canvas, else without a gap at its ends."""
        long, room = self.picture[axis] * self.scale, self.canvas[axis]
        if long <= room:
            return (room - long) / 2
        return min(0.0, max(room - long, room / 2 - middle * long))

    @property
    def seen(self) -> tuple[int, int, int, int]:
        """The part of the canvas that the picture covers: left, top, right, bottom."""
        left, top = self.corner
        right, bottom = left + self.picture[0] * self.scale, top + self.picture[1] * self.scale
        ends = (min(right, self.canvas[0]), min(bottom, self.canvas[1]))
        start = max(0, round(left)), max(0, round(top))
        return (*start, max(start[0] + 1, round(ends[0])), max(start[1] + 1, round(ends[1])))

    def source(self) -> tuple[float, float, float, float]:
        """The part of the picture that ``seen`` shows, in its pixels, within it."""
        (left, top), (x0, y0, x1, y1) = self.corner, self.seen
        width, height = self.picture
        horizontal = sorted(min(max((x - left) / self.scale, 0.0), width) for x in (x0, x1))
        vertical = sorted(min(max((y - top) / self.scale, 0.0), height) for y in (y0, y1))
        return horizontal[0], vertical[0], horizontal[1], vertical[1]

    @property
    def pannable(self) -> bool:
        """Whether some of the picture is out of view."""
        return self.overflows(0) or self.overflows(1)

    def overflows(self, axis: int) -> bool:
        """Whether the picture is wider (axis 0) or higher (1) than its place."""
        return self.picture[axis] * self.scale > self.canvas[axis] + 0.5

    def share_at(self, x: float, y: float) -> tuple[float, float]:
        """The share of the picture's width and height at a place on the canvas, within 0 to 1."""
        left, top = self.corner
        across, down = (side * self.scale for side in self.picture)
        return min(max((x - left) / across, 0.0), 1.0), min(max((y - top) / down, 0.0), 1.0)

    def place_of(self, x: float, y: float) -> tuple[float, float]:
        """Where on the canvas a share of the picture lies."""
        left, top = self.corner
        return left + x * self.picture[0] * self.scale, top + y * self.picture[1] * self.scale

    def box_between(self, start: tuple[float, float], end: tuple[float, float]) -> Box | None:
        """The part of the picture between two places on the canvas; None where it is next to none.

        What lies outside the picture does not count.
        """
        (x0, y0), (x1, y1) = self.share_at(*start), self.share_at(*end)
        box = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        wide = box.right - box.left >= _LEAST_SHARE
        return box if wide and box.bottom - box.top >= _LEAST_SHARE else None

    # -- other views ------------------------------------------------------------------------------

    def zoomed(self, factor: float, at: tuple[float, float] | None = None) -> View:
        """The view that is larger by ``factor``, with what lies at ``at`` (the middle) kept there.

        No smaller than fitted (or than 1:1, where that is smaller), no larger than 16:1.
        """
        x, y = at or (self.canvas[0] / 2, self.canvas[1] / 2)
        share = self.share_at(x, y)
        least = min(1.0, 1 / self.fitting)
        zoom = min(max(self.view.zoom * factor, least), max(LARGEST_SCALE / self.fitting, 1.0))
        later = replace(self, view=View(zoom, *share))
        across, down = (side * later.scale for side in self.picture)
        middle = View(
            zoom,
            share[0] + (self.canvas[0] / 2 - x) / across,
            share[1] + (self.canvas[1] / 2 - y) / down,
        )
        return replace(self, view=middle).settled()

    def actual(self, at: tuple[float, float] | None = None) -> View:
        """The view in which a picture's pixel is one of the screen's."""
        return self.zoomed(1 / self.scale, at)

    def panned(self, right: float, down: float) -> View:
        """The view with the picture moved by so many screen pixels."""
        across, height = (side * self.scale for side in self.picture)
        moved = View(self.view.zoom, self.view.x - right / across, self.view.y - down / height)
        return replace(self, view=moved).settled()

    def settled(self) -> View:
        """The same view with its middle where it really is, at an end or centred."""
        x, y = self.share_at(self.canvas[0] / 2, self.canvas[1] / 2)
        return View(self.view.zoom, x, y)
