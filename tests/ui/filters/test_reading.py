from __future__ import annotations

import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.errors import InvalidQuery
from cbir.ui.filters.reading import Sizes, read_day, read_sizes, read_tags, write_sizes


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"),
        (" 2024-2 ", "2024-02-01", "2024-02-29"),
        ("2023-05-31", "2023-05-31", "2023-05-31"),
    ],
)
def test_days_months_and_years(text: str, first: str, last: str) -> None:
    assert read_day(text, last=False) == datetime.date.fromisoformat(first)
    assert read_day(text, last=True) == datetime.date.fromisoformat(last)


@pytest.mark.parametrize("text", ["24", "2024-13", "2024-02-30", "may", "0000", "2024-1-1-1"])
def test_what_is_no_day_is_told(text: str) -> None:
    with pytest.raises(InvalidQuery, match="is no day"):
        read_day(text, last=True)


def test_nothing_typed_is_every_day() -> None:
    assert read_day("  ", last=False) is None


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("", Sizes()),
        ("> 2 MB", Sizes(min_bytes=2_000_000)),
        (">2", Sizes(min_bytes=2_000_000)),
        ("≥ 1,5m", Sizes(min_bytes=1_500_000)),
        ("<500k", Sizes(max_bytes=500_000)),
        ("1–5 MB", Sizes(1_000_000, 5_000_000)),
        ("500k - 2M", Sizes(500_000, 2_000_000)),
        ("1-2 gb", Sizes(1_000_000_000, 2_000_000_000)),
        ("> 12 MP", Sizes(min_megapixels=12)),
        ("0.5-2 mp", Sizes(min_megapixels=0.5, max_megapixels=2)),
    ],
)
def test_sizes(text: str, sizes: Sizes) -> None:
    assert read_sizes(text) == sizes


@pytest.mark.parametrize(
    "text", ["big", "> ", "2", "> 2 TB", "5-1 MB", "1 mp - 2 mb", "1mb-2mp", "><1"]
)
def test_what_is_no_size_is_told(text: str) -> None:
    with pytest.raises(InvalidQuery):
        read_sizes(text)


@given(st.text(max_size=12))
def test_any_text_is_a_size_or_told_to_be_none(text: str) -> None:
    with contextlib.suppress(InvalidQuery):
        read_sizes(text)


amounts = st.integers(1, 99_999).map(lambda number: number * 10)


@given(low=st.just(0) | amounts, more=st.none() | amounts, megapixels=st.booleans())
def test_what_is_written_is_read_as_it_was(low: int, more: int | None, megapixels: bool) -> None:
    high = None if more is None else low + more
    sizes = (
        Sizes(min_megapixels=low / 10, max_megapixels=None if high is None else high / 10)
        if megapixels
        else Sizes(low * 10, None if high is None else high * 10)
    )
    assert read_sizes(write_sizes(sizes)) == sizes


def test_tags_between_commas() -> None:
    assert read_tags(" sea, blue sky ,,sea ") == ("sea", "blue sky")
    assert read_tags(" ") == ()
