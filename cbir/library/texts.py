"""Many byte strings in one array, and the JSON that some of them are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cbir.language import _
from cbir.records import Int64Array

ByteArray = NDArray[np.uint8]


@dataclass(frozen=True)
class TextColumn:
    """n byte strings: ``blob`` uint8 holds them one after the other, ``offsets`` int64 (n + 1,)."""

    blob: ByteArray
    offsets: Int64Array

    def __getitem__(self, row: int) -> bytes:
        return self.blob[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def items(self) -> Iterator[bytes]:
        """All strings in order, many times as fast as one by one."""
        whole = self.blob.tobytes()
        for start, end in pairwise(self.offsets.tolist()):
            yield whole[start:end]

    @staticmethod
    def of(items: Sequence[bytes]) -> TextColumn:
        """The column that holds ``items``."""
        offsets = np.zeros(len(items) + 1, np.int64)
        np.cumsum([len(item) for item in items], out=offsets[1:])
        return TextColumn(np.frombuffer(b"".join(items), np.uint8), offsets)

    def problem(self, rows: int) -> str | None:
        """What is wrong with the offsets for ``rows`` strings, as a phrase, or None."""
        offsets = self.offsets
        if offsets.shape != (rows + 1,):
            return _("{count} offsets for {rows} records").format(count=len(offsets), rows=rows)
        if offsets[0] != 0 or offsets[-1] != len(self.blob) or (np.diff(offsets) < 0).any():
            return _("offsets that do not fit its text")
        return None


def decode_extras(text: bytes) -> tuple[tuple[str, ...], str]:
    """Tags and note from what a column holds of them; raises ValueError."""
    if not text:
        return (), ""
    value: Any = json.loads(text)
    match value:
        case [list(tags), str(note)] if all(isinstance(tag, str) for tag in tags):
            return tuple(tags), note
    raise ValueError(_("tags and note are not what they should be"))
