"""Checksums of blocks: what lies in a mapped file is proved where it is used, each block once."""

from __future__ import annotations

import mmap
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
from numpy.typing import NDArray

from cbir.language import _

BLOCK_BYTES = 1 << 15
"""Bytes of a block: 16 vectors. So a search that touches few vectors proves few others."""

_SHARED = 64
"""From so many blocks on, several threads share the work."""

Sums = NDArray[np.uint32]


@cache
def _pool() -> tuple[ThreadPoolExecutor, int]:
    threads = min(8, os.cpu_count() or 1)
    return ThreadPoolExecutor(threads, "cbir-proof"), threads


class BlockSums:
    """CRC-32 of each block of bytes that come in pieces of any length."""

    def __init__(self) -> None:
        self._whole: list[int] = []
        self._sum = 0
        self._bytes = 0

    def add(self, content: memoryview) -> None:
        """The next bytes."""
        at = 0
        while at < len(content):
            piece = content[at : at + BLOCK_BYTES - self._bytes]
            self._sum = zlib.crc32(piece, self._sum)
            self._bytes += len(piece)
            at += len(piece)
            if self._bytes == BLOCK_BYTES:
                self._end_block()

    def _end_block(self) -> None:
        self._whole.append(self._sum)
        self._sum, self._bytes = 0, 0

    def finished(self) -> Sums:
        """The checksums of all blocks, of which the last may be shorter; uint32 (blocks,)."""
        if self._bytes:
            self._end_block()
        return np.array(self._whole, "<u4")


class Proof:
    """Proves bytes ``start`` to ``end`` of a mapped file by ``sums``; safe to call from any thread.

    Offsets in its methods count from ``start``. Each raises ValueError with a phrase that names the
    part and the bytes.
    """

    def __init__(self, name: str, mapped: mmap.mmap, start: int, end: int, sums: Sums) -> None:
        self.name = name
        self._mapped = mapped
        self._start, self._end = start, end
        self._sums = sums
        # Two threads may prove the same block: they find the same.
        self._unproved = np.ones(len(sums), np.bool_)
        self._complete = not len(sums)

    def check(self, start: int, end: int) -> None:
        """Prove the blocks that bytes ``start`` to ``end`` lie in."""
        if not self._complete:
            first, last = start // BLOCK_BYTES, -(-end // BLOCK_BYTES)
            self._prove(np.flatnonzero(self._unproved[first:last]) + first)

    def check_all(self) -> None:
        """Prove all of it."""
        self._prove(np.flatnonzero(self._unproved))

    def damaged(self) -> NDArray[np.int64]:
        """The numbers of the blocks that do not match; reads everything. Raises nothing."""
        wrong = [block for block in range(len(self._sums)) if not self._matches(block)]
        return np.array(wrong, np.int64)

    def _prove(self, blocks: NDArray[np.int64]) -> None:
        wrong: int | None = None
        if len(blocks) < _SHARED:
            wrong = self._prove_some(blocks)
        else:  # zlib.crc32 lets go of the interpreter's lock
            pool, threads = _pool()
            wrongs = pool.map(self._prove_some, np.array_split(blocks, threads))
            wrong = min((found for found in wrongs if found is not None), default=None)
        if wrong is not None:
            start = wrong * BLOCK_BYTES
            end = min(start + BLOCK_BYTES, self._end - self._start)
            raise ValueError(
                _("part {name} does not match its checksum in bytes {start:,} to {end:,}").format(
                    name=self.name, start=start, end=end
                )
            )
        self._complete = not self._unproved.any()

    def _prove_some(self, blocks: NDArray[np.int64]) -> int | None:
        """The first of these blocks that does not match, or None."""
        for block in blocks.tolist():
            if not self._matches(block):
                return int(block)
            self._unproved[block] = False
        return None

    def _matches(self, block: int) -> bool:
        start = self._start + block * BLOCK_BYTES
        end = min(start + BLOCK_BYTES, self._end)
        with memoryview(self._mapped) as whole, whole[start:end] as content:
            return zlib.crc32(content) == int(self._sums[block])
