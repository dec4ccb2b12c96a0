"""How fast a job goes and how long it still takes, from what it tells of its progress."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_WINDOW = 10.0  # seconds that the speed is taken over: a photo's worth evens out, a slow line shows
_QUIET = 3.0  # seconds; silence beyond that slows the job down
_EACH = 0.5  # seconds between samples, and between changes of what is told
_FIRST = 0.3  # seconds before there is anything to tell
_SETTLED = 3.0, 5  # seconds and units before the time left can be told


@dataclass(frozen=True, slots=True)
class Rate:
    """``speed`` in units (images, bytes) a second, and the ``seconds`` that are left.

    None while so little is done that nobody could tell.
    """

    speed: float
    seconds: float | None


@dataclass(frozen=True, slots=True)
class _Sample:
    at: float
    done: int


class Pace:
    """Fed with (done, total, now), ``now`` in seconds of any clock that never goes back.

    The speed is that of the last ten seconds, not of the whole job: a line that got slow, a folder
    of large photos. It changes twice a second at most, so that it can be read. What comes before
    the first unit is done does not count: a model is loaded then, a connection made.
    """

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque()
        self._latest = _Sample(0.0, 0)
        self._began: _Sample | None = None  # when the first was done
        self._total: int | None = None
        self._told: Rate | None = None
        self._told_at = 0.0

    def feed(self, done: int, total: int | None, now: float) -> None:
        """Note how far the job is; another total, or fewer done, begins anew."""
        if not self._samples or total != self._total or done < self._latest.done:
            self._samples.clear()
            self._told = self._began = None
        elif self._began is None and done > self._latest.done:
            self._samples.clear()
            self._began = _Sample(now, done)
        self._total = total
        self._latest = _Sample(now, done)
        if not self._samples or now - self._samples[-1].at >= _EACH:
            self._samples.append(self._latest)

    def rate(self, now: float) -> Rate | None:
        """The rate as of ``now``; None while it cannot be told: no total, nothing done yet."""
        if self._told is None or now - self._told_at >= _EACH:
            self._told, self._told_at = self._measure(now), now
        return self._told

    def _measure(self, now: float) -> Rate | None:
        if not self._samples or self._total is None:
            return None
        until = max(self._latest.at, now - _QUIET)
        while len(self._samples) > 1 and self._samples[1].at <= until - _WINDOW:
            self._samples.popleft()
        first = self._samples[0]
        made, seconds = self._latest.done - first.done, until - first.at
        if made <= 0 or seconds < _FIRST:
            return None
        speed = made / seconds
        left = (self._total - self._latest.done) / speed if self._is_settled(until) else None
        return Rate(speed, left)

    def _is_settled(self, until: float) -> bool:
        began, (seconds, units) = self._began, _SETTLED
        if began is None:
            return False
        return until - began.at >= seconds and self._latest.done - began.done >= units
