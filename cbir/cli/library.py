"""``info``, ``verify`` and ``repair``: what is in the library, and whether its file is whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from cbir.cli.index import skipped_documents, skipped_text
from cbir.cli.options import Context, add_command, path
from cbir.cli.output import Answer, printable
from cbir.cli.session import session
from cbir.describe import describe_repair, format_bytes, plural
from cbir.library import Library, RepairReport, VerifyReport
from cbir.records import JsonObject, SkippedFile
from cbir.work.statistics import library_statistics

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_commands(commands: Commands) -> None:
    """Declare ``info``, ``verify`` and ``repair``."""
    add_command(commands, "info", run_info, "tell what is in the library")
    add_command(commands, "verify", run_verify, "check that the library file is whole")
    repairing = add_command(
        commands,
        "repair",
        run_repair,
        "save what is whole of a damaged library into a new file",
        epilog="The damaged files stay as they are.",
    )
    repairing.add_argument(
        "--to", metavar="FILE", type=path, help="the new file (otherwise one beside the old one)"
    )


def run_info(context: Context) -> Answer:
    """Counts, sizes and folders; a library that does not exist yet is empty."""
    with session(context.settings) as opened:
        opened.open()
        facts, skipped = opened.wait(opened.engine.ask("Describe the library", _facts))
    facts = {"library": str(context.settings.library), **facts}
    return Answer(
        {**facts, "skipped": skipped_documents(skipped)},
        _info_text(facts) + skipped_text(skipped, context.settings.verbose),
    )


def _facts(library: Library) -> tuple[JsonObject, tuple[SkippedFile, ...]]:
    found = library_statistics(library)
    coverage = {space.space: space.coverage for space in found.spaces}
    facts = {
        "records": found.records,
        "missing": found.missing,
        "tagged": found.tagged,
        "tags": found.tags,
        "picture_bytes": found.picture_bytes,
        "formats": dict(found.formats),
        "folders": found.folders,
        "taken": [day.isoformat() for day in found.taken] if found.taken else None,
        "spaces": {
            name: {**asdict(info), "coverage": coverage[name]}
            for name, info in library.spaces().items()
        },
        "indexes": [asdict(index) for index in found.indexes],
        "roots": list(library.roots),
        "bytes": library.bytes,
        "journal_bytes": library.journal_bytes,
        "format": library.format,
        "undo": library.undoable,
    }
    return facts, library.skipped


def _info_text(facts: JsonObject) -> str:
    lines = [
        f"library  {printable(facts['library'])}",
        f"records  {facts['records']:,} ({facts['missing']:,} missing)",
        f"size     {format_bytes(facts['bytes'])}, journal {format_bytes(facts['journal_bytes'])}",
        f"pictures {format_bytes(facts['picture_bytes'])} in {plural(facts['folders'], 'folder')}"
        f"{_formats(facts['formats'])}; {facts['tagged']:,} tagged",
    ]
    lines += [
        f"space    {name}: {plural(info['vectors'], 'vector')} of {info['dimension']}, "
        f"{info['coverage']:.0%} of the records "
        f"({printable(info['fingerprint'])}, {printable(info['precision'])})"
        for name, info in facts["spaces"].items()
    ]
    lines += [f"index    {_index_text(index)}" for index in facts["indexes"]]
    lines += [f"root     {printable(root)}" for root in facts["roots"]]
    return "\n".join(lines) + "\n"


def _formats(formats: dict[str, int]) -> str:
    told = ", ".join(f"{printable(name)} {count:,}" for name, count in formats.items())
    return f": {told}" if told else ""


def _index_text(index: JsonObject) -> str:
    recall = (
        ""
        if index["recall"] is None
        else f", recall@10 {index['recall']:.3f} (searches aim at {index['target']:g})"
    )
    return (
        f"{index['space']} {index['metric']}: {plural(index['buckets'], 'bucket')}, "
        f"{index['bits']} bits a sketch, compares {index['compared']:,} of "
        f"{index['vectors']:,}{recall}"
    )


def run_verify(context: Context) -> Answer:
    """Check every byte; damage is exit status 1, a torn journal tail is only a note."""
    name = str(context.settings.library)
    with session(context.settings) as opened:
        report: VerifyReport = opened.wait(opened.engine.verify())
    document = {
        "library": name,
        "whole": not report.problems,
        "problems": list(report.problems),
        "notes": list(report.notes),
        "records": report.records,
        "spaces": dict(report.spaces),
    }
    found = [*report.problems, *report.notes]
    if report.problems:
        found.insert(0, f"{name} is not whole:")
    else:
        found.insert(0, f"{name} is whole: {plural(report.records, 'record')}.")
    text = "".join(f"{printable(sentence)}\n" for sentence in found)
    if not report.problems:
        return Answer(document, text)
    return Answer(document, text, (report.problems[0],), 1)


def run_repair(context: Context) -> Answer:
    """Save what is whole. Raises NothingToRepair for a library that is whole, and CbirError."""
    with session(context.settings) as opened:
        report: RepairReport = opened.wait(opened.engine.repair(context.args.to))
    document = {
        "library": str(context.settings.library),
        "repaired": report.path,
        "problems": list(report.problems),
        "losses": list(report.losses),
        "records": report.records,
        "spaces": report.spaces,
    }
    text = "".join(f"{printable(line)}\n" for line in describe_repair(report).splitlines())
    return Answer(document, text)
