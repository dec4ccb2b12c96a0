from __future__ import annotations

import tkinter
from typing import Any

import numpy as np
import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.asking import Box
from cbir.ui.viewer.window import QueryShown, Shown, Viewer, ViewerEvents
from cbir.ui.widgets.theme import DARK, apply_theme
from cbir.work.explaining import Explanation
from tests.ui.grid.rig import make_record


class Rig:
    """A viewer of record 7, and what it asked for."""

    def __init__(self, root: ttk.App) -> None:
        self.root = root
        self.calls: list[tuple[Any, ...]] = []
        names = ("step", "detail", "box", "similar", "query", "why", "stop", "closed")
        self.viewer = Viewer(root, "900x600+10+10", ViewerEvents(*map(self._noting, names)))
        self.viewer.show(Shown(make_record(7), 2, 1200, "0.93"), "")
        self.viewer.present()
        root.update()

    def _noting(self, name: str) -> Any:
        return lambda *rest: self.calls.append((name, *rest))

    def press(self, key: str) -> None:
        self.viewer.canvas.focus_force()
        self.viewer.canvas.event_generate(key)
        self.root.update()

    def named(self, name: str) -> list[tuple[Any, ...]]:
        return [call for call in self.calls if call[0] == name]

    def words(self, canvas: tkinter.Canvas) -> str:
        self.root.update()
        texts = [item for item in canvas.find_all() if canvas.type(item) == "text"]
        return canvas.itemcget(texts[0], "text")


@pytest.fixture
def rig(root: ttk.App) -> Rig:
    return Rig(root)


def test_the_head_tells_which_picture_this_is(rig: Rig) -> None:
    head = rig.viewer.head
    assert head.number.cget("text") == "2 of 1,200"
    assert head.name.cget("text") == "0007.jpg"
    assert head.score.cget("text") == "0.93"
    assert rig.viewer.title() == "0007.jpg – cbir"


@pytest.mark.parametrize(
    ("key", "call"),
    [
        ("<Left>", ("step", -1)),
        ("<Right>", ("step", 1)),
        ("<Prior>", ("step", -1)),
        ("<Next>", ("step", 1)),
        ("<Control-Shift-F>", ("similar",)),
        ("<h>", ("why",)),
        ("<H>", ("why",)),
        ("<space>", ("closed", "900x600+10+10")),
        ("<Escape>", ("closed", "900x600+10+10")),
    ],
)
def test_keys_ask_for_what_they_mean(rig: Rig, key: str, call: tuple[Any, ...]) -> None:
    rig.press(key)
    assert rig.named(call[0]) == [call]


def test_the_first_and_the_last_picture_lead_no_further(rig: Rig) -> None:
    for number, greyed in ((1, (True, False)), (1200, (False, True))):
        rig.viewer.show(Shown(make_record(7), number, 1200), "")
        states = [str(rig.viewer.head._steps[step].cget("state")) for step in (-1, 1)]
        assert tuple(state == "disabled" for state in states) == greyed


def test_words_stand_where_the_query_has_no_picture(rig: Rig) -> None:
    rig.viewer.show_query(QueryShown(words="“a red car”"))
    rig.press("<q>")
    assert rig.viewer.query_canvas.winfo_viewable()
    assert rig.words(rig.viewer.query_canvas) == "“a red car”"
    assert rig.named("query") == [("query",)]
    rig.viewer.show_query(None, "Search first.")
    rig.root.update()
    assert not rig.viewer.query_canvas.winfo_viewable()


def test_the_part_that_was_looked_for_is_outlined_on_the_query(rig: Rig) -> None:
    rig.viewer.show_query(QueryShown(size=(40, 30), box=Box(0.5, 0, 1, 1)))
    rig.viewer.add_query_image(Image.new("RGB", (40, 30), "red"))
    rig.press("<q>")
    canvas = rig.viewer.query_canvas
    shown = [i for i in canvas.find_all() if canvas.type(i) == "rectangle"]
    assert {canvas.itemcget(item, "state") for item in shown} == {"normal"}


def test_more_of_the_picture_is_asked_for_as_it_is_looked_at_closely(rig: Rig) -> None:
    rig.viewer.add_image(Image.new("RGB", (40, 30), "red"))
    rig.viewer.canvas.fit()
    for _ in range(300):
        rig.root.update()
        if rig.named("detail"):
            break
        rig.root.after(5)
    assert rig.named("detail")[-1] == ("detail", 400)


def test_why_is_not_asked_for_where_it_cannot_be_told(rig: Rig) -> None:
    rig.viewer.show(Shown(make_record(7), 2, 1200), "Search first.")
    rig.press("<h>")
    assert rig.named("why") == []


def test_progress_can_be_ended_and_trouble_is_told(rig: Rig) -> None:
    story = rig.viewer.tools.story
    rig.viewer.show_progress(14, 49)
    rig.root.update()
    assert story.label.cget("text") == "Covering parts of the picture: 14 of 49"
    story._stop.invoke()
    assert rig.named("stop") == [("stop",)]
    rig.viewer.explanation_failed("CLIP's weights are not here.")
    rig.root.update()
    assert story.label.cget("text") == "CLIP's weights are not here."


def test_it_follows_the_theme(rig: Rig) -> None:
    drops = np.eye(7, dtype=np.float32)
    rig.viewer.add_image(Image.new("RGB", (40, 30), "red"))
    rig.viewer.show_explanation(Explanation(drops, 0.5, "cosine", "clip"))
    apply_theme(rig.root, "dark")
    rig.root.update()
    assert rig.viewer.canvas.cget("background") == DARK.surface
    assert "lowers the score by up to 1" in rig.viewer.tools.story.label.cget("text")


def test_what_is_wrong_with_a_file_stands_in_its_place_but_never_over_a_picture(rig: Rig) -> None:
    rig.viewer.show_trouble("The file is missing.")
    assert rig.words(rig.viewer.canvas) == "The file is missing."
    rig.viewer.add_image(Image.new("RGB", (40, 30), "red"))
    rig.viewer.show_trouble("The file is missing.")
    assert rig.words(rig.viewer.canvas) == ""
