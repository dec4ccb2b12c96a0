"""What the workers tell the map: colours, a query's place, what a filter lets by."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cbir.asking import Filter, Term
from cbir.encoders.captions import NEUTRAL_CAPTIONS
from cbir.library.combining import Cone
from cbir.library.directions import comparable
from cbir.work.mapping import MapColours, MapQuery
from cbir.work.searching import MapOutcome, SearchOutcome, SearchRequest
from tests.fakes import ColourEncoder
from tests.work.conftest import Driver


@pytest.fixture
def indexed(drive: Driver, pictures: Path, colour: ColourEncoder) -> Driver:
    drive(drive.engine.index([str(pictures)], ["classic", "clip"]))
    return drive


def map_of(drive: Driver, space: str = "clip") -> MapOutcome:
    outcome = drive(drive.engine.project(space, "cosine"))
    assert isinstance(outcome, MapOutcome)
    return outcome


def found(drive: Driver, term: Term) -> SearchOutcome:
    outcome = drive(drive.engine.search(SearchRequest((term,), space="clip")))
    assert isinstance(outcome, SearchOutcome)
    return outcome


def colours(drive: Driver, by: str, shown: MapOutcome) -> MapColours:
    job = drive.engine.map_colours(by, "clip", "cosine", shown.projection.ids)  # type: ignore[arg-type]
    result = drive(job)
    assert isinstance(result, MapColours) and result.by == by
    return result


def test_colours_by_folder_tag_date_and_cluster(indexed: Driver, pictures: Path) -> None:
    shown = map_of(indexed)
    records = list(shown.records)
    indexed(indexed.engine.tag([records[0].id, records[3].id], ["old", "seaside"]))
    indexed(indexed.engine.tag([records[5].id], ["seaside"]))

    folders = colours(indexed, "folder", shown).groups
    assert folders is not None
    parents = [str(Path(record.path).parent) for record in records]
    assert [folders.names[code] for code in folders.codes] == parents
    tags = colours(indexed, "tag", shown).groups
    assert tags is not None and tags.names[0] == "seaside" and tags.counts[0] == 3
    assert np.flatnonzero(tags.codes == 0).tolist() == [0, 3, 5]
    dates = colours(indexed, "date", shown).values
    assert dates is not None
    modified = [record.file.mtime_ns // 10**9 for record in records]
    assert dates.tolist() == modified
    clusters = colours(indexed, "cluster", shown).groups
    assert clusters is not None
    assert sum(clusters.counts) == len(records)
    assert list(clusters.counts) == sorted(clusters.counts, reverse=True)


def test_a_record_that_left_is_in_no_group(indexed: Driver) -> None:
    shown = map_of(indexed)
    indexed(indexed.engine.remove([int(shown.projection.ids[2])]))
    for by in ("folder", "cluster"):
        groups = colours(indexed, by, shown).groups
        assert groups is not None and groups.codes[2] == -1 and groups.codes[3] >= 0
    outcome = found(indexed, Term(record=int(shown.projection.ids[0])))
    query = indexed(indexed.engine.map_query(outcome, shown.projection.ids))
    assert np.isnan(query.nearness[2]) and query.nearness[0] == pytest.approx(1, abs=1e-5)


def test_words_are_moved_by_what_lies_between_the_means(
    indexed: Driver, colour: ColourEncoder
) -> None:
    shown = map_of(indexed)
    outcome = found(indexed, Term(text="red"))
    query = indexed(indexed.engine.map_query(outcome, shown.projection.ids))
    assert isinstance(query, MapQuery) and query.corrected
    library = indexed(indexed.engine.ask("Look", lambda library: library))
    pictures = Cone.of(library.vectors("clip")[1], "cosine").mean
    mean = Cone.of(colour.encode_texts(NEUTRAL_CAPTIONS), "cosine").mean
    moved = comparable(outcome.query.vector, "cosine") - mean + pictures
    np.testing.assert_allclose(query.seen, moved, atol=1e-5)
    scores = {hit.id: hit.score for hit in outcome.result.hits}
    told = dict(zip(query.ids.tolist(), query.nearness.tolist(), strict=True))
    assert {id_: told[id_] for id_ in scores} == pytest.approx(scores, abs=1e-5)


def test_a_picture_is_where_it_is_and_the_least_similar_do_not_pass(indexed: Driver) -> None:
    shown = map_of(indexed)
    outcome = found(indexed, Term(record=int(shown.projection.ids[0])))
    query = indexed(indexed.engine.map_query(outcome, shown.projection.ids))
    assert not query.corrected and query.passing is None
    place = shown.projection.place_seen(query.seen)
    np.testing.assert_allclose(place, shown.projection.points[0], atol=1e-5)
    narrowed = indexed(indexed.engine.map_query(outcome, shown.projection.ids, 90.0))
    assert narrowed.passing[0] and not narrowed.passing.all()
    assert narrowed.nearness[narrowed.passing].min() > narrowed.nearness[~narrowed.passing].max()


def test_what_a_filter_lets_by(indexed: Driver) -> None:
    shown = map_of(indexed)
    ids = shown.projection.ids
    assert indexed(indexed.engine.map_passing(Filter(), ids)) is None
    sizes = np.array([record.file.size for record in shown.records])
    passing = indexed(indexed.engine.map_passing(Filter(min_bytes=int(sizes.max())), ids))
    assert passing.tolist() == (sizes == sizes.max()).tolist()
