"""What an encoder is: pictures (and, for some, words) in, float32 vectors of 512 numbers out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.records import Float32Array


@runtime_checkable
class Encoder(Protocol):
    """Makes one space's vectors, raw (not normalised).

    The work is cut in two so that a window stays alive: ``prepare`` (resize, crop, normalise) may
    run on any thread; ``encode_prepared`` runs the model, and where ``on_main_thread`` is true
    (every torch model: macOS Metal demands it) only the main thread may call it.
    """

    @property
    def name(self) -> str:
        """The space: ``classic``, ``resnet18`` or ``clip``."""

    @property
    def dimension(self) -> int:
        """The length of a vector: 512."""

    @property
    def fingerprint(self) -> str:
        """Names weights and preprocessing; vectors of two fingerprints are never mixed."""

    @property
    def precision(self) -> str:
        """What vectors are computed in, such as ``float32``."""

    @property
    def on_main_thread(self) -> bool:
        """Whether ``encode_prepared`` and ``encode_texts`` belong on the main thread."""

    @property
    def supports_text(self) -> bool:
        """Whether this is a ``TextEncoder``."""

    @property
    def wants_all_cores(self) -> bool:
        """Whether ``encode_prepared`` uses every core, and is slow where something else does."""

    @property
    def largest_batch(self) -> int:
        """How many pictures ``encode_prepared`` is to get at most."""

    @property
    def notice(self) -> str:
        """A sentence for the user about how the work goes on, such as on the CPU; else empty."""

    def choose_precision(self, asked: str) -> Iterator[None]:
        """Get ready for many pictures: choose what they are computed in.

        ``asked`` is one of ``config.PRECISIONS``. Each step of the iterator is a short call for the
        thread of ``encode_prepared``; an encoder that has nothing to choose makes no step.
        """

    def prepare(self, image: Image.Image) -> NDArray[np.generic]:
        """The model's input for one RGB picture of any size; safe on any thread."""

    def encode_prepared(self, batch: Sequence[NDArray[np.generic]]) -> Float32Array:
        """Vectors (n, 512) float32 for prepared pictures; n may be 0."""

    def encode_images(self, images: Sequence[Image.Image]) -> Float32Array:
        """Vectors (n, 512) float32 for RGB pictures: ``prepare`` and ``encode_prepared``."""


@runtime_checkable
class TextEncoder(Encoder, Protocol):
    """An encoder whose space also holds words."""

    def encode_texts(self, texts: Sequence[str]) -> Float32Array:
        """Vectors (n, 512) float32 for texts; what is over the model's length is cut off."""
