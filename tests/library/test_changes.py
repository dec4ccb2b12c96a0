from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cbir.errors import CbirError, RecordNotFound, VectorsIncompatible
from cbir.library import Library
from cbir.records import ImageFile
from tests.library.helpers import filled, image_file, made, vectors_of


def unchanged(library: Library, version: int, count: int) -> None:
    assert library.version == version
    assert len(library) == count


@pytest.mark.parametrize("path", ["relative.jpg", "", "/zero\0byte", "/\ud800"])
def test_paths_that_no_file_can_have_are_refused(tmp_path: Path, path: str) -> None:
    with filled(tmp_path / "lib.npz", 1) as library:
        wrong = replace(image_file(2), path=path)
        with pytest.raises(CbirError, match="cannot be the"):
            library.add([wrong])
        with pytest.raises(CbirError, match="cannot be the"):
            library.update([replace(library.get(1), file=wrong)])
        with pytest.raises(CbirError, match="cannot be the"):
            library.add_root(path)
        unchanged(library, 1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": -1},
        {"mtime_ns": 2**63},
        {"width": 2**70},
        {"digest": "é"},
    ],
)
def test_numbers_that_cannot_be_stored_are_refused(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    with filled(tmp_path / "lib.npz", 1) as library:
        with pytest.raises(ValueError, match=r"/pictures/2.jpg"):
            library.add([replace(image_file(2), **wrong)])  # type: ignore[arg-type]
        unchanged(library, 1, 1)


def test_a_path_is_in_the_library_once(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 3) as library:
        with pytest.raises(CbirError, match="already in this library"):
            library.add([image_file(9), image_file(2)])
        with pytest.raises(CbirError, match="already in this library"):
            library.add([image_file(9), image_file(9)])
        with pytest.raises(CbirError, match="already in this library"):
            library.update([replace(library.get(1), file=image_file(2))])
        unchanged(library, 1, 3)
        first, second = library.get(1), library.get(2)
        library.update([replace(first, file=second.file), replace(second, file=first.file)])
        assert library.find(first.path) == replace(second, file=first.file)


def test_unknown_and_repeated_records_cannot_be_updated(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 2) as library:
        with pytest.raises(RecordNotFound, match="id 7"):
            library.update([replace(library.get(1), id=7, file=image_file(7))])
        with pytest.raises(ValueError, match="twice"):
            library.update([library.get(1), library.get(1)])
        unchanged(library, 1, 2)


def test_vectors_that_are_none_are_refused(tmp_path: Path) -> None:
    one = vectors_of(1)
    with filled(tmp_path / "lib.npz", 1) as library:
        for vectors in (one[0], one[:, :100], one.astype(np.float64), vectors_of(2)):
            with pytest.raises(ValueError, match="shape"):
                library.add([image_file(2)], {"classic": made(vectors)})
        for number in (np.nan, np.inf, -np.inf, 1e16):
            wrong = vectors_of(3)
            wrong[1, 500] = number
            files = [image_file(number) for number in (2, 3, 4)]
            with pytest.raises(ValueError, match=r"/pictures/3\.jpg: its classic vector"):
                library.add(files, {"classic": made(wrong)})
        with pytest.raises(ValueError, match="cannot name a space"):
            library.add([image_file(2)], {"../x": made(one)})
        unchanged(library, 1, 1)


def test_vectors_of_other_weights_are_refused_until_the_space_is_empty(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 2) as library:
        other = made(vectors_of(1), "weights-2")
        with pytest.raises(VectorsIncompatible, match=r"weights-1.*weights-2.*another library"):
            library.add([image_file(3)], {"classic": other})
        library.remove([1, 2])
        assert library.spaces() == {}
        library.add([image_file(3)], {"classic": other})
        assert library.spaces()["classic"].fingerprint == "weights-2"


def test_a_changed_digest_drops_the_vectors_that_are_not_given(tmp_path: Path) -> None:
    with filled(tmp_path / "lib.npz", 2) as library:
        new = vectors_of(2, seed=5)
        library.update([library.get(1), library.get(2)], {"clip": made(new)})
        record = library.get(1)
        library.update([replace(record, tags=("same picture",))])
        assert library.vector(1, "clip") is not None
        other: ImageFile = replace(record.file, digest="another")
        library.update([replace(record, file=other)], {"clip": made(new[1:])})
        assert library.vector(1, "classic") is None
        np.testing.assert_array_equal(library.vector(1, "clip"), new[1])
        assert library.lacking("classic") == [1]
        assert library.lacking("clip") == []
        assert library.vector(2, "classic") is not None
