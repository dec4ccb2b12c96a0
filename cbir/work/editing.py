"""Jobs that change records: tags, notes, a moved file, new vectors, removal. No file is touched."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from cbir.errors import CbirError, RecordNotFound
from cbir.images import Loaded, load_image
from cbir.language import _, kept
from cbir.library import Library, Undone, UserCommand
from cbir.records import Embeddings, ImageFile, Record
from cbir.work.messages import LibraryChanged
from cbir.work.models import Models
from cbir.work.roots import is_gone, is_under
from cbir.work.worker import JobRun

_LONGEST_TAG = 200
_TITLES = {
    "change": (kept("change {count} picture"), kept("change {count} pictures")),
    "locate": (kept("locate {count} picture"), kept("locate {count} pictures")),
    "note on": (kept("note on {count} picture"), kept("note on {count} pictures")),
    "re-embed": (kept("re-embed {count} picture"), kept("re-embed {count} pictures")),
    "remove": (kept("remove {count} picture"), kept("remove {count} pictures")),
    "tag": (kept("tag {count} picture"), kept("tag {count} pictures")),
}
"""What the user did, to one picture and to many; the library file keeps it, so it is English."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to one record; parts that are None or empty stay as they are.

    ``move_to`` points the record to its moved file; ``re_embed`` computes its vectors anew.
    """

    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    note: str | None = None
    move_to: str | None = None
    re_embed: bool = False


def find_record(library: Library, path: str) -> Record:
    """The record of a file, by its path. Raises RecordNotFound."""
    absolute = os.path.abspath(path)
    record = library.find(absolute)
    if record is None:
        raise RecordNotFound(
            _(
                "{path} is not in the library: `cbir list` shows what is, `cbir index` adds it."
            ).format(path=absolute)
        )
    return record


def command_for(change: Edit, count: int) -> UserCommand:
    """The command of changing ``count`` records so; all of it is undone together."""
    if change.re_embed:
        verb = "re-embed"
    elif change.move_to is not None:
        verb = "locate"
    elif change.note is None:
        verb = "tag"
    else:
        verb = "change" if change.add_tags or change.remove_tags else "note on"
    return _command(verb, count)


def _command(verb: str, count: int) -> UserCommand:
    one, many = _TITLES[verb]
    return new_command((one if count == 1 else many).format(count=f"{count:,}"))


def new_command(title: str) -> UserCommand:
    """A command of its own, which is told by ``title``."""
    return UserCommand(title, uuid.uuid4().hex)


def edit(
    run: JobRun,
    library: Library,
    models: Models,
    id_: int,
    change: Edit,
    command: UserCommand | None = None,
    load: Callable[[str], Loaded] = load_image,
) -> Record:
    """Apply ``change`` to one record and return it as it is now, in one atomic update.

    It is undone together with the others of ``command``, by itself where there is none. ``load``
    decodes a picture.
    Raises RecordNotFound, UnreadableImage (the file to move to or to embed), CbirError (a tag that
    is not one, a path that another record has), LibraryReadOnly, LibraryUnwritable.
    """
    record = library.get(id_)
    added = _checked_tags(change.add_tags)
    file = _moved_file(library, record, change.move_to, load) if change.move_to else None
    embeddings: dict[str, Embeddings] = {}
    if change.re_embed or (file is not None and file.digest != record.file.digest):
        moved = record if file is None else replace(record, file=file)
        file, embeddings = _embed(run, library, models, moved, load)

    def edited(current: Record) -> Record:
        return replace(
            current,
            file=file or current.file,
            tags=_changed_tags(current.tags, added, change.remove_tags),
            note=current.note if change.note is None else change.note,
            missing=current.missing and file is None,
        )

    library.amend([id_], edited, embeddings, command=command or command_for(change, 1))
    run.post(LibraryChanged(library.version, len(library)))
    return library.get(id_)


def tag(run: JobRun, library: Library, ids: Sequence[int], tags: Iterable[str]) -> list[Record]:
    """Give tags to many records in one atomic change; returns them as they are now.

    Raises CbirError for what cannot be a tag, LibraryReadOnly, LibraryUnwritable.
    """
    added = _checked_tags(tags)
    changed = library.amend(
        ids,
        lambda record: replace(record, tags=_changed_tags(record.tags, added, ())),
        command=_command("tag", len(ids)),
    )
    run.post(LibraryChanged(library.version, len(library)))
    return changed


def _checked_tags(tags: Iterable[str]) -> list[str]:
    stripped = [tag.strip() for tag in tags]
    for tag in stripped:
        if not tag or len(tag) > _LONGEST_TAG or "\n" in tag or "," in tag:
            raise CbirError(
                _(
                    "{tag!r} cannot be a tag: use 1 to {most} characters in one line, "
                    "without a comma."
                ).format(tag=tag, most=_LONGEST_TAG)
            )
    return stripped


def _changed_tags(
    tags: Sequence[str], added: Iterable[str], removed: Iterable[str]
) -> tuple[str, ...]:
    gone = {tag.strip() for tag in removed}
    return tuple(dict.fromkeys(tag for tag in [*tags, *added] if tag not in gone))


def _moved_file(
    library: Library, record: Record, path: str, load: Callable[[str], Loaded]
) -> ImageFile:
    absolute = os.path.abspath(path)
    other = library.find(absolute)
    if other is not None and other.id != record.id:
        raise CbirError(_("{path} already has a record of its own.").format(path=absolute))
    return load(absolute).file


def _embed(
    run: JobRun,
    library: Library,
    models: Models,
    record: Record,
    load: Callable[[str], Loaded],
) -> tuple[ImageFile, dict[str, Embeddings]]:
    """The record's file as it is now and its vectors in the spaces it is held in and can be."""
    available = models.available()
    held = [space for space in library.spaces() if library.vector(record.id, space) is not None]
    spaces = [space for space in held if space in available] or ["classic"]
    loaded = load(record.path)
    embeddings = {}
    for space in spaces:
        encoder = models.get(run, space)
        vectors = models.encode(run, encoder, [encoder.prepare(loaded.image)])
        embeddings[space] = Embeddings(vectors, encoder.fingerprint, encoder.precision)
    return loaded.file, embeddings


def remove(
    run: JobRun,
    library: Library,
    ids: Iterable[int],
    forget: Callable[[Iterable[str]], None] = lambda paths: None,
) -> int:
    """Remove records, never files; how many were removed. ``forget`` gets the paths they had."""
    wanted = list(ids)
    paths = [library.get(id_).path for id_ in wanted if id_ in library]
    removed = library.remove(wanted, command=_command("remove", len(wanted)))
    forget(paths)
    run.post(LibraryChanged(library.version, len(library)))
    return removed


def undo(run: JobRun, library: Library) -> Undone:
    """Take the last command back. Raises NothingToUndo, LibraryReadOnly, LibraryUnwritable.

    Of records that come back, those whose files have gone meanwhile (to the trash) are marked.
    """
    undone = library.undo()
    run.post(LibraryChanged(library.version, len(library)))
    if not undone.title.startswith(_TITLES["remove"][0].partition("{")[0]):
        return undone
    roots = library.roots
    gone = [record.id for record in undone.records if is_gone(record.path, roots)]
    if not gone:
        return undone
    marked = library.amend(gone, lambda record: replace(record, missing=True))
    run.post(LibraryChanged(library.version, len(library)))
    now = {record.id: record for record in marked}
    return replace(undone, records=tuple(now.get(one.id, one) for one in undone.records))


def records_at(library: Library, paths: Iterable[str]) -> list[Record]:
    """The records of files, and of everything below folders. Raises RecordNotFound for none."""
    found: dict[int, Record] = {}
    for path in paths:
        absolute = os.path.abspath(path)
        below = [record for record in library if is_under(record.path, absolute)]
        if not below:
            raise RecordNotFound(
                _("{path}: the library has no record of it or below it.").format(path=absolute)
            )
        found.update((record.id, record) for record in below)
    return list(found.values())
