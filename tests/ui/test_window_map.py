"""The map and the grid together: what is chosen on one is shown by the other."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from cbir.ui.actions.records import RecordActions
from cbir.ui.map.panel import MapPanel
from cbir.ui.widgets.sheet import Sheet
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, settle


def names(window: Window) -> list[str]:
    return [Path(tile.record.path).name for tile in window.layout.grid.tiles]


@pytest.fixture
def window(open_window: OpenWindow, wait_until: WaitUntil, pictures: Path) -> Window:
    made = open_window(pictures)
    wait_until(lambda: made.layout.map is not None and not made.layout.map.empty)
    return made


def the_map(window: Window) -> MapPanel:
    assert window.layout.map is not None
    return window.layout.map


def ids_of(window: Window, word: str) -> list[int]:
    return [id_ for id_, record in window.map_link.records.items() if word in record.path]


def told(window: Window) -> str:
    """All that dialogs say."""
    sheets = [child for child in window.root.winfo_children() if isinstance(child, Sheet)]
    parts = [part for sheet in sheets for part in sheet.body.winfo_children()]
    return " ".join(str(part.cget("text")) for part in parts)


def offer(window: Window, text: str) -> None:
    """Press a button above the grid."""
    next(one for one in window.layout.heading.offers if one.cget("text") == text).invoke()


def test_what_is_drawn_around_has_a_grid_of_its_own_and_back_leaves_it(
    window: Window, wait_until: WaitUntil, pictures: Path
) -> None:
    window.query.search_image(str(pictures / "red_01.png"))
    settle(window, wait_until)
    found = names(window)
    blue = ids_of(window, "blue")
    window.map_selection.choose(blue[:4], "new")
    settle(window, wait_until)
    assert window.layout.heading.text == "Chosen on the map · 4 pictures"
    assert window.layout.status.message == ""  # how it was searched before is no news of these
    window.map_selection.choose(blue[3:], "add")
    settle(window, wait_until)
    assert sorted(names(window)) == [f"blue_{number:02}.png" for number in range(6, 12)]
    window.map_selection.choose(blue[:1], "remove")
    settle(window, wait_until)
    assert len(names(window)) == 5
    assert the_map(window).plot.star is not None  # the map stays as it was drawn on
    offer(window, "Close")
    settle(window, wait_until)
    window.query.back()
    settle(window, wait_until)
    window.query.back()
    settle(window, wait_until)
    assert names(window) == found
    assert not window.layout.heading.offers


def test_the_chosen_are_tagged_and_exported_as_a_whole(
    window: Window, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.map_selection.choose(ids_of(window, "red"), "new")
    settle(window, wait_until)
    tagged: list[tuple[int, ...]] = []
    monkeypatch.setattr(RecordActions, "tag", lambda self: tagged.append(self.selected))
    offer(window, "Tag all…")
    assert sorted(tagged[0]) == sorted(ids_of(window, "red"))
    assert not window.export.hindered()
    offer(window, "Index only these")
    wait_until(lambda: "ndexed" in window.layout.status.message or not window.indexing.busy)
    settle(window, wait_until)
    assert window.layout.heading.text == "Chosen on the map · 6 pictures"


def test_a_shape_around_nothing_says_so(window: Window, wait_until: WaitUntil) -> None:
    before = names(window)
    window.query.clear()
    settle(window, wait_until)
    assert window.layout.status.message == "The whole library is shown."
    reds = ids_of(window, "red")
    window.map_selection.choose(reds, "new")
    settle(window, wait_until)
    assert window.layout.status.message == ""
    window.map_selection.choose(reds, "remove")
    settle(window, wait_until)
    assert window.layout.status.message == "None is left."
    window.map_selection.choose((), "new")
    assert window.layout.status.message == "There is no picture inside."
    assert names(window) == before


def test_a_point_selects_its_tile_and_offers_what_is_not_in_view(
    window: Window, wait_until: WaitUntil
) -> None:
    red, blue = ids_of(window, "red"), ids_of(window, "blue")
    window.map_selection.select(red[0], False)
    window.map_selection.select(blue[0], True)
    assert set(window.layout.grid.selection) == {red[0], blue[0]}
    window.map_selection.select(red[0], True)
    assert window.layout.grid.selection == (blue[0],)
    window.map_selection.choose(red, "new")
    settle(window, wait_until)
    window.map_selection.select(blue[1], False)
    assert "is not among the pictures in view" in window.layout.status.message
    window.layout.status.offer.invoke()
    settle(window, wait_until)
    assert window.layout.grid.selection == (blue[1],)


def test_a_picture_is_shown_on_the_map_though_that_is_hidden(
    window: Window, wait_until: WaitUntil
) -> None:
    window.view.choices.show_map.set(False)
    window.view.parts_chosen()
    (id_,) = ids_of(window, "blue_07")
    window.layout.grid.select([id_])
    window.records.select((id_,))
    window.root.event_generate("<Control-g>")
    window.root.update()
    panel = the_map(window)
    wait_until(panel.winfo_viewable)
    (row,) = panel.plot.points.rows((id_,))
    view = panel.plot.view
    assert (view.x, view.y) == pytest.approx(panel.plot.place(row), rel=0.01)


@pytest.mark.parametrize("ending", [".png", ".svg", ".jpg"])
def test_saving_the_map(window: Window, wait_until: WaitUntil, tmp_path: Path, ending: str) -> None:
    to = tmp_path / f"my map{ending}"
    window.context.choosers.new_file = lambda *_: str(to)
    window.root.event_generate("<Control-P>", state=0x5)
    if ending == ".jpg":
        assert "is saved as .png or .svg" in window.layout.status.message
        assert not to.exists()
        return
    wait_until(lambda: "The map was saved" in window.layout.status.message)
    if ending == ".png":
        with Image.open(to) as png:
            assert png.width == 2 * the_map(window).canvas.widget.winfo_width()
    else:
        assert "PC 1" in to.read_text()
    to.unlink()
    window.context.choosers.new_file = lambda *_: str(tmp_path / "nowhere" / "map.png")
    window.map_selection.save()
    wait_until(lambda: "choose another place" in told(window))
