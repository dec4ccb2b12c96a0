from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from cbir.records import Float32Array
from cbir.ui.map.cloud import Cloud, disc

SIDE = 200  # pixels


class Sheet:
    """A figure that is all axes, from 0 to 1 both ways."""

    def __init__(self) -> None:
        figure = Figure(figsize=(2, 2), dpi=SIDE / 2)
        self.canvas = FigureCanvasAgg(figure)
        self.axes = figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.cloud = Cloud(self.axes)
        self.axes.add_artist(self.cloud)

    def show(self, points: list[tuple[float, float]], diameter: float = 4.0) -> None:
        places = np.array(points, np.float32)
        self.cloud.set_points(places[:, 0].copy(), places[:, 1].copy())
        self.cloud.set_marker(diameter, 0.9)

    def drawn(self) -> Float32Array:
        """What is seen, (height, width, 3) of 0 to 1, from above."""
        self.canvas.draw()
        return (np.asarray(self.canvas.buffer_rgba())[..., :3] / 255).astype(np.float32)


def colour_at(drawn: Float32Array, x: float, y: float) -> list[float]:
    found: list[float] = drawn[SIDE - 1 - int(y * SIDE), int(x * SIDE)].tolist()
    return found


def test_points_are_drawn_where_they_are_in_their_colours() -> None:
    sheet = Sheet()
    sheet.show([(0.25, 0.75), (0.6, 0.2)])
    sheet.cloud.set_tint((0.0, 0.0, 1.0))
    seen = sheet.drawn()
    assert colour_at(seen, 0.25, 0.75) == pytest.approx([0.1, 0.1, 1], abs=0.02)
    assert colour_at(seen, 0.6, 0.2) == pytest.approx([0.1, 0.1, 1], abs=0.02)
    covered = (seen[..., 0] < 0.99).sum()
    assert 40 < covered < 100  # two discs of 5.6 pixels

    sheet.cloud.set_colours(np.array([[1, 0, 0], [0, 1, 0]], np.float32))
    seen = sheet.drawn()
    assert colour_at(seen, 0.25, 0.75) == pytest.approx([1, 0.1, 0.1], abs=0.02)
    assert colour_at(seen, 0.6, 0.2) == pytest.approx([0.1, 1, 0.1], abs=0.02)

    sheet.cloud.set_weights(np.array([0, 1], np.float32))
    assert colour_at(sheet.drawn(), 0.25, 0.75) == [1, 1, 1]


def test_another_view_shows_other_points_and_points_at_the_edge_are_cut() -> None:
    sheet = Sheet()
    sheet.show([(0.0, 0.5), (1e6, -1e6), (5.0, 5.0)])
    assert (sheet.drawn()[:, 0] < 0.99).any()
    assert (sheet.drawn()[:, 10:] == 1).all()
    sheet.axes.set_xlim(4, 6)
    sheet.axes.set_ylim(4, 6)
    assert colour_at(sheet.drawn(), 0.5, 0.5) != [1, 1, 1]


def test_overlapping_points_mix_whatever_their_order() -> None:
    sheet = Sheet()
    sheet.show([(0.5, 0.5)] * 3)
    colours = np.array([[1, 0, 0], [0, 0, 1], [0, 0, 1]], np.float32)
    sheet.cloud.set_colours(colours)
    first = colour_at(sheet.drawn(), 0.5, 0.5)
    sheet.cloud.set_colours(colours[::-1])
    assert colour_at(sheet.drawn(), 0.5, 0.5) == first
    assert first[2] > first[0] > first[1]


@pytest.mark.parametrize("diameter", [0.3, 1.0, 2.4, 8.7, 17.3])
def test_a_disc_covers_its_area(diameter: float) -> None:
    stamp = disc(diameter)
    assert len(stamp) % 2 == 1 and stamp[len(stamp) // 2, len(stamp) // 2] > 0.7
    assert stamp.sum() == pytest.approx(np.pi * max(diameter, 1) ** 2 / 4, rel=0.12)
