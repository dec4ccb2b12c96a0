from __future__ import annotations

import datetime
import tkinter
from collections.abc import Callable

import pytest
import ttkbootstrap as ttk

from cbir.asking import ANY, Filter
from cbir.ui.filters.bar import FilterBar
from cbir.ui.filters.choice import MultiChoice
from cbir.work.facts import Choices
from tests.ui.conftest import WaitUntil

DAYS = (datetime.date(2019, 1, 2), datetime.date(2024, 5, 5))
CHOICES = Choices(
    folders=(("/p", 12), ("/p/crete", 3)),
    endings=(("jpg", 10), ("png", 2)),
    tags=(("sea", 4), ("family", 1)),
    taken=DAYS,
    modified=DAYS,
)


class Told:
    """A bar, the filters that it told of, and the folder that the user will choose."""

    def __init__(self, root: ttk.App) -> None:
        self.filters: list[Filter] = []
        self.folder: str | None = None
        self.bar = FilterBar(root, self.filters.append, lambda: self.folder)
        self.bar.pack(fill="x")
        self.bar.show_choices(CHOICES)
        root.update()


@pytest.fixture
def told(root: ttk.App) -> Told:
    return Told(root)


def pick(box: ttk.Combobox, label: str) -> None:
    """Choose an entry of a list, as a click on it does."""
    values = [str(value) for value in box.cget("values")]
    box.current(values.index(label))
    box.event_generate("<<ComboboxSelected>>")
    box.update()


def write(entry: tkinter.Entry | ttk.Combobox | ttk.Entry, text: str) -> None:
    """Type into an entry, in place of what is there."""
    entry.focus_force()
    entry.update()
    entry.delete(0, "end")
    entry.insert(0, text)
    entry.event_generate("<KeyRelease>", keysym="a")


def tick(choice: MultiChoice, label: str) -> None:
    menu = choice.nametowidget(choice.cget("menu"))
    labels = [str(menu.entrycget(n, "label")) for n in range(menu.index("end") + 1)]
    menu.invoke(next(n for n, shown in enumerate(labels) if shown.startswith(label)))


def test_a_folder_of_the_list(told: Told) -> None:
    pick(told.bar.folder, "/p/crete  (3)")
    assert told.filters == [Filter(folder="/p/crete")]
    pick(told.bar.folder, "Any folder")
    assert told.filters[1:] == [ANY]


def test_another_folder_is_asked_for(told: Told) -> None:
    pick(told.bar.folder, "Another folder…")
    assert told.filters == []
    assert told.bar.folder.get() == "Any folder"
    told.folder = "/q"
    pick(told.bar.folder, "Another folder…")
    assert told.filters == [Filter(folder="/q")]
    assert told.bar.folder.get() == "/q"


def test_days_are_read_when_typing_pauses(told: Told, wait_until: WaitUntil) -> None:
    write(told.bar.since, "2")
    write(told.bar.since, "2023-0")
    assert not told.bar.problem.winfo_ismapped()
    write(told.bar.since, "2023-05")
    wait_until(lambda: told.filters)
    assert told.filters == [Filter(since=datetime.date(2023, 5, 1))]
    pick(told.bar.kind, "Modified")
    assert told.filters[1:] == [Filter(date="modified", since=datetime.date(2023, 5, 1))]


def test_what_cannot_be_read_is_told_and_changes_nothing(told: Told, wait_until: WaitUntil) -> None:
    write(told.bar.until, "2023-13")
    wait_until(told.bar.problem.winfo_ismapped)
    assert "“2023-13” is no day" in told.bar.problem.cget("text")
    assert told.filters == []
    write(told.bar.until, "2023-12")
    wait_until(lambda: told.filters)
    assert told.filters == [Filter(until=datetime.date(2023, 12, 31))]
    assert not told.bar.problem.winfo_ismapped()


def test_a_first_day_after_the_last_is_told(told: Told, wait_until: WaitUntil) -> None:
    write(told.bar.since, "2024")
    write(told.bar.until, "2023")
    wait_until(lambda: "later than the last" in told.bar.problem.cget("text"))


def test_formats_and_shapes_are_ticked(told: Told) -> None:
    assert told.bar.formats.cget("text") == "Any format"
    tick(told.bar.formats, "jpg")
    tick(told.bar.formats, "png")
    tick(told.bar.shapes, "Portrait")
    assert told.filters[-1] == Filter(formats=("jpg", "png"), orientations=("portrait",))
    assert told.bar.shapes.cget("text") == "Portrait"
    assert told.bar.formats.cget("text") == "jpg, png"
    tick(told.bar.formats, "jpg")
    assert told.filters[-1].formats == ("png",)


def test_sizes_by_example_or_typed(told: Told, wait_until: WaitUntil) -> None:
    pick(told.bar.sizes, "> 2 MB")
    assert told.filters == [Filter(min_bytes=2_000_000)]
    write(told.bar.sizes, "1-2 MB")
    wait_until(lambda: len(told.filters) == 2)
    assert told.filters[1] == Filter(min_bytes=1_000_000, max_bytes=2_000_000)


def test_tags_of_the_list_gather(told: Told) -> None:
    pick(told.bar.tags, "sea")
    pick(told.bar.tags, "family")
    assert told.filters[-1] == Filter(tags=("sea", "family"))
    assert told.bar.tags.get() == "sea, family"


def test_missing_files(told: Told) -> None:
    pick(told.bar.missing, "Missing")
    assert told.filters == [Filter(missing=True)]


def test_a_filter_is_shown_as_it_would_be_chosen_and_cleared(told: Told) -> None:
    wanted = Filter(
        folder="/p",
        date="modified",
        since=datetime.date(2023, 5, 1),
        formats=("png", "heic"),
        orientations=("square",),
        min_megapixels=12,
        tags=("sea",),
        missing=False,
    )
    told.bar.show(wanted)
    assert told.filters == []
    assert told.bar.filter == wanted
    assert told.bar.folder.get() == "/p  (12)"
    assert (told.bar.since.get(), told.bar.kind.get()) == ("2023-05-01", "Modified")
    assert told.bar.sizes.get() == "> 12 MP"
    assert told.bar.missing.get() == "Present"
    tick(told.bar.formats, "heic")
    assert told.filters[-1].formats == ("png",)
    told.bar.clear_button.invoke()
    assert told.filters[-1] == ANY
    assert told.bar.folder.get() == "Any folder"
    assert told.bar.clear_button.instate(["disabled"])


@pytest.mark.parametrize("width", [1024, 1280])
def test_every_control_is_within_the_width(
    told: Told, root: ttk.App, width: int, wait_until: Callable[..., None]
) -> None:
    root.geometry(f"{width}x700")
    wait_until(lambda: told.bar.winfo_width() == width)
    root.update()
    for part in (told.bar.folder, told.bar.until, told.bar.tags, told.bar.clear_button):
        assert part.winfo_rootx() + part.winfo_width() <= root.winfo_rootx() + width
        assert (
            part.winfo_rooty() + part.winfo_height()
            <= told.bar.winfo_rooty() + told.bar.winfo_height()
        )


def test_escape_gives_up_what_is_typed_and_clears_no_search(told: Told, root: ttk.App) -> None:
    cleared: list[str] = []
    root.bind("<Escape>", lambda _: cleared.append("search"))
    write(told.bar.since, "2023-1")
    told.bar.since.event_generate("<Escape>")
    root.update()
    assert told.bar.since.get() == ""
    assert (cleared, told.filters) == ([], [])
