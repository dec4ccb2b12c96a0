from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from cbir.encoders.torch_encoder import TorchEncoder, choose_device, fingerprint
from tests.encoders.conftest import make_picture


class _Clock:
    """Seconds that pass where a test says so: how busy the machine is decides nothing."""

    now = 0.0

    def perf_counter(self) -> float:
        return self.now


_CLOCK = _Clock()


@pytest.fixture(autouse=True)
def _time_passes_in_networks_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cbir.encoders.precision.time", _CLOCK)


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_cuda_then_mps_then_cpu(
    cuda: bool, mps: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto").type == chosen
    assert choose_device("cpu").type == "cpu"


def test_a_fingerprint_names_the_space_and_follows_each_part() -> None:
    marks = {
        fingerprint("clip", "a", "b"),
        fingerprint("clip", "a", "c"),
        fingerprint("clip", "c", "b"),
        fingerprint("resnet18", "a", "b"),
    }
    assert len(marks) == 4
    assert fingerprint("clip", "a", "b") == fingerprint("clip", "a", "b")
    assert fingerprint("clip", "a", "b").startswith("clip-")


class _Linear(TorchEncoder):
    """Mean colour through a small layer: an encoder whose network does what a test asks of it."""

    name = "small"

    def __init__(self, quick: torch.nn.Module, network: torch.nn.Module | None = None) -> None:
        super().__init__(network or _Network(), torch.device("cpu"), "small-1", (0.0,) * 3, _ONES)
        self.quick = quick

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        return np.asarray(image.convert("RGB").resize((224, 224))).transpose(2, 0, 1)

    def _reduced(self, dtype: torch.dtype) -> torch.nn.Module:
        return self.quick


class _Network(torch.nn.Module):
    """(n, 512) from the mean colour; ``error`` is added to every number, ``seconds`` it takes."""

    def __init__(self, error: float = 0.0, seconds: float = 0.0) -> None:
        super().__init__()
        self.error, self.seconds = error, seconds
        self.batches: list[int] = []

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        self.batches.append(len(pixels))
        _CLOCK.now += self.seconds
        grid = torch.linspace(-1, 1, 512)
        colours = pixels.to(torch.float32).mean(dim=(2, 3))
        noise = self.error * torch.tensor([1.0, -1.0]).repeat(256)
        return colours[:, :1] + colours[:, 1:2] * grid + colours[:, 2:] * grid**2 + noise


_ONES = (1.0, 1.0, 1.0)


def _choose(encoder: TorchEncoder, asked: str = "auto") -> int:
    return sum(1 for _ in encoder.choose_precision(asked))


def test_a_reduced_precision_that_is_true_and_quicker_is_taken_in_short_steps() -> None:
    encoder = _Linear(quick := _Network(), _Network(seconds=0.01))
    assert _choose(encoder) > 5
    assert encoder.precision == "bfloat16"
    quick.batches.clear()
    vectors = encoder.encode_images([make_picture((300, 200), seed) for seed in range(3)])
    assert quick.batches == [3] and vectors.dtype == np.float32
    assert _choose(encoder) == 0  # once is enough


@pytest.mark.parametrize(
    ("quick", "asked", "precision"),
    [
        (_Network(seconds=0.02), "auto", "float32"),  # true, and slower
        (_Network(seconds=0.02), "bfloat16", "bfloat16"),  # wanted all the same
        (_Network(error=0.05), "auto", "float32"),  # quicker, and untrue
        (_Network(error=0.05), "bfloat16", "float32"),
        (_Network(), "float32", "float32"),  # turned off
    ],
)
def test_a_reduced_precision_that_is_untrue_slower_or_unwanted_is_not_taken(
    quick: _Network, asked: str, precision: str
) -> None:
    encoder = _Linear(quick, _Network(seconds=0.01))
    _choose(encoder, asked)
    assert encoder.precision == precision


def test_a_device_without_the_precision_stays_in_float32() -> None:
    class Refuses(torch.nn.Module):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("not implemented for 'BFloat16'")

    encoder = _Linear(Refuses())
    _choose(encoder)
    assert encoder.precision == "float32"
    assert encoder.encode_images([make_picture((30, 20), 1)]).shape == (1, 512)


class _Gpu(_Linear):
    """Pretends to be on a GPU that fails as real ones do: all it does happens on the CPU."""

    def __init__(self, holds: int, refuses: bool = False) -> None:
        super().__init__(_Network())
        self.holds, self.refuses = holds, refuses
        self._device = torch.device("mps")
        self.largest_batch = 64
        self.sizes: list[int] = []

    def _compute(
        self, network: torch.nn.Module, dtype: torch.dtype, batch: Sequence[NDArray[np.generic]]
    ) -> NDArray[np.float32]:
        if self._device.type == "cpu":
            return super()._compute(network, dtype, batch)
        self.sizes.append(len(batch))
        if self.refuses:
            raise NotImplementedError("The operator 'aten::x' is not implemented for MPS.\nMore.")
        if len(batch) > self.holds:
            raise RuntimeError("MPS backend out of memory (allocated: 1 GB)")
        self._device, device = torch.device("cpu"), self._device
        vectors = super()._compute(network, dtype, batch)
        self._device = device
        return vectors


def test_a_gpu_out_of_memory_goes_on_in_smaller_batches() -> None:
    encoder, plain = _Gpu(holds=3), _Linear(_Network())
    pictures = [make_picture((40, 30), seed) for seed in range(10)]
    np.testing.assert_array_equal(encoder.encode_images(pictures), plain.encode_images(pictures))
    assert encoder.largest_batch <= 3
    assert not encoder.notice


@pytest.mark.parametrize(
    ("gpu", "reason"), [(_Gpu(0), "out of memory"), (_Gpu(9, True), "aten::x")]
)
def test_what_a_gpu_cannot_do_the_cpu_does_and_that_is_said(gpu: _Gpu, reason: str) -> None:
    pictures = [make_picture((40, 30), seed) for seed in range(2)]
    plain = _Linear(_Network())
    np.testing.assert_array_equal(gpu.encode_images(pictures), plain.encode_images(pictures))
    assert reason in gpu.notice and "the CPU" in gpu.notice and "\n" not in gpu.notice
    assert gpu.largest_batch == 16
    tried = len(gpu.sizes)
    gpu.encode_images(pictures)
    assert len(gpu.sizes) == tried  # it stays there
