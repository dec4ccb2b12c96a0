from __future__ import annotations

import tkinter

import pytest
import ttkbootstrap as ttk

from cbir.ui.widgets.pill import Flow, Pill


@pytest.fixture
def flow(root: ttk.App) -> Flow:
    made = Flow(root)
    made.pack(fill="x")
    root.geometry("300x200")
    root.update()
    return made


def test_badges_flow_into_as_many_lines_as_needed(root: ttk.App, flow: Flow) -> None:
    pills = [Pill(flow, f"badge {number}") for number in range(9)]
    flow.arrange()
    root.update()
    assert len({pill.winfo_y() for pill in pills}) == 3
    assert flow.winfo_height() >= max(pill.winfo_y() + pill.winfo_height() for pill in pills)
    root.geometry("900x200")
    root.update()
    assert len({pill.winfo_y() for pill in pills}) == 1


def test_an_empty_flow_takes_no_room(root: ttk.App, flow: Flow) -> None:
    pill = Pill(flow, "one")
    flow.arrange()
    root.update()
    assert flow.winfo_height() > 10
    pill.destroy()
    flow.arrange()
    root.update()
    assert flow.winfo_height() == 1


def test_a_badge_is_as_wide_as_its_word_needs(root: ttk.App, flow: Flow) -> None:
    short, long = Pill(flow, "sea"), Pill(flow, "a_very_long_word" * 20)
    assert short.winfo_reqwidth() < 80
    assert long.winfo_reqwidth() < 300
    assert str(long.cget("text")).endswith("…")
    assert "…" not in str(short.cget("text"))


def test_a_word_is_shown_in_one_line(flow: Flow) -> None:
    assert str(Pill(flow, "two\nlines").cget("text")) == "two\ufffdlines"


@pytest.mark.parametrize("event", ["<Button-1>", "<Return>", "<space>", "<Delete>"])
def test_the_cross_removes(root: ttk.App, flow: Flow, event: str) -> None:
    removed: list[str] = []
    pill = Pill(flow, "sea", on_remove=lambda: removed.append("sea"))
    flow.arrange()
    root.update()
    cross = pill.winfo_children()[0]
    assert isinstance(cross, tkinter.Label)
    cross.focus_force()
    root.update()
    cross.event_generate(event)
    assert removed == ["sea"]
    assert Pill(flow, "no cross").winfo_children() == []
