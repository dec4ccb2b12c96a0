from __future__ import annotations

import colorsys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cbir.encoders import descriptors
from cbir.records import Float32Array

PIXELS = hnp.arrays(np.uint8, st.tuples(st.integers(2, 12), st.integers(2, 12), st.just(3)))


def _histogram(pixels: np.ndarray, greys: int = 8) -> Float32Array:
    weight = np.ones(pixels.shape[:2], np.float32)
    return descriptors.colour_histograms(pixels, [(weight, greys)])[0]


@given(PIXELS)
@settings(max_examples=50, deadline=None)
def test_a_colour_histogram_shares_out_every_pixel(pixels: np.ndarray) -> None:
    histogram = _histogram(pixels)
    assert histogram.shape == (96 + 8,)
    assert histogram.min() >= 0
    assert histogram.sum() == pytest.approx(1, abs=1e-5)


@given(st.tuples(*[st.integers(0, 255)] * 3))
@settings(max_examples=100, deadline=None)
def test_a_pixel_lands_around_its_hue_saturation_and_value(colour: tuple[int, int, int]) -> None:
    hue, saturation, value = colorsys.rgb_to_hsv(*(band / 255 for band in colour))
    histogram = _histogram(np.full((2, 2, 3), colour, np.uint8))
    coloured = histogram[:96].reshape(8, 3, 4)
    greyness = max(0.0, 1 - 3 * saturation)
    assert histogram[96:].sum() == pytest.approx(greyness, abs=1e-4)
    assert coloured.sum((0, 1)) @ np.arange(4) == pytest.approx(
        3 * value * (1 - greyness), abs=1e-3
    )
    if greyness < 0.9:
        angles = np.exp(2j * np.pi * np.arange(8) / 8)
        mean = np.angle(coloured.sum((1, 2)) @ angles) / (2 * np.pi) % 1
        assert abs((mean - hue + 0.5) % 1 - 0.5) < 1 / 16


def test_greys_have_bins_of_their_own_by_brightness() -> None:
    histograms = [_histogram(np.full((4, 4, 3), level, np.uint8)) for level in (0, 255)]
    assert histograms[0][96] == pytest.approx(1)
    assert histograms[1][-1] == pytest.approx(1)


def test_a_weighting_chooses_pixels_and_its_grey_bins() -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    pixels[:, 2:] = 255
    left = np.zeros((4, 4), np.float32)
    left[:, :2] = 1
    first, second = descriptors.colour_histograms(pixels, [(left, 5), (1 - left, 9)])
    assert (first.size, second.size) == (101, 105)
    assert first[96] == second[-1] == pytest.approx(1)


def test_nearly_equal_colours_have_nearly_equal_histograms() -> None:
    for level in range(0, 255, 5):
        pixels = np.full((2, 2, 3), (level, 120, 60), np.uint8)
        step = np.abs(_histogram(pixels) - _histogram(pixels + np.array([1, 0, 0], np.uint8)))
        assert step.sum() < 0.25


@pytest.mark.parametrize(
    ("colour", "lab"),
    [  # sRGB under D65, by the CIE's formulas
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_the_grid_holds_cie_lab(
    colour: tuple[int, int, int], lab: tuple[float, float, float]
) -> None:
    grid = descriptors.lab_grid(np.full((8, 8, 3), colour, np.uint8), 4)
    assert grid.shape == (4, 4, 3)
    expected = np.broadcast_to(np.array(lab) - (50, 0, 0), (4, 4, 3))
    np.testing.assert_allclose(grid * 60, expected, atol=0.05)


def test_the_grid_knows_where() -> None:
    pixels = np.zeros((40, 40, 3), np.uint8)
    pixels[:10, :10] = 255
    lightness = descriptors.lab_grid(pixels, 4)[..., 0]
    assert lightness.argmax() == 0
    assert lightness[2:, 2:].max() == pytest.approx(-50 / 60, abs=1e-5)


@pytest.mark.parametrize(("turn", "expected"), [(0.0, 0), (0.25, 2), (0.5, 4), (0.75, 6)])
def test_orientations_are_those_of_the_edges(turn: float, expected: int) -> None:
    down, right = np.mgrid[:60, :60] / 60
    angle = turn * np.pi
    ramp = (right * np.cos(angle) + down * np.sin(angle)).astype(np.float32)
    for sign in (1, -1):
        grid = descriptors.orientation_grid(np.float32(sign) * ramp, 8, 3)
        assert grid.shape == (3, 3, 8)
        assert (grid.argmax(axis=2) == expected).all()


def test_a_flat_picture_has_no_orientation() -> None:
    assert not descriptors.orientation_grid(np.full((20, 30), 0.4, np.float32), 8, 3).any()


def test_weak_contours_count_beside_strong_ones() -> None:
    grey = np.zeros((30, 30), np.float32)
    grey[:, 15:] = 1.0
    strong = descriptors.orientation_grid(grey, 8, 1).sum()
    weak = descriptors.orientation_grid(grey / 10, 8, 1).sum()
    assert strong / 2 < weak < strong


def test_pattern_codes_agree_with_the_definition() -> None:
    grey = np.random.default_rng(0).random((9, 7), dtype=np.float32)
    codes = descriptors.pattern_codes(grey, 1)
    assert codes.shape == grey.shape
    ring = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    numbers: dict[tuple[bool, ...], set[int]] = {}
    for row in range(1, 8):
        for column in range(1, 6):
            pattern = tuple(
                bool(grey[row + down, column + right] > grey[row, column] + 0.02)
                for down, right in ring
            )
            numbers.setdefault(pattern, set()).add(int(codes[row, column]))
    changes = {p: sum(p[i] != p[i - 1] for i in range(8)) for p in numbers}
    assert all(len(found) == 1 for found in numbers.values())
    assert all(numbers[p] == {58} for p in numbers if changes[p] > 2)
    uniform = [numbers[p].copy().pop() for p in numbers if changes[p] <= 2]
    assert len(set(uniform)) == len(uniform)
    assert max(uniform) < 58


def test_a_flat_or_slightly_noisy_picture_has_the_empty_pattern_only() -> None:
    noise = np.random.default_rng(0).random((20, 20), dtype=np.float32) * 0.015
    for radius in (1, 2):
        assert not descriptors.pattern_codes(noise, radius).any()


@given(st.integers(2, 200), st.integers(2, 200))
@settings(max_examples=30, deadline=None)
def test_weights_cover_the_picture(height: int, width: int) -> None:
    upper, lower = descriptors.half_weights(height, width)
    np.testing.assert_allclose(upper + lower, 1)
    assert upper[0].min() > upper[-1].max()
    centre = descriptors.centre_weight(height, width)
    assert centre.shape == (height, width)
    assert 0 < centre.min() <= centre.max() <= 1


def test_a_pattern_histogram_is_a_weighted_share() -> None:
    codes = np.array([[0, 0], [58, 3]], np.uint8)
    histogram = descriptors.pattern_histogram(codes, np.array([[1, 0], [1, 2]], np.float32))
    assert histogram.shape == (59,)
    assert histogram[[0, 58, 3]].tolist() == pytest.approx([0.25, 0.25, 0.5])
