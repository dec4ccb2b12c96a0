"""The user's last commands taken back: what they changed comes back, what came since stays."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from cbir.errors import LibraryReadOnly, LibraryUnwritable, NothingToUndo
from cbir.library import Library, files, verify
from cbir.library import undo as undo_module
from cbir.library.archive import Archive
from cbir.library.loading import journal_path
from cbir.library.undo import MOST_COMMANDS, Done, Inverse, Past, UserCommand, settled
from cbir.records import NOT_READ, Query, Record
from tests.library.helpers import filled, image_file, made, vectors_of

Contents = tuple[list[Record], dict[str, list[int]], dict[str, bytes]]
Step = Callable[[Library], Library]
KEYS = iter(range(10**9))


def contents(library: Library) -> Contents:
    ids = {space: library.vectors(space)[0].tolist() for space in library.spaces()}
    vectors = {space: library.vectors(space)[1].tobytes() for space in library.spaces()}
    return list(library), ids, vectors


def named(title: str) -> UserCommand:
    """A command of its own."""
    return UserCommand(title, f"{title} {next(KEYS)}")


def tag(
    library: Library, ids: Sequence[int], name: str, command: UserCommand | None = None
) -> None:
    def tagged(record: Record) -> Record:
        return replace(record, tags=(*record.tags, name))

    library.amend(ids, tagged, command=command)


def untag(library: Library, ids: Sequence[int], name: str) -> None:
    def without(record: Record) -> Record:
        return replace(record, tags=tuple(held for held in record.tags if held != name))

    library.amend(ids, without)


def note(
    library: Library, ids: Sequence[int], text: str, command: UserCommand | None = None
) -> None:
    library.amend(ids, lambda record: replace(record, note=text), command=command)


def move(
    library: Library, paths: dict[int, str], command: UserCommand | None = None
) -> list[Record]:
    def moved(record: Record) -> Record:
        return replace(record, file=replace(record.file, path=paths[record.id]), missing=False)

    return library.amend(list(paths), moved, command=command)


def same(library: Library) -> Library:
    return library


def reopened(library: Library) -> Library:
    library.close()
    return Library.open(library.path)


def folded(library: Library) -> Library:
    assert library.fold()
    return library


def folded_and_reopened(library: Library) -> Library:
    return reopened(folded(library))


def folded_twice(library: Library) -> Library:
    folded(library)
    library.add_root("/since")
    return reopened(folded(library))


def killed(library: Library) -> Library:
    other = library.path.with_name("killed.npz")
    shutil.copyfile(library.path, other)
    shutil.copyfile(journal_path(library.path), journal_path(other))
    library.close()
    return Library.open(other)


STEPS: list[Step] = [same, reopened, folded, folded_and_reopened, folded_twice, killed]


@pytest.fixture(params=STEPS, ids=lambda step: step.__name__)
def later(request: pytest.FixtureRequest) -> Step:
    """What happens between a command and its undoing."""
    step: Step = request.param
    return step


def start(path: Path) -> Library:
    """Six pictures in two spaces, one of which lacks two."""
    library = filled(path, 6)
    library.update(
        [library.get(id) for id in (1, 2, 3, 5)], {"clip": made(vectors_of(4, 9), "other-weights")}
    )
    tag(library, [1, 2, 3], "first")
    return library


def remove_some(library: Library) -> None:
    assert library.remove([5, 2, 99], command=named("Remove 2 images")) == 2


def remove_all(library: Library) -> None:
    library.remove(range(1, 9), command=named("Remove 6 images"))


def tag_some(library: Library) -> None:
    tag(library, [2, 4], "new", named("Tag 2 images"))


def change_tags(library: Library) -> None:
    command = named("Change tags")
    library.amend([1, 6], lambda record: replace(record, tags=("x", "y")), command=command)


def write_note(library: Library) -> None:
    note(library, [3], "a\nnote \udcff", named("Write a note"))


def miss(library: Library) -> None:
    library.amend(
        [3], lambda record: replace(record, missing=True), command=named("Look for files")
    )


def move_some(library: Library) -> None:
    move(library, {1: "/elsewhere/1.jpg", 5: "/elsewhere/5\udcff.jpg"}, named("Find 2 images"))


def change_content(library: Library) -> None:
    def changed(record: Record) -> Record:
        return replace(record, file=replace(record.file, digest="f" * 32, size=1))

    library.amend([1, 3], changed, command=named("Index 2 images again"))


def change_content_and_vectors(library: Library) -> None:
    def changed(record: Record) -> Record:
        return replace(record, file=replace(record.file, digest="e" * 32))

    vectors = {"classic": made(vectors_of(2, 77))}
    library.amend([1, 3], changed, vectors, command=named("Index 2 images again"))


def embed_again(library: Library) -> None:
    vectors = {"clip": made(vectors_of(2, 55), "other-weights")}
    library.amend([3, 1], lambda record: record, vectors, command=named("Embed 2 images again"))


COMMANDS = [
    remove_some,
    remove_all,
    tag_some,
    change_tags,
    write_note,
    miss,
    move_some,
    embed_again,
    change_content,
    change_content_and_vectors,
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.__name__)
def test_a_command_is_undone(
    tmp_path: Path, command: Callable[[Library], None], later: Step
) -> None:
    library = start(tmp_path / "lib.npz")
    before = contents(library)
    assert library.undoable == ""
    command(library)
    after = contents(library)
    assert after != before
    library = later(library)
    assert contents(library) == after
    title = library.undoable
    assert title
    version = library.version
    undone = library.undo()
    assert undone.title == title
    changed = [record for record in before[0] if record not in after[0]]
    put = {record.id: record for record in undone.records}
    assert all(put[record.id] == record for record in changed)
    assert all(library.get(id) == record for id, record in put.items())
    assert library.version == version + 1
    assert contents(library) == before
    assert library.undoable == ""
    with pytest.raises(NothingToUndo, match="nothing to undo"):
        library.undo()
    for record in before[0]:
        assert library.find(record.path) == record
        assert record in library.find_digest(record.file.digest)
    # What was brought back stays, in the journal and in the next file.
    library = reopened(library)
    assert contents(library) == before
    assert library.undoable == ""
    folded(library)
    assert contents(library) == before
    library = reopened(library)
    assert contents(library) == before
    assert library.undoable == ""
    assert library.add([image_file(50)]) == [7]
    library.close()
    assert verify(library.path).problems == ()


def test_roots_that_came_with_a_command_go_with_it(tmp_path: Path, later: Step) -> None:
    """One that a record returns to comes back; others that came or were dropped since do not."""
    library = start(tmp_path / "lib.npz")
    for root in ("/first", "/pictures", "/old\udcff"):
        library.add_root(root)
    moved = {1: "/new/1.jpg"}
    library.amend(
        [1],
        lambda record: replace(record, file=replace(record.file, path=moved[record.id])),
        command=named("Locate"),
        roots=["/first", "/new"],
    )
    for root in ("/pictures", "/old\udcff"):
        library.remove_root(root)
    library.add_root("/later")
    library = later(library)
    assert set(library.roots) - {"/since"} == {"/first", "/new", "/later"}
    library.undo()
    library = reopened(library)
    assert [root for root in library.roots if root != "/since"] == [
        "/first",
        "/pictures",
        "/later",
    ]
    library.close()


def test_a_root_that_came_with_a_command_stays_for_records_that_do(
    tmp_path: Path, later: Step
) -> None:
    """It was indexed since, or a picture that went there is another one now and stays."""
    library = start(tmp_path / "lib.npz")
    library.add_root("/pictures")
    moved = {1: "/new/1.jpg", 2: "/newer/2.jpg", 3: "/newest/3.jpg"}
    library.amend(
        list(moved),
        lambda record: replace(record, file=replace(record.file, path=moved[record.id])),
        command=named("Locate"),
        roots=["/new", "/newer", "/newest"],
    )
    library.add([image_file(50, "/new")])
    other = library.get(2)
    library.update([replace(other, file=replace(other.file, digest="f" * 32))])
    library = later(library)
    library.undo()
    library = reopened(library)
    kept = [root for root in library.roots if root != "/since"]
    assert kept == ["/pictures", "/new", "/newer"]
    assert [record.path for record in library] == [
        "/pictures/1.jpg",
        "/newer/2.jpg",
        *(f"/pictures/{number}.jpg" for number in (3, 4, 5, 6)),
        "/new/50.jpg",
    ]
    library.close()


def test_a_command_that_left_the_roots_alone_leaves_them_alone_undone(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    library.add_root("/old")
    move(library, {1: "/old/1.jpg"}, named("Move"))
    library.add_root("/new")
    library.remove_root("/old")
    library = folded_and_reopened(library)
    library.undo()
    assert library.roots == ("/new",)
    library.close()


def test_what_was_brought_back_is_found_by_searches(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "lib.npz")
    vector = library.vector(2, "classic")
    assert vector is not None
    library.remove([2], command=named("Remove"))
    library = later(library)
    for method in ("lsh", "exact"):
        query = Query(vector, "classic", method=method, k=1)  # type: ignore[arg-type]
        assert library.search(query).hits[0].id != 2
    library.undo()
    for method in ("lsh", "exact"):
        query = Query(vector, "classic", method=method, k=1)  # type: ignore[arg-type]
        assert library.search(query).hits[0].id == 2
    library.close()


def test_changes_without_a_command_cannot_be_undone(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        library.remove([1])
        assert library.undoable == ""
        version = library.version
        with pytest.raises(NothingToUndo):
            library.undo()
        assert library.version == version


def test_a_command_that_changes_nothing_is_none(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        library.remove([2], command=named("Remove"))
        library.remove([2, 99], command=named("Remove nothing"))
        library.amend([2], lambda record: record, command=named("Amend nothing"))
        assert library.undoable == "Remove"


def test_commands_are_undone_last_one_first(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    states, titles = [], []
    for command in COMMANDS:
        if command is not remove_all:
            states.append(contents(library))
            command(library)
            titles.append(library.undoable)
    for state, title in zip(reversed(states), reversed(titles), strict=True):
        assert library.undo().title == title
        assert contents(library) == state
    with pytest.raises(NothingToUndo):
        library.undo()
    library = reopened(library)
    assert contents(library) == states[0]
    library.close()


@pytest.mark.parametrize("step", [reopened, killed], ids=lambda step: step.__name__)
def test_commands_in_the_journal_are_undone_after_reopening(tmp_path: Path, step: Step) -> None:
    library = start(tmp_path / "lib.npz")
    states = []
    for command in (tag_some, remove_some, write_note):
        states.append(contents(library))
        command(library)
    library = step(library)
    for state in reversed(states):
        library.undo()
        assert contents(library) == state
    library.close()


def test_all_commands_survive_a_fold_and_the_last_one_closing(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    states = []
    for command in (remove_some, tag_some, change_content_and_vectors):
        states.append(contents(library))
        command(library)
        folded(library)
    library.undo()
    assert contents(library) == states[2]
    folded(library)
    library.undo()
    assert contents(library) == states[1]
    assert library.undoable == "Remove 2 images"
    library = folded_and_reopened(library)
    library.undo()
    assert contents(library) == states[0]
    library.close()


def test_a_fold_after_closing_keeps_the_last_command_only(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    remove_some(library)
    tag_some(library)
    library = folded_and_reopened(library)
    assert library.undoable == "Tag 2 images"
    library.undo()
    assert library.undoable == ""
    library.close()


def test_commands_given_while_a_fold_is_written(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    states = [contents(library)]
    remove_some(library)
    seen: list[int] = []

    def pause() -> None:
        if not seen:
            states.append(contents(library))
            tag_some(library)
            states.append(contents(library))
            change_content(library)
        seen.append(1)

    assert library.fold(pause)
    assert seen
    for state in reversed(states):
        library.undo()
        assert contents(library) == state
    library = reopened(library)
    assert contents(library) == states[0]
    library.close()


def test_a_command_undone_while_a_fold_is_written(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    before = contents(library)
    tag_some(library)
    remove_some(library)
    seen: list[int] = []

    def pause() -> None:
        if not seen:
            library.undo()
        seen.append(1)

    assert library.fold(pause)
    assert library.undoable == "Tag 2 images"
    library.undo()
    assert contents(library) == before
    library = reopened(library)
    assert contents(library) == before
    assert library.undoable == ""
    library.close()


def test_a_key_joins_changes_into_one_command(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    before = contents(library)
    tag_some(library)
    state = contents(library)
    command = named("Tidy up")
    library.remove([1, 2], command=command)
    tag(library, [3, 4], "tidy", command)
    tag(library, [3], "twice", command)
    library.remove([4], command=command)
    library = reopened(library)
    assert library.undo().title == "Tidy up"
    assert contents(library) == state
    library.undo()
    assert contents(library) == before
    library.close()


def test_the_last_title_of_a_key_counts(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        tag(library, [1], "x", UserCommand("Tag 1 image", "k"))
        tag(library, [2], "x", UserCommand("Tag 2 images", "k"))
        assert library.undo().title == "Tag 2 images"
        assert library.undoable == ""


def test_a_key_used_again_later_is_another_command(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        for key in ("a", "b", "a"):
            tag(library, [1], key, UserCommand(f"Tag {key}", key))
        titles = [library.undo().title for _ in range(3)]
        assert titles == ["Tag a", "Tag b", "Tag a"]


def test_most_commands_are_kept(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        for number in range(MOST_COMMANDS + 5):
            note(library, [1], f"{number}", named(f"Note {number}"))
        titles = [library.undo().title for _ in range(MOST_COMMANDS)]
        assert titles == [f"Note {number}" for number in range(MOST_COMMANDS + 4, 4, -1)]
        assert library.get(1).note == "4"
        with pytest.raises(NothingToUndo):
            library.undo()


def test_a_picture_that_was_indexed_again_gets_its_tags_and_note_back(
    tmp_path: Path, later: Step
) -> None:
    library = start(tmp_path / "lib.npz")
    note(library, [2], "old note")
    path = library.get(2).path
    library.remove([2, 3], command=named("Remove"))
    vectors = vectors_of(1, 31)
    (new,) = library.add([image_file(2)], {"classic": made(vectors)})
    tag(library, [new], "own")
    library = later(library)
    library.undo()
    found = library.find(path)
    assert found is not None
    assert (found.id, found.tags, found.note) == (new, ("first", "own"), "old note")
    assert 2 not in library
    assert library.get(3).tags == ("first",)
    held = library.vector(new, "classic")
    assert held is not None
    np.testing.assert_array_equal(held, vectors[0])
    assert library.vector(new, "clip") is None
    library.close()


def test_a_note_of_its_own_stays(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "lib.npz")
    note(library, [2], "old note")
    library.remove([2], command=named("Remove"))
    (new,) = library.add([image_file(2)])
    note(library, [new], "new note")
    library = later(library)
    library.undo()
    assert library.get(new).note == "new note"
    library.close()


def test_tags_that_came_and_went_since_stay_so(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "lib.npz")
    command = named("Change tags")
    tag(library, [1], "kept")
    library.amend([1], lambda record: replace(record, tags=("kept", "new")), command=command)
    tag(library, [1], "since")
    untag(library, [1], "kept")
    library = later(library)
    library.undo()
    assert library.get(1).tags == ("first", "since")
    library.close()


def test_a_note_a_file_and_missing_that_changed_since_stay(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "lib.npz")
    ids = [1, 2, 3]

    def changed(record: Record) -> Record:
        path = f"/moved/{record.id}.jpg"
        return replace(
            record, file=replace(record.file, path=path), note="by command", tags=("by command",)
        )

    library.amend(ids, changed, command=named("Change all"))
    note(library, [1], "since")
    move(library, {2: "/since/2.jpg"})
    library.amend([3], lambda record: replace(record, missing=True))
    library = later(library)
    library.undo()
    first, second, third = (library.get(id) for id in ids)
    assert (first.note, first.path, first.tags) == ("since", "/pictures/1.jpg", ("first",))
    assert (second.note, second.path, second.tags) == ("", "/since/2.jpg", ("first",))
    assert (third.note, third.path, third.missing) == ("", "/pictures/3.jpg", True)
    library.close()


def test_a_date_that_was_read_since_stays(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "l.npz")

    def taken(time: int) -> Callable[[Record], Record]:
        return lambda record: replace(record, file=replace(record.file, taken=time))

    library.amend([1, 2], taken(NOT_READ))
    library.amend([2], taken(5))
    move(library, {1: "/new/1", 2: "/new/2"}, named("Move"))
    library.amend([1], taken(1_000))
    library.amend([2], taken(NOT_READ))
    old = {id: f"/pictures/{id}" for id in (1, 2)}
    library = later(library)
    library.undo()
    assert [library.get(id).file.taken for id in old] == [1_000, 5]
    assert not any(library.get(id).path.startswith("/new") for id in old)
    library.close()


def test_a_path_that_another_picture_has_now_is_left_to_it(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "lib.npz")
    move(library, {1: "/moved/1.jpg"}, named("Find"))
    (other,) = library.add([image_file(1)])
    library = later(library)
    library.undo()
    assert library.get(1).path == "/moved/1.jpg"
    assert library.get(other).path == "/pictures/1.jpg"
    library.close()


def test_what_was_removed_since_is_passed_over(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "lib.npz")
    tag(library, [1, 2], "x", named("Tag"))
    library.remove([1])
    library = later(library)
    library.undo()
    assert 1 not in library
    assert library.get(2).tags == ("first",)
    library.close()


def test_undoing_what_is_gone_altogether_changes_nothing_more(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    tag(library, [1], "x", named("Tag"))
    library.remove([1])
    state = contents(library)
    library.undo()
    assert contents(library) == state
    library = reopened(library)
    assert (contents(library), library.undoable) == (state, "")
    library.close()


def test_vectors_of_other_weights_stay_away(tmp_path: Path, later: Step) -> None:
    library = start(tmp_path / "lib.npz")
    before = contents(library)
    library.remove(range(1, 7), command=named("Remove"))
    library.add([image_file(20)], {"clip": made(vectors_of(1, 3), "newer-weights")})
    library = later(library)
    library.undo()
    assert [record.id for record in library] == [*range(1, 8)]
    assert list(library)[:6] == before[0]
    assert library.vectors("clip")[0].tolist() == [7]
    assert library.spaces()["clip"].fingerprint == "newer-weights"
    assert library.vectors("classic")[1].tobytes() == before[2]["classic"]
    library.close()


def test_vectors_come_back_where_the_space_is_empty_whatever_its_weights(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    before = contents(library)
    library.remove(range(1, 7), command=named("Remove"))
    library.add([image_file(20)], {"clip": made(vectors_of(1, 3), "newer-weights")})
    library.remove([7])
    library.undo()
    assert contents(library) == before
    assert library.spaces()["clip"].fingerprint == "other-weights"
    library.close()


def test_undo_is_refused_where_changes_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = start(tmp_path / "lib.npz")
    remove_some(library)
    state = contents(library)

    class FullDisk(files.Disk):
        def flush(self, file: object) -> None:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "DISK", FullDisk())
        with pytest.raises(LibraryUnwritable):
            library.undo()
    assert (contents(library), library.undoable) == (state, "Remove 2 images")
    with Library.open(library.path, read_only=True) as reader:
        assert reader.undoable == "Remove 2 images"
        with pytest.raises(LibraryReadOnly):
            reader.undo()
    library.undo()
    library.close()
    with pytest.raises(LibraryReadOnly):
        library.undo()


def flip(path: Path, part: str, at: int) -> None:
    with Archive(path) as archive:
        start = archive.parts[part].data
    data = bytearray(path.read_bytes())
    data[start + at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("part", ["undo", "undo_classic_ids"])
def test_a_damaged_undo_leaves_nothing_to_undo(tmp_path: Path, part: str) -> None:
    library = start(tmp_path / "lib.npz")
    remove_some(library)
    folded(library)
    state = contents(library)
    library.close()
    flip(library.path, part, 3)
    assert any(part in problem for problem in verify(library.path).problems)
    with Library.open(library.path) as library:
        assert (contents(library), library.undoable) == (state, "")
        with pytest.raises(NothingToUndo):
            library.undo()
        tag_some(library)
        folded(library)
        library.undo()
        assert contents(library) == state
    assert verify(library.path).problems == ()


def test_damaged_vectors_of_an_undo_do_not_come_back(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    remove_some(library)
    folded(library)
    library.close()
    flip(library.path, "undo_clip_vectors", 3)
    with Library.open(library.path) as library:
        undone = library.undo()
        assert {2, 5} <= {record.id for record in library}
        assert {record.id for record in undone.records} >= {2, 5}
        assert set(library.lacking("clip")) >= {2, 5}
        assert not {2, 5} & set(library.lacking("classic"))


def test_damage_never_keeps_a_command_from_being_remembered(tmp_path: Path) -> None:
    """Nor a library from opening whose journal replaces what is damaged."""
    library = start(tmp_path / "lib.npz")
    library.fold()
    command = named("Make anew")
    for id in (1, 2, 3):
        one = {"classic": made(vectors_of(1, 40 + id))}
        library.amend([id], lambda record: replace(record, note="new"), one, command=command)
    library.close()
    flip(library.path, "classic_vectors", 3)
    for read_only in (True, False):
        with Library.open(library.path, read_only=read_only) as library:
            assert [library.get(id).note for id in (1, 2, 3)] == ["new"] * 3
    with Library.open(library.path) as library:
        library.undo()
        assert [library.get(id).note for id in (1, 2, 3)] != ["new"] * 3
        # Their old vectors are damaged, so the new ones of the same pictures stay.
        for id in (1, 2, 3):
            np.testing.assert_array_equal(library.vector(id, "classic"), vectors_of(1, 40 + id)[0])


def big(count: int, title: str) -> Done:
    """A command that removed ``count`` vectors' worth of bytes, as far as can be seen."""

    class Claimed(Inverse):
        @property
        def bytes(self) -> int:
            return count * 2048

        @property
        def inverse(self) -> Inverse:
            return self

        def copied(self) -> Inverse:
            return self

    return Claimed(named(title), (), {}, {})  # type: ignore[return-value]


def test_settling_leaves_the_oldest_out_where_they_take_more_than_64_mb() -> None:
    half = (32 << 20) // 2048
    history = tuple(big(half, title) for title in ("a", "b", "c"))
    assert [done.command.title for done in settled(history)] == ["b", "c"]
    history = (big(0, "a"), big(2 * half, "b"), big(1, "c"))
    assert [done.command.title for done in settled(history)] == ["c"]
    assert settled(()) == ()


def test_the_last_command_survives_a_fold_however_large_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_module, "_MOST_BYTES", 2048)
    library = start(tmp_path / "lib.npz")
    before = contents(library)
    library.remove([6], command=named("Remove 1"))
    library.remove([4], command=named("Remove 1"))
    state = contents(library)
    library.remove([1, 2, 3], command=named("Remove 3"))
    folded(library)
    library.undo()
    assert contents(library) == state
    assert library.undoable == "Remove 1"
    library.undo()
    assert library.undoable == ""  # there was room for one of them
    assert [record.id for record in library] == [1, 2, 3, 4, 5]
    assert len(before[0]) == 6
    library.close()


def test_settled_commands_hold_no_table_of_the_library(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        remove_some(library)
        tag_some(library)
        snapshot = library._state.snapshot
        tables = {id(table) for done in snapshot.history for table in _tables(done)}
        assert len(settled(snapshot.history)) == 2
        for past in settled(snapshot.history):
            (inverse,) = past.parts
            assert isinstance(inverse, Inverse)
            assert not {id(old.table) for old in inverse.vectors.values()} & tables
        (removed,) = settled(snapshot.history)[0].parts
        assert isinstance(removed, Inverse)
        assert {space: old.ids.tolist() for space, old in removed.vectors.items()} == {
            "classic": [2, 5],
            "clip": [2, 5],
        }


def _tables(past: Past) -> list[object]:
    (done,) = past.parts
    assert isinstance(done, Done)
    return [*done.before.spaces.values(), *done.after.spaces.values()]


@pytest.mark.parametrize(
    "paths",
    [
        {1: "/pictures/2.jpg", 2: "/pictures/1.jpg"},
        {1: "/pictures/2.jpg", 2: "/pictures/3.jpg", 3: "/pictures/new.jpg"},
        {3: "/pictures/new.jpg", 2: "/pictures/3.jpg", 1: "/pictures/2.jpg"},
    ],
)
def test_paths_that_pictures_of_one_command_took_from_each_other_come_back(
    tmp_path: Path, paths: dict[int, str]
) -> None:
    with start(tmp_path / "lib.npz") as library:
        before = contents(library)
        move(library, paths, named("Find"))
        library.undo()
        assert contents(library) == before


def test_a_picture_removed_and_one_moved_into_its_place_both_come_back(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        before = contents(library)
        command = named("Tidy up")
        library.remove([2], command=command)
        move(library, {1: "/pictures/2.jpg"}, command)
        library.undo()
        assert contents(library) == before


def test_what_came_between_two_changes_of_one_command_stays(tmp_path: Path) -> None:
    with start(tmp_path / "lib.npz") as library:
        command = named("Write notes")
        note(library, [4], "x", command)
        tag(library, [4], "between")
        note(library, [5], "x", command)
        library.undo()
        assert library.get(4).tags == ("between",)
        assert (library.get(4).note, library.get(5).note) == ("", "")


@pytest.mark.parametrize("meanwhile", [False, True])
def test_a_key_joins_changes_around_a_fold(tmp_path: Path, meanwhile: bool) -> None:
    with start(tmp_path / "lib.npz") as library:
        before = contents(library)
        command = named("Remove all")
        library.remove([1, 2], command=command)
        rest = [[3, 4]]

        def pause() -> None:
            if meanwhile and rest:
                library.remove(rest.pop(), command=command)

        library.fold(pause)
        if rest:
            library.remove(rest.pop(), command=command)
        library.undo()
        assert contents(library) == before


def test_damaged_vectors_of_an_undo_do_not_stop_folds(tmp_path: Path) -> None:
    library = start(tmp_path / "lib.npz")
    remove_some(library)
    folded(library)
    library.close()
    flip(library.path, "undo_clip_vectors", 3)
    with Library.open(library.path) as library:
        tag(library, [1], "x")
        state = contents(library)
        folded(library)
        assert contents(library) == state
