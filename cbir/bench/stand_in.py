"""A stand-in for CLIP where its time is not what is measured: words at once, always the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.records import DIMENSION, Float32Array
from cbir.work.models import Models

FINGERPRINT = "bench"


class StandIn:
    """An encoder of words and pictures by their hash; see ``encoders.base`` for its methods."""

    name = "clip"
    dimension = DIMENSION
    fingerprint = FINGERPRINT
    precision = "float32"
    on_main_thread = False
    supports_text = True
    wants_all_cores = False
    largest_batch = 64
    notice = ""

    def choose_precision(self, asked: str) -> Iterator[None]:
        """There is nothing to choose."""
        return iter(())

    def prepare(self, image: Image.Image) -> NDArray[np.generic]:
        """A few pixels."""
        return np.asarray(image.resize((8, 8)))

    def encode_prepared(self, batch: Sequence[NDArray[np.generic]]) -> Float32Array:
        """A vector for each."""
        return _vectors([pixels.tobytes() for pixels in batch])

    def encode_images(self, images: Sequence[Image.Image]) -> Float32Array:
        """A vector for each."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        """A vector for each."""
        return _vectors([text.encode("utf-8", "replace") for text in texts])


class StandInModels(Models):
    """Has the stand-in in the place of CLIP, as if it were loaded."""

    def __init__(self, folder: Path | None, device: str) -> None:
        super().__init__(folder, device)
        self._open["clip"] = StandIn()


def _vectors(keys: Sequence[bytes]) -> Float32Array:
    """Random vectors (n, 512), the same for the same key."""
    vectors = np.empty((len(keys), DIMENSION), np.float32)
    for row, key in enumerate(keys):
        seed = int.from_bytes(hashlib.blake2b(key, digest_size=8).digest(), "little")
        vectors[row] = np.random.default_rng(seed).standard_normal(DIMENSION, np.float32)
    return vectors
