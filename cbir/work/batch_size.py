"""How many pictures to take at once, sized by measurement so that it takes about a given time."""

from __future__ import annotations

_NEW = 0.3  # share of the newest measurement in an average
_HOPE = 0.85  # larger batches cost less a picture: a size not tried yet may take less than expected
_FADING = 0.998  # larger sizes that once took too long are tried again after a while


class BatchSize:
    """A size that follows how long batches really take: begins with one, grows, and shrinks.

    ``seconds`` is what a batch may take, ``most`` the largest size. A single picture is the least,
    whatever it takes.
    """

    def __init__(self, seconds: float, most: int) -> None:
        self.size = 1
        self.most = most
        self._seconds = seconds
        self._took: dict[int, float] = {}

    def took(self, count: int, seconds: float) -> None:
        """A batch of ``count`` pictures took that long: set the size of the next one."""
        known = self._took.get(count, seconds)
        average = self._took[count] = known + _NEW * (seconds - known)
        for size in self._took:
            if size > count:
                self._took[size] *= _FADING
        if count > self.size:
            return
        if average > self._seconds:
            self.size = max(1, min(count - 1, int(count * self._seconds / average)))
        elif count == self.size:
            larger = min(self.most, count + max(1, count // 2))
            while larger > count and self._expected(larger) > self._seconds:
                larger -= 1
            self.size = larger

    def _expected(self, size: int) -> float:
        """How long a batch of ``size`` would take: as measured, else by the line through others."""
        if size in self._took:
            return self._took[size]
        (smaller, less), (larger, more) = self._largest_two()
        line = more + (size - larger) * max(0.0, more - less) / (larger - smaller)
        return _HOPE * line

    def _largest_two(self) -> tuple[tuple[int, float], tuple[int, float]]:
        """Size and seconds of the two sizes below the next one; nothing takes no time."""
        known = [(0, 0.0), *sorted(item for item in self._took.items() if item[0] <= self.size)]
        return known[-2], known[-1]
