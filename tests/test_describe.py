"""The sentences that window and terminal share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cbir.describe import (
    describe,
    describe_changes,
    describe_indexing,
    describe_not_entered,
    describe_out_of_reach,
    describe_progress,
    describe_rate,
    describe_verify,
    format_bytes,
    format_count,
    format_score,
    format_seconds,
    plural,
)
from cbir.library import VerifyReport
from cbir.records import SearchResult, SkippedFile
from cbir.work.indexing import IndexReport
from cbir.work.messages import Progress, Unit
from cbir.work.pace import Rate

LSH = SearchResult((), "resnet18", "cosine", "lsh", "image query", 1000, 84, 0.0012)


def test_a_search_by_lsh() -> None:
    assert describe(LSH) == "LSH · compared 84 of 1,000 (8.4 %) · 1.2 ms"
    assert describe(replace(LSH, index_seconds=0.0633)).endswith("1.2 ms · index ready in 63.3 ms")
    assert describe(replace(LSH, total=0, candidates=0)).startswith("LSH · compared 0 of 0 (0.0 %)")


def test_a_search_by_lsh_tells_what_it_looked_at_and_how_much_it_finds() -> None:
    found = replace(LSH, scanned=4100, candidates=212, total=120_000, recall=0.968)
    assert describe(found) == (
        "LSH · scanned 4,100 sketches, compared 212 of 120,000 (0.2 %) · recall ≈ 0.97 · 1.2 ms"
    )
    assert "(0.01 %)" in describe(replace(found, candidates=133, total=1_000_000))
    assert "scanned 1 sketch," in describe(replace(found, scanned=1))


def test_where_exact_is_quicker_that_is_told() -> None:
    assert describe(replace(LSH, exact_seconds=0.0002)).endswith("1.2 ms · exact ≈ 0.2 ms")
    assert "exact" not in describe(replace(LSH, exact_seconds=0.075))


def test_an_exact_search_says_why() -> None:
    exact = replace(LSH, method="exact", reason="text query", candidates=1000, seconds=0.0009)
    assert describe(exact) == "Exact · text query · compared 1,000 · 0.9 ms"


@pytest.mark.parametrize(
    ("metric", "score", "shown"),
    [
        ("cosine", 0.9312, "0.93"),
        ("cosine", -0.25, "-0.25"),
        ("euclidean", 12.4321, "d 12.4"),
        ("euclidean", 0.7149, "d 0.71"),
        ("euclidean", 9.996, "d 10.0"),
        ("euclidean", 0.0, "d 0.00"),
    ],
)
def test_scores(metric: str, score: float, shown: str) -> None:
    assert format_score(metric, score) == shown  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.00094, "0.9 ms"), (0.9999, "1.0 s"), (4.12, "4.1 s"), (200, "3 min 20 s")],
)
def test_durations(seconds: float, shown: str) -> None:
    assert format_seconds(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (12, "12 bytes"),
        (46_830, "47 kB"),
        (605_157_884, "605 MB"),
        (4_600_000_000, "4.6 GB"),
    ],
)
def test_sizes(count: int, shown: str) -> None:
    assert format_bytes(count) == shown


def test_numbers_of_things() -> None:
    assert plural(1, "picture") == "1 picture"
    assert plural(1204, "picture") == "1,204 pictures"


def report(**counts: int) -> IndexReport:
    skipped = tuple(SkippedFile(str(n), 1, 1, "not an image") for n in range(counts.pop("bad", 0)))
    zero = dict.fromkeys(("added", "updated", "moved", "unchanged", "missing", "ignored"), 0)
    return IndexReport(
        **{**zero, **counts},
        skipped=skipped,
        total=0,
        seconds=4.1,
        images_per_second=20,
        spaces={},
    )


def test_what_indexing_did() -> None:
    assert describe_indexing(report(added=80, bad=4)) == (
        "Indexed 80 pictures in 4.1 s: 80 new, 4 skipped."
    )
    assert describe_indexing(report(unchanged=5, missing=1, moved=1)).endswith(
        ": 1 moved, 5 unchanged, 1 missing."
    )
    quick = replace(report(added=1), seconds=0.04)
    assert describe_indexing(quick) == "Indexed 1 picture in 0.0 s: 1 new."
    assert describe_indexing(report()) == "There are no pictures to index there."


def test_what_was_picked_up() -> None:
    assert describe_changes(report(added=3, moved=1, bad=1)) == (
        "Picked up: 3 new, 1 moved, 1 skipped."
    )
    assert describe_changes(report(unchanged=4, ignored=1)) == ""


def test_what_was_not_entered() -> None:
    assert describe_not_entered(()) == ""
    assert describe_not_entered(["/a/nas"]).startswith(
        "Not entered, as it is on another file system: /a/nas. Index it by name, or use --cross"
    )
    many = describe_not_entered(["/1", "/2", "/3", "/4", "/5"])
    assert "as they are on another file system: /1, /2, /3 and 2 more." in many


def test_the_folders_that_are_not_there() -> None:
    assert describe_out_of_reach(()) == ""
    assert describe_out_of_reach(["/a/nas"]) == "1 folder is not there: /a/nas."
    assert describe_out_of_reach(["/a", "/b"]) == "2 folders are not there: /a, /b."
    many = describe_out_of_reach(["/1", "/2", "/3", "/4", "/5"])
    assert many == "5 folders are not there: /1, /2, /3 and 2 more."


def test_whether_the_library_is_whole() -> None:
    whole = VerifyReport((), ("The journal's last entry was torn.",), 12, {})
    assert describe_verify(whole).splitlines() == [
        "The library is whole: 12 records.",
        "The journal's last entry was torn.",
    ]
    assert describe_verify(VerifyReport(("Part ids is damaged.",), (), 0, {})) == (
        "Part ids is damaged."
    )


@pytest.mark.parametrize(
    ("done", "total", "unit", "told"),
    [
        (120, 1_000, "images", "120 of 1,000"),
        (120_000_000, 605_157_884, "bytes", "120 of 605 MB"),
        (0, 2_300_000_000, "bytes", "0 of 2,300 MB"),
        (300, 4_186, "bytes", "300 bytes of 4 kB"),
    ],
)
def test_how_far_a_job_is(done: int, total: int, unit: Unit, told: str) -> None:
    assert format_count(done, total, unit) == told


@pytest.mark.parametrize(
    ("speed", "seconds", "unit", "told"),
    [
        (17.31, 50.2, "images", ["17.3 images/s", "51 s left"]),
        (8_200_000, 59, "bytes", ["8.2 MB/s", "1 min left"]),
        (120_000, 95, "bytes", ["0.1 MB/s", "2 min left"]),
        (12_000, 3_780, "bytes", ["12 kB/s", "1 h 3 min left"]),
        (2, 90_000, "bytes", ["2 bytes/s", "over a day left"]),
    ],
)
def test_speed_and_time_left(speed: float, seconds: float, unit: Unit, told: list[str]) -> None:
    assert describe_rate(Rate(speed, seconds), unit) == told


def test_progress_in_one_line() -> None:
    progress = Progress(1, 120, 1_000)
    assert describe_progress(progress, Rate(20, 44)) == "120 of 1,000 · 20.0 images/s · 44 s left"
    assert describe_progress(progress, None) == "120 of 1,000"
    assert describe_progress(Progress(1, 0, None), None) == ""
