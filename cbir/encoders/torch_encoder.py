"""What the two torch encoders have in common: device, precision, batches, checks of the outcome."""

from __future__ import annotations

import hashlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from cbir.encoders.precision import (
    LEAST_COSINE,
    Trial,
    precision_name,
    reduced_dtype,
    trial_pictures,
)
from cbir.errors import CbirError, WeightsDamaged
from cbir.language import _
from cbir.records import DIMENSION, Float32Array

_LARGEST_BATCH = {"cpu": 16, "mps": 64, "cuda": 128}
_CPU = torch.device("cpu")
_log = logging.getLogger(__name__)


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
        raise CbirError(
            _("This computer has no {asked} device for torch: use --device auto or cpu.").format(
                asked=asked
            )
        )
    return torch.device(asked)


def fingerprint(space: str, *parts: str) -> str:
    """``space-`` and 16 hexadecimal digits of all that decides what the vectors are."""
    return f"{space}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:16]}"


class TorchEncoder(ABC):
    """An encoder whose prepared pictures are uint8 (3, 224, 224) and whose model is torch's.

    ``network`` maps normalised pixels (n, 3, 224, 224) to vectors (n, 512), in float32 until
    ``choose_precision``. Pixels travel as bytes and are normalised on the device: a quarter of the
    memory in flight. Where a GPU runs out of memory or refuses an operation, the encoder goes on
    with smaller batches, then on the CPU, and ``notice`` says so.
    """

    name: str
    supports_text = False
    dimension = DIMENSION
    on_main_thread = True

    def __init__(
        self,
        network: torch.nn.Module,
        device: torch.device,
        fingerprint: str,
        mean: tuple[float, float, float],
        std: tuple[float, float, float],
    ) -> None:
        self.fingerprint = fingerprint
        self.notice = ""
        self.largest_batch = _LARGEST_BATCH[device.type]
        self._network = network
        self._dtype = torch.float32
        self._precision = precision_name(self._dtype)
        self._device = device
        self._mean = torch.tensor(mean, device=device).view(3, 1, 1)
        self._std = torch.tensor(std, device=device).view(3, 1, 1)
        self._tried = False

    @property
    def precision(self) -> str:
        """What vectors of pictures are computed in, such as ``float32``."""
        return self._precision

    @property
    def wants_all_cores(self) -> bool:
        """Whether the model runs on the CPU."""
        return self._device.type == "cpu"

    @abstractmethod
    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """The part of one RGB picture that the model looks at: uint8 (3, 224, 224)."""

    @abstractmethod
    def _reduced(self, dtype: torch.dtype) -> torch.nn.Module:
        """The network, made to be quick in ``dtype``; the one in float32 stays as it is."""

    def _adopt(self, network: torch.nn.Module, dtype: torch.dtype) -> None:
        """Compute pictures with ``network`` from now on."""
        self._network, self._dtype = network, dtype
        self._precision = precision_name(dtype)

    def choose_precision(self, asked: str) -> Iterator[None]:
        """Try the reduced precision of the device, and keep it where it is true and quicker.

        ``asked``: ``auto``, ``float32`` (which tries nothing) or ``bfloat16`` (which need not be
        quicker). Each step is one short call for the thread of ``encode_prepared``; done once.
        """
        dtype = reduced_dtype(self._device, asked)
        if dtype is None or self._tried:
            return
        quick, exact, trial = self._reduced(dtype), Trial(), Trial()
        yield
        pictures = trial_pictures()
        try:
            for picture in [pictures[0], *pictures]:
                exact.run(partial(self._compute, self._network, self._dtype, [picture]))
                yield
                trial.run(partial(self._compute, quick, dtype, [picture]))
                yield
        except RuntimeError as error:  # an operation that this device has not in that precision
            self._tried = True
            _log.info("%s stays in %s: %s", self.name, self.precision, error)
            return
        self._tried = True
        near = trial.least_cosine(exact)
        if near >= LEAST_COSINE and (asked != "auto" or trial.is_quicker(exact)):
            self._adopt(quick, dtype)
        _log.info("%s in %s: cosine %.6f in %s", self.name, self.precision, near, dtype)

    def encode_prepared(self, batch: Sequence[NDArray[np.generic]]) -> Float32Array:
        """Vectors (n, 512) float32 for pictures from ``prepare``, in one pass through the model.

        Raises WeightsDamaged where the model gives numbers that are not finite.
        """
        if not batch:
            return np.empty((0, DIMENSION), np.float32)
        if self._device.type == "cpu":
            return self._checked(self._compute(self._network, self._dtype, batch))
        return self._checked(self._compute_on_gpu(batch))

    def encode_images(self, images: Sequence[Image.Image]) -> Float32Array:
        """Vectors (n, 512) float32 for RGB pictures of any size."""
        return self.encode_prepared([self.prepare(image) for image in images])

    def _compute(
        self, network: torch.nn.Module, dtype: torch.dtype, batch: Sequence[NDArray[np.generic]]
    ) -> Float32Array:
        pixels = torch.from_numpy(np.stack(batch))
        if self._device.type == "cuda":
            pixels = pixels.pin_memory()
        with torch.inference_mode():
            pixels = pixels.to(self._device, non_blocking=True).to(torch.float32)
            normal = ((pixels / 255 - self._mean) / self._std).to(dtype)
            vectors: Float32Array = network(normal).to("cpu", torch.float32).numpy()
        return vectors

    def _compute_on_gpu(self, batch: Sequence[NDArray[np.generic]]) -> Float32Array:
        """``_compute``; what the GPU cannot hold goes through it in parts, else to the CPU."""
        try:
            return self._compute(self._network, self._dtype, batch)
        except RuntimeError as error:  # torch's for no memory and for no such operation
            trouble = error
        if "out of memory" in str(trouble).lower() and len(batch) > 1:
            self.largest_batch = half = (len(batch) + 1) // 2
            parts = (batch[start : start + half] for start in range(0, len(batch), half))
            return np.concatenate([self.encode_prepared(part) for part in parts])
        _log.warning("%s leaves the %s device", self.name, self._device, exc_info=trouble)
        device = self._device.type
        self._move_to_cpu()
        self.notice = _(
            "The {device} device cannot go on with {space} ({trouble}): the CPU does it "
            "from here on."
        ).format(device=device, space=self.name, trouble=_first_line(trouble))
        return self.encode_prepared(batch)

    def _move_to_cpu(self) -> None:
        self._device = _CPU
        self.largest_batch = _LARGEST_BATCH["cpu"]
        self._dtype = torch.float32  # of weights that keep the precision they were rounded to
        self._network = self._network.to(_CPU, torch.float32)
        self._mean, self._std = self._mean.to(_CPU), self._std.to(_CPU)

    def _checked(self, vectors: Float32Array) -> Float32Array:
        if not np.isfinite(vectors).all():
            raise WeightsDamaged(
                _(
                    "The {space} weights give vectors that are not finite: get them again "
                    "with `cbir models download {space}`."
                ).format(space=self.name)
            )
        return vectors


def _first_line(error: RuntimeError) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
