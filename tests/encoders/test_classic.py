from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from cbir.encoders.base import Encoder, TextEncoder
from cbir.encoders.classic import ClassicEncoder
from cbir.records import Float32Array
from tests.encoders.conftest import make_picture


@pytest.fixture
def encoder() -> ClassicEncoder:
    return ClassicEncoder()


def _distance(a: Float32Array, b: Float32Array) -> float:
    return float(np.linalg.norm(a - b))


def _striped(size: tuple[int, int], step: int, upright: bool, ink: str, paper: str) -> Image.Image:
    image = Image.new("RGB", size, paper)
    draw = ImageDraw.Draw(image)
    for start in range(0, max(size), 2 * step):
        box = (
            (start, 0, start + step - 1, size[1])
            if upright
            else (0, start, size[0], start + step - 1)
        )
        draw.rectangle(box, fill=ink)
    return image


def test_it_is_an_encoder_for_pictures_that_any_thread_may_run(encoder: ClassicEncoder) -> None:
    assert isinstance(encoder, Encoder)
    assert not isinstance(encoder, TextEncoder)
    assert not encoder.supports_text
    assert not encoder.on_main_thread
    assert (encoder.name, encoder.dimension, encoder.precision) == ("classic", 512, "float32")
    assert encoder.fingerprint == "classic-1"


def test_vectors_are_finite_float32_rows_that_are_not_zero(
    encoder: ClassicEncoder, pictures: list[Image.Image]
) -> None:
    vectors = encoder.encode_images(pictures)
    assert vectors.shape == (len(pictures), 512)
    assert vectors.dtype == np.float32
    assert np.isfinite(vectors).all()
    assert (np.linalg.norm(vectors, axis=1) > 1).all()


def test_no_pictures_give_no_rows(encoder: ClassicEncoder) -> None:
    assert encoder.encode_images([]).shape == (0, 512)


def test_a_batch_gives_what_its_pictures_give_alone(
    encoder: ClassicEncoder, pictures: list[Image.Image]
) -> None:
    together = encoder.encode_images(pictures)
    alone = np.concatenate([encoder.encode_images([picture]) for picture in pictures])
    np.testing.assert_array_equal(together, alone)


def test_many_threads_give_what_one_gives(
    encoder: ClassicEncoder, pictures: list[Image.Image]
) -> None:
    expected = encoder.encode_images(pictures)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: encoder.encode_images(pictures), range(8)))
    for result in results:
        np.testing.assert_array_equal(result, expected)


def test_neither_the_picture_nor_the_batch_is_changed(encoder: ClassicEncoder) -> None:
    picture = make_picture((128, 128), 1)
    before = picture.tobytes()
    prepared = encoder.prepare(picture)
    copy = prepared.copy()
    encoder.encode_prepared([prepared])
    assert picture.tobytes() == before
    np.testing.assert_array_equal(prepared, copy)


@settings(max_examples=60, deadline=None)
@given(
    size=st.tuples(st.integers(1, 400), st.integers(1, 400)),
    colours=st.lists(st.integers(0, 255), min_size=12, max_size=12),
)
def test_any_size_and_any_colours_give_a_usable_vector(
    size: tuple[int, int], colours: list[int]
) -> None:
    image = Image.fromarray(np.array(colours, np.uint8).reshape(2, 2, 3)).resize(size)
    vector = ClassicEncoder().encode_images([image])[0]
    assert np.isfinite(vector).all()
    assert 1 < np.linalg.norm(vector) < 10


@pytest.mark.parametrize("size", [(1, 20_000), (20_000, 1), (6000, 4000), (2, 1), (1, 1)])
@pytest.mark.parametrize("colour", ["black", "white", "red", "#808080"])
def test_strips_giants_and_single_colours(
    encoder: ClassicEncoder, size: tuple[int, int], colour: str
) -> None:
    vector = encoder.encode_images([Image.new("RGB", size, colour)])[0]
    assert np.isfinite(vector).all()
    assert np.linalg.norm(vector) > 1


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "1", "LA"])
def test_a_picture_of_another_mode_is_taken_as_rgb(encoder: ClassicEncoder, mode: str) -> None:
    picture = make_picture((90, 70), 3).convert(mode)
    expected = encoder.encode_images([picture.convert("RGB")])
    np.testing.assert_array_equal(encoder.encode_images([picture]), expected)


@pytest.mark.parametrize("size", [(640, 480), (70, 300)])
def test_copies_stay_near_and_others_far(encoder: ClassicEncoder, size: tuple[int, int]) -> None:
    picture, other = make_picture(size, 5), make_picture(size, 6)
    copies = [
        picture.resize((size[0] * 3 // 4, size[1] * 3 // 4)),
        ImageOps.autocontrast(picture, cutoff=0.5),
        picture.crop((4, 4, size[0] - 4, size[1] - 4)),
        picture.filter(ImageFilter.GaussianBlur(0.4)),
    ]
    first, far, *near = encoder.encode_images([picture, other, *copies])
    assert max(_distance(first, vector) for vector in near) < _distance(first, far) / 1.5


def test_colour_counts(encoder: ClassicEncoder) -> None:
    red, dark_red, blue = encoder.encode_images(
        [Image.new("RGB", (64, 64), colour) for colour in ("#d02020", "#c02424", "#2020d0")]
    )
    assert _distance(red, dark_red) < _distance(red, blue) / 2


def test_shape_counts_without_colour(encoder: ClassicEncoder) -> None:
    grey = {"ink": "#303030", "paper": "#d0d0d0"}
    upright, finer, lying = encoder.encode_images(
        [
            _striped((200, 200), 20, upright=True, **grey),
            _striped((200, 200), 14, upright=True, **grey),
            _striped((200, 200), 20, upright=False, **grey),
        ]
    )
    assert _distance(upright, finer) < _distance(upright, lying)


def test_where_a_colour_is_counts(encoder: ClassicEncoder) -> None:
    def half(top: str, bottom: str) -> Image.Image:
        image = Image.new("RGB", (100, 100), top)
        image.paste(bottom, (0, 50, 100, 100))
        return image

    a, b, c = encoder.encode_images(
        [half("blue", "green"), half("green", "blue"), half("#1010f0", "#107010")]
    )
    assert _distance(a, c) < _distance(a, b)


def test_lengths_hardly_differ_so_that_both_metrics_rank_alike(encoder: ClassicEncoder) -> None:
    pictures = [make_picture((200, 150), seed) for seed in range(12)]
    vectors = encoder.encode_images(pictures)
    lengths = np.linalg.norm(vectors, axis=1)
    assert lengths.max() / lengths.min() < 1.1
    cosine = (vectors / lengths[:, None]) @ (vectors / lengths[:, None])[0]
    euclidean = np.linalg.norm(vectors - vectors[0], axis=1)
    assert cosine.argsort()[::-1][:3].tolist() == euclidean.argsort()[:3].tolist()


def test_prepared_pictures_are_small(encoder: ClassicEncoder) -> None:
    assert encoder.prepare(Image.new("RGB", (4000, 3000))).shape == (96, 128, 3)
    assert encoder.prepare(Image.new("RGB", (3000, 10))).shape == (32, 128, 3)
    assert encoder.prepare(Image.new("RGB", (1, 1))).shape == (128, 128, 3)
