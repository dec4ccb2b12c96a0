"""Tools → Statistics…: what is in the library, and how well searches find, measured and drawn."""

from __future__ import annotations

import tkinter
import tkinter.ttk
from pathlib import Path

import ttkbootstrap as ttk

from cbir.settings_file import Preferences
from cbir.ui.statistics.plot import RecallPlot
from cbir.ui.widgets.theme import DARK, LIGHT
from cbir.work.statistics import RecallMeasure, RecallPoint
from tests.ui.conftest import OpenWindow, WaitUntil, settle


def text_of(widget: tkinter.Misc) -> str:
    own = [str(widget.cget("text"))] if isinstance(widget, tkinter.ttk.Label) else []
    return " | ".join([*own, *map(text_of, widget.winfo_children())])


def test_the_library_in_numbers_and_its_recall_measured(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.engine.prefer(Preferences(recall=0.875))
    window.records.select_all()
    window.records._tag(window.records.selected[:2], "stripes")
    settle(window, wait_until)
    window.root.focus_force()
    window.root.event_generate("<F4>")
    sheet = window.statistics.sheet
    assert sheet is not None
    wait_until(lambda: not sheet.waiting.winfo_exists())
    window.root.update()
    told = text_of(sheet.body)
    for words in (
        "Pictures | 12",
        "png 12",
        "2, with 1 tag",
        "12 of 12 (100%)",
        "Skipped files | 1",
    ):
        assert words in told
    assert f"{pictures} | 12" in told and "none yet" in told
    assert sheet.ways.get() == "Classic, cosine"

    plot = sheet._plot
    assert plot is not None
    assert not plot.axes.lines
    assert sheet.buttons[0].cget("text") == "Measure recall"
    sheet.buttons[0].invoke()
    assert str(sheet.buttons[0].cget("state")) == "disabled"
    settle(window, wait_until)
    wait_until(lambda: "Measured now" in text_of(sheet.index))
    wait_until(lambda: "1 table of" in text_of(sheet.index))
    assert "recall@10 1.000 aiming at 0.875, in 12 searches" in text_of(sheet.index)
    assert sheet.buttons[0].cget("text") == "Measure recall again"
    assert "searches aim at 0.875" in text_of(sheet.index)
    assert str(sheet.buttons[0].cget("state")) == "normal"
    assert plot.axes.get_facecolor()[0] == int(LIGHT.background[1:3], 16) / 255
    window.view.choices.theme.set("dark")
    window.view.theme_chosen()
    window.root.update()
    assert plot.axes.get_facecolor()[0] == int(DARK.background[1:3], 16) / 255

    sheet.buttons[1].invoke()
    copied = window.root.clipboard_get()
    assert "Pictures: 12" in copied
    assert "Classic, cosine" in copied
    assert "recall@10" in copied
    window.statistics.show()  # the same window
    assert window.statistics.sheet is sheet
    sheet.focus_force()
    window.root.update()
    sheet.event_generate("<Escape>")
    assert not sheet.winfo_exists()
    settle(window, wait_until)


def test_what_was_measured_is_joined_in_the_order_of_the_axis(root: ttk.App) -> None:
    plot = RecallPlot(root)
    points = tuple(RecallPoint(0.9, 0.9, compared, 0.001) for compared in (0.1, 0.4, 0.25))
    plot.show(None, RecallMeasure("classic", "cosine", 12, 12, points, 0.001))
    assert list(plot.axes.lines[-1].get_xdata()) == [10, 25, 40]


def test_an_empty_library_says_so(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    window.statistics.show()
    sheet = window.statistics.sheet
    assert sheet is not None
    wait_until(lambda: not sheet.waiting.winfo_exists())
    assert "There are no vectors yet" in text_of(sheet.index)
    assert str(sheet.buttons[0].cget("state")) == "disabled"
