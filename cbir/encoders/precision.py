"""Which precision many pictures are computed in: a reduced one where it is true and really quicker.

A trial decides, on this computer: a few made-up pictures go through the network in float32 and in
the reduced precision of the device, one after the other.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from cbir.records import Float32Array

LEAST_COSINE = 0.9998
"""How near the vector in reduced precision must be to that in float32, for every picture."""

_LEAST_GAIN = 1.1  # times as quick, or it is not worth it
_SIDE = 224
_PICTURES = 4

# bfloat16 is what CPUs have units for; GPUs have them for float16 too, whose mantissa is longer
_REDUCED = {"cpu": torch.bfloat16, "cuda": torch.float16, "mps": torch.float16}
_NAMED = {"bfloat16": torch.bfloat16}


def reduced_dtype(device: torch.device, asked: str) -> torch.dtype | None:
    """The precision to try on ``device``; None where ``asked`` is ``float32``.

    ``auto`` tries the one that the device is quick in, ``bfloat16`` that one.
    """
    return _REDUCED[device.type] if asked == "auto" else _NAMED.get(asked)


def precision_name(dtype: torch.dtype) -> str:
    """As it is recorded beside vectors: ``bfloat16``."""
    return str(dtype).removeprefix("torch.")


def trial_pictures() -> list[NDArray[np.uint8]]:
    """Four pictures, uint8 (3, 224, 224), the same on every computer.

    Noise whose amplitude falls with its frequency, as in photographs (Field, "Relations between
    the statistics of natural images", JOSA A 1987), each channel with its own.
    """
    random = np.random.default_rng(1987)
    rows, columns = np.fft.fftfreq(_SIDE)[:, None], np.fft.rfftfreq(_SIDE)
    amplitude = 1 / np.maximum(np.hypot(rows, columns), 1 / _SIDE)
    noise = random.standard_normal((_PICTURES, 3, _SIDE, _SIDE))
    waves = np.fft.irfft2(np.fft.rfft2(noise) * amplitude, s=(_SIDE, _SIDE))
    waves /= waves.std(axis=(1, 2, 3), keepdims=True)
    return list((127 + 60 * waves).clip(0, 255).astype(np.uint8))


@dataclass(slots=True)
class Trial:
    """The vectors and seconds of one network, picture by picture; the first one warms it up."""

    vectors: list[Float32Array] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def run(self, encode: Callable[[], Float32Array]) -> None:
        """Encode one picture and note what came of it."""
        start = time.perf_counter()
        self.vectors.append(encode().ravel())
        self.seconds.append(time.perf_counter() - start)

    def least_cosine(self, other: Trial) -> float:
        """How near the vectors of both are, for the picture on which they differ most.

        NaN where a vector is not finite, which is near nothing.
        """
        ours, theirs = np.stack(self.vectors), np.stack(other.vectors)
        lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
        return float(((ours * theirs).sum(axis=1) / lengths).min())

    def is_quicker(self, other: Trial) -> bool:
        """Whether this network is worth having beside the ``other``, each at its best."""
        return min(self.seconds[1:]) * _LEAST_GAIN <= min(other.seconds[1:])
