from __future__ import annotations

import tkinter

import pytest
import ttkbootstrap as ttk

from cbir.ui.widgets.theme import TIP_TEXT, ThemeName, apply_theme, palette
from cbir.ui.widgets.tooltip import ItemToolTip, ToolTip
from tests.ui.conftest import WaitUntil


@pytest.fixture
def canvas(root: ttk.App) -> tkinter.Canvas:
    made = tkinter.Canvas(root, width=200, height=200)
    made.pack()
    root.update()
    return made


def shown(canvas: tkinter.Canvas) -> list[str]:
    """The texts of the tooltips that are open."""
    windows = [w for w in canvas.winfo_children() if isinstance(w, tkinter.Toplevel)]
    return [str(child.cget("text")) for window in windows for child in window.winfo_children()]


def test_entering_the_canvas_alone_shows_nothing(canvas: tkinter.Canvas, root: ttk.App) -> None:
    tip = ItemToolTip(canvas, delay=1)
    canvas.event_generate("<Enter>")
    done: list[bool] = []
    root.after(30, lambda: done.append(True))
    while not done:
        root.update()
    assert shown(canvas) == []
    assert tip.text == ""


def test_each_thing_has_its_own_text(canvas: tkinter.Canvas, wait_until: WaitUntil) -> None:
    tip = ItemToolTip(canvas, delay=1)
    tip.hover("a beach")
    wait_until(lambda: shown(canvas) == ["a beach"])
    tip.hover("a boat")
    wait_until(lambda: shown(canvas) == ["a boat"])
    tip.hover("")
    assert shown(canvas) == []


def test_the_same_thing_again_does_not_start_anew(
    canvas: tkinter.Canvas, wait_until: WaitUntil
) -> None:
    tip = ItemToolTip(canvas, delay=1)
    tip.hover("a beach")
    wait_until(lambda: shown(canvas))
    tip.hover("a beach")
    assert shown(canvas) == ["a beach"]


def test_destroying_the_canvas_while_it_waits_is_clean(
    canvas: tkinter.Canvas, root: ttk.App
) -> None:
    ItemToolTip(canvas, delay=5).hover("a beach")
    canvas.destroy()
    done: list[bool] = []
    root.after(30, lambda: done.append(True))
    while not done:
        root.update()


def test_nothing_to_say_opens_nothing(canvas: tkinter.Canvas) -> None:
    tip = ToolTip(canvas, text="")
    tip.show_tip()
    assert shown(canvas) == []
    tip.configure(text="a reason")
    tip.show_tip()
    assert shown(canvas) == ["a reason"]
    tip.hide_tip()


@pytest.mark.parametrize("name", ["light", "dark"])
def test_tooltips_are_dark_in_both_themes(
    root: ttk.App, canvas: tkinter.Canvas, name: ThemeName
) -> None:
    apply_theme(root, name)
    tip = ToolTip(canvas, text="a reason")
    tip.show_tip()
    assert str(root.style.lookup("tooltip.TLabel", "background")) == palette(root).tip
    assert str(root.style.lookup("tooltip.TLabel", "foreground")) == TIP_TEXT
    tip.hide_tip()
