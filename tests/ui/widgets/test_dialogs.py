"""Dialogs: they tell what was chosen through a callback, and never hold up the loop."""

from __future__ import annotations

import tkinter
from collections.abc import Iterator

import pytest
import ttkbootstrap as ttk

from cbir.ui.widgets import dialogs
from cbir.ui.widgets.sheet import Choice, Sheet
from tests.ui.conftest import WaitUntil


def buttons(sheet: tkinter.Misc) -> dict[str, ttk.Button]:
    return {str(button.cget("text")): button for button in _buttons(sheet)}


def _buttons(widget: tkinter.Misc) -> Iterator[ttk.Button]:
    for child in widget.winfo_children():
        if isinstance(child, ttk.Button):
            yield child
        yield from _buttons(child)


def test_a_message_closes_by_escape(root: ttk.App, wait_until: WaitUntil) -> None:
    sheet = dialogs.tell(root, "That did not work", "The disk is full.", detail="errno 28")
    root.update()
    sheet.focus_force()
    root.update()
    sheet.event_generate("<Escape>")
    wait_until(lambda: not sheet.winfo_exists())


def test_more_choices_than_close(root: ttk.App) -> None:
    done: list[str] = []
    stay = Choice("Stay", lambda: done.append("stay"), closes=False)
    sheet = dialogs.tell(root, "Title", "Text", [stay])
    buttons(sheet)["Stay"].invoke()
    assert done == ["stay"]
    assert sheet.winfo_exists()
    buttons(sheet)["Close"].invoke()
    assert not sheet.winfo_exists()


@pytest.mark.parametrize(("pressed", "expected"), [("Remove", ["yes"]), ("Cancel", [])])
def test_confirming(root: ttk.App, pressed: str, expected: list[str]) -> None:
    done: list[str] = []
    sheet = dialogs.confirm(root, "Remove?", "Files stay.", "Remove", lambda: done.append("yes"))
    buttons(sheet)[pressed].invoke()
    assert done == expected
    assert not sheet.winfo_exists()


@pytest.mark.parametrize("pressed", ["Remove", "Cancel"])
def test_enter_presses_the_button_with_the_focus(root: ttk.App, pressed: str) -> None:
    done: list[str] = []
    sheet = dialogs.confirm(root, "Remove?", "Files stay.", "Remove", lambda: done.append("Remove"))
    root.update()
    button = buttons(sheet)[pressed]
    button.focus_force()
    root.update()
    button.event_generate("<Return>")  # an error in any binding fails the test
    root.update()
    assert not sheet.winfo_exists()
    assert done == (["Remove"] if pressed == "Remove" else [])


def test_a_line_is_asked_for(root: ttk.App) -> None:
    lines: list[str] = []
    sheet = dialogs.ask_line(root, "Note", "Note:", lines.append, "as it was")
    root.update()
    entry = next(child for child in sheet.body.winfo_children() if child.winfo_class() == "TEntry")
    entry.focus_force()
    root.update()
    entry.event_generate("<Return>")
    assert lines == ["as it was"]
    assert not sheet.winfo_exists()


def test_tables_and_texts_can_be_copied(root: ttk.App) -> None:
    sheet = dialogs.show_table(
        root, "Skipped", "Two:", ("File", "Reason"), [("/a", "b"), ("c", "")]
    )
    buttons(sheet)["Copy"].invoke()
    assert root.clipboard_get() == "/a\tb\nc\t"
    sheet.destroy()
    sheet = dialogs.show_lines(root, "Log", "/log", "one\ntwo")
    buttons(sheet)["Copy"].invoke()
    assert root.clipboard_get() == "one\ntwo"
    sheet.destroy()


def test_what_the_clipboard_cannot_carry_is_replaced(root: ttk.App) -> None:
    dialogs.copy(root, "name\udcff.jpg")
    assert root.clipboard_get() == "name?.jpg"


def test_a_dialog_lies_over_the_middle_of_the_window(root: ttk.App) -> None:
    sheet: Sheet = dialogs.show_pairs(root, "Shortcuts", [("F1", "Shortcuts"), ("Esc", "Clear")])
    root.update()
    middle = sheet.winfo_rootx() + sheet.winfo_width() / 2
    assert abs(middle - (root.winfo_rootx() + root.winfo_width() / 2)) < 20
    sheet.destroy()


def test_the_keys_go_back_to_what_had_them(root: ttk.App, wait_until: WaitUntil) -> None:
    entry = ttk.Entry(root)
    entry.pack()
    entry.focus_force()
    root.update()
    sheet = dialogs.tell(root, "Title", "Text")
    sheet.focus_force()
    root.update()
    assert root.focus_get() is not entry
    sheet.event_generate("<Escape>")
    wait_until(lambda: root.focus_get() is entry)
