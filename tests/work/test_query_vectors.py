from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from cbir.asking import Box, Term
from cbir.config import Settings
from cbir.encoders.captions import NEUTRAL_CAPTIONS
from cbir.errors import InvalidQuery, UnreadableImage
from cbir.records import DIMENSION, METRICS, Metric
from cbir.work.engine import Engine
from cbir.work.searching import SearchOutcome, SearchRequest
from tests.fakes import ColourEncoder
from tests.work.conftest import Driver, close

RED, GREEN, BLUE = (200, 40, 40), (40, 180, 60), (40, 60, 200)


def search(drive: Driver, *terms: Term, metric: Metric = "cosine", k: int = 2) -> SearchOutcome:
    request = SearchRequest(terms, space="clip", metric=metric, k=k)
    outcome = drive(drive.engine.search(request))
    assert isinstance(outcome, SearchOutcome)
    return outcome


def names(outcome: SearchOutcome) -> set[str]:
    return {Path(hit.path).name for hit in outcome.result.hits}


@pytest.fixture
def indexed(drive: Driver, pictures: Path, colour: ColourEncoder) -> Driver:
    drive(drive.engine.index([str(pictures)], ["clip"]))
    return drive


@pytest.fixture
def halves(tmp_path: Path) -> str:
    """A large picture, red on its left half and blue on its right one."""
    image = Image.new("RGB", (1600, 1200), RED)
    image.paste(BLUE, (800, 0, 1600, 1200))
    path = tmp_path / "halves.png"
    image.save(path)
    return str(path)


@pytest.mark.parametrize("metric", METRICS)
def test_a_picture_of_two_colours_is_neither_but_its_parts_are(
    indexed: Driver, halves: str, metric: Metric
) -> None:
    left = search(indexed, Term(image=halves, box=Box(0, 0, 0.5, 1)), metric=metric)
    right = search(indexed, Term(image=halves, box=Box(0.5, 0.2, 0.9, 0.9)), metric=metric)
    assert names(left) == {"red_0.png", "red_1.png"}
    assert names(right) == {"blue_0.png", "blue_1.png"}
    assert left.path == halves


def test_a_part_is_decoded_as_large_as_it_needs(indexed: Driver, halves: str) -> None:
    wanted = []
    vectors = indexed.engine._search.vectors
    load = vectors.load

    def watched(path: str, *, short_side: int) -> object:
        wanted.append(short_side)
        return load(path, short_side=short_side)

    vectors.load = watched  # type: ignore[assignment]
    search(indexed, Term(image=halves, box=Box(0, 0, 0.25, 1)))
    assert wanted == [2048]


def test_a_hair_of_a_picture_is_a_part_of_it(indexed: Driver, halves: str) -> None:
    assert names(search(indexed, Term(image=halves, box=Box(0, 0, 1e-320, 1)))) == {
        "red_0.png",
        "red_1.png",
    }


@pytest.mark.parametrize("metric", METRICS)
def test_several_examples_are_searched_by_what_they_share(
    indexed: Driver, pictures: Path, metric: Metric
) -> None:
    terms = [Term(image=str(pictures / f"{name}_0.png")) for name in ("red", "yellow")]
    outcome = search(indexed, *terms, metric=metric, k=4)
    assert names(outcome) == {"red_0.png", "red_1.png", "yellow_0.png", "yellow_1.png"}
    assert outcome.result.method == "lsh"
    assert outcome.paths == tuple(term.image for term in terms)
    assert outcome.path is None


def rank(drive: Driver, name: str, *terms: Term, metric: Metric) -> int:
    """How many pictures are nearer than ``name``."""
    hits = search(drive, *terms, metric=metric, k=12).result.hits
    return [Path(hit.path).name for hit in hits].index(name)


@pytest.mark.parametrize("metric", METRICS)
def test_words_lead_away_from_a_colour(indexed: Driver, metric: Metric) -> None:
    outcome = search(indexed, Term(text="red"), Term(text="green", weight=-1), metric=metric)
    assert names(outcome) == {"red_0.png", "red_1.png"}
    assert (outcome.result.method, outcome.result.reason) == ("exact", "words in the query")
    away = Term(text="red", weight=-1)
    assert rank(indexed, "red_0.png", away, metric=metric) > rank(
        indexed, "black_0.png", away, metric=metric
    )


@pytest.mark.parametrize("metric", METRICS)
def test_the_weightier_of_a_picture_and_words_decides(
    indexed: Driver, pictures: Path, metric: Metric
) -> None:
    green, red = str(pictures / "green_0.png"), Term(text="red")
    little, much = Term(image=green, weight=0.1), Term(image=green, weight=10)
    assert names(search(indexed, much, red, metric=metric)) == {"green_0.png", "green_1.png"}
    behind = rank(indexed, "green_0.png", little, red, metric=metric)
    assert behind > rank(indexed, "red_0.png", little, red, metric=metric)


@pytest.mark.parametrize("metric", METRICS)
def test_feedback_moves_the_query(indexed: Driver, pictures: Path, metric: Metric) -> None:
    query = Term(image=str(pictures / "red_0.png"))
    liked = Term(image=str(pictures / "blue_0.png"), feedback=True)
    unliked = Term(image=str(pictures / "yellow_0.png"), weight=-1, feedback=True)

    def ranks(*feedback: Term) -> tuple[int, int]:
        return (
            rank(indexed, "blue_0.png", query, *feedback, metric=metric),
            rank(indexed, "yellow_0.png", query, *feedback, metric=metric),
        )

    blue, _ = ranks()
    blue_liked, yellow = ranks(liked)
    assert blue_liked < blue
    assert ranks(liked, unliked)[1] >= yellow
    assert names(search(indexed, liked, metric=metric)) == {"blue_0.png", "blue_1.png"}


def test_a_part_that_counts_nothing_changes_nothing(indexed: Driver, pictures: Path) -> None:
    picture = Term(image=str(pictures / "red_0.png"))
    alone = search(indexed, picture)
    both = search(indexed, picture, Term(text="blue", weight=0.0))
    assert names(alone) == names(both)


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ((), "Nothing to search for"),
        ((Term(text="red", weight=0.0),), "Nothing to search for"),
        ((Term(text="red"), Term(text="red", weight=-1)), "cancel each other out"),
        ((Term(text="red", image="a.jpg"),), "either words or a picture"),
        ((Term(text="red", box=Box(0, 0, 1, 1)),), "does not lie within"),
        ((Term(image="a.jpg", box=Box(0.5, 0, 0.5, 1)),), "does not lie within"),
        ((Term(text="red", weight=float("nan")),), "cannot count nan times"),
        ((Term(text=" "), Term(text="red")), "type some words"),
    ],
)
def test_what_is_no_query_is_told(indexed: Driver, terms: tuple[Term, ...], told: str) -> None:
    with pytest.raises(InvalidQuery, match=told):
        search(indexed, *terms)


def test_one_of_several_pictures_that_cannot_be_read_is_told(
    indexed: Driver, pictures: Path
) -> None:
    with pytest.raises(UnreadableImage, match="nowhere"):
        search(indexed, Term(image=str(pictures / "red_0.png")), Term(image="/nowhere.jpg"))


def test_captions_are_encoded_once_and_then_read_from_the_cache(
    indexed: Driver, colour: ColourEncoder, settings: Settings
) -> None:
    mixed = (Term(text="red"), Term(text="green", weight=-1))
    search(indexed, *mixed)
    (file,) = settings.captions_folder.iterdir()
    assert np.load(file, allow_pickle=False).shape == (len(NEUTRAL_CAPTIONS), DIMENSION)
    assert max(colour.batches) <= 12
    close(indexed.engine)

    def searched_again() -> int:
        done = sum(colour.batches)
        engine = Engine(settings)
        drive = Driver(engine)
        drive(engine.open())
        assert names(search(drive, *mixed)) == {"red_0.png", "red_1.png"}
        close(engine)
        return sum(colour.batches) - done

    assert searched_again() == 2  # the words alone
    for broken in (b"\x93NUMPY broken", b"PK\x03\x04", b"\x93NUMPY\x01\x00\x02\x00{("):
        file.write_bytes(broken)
        assert searched_again() == 2 + len(NEUTRAL_CAPTIONS)
        assert searched_again() == 2
    np.save(file, np.full((len(NEUTRAL_CAPTIONS), DIMENSION), np.nan, np.float32))
    assert searched_again() == 2 + len(NEUTRAL_CAPTIONS)
