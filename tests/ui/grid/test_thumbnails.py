from __future__ import annotations

import pytest
import ttkbootstrap as ttk
from PIL import Image

from cbir.records import ImageFile, Record
from cbir.ui.grid.thumbnails import Thumbnails
from cbir.work.messages import ThumbnailReady

Key = tuple[str, int]


def record(number: int, digest: str = "first", missing: bool = False) -> Record:
    file = ImageFile(f"/photos/{number}.jpg", 1000, 0, digest, 400, 300)
    return Record(number, file, missing=missing)


def answer(number: int, size: int = 160, colour: str = "red") -> ThumbnailReady:
    return ThumbnailReady(f"/photos/{number}.jpg", size, Image.new("RGB", (size, 100), colour))


class Desk:
    """Stands in for the loader: remembers what was asked and what was kept."""

    def __init__(self) -> None:
        self.asked: list[Key] = []
        self.kept: list[set[Key]] = []

    def request(self, path: str, size: int) -> None:
        self.asked.append((path, size))

    @property
    def numbers(self) -> list[int]:
        return [int(path.removeprefix("/photos/").removesuffix(".jpg")) for path, _ in self.asked]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def thumbnails(root: ttk.App, desk: Desk) -> Thumbnails:
    return Thumbnails(desk.request, desk.kept.append, capacity=4 * 160 * 100)


def test_the_most_urgent_is_asked_for_last_as_the_newest_goes_first(
    thumbnails: Thumbnails, desk: Desk
) -> None:
    thumbnails.want([record(1), record(2), record(3)], 160)
    assert desk.numbers == [3, 2, 1]


def test_nothing_is_asked_for_twice(thumbnails: Thumbnails, desk: Desk) -> None:
    thumbnails.want([record(1)], 160)
    thumbnails.want([record(1)], 160)
    assert thumbnails.receive(answer(1))
    thumbnails.want([record(1)], 160)
    assert desk.numbers == [1]
    assert thumbnails.picture(record(1), 160) is not None


def test_requests_that_scrolled_away_are_dropped_and_their_answers_ignored(
    thumbnails: Thumbnails, desk: Desk
) -> None:
    thumbnails.want([record(1), record(2)], 160)
    thumbnails.want([record(2), record(3)], 160)
    assert desk.kept == [{("/photos/2.jpg", 160), ("/photos/3.jpg", 160)}]
    assert not thumbnails.receive(answer(1))
    assert thumbnails.picture(record(1), 160) is None
    assert thumbnails.receive(answer(2))


def test_missing_files_are_asked_for_too(thumbnails: Thumbnails, desk: Desk) -> None:
    thumbnails.want([record(1, missing=True)], 160)  # one may be kept from before
    assert desk.numbers == [1]


def test_a_changed_file_is_asked_for_again(thumbnails: Thumbnails, desk: Desk) -> None:
    thumbnails.want([record(1)], 160)
    thumbnails.receive(answer(1))
    changed = record(1, digest="second")
    assert thumbnails.picture(changed, 160) is None
    thumbnails.want([changed], 160)
    assert desk.numbers == [1, 1]
    thumbnails.receive(answer(1, colour="blue"))
    assert thumbnails.picture(changed, 160) is not None


def test_a_picture_that_cannot_be_shown_is_not_asked_for_until_failures_are_forgotten(
    thumbnails: Thumbnails, desk: Desk
) -> None:
    thumbnails.want([record(1)], 160)
    assert thumbnails.receive(ThumbnailReady("/photos/1.jpg", 160, None, "not an image"))
    assert thumbnails.reason(record(1), 160) == "not an image"
    assert thumbnails.picture(record(1), 160) is None
    thumbnails.want([record(1)], 160)
    assert desk.numbers == [1]
    thumbnails.forget_failures()
    thumbnails.want([record(1)], 160)
    assert desk.numbers == [1, 1]


def test_the_least_recently_used_pictures_go_when_there_are_too_many(
    thumbnails: Thumbnails,
) -> None:
    for number in range(1, 5):
        thumbnails.want([record(number)], 160)
        thumbnails.receive(answer(number))
    assert thumbnails.picture(record(1), 160) is not None  # used just now
    thumbnails.want([record(5)], 160)
    thumbnails.receive(answer(5))
    assert len(thumbnails) == 4
    assert thumbnails.picture(record(2), 160) is None
    assert thumbnails.picture(record(1), 160) is not None


def test_a_crowd_is_asked_for_in_portions_that_the_loader_holds(
    thumbnails: Thumbnails, desk: Desk
) -> None:
    crowd = [record(number) for number in range(500)]
    thumbnails.want(crowd, 160)
    assert desk.numbers == list(range(199, -1, -1))
    for number in range(151):
        thumbnails.receive(answer(number))
    assert set(desk.numbers) == set(range(351))
    assert len(desk.numbers) == 351
