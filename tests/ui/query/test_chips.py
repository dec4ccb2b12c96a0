"""A query as chips: what they show, and what mouse and keys ask for."""

from __future__ import annotations

from dataclasses import replace

import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.asking import Box, Term
from cbir.ui.query.chip import Chip
from cbir.ui.query.field import QueryField, QueryFieldEvents

BEACH = Term(image="/pictures/beach.jpg")
NIGHT = Term(text="at night")
PEOPLE = Term(text="people", weight=-1)
LIKED = Term(record=7, feedback=True)
QUERY = (BEACH, NIGHT, PEOPLE)
PATHS = {BEACH: "/pictures/beach.jpg", LIKED: "/pictures/hit.jpg"}


class Owner:
    """Shows what is asked for, as the window does."""

    def __init__(self, root: ttk.App) -> None:
        self.words: list[tuple[str, bool]] = []
        self.parts: list[int] = []
        self.calls: list[str] = []
        self.terms: tuple[Term, ...] = ()
        events = QueryFieldEvents(
            on_words=lambda text, add: self.words.append((text, add)),
            on_terms=self.show,
            on_part=self.parts.append,
            on_copy=lambda: self.calls.append("copy"),
            on_edit=lambda: self.calls.append("edit"),
        )
        self.field = QueryField(root, events)
        self.field.pack(fill="x")
        root.update()

    def show(self, terms: tuple[Term, ...]) -> None:
        self.terms = terms
        whole = [replace(term, weight=abs(term.weight), box=None) for term in terms]
        self.field.show(terms, [PATHS.get(term, "") for term in whole])
        self.field.update()

    @property
    def chips(self) -> list[Chip]:
        return self.field.chips.chips

    @property
    def texts(self) -> list[str]:
        return [chip.text for chip in self.chips]


@pytest.fixture
def owner(root: ttk.App) -> Owner:
    made = Owner(root)
    made.show(QUERY)
    made.field.words.entry.focus_force()
    root.update()
    return made


def click(chip: Chip, zone: str, *, button: int = 1) -> None:
    """A click in the middle of a part of the chip."""
    left, top, right, bottom = chip.bbox(zone)
    at = {"x": (left + right) // 2, "y": (top + bottom) // 2}
    chip.event_generate(f"<Button-{button}>", **at)
    chip.event_generate(f"<ButtonRelease-{button}>", **at)
    chip.update()


def press(chip: Chip, key: str) -> None:
    chip.focus_force()
    chip.update()
    chip.event_generate(key)
    chip.update()


def test_each_part_is_told_with_sign_and_weight(owner: Owner) -> None:
    assert owner.texts == ["+ beach.jpg", "+ “at night”", "− “people”"]
    owner.show((replace(NIGHT, weight=-2.5), replace(BEACH, box=Box(0, 0, 0.5, 0.5)), LIKED))
    assert owner.texts == ["− “at night” 2.5×", "+ part of beach.jpg", "+ more"]
    owner.show((NIGHT, replace(LIKED, weight=-1)))
    assert owner.texts[1] == "− less"


def test_words_alone_are_in_the_entry(owner: Owner) -> None:
    owner.show((NIGHT,))
    assert owner.field.words.text == "at night"
    assert not owner.field.chips.winfo_ismapped()
    owner.show((PEOPLE,))
    assert owner.field.words.text == ""
    assert owner.field.chips.winfo_ismapped()


def test_the_sign_turns_round_and_the_cross_removes(owner: Owner) -> None:
    click(owner.chips[2], "sign")
    assert owner.texts[2] == "+ “people”"
    click(owner.chips[1], "sign")
    assert owner.texts[1] == "− “at night”"
    click(owner.chips[0], "cross")
    assert owner.terms == (replace(NIGHT, weight=-1), replace(PEOPLE, weight=1))


def test_a_click_on_a_picture_chooses_a_part(owner: Owner) -> None:
    click(owner.chips[0], "picture")
    assert owner.parts == [0]
    press(owner.chips[0], "<Return>")
    assert owner.parts == [0, 0]


def test_keys_weigh_turn_and_remove(owner: Owner) -> None:
    night = owner.chips[1]
    press(night, "<Up>")
    press(night, "<Up>")
    assert owner.texts[1] == "+ “at night” 2×"
    press(night, "<minus>")
    for _ in range(9):
        press(night, "<Down>")
    assert owner.texts[1] == "− “at night” 0.25×"
    press(night, "<plus>")
    assert owner.terms[1].weight == 0.25
    press(night, "<Delete>")
    assert owner.terms == (BEACH, PEOPLE)


def test_keys_lead_from_the_words_to_the_chips_and_back(owner: Owner) -> None:
    entry = owner.field.words.entry
    entry.event_generate("<Left>")
    owner.field.update()
    assert owner.field.focus_get() is owner.chips[2]
    owner.chips[2].event_generate("<Left>")
    assert owner.field.focus_get() is owner.chips[1]
    for _ in range(2):
        focused = owner.field.focus_get()
        assert focused is not None
        focused.event_generate("<Right>")
    assert owner.field.focus_get() is entry


def test_backspace_takes_the_last_away_but_only_before_the_words(owner: Owner) -> None:
    words = owner.field.words
    words.text = "x"
    words.entry.icursor("end")
    words.entry.event_generate("<BackSpace>")
    assert (words.text, len(owner.chips)) == ("", 3)
    words.entry.event_generate("<BackSpace>")
    assert owner.terms == (BEACH, NIGHT)


def test_what_is_being_typed_stays_while_chips_change(owner: Owner) -> None:
    owner.field.words.text = "half a wo"
    click(owner.chips[2], "cross")
    assert owner.field.words.text == "half a wo"
    owner.show((NIGHT,))
    assert owner.field.words.text == "at night"


def test_words_are_edited_in_place(owner: Owner) -> None:
    click(owner.chips[1], "label")
    click(owner.chips[1], "label")
    editor = owner.chips[1].winfo_children()[-1]
    assert isinstance(editor, ttk.Entry)
    editor.delete(0, "end")
    editor.insert(0, "by day")
    editor.event_generate("<Return>")
    owner.field.update()
    assert owner.texts[1] == "+ “by day”"
    assert owner.field.focus_get() is owner.chips[1]
    owner.chips[1].event_generate("<F2>")
    owner.field.update()
    editor = owner.chips[1].winfo_children()[-1]
    editor.focus_force()
    editor.event_generate("<Escape>")
    assert owner.texts[1] == "+ “by day”"
    assert not owner.chips[1].winfo_children()


def test_a_chip_dragged_away_is_removed_and_one_dragged_a_little_is_not(owner: Owner) -> None:
    chip = owner.chips[1]

    def drag(across: int, down: int) -> None:
        x, y = chip.winfo_rootx() + across, chip.winfo_rooty() + 10
        chip.event_generate("<Button-1>", x=across, y=10, rootx=x, rooty=y)
        chip.event_generate("<B1-Motion>", x=across, y=10 + down, rootx=x, rooty=y + down)
        owner.field.update()

    def let_go(down: int) -> None:
        at = {"rootx": chip.winfo_rootx() + 60, "rooty": chip.winfo_rooty() + 10 + down}
        chip.event_generate("<ButtonRelease-1>", x=60, y=10 + down, **at)
        owner.field.update()

    def ghosts() -> list[str]:
        children = owner.field.winfo_toplevel().winfo_children()
        return [str(child.cget("text")) for child in children if child.winfo_class() == "Label"]

    drag(60, 12)
    assert ghosts() == ["+ “at night”"]
    let_go(12)
    assert owner.terms == QUERY
    drag(30, 200)
    assert ghosts() == ["Remove + “at night”"]
    let_go(200)
    assert owner.terms == (BEACH, PEOPLE)
    assert ghosts() == []


def test_the_menu_offers_all_of_it(owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[ttk.Menu] = []
    monkeypatch.setattr(ttk.Menu, "tk_popup", lambda menu, x, y: shown.append(menu))
    click(owner.chips[1], "label", button=3)
    menu = shown[0]
    labels = [
        menu.entrycget(index, "label")
        for index in range(int(menu.index("end") or 0) + 1)
        if menu.type(index) == "command"
    ]
    assert "Look for less like this" in labels
    menu.invoke("Counts 3×")
    assert owner.texts[1] == "+ “at night” 3×"
    menu.invoke("Copy the query as text")
    menu.invoke("Edit the query as text")
    assert owner.calls == ["copy", "edit"]
    menu.invoke("Remove from the query")
    assert owner.terms == (BEACH, PEOPLE)


def test_copying_from_a_chip_copies_the_query(owner: Owner) -> None:
    press(owner.chips[0], "<Control-c>")
    assert owner.calls == ["copy"]


def test_many_long_parts_scroll_in_one_line_and_leave_room_for_words(owner: Owner) -> None:
    height = owner.field.winfo_height()
    many = tuple(Term(text=f"{number} words that are rather long") for number in range(20))
    owner.show(many)
    strip = owner.field.chips
    assert owner.field.winfo_height() == height
    assert owner.field.words.winfo_width() >= 180
    assert strip.winfo_width() <= owner.field.winfo_width() - 180
    assert strip.xview()[1] == 1.0  # the newest is in view
    press(owner.chips[0], "<Up>")
    assert strip.xview()[0] == 0.0
    owner.chips[0].event_generate("<Button-5>")
    assert strip.xview()[0] > 0
    owner.show((BEACH,))
    assert strip.xview() == (0.0, 1.0)
    owner.show((NIGHT,))
    owner.field.update()
    assert owner.field.winfo_height() == height


def test_a_recent_query_takes_the_place_of_all(owner: Owner) -> None:
    words = owner.field.words
    words.show_recent(["a red car", 'image:"/a/b.jpg"'], ["a red car", "b.jpg"])
    words.entry.event_generate("<Down>")
    owner.field.update()
    listbox = f"{words.entry}.popdown.f.l"
    assert owner.field.tk.call(listbox, "get", 0, "end") == ("a red car", "b.jpg")
    assert int(owner.field.tk.call("winfo", "width", listbox)) > 400
    owner.field.tk.call("ttk::combobox::Unpost", words.entry)
    owner.field.tk.call(words.entry, "current", 1)
    words.entry.event_generate("<<ComboboxSelected>>")
    assert owner.words == [('image:"/a/b.jpg"', False)]
    assert owner.chips == []


def test_the_wheel_over_the_words_changes_nothing(owner: Owner) -> None:
    words = owner.field.words
    words.show_recent(["one", "two"], ["one", "two"])
    words.text = "mine"
    for wheel in ("<Button-4>", "<Button-5>"):
        words.entry.event_generate(wheel)
    assert words.text == "mine"


def test_thumbnails_come_to_their_chips(owner: Owner) -> None:
    strip = owner.field.chips
    strip.thumbnail_ready("/pictures/other.jpg", Image.new("RGB", (40, 30), "red"))
    strip.thumbnail_ready("/pictures/beach.jpg", None)
    strip.thumbnail_ready("/pictures/beach.jpg", Image.new("RGB", (40, 30), "red"))
    owner.field.update()
    chip = owner.chips[0]
    name = chip.itemcget("picture", "image")
    assert chip.tk.call(name, "get", 5, 5) == (255, 0, 0)
