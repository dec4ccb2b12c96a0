"""``duplicates``: groups of copies and look-alikes among the library's pictures. It only tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.cli.options import Context, add_command
from cbir.cli.output import Answer, printable, table
from cbir.cli.session import session
from cbir.describe import format_bytes, plural
from cbir.records import (
    DUPLICATE_LEVELS,
    SPACE_TITLES,
    SPACES,
    Copy,
    DuplicateGroup,
    DuplicateLevel,
    JsonObject,
    Record,
)
from cbir.work.duplicates import BEST_RULE, Duplicates

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_EPILOG = (
    "Levels: `identical` is the same bytes; `same` also the same picture saved anew, resized, "
    "brightened or with a small watermark; `alike` also cropped, turned a little, mirrored (which "
    "`classic` looks for, the others merely may find), or another shot of the scene. "
    f"{BEST_RULE} It is marked *. Nothing is removed: `cbir remove PATH` takes a record out of "
    "the library, files stay. "
    "With --json: `groups`, each with `best` and `copies`; a copy has a `level`, a `similarity` "
    "to the best (cosine, null where one has no vector), and tells whether it is `mirrored`; "
    "`unseen_files` are those that could not be opened, each with its `reason`."
)
_WORDS: dict[DuplicateLevel, str] = {
    "identical": "identical",
    "same": "same picture",
    "alike": "looks alike",
}


def add_commands(commands: Commands) -> None:
    """Declare ``duplicates``."""
    parser = add_command(
        commands,
        "duplicates",
        run,
        "find copies and look-alikes in the library, and tell the best of each group",
        epilog=_EPILOG,
    )
    parser.add_argument(
        "--level",
        choices=DUPLICATE_LEVELS,
        default="same",
        help="how loosely pictures may be related (otherwise same)",
    )
    parser.add_argument(
        "--space",
        metavar="NAME",
        type=str.lower,
        choices=SPACES,
        help="by this space's vectors (otherwise the space that most pictures have vectors in)",
    )


def run(context: Context) -> Answer:
    """Find the groups. Raises SpaceEmpty where vectors are wanted and there are none."""
    args = context.args
    if args.level == "identical" and args.space is not None:
        args.usage_error("--level identical compares files, not vectors: leave --space out")
    with session(context.settings) as opened:
        opened.open()
        found: Duplicates = opened.wait(opened.engine.find_duplicates(args.level, args.space))
    notes = () if not found.unseen else (_unseen(len(found.unseen)),)
    return Answer(_document(found), _text(found), notes)


def _unseen(count: int) -> str:
    return (
        f"{plural(count, 'picture')} could not be opened to compare pixels: vectors alone tell of "
        "them."
    )


def _document(found: Duplicates) -> JsonObject:
    return {
        "level": found.level,
        "space": found.space,
        "total": found.total,
        "copies": found.copies,
        "bytes": found.bytes,
        "compared": found.compared,
        "unseen": len(found.unseen),
        "unseen_files": [{"path": path, "reason": reason} for path, reason in found.unseen],
        "seconds": found.seconds,
        "groups": [
            {
                "best": _record(group.best),
                "copies": [
                    {
                        **_record(copy.record),
                        "level": copy.level,
                        "similarity": copy.similarity,
                        "mirrored": copy.mirrored,
                    }
                    for copy in group.copies
                ],
            }
            for group in found.groups
        ],
    }


def _record(record: Record) -> JsonObject:
    file = record.file
    return {
        "id": record.id,
        "path": record.path,
        "bytes": file.size,
        "width": file.width,
        "height": file.height,
        "missing": record.missing,
    }


def _text(found: Duplicates) -> str:
    if not found.total:
        return "This library is empty: `cbir index FOLDER` fills it.\n"
    how = "the same files" if found.space is None else f"{SPACE_TITLES[found.space]} vectors"
    looked = f"{plural(found.total, 'picture')}, compared by {how}"
    if not found.groups:
        return f"{looked}: no duplicates.\n"
    copies = plural(found.copies, "copy", "copies")
    groups = plural(len(found.groups), "group")
    rows = [row for group in found.groups for row in _rows(group)]
    return (
        f"{looked}: {groups} with {copies} beside the best, {format_bytes(found.bytes)}.\n"
        f"{table(('', 'pixels', 'size', 'similar', '', 'path'), rows, 'lrrrll')}\n"
        "* is the best of its group. Nothing was removed: `cbir remove PATH` takes a picture out "
        "of the library, its file stays.\n"
    )


def _rows(group: DuplicateGroup) -> list[tuple[str, ...]]:
    copies = [_row(copy.record, _similarity(copy), _word(copy)) for copy in group.copies]
    blank = ("", "", "", "", "", "")
    return [blank, ("*", *_row(group.best, "", "best")[1:]), *copies]


def _row(record: Record, similarity: str, word: str) -> tuple[str, ...]:
    file = record.file
    size = "missing" if record.missing else format_bytes(file.size)
    return "", f"{file.width}×{file.height}", size, similarity, word, printable(record.path)


def _word(copy: Copy) -> str:
    return "mirrored" if copy.mirrored else _WORDS[copy.level]


def _similarity(copy: Copy) -> str:
    return "" if copy.similarity is None else f"{copy.similarity:.3f}"
