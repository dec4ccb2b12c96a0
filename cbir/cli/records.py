"""``list``, ``show``, ``update``, ``remove`` and ``undo``: records. No file is moved or deleted."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING

from cbir.asking import Filter
from cbir.cli.filters import add_filter_options, filter_of, folder_notes
from cbir.cli.options import Context, add_command, path
from cbir.cli.output import Answer, printable, table
from cbir.cli.session import session
from cbir.describe import describe_move, format_bytes, plural
from cbir.errors import CbirError
from cbir.library import Library, Undone
from cbir.records import JsonObject, Record
from cbir.work.editing import Edit, command_for, find_record, records_at
from cbir.work.facts import RecordFacts, record_facts
from cbir.work.relocating import Move

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_commands(commands: Commands) -> None:
    """Declare ``list``, ``show``, ``update``, ``remove`` and ``undo``."""
    add_filter_options(add_command(commands, "list", run_list, "list the records"))
    shown = add_command(commands, "show", run_show, "show one record")
    shown.add_argument("path", metavar="PATH", type=path, help="the picture's file")
    _add_update(commands)
    removed = add_command(
        commands, "remove", run_remove, "take records out of the library; files stay"
    )
    removed.add_argument(
        "paths", metavar="PATH", nargs="*", type=path, help="a file, or a folder and all below it"
    )
    removed.add_argument("--missing", action="store_true", help="all records whose file is gone")
    add_command(
        commands, "undo", run_undo, "take the last `update` or `remove` back; again, the one before"
    )


def _add_update(commands: Commands) -> None:
    parser = add_command(commands, "update", run_update, "change records")
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=path, help="the picture's file; may be several"
    )
    parser.add_argument(
        "--tag", metavar="T", action="append", dest="tags", default=[], help="add a tag"
    )
    parser.add_argument(
        "--untag", metavar="T", action="append", dest="untags", default=[], help="take a tag away"
    )
    parser.add_argument("--note", metavar="TEXT", help="replace the note; '' clears it")
    parser.add_argument(
        "--move-to", metavar="NEWPATH", type=path, help="the file is now there; it is not moved"
    )
    parser.add_argument("--re-embed", action="store_true", help="compute its vectors anew")
    parser.add_argument(
        "--move-folder",
        metavar=("OLD", "NEW"),
        nargs=2,
        type=path,
        help="the pictures missing below OLD are now below NEW: all records follow at once",
    )


def run_list(context: Context) -> Answer:
    """Every record by id, or those that are asked for."""
    wanted = filter_of(context.args)
    with session(context.settings) as opened:
        total = len(opened.open())
        records: Sequence[Record] = opened.wait(opened.engine.browse(replace(wanted, missing=None)))
        if wanted.missing:  # looked for now, as remove --missing does
            gone = opened.wait(opened.engine.missing_records())
            ids = {record.id for record in gone}
            records = [replace(record, missing=True) for record in records if record.id in ids]
        notes = () if records or not total else folder_notes(opened, wanted)
    document = {
        "library": str(context.settings.library),
        "total": total,
        "records": [record_document(record) for record in records],
    }
    if not total:
        return Answer(document, "This library is empty: `cbir index FOLDER` fills it.\n")
    if not records:
        nothing = (
            "No record's file is missing.\n"
            if wanted == Filter(missing=True)
            else f"No record passes the filter, of {total:,}.\n"
        )
        return Answer(document, "" if notes else nothing, notes)
    return Answer(document, _listing(records), notes)


def _listing(records: Sequence[Record]) -> str:
    rows = [
        (
            str(record.id),
            f"{record.file.width}×{record.file.height}",
            "missing" if record.missing else "",
            printable(", ".join(record.tags)),
            printable(record.path),
        )
        for record in records
    ]
    return table(("id", "pixels", "", "tags", "path"), rows, "rrlll")


def run_show(context: Context) -> Answer:
    """All that is known of one picture. Raises RecordNotFound."""

    def question(library: Library) -> tuple[Record, RecordFacts]:
        record = find_record(library, context.args.path)
        return record, record_facts(library, record)

    with session(context.settings) as opened:
        opened.open(needed=True)
        record, facts = opened.wait(opened.engine.ask("Show a record", question))
    held = [name for name, holds in facts.spaces.items() if holds]
    copies = [other.path for other in facts.copies]
    document = {**record_document(record), "spaces": held, "copies": copies}
    return Answer(document, _details(record, held, copies))


def run_update(context: Context) -> Answer:
    """Change records, all found before one is changed.

    Raises RecordNotFound, and CbirError for what cannot be.
    """
    args = context.args
    if args.move_folder is not None:
        return _run_move_folder(context)
    if not args.paths:
        args.usage_error("give the PATH of a picture's file, or --move-folder OLD NEW")
    change = Edit(tuple(args.tags), tuple(args.untags), args.note, args.move_to, args.re_embed)
    if change == Edit():
        args.usage_error("nothing to change: give --tag, --untag, --note, --move-to or --re-embed")
    if args.move_to is not None and len(args.paths) > 1:
        args.usage_error("--move-to takes one PATH")
    with session(context.settings, writes=True) as opened:
        opened.open(needed=True)

        def find(library: Library) -> list[Record]:
            return [find_record(library, path) for path in dict.fromkeys(args.paths)]

        before = opened.wait(opened.engine.ask("Find records", find), more=True)
        command = command_for(change, len(before))
        after = [opened.wait(opened.engine.edit(r.id, change, command), more=True) for r in before]
        held = [opened.wait(opened.engine.ask("Look", _spaces_of(record))) for record in after]
    return _changed(before, after, held)


def _run_move_folder(context: Context) -> Answer:
    """Point the records of a folder that is elsewhere now to the files there."""
    args = context.args
    if args.paths or args.tags or args.untags or args.note is not None:
        args.usage_error("--move-folder takes no PATH and no other change")
    if args.move_to is not None or args.re_embed:
        args.usage_error("--move-folder takes no other change")
    with session(context.settings, writes=True) as opened:
        opened.open(needed=True)
        move: Move = opened.wait(opened.engine.move_folder(*args.move_folder), more=True)
        if not move.found:
            elsewhere: Move = opened.wait(opened.engine.preview_move(move.old, move.new))
            raise CbirError(_none_located(move, elsewhere))
    document = {**asdict(move), "absent": move.absent}
    return Answer(document, f"{printable(describe_move(move))}\n")


def _none_located(move: Move, elsewhere: Move) -> str:
    """Why no picture of a folder was located, and the folder to name in place of that one."""
    told = describe_move(move)
    if not elsewhere.found:
        return told
    there = plural(elsewhere.found, "picture")
    return f"{told} In {elsewhere.new} it would be {there}: name that folder."


def _spaces_of(record: Record) -> Callable[[Library], list[str]]:
    return lambda library: [
        name for name in library.spaces() if library.vector(record.id, name) is not None
    ]


def _changed(
    before: Sequence[Record], after: Sequence[Record], held: Sequence[list[str]]
) -> Answer:
    """One record as itself, several as a list; another picture than before is told."""
    notes = tuple(
        f"{new.path} is another picture than the one before: its vectors were made anew."
        for old, new in zip(before, after, strict=True)
        if old.file.digest != new.file.digest
    )
    documents = [
        {**record_document(record), "spaces": spaces}
        for record, spaces in zip(after, held, strict=True)
    ]
    if len(after) == 1:
        return Answer(documents[0], _details(after[0], held[0]), notes)
    return Answer({"records": documents}, _listing(after), notes)


def run_remove(context: Context) -> Answer:
    """Remove records. Raises RecordNotFound for a path without any."""
    paths, missing = context.args.paths, context.args.missing
    if bool(paths) == missing:
        context.args.usage_error("give either the paths of records or --missing")
    with session(context.settings, writes=True) as opened:
        opened.open(needed=True)
        engine = opened.engine
        looking = (
            engine.missing_records()
            if missing
            else engine.ask("Find records", lambda library: records_at(library, paths))
        )
        records: list[Record] = opened.wait(looking, more=True)
        removed = opened.wait(engine.remove([record.id for record in records]))
    document = {"removed": removed, "paths": [record.path for record in records]}
    return Answer(
        document, f"Removed {plural(removed, 'record')} from the library; no file was touched.\n"
    )


def run_undo(context: Context) -> Answer:
    """Take the last command back. Raises NothingToUndo where there is none."""
    with session(context.settings, writes=True) as opened:
        opened.open(needed=True)
        undone: Undone = opened.wait(opened.engine.undo())
    paths = [record.path for record in undone.records]
    document = {"undone": undone.title, "paths": paths}
    count = plural(len(paths), "record")
    return Answer(document, f"Undone: {printable(undone.title)}. {count} restored.\n")


def record_document(record: Record) -> JsonObject:
    """A record as ``--json`` shows it; ``mtime`` in seconds since 1970, ``size`` in bytes.

    ``taken`` is ISO 8601 without a time zone, as cameras tell it, or null.
    """
    file = record.file
    taken = file.taken_at
    return {
        "id": record.id,
        "path": file.path,
        "size": file.size,
        "mtime": file.mtime_ns / 1e9,
        "mtime_ns": file.mtime_ns,
        "taken": taken.isoformat() if taken else None,
        "digest": file.digest,
        "width": file.width,
        "height": file.height,
        "tags": list(record.tags),
        "note": record.note,
        "missing": record.missing,
    }


def _details(record: Record, spaces: Collection[str], copies: Sequence[str] = ()) -> str:
    file = record.file
    changed = datetime.fromtimestamp(file.mtime_ns / 1e9).astimezone()
    facts = {
        "path": file.path + (" (missing)" if record.missing else ""),
        "folder": os.path.dirname(file.path),
        "id": str(record.id),
        "pixels": f"{file.width} × {file.height}",
        "size": format_bytes(file.size),
        "taken": file.taken_at.isoformat(" ") if file.taken_at else "",
        "changed": changed.isoformat(" ", "seconds"),
        "digest": file.digest,
        "tags": ", ".join(record.tags),
        "note": record.note,
        "vectors": ", ".join(spaces),
    }
    lines = [*facts.items(), *(("copy", path) for path in copies)]
    return "".join(f"{name:8} {printable(value)}\n" for name, value in lines if value)
