from __future__ import annotations

from pathlib import Path

import pytest

from cbir.asking import Filter, Term
from cbir.errors import (
    InvalidQuery,
    RecordNotFound,
    SpaceEmpty,
    SpaceUnavailable,
    UnreadableImage,
    VectorsIncompatible,
)
from cbir.work.searching import MapOutcome, SearchOutcome, SearchRequest
from tests.conftest import draw
from tests.fakes import ColourEncoder
from tests.work.conftest import Driver


def search(
    drive: Driver,
    *,
    image: str | None = None,
    record: int | None = None,
    text: str | None = None,
    **choices: object,
) -> SearchOutcome:
    term = Term(text=text, image=image, record=record)
    request = SearchRequest((term,), **choices)  # type: ignore[arg-type]
    outcome = drive(drive.engine.search(request))
    assert isinstance(outcome, SearchOutcome)
    return outcome


def names(outcome: SearchOutcome) -> list[str]:
    return [Path(hit.path).name for hit in outcome.result.hits]


@pytest.fixture
def indexed(drive: Driver, pictures: Path, colour: ColourEncoder) -> Driver:
    drive(drive.engine.index([str(pictures)], ["classic", "clip"]))
    return drive


def test_a_picture_finds_itself_first_and_its_like_next(indexed: Driver, pictures: Path) -> None:
    outcome = search(indexed, image=str(pictures / "red_0.png"), space="clip", k=2)
    assert names(outcome) == ["red_0.png", "red_1.png"]
    assert outcome.result.method == "lsh"
    assert outcome.result.hits[0].score == pytest.approx(1)
    assert [record.path for record in outcome.records] == [h.path for h in outcome.result.hits]
    assert outcome.path == str(pictures / "red_0.png")


def test_a_filter_counts_and_finds_only_what_passes(indexed: Driver, pictures: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in pictures.iterdir()}
    wanted = Filter(min_bytes=sizes["red_1.png"], max_bytes=sizes["red_1.png"])
    outcome = search(indexed, image=str(pictures / "red_0.png"), space="classic", filter=wanted)
    expected = {name for name, size in sizes.items() if size == sizes["red_1.png"]}
    assert set(names(outcome)) == expected
    assert (outcome.result.total, outcome.lacking) == (len(expected), 0)


def test_words_use_clip_and_are_exact(indexed: Driver) -> None:
    outcome = search(indexed, text="green", k=2)
    assert set(names(outcome)) == {"green_0.png", "green_1.png"}
    assert (outcome.result.space, outcome.result.method) == ("clip", "exact")
    assert "text" in outcome.result.reason
    assert outcome.result.candidates == outcome.result.total == 12


def test_both_metrics_and_the_exact_method(indexed: Driver, pictures: Path) -> None:
    image = str(pictures / "blue_1.png")
    for metric in ("cosine", "euclidean"):
        outcome = search(indexed, image=image, space="clip", metric=metric, method="exact", k=2)
        assert set(names(outcome)) == {"blue_0.png", "blue_1.png"}
        assert outcome.result.method == "exact"
    assert outcome.result.hits[0].score == pytest.approx(0)


def test_a_record_is_searched_by_its_stored_vector_also_when_its_file_is_gone(
    indexed: Driver, pictures: Path, colour: ColourEncoder
) -> None:
    (pictures / "red_0.png").unlink()
    hit = search(indexed, text="red", k=1).result.hits[0]
    done = sum(colour.batches)
    outcome = search(indexed, record=hit.id, space="clip", k=2)
    assert set(names(outcome)) == {"red_0.png", "red_1.png"}
    assert sum(colour.batches) == done


def test_a_query_is_encoded_once_for_both_metrics(
    indexed: Driver, tmp_path: Path, colour: ColourEncoder
) -> None:
    query = str(draw(tmp_path / "query.png", (190, 50, 50)))
    done = sum(colour.batches)
    for metric in ("cosine", "euclidean", "cosine"):
        search(indexed, image=query, space="clip", metric=metric)
    assert sum(colour.batches) == done + 1
    draw(tmp_path / "query.png", (10, 200, 10), (33, 33))  # changed: encoded anew
    assert names(search(indexed, image=query, space="clip", k=1))[0].startswith("green")
    assert sum(colour.batches) == done + 2


def test_the_rules_choose_the_space(indexed: Driver, pictures: Path) -> None:
    assert search(indexed, image=str(pictures / "red_0.png")).result.space == "classic"
    assert search(indexed, text="red").result.space == "clip"


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_empty_words_are_refused(indexed: Driver, text: str) -> None:
    with pytest.raises(InvalidQuery, match="type some words"):
        search(indexed, text=text)


def test_words_in_a_space_without_words_are_refused(indexed: Driver) -> None:
    with pytest.raises(InvalidQuery, match="classic"):
        search(indexed, text="red", space="classic")


def test_a_bad_query_file_is_told(indexed: Driver, tmp_path: Path) -> None:
    with pytest.raises(UnreadableImage):
        search(indexed, image=str(tmp_path / "nowhere.jpg"))
    (tmp_path / "words.jpg").write_text("no picture")
    with pytest.raises(UnreadableImage, match="not an image"):
        search(indexed, image=str(tmp_path / "words.jpg"))
    with pytest.raises(UnreadableImage):
        search(indexed, image=str(tmp_path))
    with pytest.raises(RecordNotFound):
        search(indexed, record=4711)


def test_an_empty_library_and_an_empty_space_say_what_to_do(drive: Driver, pictures: Path) -> None:
    image = str(pictures / "red_0.png")
    with pytest.raises(SpaceEmpty, match="library is empty: index"):
        search(drive, image=image)
    drive(drive.engine.index([str(pictures)], ["classic"]))
    with pytest.raises(SpaceEmpty, match="No CLIP vectors in this library yet") as caught:
        search(drive, text="red")
    assert caught.value.space == "clip"


def test_missing_weights_are_told_when_a_new_picture_needs_them(
    indexed: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str, *rest: object) -> None:
        raise SpaceUnavailable(name, "CLIP's weights are not here: download them.")

    monkeypatch.setattr("cbir.work.models.registry.open_encoder", missing)
    indexed.engine.models._open.clear()
    with pytest.raises(SpaceUnavailable):
        search(indexed, image=str(draw(tmp_path / "q.png", (1, 2, 3))), space="clip")


def test_a_query_of_other_weights_is_refused(
    indexed: Driver, tmp_path: Path, colour: ColourEncoder
) -> None:
    colour.fingerprint = "colour-2"
    with pytest.raises(VectorsIncompatible, match="other weights"):
        search(indexed, image=str(draw(tmp_path / "q.png", (1, 2, 3))), space="clip")
    with pytest.raises(VectorsIncompatible):
        search(indexed, text="red")


def test_the_map_has_a_point_a_record(indexed: Driver) -> None:
    outcome = indexed(indexed.engine.project("clip", "cosine"))
    assert isinstance(outcome, MapOutcome)
    assert outcome.projection.points.shape == (12, 4)
    assert [record.id for record in outcome.records] == outcome.projection.ids.tolist()
    with pytest.raises(SpaceEmpty):
        indexed(indexed.engine.project("resnet18", "cosine"))
