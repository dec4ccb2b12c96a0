"""The encoders that are loaded, one a space: opened once, used by every job."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cbir.encoders import registry
from cbir.encoders.base import Encoder, TextEncoder
from cbir.errors import InvalidQuery, SpaceUnavailable
from cbir.records import Float32Array
from cbir.work.worker import JobRun


class Models:
    """Opens encoders on first use. Torch is imported on the worker, models load and infer on main.

    The main thread alone changes the table of torch encoders, so no two jobs load one twice.
    """

    def __init__(self, folder: Path | None, device: str) -> None:
        self.folder = folder
        self._device = device
        self._open: dict[str, Encoder] = {}

    def available(self) -> tuple[str, ...]:
        """The spaces whose weights are on this computer; ``classic`` always is."""
        return registry.available_spaces(self.folder)

    def require(self, space: str) -> None:
        """Raise SpaceUnavailable, with what to do, where the weights of ``space`` are missing."""
        found = registry.availability(space, self.folder)
        if not found.available:
            raise SpaceUnavailable(space, found.reason)

    def get(self, run: JobRun, space: str) -> Encoder:
        """The encoder of ``space``; called on a worker.

        Raises SpaceUnavailable where its weights are missing, WeightsDamaged where they are wrong.
        """
        encoder = self._open.get(space)
        if encoder is None:
            self.require(space)
            registry.preload(space, self.folder)
            encoder = run.call(partial(self._load, space))
        return encoder

    def encode(
        self, run: JobRun, encoder: Encoder, batch: Sequence[NDArray[np.generic]]
    ) -> Float32Array:
        """Vectors (n, 512) of prepared pictures, computed on the thread that the encoder needs."""
        if encoder.on_main_thread:
            return run.call(partial(encoder.encode_prepared, batch))
        return encoder.encode_prepared(batch)

    def encode_text(self, run: JobRun, space: str, text: str) -> tuple[Encoder, Float32Array]:
        """The encoder of ``space`` and the vector (512,) of ``text``."""
        encoder = self.get(run, space)
        if not isinstance(encoder, TextEncoder) or not encoder.supports_text:
            raise InvalidQuery(f"The {space} space holds no words: search by text in clip.")
        return encoder, run.call(partial(encoder.encode_texts, [text]))[0]

    def _load(self, space: str) -> Encoder:
        encoder = self._open.get(space)
        if encoder is None:
            encoder = registry.open_encoder(space, self.folder, self._device)
            self._open[space] = encoder
        return encoder
