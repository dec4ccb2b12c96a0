"""Parts without a window of their own: opening files, drops, places on the screen, thumbnails."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import ttkbootstrap as ttk
from hypothesis import given
from hypothesis import strategies as st

from cbir.asking import Box, Order, Term
from cbir.errors import CbirError
from cbir.records import Hit, ImageFile, Metric, Query, Record, SearchResult
from cbir.ui.actions import desktop
from cbir.ui.actions.outcome import heading, line_of, strengths_of, tiles_of
from cbir.ui.drop import dropped_paths
from cbir.ui.frame import fitting
from cbir.ui.thumbnail_desk import ThumbnailDesk
from cbir.work.judging import Verdict
from cbir.work.messages import ThumbnailReady
from cbir.work.searching import SearchOutcome, SearchRequest
from tests.ui.conftest import WaitUntil


@pytest.fixture
def opener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `xdg-open` that writes down what it was given."""
    told = tmp_path / "told"
    script = tmp_path / "bin" / "xdg-open"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nprintf %s "$1" > "{told}.new" && mv "{told}.new" "{told}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{script.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(sys, "platform", "linux")
    return told


def test_a_file_is_opened_with_the_systems_program(
    root: ttk.App, wait_until: WaitUntil, opener: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "a picture; $HOME.jpg"
    picture.write_bytes(b"")
    desktop.open_file(str(picture))
    wait_until(opener.exists)
    assert opener.read_text() == str(picture)
    opener.unlink()
    desktop.show_in_folder(str(picture))
    wait_until(opener.exists)
    assert opener.read_text() == str(tmp_path)
    wait_until(lambda: "cbir-opener" not in [thread.name for thread in threading.enumerate()])


def test_what_cannot_be_opened_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CbirError, match="not there any more"):
        desktop.open_file(str(tmp_path / "gone.jpg"))
    with pytest.raises(CbirError, match="no `xdg-open`"):
        desktop.open_file(str(tmp_path))
    with pytest.raises(CbirError, match="not there any more"):
        desktop.show_in_folder(str(tmp_path / "gone" / "a.jpg"))


def test_dropped_names_and_addresses() -> None:
    dropped = ["/a b.jpg", "file:///c%20d/%C3%A9.png", "file:///e%FF", ""]
    assert dropped_paths(dropped) == ["/a b.jpg", "/c d/é.png", "/e\udcff"]


@pytest.mark.parametrize(
    ("geometry", "expected"),
    [
        ("", ""),
        ("nonsense", ""),
        ("1280x800+100+50", "1280x800+100+50"),
        ("1280x800+3000+50", "1280x800+640+50"),
        ("1280x800+-40+-20", "1280x800+0+0"),
        ("4000x3000+10+10", "1920x1080+0+0"),
    ],
)
def test_a_remembered_place_is_on_the_screen(geometry: str, expected: str) -> None:
    assert fitting(geometry, (1920, 1080)) == expected


class Recorder:
    def __init__(self) -> None:
        self.requests: list[tuple[str, int]] = []
        self.kept: set[tuple[str, int]] = set()
        self.cached: list[str] = []

    def request(self, path: str, size: int, *, keep: bool = True) -> None:
        self.requests.append((path, size))
        if keep:
            self.cached.append(path)

    def keep_only(self, wanted: set[tuple[str, int]]) -> None:
        self.kept = wanted


def test_scrolling_drops_no_preview() -> None:
    loader = Recorder()
    desk = ThumbnailDesk(loader)
    grid = desk.for_grid()
    grid.request("/tile", 160)
    desk.request_kept("/preview", 320)
    grid.keep_only({("/other", 160)})
    assert loader.requests == [("/tile", 160), ("/preview", 320)]
    assert loader.kept == {("/other", 160), ("/preview", 320)}
    desk.arrived(ThumbnailReady("/preview", 320, None))
    grid.keep_only(set())
    assert loader.kept == set()


def test_scrolling_one_grid_drops_nothing_of_another() -> None:
    loader = Recorder()
    desk = ThumbnailDesk(loader)
    left, right = desk.for_grid(), desk.for_grid()
    left.request("/left", 160)
    right.request("/right", 160)
    left.keep_only(set())
    assert loader.kept == {("/right", 160)}
    desk.leave(right)
    assert loader.kept == set()


def test_a_query_stays_like_a_preview_but_leaves_no_trace() -> None:
    loader = Recorder()
    desk = ThumbnailDesk(loader)
    desk.request_kept("/preview", 320)
    desk.request_query("/query", 80)
    desk.for_grid().keep_only(set())
    assert loader.kept == {("/preview", 320), ("/query", 80)}
    assert loader.cached == ["/preview"]


def result(metric: Metric, *scores: float) -> SearchResult:
    hits = tuple(Hit(n, f"/{n}.jpg", score) for n, score in enumerate(scores))
    return SearchResult(hits, "classic", metric, "lsh", "image query", 9, len(hits), 0.001)


def test_bars_are_fuller_the_nearer() -> None:
    assert strengths_of(result("cosine", 1.0, 0.5, -0.2)) == [1.0, 0.5, 0.0]
    assert strengths_of(result("euclidean", 0.0, 2.0, 4.0)) == pytest.approx([1, 1 / 2, 1 / 3])
    assert strengths_of(result("euclidean", 0.0, 0.0)) == [1.0, 1.0]
    assert strengths_of(result("euclidean")) == []


@given(st.lists(st.floats(0, 1e6), max_size=30).map(sorted))
def test_bars_of_distances_never_grow(distances: list[float]) -> None:
    strengths = strengths_of(result("euclidean", *distances))
    assert strengths == sorted(strengths, reverse=True)
    assert all(0 <= strength <= 1 for strength in strengths)


def record(id_: int) -> Record:
    return Record(id_, ImageFile(f"/pictures/{id_}.jpg", 1, 1, "", 4, 3))


def outcome_of(found: SearchResult, *records: Record, **more: Any) -> SearchOutcome:
    query = Query(None, "clip")  # type: ignore[arg-type]
    return SearchOutcome(SearchRequest((Term(text="sea"),)), query, found, records, (None,), **more)


def test_tiles_of_records_that_are_still_there() -> None:
    tiles = tiles_of(outcome_of(result("cosine", 0.98, 0.9, 0.5), record(0), record(2)))
    assert [(tile.record.id, tile.score, tile.rank) for tile in tiles] == [
        (0, "0.98", 1),
        (2, "0.50", 3),
    ]


def test_hits_of_the_same_content_are_duplicates() -> None:
    records = {id_: record(id_) for id_ in range(4)}  # of which the content is not known
    for id_ in (0, 2):
        records[id_] = replace(records[id_], file=replace(records[id_].file, digest="same"))
    tiles = tiles_of(outcome_of(result("cosine", 0.9, 0.8, 0.7, 0.6), *records.values()))
    assert [tile.duplicate for tile in tiles] == [True, False, True, False]


def test_hits_that_are_not_similar_enough_are_left_out() -> None:
    verdict = Verdict(percentiles=(99.99999, 99.5, 60.0))
    found = result("cosine", 0.98, 0.9, 0.5)
    outcome = outcome_of(found, record(0), record(1), record(2), verdict=verdict)
    told = [(tile.rank, tile.percentile) for tile in tiles_of(outcome)]
    assert told == [(1, "top 0.001 %"), (2, "top 0.5 %"), (3, "top 40 %")]
    assert [tile.rank for tile in tiles_of(outcome, least_percentile=99.0)] == [1, 2]
    assert heading(outcome, 2) == "2 of 3 pictures for “sea”"


def test_hits_in_another_order_keep_their_ranks() -> None:
    found = result("cosine", 0.98, 0.9, 0.5)
    outcome = outcome_of(found, record(0), record(1), record(2))
    assert [tile.rank for tile in tiles_of(outcome, Order("name", reverse=True))] == [3, 2, 1]


def test_headings_name_the_query() -> None:
    def told(count: int, *terms: Term) -> str:
        query = Query(None, "clip")  # type: ignore[arg-type]
        paths = tuple(term.image and f"/a/{term.image}" for term in terms)
        records = tuple(map(record, range(count)))
        outcome = SearchOutcome(SearchRequest(terms), query, result("cosine", 0.9), records, paths)
        return heading(outcome, count)

    assert told(20, Term(text="a  red\ncar")) == "20 pictures for “a red car”"
    assert told(1, Term(image="b.jpg")) == "1 picture most like b.jpg"
    part = Term(image="b.jpg", box=Box(0, 0, 0.5, 1))
    assert told(9, part) == "9 pictures for part of b.jpg"
    mixed = (part, Term(text="night", weight=2), Term(text="people", weight=-1))
    expected = "5 pictures for part of b.jpg + 2 × “night” − “people”"
    assert told(5, *mixed) == expected
    liked, disliked = (Term(image="h.jpg", weight=sign, feedback=True) for sign in (1, -1))
    judged = "5 pictures for “sea” + more like h.jpg − less like h.jpg"
    assert told(5, Term(text="sea"), liked, disliked) == judged
    assert told(5, Term(text="sea", weight=-1)) == "5 pictures for − “sea”"


def test_the_status_bar_tells_of_pictures_that_could_not_be_found() -> None:
    found = SearchResult((), "resnet18", "cosine", "exact", "as asked", 84, 84, 0.001)
    query = Query(None, "resnet18")  # type: ignore[arg-type]
    outcome = SearchOutcome(
        SearchRequest((Term(image="/b.jpg"),)), query, found, (), ("/b.jpg",), 32
    )
    assert line_of(outcome).endswith("compared 84 · 1.0 ms · 32 pictures have no ResNet18 vectors")
    assert line_of(replace(outcome, lacking=0)).endswith("1.0 ms")
