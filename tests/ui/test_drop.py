"""Dropping on the window: where a drop goes, and what is shown of that while dragging."""

from __future__ import annotations

import tkinter
from dataclasses import dataclass, field

import pytest
import ttkbootstrap as ttk

from cbir.ui.drop import DropAreas, DropHint, Place, accept_drops


@dataclass
class Stage:
    root: ttk.App
    areas: DropAreas
    got: list[tuple[list[str], Place]] = field(default_factory=list)

    def at(self, widget: tkinter.Misc, share: float) -> tuple[int, int]:
        """A point of the screen within a widget."""
        x = widget.winfo_rootx() + round(widget.winfo_width() * share)
        return x, widget.winfo_rooty() + widget.winfo_height() // 2


@pytest.fixture
def choices() -> dict[str, bool]:
    return {"add": False, "index": True}


@pytest.fixture
def stage(root: ttk.App, choices: dict[str, bool]) -> Stage:
    query, library = ttk.Frame(root, height=100), ttk.Frame(root, height=400)
    query.pack(fill="x")
    library.pack(fill="both", expand=True)
    root.update()
    areas = DropAreas(query, library, lambda: choices["add"], lambda: choices["index"])
    return Stage(root, areas)


def test_a_drop_goes_where_the_pointer_is(stage: Stage, choices: dict[str, bool]) -> None:
    areas = stage.areas
    assert areas.place(*stage.at(areas.query, 0.2)) == "search"
    assert areas.place(*stage.at(areas.query, 0.8)) == "search"
    assert areas.place(*stage.at(areas.library, 0.8)) == "index"
    choices["add"] = True
    assert areas.place(*stage.at(areas.query, 0.2)) == "search"
    assert areas.place(*stage.at(areas.query, 0.8)) == "add"


def test_the_places_are_shown_while_dragging_and_then_gone(
    stage: Stage, choices: dict[str, bool]
) -> None:
    hint = DropHint(stage.root, stage.areas)
    hint.show("search")
    stage.root.update()
    assert [place for place, label in hint.labels.items() if label.winfo_ismapped()] == [
        "search",
        "index",
    ]
    lit, other = (str(hint.labels[place].cget("background")) for place in ("search", "index"))
    assert lit != other
    choices.update(add=True, index=False)
    hint.hide()
    hint.show("add")
    stage.root.update()
    assert hint.labels["add"].winfo_rootx() > hint.labels["search"].winfo_rootx()
    assert not hint.labels["index"].winfo_ismapped()
    hint.hide()
    stage.root.update()
    assert not any(label.winfo_ismapped() for label in hint.labels.values())


def test_drops_reach_the_handler_with_their_place(stage: Stage) -> None:
    def dropped(paths: object, place: Place) -> None:
        stage.got.append((list(paths), place))  # type: ignore[call-overload]

    if not accept_drops(stage.root, stage.areas, dropped):
        return  # where tkinterdnd2 is not there, nothing can be dropped
    root = stage.root
    script = str(root.tk.call("bind", str(root), "<<Drop>>"))
    for widget, place in ((stage.areas.query, "search"), (stage.areas.library, "index")):
        x, y = stage.at(widget, 0.5)
        at = script.replace("%X", str(x)).replace("%Y", str(y))
        root.tk.eval(at.replace("%D", "{{/a b.jpg} /c.jpg}"))
        assert stage.got.pop() == (["/a b.jpg", "/c.jpg"], place)
