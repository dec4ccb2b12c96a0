from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.models import ResNet18_Weights, resnet18, resnet50

from cbir.encoders.base import Encoder, TextEncoder
from cbir.encoders.resnet import ResNet18Encoder, open_encoder
from cbir.errors import CbirError, WeightsDamaged
from tests.encoders.conftest import make_picture
from tests.standins import RESNET18_FILE


@pytest.fixture(scope="module")
def encoder(models: Path) -> ResNet18Encoder:
    return open_encoder(models / RESNET18_FILE, "cpu")


@pytest.fixture(scope="module")
def reference(models: Path) -> torch.nn.Module:
    """torchvision's own network, stopped before the classifier by its own means."""
    model = resnet18(weights=None)
    model.load_state_dict(torch.load(models / RESNET18_FILE, weights_only=True))
    return torch.nn.Sequential(*list(model.eval().children())[:-1], torch.nn.Flatten())


def test_it_is_an_encoder_for_pictures_on_the_main_thread(encoder: ResNet18Encoder) -> None:
    assert isinstance(encoder, Encoder)
    assert not isinstance(encoder, TextEncoder)
    assert encoder.on_main_thread
    assert not encoder.supports_text
    assert (encoder.name, encoder.dimension, encoder.precision) == ("resnet18", 512, "float32")


def test_vectors_are_those_of_torchvisions_own_path(
    encoder: ResNet18Encoder, reference: torch.nn.Module, pictures: list[Image.Image]
) -> None:
    transform = ResNet18_Weights.IMAGENET1K_V1.transforms()
    vectors = encoder.encode_images(pictures)
    assert vectors.shape == (len(pictures), 512)
    assert vectors.dtype == np.float32
    with torch.inference_mode():
        expected = reference(torch.stack([transform(picture) for picture in pictures])).numpy()
    np.testing.assert_allclose(vectors, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_prepared_pixels_are_exactly_torchvisions(
    encoder: ResNet18Encoder, pictures: list[Image.Image]
) -> None:
    weights = ResNet18_Weights.IMAGENET1K_V1.transforms()
    plain = type(weights)(crop_size=224, mean=(0.0,) * 3, std=(1.0,) * 3)
    for picture in pictures:
        pixels = encoder.prepare(picture)
        assert (pixels.shape, pixels.dtype) == ((3, 224, 224), np.uint8)
        np.testing.assert_array_equal(pixels, (plain(picture) * 255).round().to(torch.uint8))


def test_a_batch_gives_what_its_pictures_give_alone(
    encoder: ResNet18Encoder, pictures: list[Image.Image]
) -> None:
    together = encoder.encode_images(pictures[:3])
    alone = np.concatenate([encoder.encode_images([picture]) for picture in pictures[:3]])
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


def test_no_pictures_give_no_rows(encoder: ResNet18Encoder) -> None:
    assert encoder.encode_prepared([]).shape == (0, 512)


def test_pictures_are_prepared_on_any_thread(encoder: ResNet18Encoder) -> None:
    picture = make_picture((300, 200), 1)
    prepared = []
    thread = threading.Thread(target=lambda: prepared.append(encoder.prepare(picture)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(prepared[0], encoder.prepare(picture))


@pytest.mark.parametrize("mode", ["L", "RGBA", "P"])
def test_a_picture_of_another_mode_is_taken_as_rgb(encoder: ResNet18Encoder, mode: str) -> None:
    picture = make_picture((90, 70), 3).convert(mode)
    np.testing.assert_array_equal(encoder.prepare(picture), encoder.prepare(picture.convert("RGB")))


def test_the_fingerprint_follows_the_weights(
    encoder: ResNet18Encoder, models: Path, tmp_path: Path
) -> None:
    assert open_encoder(models / RESNET18_FILE, "cpu").fingerprint == encoder.fingerprint
    state = torch.load(models / RESNET18_FILE, weights_only=True)
    state["conv1.weight"][0, 0, 0, 0] += 1
    torch.save(state, tmp_path / RESNET18_FILE)
    other = open_encoder(tmp_path / RESNET18_FILE, "cpu").fingerprint
    assert other != encoder.fingerprint
    assert other.startswith("resnet18-")


def test_a_file_that_is_something_else_is_damaged_weights(tmp_path: Path) -> None:
    path = tmp_path / RESNET18_FILE
    path.write_bytes(b"<html>Not found</html>")
    with pytest.raises(WeightsDamaged, match="models download resnet18"):
        open_encoder(path, "cpu")


def test_another_network_is_damaged_weights(tmp_path: Path) -> None:
    path = tmp_path / RESNET18_FILE
    torch.save(resnet50(weights=None).fc.state_dict(), path)
    with pytest.raises(WeightsDamaged, match="not torchvision's ResNet18"):
        open_encoder(path, "cpu")


class _Trap:
    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.witness,))


def test_a_pickle_with_code_in_it_is_refused_and_not_run(tmp_path: Path) -> None:
    path, witness = tmp_path / RESNET18_FILE, tmp_path / "ran"
    torch.save({"conv1.weight": _Trap(witness)}, path)
    with pytest.raises(WeightsDamaged):
        open_encoder(path, "cpu")
    assert not witness.exists()


def test_vectors_that_are_not_finite_are_refused(models: Path, tmp_path: Path) -> None:
    state = torch.load(models / RESNET18_FILE, weights_only=True)
    state["conv1.weight"][:] = float("nan")
    torch.save(state, tmp_path / RESNET18_FILE)
    broken = open_encoder(tmp_path / RESNET18_FILE, "cpu")
    with pytest.raises(WeightsDamaged, match="not finite"):
        broken.encode_images([make_picture((64, 64), 1)])


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_said(
    models: Path, device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(CbirError, match=f"no {device} device.*--device auto"):
        open_encoder(models / RESNET18_FILE, device)
