"""How near a point is to the query truly, and whether the map deceives about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cbir.language import _
from cbir.records import Float32Array, Metric

_NEAR, _NEAR_AT_LEAST = 0.02, 5  # a share of all points, and so many of few
_FAR, _FAR_AT_LEAST = 0.25, 15


@dataclass(frozen=True, eq=False)
class Standing:
    """Every point's nearness (n,) to the query as in ``MapQuery``, and distance (n,) on the map."""

    nearness: Float32Array
    distances: Float32Array
    metric: Metric

    def told(self, row: int) -> str:
        """The score and rank of a row's picture; a warning where the map shows it otherwise."""
        near = self.nearness[row]
        if not np.isfinite(near):
            return ""
        total = int(np.count_nonzero(np.isfinite(self.nearness)))
        rank = 1 + int(np.count_nonzero(self.nearness > near))
        on_map = 1 + int(np.count_nonzero(self.distances < self.distances[row]))
        return f"{self._score(float(near), rank, total)}{_warning(rank, on_map, total)}"

    def _score(self, near: float, rank: int, total: int) -> str:
        score = near if self.metric == "cosine" else -near
        return _("{score:.3f} · no. {rank:,} of {total:,}").format(
            score=score, rank=rank, total=total
        )


def _warning(rank: int, on_map: int, total: int) -> str:
    near = max(_NEAR * total, _NEAR_AT_LEAST)
    far = max(_FAR * total, _FAR_AT_LEAST)
    if on_map <= near and rank > far:
        return "\n" + _("Near only on the map: far from the query in all 512 dimensions.")
    if rank <= near and on_map > far:
        return "\n" + _("Far only on the map: near the query in all 512 dimensions.")
    return ""
