"""The encoders that are loaded, one a space: opened once, used by every job."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from cbir.encoders import registry
from cbir.encoders.base import Encoder, TextEncoder
from cbir.encoders.weights import WEIGHTS
from cbir.errors import InvalidQuery, SpaceUnavailable
from cbir.language import _
from cbir.records import DIMENSION, SPACE_TITLES, SPACES, Float32Array
from cbir.work.batch_size import BatchSize
from cbir.work.messages import Notice
from cbir.work.worker import JobRun

WINDOW_CALL_SECONDS = 0.070
"""What one Call may take on average while a window must stay alive."""

TERMINAL_CALL_SECONDS = 1.0


class Models:
    """Opens encoders on first use. Torch is imported on the worker, models load and infer on main.

    The main thread alone changes the table of torch encoders, so no two jobs load one twice. A Call
    runs as many pictures through a model as take about ``call_seconds``, by measurement;
    ``precision`` is what ``Encoder.choose_precision`` is asked for, ``threads`` as ``open_encoder``
    takes it.
    """

    def __init__(
        self,
        folder: Path | None,
        device: str,
        precision: str = "auto",
        call_seconds: float = TERMINAL_CALL_SECONDS,
        threads: int = 0,
    ) -> None:
        self.folder = folder
        self._device = device
        self._precision = precision
        self._call_seconds = call_seconds
        self._threads = threads
        self._open: dict[str, Encoder] = {}
        self._sizes: dict[str, BatchSize] = {}
        self._told: set[str] = set()

    def available(self) -> tuple[str, ...]:
        """The spaces whose weights are on this computer, or loaded; ``classic`` always is."""
        there = registry.available_spaces(self.folder)
        return tuple(space for space in SPACES if space in there or space in self._open)

    def require(self, space: str) -> None:
        """Raise SpaceUnavailable, with what to do, where the weights of ``space`` are missing."""
        if space in self._open:
            return
        found = registry.availability(space, self.folder)
        if not found.available:
            raise SpaceUnavailable(space, found.reason)

    def loaded(self, space: str) -> Encoder:
        """The encoder of ``space`` where ``get`` has loaded it; raises KeyError."""
        return self._open[space]

    def get(self, run: JobRun, space: str) -> Encoder:
        """The encoder of ``space``; called on a worker. That it is loaded first is told.

        Raises SpaceUnavailable where its weights are missing, WeightsDamaged where they are wrong.
        """
        if space in self._open or space not in WEIGHTS:
            return self._get(run, space)
        run.progress(0, None, _("loading {space}").format(space=SPACE_TITLES[space]))
        encoder = self._get(run, space)
        run.progress(0, None)
        return encoder

    def _get(self, run: JobRun, space: str) -> Encoder:
        encoder = self._open.get(space)
        if encoder is None:
            self.require(space)
            registry.preload(space, self.folder)
            encoder = run.call(partial(self._load, space))
        return encoder

    def get_for_many(self, run: JobRun, space: str) -> Encoder:
        """``get``, and what pays off for many pictures: the choice of a precision, step by step."""
        encoder = self._get(run, space)
        steps = encoder.choose_precision(self._precision)
        if encoder.on_main_thread:
            while run.call(partial(_has_next, steps)):
                pass
        return encoder

    def encode(
        self, run: JobRun, encoder: Encoder, batch: Sequence[NDArray[np.generic]]
    ) -> Float32Array:
        """Vectors (n, 512) of prepared pictures, computed on the thread that the encoder needs."""
        if not encoder.on_main_thread:
            return encoder.encode_prepared(batch)
        size = self._sizes.setdefault(encoder.name, BatchSize(self._call_seconds, 1))
        vectors = np.empty((len(batch), DIMENSION), np.float32)
        done = 0
        while done < len(batch):
            size.most = encoder.largest_batch
            part = batch[done : done + min(size.size, size.most)]
            vectors[done : done + len(part)], seconds = run.call(partial(_timed, encoder, part))
            size.took(len(part), seconds)
            done += len(part)
        self._tell(run, encoder)
        return vectors

    def _tell(self, run: JobRun, encoder: Encoder) -> None:
        """Post an encoder's notice, once."""
        if encoder.notice and encoder.notice not in self._told:
            self._told.add(encoder.notice)
            run.post(Notice(encoder.notice))

    def encode_text(self, run: JobRun, space: str, text: str) -> tuple[Encoder, Float32Array]:
        """The encoder of ``space`` and the vector (512,) of ``text``."""
        encoder = self.get(run, space)
        if not isinstance(encoder, TextEncoder) or not encoder.supports_text:
            raise InvalidQuery(
                _("The {space} space holds no words: search by text in clip.").format(space=space)
            )
        return encoder, run.call(partial(encoder.encode_texts, [text]))[0]

    def loaded_text(self, space: str) -> TextEncoder:
        """``loaded``, for a space whose encoder has made vectors of words."""
        encoder = self.loaded(space)
        assert isinstance(encoder, TextEncoder)
        return encoder

    def _load(self, space: str) -> Encoder:
        encoder = self._open.get(space)
        if encoder is None:
            encoder = registry.open_encoder(space, self.folder, self._device, self._threads)
            self._open[space] = encoder
        return encoder


def _has_next(steps: Iterator[None]) -> bool:
    """Make the next step; whether there was one."""
    return next(steps, True) is None


def _timed(encoder: Encoder, batch: Sequence[NDArray[np.generic]]) -> tuple[Float32Array, float]:
    start = time.perf_counter()
    return encoder.encode_prepared(batch), time.perf_counter() - start
