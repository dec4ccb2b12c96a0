from __future__ import annotations

import tkinter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.records import Record
from cbir.ui.details.panel import Inspector
from cbir.ui.widgets.theme import DARK, apply_theme
from cbir.work.editing import Edit
from cbir.work.messages import ThumbnailReady
from tests.ui.grid.rig import make_record

SPACES = {"classic": True, "resnet18": True, "clip": False}


class Rig:
    """An inspector in a window; what it called, and its widgets by what they say."""

    def __init__(self, root: ttk.App) -> None:
        self.root = root
        self.calls: list[tuple[Any, ...]] = []
        self.inspector = Inspector(
            root,
            request_thumbnail=lambda path, size: self.calls.append(("thumbnail", path, size)),
            on_edit=lambda id_, edit: self.calls.append(("edit", id_, edit)),
            on_similar=lambda id_: self.calls.append(("similar", id_)),
            on_locate=lambda id_: self.calls.append(("locate", id_)),
            on_remove=lambda id_: self.calls.append(("remove", id_)),
            on_remove_all=lambda: self.calls.append(("remove all",)),
        )
        self.inspector.pack(fill="both", expand=True)
        root.geometry("330x900")
        root.update()

    def show(self, record: Record | None, **options: Any) -> None:
        self.inspector.show(record, SPACES, **options)
        self.root.update()

    def widgets(self) -> Iterator[tkinter.Misc]:
        """Every widget that is on the screen."""
        waiting: list[tkinter.Misc] = [self.inspector]
        while waiting:
            widget = waiting.pop()
            if widget.winfo_viewable():
                yield widget
                waiting.extend(widget.winfo_children())

    def texts(self) -> list[str]:
        return [_text(widget).rstrip() for widget in self.widgets() if _text(widget)]

    def button(self, text: str) -> ttk.Button:
        found = [w for w in self.widgets() if isinstance(w, ttk.Button) and w.cget("text") == text]
        assert found, f"no button {text!r} is on the screen"
        return found[0]

    def one(self, kind: type[tkinter.Misc]) -> Any:
        return next(widget for widget in self.widgets() if isinstance(widget, kind))

    def type_note(self, note: str) -> None:
        text = self.one(tkinter.Text)
        text.focus_force()
        text.delete("1.0", "end")
        text.insert("1.0", note)
        self.root.update()

    def edits(self) -> list[tuple[int, Edit]]:
        return [(call[1], call[2]) for call in self.calls if call[0] == "edit"]


@pytest.fixture
def rig(root: ttk.App) -> Rig:
    return Rig(root)


def test_with_nothing_selected_there_is_a_hint(rig: Rig) -> None:
    assert rig.texts()[0].startswith("Select a picture")
    rig.show(make_record(1))
    rig.show(None)
    assert len(rig.texts()) == 1


def test_facts_are_for_people(rig: Rig) -> None:
    record = make_record(7)
    rig.show(replace(record, file=replace(record.file, size=1_400_000, width=4000, height=3000)))
    texts = rig.texts()
    for expected in ("0007.jpg", "/photos", "4,000 × 3,000 pixels", "1.4 MB", "7", "ResNet18"):
        assert expected in texts


def test_nothing_jumps_when_the_spaces_become_known(rig: Rig) -> None:
    rig.inspector.show(make_record(7))
    rig.root.update()
    before = rig.button("Find similar").winfo_rooty()
    rig.show(make_record(7))
    assert rig.button("Find similar").winfo_rooty() == before


def test_a_long_folder_is_cut_and_a_long_name_is_broken(rig: Rig) -> None:
    record = make_record(1)
    path = "/photos/" + "deeply/nested/" * 12 + "a_long_name_" * 8 + ".jpg"
    rig.show(replace(record, file=replace(record.file, path=path)))
    folder = next(text for text in rig.texts() if text.startswith("/photos"))
    assert "…" in folder
    label = next(w for w in rig.widgets() if "a_long" in _text(w))
    assert label.winfo_reqwidth() <= 330
    assert label.winfo_height() > 30


def _text(widget: tkinter.Misc) -> str:
    return str(widget.cget("text")) if "text" in widget.keys() else ""  # noqa: SIM118


def test_buttons_ask_for_what_they_say(rig: Rig) -> None:
    rig.show(make_record(7))
    rig.calls.clear()
    for text in ("Find similar", "Re-embed", "Remove"):
        rig.button(text).invoke()
    assert rig.calls == [("similar", 7), ("edit", 7, Edit(re_embed=True)), ("remove", 7)]


def test_locate_is_there_only_for_a_missing_file(rig: Rig) -> None:
    rig.show(make_record(7))
    assert "Locate…" not in rig.texts()
    rig.show(make_record(8, missing=True))
    assert "Re-embed" not in rig.texts()
    rig.button("Locate…").invoke()
    assert rig.calls[-1] == ("locate", 8)


def test_several_pictures_can_be_removed_together(rig: Rig) -> None:
    rig.show(None, count=1200)
    assert "1,200 pictures selected" in rig.texts()
    rig.button("Remove from the library").invoke()
    assert rig.calls == [("remove all",)]


# -- preview --------------------------------------------------------------------------------------


def _preview(rig: Rig) -> tkinter.Canvas:
    canvases = [w for w in rig.widgets() if type(w).__name__ == "Preview"]
    assert isinstance(canvases[0], tkinter.Canvas)
    return canvases[0]


def test_the_preview_fits_its_box(rig: Rig) -> None:
    rig.show(make_record(7))
    assert rig.calls == [("thumbnail", "/photos/0007.jpg", 320)]
    image = Image.new("RGB", (160, 320), "red")
    rig.inspector.thumbnail_ready(ThumbnailReady("/photos/0007.jpg", 320, image))
    rig.root.update()
    canvas = _preview(rig)
    left, top, right, bottom = canvas.bbox("all")
    assert min(left, top) >= 0
    assert right <= canvas.winfo_width()
    assert bottom <= canvas.winfo_height()
    assert (bottom - top) == pytest.approx(2 * (right - left), abs=4)


def test_the_preview_of_another_picture_or_size_is_ignored(rig: Rig) -> None:
    rig.show(make_record(7))
    image = Image.new("RGB", (160, 320), "red")
    rig.inspector.thumbnail_ready(ThumbnailReady("/photos/0008.jpg", 320, image))
    rig.inspector.thumbnail_ready(ThumbnailReady("/photos/0007.jpg", 160, image))
    assert _preview(rig).find_all() == ()


def test_a_missing_or_unreadable_picture_is_said_so(rig: Rig) -> None:
    rig.show(make_record(7, missing=True))
    assert rig.calls == []
    canvas = _preview(rig)
    assert "missing" in [_item_text(canvas, item) for item in canvas.find_all()]
    rig.show(make_record(8))
    rig.inspector.thumbnail_ready(ThumbnailReady("/photos/0008.jpg", 320, None, "truncated"))
    assert "no preview" in [_item_text(canvas, item) for item in canvas.find_all()]


def _item_text(canvas: tkinter.Canvas, item: int) -> str:
    return canvas.itemcget(item, "text") if canvas.type(item) == "text" else ""


def test_the_same_record_again_asks_for_no_new_preview(rig: Rig) -> None:
    rig.show(make_record(7))
    image = Image.new("RGB", (320, 240), "red")
    rig.inspector.thumbnail_ready(ThumbnailReady("/photos/0007.jpg", 320, image))
    rig.show(make_record(7, tags=("sea",)))
    assert len(rig.calls) == 1
    changed = make_record(7)
    rig.show(replace(changed, file=replace(changed.file, digest="other")))
    assert len(rig.calls) == 2


# -- tags -----------------------------------------------------------------------------------------


def test_tags_are_added_with_enter(rig: Rig) -> None:
    rig.show(make_record(7))
    entry = rig.one(ttk.Entry)
    entry.focus_force()
    entry.insert(0, " sea , holiday 2023,, ")
    entry.event_generate("<Return>")
    assert rig.edits() == [(7, Edit(add_tags=("sea", "holiday 2023")))]
    assert entry.get() == ""
    entry.event_generate("<Return>")
    assert len(rig.edits()) == 1


def test_tags_are_removed_by_their_cross_with_mouse_or_key(rig: Rig) -> None:
    rig.show(make_record(7, tags=("sea", "2023")))
    crosses = [w for w in rig.widgets() if _text(w) == "×"]
    assert len(crosses) == 2
    crosses[0].event_generate("<Button-1>")
    crosses[1].focus_force()
    crosses[1].event_generate("<Return>")
    removed = {edit.remove_tags for _, edit in rig.edits()}
    assert removed == {("sea",), ("2023",)}


def test_what_was_made_of_a_change_is_shown(rig: Rig) -> None:
    rig.show(make_record(7, tags=("sea",)))
    rig.show(make_record(7, tags=("sea", "boats")))
    assert {"sea", "boats"} <= set(rig.texts())
    rig.show(make_record(7))
    assert not {"sea", "boats"} & set(rig.texts())


def test_a_half_typed_tag_survives_a_refresh_but_not_another_record(rig: Rig) -> None:
    rig.show(make_record(7))
    rig.one(ttk.Entry).insert(0, "se")
    rig.show(make_record(7, tags=("other",)))
    assert rig.one(ttk.Entry).get() == "se"
    rig.show(make_record(8))
    assert rig.one(ttk.Entry).get() == ""


def test_many_tags_take_several_lines_within_the_width(rig: Rig) -> None:
    rig.show(make_record(7, tags=tuple(f"tag number {n}" for n in range(12))))
    pills = [w for w in rig.widgets() if type(w).__name__ == "Pill" and "tag number" in _text(w)]
    assert len({pill.winfo_y() for pill in pills}) > 3
    assert max(pill.winfo_rootx() + pill.winfo_width() for pill in pills) <= 330


# -- note -----------------------------------------------------------------------------------------


def test_a_note_is_saved_when_the_cursor_leaves_it(rig: Rig) -> None:
    rig.show(make_record(7, note="old"))
    rig.type_note("from the ferry")
    rig.one(ttk.Entry).focus_force()
    rig.root.update()
    assert rig.edits() == [(7, Edit(note="from the ferry"))]
    assert "Saving…" in rig.texts()
    rig.show(make_record(7, note="from the ferry"))
    assert "Saved" in rig.texts()


def test_a_note_that_could_not_be_saved_is_kept_and_sent_again(rig: Rig) -> None:
    rig.show(make_record(7))
    rig.inspector.edit_failed(7)
    assert "Not saved" not in rig.texts()
    rig.type_note("precious")
    rig.inspector.save()
    rig.inspector.edit_failed(7)
    assert "Not saved" in rig.texts()
    rig.show(make_record(7))
    rig.inspector.save()
    assert rig.edits() == [(7, Edit(note="precious"))] * 2


def test_a_note_that_could_not_be_saved_waits_while_another_record_is_shown(rig: Rig) -> None:
    rig.show(make_record(7))
    rig.type_note("precious")
    rig.show(make_record(8))
    rig.inspector.edit_failed(7)
    assert rig.one(tkinter.Text).get("1.0", "end-1c") == ""
    rig.show(make_record(7))
    assert rig.one(tkinter.Text).get("1.0", "end-1c") == "precious"
    assert "Not saved" in rig.texts()
    rig.inspector.note_written(7)
    rig.show(make_record(7, note="precious"))
    rig.show(make_record(8))
    rig.show(make_record(7, note="written later"))
    assert rig.one(tkinter.Text).get("1.0", "end-1c") == "written later"


def test_typing_on_after_a_save_says_no_longer_saved(rig: Rig) -> None:
    rig.show(make_record(7))
    rig.type_note("one")
    rig.inspector.save()
    rig.show(make_record(7, note="one"))
    assert "Saved" in rig.texts()
    rig.one(tkinter.Text).event_generate("<KeyPress-x>")
    rig.one(tkinter.Text).event_generate("<KeyRelease-x>")
    rig.root.update()
    assert "Saved" not in rig.texts()


def test_a_note_is_saved_by_ctrl_enter_once(rig: Rig) -> None:
    rig.show(make_record(7))
    rig.type_note("two\nlines")
    rig.one(tkinter.Text).event_generate("<Control-Return>")
    rig.inspector.save()
    assert rig.edits() == [(7, Edit(note="two\nlines"))]


def test_an_unchanged_note_is_not_saved(rig: Rig) -> None:
    rig.show(make_record(7, note="same"))
    rig.one(tkinter.Text).focus_force()
    rig.one(ttk.Entry).focus_force()
    rig.root.update()
    rig.show(make_record(8))
    rig.show(None)
    assert rig.edits() == []


def test_a_note_can_be_emptied(rig: Rig) -> None:
    rig.show(make_record(7, note="old"))
    rig.type_note("")
    rig.inspector.save()
    assert rig.edits() == [(7, Edit(note=""))]


@pytest.mark.parametrize("after", [make_record(8), None])
def test_what_was_typed_is_saved_before_another_record_is_shown(
    rig: Rig, after: Record | None
) -> None:
    rig.show(make_record(7))
    rig.type_note("nearly lost")
    rig.show(after)
    assert rig.edits() == [(7, Edit(note="nearly lost"))]


def test_typing_is_not_overwritten_by_a_refresh(rig: Rig) -> None:
    rig.show(make_record(7, note="old"))
    rig.type_note("old and more")
    rig.show(make_record(7, note="old", tags=("sea",)))
    assert rig.one(tkinter.Text).get("1.0", "end-1c") == "old and more"
    rig.show(make_record(8, note="another"))
    assert rig.one(tkinter.Text).get("1.0", "end-1c") == "another"


def test_tab_leads_on_from_the_note(rig: Rig) -> None:
    rig.show(make_record(7))
    text = rig.one(tkinter.Text)
    text.focus_force()
    rig.root.update()
    text.event_generate("<Tab>")
    rig.root.update()
    assert rig.root.focus_get() is rig.button("Find similar")
    text.focus_force()
    text.event_generate("<Shift-Tab>")
    rig.root.update()
    assert isinstance(rig.root.focus_get(), ttk.Entry)


# -- place and theme ------------------------------------------------------------------------------


def test_it_scrolls_where_it_is_too_low(rig: Rig) -> None:
    rig.show(make_record(7))
    label = next(w for w in rig.widgets() if _text(w) == "0007.jpg")
    rig.root.geometry("330x300")
    rig.root.update()
    before = label.winfo_rooty()
    label.event_generate("<Button-5>")
    rig.root.update()
    assert label.winfo_rooty() < before
    rig.one(tkinter.Text).event_generate("<Button-5>")  # too short to scroll by itself
    rig.show(make_record(8))
    assert label.winfo_rooty() == before
    rig.root.geometry("330x900")
    rig.root.update()
    before = label.winfo_rooty()
    label.event_generate("<Button-5>")
    rig.root.update()
    assert label.winfo_rooty() == before


def test_a_change_of_theme_recolours_what_ttk_does_not(rig: Rig) -> None:
    rig.show(make_record(7, tags=("sea",)))
    apply_theme(rig.root, "dark")
    rig.root.update()
    text = rig.one(tkinter.Text)
    assert str(text.cget("background")) == DARK.background
    assert str(text.cget("foreground")) == DARK.text
    assert str(_preview(rig).cget("background")) == DARK.surface
    cross = next(w for w in rig.widgets() if _text(w) == "×")
    assert str(cross.cget("background")) == DARK.selection


# -- a library that can only be read --------------------------------------------------------------


def test_what_would_change_a_read_only_library_is_grey_and_says_why(rig: Rig) -> None:
    rig.show(make_record(7, tags=("sea",), note="mine"))
    rig.inspector.show_read_only("Another window writes it.")
    rig.root.update()
    assert rig.button("Re-embed").instate(["disabled"])
    assert rig.button("Remove").instate(["disabled"])
    assert not rig.button("Find similar").instate(["disabled"])
    assert rig.one(ttk.Entry).instate(["disabled"])
    assert "×" not in rig.texts()
    assert "sea" in rig.texts()
    text = rig.one(tkinter.Text)
    text.insert("end", " and more")
    assert text.get("1.0", "end-1c") == "mine"
    rig.button("Remove").event_generate("<Enter>")
    wait = rig.root.tk.call
    for _ in range(200):
        if "Another window writes it." in _tooltips(rig):
            break
        wait("after", 10)
        rig.root.update()
    assert "Another window writes it." in _tooltips(rig)
    rig.button("Remove").event_generate("<Leave>")


def test_another_record_is_shown_in_a_read_only_library_and_all_comes_back(rig: Rig) -> None:
    rig.inspector.show_read_only("Another window writes it.")
    rig.show(make_record(7, note="mine"))
    rig.show(make_record(8, note="another", tags=("boat",)))
    assert rig.one(tkinter.Text).get("1.0", "end-1c") == "another"
    rig.show(None, count=2)
    assert rig.button("Remove from the library").instate(["disabled"])
    rig.inspector.show_read_only("")
    rig.show(make_record(8, note="another", tags=("boat",)))
    assert not rig.button("Remove").instate(["disabled"])
    assert "×" in rig.texts()
    assert "Add a tag and press Enter" in rig.texts()


def _tooltips(rig: Rig) -> list[str]:
    """What the open tooltips say."""
    button = rig.button("Remove")
    windows = [child for child in button.winfo_children() if isinstance(child, tkinter.Toplevel)]
    return [_text(label) for window in windows for label in window.winfo_children()]


def test_the_preview_leaves_room_for_what_is_known(rig: Rig) -> None:
    rig.root.geometry("900x900")
    rig.root.update()
    rig.show(make_record(7))
    assert _preview(rig).winfo_height() == pytest.approx(0.42 * 900, abs=1)
    rig.root.geometry("900x300")
    rig.root.update()
    assert _preview(rig).winfo_height() == 140
