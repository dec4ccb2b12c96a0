from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cbir.errors import CbirError, RecordNotFound
from cbir.library import Library
from cbir.records import Embeddings, Query, SkippedFile
from tests.library.helpers import filled, image_file, made, mixture, vectors_of


def test_records_are_found_by_id_path_and_digest(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        files = [image_file(1, digest="d"), image_file(2), image_file(3, digest="d")]
        assert library.add(files) == [1, 2, 3]
        assert [record.file for record in library] == files
        assert library.get(2).file == library.find(files[1].path).file == files[1]  # type: ignore[union-attr]
        assert [record.id for record in library.find_digest("d")] == [1, 3]
        assert library.find("/nowhere") is None
        assert library.find_digest("x") == ()
        assert 2 in library
        assert 9 not in library
        with pytest.raises(RecordNotFound, match="id 9"):
            library.get(9)


def test_iteration_is_over_the_moment_it_began(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 5) as library:
        seen = iter(library)
        first = next(seen)
        library.remove([2, 3])
        library.add([image_file(9)])
        assert [first.id, *(record.id for record in seen)] == [1, 2, 3, 4, 5]


def test_removing_counts_and_passes_over_strangers(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 5) as library:
        assert library.remove(iter([1, 1, 99, 4])) == 2
        version = library.version
        assert library.remove([1, 99]) == 0
        assert library.version == version
        assert library.vectors("classic")[0].tolist() == [2, 3, 5]


def test_changes_of_nothing_write_nothing(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 1) as library:
        before = (library.version, library.journal_bytes)
        assert library.add([]) == []
        library.add([], {"classic": made(vectors_of(0))})
        library.update([])
        library.set_skipped([])
        library.remove_root("/unknown")
        assert (library.version, library.journal_bytes) == before


def test_roots_and_skipped_files(tmp_path: Path) -> None:
    bad = [SkippedFile(f"/root/{name}", 1, 2, "not an image") for name in "ba"]
    with Library.open(tmp_path / "lib.npz") as library:
        library.add_root("/root")
        library.add_root("/other")
        library.add_root("/root")
        assert library.roots == ("/root", "/other")
        library.remove_root("/root")
        assert library.roots == ("/other",)
        library.set_skipped(bad)
        assert library.skipped == (bad[1], bad[0])
        changed = replace(bad[0], size=9)
        library.set_skipped([changed], [bad[0].path, bad[1].path, "/unknown"])
        assert library.skipped == (changed,)
        with pytest.raises(CbirError):
            library.set_skipped([replace(changed, path="relative")])


def test_spaces_and_vectors(tmp_path: Path) -> None:
    vectors = vectors_of(3)
    with Library.open(tmp_path / "lib.npz") as library:
        ids = library.add([image_file(number) for number in range(3)], {"clip": made(vectors)})
        library.add([image_file(9)])
        library.update(
            [library.get(ids[1])], {"clip": Embeddings(vectors[2:], "weights-1", "bfloat16")}
        )
        info = library.spaces()["clip"]
        assert (info.vectors, info.dimension) == (3, 512)
        assert (info.fingerprint, info.precision) == ("weights-1", "bfloat16, float32")
        held, matrix = library.vectors("clip")
        assert held.tolist() == ids
        np.testing.assert_array_equal(matrix, vectors[[0, 2, 2]])
        assert library.lacking("clip") == [4]
        assert library.lacking("classic") == [1, 2, 3, 4]
        assert library.vector(4, "clip") is library.vector(1, "classic") is None
        np.testing.assert_array_equal(library.vector(1, "clip"), vectors[0])


def test_what_callers_get_is_theirs_to_change(tmp_path: Path) -> None:
    vectors = vectors_of(3)
    given = vectors.copy()
    with Library.open(tmp_path / "lib.npz") as library:
        library.add([image_file(number) for number in range(3)], {"clip": made(given)})
        given[:] = 0
        for folded in (False, True):
            if folded:
                library.fold()
            library.vectors("clip")[1][:] = 0
            vector = library.vector(1, "clip")
            assert vector is not None
            vector[:] = 0
            np.testing.assert_array_equal(library.vectors("clip")[1], vectors)


def test_searches_agree_before_and_after_a_fold_and_reopening(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    data = mixture(700)
    query = Query(data[0], "clip", k=15)

    def hits(library: Library) -> list[tuple[int, float]]:
        found = library.search(query)
        assert found.method == "lsh"
        return [(hit.id, hit.score) for hit in found.hits]

    with Library.open(path) as library:
        for start in range(0, 700, 100):
            files = [image_file(number) for number in range(start, start + 100)]
            library.add(files, {"clip": made(data[start : start + 100])})
            assert library.search(query).hits[0].id == 1
        library.remove(range(600, 650))
        library.update([library.get(10)], {"clip": made(data[600:601])})
        exact = [(hit.id, hit.score) for hit in library.search(replace(query, method="exact")).hits]
        before = hits(library)
        library.fold()
        assert hits(library) == before == exact
        library.add([image_file(900)], {"clip": made(data[:1])})
        assert [id for id, _ in hits(library)][:2] == [1, 701]
    with Library.open(path) as library:
        assert [id for id, _ in hits(library)][:2] == [1, 701]


def test_the_map_is_kept_until_the_vectors_change(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 30) as library:
        first = library.project("classic", "cosine")
        assert first.ids.tolist() == list(range(1, 31))
        library.update([replace(library.get(1), tags=("t",))])
        assert library.project("classic", "cosine") is first
        assert library.project("classic", "euclidean") is not first
        library.remove([1])
        assert library.project("classic", "cosine").ids.tolist() == list(range(2, 31))


def test_a_path_through_a_link_is_the_same_library(tmp_path: Path) -> None:
    path = tmp_path / "lib.npz"
    link = tmp_path / "link.npz"
    link.symlink_to(path)
    with filled(path, 1) as library, Library.open(link) as second:
        assert second.path == library.path == Path(os.path.realpath(path))
        assert second.read_only
    with Library.open(str(link)) as library:
        library.add([image_file(5)])
        library.fold()
    assert link.is_symlink()


@pytest.mark.parametrize("fold", [False, True])
def test_ids_that_no_record_can_have_are_strangers(tmp_path: Path, fold: bool) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        for id in (0, -1, -(2**40), 2**62):
            assert id not in library
            assert library.remove([id]) == 0
            with pytest.raises(RecordNotFound):
                library.get(id)
        library.add([image_file(1)])
        if fold:
            library.fold()
        for id in (0, -1, -(2**40), 2**62):
            assert id not in library
            assert library.remove([id]) == 0
