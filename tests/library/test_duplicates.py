from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.errors import SpaceEmpty
from cbir.library import Library
from cbir.library.duplicates import LOOK_SIDE, NEAR, Look, grouped, order_of_worth
from cbir.records import (
    DIMENSION,
    DUPLICATE_LEVELS,
    DuplicateGroup,
    DuplicateLevel,
    Float32Array,
    ImageFile,
    Query,
    Record,
)
from tests.library.helpers import image_file, made, mixture, vectors_of

SPACE = "classic"


def record(id: int, **of_file: object) -> Record:
    return Record(id, replace(image_file(id), **of_file))  # type: ignore[arg-type]


def turned(start: Float32Array, cosine: float, seed: int = 1) -> Float32Array:
    """A vector at this cosine from ``start``, which has unit length."""
    aside = np.random.default_rng(1000 + seed).standard_normal(DIMENSION)
    aside -= (aside @ start) * start
    aside /= np.linalg.norm(aside)
    return np.float32(cosine * start + np.sqrt(1 - cosine**2) * aside)


def unit(seed: int) -> Float32Array:
    vector = vectors_of(1, seed)[0]
    return vector / np.linalg.norm(vector)


def look(seed: int, brightness: int = 0) -> Look:
    pixels = np.random.default_rng(seed).integers(40, 180, (LOOK_SIDE, LOOK_SIDE))
    return (pixels + brightness).astype(np.uint8)


def ids(groups: list[DuplicateGroup]) -> list[list[int]]:
    return [[group.best.id, *(copy.record.id for copy in group.copies)] for group in groups]


def test_the_best_is_there_then_largest_then_heaviest_then_oldest() -> None:
    large = record(5, width=4000, height=3000, size=10)
    heavy = record(4, size=9000, mtime_ns=50)
    old = record(3, size=9, mtime_ns=10)
    young = record(1, size=9, mtime_ns=20)
    twin = record(2, size=9, mtime_ns=20)
    gone = replace(record(6, width=9000, height=9000), missing=True)
    found = sorted([gone, twin, young, old, heavy, large], key=order_of_worth)
    assert [each.id for each in found] == [5, 4, 3, 1, 2, 6]


def test_pixels_tell_the_same_picture_from_one_that_looks_alike() -> None:
    start = unit(1)
    records = [record(1), record(2), record(3), record(4)]
    vectors = np.array([start, turned(start, 0.995), turned(start, 0.995, 2), turned(start, 0.9)])
    looks = {1: look(1), 2: look(1, brightness=40), 3: look(2), 4: look(1)}
    [group] = grouped(records, vectors, looks, SPACE, "alike")
    levels = {copy.record.id: copy.level for copy in group.copies}
    assert (group.best.id, levels) == (1, {2: "same", 3: "alike"})
    assert [copy.similarity for copy in group.copies] == pytest.approx([0.995, 0.995])
    assert ids(grouped(records, vectors, looks, SPACE, "same")) == [[1, 2]]
    assert grouped(records, vectors, looks, SPACE, "identical") == []


def test_without_pixels_only_very_near_vectors_are_the_same_picture() -> None:
    start = unit(1)
    records = [record(1), record(2), record(3)]
    vectors = np.array([start, turned(start, 0.999), turned(start, 0.993, 2)])
    [group] = grouped(records, vectors, {1: look(1)}, SPACE, "alike")
    assert [copy.level for copy in group.copies] == ["same", "alike"]


def test_plain_pictures_are_the_same_where_their_vectors_are_near() -> None:
    vectors = np.array([unit(1), unit(1), unit(1)])
    plain = np.full((LOOK_SIDE, LOOK_SIDE), 90, np.uint8)
    looks = {1: plain, 2: plain + 1, 3: look(1)}
    [group] = grouped([record(1), record(2), record(3)], vectors, looks, SPACE, "alike")
    assert [copy.level for copy in group.copies] == ["same", "alike"]


def test_a_chain_of_small_steps_is_no_group() -> None:
    """1 is near 2, and 2 near 3, but 1 is not near 3."""
    one, aside = unit(1), turned(unit(1), 0.0)
    angles = np.radians([0, 7, 14, 21])
    vectors = np.float32([np.cos(a) * one + np.sin(a) * aside for a in angles])
    records = [record(number) for number in (1, 2, 3, 4)]
    assert ids(grouped(records, vectors, {}, SPACE, "alike")) == [[1, 2], [3, 4]]


def test_equal_bytes_need_no_vectors(tmp_path: Path) -> None:
    with Library.open(tmp_path / "l.npz") as library:
        digests = ["a", "b", "a", "", "", "a"]
        files = [image_file(number, digest=digest) for number, digest in enumerate(digests)]
        library.add(files)
        found = library.bunches(None)
        assert (found.total, found.compared, found.space) == (6, 0, None)
        [bunch] = found.bunches
        [group] = grouped(bunch, found.directions(bunch), {}, None, "identical")
        assert ids([group]) == [[6, 3, 1]]  # the largest file first
        assert {(copy.level, copy.similarity) for copy in group.copies} == {("identical", None)}
        with pytest.raises(SpaceEmpty):
            library.bunches(SPACE)


def test_a_copy_without_a_vector_goes_with_its_twin(tmp_path: Path) -> None:
    start = unit(1)
    with Library.open(tmp_path / "l.npz") as library:
        files = [image_file(9), image_file(2, digest="b")]
        library.add(files, {SPACE: made(np.array([start, turned(start, 0.999)]))})
        library.add([image_file(3, digest="b")])
        found = library.bunches(SPACE)
        [bunch] = found.bunches
        groups = grouped(bunch, found.directions(bunch), {}, SPACE, "same")
        assert ids(groups) == [[1, 3, 2]]


def test_large_groups_are_found_whole_and_what_ends_the_search_is_raised(tmp_path: Path) -> None:
    start = unit(1)
    series = np.array([turned(start, 0.9985, seed) for seed in range(300)])
    vectors = np.concatenate([series, vectors_of(200)])
    with Library.open(tmp_path / "l.npz") as library:
        library.add([image_file(number) for number in range(500)], {SPACE: made(vectors)})
        library.remove([1])
        told: list[tuple[int, int]] = []
        found = library.bunches(SPACE, lambda done, total: told.append((done, total)))
        assert [len(bunch) for bunch in found.bunches] == [299]
        assert told[0] == (0, 499) and told[-1][0] == told[-1][1]
        assert found.compared >= 499

        def stop(done: int, total: int) -> None:
            raise InterruptedError

        with pytest.raises(InterruptedError):
            library.bunches(SPACE, stop)


def test_copies_are_found_by_the_index(tmp_path: Path) -> None:
    """Above a few thousand vectors the LSH index finds what is near."""
    vectors = vectors_of(9000)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    copies = [turned(vectors[at] / lengths[at], 0.995, at) for at in range(100)]
    with Library.open(tmp_path / "l.npz") as library:
        everything = np.concatenate([vectors, copies])
        library.add([image_file(number) for number in range(9100)], {SPACE: made(everything)})
        found = library.bunches(SPACE)
    pairs = {tuple(sorted(record.id for record in bunch)) for bunch in found.bunches}
    assert len(pairs & {(at + 1, 9001 + at) for at in range(100)}) >= 97
    assert found.compared < 9100**2


def test_copies_and_mirrored_ones_take_comparing_less_than_the_nearest_do(tmp_path: Path) -> None:
    """The index reaches as far as copies lie, and a picture without any is not sought further."""
    mirror = np.arange(DIMENSION)[::-1].astype(np.int64)
    vectors = mixture(9000)
    lengths = np.linalg.norm(vectors[:100], axis=1, keepdims=True)
    units = vectors[:100] / lengths
    copies = np.array([turned(unit, 0.992, at) for at, unit in enumerate(units)], np.float32)
    copies[50:] = copies[50:, mirror]
    with Library.open(tmp_path / "l.npz") as library:
        everything = np.concatenate([vectors, copies])
        library.add([image_file(number) for number in range(9100)], {SPACE: made(everything)})
        found = library.bunches(SPACE, lambda _done, _total: None, mirror)
        query = Query(vectors[0], SPACE, method="lsh", k=16)
        nearest = library.search_many(everything[:1000], query).candidates
    homes = {record.id: place for place, one in enumerate(found.bunches) for record in one}
    assert sum(homes.get(at + 1) == homes.get(9001 + at, -1) for at in range(100)) >= 98
    assert found.compared < nearest * 2 * 9100 / 2


drawn = st.lists(
    st.tuples(
        st.integers(0, 2),  # which picture
        st.sampled_from([1.0, 0.9995, 0.998, 0.994, 0.985]),  # how near to it
        st.integers(0, 3),  # content, 0 for not known
        st.sampled_from([100, 200]),  # width
        st.booleans(),  # missing
    ),
    min_size=1,
    max_size=12,
)


@given(rows=drawn, level=st.sampled_from(DUPLICATE_LEVELS))
def test_groups_are_those_of_comparing_all_with_all(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, float, int, int, bool]],
    level: DuplicateLevel,
) -> None:
    files = [
        ImageFile(f"/p/{n}.jpg", 10, n, f"{which}{content}" if content else "", width, 100)
        for n, (which, _, content, width, _) in enumerate(rows)
    ]
    vectors = np.array([turned(unit(row[0]), row[1], n) for n, row in enumerate(rows)])
    path = tmp_path_factory.mktemp("l") / "l.npz"
    with Library.open(path) as library:
        ids_ = library.add(files, {SPACE: made(vectors)})
        gone = [id for id, row in zip(ids_, rows, strict=True) if row[4]]
        library.amend(gone, lambda record: replace(record, missing=True))
        found = [library.bunches(SPACE) for _ in range(2)]
        groups, again = (
            [
                group
                for bunch in each.bunches
                for group in grouped(bunch, each.directions(bunch), {}, SPACE, level)
            ]
            for each in found
        )
        records = list(library)
    assert groups == again
    assert sorted(ids(groups)) == sorted(_by_brute_force(records, vectors, level))
    members = [id for group in ids(groups) for id in group]
    assert len(members) == len(set(members))
    for group in groups:
        for copy in group.copies:
            cosine = vectors[copy.record.id - 1] @ vectors[group.best.id - 1]
            assert copy.level == "identical" or cosine >= NEAR[SPACE] - 1e-6
            assert order_of_worth(group.best) < order_of_worth(copy.record)


def _by_brute_force(records: list[Record], vectors: Float32Array, level: str) -> list[list[int]]:
    """Stars around the best record of those left, every pair compared."""
    least = {"identical": 2.0, "same": 0.997, "alike": NEAR[SPACE]}[level]
    left = sorted(records, key=order_of_worth)
    groups = []
    while left:
        best, *left = left
        taken = [
            record
            for record in left
            if (record.file.digest and record.file.digest == best.file.digest)
            or vectors[record.id - 1] @ vectors[best.id - 1] >= least
        ]
        if taken:
            groups.append([best.id, *(record.id for record in taken)])
            left = [record for record in left if record not in taken]
    return groups


def test_mirror_images_look_alike_where_their_vectors_are_known(tmp_path: Path) -> None:
    mirror = np.arange(DIMENSION)[::-1].astype(np.int64)
    vectors = vectors_of(3, seed=9)
    vectors[1] = vectors[0][mirror]
    with Library.open(tmp_path / "library.npz") as library:
        files = [image_file(number) for number in range(3)]
        first, second, _ = library.add(files, {SPACE: made(vectors)})
        assert library.bunches(SPACE).bunches == ()
        told: list[tuple[int, int]] = []
        found = library.bunches(SPACE, lambda *how_far: told.append(how_far), mirror)
        assert told[-1] == (6, 6)
        [bunch] = found.bunches
        directions = found.directions(bunch)
    assert grouped(bunch, directions, {}, SPACE, "alike") == []
    [group] = grouped(bunch, directions, {}, SPACE, "alike", mirror)
    [copy] = group.copies
    assert {group.best.id, copy.record.id} == {first, second}
    assert (copy.level, copy.mirrored) == ("alike", True)
    assert copy.similarity == pytest.approx(1)
