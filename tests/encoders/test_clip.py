from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file
from transformers import CLIPModel, CLIPProcessor
from transformers.utils import logging as transformers_logging

from cbir.encoders.base import Encoder, TextEncoder
from cbir.encoders.clip import ClipEncoder, open_encoder
from cbir.errors import WeightsDamaged
from tests.encoders.conftest import make_picture
from tests.standins import CLIP_FOLDER, make_clip

TEXTS = ("a red car", "a blue sea flower", "", "ÄÖ 東京 🚗", "a  red\n\tCAR", "x" * 40)
TOKENIZER_FILES = {
    "tokenizer.json",
    "vocab.json",
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
}


@pytest.fixture(scope="module")
def folder(models: Path) -> Path:
    return models / CLIP_FOLDER


@pytest.fixture(scope="module")
def encoder(folder: Path) -> ClipEncoder:
    return open_encoder(folder, "cpu")


@pytest.fixture(scope="module")
def processor(folder: Path) -> Any:
    return CLIPProcessor.from_pretrained(folder, local_files_only=True)


@pytest.fixture(scope="module")
def reference(folder: Path) -> Any:
    return CLIPModel.from_pretrained(folder, local_files_only=True).eval()


@pytest.fixture
def copy(folder: Path, tmp_path: Path) -> Path:
    """A snapshot folder that a test may spoil."""
    return Path(shutil.copytree(folder, tmp_path / CLIP_FOLDER))


def _assert_near(vectors: np.ndarray, expected: torch.Tensor) -> None:
    wanted = expected.numpy()
    assert vectors.shape == wanted.shape
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, wanted, rtol=0, atol=1e-4 * np.abs(wanted).max())


def test_it_is_an_encoder_for_pictures_and_words_on_the_main_thread(encoder: ClipEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert isinstance(encoder, TextEncoder)
    assert encoder.on_main_thread
    assert encoder.supports_text
    assert (encoder.name, encoder.dimension, encoder.precision) == ("clip", 512, "float32")


def test_picture_vectors_are_those_of_transformers_own_path(
    encoder: ClipEncoder, processor: Any, reference: Any, pictures: list[Image.Image]
) -> None:
    inputs = processor(images=pictures, return_tensors="pt")
    with torch.inference_mode():
        expected = reference.get_image_features(**inputs).pooler_output
    _assert_near(encoder.encode_images(pictures), expected)


def test_prepared_pixels_are_exactly_transformers(
    encoder: ClipEncoder, processor: Any, pictures: list[Image.Image]
) -> None:
    for picture in pictures:
        pixels = encoder.prepare(picture)
        assert (pixels.shape, pixels.dtype) == ((3, 224, 224), np.uint8)
        plain = processor.image_processor(picture, do_normalize=False, return_tensors="pt")
        expected = (plain["pixel_values"][0] * 255).round().to(torch.uint8)
        np.testing.assert_array_equal(pixels, expected)


def test_text_vectors_are_those_of_transformers_own_path(
    encoder: ClipEncoder, processor: Any, reference: Any
) -> None:
    inputs = processor.tokenizer(list(TEXTS), padding=True, return_tensors="pt")
    with torch.inference_mode():
        expected = reference.get_text_features(**inputs).pooler_output
    _assert_near(encoder.encode_texts(TEXTS), expected)


def test_texts_together_give_what_they_give_alone(encoder: ClipEncoder) -> None:
    alone = np.concatenate([encoder.encode_texts([text]) for text in TEXTS])
    np.testing.assert_allclose(encoder.encode_texts(TEXTS), alone, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    "kept",
    [
        TOKENIZER_FILES,
        {"tokenizer.json"},
        {"vocab.json", "merges.txt"},
        {"tokenizer.json", "tokenizer_config.json"},
    ],
    ids=len,
)
def test_any_tokenizer_files_do_and_long_text_is_cut(
    copy: Path, kept: set[str], encoder: ClipEncoder
) -> None:
    for name in TOKENIZER_FILES - kept:
        (copy / name).unlink()
    other = open_encoder(copy, "cpu")
    texts = ["a red car", "a flower " * 500, "sea " * 75, "sea " * 76, "sea " * 75 + "blue"]
    vectors = other.encode_texts(texts)
    np.testing.assert_allclose(vectors, encoder.encode_texts(texts), rtol=1e-5, atol=1e-5)
    assert np.isfinite(vectors).all()
    # 75 words and the two marks are 77 tokens: what comes after them is not seen
    np.testing.assert_allclose(vectors[2], vectors[3], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(vectors[2], vectors[4], rtol=1e-5, atol=1e-5)
    assert other.fingerprint == encoder.fingerprint


def test_text_with_bytes_that_are_not_utf8_is_taken(encoder: ClipEncoder) -> None:
    assert np.isfinite(encoder.encode_texts(["a \udcff car", "\ud800"])).all()


def test_nothing_gives_no_rows(encoder: ClipEncoder) -> None:
    assert encoder.encode_texts([]).shape == (0, 512)
    assert encoder.encode_images([]).shape == (0, 512)


def test_a_picture_of_another_mode_is_taken_as_rgb(encoder: ClipEncoder) -> None:
    picture = make_picture((90, 70), 3).convert("L")
    np.testing.assert_array_equal(encoder.prepare(picture), encoder.prepare(picture.convert("RGB")))


def test_opening_is_quiet_and_leaves_transformers_settings(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    before = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    open_encoder(folder, "cpu")
    after = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    assert after == before
    assert capfd.readouterr() == ("", "")


def _change_config(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    config = json.loads((folder / "config.json").read_text())
    change(config)
    (folder / "config.json").write_text(json.dumps(config))


def _change_weights(folder: Path, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    path = folder / "model.safetensors"
    weights = dict(load_file(path))
    change(weights)
    save_file(weights, path, metadata={"format": "pt"})


def test_the_fingerprint_follows_weights_and_architecture(copy: Path, encoder: ClipEncoder) -> None:
    _change_config(copy, lambda config: config["text_config"].update(hidden_act="gelu"))
    other = open_encoder(copy, "cpu").fingerprint
    _change_weights(copy, lambda weights: weights["logit_scale"].add_(1))
    third = open_encoder(copy, "cpu").fingerprint
    assert len({encoder.fingerprint, other, third}) == 3


def test_position_numbers_of_older_files_are_no_weights(copy: Path, encoder: ClipEncoder) -> None:
    _change_weights(
        copy,
        lambda weights: weights.update(
            {"text_model.embeddings.position_ids": torch.arange(77).reshape(1, 77)}
        ),
    )
    vectors = open_encoder(copy, "cpu").encode_texts(["a red car"])
    np.testing.assert_array_equal(vectors, encoder.encode_texts(["a red car"]))


def test_half_precision_files_are_computed_in_float32(copy: Path, encoder: ClipEncoder) -> None:
    _change_weights(copy, lambda weights: weights.update({k: v.half() for k, v in weights.items()}))
    half = open_encoder(copy, "cpu")
    assert half.precision == "float32"
    vectors, expected = half.encode_texts(["a red car"]), encoder.encode_texts(["a red car"])
    np.testing.assert_allclose(vectors, expected, atol=0.02 * np.abs(expected).max())


def _without_weight(folder: Path) -> None:
    _change_weights(folder, lambda weights: weights.pop("visual_projection.weight"))


def _with_strange_weight(folder: Path) -> None:
    _change_weights(folder, lambda weights: weights.update(strange=torch.zeros(3)))


def _with_other_shape(folder: Path) -> None:
    _change_weights(
        folder, lambda weights: weights.update({"text_projection.weight": torch.zeros(512, 31)})
    )


def _with_large_pictures(folder: Path) -> None:
    _change_config(folder, lambda config: config["vision_config"].update(image_size=448))


def _with_small_vocabulary(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "merges.txt").write_text("#version: 0.2\n")
    vocabulary = json.loads((folder / "vocab.json").read_text())
    del vocabulary["sea</w>"]
    (folder / "vocab.json").write_text(json.dumps(vocabulary))


def _cut(name: str) -> Callable[[Path], None]:
    def cut(folder: Path) -> None:
        content = (folder / name).read_bytes()
        (folder / name).write_bytes(content[: len(content) // 2])

    return cut


@pytest.mark.parametrize(
    "spoil",
    [
        _without_weight,
        _with_strange_weight,
        _with_other_shape,
        _with_large_pictures,
        _with_small_vocabulary,
        _cut("model.safetensors"),
        _cut("config.json"),
        _cut("tokenizer.json"),
    ],
)
def test_a_folder_that_is_not_this_clip_is_damaged_weights(
    copy: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(copy)
    with pytest.raises(WeightsDamaged, match="models download clip"):
        open_encoder(copy, "cpu")


def test_vectors_of_another_length_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsDamaged, match="256-d"):
        open_encoder(make_clip(tmp_path, projection=256), "cpu")


def test_a_pickled_checkpoint_is_never_opened(copy: Path) -> None:
    torch.save(load_file(copy / "model.safetensors"), copy / "pytorch_model.bin")
    (copy / "model.safetensors").unlink()
    with pytest.raises(WeightsDamaged):
        open_encoder(copy, "cpu")
