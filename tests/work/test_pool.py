from __future__ import annotations

import queue
import threading
import time
from pathlib import Path

import pytest
from PIL import Image

from cbir.images import load_image
from cbir.work import pool as pool_module
from cbir.work.messages import ThumbnailReady
from cbir.work.pool import DecodePool, ThumbnailLoader
from tests.conftest import draw


@pytest.fixture
def pool() -> DecodePool:
    return DecodePool(3)


def test_results_come_in_the_order_of_the_items(pool: DecodePool) -> None:
    futures = pool.map_ahead(lambda n: n * n, range(100), lambda: 7)
    assert [future.result(timeout=10) for future in futures] == [n * n for n in range(100)]


def test_no_more_than_the_window_is_taken_ahead(pool: DecodePool) -> None:
    taken: list[int] = []

    def items() -> object:
        for n in range(100):
            taken.append(n)
            yield n

    futures = pool.map_ahead(lambda n: n, items(), lambda: 5)
    next(futures).result(timeout=10)
    assert len(taken) == 5
    next(futures).result(timeout=10)
    assert len(taken) == 6


def test_one_item_that_fails_fails_alone(pool: DecodePool) -> None:
    def halve(n: int) -> float:
        return 10 / n

    first, second, third = pool.map_ahead(halve, [1, 0, 2], lambda: 3)
    assert first.result(timeout=10) == 10
    assert isinstance(second.exception(timeout=10), ZeroDivisionError)
    assert third.result(timeout=10) == 5


def test_closing_the_iterator_cancels_what_has_not_begun() -> None:
    pool = DecodePool(1)
    gate = threading.Event()
    ran: list[int] = []

    def wait(n: int) -> None:
        gate.wait(10)
        ran.append(n)

    futures = pool.map_ahead(wait, range(10), lambda: 10)
    first = next(futures)
    futures.close()
    gate.set()
    first.result(timeout=10)
    assert next(pool.map_ahead(str, [1], lambda: 1)).result(timeout=10) == "1"
    assert ran == [0]


def test_thumbnails_arrive_with_their_size_or_a_reason(tmp_path: Path) -> None:
    outbox: queue.Queue = queue.Queue()
    loader = ThumbnailLoader(outbox, threads=1)
    good = str(draw(tmp_path / "good.png", (9, 99, 200), (400, 100)))
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture at all")
    loader.request(good, 160)
    ready = outbox.get(timeout=10)
    assert isinstance(ready, ThumbnailReady)
    assert ready.image is not None and ready.image.size == (160, 40)
    loader.request(str(bad), 160)
    ready = outbox.get(timeout=10)
    assert ready.image is None and ready.reason
    loader.request(str(tmp_path / "gone.png"), 160)
    assert outbox.get(timeout=10).image is None
    loader.stop()


def test_thumbnails_keep_to_the_limit_of_pixels(tmp_path: Path) -> None:
    outbox: queue.Queue = queue.Queue()
    loader = ThumbnailLoader(outbox, threads=1, max_pixels=100)
    loader.request(str(draw(tmp_path / "a.png", (9, 99, 200), (20, 6))), 160)
    assert outbox.get(timeout=10).reason == "20 x 6 pixels are more than the limit of 100"
    loader.stop()


def test_the_newest_request_goes_first_and_stale_ones_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    order: list[str] = []

    def slow(path: str, size: int, *, max_pixels: int) -> None:
        gate.wait(10)
        order.append(path)
        raise ValueError("this fault must not end the thread")

    monkeypatch.setattr("cbir.work.pool.load_thumbnail", slow)
    outbox: queue.Queue = queue.Queue()
    loader = ThumbnailLoader(outbox, threads=1, pending=3)
    loader.request("first", 10)
    while loader._wanted:  # the thread holds it now
        pass
    for name in ("a", "b", "c", "d"):
        loader.request(name, 10)  # only three may wait: a goes
    loader.request("b", 10)
    loader.keep_only({("b", 10), ("d", 10)})
    gate.set()
    assert [outbox.get(timeout=10).path for _ in range(3)] == ["first", "b", "d"]
    loader.stop()


def test_a_paused_pool_begins_nothing_and_awaits_what_it_is_doing() -> None:
    pool = DecodePool(2)
    began, finish, done = threading.Event(), threading.Event(), []

    def work(number: int) -> int:
        if number == 0:
            began.set()
            assert finish.wait(10)
        done.append(number)
        return number

    futures = pool.map_ahead(work, range(6), lambda: 6)
    first = next(futures)
    assert began.wait(10)
    threading.Timer(0.05, finish.set).start()
    with pool.paused():
        assert first.done()  # it was awaited
        held = len(done)
        time.sleep(0.05)
        assert len(done) == held
        with pool.paused():  # another job's pause within this one
            pass
        time.sleep(0.05)
        assert len(done) == held
    assert [future.result(10) for future in futures] == [1, 2, 3, 4, 5]
    pool.stop()


def test_a_picture_decoded_for_its_vectors_is_not_decoded_again_for_its_thumbnail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(draw(tmp_path / "a.png", (200, 30, 30), (400, 200)))
    outbox: queue.Queue[ThumbnailReady] = queue.Queue()
    loader = ThumbnailLoader(outbox, threads=1)  # type: ignore[arg-type]
    decoded: list[str] = []
    real = pool_module.load_thumbnail

    def counting(path: str, size: int, *, max_pixels: int) -> Image.Image:
        decoded.append(path)
        return real(path, size, max_pixels=max_pixels)

    monkeypatch.setattr(pool_module, "load_thumbnail", counting)

    def ask(size: int) -> ThumbnailReady:
        loader.request(path, size)
        return outbox.get(timeout=10)

    loader.offer(load_image(path))  # nobody asks for thumbnails here: not kept
    assert ask(100).image is not None and len(decoded) == 1
    loader.offer(load_image(path))
    small, large = ask(100), ask(300)
    assert small.image is not None and small.image.size == (100, 50)
    assert large.image is not None and large.image.size == (300, 150)
    assert len(decoded) == 1
    ask(400)  # larger than what is kept
    assert len(decoded) == 2
    draw(Path(path), (10, 200, 30), (90, 90))  # the file has changed since
    changed = ask(100)
    assert changed.image is not None and changed.image.size == (90, 90)
    loader.stop()
