"""What the two torch encoders have in common: the device, batches, checks of what comes out."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from cbir.errors import CbirError, WeightsDamaged
from cbir.records import DIMENSION, Float32Array


def choose_device(asked: str) -> torch.device:
    """The torch device for ``auto`` (cuda, then mps, then cpu), ``cpu``, ``cuda`` or ``mps``.

    Raises CbirError where the device that was asked for is not there.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if asked == "auto":
        return torch.device(next(name for name, present in there.items() if present))
    if not there[asked]:
        raise CbirError(f"This computer has no {asked} device for torch: use --device auto or cpu.")
    return torch.device(asked)


def fingerprint(space: str, *parts: str) -> str:
    """``space-`` and 16 hexadecimal digits of all that decides what the vectors are."""
    return f"{space}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:16]}"


class TorchEncoder(ABC):
    """An encoder whose prepared pictures are uint8 (3, 224, 224) and whose model is torch's.

    Pixels travel as bytes and are normalised on the device: a quarter of the memory in flight.
    """

    name: str
    supports_text = False
    dimension = DIMENSION
    precision = "float32"
    on_main_thread = True

    def __init__(
        self,
        device: torch.device,
        fingerprint: str,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        self.fingerprint = fingerprint
        self._device = device
        self._mean = torch.tensor(mean, device=device).view(3, 1, 1)
        self._std = torch.tensor(std, device=device).view(3, 1, 1)

    @abstractmethod
    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """The part of one RGB picture that the model looks at: uint8 (3, 224, 224)."""

    @abstractmethod
    def _image_vectors(self, pixels: torch.Tensor) -> torch.Tensor:
        """(n, 512) for normalised float32 pixels (n, 3, 224, 224) on the device."""

    def encode_prepared(self, batch: Sequence[NDArray[np.generic]]) -> Float32Array:
        """Vectors (n, 512) float32 for pictures from ``prepare``, in one pass through the model.

        Raises WeightsDamaged where the model gives numbers that are not finite.
        """
        if not batch:
            return np.empty((0, DIMENSION), np.float32)
        pixels = torch.from_numpy(np.stack(batch)).to(self._device, torch.float32)
        with torch.inference_mode():
            vectors = self._image_vectors((pixels / 255 - self._mean) / self._std)
        return self._checked(vectors)

    def encode_images(self, images: Sequence[Image.Image]) -> Float32Array:
        """Vectors (n, 512) float32 for RGB pictures of any size."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def _checked(self, vectors: torch.Tensor) -> Float32Array:
        result: Float32Array = vectors.to("cpu", torch.float32).numpy()
        if not np.isfinite(result).all():
            raise WeightsDamaged(
                f"The {self.name} weights give vectors that are not finite: "
                f"get them again with `cbir models download {self.name}`."
            )
        return result
