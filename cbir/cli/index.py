"""``index``: add or refresh folders and files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cbir.cli.options import Context, add_command, add_space_option, add_walk_options, path
from cbir.cli.output import INTERRUPTED, Answer, printable
from cbir.cli.session import Session, session
from cbir.config import Settings
from cbir.describe import describe_indexing, describe_not_entered, plural
from cbir.encoders.registry import availability
from cbir.errors import CbirError
from cbir.images import stat_named
from cbir.records import SPACES, JsonObject, SkippedFile
from cbir.work.indexing import IndexReport
from cbir.work.worker import JobCancelled

if TYPE_CHECKING:
    from cbir.cli.options import Commands

_SHOWN = 5


def add_commands(commands: Commands) -> None:
    """Declare ``index``."""
    parser = add_command(commands, "index", run, "add or refresh folders and files")
    parser.add_argument("paths", metavar="PATH", nargs="+", type=path, help="a folder or a file")
    add_space_option(
        parser, "make vectors of this space; may be repeated (otherwise all there are)"
    )
    add_walk_options(parser)


def run(context: Context) -> Answer:
    """Index the paths; Ctrl-C ends it early with the report of what was done."""
    check_paths(context.args.paths)
    with session(context.settings, writes=True) as opened:
        opened.open()
        return index_paths(opened, context.args.paths, context.args.spaces)


def check_paths(paths: Sequence[str]) -> None:
    """Raises CbirError where a path does not exist: so no library is made for a wrong name."""
    for named in paths:
        stat_named(os.path.abspath(named))


def index_paths(opened: Session, paths: Sequence[str], spaces: Sequence[str] | None) -> Answer:
    """Index in an open session.

    Raises CbirError where a path does not exist, weights lack, or the library cannot be written,
    and JobCancelled where Ctrl-C came before anything was done.
    """
    settings = opened.engine.settings
    notes: list[str] = []
    status = 0
    try:
        report: IndexReport = opened.wait(opened.engine.index(paths, spaces))
    except JobCancelled as cancelled:
        if cancelled.result is None:
            raise
        report, status = cancelled.result, INTERRUPTED
        notes.append(_kept(report))
    else:
        if _found_nothing(report):
            notes.append(f"No pictures were found in {', '.join(paths)}.")
        status = _tended(opened, notes)
    if report.not_entered:
        notes.append(describe_not_entered(report.not_entered))
    left_out = {} if spaces else {**_left_out(settings), **report.left_out}
    document = {**_document(report), "unavailable": left_out}
    nothing_done = status == INTERRUPTED and _found_nothing(report)
    text = "" if nothing_done else _text(report, left_out, settings)
    return Answer(document, text, tuple(notes), status)


def _tended(opened: Session, notes: list[str]) -> int:
    """Make the LSH index, so that the next search finds it; what was indexed stays either way."""
    try:
        opened.wait(opened.engine.tend())
    except JobCancelled:
        notes.append("Interrupted while the search index was made: searches compare everything.")
        return INTERRUPTED
    except CbirError as error:
        notes.append(str(error))
    return 0


def _kept(report: IndexReport) -> str:
    done = report.added + report.updated + report.moved
    return (
        f"Interrupted: the {plural(done, 'picture')} indexed so far are kept; "
        "run the same command again to go on."
    )


def _found_nothing(report: IndexReport) -> bool:
    done = report.added + report.updated + report.moved + report.unchanged
    return not done and not report.skipped


def _left_out(settings: Settings) -> dict[str, str]:
    """The spaces without weights, with the reason."""
    known = (availability(space, settings.models) for space in SPACES)
    return {space.space: space.reason for space in known if not space.available}


def skipped_documents(skipped: Sequence[SkippedFile]) -> list[JsonObject]:
    """Files that could not be read, as ``--json`` shows them."""
    return [{"path": file.path, "reason": file.reason} for file in skipped]


def skipped_text(skipped: Sequence[SkippedFile], verbose: bool) -> str:
    """Files that could not be read, a line each: the first few, all of them where ``verbose``."""
    if not skipped:
        return ""
    shown = skipped if verbose else skipped[:_SHOWN]
    lines = [f"Skipped {plural(len(skipped), 'file')}:"]
    lines += [f"  {printable(file.path)}: {printable(file.reason)}" for file in shown]
    if len(shown) < len(skipped):
        lines.append(f"  … and {len(skipped) - len(shown):,} more (-v shows all)")
    return "\n".join(lines) + "\n"


def _document(report: IndexReport) -> JsonObject:
    return {
        "added": report.added,
        "updated": report.updated,
        "moved": report.moved,
        "unchanged": report.unchanged,
        "missing": report.missing,
        "ignored": report.ignored,
        "skipped": skipped_documents(report.skipped),
        "not_entered": list(report.not_entered),
        "total": report.total,
        "seconds": report.seconds,
        "images_per_second": report.images_per_second,
        "spaces": dict(report.spaces),
    }


def _text(report: IndexReport, left_out: dict[str, str], settings: Settings) -> str:
    lines = [describe_indexing(report)]
    if report.images_per_second:
        lines[0] += f" That is {report.images_per_second:.1f} images a second."
    lines.append(f"{printable(str(settings.library))} holds {plural(report.total, 'record')}.")
    if report.spaces:
        held = ", ".join(f"{name} {count:,}" for name, count in report.spaces.items())
        lines.append(f"Vectors: {held}.")
    lines += [f"Without {space}: {printable(reason)}" for space, reason in left_out.items()]
    return "\n".join(lines) + "\n" + skipped_text(report.skipped, settings.verbose)
