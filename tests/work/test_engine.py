from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from cbir.asking import Filter, Order, Term
from cbir.config import Settings, load_settings
from cbir.errors import CbirError, DownloadFailed, LibraryDamaged, LibraryReadOnly
from cbir.library import Library, verify
from cbir.settings_file import Preferences
from cbir.work.editing import Edit
from cbir.work.engine import Engine
from cbir.work.messages import Call, Finished
from cbir.work.searching import SearchRequest
from cbir.work.worker import JobCancelled
from tests.work.conftest import Driver, close


def test_browsing_shows_what_passes_a_filter(drive: Driver, pictures: Path) -> None:
    drive(drive.engine.index([str(pictures)], ["classic"]))
    everything = drive(drive.engine.browse())
    assert [record.id for record in everything] == list(range(1, 13))
    some = drive(drive.engine.browse(Filter(formats=("png",), max_bytes=everything[0].file.size)))
    assert everything[0] in some
    assert not len(drive(drive.engine.browse(Filter(formats=("gif",)))))
    by_name = drive(drive.engine.browse(order=Order("name", reverse=True)))
    assert [Path(record.path).name for record in by_name][:2] == ["yellow_1.png", "yellow_0.png"]


def test_a_damaged_library_is_told_by_every_request(settings: Settings) -> None:
    settings.library.parent.mkdir(parents=True)
    settings.library.write_bytes(b"this is no library")
    engine = Engine(settings)
    drive = Driver(engine)
    for job in (engine.open(), engine.browse(), engine.index(["."])):
        with pytest.raises(LibraryDamaged):
            drive(job)
    close(engine)


def test_a_second_engine_reads_and_says_why_it_cannot_write(
    drive: Driver, settings: Settings, pictures: Path
) -> None:
    drive(drive.engine.index([str(pictures)], ["classic"]))
    engine = Engine(settings)
    second = Driver(engine)
    library = second(engine.open())
    assert library.read_only and library.read_only_reason
    assert len(second(engine.browse())) == 12
    with pytest.raises(LibraryReadOnly):
        second(engine.edit(1, Edit(note="no")))
    close(engine)


def test_searching_goes_on_while_indexing_waits_for_a_model(drive: Driver) -> None:
    """The indexer holds nothing that the searcher needs, whatever it waits for."""
    engine = drive.engine
    waiting = engine._indexer.submit("Hold", lambda run: run.call(lambda: "late"))
    call = None
    while not isinstance(call, Call):
        call = engine.outbox.get(timeout=60)
    assert list(drive(engine.browse())) == []
    engine.outbox.put(call)
    assert drive(waiting) == "late"


def test_refresh_takes_every_root_that_is_there(
    drive: Driver, pictures: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "one.png").write_bytes((pictures / "red_0.png").read_bytes())
    drive(drive.engine.index([str(pictures), str(other)], ["classic"]))
    assert drive(drive.engine.refresh(["classic"])).out_of_reach == ()
    (other / "one.png").unlink()
    other.rmdir()
    report = drive(drive.engine.refresh(["classic"]))
    assert (report.unchanged, report.missing, report.total) == (12, 0, 13)
    assert report.out_of_reach == (str(other),)


def test_verify_and_ask(drive: Driver, pictures: Path) -> None:
    drive(drive.engine.index([str(pictures)], ["classic"]))
    assert drive(drive.engine.verify()).problems == ()
    assert drive(drive.engine.ask("Count", len)) == 12


def test_closing_keeps_what_was_done_and_lets_go_of_the_library(
    settings: Settings, pictures: Path
) -> None:
    engine = Engine(settings)
    drive = Driver(engine)
    drive(engine.open())
    drive(engine.index([str(pictures)], ["classic"]))
    close(engine)
    with Library.open(settings.library) as library:
        assert len(library) == 12
        assert not library.read_only
        library.update([replace(library.get(1), note="writable")])


def test_folding_happens_on_the_housekeeper_when_it_is_due(
    drive: Driver, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[str] = []

    def fold(self: Library, pause: Callable[[], None]) -> bool:
        pause()
        folded.append(threading.current_thread().name)
        return True

    monkeypatch.setattr(Library, "needs_fold", property(lambda self: True))
    monkeypatch.setattr(Library, "fold", fold)
    drive(drive.engine.index([str(pictures)], ["classic"]))
    drive.events.clear()
    while not drive.engine.idle:
        time.sleep(0.001)
    assert set(folded) == {"cbir-housekeeper"}


def test_closing_drops_a_fold_that_is_under_way(
    settings: Settings, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()
    engine = Engine(settings)
    drive = Driver(engine)
    drive(engine.open())
    drive(engine.index([str(pictures)], ["classic"]))
    real = Library.fold

    def endless(self: Library, pause: Callable[[], None]) -> bool:
        def pausing() -> None:
            begun.set()
            while True:  # a library so large that its fold would not end
                pause()

        return real(self, pausing)

    monkeypatch.setattr(Library, "fold", endless)
    monkeypatch.setattr(Library, "needs_fold", property(lambda self: True))
    engine.tend()
    assert begun.wait(60)
    close(engine)
    assert verify(settings.library).problems == ()
    assert sorted(file.name for file in settings.library.parent.glob("*library.npz*")) == [
        "library.npz",
        "library.npz.journal",
        "library.npz.lock",
    ]


def test_a_download_reports_its_progress(
    drive: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(name: str, models: Path | None, progress, cancelled) -> Path:  # type: ignore[no-untyped-def]
        progress(5, 10)
        assert not cancelled()
        return tmp_path / name

    monkeypatch.setattr("cbir.work.engine.weights.download", download)
    assert drive(drive.engine.download("clip")) == str(tmp_path / "clip")
    assert (drive.events[-2].done, drive.events[-2].total) == (5, 10)
    assert isinstance(drive.events[-1], Finished)


def test_a_cancelled_download_is_cancelled_and_not_failed(
    drive: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = threading.Event()

    def download(name: str, models: Path | None, progress, cancelled) -> Path:  # type: ignore[no-untyped-def]
        started.set()
        while not cancelled():
            time.sleep(0.001)
        raise DownloadFailed("The download was cancelled.")

    monkeypatch.setattr("cbir.work.engine.weights.download", download)
    job = drive.engine.download("clip")
    assert started.wait(60)
    job.cancel()
    with pytest.raises(JobCancelled):
        drive(job)


def test_the_library_s_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    engine = Engine(load_settings(library=tmp_path / "file" / "library.npz"))
    with pytest.raises(CbirError, match="cannot be made"):
        Driver(engine)(engine.open())
    close(engine)


@pytest.fixture
def quick_to_keep(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("indexes", "library"):
        monkeypatch.setattr(f"cbir.library.{module}.KEPT_FROM", 4)


def test_indexes_are_made_in_the_background_and_kept(
    quick_to_keep: None, settings: Settings, pictures: Path
) -> None:
    engine = Engine(settings)
    drive = Driver(engine)
    drive(engine.open())
    drive(engine.index([str(pictures)], ["classic"]))
    wait_until_idle(engine)
    drive(engine.tend())
    close(engine)
    with np.load(settings.library, allow_pickle=False) as archive:
        assert "classic_cosine_sketches.npy" in archive.zip.namelist()
    with Library.open(settings.library) as library:
        assert not library.needs_tending
        assert not library.needs_fold


def test_an_engine_that_does_not_tend_leaves_indexes_to_others(
    quick_to_keep: None, settings: Settings, pictures: Path
) -> None:
    engine = Engine(settings, tends=False)
    drive = Driver(engine)
    library = drive(engine.open())
    drive(engine.index([str(pictures)], ["classic"]))
    wait_until_idle(engine)
    assert library.needs_tending
    drive(engine.tend())
    assert not library.needs_tending
    close(engine)


def test_a_search_that_lacks_its_index_has_it_made(
    settings: Settings, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.library.indexes.MADE_AT_ONCE", 3)
    engine = Engine(settings)
    drive = Driver(engine)
    drive(engine.open())
    drive(engine.index([str(pictures)], ["classic"]))
    request = SearchRequest((Term(image=str(pictures / "red_0.png")),), metric="euclidean", k=2)
    first = drive(engine.search(request)).result
    assert (first.method, first.reason) == ("exact", "the LSH index is not ready")
    wait_until_idle(engine)
    again = drive(engine.search(request)).result
    assert again.method == "lsh"
    assert [hit.id for hit in again.hits] == [hit.id for hit in first.hits]
    close(engine)


def test_the_recall_of_the_settings_is_aimed_at(settings: Settings, pictures: Path) -> None:
    engine = Engine(replace(settings, recall=0.7))
    drive = Driver(engine)
    drive(engine.open())
    drive(engine.index([str(pictures)], ["classic"]))
    outcome = drive(engine.search(SearchRequest((Term(image=str(pictures / "red_0.png")),))))
    assert outcome.query.recall == 0.7
    close(engine)


def wait_until_idle(engine: Engine) -> None:
    while not engine.idle:
        time.sleep(0.001)


def test_threads_and_limits_are_as_preferred(settings: Settings) -> None:
    with threadpool_limits():  # puts back what the engine sets
        engine = Engine(replace(settings, threads=1, fixed=frozenset({"recall"})))
        blas = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
        assert all(pool["num_threads"] == 1 for pool in blas)
    driver = Driver(engine)
    said = driver(engine.save_preferences(Preferences(("raw",), 1, recall=0.5)))
    assert driver(engine.preferences()) == said
    engine.prefer(said)
    assert engine.settings.recall == settings.recall  # an option or the environment decided
    assert (engine.settings.excludes, engine.thumbnails.max_pixels) == (("raw",), 1_000_000)
    close(engine)
