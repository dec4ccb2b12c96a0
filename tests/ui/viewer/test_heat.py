from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from cbir.records import Metric
from cbir.ui.viewer.heat import COLD, HOT, draw_heat, draw_scale, lay_over, raises_too, tell_heat
from cbir.work.explaining import Explanation


def explanation(drops: dict[tuple[int, int], float], metric: Metric = "cosine") -> Explanation:
    grid = np.zeros((7, 7), np.float32)
    for place, drop in drops.items():
        grid[place] = drop
    return Explanation(grid, 0.8, metric, "clip")


def at(heat: Image.Image, row: int, column: int) -> tuple[int, ...]:
    """The pixel in the middle of a window."""
    side = heat.width / 7
    pixel = heat.getpixel((int((column + 0.5) * side), int((row + 0.5) * side)))
    assert isinstance(pixel, tuple)
    return pixel


def test_what_matters_is_orange_what_speaks_against_blue_and_the_rest_clear() -> None:
    heat = draw_heat(explanation({(6, 0): 0.12, (0, 6): -0.06}).drops)
    assert at(heat, 6, 0)[:3] == HOT
    assert at(heat, 0, 6)[:3] == COLD
    assert at(heat, 6, 0)[3] > at(heat, 0, 6)[3] > 60
    assert at(heat, 3, 3)[3] == 0


def test_where_nothing_matters_the_map_is_clear() -> None:
    heat = draw_heat(np.zeros((7, 7), np.float32))
    assert heat.getchannel("A").getextrema() == (0, 0)


def test_the_picture_shows_through() -> None:
    picture = Image.new("RGB", (70, 70), (200, 40, 40))
    picture.paste((20, 20, 20), (0, 0, 10, 10))
    heat = draw_heat(explanation({(0, 0): 1.0}).drops).resize(picture.size)
    laid = lay_over(picture, heat)
    clear, dark, hot = laid.getpixel((60, 60)), laid.getpixel((4, 4)), laid.getpixel((0, 9))
    assert isinstance(clear, tuple)
    assert max(clear) - min(clear) < 60  # nearly grey
    assert dark != clear
    assert hot != clear


def test_the_scale_runs_from_clear_to_the_strongest() -> None:
    bar = draw_scale((90, 5), both=False)
    ends = [bar.getpixel((x, 2)) for x in (0, 89)]
    assert ends[0] == (*HOT, 0)
    assert isinstance(ends[1], tuple)
    assert ends[1][3] > 150
    left = draw_scale((90, 5), both=True).getpixel((0, 2))
    assert isinstance(left, tuple)
    assert left[:3] == COLD


@pytest.mark.parametrize(
    ("metric", "drops", "words"),
    [
        ("cosine", {(1, 1): 0.123}, "Orange: covering this lowers the score by up to 0.12."),
        (
            "cosine",
            {(1, 1): 0.1, (2, 2): -0.05},
            "Orange: covering this lowers the score by up to 0.1. "
            "Blue: covering this raises the score by up to 0.05.",
        ),
        ("cosine", {(2, 2): -0.05}, "Blue: covering this raises the score by up to 0.05."),
        (
            "cosine",
            {(1, 1): 0.1, (2, 2): -0.001},
            "Orange: covering this lowers the score by up to 0.1.",
        ),
        ("euclidean", {(1, 1): 2.0}, "Orange: covering this raises the distance by up to 2."),
        ("euclidean", {(1, 1): -2.0}, "Blue: covering this lowers the distance by up to 2."),
        ("cosine", {}, "No part stands out: covering any one of them hardly changes the score."),
    ],
)
def test_the_legend_tells_what_the_colours_mean(
    metric: Metric, drops: dict[tuple[int, int], float], words: str
) -> None:
    told = explanation(drops, metric)
    assert tell_heat(told) == words
    assert raises_too(told) == ("Blue" in words)
