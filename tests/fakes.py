"""Stand-ins for what is slow: an encoder made from mean colour, with predictable rankings."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.records import DIMENSION, Float32Array

WORDS = {"red": (200, 40, 40), "green": (40, 180, 60), "blue": (40, 60, 200)}


class ColourEncoder:
    """Mean colour in the first three numbers; knows the words red, green and blue.

    ``threads`` records which threads ran the model, ``batches`` how many pictures each Call had;
    ``seconds`` is what each picture takes.
    """

    dimension = DIMENSION
    precision = "float32"
    supports_text = True
    wants_all_cores = True
    largest_batch = 16
    notice = ""

    def __init__(
        self, name: str = "clip", fingerprint: str = "colour-1", *, on_main_thread: bool = True
    ) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.on_main_thread = on_main_thread
        self.threads: set[threading.Thread] = set()
        self.batches: list[int] = []
        self.seconds = 0.0

    def choose_precision(self, asked: str) -> Iterator[None]:
        return iter(())

    def prepare(self, image: Image.Image) -> NDArray[np.generic]:
        return np.asarray(image.resize((1, 1), Image.Resampling.BOX))[0, 0]

    def encode_prepared(self, batch: Sequence[NDArray[Any]]) -> Float32Array:
        self.threads.add(threading.current_thread())
        self.batches.append(len(batch))
        time.sleep(self.seconds * len(batch))
        vectors = np.zeros((len(batch), DIMENSION), np.float32)
        for row, colour in enumerate(batch):
            vectors[row, :3] = colour
            vectors[row, 3] = 20.0
        return vectors

    def encode_images(self, images: Sequence[Image.Image]) -> Float32Array:
        return self.encode_prepared([self.prepare(image) for image in images])

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        return self.encode_prepared([np.array(WORDS.get(text, (1, 1, 1))) for text in texts])
