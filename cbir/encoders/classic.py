"""Colour, layout, gradients and texture in 512 numbers: no weights, no training, numpy only.

The parts of a vector, each normalised on its own and then scaled so that two unrelated photographs
are about equally far apart in every part; colour and texture then count twice as much as the two
grids, whose meaning ends where a subject moves:

- colour (111 + 104): soft histograms over hue, saturation and value, with bins of their own for
  greys, of the whole picture and of its centre; Swain and Ballard, "Color Indexing", IJCV 1991;
- layout (48): mean CIE L*a*b* on a soft 4 × 4 grid;
- gradients (72): 8 orientations on a soft 3 × 3 grid, magnitudes compressed so that faint contours
  count too; after Dalal and Triggs, "Histograms of Oriented Gradients", CVPR 2005;
- texture (177): uniform local binary patterns with a threshold, of the upper and the lower half at
  radius 1 and of the whole at radius 2; Ojala, Pietikäinen and Mäenpää, PAMI 2002.

Histograms are compared after a cube root (power normalisation: Perronnin, Sánchez and Mensink,
ECCV 2010), so that small amounts count; all vectors have nearly the same length, so cosine and
Euclidean rankings agree. Pictures without colour all lie close in the colour part: what is left to
tell them apart is shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cbir.encoders.descriptors import (
    centre_weight,
    colour_histograms,
    half_weights,
    lab_grid,
    orientation_grid,
    pattern_codes,
    pattern_histogram,
)
from cbir.encoders.pixels import as_rgb
from cbir.records import DIMENSION, Float32Array

_VERSION = 1
_SIDE = 128  # pixels on the longer side for gradients and texture; colour needs half of it
_SHORTEST = 32
_POWER = 1 / 3
_WHOLE_GREYS, _CENTRE_GREYS = 15, 8
# what a part counts, over how far apart unrelated photographs are in it
_COLOUR, _LAYOUT, _GRADIENTS, _TEXTURE = 1.0 / 1.12, 0.5 / 0.63, 0.5 / 0.52, 1.0 / 0.47


class ClassicEncoder:
    """The encoder that is always there; knows no words, keeps no state, runs on any thread."""

    name = "classic"
    dimension = DIMENSION
    fingerprint = f"classic-{_VERSION}"
    precision = "float32"
    on_main_thread = False
    supports_text = False
    wants_all_cores = False
    largest_batch = 32
    notice = ""

    def choose_precision(self, asked: str) -> Iterator[None]:
        """There is one precision."""
        return iter(())

    def prepare(self, image: Image.Image) -> NDArray[np.uint8]:
        """The picture made small: uint8 (height, width, 3), 128 on the longer side.

        The shorter side has at least 32, so that strips are widened and every grid has its cells.
        """
        image = as_rgb(image)
        scale = _SIDE / max(image.size)
        width, height = (max(_SHORTEST, round(side * scale)) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
        return np.asarray(small)

    def encode_prepared(self, batch: Sequence[NDArray[np.generic]]) -> Float32Array:
        """Vectors (n, 512) float32 for pictures from ``prepare``."""
        vectors = np.empty((len(batch), DIMENSION), np.float32)
        for row, pixels in zip(vectors, batch, strict=True):
            row[:] = _vector(pixels.astype(np.uint8, copy=False))
        return vectors

    def encode_images(self, images: Sequence[Image.Image]) -> Float32Array:
        """Vectors (n, 512) float32 for RGB pictures of any size."""
        return self.encode_prepared([self.prepare(image) for image in images])


def _vector(pixels: NDArray[np.uint8]) -> Float32Array:
    """(512,) float32 for one small picture, uint8 (height, width, 3)."""
    small = _halved(pixels)
    grey = _luma(pixels)
    return np.concatenate(
        [
            _COLOUR * _colour(small),
            _LAYOUT * lab_grid(small, 4).ravel() / 4,
            _GRADIENTS * _directed(orientation_grid(grey, 8, 3).ravel()),
            _TEXTURE * _texture(grey),
        ],
        dtype=np.float32,
    )


def _colour(small: NDArray[np.uint8]) -> Float32Array:
    everywhere = np.ones(small.shape[:2], np.float32)
    centre = centre_weight(small.shape[0], small.shape[1])
    whole, middle = colour_histograms(small, [(everywhere, _WHOLE_GREYS), (centre, _CENTRE_GREYS)])
    return np.concatenate([_powered(whole), _powered(middle)])


def _texture(grey: Float32Array) -> Float32Array:
    fine, coarse = pattern_codes(grey, 1), pattern_codes(grey, 2)
    upper, lower = half_weights(*grey.shape)
    everywhere = np.ones(grey.shape, np.float32)
    return np.concatenate(
        [
            _powered(pattern_histogram(fine, upper)),
            _powered(pattern_histogram(fine, lower)),
            _powered(pattern_histogram(coarse, everywhere)),
        ]
    )


def _powered(histogram: Float32Array) -> Float32Array:
    """Cube roots, scaled to length 1; no histogram is empty, for every picture has pixels."""
    roots = histogram**_POWER
    unit: Float32Array = roots / np.float32(np.linalg.norm(roots))
    return unit


def _directed(grid: Float32Array) -> Float32Array:
    """Scaled to length 1, or less where there is hardly a contour: noise has no direction."""
    direction: Float32Array = grid / np.float32(np.hypot(np.linalg.norm(grid), 0.05))
    return direction


def _halved(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(pixels).reduce(2))


def _luma(pixels: NDArray[np.uint8]) -> Float32Array:
    """ITU-R 601 luma between 0 and 1."""
    grey = np.array(Image.fromarray(pixels).convert("L"), np.float32)
    grey /= 255
    return grey
