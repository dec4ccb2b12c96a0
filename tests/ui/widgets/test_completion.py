from __future__ import annotations

import pytest
import ttkbootstrap as ttk

from cbir.ui.widgets.completion import Completion, completed, completions

KNOWN = ("sea", "Seaside", "north sea", "boat", "oversea")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("s", ["sea", "Seaside", "north sea"]),
        ("SEA", ["Seaside", "north sea"]),
        ("boat, s", ["sea", "Seaside", "north sea"]),
        ("sea, s", ["Seaside", "north sea"]),
        ("", []),
        ("boat,", []),
        ("boat, ", []),
        ("x", []),
    ],
)
def test_known_words_that_begin_so_are_offered(typed: str, offered: list[str]) -> None:
    assert completions(typed, KNOWN) == offered


def test_only_the_last_of_several_words_is_completed() -> None:
    assert completed("boat,se", "sea") == "boat, sea"
    assert completed("se", "sea") == "sea"


def test_few_are_offered() -> None:
    assert len(completions("a", [f"a{n}" for n in range(100)])) == 8


class Rig:
    def __init__(self, root: ttk.App) -> None:
        self.root = root
        self.entry = ttk.Entry(root)
        self.entry.pack(fill="x", padx=20, pady=20)
        self.completion = Completion(self.entry, KNOWN)
        root.update()
        self.entry.focus_force()
        root.update()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.entry.event_generate(f"<KeyPress-{key}>")
            self.entry.event_generate(f"<KeyRelease-{key}>")
        self.root.update()


@pytest.fixture
def rig(root: ttk.App) -> Rig:
    return Rig(root)


def test_tab_takes_the_first_and_stays(rig: Rig) -> None:
    rig.press("s")
    assert rig.completion.offered == ("sea", "Seaside", "north sea")
    rig.press("Tab")
    assert rig.entry.get() == "sea"
    assert rig.completion.offered == ()
    assert rig.root.focus_get() is rig.entry


def test_arrows_choose(rig: Rig) -> None:
    rig.press("s", "Down", "Down", "Down", "Up")
    assert rig.completion.take_chosen()
    assert rig.entry.get() == "Seaside"


def test_without_a_choice_what_was_typed_stays(rig: Rig) -> None:
    rig.press("s")
    assert not rig.completion.take_chosen()
    assert rig.entry.get() == "s"


def test_escape_closes_the_list_and_nothing_else(rig: Rig) -> None:
    heard: list[str] = []
    rig.root.bind("<Escape>", lambda _: heard.append("Escape"))
    rig.press("s", "Escape")
    assert (rig.completion.offered, heard) == ((), [])
    rig.press("Escape")
    assert heard == ["Escape"]


def test_a_click_takes_a_word(rig: Rig) -> None:
    rig.press("s")
    (shown,) = [child for child in rig.root.winfo_children() if child.winfo_class() == "Listbox"]
    rig.root.update()
    x, y, width, height = shown.bbox(2)  # type: ignore[attr-defined]
    shown.event_generate("<Button-1>", x=x + width // 2, y=y + height // 2)
    rig.root.update()
    assert rig.entry.get() == "north sea"
    assert rig.root.focus_get() is rig.entry


def test_the_list_goes_with_the_focus_and_with_the_entry(rig: Rig) -> None:
    other = ttk.Entry(rig.root)
    other.pack()
    rig.press("s")
    other.focus_force()
    rig.root.update()
    assert rig.completion.offered == ()
    rig.entry.focus_force()
    rig.root.update()
    rig.press("e")
    assert rig.completion.offered
    rig.entry.destroy()
    rig.root.update()
    assert rig.completion.offered == ()
