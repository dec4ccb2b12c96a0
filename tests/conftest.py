"""What every test gets: data folders of its own, no weights from elsewhere, and no network."""

from __future__ import annotations

import socket
import zlib
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from PIL import Image

from cbir.config import Settings, load_settings

# The same examples every time, and none timed: a failure here is a failure everywhere.
hypothesis.settings.register_profile("cbir", derandomize=True, deadline=None)
hypothesis.settings.load_profile("cbir")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--torture",
        action="store_true",
        help="run tests/torture for minutes: 500 kills, 200 races, 60 s of threads",
    )


@pytest.fixture
def torture(request: pytest.FixtureRequest) -> bool:
    """Whether to torture for minutes, not to try for seconds."""
    return bool(request.config.getoption("--torture"))


@pytest.fixture(autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CBIR_HOME", str(home / "cbir"))
    monkeypatch.setenv("TORCH_HOME", str(home / "torch"))
    monkeypatch.setenv("HF_HOME", str(home / "huggingface"))
    for name in (
        "CBIR_MODELS",
        "CBIR_PRECISION",
        "HF_HUB_CACHE",
        "HUGGINGFACE_HUB_CACHE",
        "HF_ENDPOINT",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def local_only(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test wanted the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", local_only)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a library of the test's own."""
    return load_settings(library=tmp_path / "data" / "library.npz")


def draw(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (96, 72)) -> Path:
    """A picture of one colour with a little deterministic texture, so that no two are equal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(zlib.crc32(f"{path.name}{colour}".encode()))
    pixels = np.array(colour) + noise.integers(-12, 13, (size[1], size[0], 3))
    Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(path)
    return path


COLOURS = {
    "red": (200, 40, 40),
    "green": (40, 180, 60),
    "blue": (40, 60, 200),
    "yellow": (220, 210, 40),
    "grey": (128, 128, 128),
    "black": (15, 15, 15),
}


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder of 12 small pictures: red_0.png, red_1.png, green_0.png, ..."""
    folder = tmp_path / "pictures"
    for name, colour in COLOURS.items():
        for number in range(2):
            draw(folder / f"{name}_{number}.png", colour)
    return folder
