"""Groups of duplicates: what is linked taken apart, so that each copy is near its group's best.

Records that are near each other by their vectors are looked at once more, as small grey pictures
that are compared where they lie (normalised cross-correlation: brightness and contrast do not
count): where those agree, it is the same picture, else one that looks alike.

Groups are stars, not chains: the best record of those left takes every copy that is near enough to
itself, then the next best of the rest does.

Measured on ``classic``, on copies of 200 photographs. Near (0.99): all recompressed, 99 % of those
of half the size, all brightened by 10 % and 95 % by 20 %, 98 % cropped by 10 % and 97 % turned by
2°, half of the mirrored ones; of 450,000 pairs across the classes of Corel-1k, none. By their
mirrored vectors and grey pictures all but one of a hundred mirrored ones are found, and no other
pair of Corel-1k (vectors alone would take sixteen). Grey pictures of those copies that are the same
agree by 0.937 and more; of all 499,500 pairs of Corel-1k two agree by 0.90, shots of one scene, and
none by 0.95. For ``clip``, 500 published vectors of
photographs hold one pair above 0.97; ``resnet18`` goes by that, for want of such a set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cbir.library.alike import ALIKE
from cbir.library.vector_table import Mask
from cbir.records import (
    DUPLICATE_LEVELS,
    Copy,
    DuplicateGroup,
    DuplicateLevel,
    Float32Array,
    Int64Array,
    Record,
)

NEAR = {"classic": 0.99, "resnet18": 0.97, "clip": 0.97}
"""Cosine similarities from which pictures may be duplicates, by space."""
LOOK_SIDE = 32
"""Pixels on each side of the small grey pictures."""
_AGREEMENT = 0.93
_AT_ONCE = 64
_ROUNDING = 1e-4
_FLAT = 2.0  # levels of grey: below, what there is to see is noise

Look = NDArray[np.uint8]
"""A small grey picture, (32, 32), whatever shape the picture has."""


def order_of_worth(record: Record) -> tuple[bool, int, int, int, int]:
    """A key that sorts the best first: there, most pixels, most bytes, oldest file, smallest id."""
    file = record.file
    return record.missing, -file.width * file.height, -file.size, file.mtime_ns, record.id


def grouped(
    records: Sequence[Record],
    directions: Float32Array,
    looks: Mapping[int, Look],
    space: str | None,
    level: DuplicateLevel,
    mirror: Int64Array | None = None,
) -> list[DuplicateGroup]:
    """The groups, at ``level`` or a tighter one, among linked records in ``order_of_worth``.

    ``directions`` float32 (m, 512) are their vectors in ``space`` at unit length, zero where there
    is none; ``looks`` are by id. Where one is lacking, vectors alone tell that pictures are the
    same, by ``alike``'s threshold. With ``mirror``, the order (512,) that makes a vector that of
    the mirror image, pictures that are the same but mirrored look alike.
    """
    bunch = _Bunch.of(records, directions, looks, space, mirror)
    loosest = DUPLICATE_LEVELS.index(level)
    products = [_Products(directions)]
    if mirror is not None:
        products.append(_Products(directions, bunch.mirrored))
    left = np.arange(len(records))
    groups = []
    while len(left) > 1:
        best, others = left[0], left[1:]
        nearness = np.max([product.of_first(left) for product in products], axis=0)
        related = others[bunch.may_be_copies(best, others, nearness)]
        scores, levels, mirrored = bunch.judge(best, related)
        taken = levels <= loosest
        if taken.any():
            found = zip(related[taken], scores[taken], levels[taken], mirrored[taken], strict=True)
            copies = tuple(_copy(records[at], *how) for at, *how in found)
            groups.append(DuplicateGroup(records[best], copies))
        left = others[~np.isin(others, related[taken])]
    return groups


def _copy(record: Record, score: float, level: int, mirrored: bool) -> Copy:
    similarity = None if np.isnan(score) else float(score)
    return Copy(record, DUPLICATE_LEVELS[level], similarity, bool(mirrored))


@dataclass(eq=False)
class _Products:
    """Products of directions (m, 512), of several records with all at a time: that is quicker.

    With the directions of all ``seen`` otherwise (m, 512), where that is given.
    """

    directions: Float32Array
    seen: Float32Array | None = None
    _rows: Int64Array = field(default_factory=lambda: np.empty(0, np.int64))
    _made: Float32Array = field(default_factory=lambda: np.empty((0, 0), np.float32))

    def of_first(self, left: Int64Array) -> Float32Array:
        """Those of the first of ``left`` (ascending) with all m, off by a rounding or two."""
        at = int(np.searchsorted(self._rows, left[0]))
        if at == len(self._rows) or self._rows[at] != left[0]:
            self._rows, at = left[:_AT_ONCE], 0
            seen = self.directions if self.seen is None else self.seen
            self._made = self.directions[self._rows] @ seen.T
        products: Float32Array = self._made[at]
        return products


@dataclass(frozen=True, eq=False)
class _Bunch:
    """m linked records, side by side.

    ``contents`` int64 (m,) are equal where digests are. ``looks`` float32 (m, 1024) are centred and
    of unit length; zero where ``flat`` (m,) or not ``seen`` (m,). ``mirrored`` are the directions
    of the mirror images, or the same ones again where these are not known.
    """

    contents: Int64Array
    directions: Float32Array
    mirrored: Float32Array
    looks: Float32Array
    seen: Mask
    flat: Mask
    near: float
    sure: float

    @staticmethod
    def of(
        records: Sequence[Record],
        directions: Float32Array,
        looks: Mapping[int, Look],
        space: str | None,
        mirror: Int64Array | None,
    ) -> _Bunch:
        numbers: dict[str, int] = {}
        contents = [
            numbers.setdefault(record.file.digest or f"of {record.id}", len(numbers))
            for record in records
        ]
        seen = np.array([record.id in looks for record in records], np.bool_)
        pixels = np.zeros((len(records), LOOK_SIDE**2), np.float32)
        for place in np.flatnonzero(seen).tolist():
            pixels[place] = looks[records[place].id].ravel()
        pixels -= pixels.mean(axis=1, keepdims=True)
        lengths = np.sqrt(np.einsum("ij,ij->i", pixels, pixels))
        flat = lengths < _FLAT * LOOK_SIDE
        pixels[flat] = 0
        pixels /= np.maximum(lengths, 1)[:, None]
        near, sure = (np.inf, np.inf) if space is None else (NEAR[space], ALIKE[space])
        mirrored = directions if mirror is None else directions[:, mirror]
        flat &= seen
        return _Bunch(
            np.array(contents, np.int64), directions, mirrored, pixels, seen, flat, near, sure
        )

    def may_be_copies(self, best: int, others: Int64Array, products: Float32Array) -> Mask:
        """Which of the others (n,) are worth judging; ``products`` (m,) are those of ``best``."""
        may_be: Mask = products[others] >= np.float32(self.near - _ROUNDING)
        may_be |= self.contents[others] == self.contents[best]
        return may_be

    def judge(self, best: int, others: Int64Array) -> tuple[Float32Array, Int64Array, Mask]:
        """The cosine of ``best`` with each of the others (n,), NaN where there is none; and levels.

        These, int64 (n,), number ``DUPLICATE_LEVELS``; one more stands for no duplicate. Then
        which cosines (n,) are those with the mirror image, as that alone looks alike.
        """
        scores = np.minimum(_dots(self.directions, best, others), np.float32(1))
        lacking = ~self.directions[others].any(axis=1) | ~self.directions[best].any()
        scores[lacking] = np.nan
        equal = self.contents[others] == self.contents[best]
        same = self._same(best, others, scores, self.looks[best])
        turned = np.minimum(_dots(self.mirrored, best, others, self.directions), np.float32(1))
        seen_mirrored = self.looks[best].reshape(LOOK_SIDE, LOOK_SIDE)[:, ::-1].ravel()
        mirrored = self._same(best, others, turned, seen_mirrored)
        mirrored &= ~(equal | same) & (turned > scores)
        scores = np.where(mirrored, turned, scores)
        alike = mirrored | (scores >= np.float32(self.near))
        return scores, np.select([equal, same, alike], [0, 1, 2], 3), mirrored

    def _same(
        self, best: int, others: Int64Array, scores: Float32Array, look: Float32Array
    ) -> Mask:
        """Which of the others (n,) are the same picture, where ``best`` has this ``look``."""
        agreeing = np.einsum("ij,j->i", self.looks[others], look) >= np.float32(_AGREEMENT)
        agreeing |= self.flat[others] & self.flat[best]
        both = self.seen[others] & self.seen[best]
        near = scores >= np.float32(self.near)
        same: Mask = np.where(both, near & agreeing, scores >= np.float32(self.sure))
        return same


def _dots(
    rows: Float32Array, best: int, others: Int64Array, of_best: Float32Array | None = None
) -> Float32Array:
    """Of ``best`` with each of the others; not by BLAS, which may sum equal rows differently.

    The row of ``best`` is among ``of_best``, where that is given.
    """
    one = (rows if of_best is None else of_best)[best]
    dots: Float32Array = np.einsum("ij,j->i", rows[others], one)
    return dots
