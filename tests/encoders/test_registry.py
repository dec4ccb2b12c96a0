from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cbir.encoders
from cbir.encoders import availability, available_spaces, integrity, open_encoder, preload
from cbir.errors import CbirError, SpaceUnavailable, WeightsDamaged
from cbir.records import SPACES
from tests.standins import CLIP_FOLDER, RESNET18_FILE

HEAVY = "{'torch', 'torchvision', 'transformers'}"


def _run(code: str) -> str:
    """The output of a fresh interpreter, in which nothing is imported yet."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_looking_and_classic_import_no_torch(models: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from cbir import encoders\n"
        f"models = pathlib.Path({os.fspath(models)!r})\n"
        "print(*encoders.available_spaces(models))\n"
        "encoders.preload('classic')\n"
        "encoders.open_encoder('classic')\n"
        f"print(*{HEAVY}.intersection(sys.modules))\n"
    )
    assert _run(code) == "classic resnet18 clip"


def test_everything_is_exported() -> None:
    for name in cbir.encoders.__all__:
        assert hasattr(cbir.encoders, name)


def test_classic_is_always_there(tmp_path: Path) -> None:
    assert available_spaces(tmp_path) == ("classic",)
    assert available_spaces(None) == ("classic",)
    assert availability("classic", None).available
    assert open_encoder("classic").name == "classic"


def test_what_is_there_is_available(models: Path) -> None:
    assert available_spaces(models) == SPACES
    assert availability("clip", models).reason == ""


@pytest.mark.parametrize("space", SPACES)
def test_each_space_opens_after_its_preload(space: str, models: Path) -> None:
    preload(space, models)
    encoder = open_encoder(space, os.fspath(models), "cpu")
    assert encoder.name == space
    assert encoder.fingerprint.startswith(space)


@pytest.mark.parametrize("space", ["resnet18", "clip"])
def test_missing_weights_are_explained(space: str, tmp_path: Path) -> None:
    found = availability(space, tmp_path)
    assert not found.available
    assert f"cbir models download {space}" in found.reason
    with pytest.raises(SpaceUnavailable) as caught:
        open_encoder(space, tmp_path)
    assert caught.value.space == space
    assert str(caught.value) == found.reason
    preload(space, tmp_path)


@pytest.mark.parametrize(
    ("space", "file"), [("resnet18", RESNET18_FILE), ("clip", f"{CLIP_FOLDER}/model.safetensors")]
)
def test_damaged_weights_are_explained(space: str, file: str, models: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(models, tmp_path / "models"))
    os.truncate(copy / file, 5000)
    found = availability(space, copy)
    assert not found.available
    assert "Damaged" in found.reason
    assert space not in available_spaces(copy)
    with pytest.raises(WeightsDamaged, match=f"models download {space}"):
        open_encoder(space, copy)


def test_preload_hashes_so_that_opening_need_not(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "_digests", {})
    preload("resnet18", models)
    (key,) = integrity._digests
    assert key[0] == os.fspath(models / RESNET18_FILE)


def test_an_unknown_space_or_device_is_refused(models: Path) -> None:
    for ask in (open_encoder, preload, lambda name: availability(name, models)):
        with pytest.raises(
            CbirError, match="no space 'vgg': choose one of classic, resnet18, clip"
        ):
            ask("vgg")
    for space in SPACES:
        with pytest.raises(CbirError, match="no device 'tpu': choose one of auto, cpu, cuda, mps"):
            open_encoder(space, models, "tpu")


def test_so_many_threads_compute_as_are_asked_for(models: Path) -> None:
    import torch

    before = torch.get_num_threads()
    try:
        open_encoder("resnet18", models, "cpu", 1)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
