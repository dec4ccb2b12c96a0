from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.encoders import registry
from cbir.encoders.base import TextEncoder
from cbir.encoders.precision import LEAST_COSINE, Trial, trial_pictures


def test_trial_pictures_are_the_same_everywhere_and_like_photographs() -> None:
    pictures = trial_pictures()
    assert [(p.shape, p.dtype) for p in pictures] == [((3, 224, 224), np.dtype(np.uint8))] * 4
    for picture, again in zip(pictures, trial_pictures(), strict=True):
        np.testing.assert_array_equal(picture, again)
        assert 30 < picture.std() < 80
        assert np.abs(np.diff(picture.astype(int), axis=2)).mean() < 35  # white noise: 68


@pytest.mark.parametrize("name", ["clip", "resnet18"])
def test_vectors_in_reduced_precision_are_nearly_those_in_float32(
    name: str, models: Path, pictures: list[Image.Image]
) -> None:
    encoder = registry.open_encoder(name, models, "cpu")
    exact = encoder.encode_images(pictures)
    for _ in encoder.choose_precision("bfloat16"):
        pass
    assert encoder.precision == "bfloat16"
    reduced = encoder.encode_images(pictures)
    assert reduced.dtype == np.float32 and (reduced != exact).any()
    lengths = np.linalg.norm(exact, axis=1) * np.linalg.norm(reduced, axis=1)
    assert ((exact * reduced).sum(axis=1) / lengths).min() > 0.9998
    np.testing.assert_allclose(reduced, exact, rtol=0, atol=0.03 * np.abs(exact).max())


def test_words_stay_in_float32_beside_pictures_in_reduced_precision(models: Path) -> None:
    plain, encoder = (registry.open_encoder("clip", models, "cpu") for _ in range(2))
    for _ in encoder.choose_precision("bfloat16"):
        pass
    assert isinstance(plain, TextEncoder) and isinstance(encoder, TextEncoder)
    np.testing.assert_array_equal(
        encoder.encode_texts(["a red car"]), plain.encode_texts(["a red car"])
    )


def test_a_vector_that_is_not_finite_is_near_nothing() -> None:
    exact, trial = Trial(), Trial()
    for number in range(3):
        exact.run(lambda: np.ones((1, 512), np.float32))
        trial.run(lambda n=number: np.full((1, 512), np.nan if n else 1, np.float32))  # type: ignore[misc]
    assert not trial.least_cosine(exact) >= LEAST_COSINE
