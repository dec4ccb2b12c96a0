from __future__ import annotations

import pytest
import ttkbootstrap as ttk

from cbir.asking import Order
from cbir.ui.heading import HeadingOffer, HeadingRow, percentile_of


@pytest.fixture
def orders() -> list[Order]:
    return []


@pytest.fixture
def positions() -> list[float]:
    return []


@pytest.fixture
def heading(root: ttk.App, orders: list[Order], positions: list[float]) -> HeadingRow:
    row = HeadingRow(root, orders.append, positions.append)
    row.pack(fill="x")
    root.update()
    return row


def pick(heading: HeadingRow, name: str) -> None:
    heading.sort_by.set(name)
    heading.sort_by.event_generate("<<ComboboxSelected>>")
    heading.update()


def test_a_library_has_no_scores_to_sort_by(heading: HeadingRow) -> None:
    assert list(heading.sort_by.cget("values")) == ["Added", "Name", "Date", "File size"]
    assert heading.slider.instate(["disabled"])
    heading.show_order(Order("score"), searching=True)
    assert list(heading.sort_by.cget("values")) == ["Similarity", "Name", "Date", "File size"]
    assert heading.slider.instate(["!disabled"])


def test_an_order_is_chosen_and_turned(heading: HeadingRow, orders: list[Order]) -> None:
    pick(heading, "Name")
    heading.direction.invoke()
    heading.direction.invoke()
    pick(heading, "File size")
    assert orders == [Order("name"), Order("name", True), Order("name"), Order("size")]
    assert heading.order == Order("size")


def test_the_slider_tells_what_it_leaves(
    heading: HeadingRow, positions: list[float], root: ttk.App
) -> None:
    heading.show_order(Order("score"), searching=True)
    assert heading.least.cget("text") == "all"
    heading.slider.set(2.0)
    root.update()
    assert heading.least.cget("text") == "top 1 %"
    assert positions == [2.0]
    assert percentile_of(positions[0]) == pytest.approx(0.99)
    assert percentile_of(0) == 0


def test_long_words_are_cut_and_the_height_stays(heading: HeadingRow, root: ttk.App) -> None:
    height = heading.winfo_height()
    heading.say("20 pictures most like " + "a very long name " * 30)
    root.update()
    assert heading.label.cget("text").endswith("…")
    assert heading.text.endswith("name ")
    assert heading.winfo_height() == height
    assert heading.label.winfo_width() < root.winfo_width()


def test_beside_offers_the_choices_leave_the_title_its_line(
    heading: HeadingRow, root: ttk.App
) -> None:
    title = "“a class of pictures” taken for “quite another one” · 62 pictures"
    heading.say(title)
    heading.show_order(Order("added"), searching=False, listed=True)
    root.geometry("860x800")
    root.update()
    assert heading.label.cget("text") != title
    heading.offer([HeadingOffer("Tag all…", "", print), HeadingOffer("Close", "", print)])
    root.update()
    assert heading.label.cget("text") == title
    right = heading.offers[-1].winfo_rootx() + heading.offers[-1].winfo_width()
    assert right <= heading.sort_by.winfo_rootx()
    assert abs(heading.offers[0].winfo_rooty() - heading.sort_by.winfo_rooty()) < 10
    pick(heading, "As listed")
    assert heading.sort_by.get() == "As listed"
    heading.offer(())
    root.update()
    assert heading.label.cget("text") != title
    root.geometry("500x800")
    root.update()
    assert heading.sort_by.winfo_rooty() > heading.label.winfo_rooty() + 10
