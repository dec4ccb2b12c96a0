"""Made-up picture files with vectors in two spaces, in batches: what a store is measured with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from cbir.records import Embeddings, Float32Array, ImageFile

SPACES = ("classic", "resnet18")
_A_FOLDER = 1000

Batch = tuple[list[ImageFile], dict[str, Embeddings]]


def batches(vectors: Float32Array, size: int, start: int = 0) -> Iterator[Batch]:
    """Made-up files, numbered from ``start`` on, with ``vectors`` (n, 512) in two spaces.

    The second space has them in the reverse order.
    """
    both = dict(zip(SPACES, (vectors, vectors[::-1]), strict=True))
    for at in range(0, len(vectors), size):
        rows = slice(at, at + size)
        embeddings = {
            space: Embeddings(np.ascontiguousarray(array[rows]), "bench")
            for space, array in both.items()
        }
        yield made_up_files(start + at, len(vectors[rows])), embeddings


def made_up_files(start: int, count: int) -> list[ImageFile]:
    """``count`` made-up picture files, numbered from ``start`` on."""
    return [_file(number) for number in range(start, start + count)]


def _file(number: int) -> ImageFile:
    """A made-up picture file; its digest is as random as a true one."""
    digest = hashlib.blake2b(number.to_bytes(8, "little"), digest_size=16).hexdigest()
    path = f"/pictures/{number // _A_FOLDER:05}/IMG_{number:08}.jpg"
    size, mtime_ns = 2_000_000 + number, 1_700_000_000_000_000_000 + number
    return ImageFile(path, size, mtime_ns, digest, 4000, 3000)
