"""What is odd but allowed comes back as it was: through the journal, and through the file."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from cbir.errors import CbirError
from cbir.library import Library, verify
from cbir.library.undo import UserCommand
from cbir.records import ImageFile, Record, SkippedFile
from tests.library.helpers import image_file, made, vectors_of

DEEP = "/" + "/".join(["x" * 255] * 15) + "/" + "y" * 255
PATHS = [
    os.fsdecode(b"/p/\xff\xfe\x80.jpg"),
    os.fsdecode(b"/p/caf\xe9"),
    "/p/café",
    "/p/cafe\u0301",
    "/p/a\nb\r\n\tc.jpg",
    "/p/\x01\x1b[31m\x7f",
    "/p/ leading and trailing ",
    "/p/\u202egnp.exe",
    "/p/\U0001f600 日本",
    '/p/"quoted"\\back',
    "/",
    "//p",
    DEEP,
]
TEXTS = ["", "\udc80", "\ud800", "a\0b", "\n", "\u2028", "\U0001f600", "x" * 100_000]
NUMBERS = [0, 1, 2**31, 2**53 + 1, 2**63 - 1]


def opened_again(library: Library, fold: bool) -> Library:
    if fold:
        assert library.fold()
    library.close()
    return Library.open(library.path)


@pytest.fixture(params=[False, True], ids=["journal", "fold"])
def fold(request: pytest.FixtureRequest) -> bool:
    folds: bool = request.param
    return folds


def test_the_deepest_path_is_as_long_as_paths_get() -> None:
    assert len(os.fsencode(DEEP)) == 4096


def test_paths(tmp_path: Path, fold: bool) -> None:
    library = Library.open(tmp_path / "lib.npz")
    files = [replace(image_file(1), path=path) for path in PATHS]
    ids = library.add(files, {"classic": made(vectors_of(len(files)))})
    library.set_skipped([SkippedFile(path, 1, 2, "bad") for path in PATHS])
    for path in PATHS:
        library.add_root(path)
    library = opened_again(library, fold)
    assert [record.file for record in library] == files
    assert library.roots == tuple(PATHS)
    assert [file.path for file in library.skipped] == sorted(PATHS)
    for id, path in zip(ids, PATHS, strict=True):
        found = library.find(path)
        assert found is not None
        assert found.id == id
        assert os.fsencode(found.path) == os.fsencode(path)
    library.remove(ids, command=UserCommand("Remove", "k"))
    library = opened_again(library, fold)
    library.undo()
    assert [record.file for record in library] == files
    library.close()
    assert verify(library.path).problems == ()


def test_texts(tmp_path: Path, fold: bool) -> None:
    library = Library.open(tmp_path / "lib.npz")
    ids = library.add([image_file(number) for number in range(1, len(TEXTS) + 1)])
    records = [
        replace(library.get(id), tags=tuple(dict.fromkeys([text, *TEXTS[:-1]])), note=text)
        for id, text in zip(ids, TEXTS, strict=True)
    ]
    library.update(records)
    skipped = [SkippedFile(f"/b/{at}", at, -at, text) for at, text in enumerate(TEXTS)]
    library.set_skipped(skipped)
    title = "".join(TEXTS[:-1])
    library.amend(ids, lambda record: replace(record, note="x"), command=UserCommand(title, title))
    library = opened_again(library, fold)
    assert library.undoable == title
    library.undo()
    assert list(library) == records
    assert library.skipped == tuple(skipped)
    library.close()


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers(tmp_path: Path, fold: bool, number: int) -> None:
    library = Library.open(tmp_path / "lib.npz")
    files = [
        ImageFile("/p/1", number, number, "d", number, number),
        ImageFile("/p/2", number, -number, "", number, number),
    ]
    library.add(files)
    library.set_skipped([SkippedFile("/b", number, -number, "bad")])
    library = opened_again(library, fold)
    assert [record.file for record in library] == files
    assert library.skipped == (SkippedFile("/b", number, -number, "bad"),)
    library.close()


def test_ten_thousand_tags(tmp_path: Path, fold: bool) -> None:
    library = Library.open(tmp_path / "lib.npz")
    tags = tuple(f"tag {number} \udc80" for number in range(10_000))
    library.add([image_file(1), image_file(2)])
    library.update([replace(library.get(1), tags=tags)])
    library = opened_again(library, fold)
    assert library.get(1) == Record(1, image_file(1), tags)
    assert library.get(2).tags == ()
    library.amend([1], lambda record: replace(record, tags=()), command=UserCommand("Untag", "k"))
    library = opened_again(library, fold)
    library.undo()
    library = opened_again(library, fold)
    assert library.get(1).tags == tags
    library.close()


@pytest.mark.parametrize("space", ["classic", "résumé", "a" * 150])
def test_spaces(tmp_path: Path, fold: bool, space: str) -> None:
    library = Library.open(tmp_path / "lib.npz")
    library.add([image_file(1), image_file(2)], {space: made(vectors_of(2), "w\udc80\n")})
    library.remove([1], command=UserCommand("Remove", "k"))
    library = opened_again(library, fold)
    assert library.spaces()[space].fingerprint == "w\udc80\n"
    library.undo()
    assert library.vectors(space)[1].tobytes() == vectors_of(2).tobytes()
    library.close()


def test_a_library_of_an_odd_name(tmp_path: Path, fold: bool) -> None:
    folder = tmp_path / os.fsdecode(b"f\xff\nolder")
    library = Library.open(folder / os.fsdecode(b"l\xffib\n.npz"))
    library.add([image_file(1)])
    library = opened_again(library, fold)
    assert len(library) == 1
    library.close()
    assert verify(library.path).problems == ()


def test_a_library_behind_a_link_is_the_one_that_it_leads_to(tmp_path: Path, fold: bool) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link.npz"
    link.symlink_to(tmp_path / "real" / "lib.npz")
    library = Library.open(link)
    library.add([image_file(1)])
    if fold:
        library.fold()
    with Library.open(tmp_path / "real" / "lib.npz") as second:
        assert second.read_only
    library.close()
    assert link.is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["link.npz", "real"]
    with Library.open(link) as library:
        assert len(library) == 1


def test_longer_paths_are_taken_or_refused_in_words(tmp_path: Path) -> None:
    with Library.open(tmp_path / "lib.npz") as library:
        try:
            library.add([replace(image_file(1), path="/" + "z" * 5000)])
        except CbirError:
            assert len(library) == 0
