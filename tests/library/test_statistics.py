"""An index is described as it is, and its recall measured as an independent count has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from cbir.library import Library
from cbir.library.statistics import NEIGHBOURS, index_statistics, measure_recall
from cbir.records import Embeddings, ImageFile, Query

COUNT = 3000


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Clustered vectors, as pictures have; some of them alike to the last bit."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(40, 512))
    vectors = centres[rng.integers(40, size=COUNT)] + rng.normal(size=(COUNT, 512)) * 0.6 + 1.0
    vectors[1::50] = vectors[::50]
    files = [ImageFile(f"/pictures/{n}.jpg", 10, 1, f"{n:032x}", 4, 3) for n in range(COUNT)]
    with Library.open(tmp_path_factory.mktemp("library") / "a.npz") as library:
        library.add(files, {"classic": Embeddings(vectors.astype(np.float32), "made up")})
        yield library


def test_no_index_is_made_to_be_described(library: Library) -> None:
    assert index_statistics(library, "classic", "euclidean") is None
    assert index_statistics(library, "clip", "cosine") is None


def test_an_index_is_described(library: Library) -> None:
    vector = library.vector(1, "classic")
    assert vector is not None
    library.search(Query(vector, "classic", method="lsh"))
    told = index_statistics(library, "classic", "cosine", 0.9)
    assert told is not None
    assert (told.vectors, told.bits, told.tables, told.target) == (COUNT, 512, 1, 0.9)
    assert 0 < told.compared < told.vectors
    assert 0 < told.scanned <= told.vectors
    assert 1 <= told.median_size <= told.largest_size < COUNT
    assert 0 < told.probes <= told.buckets
    assert told.recall is not None
    assert told.recall >= 0.9
    assert [point.target for point in told.curve] == sorted(point.target for point in told.curve)
    index = library.index("classic", "cosine")
    assert index is not None
    assert int(index.sizes(np.arange(told.buckets)).sum()) == COUNT


def test_recall_is_what_an_independent_count_finds(library: Library) -> None:
    steps: list[int] = []
    measure = measure_recall(
        library, "classic", "cosine", (0.5, 0.95), progress=lambda done, total: steps.append(done)
    )
    assert measure.queries == 100
    assert steps == list(range(100))
    assert measure.total == COUNT
    ids, sample = library.sample("classic", 100)
    all_ids, vectors = library.vectors("classic")
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = []
    for id_, vector in zip(ids.tolist(), sample, strict=True):
        scores = unit @ (vector / np.linalg.norm(vector))
        scores[all_ids == id_] = -2
        least = np.sort(scores)[-NEIGHBOURS]
        query = Query(vector, "classic", method="lsh", k=10, exclude=frozenset([id_]), recall=0.5)
        hits = library.search(query).hits
        assert id_ not in {hit.id for hit in hits}
        found = np.isin(all_ids, [hit.id for hit in hits])
        shares.append((scores[found] >= least - 1e-6).sum() / NEIGHBOURS)
    low, high = measure.points
    assert low.recall == pytest.approx(np.mean(shares), abs=0.005)
    assert measure.at(0.96) is high
    assert low.recall < high.recall
    assert high.recall >= 0.93
    assert low.compared <= high.compared < 0.5
    assert high.seconds is not None
    assert measure.exact_seconds > 0


def test_a_sample_is_even_and_whole_where_there_is_little(tmp_path: Path) -> None:
    with Library.open(tmp_path / "few.npz") as few:
        files = [ImageFile(f"/{n}.jpg", 10, 1, f"{n:032x}", 4, 3) for n in range(3)]
        few.add(files, {"classic": Embeddings(np.eye(3, 512, dtype=np.float32), "x")})
        few.remove([2])
        ids, vectors = few.sample("classic", 10)
        assert ids.tolist() == [1, 3]
        assert vectors.argmax(axis=1).tolist() == [0, 2]
        measure = measure_recall(few, "classic", "euclidean", (0.9,))
        assert (measure.queries, measure.points[0].recall) == (2, 1.0)
