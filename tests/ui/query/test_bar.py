"""The query bar's parts: words, choices, the query's picture."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.ui.query.bar import QueryBar, QueryBarEvents
from cbir.ui.state import WindowState
from cbir.work.facts import SpaceFacts
from tests.ui.conftest import WaitUntil


@pytest.fixture
def asked() -> list[tuple[str, Any]]:
    return []


@pytest.fixture
def bar(root: ttk.App, asked: list[tuple[str, Any]]) -> QueryBar:
    def hear(name: str) -> Any:
        return lambda *values: asked.append((name, *values))

    events = QueryBarEvents(
        **{field.name: hear(field.name[3:]) for field in fields(QueryBarEvents)}
    )
    state = WindowState(metric="euclidean", results=50)
    query_bar = QueryBar(root, state, events, hear("thumbnail for"))
    query_bar.pack(fill="x")
    root.update()
    return query_bar


def test_it_starts_as_remembered(bar: QueryBar) -> None:
    assert bar.metric.get() == "euclidean"
    assert bar.results.get() == "50"
    assert round(bar.thumbnail.get()) == 160


def test_everything_asks(bar: QueryBar, asked: list[tuple[str, Any]]) -> None:
    bar.words.text = "a red car"
    bar.search_button.invoke()
    bar.open_button.invoke()
    bar.clear_button.invoke()
    bar.metric_buttons["cosine"].invoke()
    bar.compare_button.invoke()
    words = ("words", "a red car", False)
    assert asked == [words, ("open",), ("clear",), ("metric", "cosine"), ("compare",)]


def test_enter_searches(bar: QueryBar, asked: list[tuple[str, Any]]) -> None:
    bar.words.text = "sea"
    bar.words.entry.focus_force()
    bar.update()
    bar.words.entry.event_generate("<Return>")
    assert asked == [("words", "sea", False)]
    bar.words.entry.event_generate("<Control-Return>")
    assert asked[1:] == [("words", "sea", True)]


def test_a_number_of_results_is_chosen(bar: QueryBar, asked: list[tuple[str, Any]]) -> None:
    bar.results.set("200")
    bar.counts.event_generate("<<ComboboxSelected>>")
    bar.update()
    assert asked == [("results", 200)]


def test_the_slider_tells_whole_pixels(bar: QueryBar, asked: list[tuple[str, Any]]) -> None:
    bar.slider.set(200.4)
    assert asked == [("thumbnail", 200)]


def test_the_hint_goes_with_the_first_character_and_comes_back(bar: QueryBar) -> None:
    hint = bar.words.winfo_children()[-1]
    assert hint.winfo_manager() == "place"
    bar.words.text = "x"
    assert not hint.winfo_manager()
    bar.words.text = ""
    assert hint.winfo_manager() == "place"


def test_a_click_on_a_space_asks_and_lights_nothing_by_itself(
    bar: QueryBar, asked: list[tuple[str, Any]]
) -> None:
    bar.spaces.select("classic")
    bar.spaces.buttons["clip"].invoke()
    assert asked == [("space", "clip")]
    assert bar.spaces.selected == "classic"
    assert bar.spaces.buttons["classic"].instate(["selected"])
    bar.spaces.select("clip")
    assert bar.spaces.buttons["clip"].instate(["selected"])


def test_a_space_tells_what_it_holds_and_why_it_cannot_be_used(bar: QueryBar) -> None:
    bar.spaces.show_facts((SpaceFacts("classic", 84), SpaceFacts("clip", 0, False, "No weights.")))
    assert "84 pictures in this library" in bar.spaces.tips["classic"].cget("text")
    told = bar.spaces.tips["clip"].cget("text")
    assert "No CLIP vectors in this library yet" in told
    assert "No weights." in told


def test_the_query_picture_shows_only_what_is_expected(
    bar: QueryBar, wait_until: WaitUntil
) -> None:
    picture = bar.picture
    image = Image.new("RGB", (320, 160), "red")
    picture.show("/a.png", image)
    assert not picture.showing
    picture.expect("/a.png")
    picture.show("/b.png", image)
    picture.show("/a.png", None)
    assert not picture.showing
    picture.show("/a.png", image)
    assert picture.showing
    picture.expect("/a.png")
    assert picture.showing
    picture.show_sign("chat-quote")
    assert not picture.showing
    assert picture.path == ""
