from __future__ import annotations

import io
import tkinter
from dataclasses import replace

import numpy as np
import pytest
import ttkbootstrap as ttk
from PIL import Image, ImageColor

from cbir.ui.widgets.theme import DARK, LIGHT, apply_theme
from cbir.work.mapping import MapQuery
from cbir.work.messages import ThumbnailReady
from tests.ui.conftest import WaitUntil
from tests.ui.map.data import make_vectors, placed, projected, vector_at
from tests.ui.map.stage import SQUARE, Stage


def dots(stage: Stage) -> np.ndarray:
    points = stage.panel.plot.points
    return np.column_stack([points.x, points.y])


def test_points_and_axes_captions(stage: Stage) -> None:
    outcome = projected(make_vectors(40))
    stage.panel.show(outcome)
    stage.settle()

    assert np.allclose(dots(stage), outcome.projection.points[:, :2])
    first, second = (100 * share for share in outcome.projection.explained[:2])
    axes = stage.panel.plot.axes
    assert axes.get_xlabel() == f"PC 1 ({first:.1f}\u202f% of variance)"
    assert axes.get_ylabel().startswith(f"PC 2 ({second:.1f}\u202f%")
    assert first > second > 0


def test_the_star_stands_where_the_projection_places_the_query(stage: Stage) -> None:
    outcome = projected(make_vectors(30))
    vector = make_vectors(1, seed=9)[0]
    stage.panel.show(outcome)

    stage.panel.show_query(vector, "query.jpg", "image")
    stage.settle()

    assert stage.panel.plot.star == pytest.approx(tuple(outcome.projection.place(vector)[:2]))
    legend = [text.get_text() for text in stage.panel.plot.figure.legends[0].get_texts()]
    assert legend == ["library", "query"]
    stage.panel.show_query(None, "", "image")
    assert stage.panel.plot.star is None
    stage.settle()
    assert not stage.panel.plot.figure.legends


def test_the_star_is_in_view_and_its_label_too(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.panel.show_query(vector_at(20, -10), "far", "text")
    stage.settle()

    x, y = stage.panel.plot.pixel((20, -10))
    assert stage.panel.plot.axes.bbox.contains(x, y)
    label = stage.panel.plot.axes.texts[0]
    assert label.get_visible() and label.get_text() == "text query"
    assert stage.panel.plot.figure.bbox.fully_containsx(label.get_window_extent().x1)
    stage.panel.show_query(vector_at(20, -10), "far", "image")
    assert not label.get_visible()  # a picture lies among its results, which a label would cover


def test_a_text_query_is_called_so_and_explains_the_gap(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.panel.show_query(vector_at(9, 9), "a red car", "text")
    stage.settle()

    stage.hover((9, 9), dx=3)

    assert stage.panel.plot.axes.texts[0].get_text() == "text query"
    assert "a red car" in stage.card_texts()
    assert "modality gap" in stage.card_texts()


def test_the_star_waits_for_the_map_of_its_space(stage: Stage) -> None:
    stage.panel.show(projected(make_vectors(10), space="classic"))
    stage.panel.show_query(vector_at(1, 1), "words", "text", space="clip")
    assert stage.panel.plot.star is None

    stage.panel.show(placed(SQUARE))  # a map of clip

    assert stage.panel.plot.star == pytest.approx((1, 1))


def test_hits_are_highlighted_at_their_points_best_on_top(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.panel.show_hits([3, 1, 99])
    stage.settle()

    hits = stage.panel.plot.axes.collections[0]
    assert np.asarray(hits.get_offsets()).tolist() == [[0, 0], [4, 3]]
    sizes = hits.get_sizes()
    assert sizes[1] > sizes[0]
    assert hits.get_facecolors()[1, 3] > hits.get_facecolors()[0, 3]
    stage.panel.show_hits([])
    assert len(np.asarray(hits.get_offsets())) == 0


def test_hits_and_selection_find_their_new_places_when_the_library_grows(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE[:3]))
    stage.panel.show_hits([2, 5])
    stage.panel.select([5])
    assert len(stage.panel.plot.hits) == 1

    stage.panel.show(placed(SQUARE))

    assert stage.panel.plot.hits.tolist() == [1, 4]
    assert np.column_stack(stage.panel.plot.axes.lines[0].get_data()).tolist() == [[2, 1.5]]


def test_hover_shows_name_and_thumbnail_without_redrawing(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    before = stage.draws

    stage.hover(SQUARE[2], dx=4, dy=-3)

    path, size = stage.requested[-1]
    assert path == "/pictures/kind/picture-3.jpg"
    assert stage.panel.card.name == "picture-3.jpg"
    assert "picture-3.jpg" in stage.card_texts()
    assert not stage.panel.card.has_picture
    stage.panel.thumbnail_ready(ThumbnailReady(path, size, Image.new("RGB", (size, size), "red")))
    stage.root.update()
    assert stage.panel.card.has_picture
    assert stage.draws == before


def test_the_card_goes_when_the_pointer_leaves(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    stage.hover(SQUARE[4])
    assert stage.panel.card.visible

    stage.hover(SQUARE[4], dx=30)
    assert not stage.panel.card.visible
    stage.hover(SQUARE[4])
    stage.canvas.event_generate("<Leave>", x=1, y=1)
    assert not stage.panel.card.visible


def test_a_hover_asks_once_for_a_point(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    for dx in range(4):
        stage.hover(SQUARE[4], dx=dx)

    assert len(stage.requested) == 1


def test_a_thumbnail_of_another_point_is_not_shown_and_a_failed_one_says_why(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    stage.hover(SQUARE[1])
    path, size = stage.requested[-1]

    stage.panel.thumbnail_ready(ThumbnailReady("/other.jpg", size, Image.new("RGB", (9, 9))))
    assert not stage.panel.card.has_picture
    stage.panel.thumbnail_ready(ThumbnailReady(path, size, None, "the file is gone"))
    assert "the file is gone" in stage.card_texts()


@pytest.mark.parametrize("place", SQUARE)
def test_the_card_stays_inside_the_canvas(stage: Stage, place: tuple[float, float]) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()

    stage.hover(place)

    box = stage.canvas.bbox("map-card")
    assert box[0] >= -2 and box[1] >= -2
    assert box[2] <= stage.canvas.winfo_width() + 2
    assert box[3] <= stage.canvas.winfo_height() + 2


def test_on_a_low_map_the_card_has_a_smaller_picture_and_all_of_its_words(stage: Stage) -> None:
    stage.panel.place(width=430, height=220)
    found = placed(SQUARE)
    tall = [replace(one, file=replace(one.file, width=300, height=400)) for one in found.records]
    stage.panel.show(replace(found, records=tuple(tall)))
    near = np.array([0.9, 0.7, 0.5, 0.3, 0.1], np.float32)
    ids = np.arange(1, 6, dtype=np.int64)
    stage.panel.show_query(vector_at(0, 0), "red", "text")
    stage.panel.show_nearness(MapQuery(ids, vector_at(0, 0), False, near, "cosine"))
    stage.settle()
    assert stage.canvas.winfo_height() < 170

    for place in SQUARE[1:]:
        stage.hover(place)
        path, size = stage.requested[-1]
        assert size < 128
        picture = Image.new("RGB", (size * 3 // 4, size))
        stage.panel.thumbnail_ready(ThumbnailReady(path, size, picture))
        box = stage.canvas.bbox("map-card")
        assert "of 5" in stage.card_texts() and stage.panel.card.has_picture
        assert box[1] >= -2 and box[3] <= stage.canvas.winfo_height() + 2


def test_the_card_lies_over_the_figure_after_a_drawing(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    stage.hover(SQUARE[0])
    stage.settle()

    tags = [stage.canvas.gettags(item) for item in stage.canvas.find_all()]
    assert "map-card" in tags[-1]


def test_a_click_selects_the_record_and_a_ring_marks_it(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()

    stage.click(SQUARE[3], dx=2)
    stage.click((2.9, 0.7))  # nothing is near

    assert stage.selected == [4]
    stage.panel.select([4])
    assert np.column_stack(stage.panel.plot.axes.lines[0].get_data()).tolist() == [[0, 3]]


def test_a_drag_is_no_click(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()

    stage.click(SQUARE[3], dx=40)

    assert stage.selected == []


def test_dragging_moves_the_map_and_selects_nothing(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    centre = stage.panel.plot.view

    stage.drag(SQUARE[0], SQUARE[2])

    moved = stage.panel.plot.view
    assert stage.selected == []
    assert (centre.x - moved.x, centre.y - moved.y) == pytest.approx((4, 3), abs=0.05)
    assert moved.unit == pytest.approx(centre.unit)
    stage.panel.toolbar.buttons["home"].invoke()
    stage.settle()
    stage.click(SQUARE[3])
    assert stage.selected == [4]


def test_toolbar_zoom_back_forward_and_home(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    buttons = stage.panel.toolbar.buttons
    assert list(buttons) == ["home", "back", "forward", "zoom", "box", "lasso", "save"]
    assert buttons["back"].instate(["disabled"])
    whole = stage.span()

    buttons["zoom"].invoke()
    stage.drag((1, 1), (3, 2))
    near = stage.span()
    assert near < whole
    x_unit, y_unit = axis_units(stage)
    assert x_unit == pytest.approx(y_unit)
    buttons["back"].invoke()
    assert stage.span() == pytest.approx(whole)
    buttons["forward"].invoke()
    assert stage.span() == pytest.approx(near)
    assert buttons["forward"].instate(["disabled"])
    buttons["home"].invoke()
    assert stage.span() == pytest.approx(whole)
    assert stage.panel.plot.is_home


def axis_units(stage: Stage) -> tuple[float, float]:
    """Data units a pixel on each axis."""
    axes = stage.panel.plot.axes
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    return (x1 - x0) / axes.bbox.width, (y1 - y0) / axes.bbox.height


def test_the_wheel_zooms_about_the_pointer_and_a_double_click_resets(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    whole, before = stage.span(), stage.pixel_of(SQUARE[2])

    stage.wheel(SQUARE[2], 4, turns=3)
    stage.settle()
    assert stage.span() == pytest.approx(whole / 1.25**3)
    assert stage.pixel_of(SQUARE[2]) == pytest.approx(before, abs=1)
    stage.wait(lambda: stage.panel.navigation.can_go_back)
    stage.wheel(SQUARE[2], 5, turns=2)
    assert stage.span() == pytest.approx(whole / 1.25)

    stage.click((2.9, 0.7))
    stage.click((2.9, 0.7))
    assert stage.span() == pytest.approx(whole)


def test_zooming_has_an_end(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    whole = stage.span()

    stage.wheel(SQUARE[4], 5, turns=40)
    assert stage.span() <= whole * 21
    stage.wheel(SQUARE[4], 4, turns=200)
    assert stage.span() >= whole * 0.9e-5
    stage.settle()


@pytest.mark.parametrize(("keep", "kept"), [(True, True), (False, False)])
def test_the_part_in_view_is_kept_when_asked(stage: Stage, keep: bool, kept: bool) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    stage.wheel(SQUARE[0], 4, turns=3)
    view = stage.panel.plot.view

    stage.panel.show(placed([*SQUARE, (8, 8)]), keep_view=keep)

    assert stage.panel.plot.view.same(view) is kept


def test_the_theme_recolours(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.panel.show_hits([1])
    figure = stage.panel.plot.figure
    assert figure.get_facecolor() == rgba(LIGHT.background)

    apply_theme(stage.root, "dark")
    stage.root.update()
    stage.settle()

    assert figure.get_facecolor() == rgba(DARK.background)
    assert stage.canvas.cget("background") == DARK.background
    assert tuple(stage.panel.plot.axes.collections[0].get_facecolors()[0]) == rgba(DARK.hit)
    assert stage.panel.plot.axes.xaxis.label.get_color() == DARK.muted
    drawn = np.asarray(stage.panel.canvas.buffer_rgba())
    assert (drawn[2, 2, :3] / 255 == np.asarray(rgba(DARK.background)[:3])).all()


def rgba(colour: str) -> tuple[float, ...]:
    return (*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)), 1.0)


@pytest.mark.parametrize("points", [[], [(0, 0)], [(1, 2), (3, 4)], [(5, 5)] * 6, [(0, 0), (9, 0)]])
def test_few_and_equal_points(stage: Stage, points: list[tuple[float, float]]) -> None:
    stage.panel.show(placed(points))
    stage.panel.show_query(vector_at(0, 0), "query.jpg", "image")
    stage.settle()
    stage.panel.show_query(None, "", "image")
    stage.panel.show_hits([1])
    stage.settle()

    for place in points:
        assert stage.panel.plot.axes.bbox.contains(*stage.panel.plot.pixel(place))


def test_equal_vectors_are_one_place_not_magnified_rounding(stage: Stage) -> None:
    vectors = np.repeat(make_vectors(1), 5, axis=0)
    stage.panel.show(projected(vectors, metric="cosine"))
    stage.settle()

    assert np.ptp(dots(stage), axis=0).tolist() == [0, 0]
    assert "PC 1 (0.0\u202f%" in stage.panel.plot.axes.get_xlabel()


def test_fifty_thousand_points(stage: Stage) -> None:
    random = np.random.default_rng(3)
    points = random.normal(size=(50_000, 2))
    stage.panel.show(placed(points))
    stage.panel.show_hits(range(1, 201))
    stage.settle()

    stage.hover(tuple(points[77]))

    assert stage.panel.card.visible
    assert stage.panel.card.name.startswith("picture-")


def test_a_message_covers_the_map_until_there_is_one(stage: Stage) -> None:
    stage.panel.show_message("No vectors yet")
    stage.root.update()

    labels = [w for w in descendants(stage.panel) if w.winfo_class() == "TLabel"]
    shown = [w for w in labels if w.winfo_viewable() and w.cget("text") == "No vectors yet"]
    assert len(shown) == 1
    assert covers(shown[0], stage.canvas)
    stage.panel.show(placed(SQUARE))
    stage.root.update()
    assert not shown[0].winfo_viewable()


def descendants(widget: tkinter.Misc) -> list[tkinter.Misc]:
    children = widget.winfo_children()
    return children + [below for child in children for below in descendants(child)]


def covers(upper: tkinter.Misc, lower: tkinter.Misc) -> bool:
    x, y = lower.winfo_rootx() + 50, lower.winfo_rooty() + 50
    return upper.winfo_containing(x, y) is upper


def test_nothing_happens_under_a_message_before_the_first_map(stage: Stage) -> None:
    stage.panel.show_hits([1])
    stage.panel.select([1])
    stage.panel.show_query(vector_at(1, 1), "query", "image")
    stage.hover((0.5, 0.5))
    stage.click((0.5, 0.5))
    stage.wheel((0.5, 0.5), 4)

    assert stage.selected == [] and stage.requested == []


@pytest.mark.parametrize("size", [(320, 240), (140, 220), (1200, 760)])
def test_any_size_is_drawn_whole(stage: Stage, size: tuple[int, int]) -> None:
    stage.panel.show(placed(SQUARE))
    stage.panel.show_hits([1, 2])
    stage.panel.place(width=size[0], height=size[1])
    stage.settle()

    plot = stage.panel.plot
    assert plot.figure.bbox.width == pytest.approx(stage.canvas.winfo_width(), abs=1)
    assert all(plot.axes.bbox.contains(*plot.pixel(place)) for place in SQUARE)
    assert plot.is_home


def test_the_zoomed_view_stays_where_it_is_when_the_size_changes(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.settle()
    stage.wheel(SQUARE[2], 4, turns=4)
    view = stage.panel.plot.view

    stage.panel.place(width=500, height=400)
    stage.settle()

    assert stage.panel.plot.view.same(view)


def test_the_map_does_not_take_the_focus_from_what_is_typed(
    root: ttk.App, wait_until: WaitUntil
) -> None:
    entry = ttk.Entry(root)
    entry.pack()
    entry.focus_force()
    wait_until(lambda: root.focus_get() is entry)

    Stage(root, wait_until)

    assert root.focus_get() is entry


def test_destroying_it_at_any_moment_leaves_nothing_behind(
    root: ttk.App, wait_until: WaitUntil
) -> None:
    first = Stage(root, wait_until).panel
    first.destroy()
    stage = Stage(root, wait_until)
    stage.panel.show(placed(SQUARE))
    stage.wheel(SQUARE[0], 4)
    stage.panel.place(width=300, height=300)
    root.update_idletasks()
    stage.panel.canvas.draw_idle()

    stage.panel.destroy()

    root.update()
    root.after(500, root.quit)
    root.mainloop()


def test_the_map_as_a_picture_shows_what_is_seen(stage: Stage) -> None:
    stage.panel.show(placed(SQUARE))
    stage.panel.show_query(vector_at(2.0, 2.5), "sea", "text")
    stage.settle()
    with Image.open(io.BytesIO(stage.panel.picture("png"))) as png:
        assert png.size == (2 * stage.canvas.winfo_width(), 2 * stage.canvas.winfo_height())
        colours = {colour for _count, colour in png.convert("RGB").getcolors(1 << 20)}
    assert ImageColor.getrgb(LIGHT.star) in colours
    svg = stage.panel.picture("svg").decode()
    assert "text query" in svg and "PC 1" in svg  # words stay words
    stage.settle()
    stage.hover(SQUARE[1])
    assert stage.requested  # the map on the screen is as alive as before


def test_many_points_are_one_image_in_an_svg(stage: Stage) -> None:
    stage.panel.show(placed(np.random.default_rng(1).normal(size=(5000, 2))))
    stage.settle()
    svg = stage.panel.picture("svg")
    assert svg.count(b"<image") == 1
    assert len(svg) < 500_000
    stage.panel.toolbar.buttons["save"].invoke()
    assert stage.saves == 1


def test_it_appears_while_a_menu_is_open(root: ttk.App, wait_until: WaitUntil) -> None:
    bar = ttk.Menu(root, tearoff=False)
    bar.add_cascade(label="File", menu=ttk.Menu(bar, tearoff=False))
    root.configure(menu=bar)
    root.update()
    clone = next(
        str(name)
        for name in root.tk.splitlist(root.tk.call("winfo", "children", "."))
        if "#" in str(name)
    )
    root.tk.call("focus", "-force", clone)
    wait_until(lambda: str(root.tk.call("focus")) == clone)
    Stage(root, wait_until)
    assert str(root.tk.call("focus", "-lastfor", ".")) == clone


def test_the_map_is_drawn_while_it_is_dragged_without_a_pause(stage: Stage) -> None:
    stage.panel.show(placed(make_vectors(2_000)[:, :2]))
    stage.settle()
    before, turns = stage.panel.canvas.drawings, iter(range(200))
    drawn: list[int] = []

    def drag() -> None:
        turn = next(turns, None)
        if turn is None:
            drawn.append(stage.panel.canvas.drawings - before)
            return
        at[0] += 5 * (-1) ** (turn // 20)
        stage.canvas.event_generate("<Motion>", x=at[0], y=at[1], state=0x100)
        stage.root.after(1, drag)

    at = [300, 200]
    stage.canvas.event_generate("<Button-1>", x=at[0], y=at[1])
    drag()
    stage.wait(lambda: drawn)
    assert drawn[0] >= 3


def test_a_narrow_map_tells_what_it_shows_below_its_tools_and_puts_choosers_below_each_other(
    stage: Stage,
) -> None:
    panel = stage.panel
    panel.show(placed(SQUARE, (0.5, 0.25)))
    panel.show_hits([1])
    panel.show_query(vector_at(1, 1), "balloon", "text", corrected=True)
    colour, axes = panel.choosers.colour.master, panel.choosers.axes.master
    about = next(
        label for label in panel.winfo_children()[0].winfo_children()
        if "CLIP" in str(label.configure().get("text", ""))
    )  # fmt: skip

    def looks(width: int) -> tuple[bool, bool, str]:
        panel.place(width=width)
        stage.settle()
        legend = panel.plot.figure.legends[0]
        assert legend.get_window_extent().x1 <= panel.plot.figure.bbox.width
        return (
            about.winfo_y() > panel.toolbar.winfo_y() + panel.toolbar.winfo_height() // 2,
            axes.winfo_y() > colour.winfo_y(),
            legend.get_texts()[-1].get_text(),
        )

    assert looks(600) == (False, False, "text query, moved across the modality gap")
    assert about.cget("text") == "CLIP · euclidean · 5 pictures"
    assert looks(260) == (True, True, "text query")
    assert panel.choosers.colour.winfo_rootx() == panel.choosers.axes.winfo_rootx()
    assert about.cget("text") == "CLIP · euclidean · 5 pictures"
    panel.place(width=150)
    stage.settle()
    assert about.cget("text").endswith("…")


def test_a_map_that_is_on_its_way_is_told_over_the_one_that_stays(stage: Stage) -> None:
    panel = stage.panel
    panel.show_coming("Computing the map of ResNet18 · cosine…")
    assert panel.empty
    panel.show(placed(SQUARE))
    stage.settle()
    panel.show_coming("Computing the map of CLIP · cosine…")
    stage.root.update()
    note = next(
        child for child in stage.canvas.master.winfo_children()
        if "of CLIP" in str(child.configure().get("text", ""))
    )  # fmt: skip
    assert note.winfo_viewable() and not panel.empty
    panel.show(placed(SQUARE))
    stage.root.update()
    assert not note.winfo_viewable()
