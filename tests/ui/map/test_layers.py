"""Colours, keys, thumbnails, links and what a card tells, in a window."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from cbir.records import Float32Array
from cbir.ui.map.colours import Colouring, by_groups
from cbir.ui.map.key import MapKey
from cbir.ui.map.standing import Standing
from cbir.ui.widgets.theme import DARK, LIGHT, apply_theme
from cbir.work.mapping import Groups, MapColours, MapQuery
from cbir.work.messages import ThumbnailReady
from tests.ui.map.data import make_vectors, placed, projected, vector_at
from tests.ui.map.stage import SQUARE, Stage

IDS = np.arange(1, 6, dtype=np.int64)


def folders(codes: list[int], names: tuple[str, ...], ids: np.ndarray = IDS) -> MapColours:
    counts = tuple(codes.count(code) for code in range(len(names)))
    return MapColours("folder", ids, Groups(np.array(codes, np.int64), names, counts))


def colour_of(stage: Stage, place: tuple[float, float]) -> tuple[int, ...]:
    """The pixel in the middle of a point, of what is on the canvas."""
    x, y = stage.pixel_of(place)
    pixels = np.asarray(stage.panel.canvas.buffer_rgba())
    return tuple(pixels[y, x, :3].tolist())


def nearness(values: list[float]) -> MapQuery:
    return MapQuery(IDS, vector_at(0, 0), False, np.array(values, np.float32), "cosine")


def test_points_have_their_groups_colours_and_the_key_names_them(stage: Stage) -> None:
    panel = stage.panel
    panel.show(placed(SQUARE))
    panel.choose_colour("folder")
    panel.show_colours(folders([0, 0, 1, 1, -1], ("/a/sea", "/b/hills")))
    stage.settle()
    assert panel.plot.key.labels == ["Folder", "sea (2)", "hills (2)", "other (1)"]
    assert colour_of(stage, SQUARE[0]) == colour_of(stage, SQUARE[1])
    assert len({colour_of(stage, SQUARE[row]) for row in (0, 2, 4)}) == 3
    assert panel.choosers.colour.get() == "Folder"

    panel.show_hits([1])
    before = colour_of(stage, SQUARE[4])
    apply_theme(stage.root, "dark")
    stage.root.update()
    stage.settle()
    assert colour_of(stage, SQUARE[4]) != before
    assert panel.plot.key.labels[0] == "Folder"

    panel.show(placed([*SQUARE, (1.0, 2.5)]))  # a new picture, before its folder is known
    stage.settle()
    assert panel.plot.key.labels[-1] == "other (2)"
    panel.choose_colour("")
    stage.settle()
    assert panel.plot.key.labels == []


def test_folders_of_one_name_are_told_apart_in_both_themes() -> None:
    found = folders([0, 0, 1, 2, 3], ("/a/x/day", "/a/y/day", "/a/night", "/a/" + "long" * 9))
    for palette in (LIGHT, DARK):
        colouring = by_groups(found, IDS, palette)
        labels = [label for _colour, label in colouring.keys]
        assert labels[:3] == ["x/day (2)", "y/day (1)", "night (1)"]
        assert labels[3].endswith("long (1)")
        assert len({tuple(colour) for colour in colouring.colours.tolist()}) == 4


def test_the_key_cuts_names_to_the_figure_and_tells_all_of_them_under_the_pointer(
    stage: Stage,
) -> None:
    panel = stage.panel
    panel.place(width=600, height=220)
    panel.show(placed(SQUARE))
    panel.choose_colour("folder")
    names = [f"/a/WWWWWW_{number}_{'m' * number}" for number in range(8)]
    groups = Groups(np.arange(5, dtype=np.int64), tuple(names), (1,) * 8)
    panel.show_colours(MapColours("folder", IDS, groups))
    stage.settle()
    key, width = panel.plot.key, panel.plot.figure.bbox.width
    assert key.labels[1] == "WWWWWW_0_ (1)" and "…" in key.labels[5]
    assert key.labels[5].endswith("(1)")
    assert int(key.labels[-1].split()[1]) == 9 - len(key.labels) + 1  # … 3 more
    for artist in key.artists:
        if isinstance(artist, Text):
            assert artist.get_window_extent().x1 <= width
    at = round(width) - 40
    stage.canvas.event_generate("<Motion>", x=at, y=60)
    assert panel.hover._tip.text.splitlines()[-1] == "WWWWWW_7_mmmmmmm (1)"
    stage.hover(SQUARE[0])
    assert panel.hover._tip.text == ""

    panel.place(width=600, height=440)
    panel.show_colours(folders([0, 0, 1, 1, -1], ("/a/sea", "/b/hills")))
    stage.settle()
    stage.canvas.event_generate("<Motion>", x=at, y=60)
    assert panel.hover._tip.text == ""  # nothing was left out


def test_scores_are_a_scale_and_the_card_tells_rank_and_what_deceives(stage: Stage) -> None:
    panel = stage.panel
    panel.show(placed(SQUARE))
    panel.choose_colour("score")
    assert panel.plot.key.labels == []
    assert panel._header._text.startswith("Search to see scores · ")
    panel.show_query(vector_at(0, 0), "query.jpg", "image")
    panel.show_nearness(nearness([0.9, 0.7, 0.5, 0.3, np.nan]))
    stage.settle()
    assert panel.plot.key.labels == ["Score", "0.89", "0.31"]
    stage.hover(SQUARE[1])
    assert "0.700 · no. 2 of 4" in stage.card_texts()
    stage.hover(SQUARE[4])
    assert "no." not in stage.card_texts()
    panel.show_nearness(None)
    assert panel.plot.key.labels == ["Score", "0.89", "0.31"]  # until it is drawn
    stage.settle()
    assert panel.plot.key.labels == []


def test_near_on_the_map_yet_far_and_far_on_it_yet_near() -> None:
    count = 100
    near: Float32Array = np.linspace(1, 0, count, dtype=np.float32)
    apart: Float32Array = np.linspace(0, 1, count, dtype=np.float32)
    apart[[0, 60]] = apart[[60, 0]]
    standing = Standing(near, apart, "euclidean")
    assert "Far only on the map" in standing.told(0)
    assert "Near only on the map" in standing.told(60)
    assert standing.told(1) == "-0.990 · no. 2 of 100"
    assert standing.told(99).endswith("no. 100 of 100")


def test_what_a_filter_and_the_slider_leave_out_steps_back(stage: Stage) -> None:
    panel = stage.panel
    panel.show(placed(SQUARE))
    stage.settle()
    full = colour_of(stage, SQUARE[2])
    panel.show_passing(IDS, np.array([True, True, False, True, True]))
    found = nearness([0.9, 0.8, 0.7, 0.1, 0.6])
    passing = np.array([True, True, True, False, True])
    panel.show_nearness(MapQuery(IDS, found.seen, False, found.nearness, "cosine", passing))
    stage.settle()
    assert panel.plot.faded.tolist() == [False, False, True, True, False]
    faded = colour_of(stage, SQUARE[2])
    assert sum(faded) > sum(full) and colour_of(stage, SQUARE[3]) == faded
    assert colour_of(stage, SQUARE[0]) == full
    panel.show_passing(IDS, None)
    panel.show_nearness(None)
    stage.settle()
    assert colour_of(stage, SQUARE[2]) == full


def test_words_stand_at_their_corrected_place_and_it_is_said(stage: Stage) -> None:
    panel = stage.panel
    outcome = projected(make_vectors(30), metric="cosine")
    panel.show(outcome)
    seen = 0.5 * outcome.projection.mean + outcome.projection.components[0]
    panel.show_query(seen, "a red car", "text", corrected=True)
    panel.show_hits([3, 4])
    stage.settle()
    expected = (seen - outcome.projection.mean) @ outcome.projection.components[:2].T
    assert panel.plot.star == pytest.approx(tuple(expected), abs=1e-4)
    legend = [text.get_text() for text in panel.plot.figure.legends[0].get_texts()]
    assert legend == ["library", "results", "text query, moved across the modality gap"]
    links = panel.plot.axes.collections[1].get_segments()
    assert [link[0].tolist() for link in links] == [pytest.approx(expected, abs=1e-4)] * 2
    assert [link[1].tolist() for link in links] == [
        pytest.approx(panel.plot.place(row)) for row in (2, 3)
    ]
    stage.hover(panel.plot.star, dx=2)
    assert "was moved" in stage.card_texts()


def test_other_components_can_be_seen(stage: Stage) -> None:
    panel, outcome = stage.panel, projected(make_vectors(40))
    panel.show(outcome)
    panel.show_query(make_vectors(1, seed=9)[0], "query.jpg", "image")
    assert panel.choosers.axes.cget("values")[:3] == ("PC 1, PC 2", "PC 1, PC 3", "PC 1, PC 4")
    panel.choosers.axes.current(3)
    panel.choosers.axes.event_generate("<<ComboboxSelected>>")
    stage.settle()
    points = outcome.projection.points
    assert np.allclose(panel.plot.points.x, points[:, 1])
    assert np.allclose(panel.plot.points.y, points[:, 2])
    share = 100 * outcome.projection.explained[2]
    assert panel.plot.axes.get_ylabel().startswith(f"PC 3 ({share:.1f}")
    placed_at = outcome.projection.place(make_vectors(1, seed=9)[0])
    assert panel.plot.star == pytest.approx((placed_at[1], placed_at[2]))
    panel.show(outcome, keep_view=True)
    assert panel.choosers.axes.get() == "PC 2, PC 3"


def test_thumbnails_stand_for_points_seen_from_near_without_overlap(stage: Stage) -> None:
    panel = stage.panel
    crowd = [(2 + 0.001 * number, 1.5) for number in range(20)]
    panel.show(placed([*SQUARE, *crowd]))
    stage.settle()
    assert panel.thumbs.shown == [] and not stage.requested
    stage.wheel(SQUARE[4], 4, turns=4)
    stage.settle()
    assert len(panel.thumbs.shown) == 1  # of those that lie on each other; the corners are outside
    path, size = stage.requested[-1]
    panel.thumbnail_ready(ThumbnailReady(path, size, Image.new("RGB", (size, size), "red")))
    (image,) = [
        item
        for item in stage.canvas.find_withtag("map-thumbs")
        if stage.canvas.type(item) == "image"
    ]
    assert stage.canvas.coords(image) == pytest.approx(stage.pixel_of(SQUARE[4]), abs=2)
    asked = len(stage.requested)
    stage.settle()
    assert len(stage.requested) == asked
    panel.navigation.home()
    stage.settle()
    assert not stage.canvas.find_withtag("map-thumbs")


def test_no_thumbnail_lies_on_the_label_of_a_text_query(stage: Stage) -> None:
    panel = stage.panel
    x, y = SQUARE[4]
    panel.show(placed([*SQUARE, (x - 0.1, y + 0.02), (x + 0.4, y)]))
    stage.wheel(SQUARE[4], 4, turns=4)
    panel.show_query(vector_at(x + 0.02, y), "red", "image")
    stage.settle()
    everyone = set(panel.thumbs.shown)
    panel.show_query(vector_at(x + 0.02, y), "red", "text")
    stage.settle()
    box = panel.plot._star_label.get_window_extent()
    hidden = everyone - set(panel.thumbs.shown)
    assert hidden and panel.thumbs.shown
    for row in panel.thumbs.shown:
        px, py = panel.plot.pixel(panel.plot.place(row))
        assert not (box.x0 - 22 < px < box.x1 + 22 and box.y0 - 22 < py < box.y1 + 22)


def test_what_left_the_view_is_not_loaded_any_more(stage: Stage) -> None:
    panel = stage.panel
    panel.show(placed(SQUARE))
    stage.settle()
    stage.hover(SQUARE[0])
    (card,) = stage.waiting
    stage.hover(SQUARE[0], dx=60)  # away from the point: no card
    assert not stage.waiting

    stage.wheel(SQUARE[4], 4, turns=4)
    stage.settle()
    (middle,) = stage.waiting
    panel.look_at(1)
    stage.settle()
    assert middle not in stage.waiting
    (corner,) = stage.waiting - {card}
    assert corner[0] == card[0]
    panel.look_at(5)
    stage.settle()
    assert middle in stage.waiting and corner not in stage.waiting  # asked for again
    panel.show_message("")
    stage.settle()
    assert not stage.waiting


def test_a_query_draws_neither_axes_nor_points_anew(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = stage.panel
    panel.show(placed(SQUARE))
    panel.show_hits([1])
    stage.settle()
    drawn: list[str] = []
    for kind in ("_drawn", "draw"):
        target = panel.plot.cloud if kind == "_drawn" else panel.plot.axes
        monkeypatch.setattr(target, kind, lambda *_, kind=kind, **__: drawn.append(kind))
    before = panel.canvas.drawings
    panel.show_hits([2, 3])
    panel.select([4])
    stage.wait(lambda: panel.canvas.drawings > before)
    assert drawn == []
    hit = tuple(int(255 * share) for share in (0xE8 / 255, 0x59 / 255, 0x0C / 255))
    assert colour_of(stage, SQUARE[1]) == pytest.approx(hit, abs=60)


def test_other_counts_in_the_key_draw_no_axes_and_look_as_if_all_were_drawn(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = stage.panel
    panel.show(placed(SQUARE))
    panel.choose_colour("folder")
    panel.show_colours(folders([0, 0, 1, 1, -1], ("/a/sea", "/b/hills")))
    stage.settle()
    axes: list[object] = []
    with monkeypatch.context() as patch:
        patch.setattr(type(panel.plot.axes), "draw", lambda self, _renderer: axes.append(self))
        before = panel.canvas.drawings
        panel.show(placed([*SQUARE, (1.0, 1.0)]), keep_view=True)
        ids = np.arange(1, 7, dtype=np.int64)
        panel.show_colours(folders([0, 0, 1, 1, -1, 1], ("/a/sea", "/b/hills"), ids))
        stage.wait(lambda: panel.canvas.drawings > before)
    assert axes == []
    assert panel.plot.key.labels == ["Folder", "sea (2)", "hills (3)", "other (1)"]
    drawn = np.array(panel.canvas.buffer_rgba())
    panel.canvas.draw()
    np.testing.assert_array_equal(drawn, np.asarray(panel.canvas.buffer_rgba()))


def test_names_are_no_formulas_in_the_key() -> None:
    figure = Figure()
    key = MapKey(figure)
    key.show(
        Colouring(np.zeros((1, 3), np.float32), "Folder", (("#aa0000", "$x_$ (3)"),)),
        LIGHT,
        0.7,
        0.9,
    )
    FigureCanvasAgg(figure).draw()
    assert key.labels == ["Folder", "$x_$ (3)"]
