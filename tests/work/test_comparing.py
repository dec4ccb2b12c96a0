from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir.asking import Term
from cbir.errors import InvalidQuery, SpaceEmpty
from cbir.records import DIMENSION, Hit, ImageFile, Query, Record, SearchResult
from cbir.work.comparing import Comparison, fuse
from cbir.work.searching import SearchOutcome, SearchRequest
from tests.fakes import ColourEncoder
from tests.work.conftest import Driver


def outcome(*ids: int) -> SearchOutcome:
    hits = tuple(Hit(id_, f"/{id_}.jpg", 1.0) for id_ in ids)
    records = tuple(Record(id_, ImageFile(f"/{id_}.jpg", 1, 1, "", 1, 1)) for id_ in ids)
    result = SearchResult(hits, "clip", "cosine", "exact", "", len(ids), len(ids), 0.0)
    query = Query(np.zeros(DIMENSION, np.float32), "clip")
    return SearchOutcome(SearchRequest((Term(record=1),)), query, result, records)


def test_what_both_find_comes_before_what_one_finds() -> None:
    fused = fuse([outcome(1, 2, 3), outcome(4, 3, 5)])
    assert [hit.record.id for hit in fused] == [3, 1, 4, 2, 5]
    assert fused[0].ranks == (3, 2)
    assert fused[0].score == pytest.approx(1 / 63 + 1 / 62)
    assert fused[1].ranks == (1, None)


def test_the_same_query_in_two_spaces(drive: Driver, pictures: Path, colour: ColourEncoder) -> None:
    drive(drive.engine.index([str(pictures)], ["classic", "clip"]))
    picture = str(pictures / "red_0.png")
    request = SearchRequest((Term(image=picture),), k=4)
    found = drive(drive.engine.compare(request, ("classic", "clip")))
    assert isinstance(found, Comparison)
    assert [opinion.result.space for opinion in found.opinions] == ["classic", "clip"]
    assert all(len(opinion.result.hits) == len(opinion.records) == 4 for opinion in found.opinions)
    assert len(found.fused) == 4
    assert found.fused[0].record.path == picture
    assert found.fused[0].ranks == (1, 1)


def test_words_have_no_second_opinion(drive: Driver, pictures: Path, colour: ColourEncoder) -> None:
    drive(drive.engine.index([str(pictures)], ["classic", "clip"]))
    with pytest.raises(InvalidQuery, match="Only CLIP knows words"):
        drive(drive.engine.compare(SearchRequest((Term(text="red"),)), ("classic", "clip")))


def test_a_space_without_vectors_is_told(
    drive: Driver, pictures: Path, colour: ColourEncoder
) -> None:
    drive(drive.engine.index([str(pictures)], ["clip"]))
    with pytest.raises(SpaceEmpty, match="No Classic vectors"):
        request = SearchRequest((Term(image=str(pictures / "red_0.png")),))
        drive(drive.engine.compare(request, ("classic", "clip")))
