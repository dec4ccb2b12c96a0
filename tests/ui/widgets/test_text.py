from __future__ import annotations

import os
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.ui.widgets.text import (
    ELLIPSIS,
    Fitter,
    file_size,
    fit_end,
    fit_middle,
    local_time,
    shown,
    shown_name,
    shown_path,
    telling_folders,
)


def seven(text: str) -> int:
    return 7 * len(text)


def test_text_that_fits_is_left_alone() -> None:
    assert fit_end("beach.jpg", seven, 63) == "beach.jpg"
    assert fit_middle("beach.jpg", seven, 63) == "beach.jpg"


def test_text_is_cut_at_its_end_or_in_its_middle() -> None:
    assert fit_end("holiday_beach.jpg", seven, 63) == "holiday_" + ELLIPSIS
    assert fit_middle("holiday_beach.jpg", seven, 63) == "holi" + ELLIPSIS + ".jpg"


def test_no_room_at_all_leaves_the_ellipsis() -> None:
    assert fit_end("beach", seven, 0) == ELLIPSIS
    assert fit_middle("beach", seven, 3) == ELLIPSIS


@given(st.text(st.characters(exclude_characters=ELLIPSIS), max_size=60), st.integers(7, 400))
def test_what_is_cut_fits_and_keeps_both_ends(text: str, width: int) -> None:
    end, middle = fit_end(text, seven, width), fit_middle(text, seven, width)
    assert seven(end) <= width
    assert seven(middle) <= width
    if middle != text:
        head, _, tail = middle.rpartition(ELLIPSIS)
        assert text.startswith(head)
        assert text.endswith(tail)
        assert len(middle) == width // 7  # no room is wasted


@given(st.text(max_size=30))
def test_shown_text_is_one_line_without_surprises(text: str) -> None:
    result = shown(text)
    assert len(result) == len(text)
    assert not any(ord(c) < 32 or 0xD800 <= ord(c) < 0xE000 or c == "\u202e" for c in result)


def test_names_that_are_not_text_are_shown_as_far_as_they_are() -> None:
    assert shown_name(os.fsdecode(b"/photos/caf\xe9 1.jpg")) == "caf\ufffd 1.jpg"
    assert shown_name("/photos/two\nlines.jpg") == "two\ufffdlines.jpg"
    assert shown("photo\u202egpj.exe") == "photo\ufffdgpj.exe"
    assert shown("été 海.jpg") == "été 海.jpg"


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (9_940, "9.9 kB"),
        (33_000, "33 kB"),
        (999_600, "1.0 MB"),
        (2_500_000_000, "2.5 GB"),
        (5_000_000_000_000_000, "5,000 TB"),
    ],
)
def test_file_sizes_for_people(size: int, text: str) -> None:
    assert file_size(size) == text


def test_local_time_reads_naturally_and_survives_nonsense() -> None:
    noon = datetime(2024, 3, 5, 14, 7)
    assert local_time(round(noon.timestamp() * 1e9)) == "5 Mar 2024, 14:07"
    assert local_time(10**30) == "unknown"


def test_a_fitter_measures_the_same_text_once() -> None:
    asked: list[str] = []

    def measure(text: str) -> int:
        asked.append(text)
        return seven(text)

    fitter = Fitter(measure, remembered=3)
    first = fitter.middle("holiday_beach.jpg", 63)
    count = len(asked)
    assert fitter.middle("holiday_beach.jpg", 63) == first
    assert fitter.width("sea") == fitter.width("sea") == 21
    assert len(asked) == count + 1
    for number in range(5):
        fitter.width(str(number))
    assert fitter.width("sea") == 21
    assert asked.count("sea") == 2  # what was long ago is forgotten: memory is bounded


def test_the_home_folder_is_shown_as_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert shown_path("/home/ada") == "~"
    assert shown_path("/home/ada/Pictures") == "~/Pictures"
    assert shown_path("/home/adam/Pictures") == "/home/adam/Pictures"
    assert shown_path("/home/ada/a\nb") == "~/a\ufffdb"
    monkeypatch.setenv("HOME", "/")
    assert shown_path("/photos") == "/photos"


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (["/p/a.jpg", "/p/b.jpg"], ["", ""]),
        (["/p/x/a.jpg", "/p/y/a.jpg", "/q/y/b.jpg"], ["x", "y", ""]),
        (["/p/x/a.jpg", "/q/x/a.jpg", "/q/y/a.jpg"], ["p/x", "q/x", "y"]),
        (["/x/a.jpg", "/x/x/a.jpg"], ["/x", "x/x"]),
        ([], []),
    ],
)
def test_files_of_one_name_are_told_apart_by_their_folders(
    paths: list[str], told: list[str]
) -> None:
    assert telling_folders(paths) == told
