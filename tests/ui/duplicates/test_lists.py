from __future__ import annotations

from dataclasses import replace
from typing import Any

import ttkbootstrap as ttk

from cbir.ui.duplicates.lists import GroupList, MemberList
from cbir.ui.duplicates.picks import Picks
from cbir.ui.widgets.theme import DARK, apply_theme
from tests.ui.duplicates.copies import made_up


def words(listed: Any) -> list[str]:
    canvas = listed.canvas
    texts = [item for item in canvas.find_all() if canvas.type(item) == "text"]
    return [canvas.itemcget(item, "text") for item in texts]


def press(root: ttk.App, listed: Any, *keys: str) -> None:
    listed.canvas.focus_force()
    root.update()
    for key in keys:
        listed.canvas.event_generate(key)
    root.update()


def test_ten_thousand_groups_are_walked_by_keys_and_only_those_in_view_drawn(root: ttk.App) -> None:
    chosen: list[int] = []
    listed = GroupList(root, lambda record: None, chosen.append, lambda: None)
    listed.pack(fill="y", expand=True)
    listed.show_groups(made_up(10_000).groups, 0)
    root.update()
    assert words(listed)[:2] == ["3 pictures", "2.0 kB in copies"]
    assert len(listed.canvas.find_all()) < 100
    press(root, listed, "<Down>", "<End>", "<Up>")
    assert chosen == [1, 9_999, 9_998]
    assert 9_998 in listed.in_view
    assert len(listed.seen) == 2 * len(listed.in_view) < 40
    for _ in range(3):
        listed.canvas.event_generate("<Button-4>")
    root.update()
    assert listed.in_view.stop < 10_000
    apply_theme(root, "dark")
    root.update()
    assert listed.canvas.cget("background") == DARK.background


def test_a_click_on_the_tick_or_the_key_toggles_it(root: ttk.App) -> None:
    told: list[int] = []
    picks = Picks()
    group = made_up(1).groups[0]

    def toggled() -> None:
        told.append(len(picks.going([group])))

    listed = MemberList(root, lambda record: None, picks, told.append, toggled, lambda: None)
    listed.pack(fill="both", expand=True)
    listed.show_group(group, 1)
    root.update()
    assert words(listed)[2::3] == ["Best", "same picture · 0.998", "same picture · 0.998"]
    listed.canvas.event_generate("<Button-1>", x=12, y=listed.height // 2)
    root.update()
    assert (listed.selected, told) == (0, [0, 3])
    assert picks.emptied([group]) == 1
    listed.toggle()
    assert told[-1] == 2


def test_pictures_of_one_name_are_told_apart_by_their_folders(root: ttk.App) -> None:
    group = made_up(1).groups[0]
    first, second = group.copies
    file = replace(first.record.file, path=f"/photos/old{group.best.path.removeprefix('/photos')}")
    moved = replace(first, record=replace(first.record, file=file))
    listed = MemberList(root, lambda _: None, Picks(), lambda _: None, lambda: None, lambda: None)
    listed.pack(fill="both", expand=True)
    listed.show_group(replace(group, copies=(moved, second)), 1)
    root.update()
    told = words(listed)
    assert told[:2] == ["0001.jpg", "in photos"]
    assert told[4:6] == ["0001.jpg", "in old"]
    assert told[8] == "0003.jpg"
    assert len(told) == 4 + 4 + 3
