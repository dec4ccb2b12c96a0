"""Vectors in a mapped file are proved where they are used, block by block."""

from __future__ import annotations

import mmap
import os
import threading
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.errors import LibraryDamaged
from cbir.library import Library
from cbir.library.archive import Archive
from cbir.library.loading import journal_path
from cbir.library.proof import BLOCK_BYTES, BlockSums, Proof
from cbir.library.vector_table import STEP
from cbir.records import Query
from tests.library.helpers import filled, image_file, made, mixture, vectors_of

START = 100
"""Where the part under proof begins in the file: at no multiple of anything."""


def sums_of(content: bytes) -> list[int]:
    return [
        zlib.crc32(content[at : at + BLOCK_BYTES]) for at in range(0, len(content), BLOCK_BYTES)
    ]


def some_bytes(count: int) -> bytes:
    return np.random.default_rng(count).integers(0, 256, count, np.uint8).tobytes()


LENGTHS = st.one_of(
    st.integers(0, 300),
    st.integers(0, 3 * BLOCK_BYTES),
    st.sampled_from([BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 2 * BLOCK_BYTES]),
)


@given(st.lists(LENGTHS, max_size=8))
def test_sums_are_those_of_whole_blocks_whatever_the_pieces(lengths: list[int]) -> None:
    content = some_bytes(sum(lengths))
    sums, at = BlockSums(), 0
    for length in lengths:
        sums.add(memoryview(content)[at : at + length])
        at += length
    finished = sums.finished()
    assert finished.dtype == np.uint32
    assert finished.tolist() == sums_of(content)


class Mapped:
    """A file with a part of ``content`` behind ``START`` bytes and before some others."""

    def __init__(self, path: Path, content: bytes, sums: bytes | None = None) -> None:
        path.write_bytes(bytes(START) + content + b"behind")
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        listed = np.array(sums_of(content if sums is None else sums), "<u4")
        self.proof = Proof("some_vectors", self._map, START, START + len(content), listed)

    def __enter__(self) -> Proof:
        return self.proof

    def __exit__(self, *rest: object) -> None:
        self._map.close()


SIZE = 4 * BLOCK_BYTES + 777


def flipped(content: bytes, at: int) -> bytes:
    return content[:at] + bytes([content[at] ^ 0x40]) + content[at + 1 :]


@pytest.mark.parametrize("length", [0, 1, BLOCK_BYTES, SIZE])
def test_whole_bytes_are_proved(tmp_path: Path, length: int) -> None:
    with Mapped(tmp_path / "f", some_bytes(length)) as proof:
        proof.check(0, 0)
        proof.check(0, length)
        proof.check_all()
        assert proof.damaged().tolist() == []


@given(at=st.integers(0, SIZE - 1), start=st.integers(0, SIZE - 1), length=st.integers(1, SIZE))
def test_a_flipped_byte_is_found_in_its_block_only(
    tmp_path_factory: pytest.TempPathFactory, at: int, start: int, length: int
) -> None:
    content = some_bytes(SIZE)
    end = min(start + length, SIZE)
    touched = start // BLOCK_BYTES <= at // BLOCK_BYTES <= (end - 1) // BLOCK_BYTES
    path = tmp_path_factory.getbasetemp() / "flipped"
    with Mapped(path, flipped(content, at), content) as proof:
        assert proof.damaged().tolist() == [at // BLOCK_BYTES]
        first = at // BLOCK_BYTES * BLOCK_BYTES
        said = f"some_vectors .* bytes {first:,} to {min(first + BLOCK_BYTES, SIZE):,}"
        if touched:
            with pytest.raises(ValueError, match=said):
                proof.check(start, end)
        else:
            proof.check(start, end)
        for _ in range(2):
            with pytest.raises(ValueError, match=said):
                proof.check_all()


def test_a_block_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    matches = Proof._matches

    def counted(self: Proof, block: int) -> bool:
        read.append(block)
        return matches(self, block)

    monkeypatch.setattr(Proof, "_matches", counted)
    with Mapped(tmp_path / "f", some_bytes(SIZE)) as proof:
        proof.check(BLOCK_BYTES, BLOCK_BYTES + 1)
        proof.check(0, 2 * BLOCK_BYTES)
        proof.check_all()
        proof.check_all()
        proof.check(0, SIZE)
    assert read == [1, 0, 2, 3, 4]


def test_many_threads_prove_at_once(tmp_path: Path) -> None:
    content = some_bytes(SIZE)
    with Mapped(tmp_path / "f", flipped(content, SIZE - 1), content) as proof:
        found: list[str] = []

        def prove() -> None:
            proof.check(0, 4 * BLOCK_BYTES)
            try:
                proof.check_all()
            except ValueError as error:
                found.append(str(error))

        threads = [threading.Thread(target=prove) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8


COUNT = 6 * STEP
DAMAGED = 2
"""The block that tests damage: rows 2 * STEP to 3 * STEP, ids one more."""


def damage(path: Path, block: int = DAMAGED, part: str = "classic_vectors") -> None:
    with Archive(path) as archive:
        at = archive.parts[part].data + block * BLOCK_BYTES + 1234
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes([byte ^ 0x01]))


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    path = tmp_path / "lib.npz"
    with filled(path, COUNT) as library:
        library.fold()
    damage(path)
    return path


def test_vectors_of_other_blocks_can_be_read(damaged: Path) -> None:
    vectors = vectors_of(COUNT)
    with Library.open(damaged) as library:
        for id in range(1, COUNT + 1):
            if (id - 1) // STEP == DAMAGED:
                with pytest.raises(LibraryDamaged, match="classic_vectors") as raised:
                    library.vector(id, "classic")
                assert "cbir repair" in str(raised.value)
            else:
                vector = library.vector(id, "classic")
                assert vector is not None
                np.testing.assert_array_equal(vector, vectors[id - 1])


def test_using_all_vectors_is_refused(damaged: Path) -> None:
    vector = vectors_of(1)[0]
    with Library.open(damaged) as library:
        for _ in range(2):
            for metric in ("cosine", "euclidean"):
                query = Query(vector, "classic", metric=metric, method="exact")  # type: ignore[arg-type]
                with pytest.raises(
                    LibraryDamaged, match=r"part classic_vectors .* bytes 65,536 to"
                ):
                    library.search(query)
                with pytest.raises(LibraryDamaged, match="classic_vectors"):
                    library.search_many(vectors_of(3), query)
            with pytest.raises(LibraryDamaged, match="classic_vectors"):
                library.vectors("classic")
            with pytest.raises(LibraryDamaged, match="classic_vectors"):
                library.project("classic", "cosine")


def test_a_fold_does_not_launder_damaged_vectors(damaged: Path) -> None:
    with Library.open(damaged) as library:
        library.add([image_file(1000)], {"classic": made(vectors_of(1, 5))})
        library.update([replace(library.get(1), tags=("x",))])
        whole, journal = damaged.read_bytes(), journal_path(damaged).read_bytes()
        for _ in range(2):
            with pytest.raises(LibraryDamaged, match="classic_vectors"):
                library.fold()
        assert damaged.read_bytes() == whole
        assert journal_path(damaged).read_bytes() == journal
        assert sorted(os.listdir(damaged.parent)) == [
            "lib.npz",
            "lib.npz.journal",
            "lib.npz.lock",
        ]
        library.add([image_file(1001)])
    with Library.open(damaged) as library:
        assert len(library) == COUNT + 2
        assert library.get(1).tags == ("x",)


def test_damaged_vectors_that_are_dropped_do_no_harm(damaged: Path) -> None:
    """Once nothing uses the block, the library is whole again."""
    with Library.open(damaged) as library:
        gone = range(DAMAGED * STEP + 1, (DAMAGED + 1) * STEP + 1)
        library.update([library.get(id) for id in gone], {"classic": made(vectors_of(STEP, 8))})
        assert library.fold()
        np.testing.assert_array_equal(
            library.vectors("classic")[1][DAMAGED * STEP : (DAMAGED + 1) * STEP],
            vectors_of(STEP, 8),
        )


def test_a_search_by_an_index_reads_few_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it answers, and rightly, unless the damaged block is among these."""
    for name in ("indexes", "library"):
        monkeypatch.setattr(f"cbir.library.{name}.KEPT_FROM", 100)
    monkeypatch.setattr("cbir.library.building._SAMPLE", 40)
    path = tmp_path / "lib.npz"
    data = mixture(3020)
    queries = [Query(vector, "clip", k=3) for vector in data[:20]]
    with Library.open(path) as library:
        library.add([image_file(id) for id in range(1, 3001)], {"clip": made(data[20:])})
        library.search(queries[0])
        library.fold()
    with Library.open(path) as library:
        wanted = [library.search(query).hits for query in queries]
    damage(path, 100, "clip_vectors")
    answered = refused = 0
    for query, hits in zip(queries, wanted, strict=True):
        with Library.open(path) as library:
            try:
                result = library.search(query)
                assert (result.method, result.hits) == ("lsh", hits)
                answered += 1
            except LibraryDamaged as error:
                assert "part clip_vectors does not match" in str(error)
                refused += 1
    assert answered
    assert refused
