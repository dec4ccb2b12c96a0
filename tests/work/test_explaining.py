from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.asking import Term
from cbir.errors import RecordNotFound, UnreadableImage, VectorsIncompatible
from cbir.images import Loaded, Metadata
from cbir.records import Query
from cbir.work.explaining import Explanation, cover
from cbir.work.messages import Progress
from cbir.work.searching import SearchOutcome, SearchRequest
from cbir.work.worker import JobCancelled
from tests.conftest import draw
from tests.fakes import ColourEncoder
from tests.work.conftest import Driver


@pytest.fixture
def corner(tmp_path: Path) -> Path:
    """A grey picture with a red square in its lower left corner, one window of 7 × 7 large."""
    image = Image.new("RGB", (140, 70), (124, 116, 104))
    image.paste((255, 0, 0), (0, 60, 20, 70))
    path = tmp_path / "corner.png"
    image.save(path)
    return path


def ask(drive: Driver, picture: Path, term: Term, space: str, metric: str) -> Explanation:
    drive(drive.engine.index([str(picture)], [space]))
    request = SearchRequest((term,), space, metric)  # type: ignore[arg-type]
    outcome = drive(drive.engine.search(request))
    assert isinstance(outcome, SearchOutcome)
    explanation = drive(drive.engine.explain(outcome.result.hits[0].id, outcome.query))
    assert isinstance(explanation, Explanation)
    assert explanation.score == pytest.approx(outcome.result.hits[0].score, abs=1e-5)
    return explanation


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_part_that_was_looked_for_is_the_hottest(
    drive: Driver, corner: Path, colour: ColourEncoder, metric: str
) -> None:
    found = ask(drive, corner, Term(text="red"), "clip", metric)
    assert found.drops.shape == (7, 7)
    assert found.drops.dtype == np.float32
    assert np.unravel_index(found.drops.argmax(), (7, 7)) == (6, 0)
    elsewhere = np.delete(found.drops.ravel(), 6 * 7)
    assert np.abs(elsewhere).max() < 0.01 * found.drops.max()


def test_a_part_that_speaks_against_it_is_below_zero(
    drive: Driver, corner: Path, colour: ColourEncoder
) -> None:
    found = ask(drive, corner, Term(text="green"), "clip", "cosine")
    assert np.unravel_index(found.drops.argmin(), (7, 7)) == (6, 0)
    assert found.drops.min() < 0


def test_it_works_in_the_classic_space_without_any_weights(drive: Driver, corner: Path) -> None:
    found = ask(drive, corner, Term(image=str(corner)), "classic", "cosine")
    assert found.score == pytest.approx(1)
    assert np.unravel_index(found.drops.argmax(), (7, 7)) == (6, 0)


def test_the_model_runs_in_short_calls_with_progress_between(
    drive: Driver, corner: Path, colour: ColourEncoder
) -> None:
    drive(drive.engine.index([str(corner)], ["clip"]))
    (record,) = drive(drive.engine.browse())
    colour.batches.clear()
    drive(drive.engine.explain(record.id, Query(np.ones(512, np.float32), "clip")))
    assert sum(colour.batches) == 50  # the whole picture and 49 covered ones
    assert max(colour.batches) <= 7
    told = [event.done for event in drive.events if isinstance(event, Progress)][-8:]
    assert told == [0, 7, 14, 21, 28, 35, 42, 49]


def test_it_can_be_cancelled_half_way(drive: Driver, corner: Path, colour: ColourEncoder) -> None:
    query = Query(np.ones(512, np.float32), "clip")
    drive(drive.engine.index([str(corner)], ["clip"]))
    (record,) = drive(drive.engine.browse())
    job = drive.engine.explain(record.id, query)
    keep = drive.events.append

    def cancel_soon(event: object) -> None:
        keep(event)
        if isinstance(event, Progress) and event.done == 14:
            job.cancel()

    drive.events = _Heard(cancel_soon)
    with pytest.raises(JobCancelled):
        drive(job)
    assert sum(colour.batches) < 40


class _Heard(list[object]):
    def __init__(self, hear: object) -> None:
        self.append = hear  # type: ignore[method-assign,assignment]


def test_what_cannot_be_explained_says_why(
    drive: Driver, corner: Path, colour: ColourEncoder
) -> None:
    query = Query(np.ones(512, np.float32), "clip")
    with pytest.raises(RecordNotFound):
        drive(drive.engine.explain(4711, query))
    drive(drive.engine.index([str(corner)], ["clip"]))
    (record,) = drive(drive.engine.browse())
    colour.fingerprint = "colour-2"
    with pytest.raises(VectorsIncompatible):
        drive(drive.engine.explain(record.id, query))
    corner.unlink()
    with pytest.raises(UnreadableImage):
        drive(drive.engine.explain(record.id, replace(query, space="classic")))


@pytest.mark.parametrize("size", [(3, 3), (1, 50), (7, 7), (100, 5)])
def test_windows_tile_pictures_of_any_size(size: tuple[int, int]) -> None:
    image = Image.new("RGB", size, "red")
    covered = sum(
        np.any(np.asarray(cover(image, row, column)) != np.asarray(image), axis=2).astype(int)
        for row in range(7)
        for column in range(7)
    )
    assert (covered == 1).all()


def test_a_picture_is_loaded_for_looking_and_its_metadata_read(
    drive: Driver, tmp_path: Path
) -> None:
    path = draw(tmp_path / "large.png", (10, 200, 10), (2000, 1500))
    reduced = drive(drive.engine.picture(str(path), 800))
    assert isinstance(reduced, Loaded)
    assert reduced.image.size == (1000, 750)
    assert (reduced.file.width, reduced.file.height) == (2000, 1500)
    assert drive(drive.engine.picture(str(path))).image.size == (2000, 1500)
    assert drive(drive.engine.metadata(str(path))) == Metadata(format="PNG", mode="RGB")
    with pytest.raises(UnreadableImage):
        drive(drive.engine.picture(str(tmp_path / "nowhere.png")))
