from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from cbir.images import ThumbnailCache, load_image
from cbir.work import thumbnails
from cbir.work.messages import ThumbnailReady
from cbir.work.thumbnails import ThumbnailLoader
from tests.conftest import draw


class Rig:
    """A loader with one thread and a cache, what it decodes, and its answers."""

    def __init__(self, folder: Path, **options: int) -> None:
        self.outbox: queue.Queue[ThumbnailReady] = queue.Queue()
        self.cache = ThumbnailCache(folder)
        self.decoded: list[str] = []
        self._options = options
        self.start()

    def start(self) -> None:
        """A new loader, which remembers nothing but what is in the cache."""
        self.loader = ThumbnailLoader(self.outbox, self.cache, threads=1, **self._options)  # type: ignore[arg-type]

    def ask(self, path: str, size: int, *, keep: bool = True) -> ThumbnailReady:
        self.loader.request(path, size, keep=keep)
        return self.outbox.get(timeout=60)

    def finish(self) -> None:
        """Wait until the loader has done all that it does after answering."""
        self.ask("/nowhere", 10)


OpenRig = Callable[..., Rig]


@pytest.fixture
def open_rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenRig]:
    rigs: list[Rig] = []
    real = thumbnails.load_thumbnail

    def make(**options: int) -> Rig:
        rigs.append(Rig(tmp_path / "cache", **options))

        def counting(path: str, size: int, *, max_pixels: int) -> Image.Image:
            rigs[-1].decoded.append(path)
            return real(path, size, max_pixels=max_pixels)

        monkeypatch.setattr(thumbnails, "load_thumbnail", counting)
        return rigs[-1]

    yield make
    for rig in rigs:
        rig.loader.stop()


@pytest.fixture
def rig(open_rig: OpenRig) -> Rig:
    return open_rig()


def colour_of(ready: ThumbnailReady) -> str:
    """Which of red, green and blue there is most of."""
    assert ready.image is not None
    means = list(ready.image.resize((1, 1)).getpixel((0, 0)))  # type: ignore[arg-type]
    return ("red", "green", "blue")[means.index(max(means))]


def test_thumbnails_arrive_with_their_size_or_a_reason(rig: Rig, tmp_path: Path) -> None:
    good = str(draw(tmp_path / "good.png", (9, 99, 200), (400, 100)))
    ready = rig.ask(good, 160)
    assert ready.image is not None and ready.image.size == (160, 40)
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all")
    ready = rig.ask(str(bad), 160)
    assert ready.image is None and ready.reason
    assert rig.ask(str(tmp_path / "gone.png"), 160).reason == "no such file"


def test_thumbnails_keep_to_the_limit_of_pixels(open_rig: OpenRig, tmp_path: Path) -> None:
    path = str(draw(tmp_path / "a.png", (9, 99, 200), (20, 6)))
    ready = open_rig(max_pixels=100).ask(path, 160)
    assert ready.reason == "20 x 6 pixels are more than the limit of 100"


def test_the_newest_request_goes_first_and_stale_ones_are_dropped(
    open_rig: OpenRig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig, gate, began = open_rig(pending=3), threading.Event(), threading.Event()

    def slow(path: str) -> None:
        began.set()
        gate.wait(60)
        raise ValueError("this fault must not end the thread")

    monkeypatch.setattr(thumbnails, "stat_file", slow)
    rig.loader.request("first", 10)
    assert began.wait(60)
    for name in ("a", "b", "c", "d"):
        rig.loader.request(name, 10)  # only three may wait: a goes
    rig.loader.request("b", 10)
    rig.loader.keep_only({("b", 10), ("d", 10)})
    gate.set()
    assert [rig.outbox.get(timeout=60).path for _ in range(3)] == ["first", "b", "d"]


def test_a_picture_decoded_for_its_vectors_is_not_decoded_again_for_its_thumbnail(
    rig: Rig, tmp_path: Path
) -> None:
    path = str(draw(tmp_path / "a.png", (200, 30, 30), (400, 200)))
    rig.loader.offer(load_image(path))  # nobody asks for thumbnails here: not kept
    assert list(rig.cache.folder.rglob("*.jpg")) == []
    rig.ask("/nowhere", 160)
    rig.loader.offer(load_image(path))
    rig.cache.clear()  # it is at hand without it
    small, large = rig.ask(path, 100), rig.ask(path, 300)
    assert small.image is not None and small.image.size == (100, 50)
    assert large.image is not None and large.image.size == (300, 150)
    assert rig.decoded == []
    rig.ask(path, 400)  # larger than what is kept
    assert rig.decoded == [path]
    draw(Path(path), (10, 200, 30), (90, 90))  # the file has changed since
    changed = rig.ask(path, 100)
    assert changed.image is not None and changed.image.size == (90, 90)


def test_a_picture_decoded_too_small_is_not_taken_for_a_large_thumbnail(
    rig: Rig, tmp_path: Path
) -> None:
    path = str(draw(tmp_path / "a.jpg", (200, 30, 30), (1024, 1024)))
    rig.ask("/nowhere", 640)
    loaded = load_image(path)
    assert loaded.image.size == (512, 512)
    rig.loader.offer(loaded)
    small, large = rig.ask(path, 320), rig.ask(path, 640)
    assert small.image is not None and small.image.size == (320, 320)
    assert large.image is not None and large.image.size == (640, 640)


def test_what_was_seen_or_indexed_before_is_not_decoded_once_more(rig: Rig, tmp_path: Path) -> None:
    seen = str(draw(tmp_path / "seen.png", (200, 30, 30), (400, 200)))
    indexed = str(draw(tmp_path / "indexed.png", (30, 30, 200), (400, 200)))
    rig.ask(seen, 160)
    rig.loader.offer(load_image(indexed))
    rig.finish()
    rig.start()
    rig.decoded.clear()
    assert [colour_of(rig.ask(path, 320)) for path in (seen, indexed)] == ["red", "blue"]
    assert rig.decoded == []
    large = rig.ask(seen, 600)
    assert large.image is not None and large.image.size == (400, 200)
    assert rig.decoded == [seen]
    rig.finish()
    rig.start()
    assert rig.ask(seen, 640).image is not None
    assert rig.decoded == [seen]


def test_a_changed_file_is_never_shown_as_it_was(rig: Rig, tmp_path: Path) -> None:
    path = str(draw(tmp_path / "a.png", (200, 30, 30), (400, 200)))
    assert colour_of(rig.ask(path, 160)) == "red"
    rig.finish()
    draw(Path(path), (30, 30, 200), (401, 200))
    assert colour_of(rig.ask(path, 160)) == "blue"
    Path(path).write_bytes(b"no picture any more")
    assert rig.ask(path, 160).reason


def test_of_a_file_that_is_gone_the_last_thumbnail_is_shown(rig: Rig, tmp_path: Path) -> None:
    path = draw(tmp_path / "drive" / "a.png", (200, 30, 30), (400, 200))
    rig.ask(str(path), 160)
    rig.finish()
    path.parent.rename(tmp_path / "elsewhere")
    rig.start()
    assert colour_of(rig.ask(str(path), 320)) == "red"
    rig.cache.remove([str(path)])
    assert rig.ask(str(path), 320).reason == "no such file"


def test_a_query_from_outside_leaves_no_trace(rig: Rig, tmp_path: Path) -> None:
    path = str(draw(tmp_path / "a.png", (200, 30, 30), (400, 200)))
    assert rig.ask(path, 160, keep=False).image is not None
    rig.loader.offer(load_image(path))
    rig.finish()
    assert list(rig.cache.folder.rglob("*.jpg")) == []


def test_pictures_larger_than_any_level_are_decoded_and_not_kept(rig: Rig, tmp_path: Path) -> None:
    path = str(draw(tmp_path / "a.png", (200, 30, 30), (1600, 900)))
    ready = rig.ask(path, 1200)
    assert ready.image is not None and ready.image.size == (1200, 675)
    rig.finish()
    assert list(rig.cache.folder.rglob("*.jpg")) == []


def test_thumbnails_step_back_for_the_window(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    niceness: list[int] = []

    def looking(path: str, size: int, *, max_pixels: int) -> Image.Image:
        niceness.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return Image.new("RGB", (8, 8))

    monkeypatch.setattr(thumbnails, "load_thumbnail", looking)
    rig.ask(str(draw(tmp_path / "a.png", (9, 9, 9))), 10)
    mine = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    knows = sys.platform == "linux"  # alone, a priority of single threads
    assert [each > mine for each in niceness] == [knows]
