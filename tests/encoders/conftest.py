"""Stand-in weights, made once a test session, and pictures of many shapes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.standins import make_models

PICTURE_SIZES = ((640, 427), (300, 451), (224, 224), (17, 23), (1, 1), (900, 40), (225, 257))


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``--models`` folder with both stand-ins; not to be changed."""
    return make_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="session")
def pictures() -> list[Image.Image]:
    """RGB pictures with contours and colours, of ordinary and of awkward sizes."""
    return [make_picture(size, seed) for seed, size in enumerate(PICTURE_SIZES)]


def make_picture(size: tuple[int, int], seed: int) -> Image.Image:
    """Soft blobs of colour under fine noise: like a photograph, it has detail at every scale."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (5, 5, 3), np.uint8))
    pixels = np.asarray(coarse.resize(size, Image.Resampling.BICUBIC), np.int16)
    noisy = pixels + random.integers(-20, 21, pixels.shape)
    return Image.fromarray(noisy.clip(0, 255).astype(np.uint8))


@pytest.fixture(autouse=True)
def own_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees or changes this user's caches of weights."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in (
        *("TORCH_HOME", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"),
        *("HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"),
        *("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
    ):
        monkeypatch.delenv(name, raising=False)
