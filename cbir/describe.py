"""What happened, in one line each: what the window's status bar and the terminal both say."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cbir.language import _, counted, retold
from cbir.records import SPACE_TITLES, Metric, SearchResult

if TYPE_CHECKING:
    from cbir.library import RepairReport, VerifyReport
    from cbir.work.facts import RemovedWeights
    from cbir.work.indexing import IndexReport
    from cbir.work.messages import Progress, Unit
    from cbir.work.pace import Rate
    from cbir.work.relocating import Move

_MEGABYTE = 1_000_000
_NAMED = 3


def format_score(metric: Metric, score: float) -> str:
    """A score as read beside a picture: ``0.93`` (cosine), ``d 12.4`` (euclidean distance).

    Distances below 10 have two digits after the point: ``d 0.71``.
    """
    if metric == "cosine":
        return f"{score:.2f}"
    return f"d {score:.1f}" if score >= 9.995 else f"d {score:.2f}"


def describe(result: SearchResult) -> str:
    """How a search went: the method, why, how many vectors it compared, and how long it took.

    ``LSH · scanned 4,100 sketches, compared 212 of 120,000 (0.2 %) · recall ≈ 0.97 · 1.1 ms`` or
    ``Exact · text query · compared 1,000 · 0.9 ms``. Where comparing everything is quicker, and
    where an index had to be made or read first, that is told beside the time.
    """
    if result.method == "exact":
        parts = [
            _("Exact"),
            retold(result.reason),
            _("compared {candidates:,}").format(candidates=result.candidates),
        ]
    else:
        looked = (
            _("scanned {sketches}, ").format(
                sketches=counted("{count:,} sketch", "{count:,} sketches", result.scanned)
            )
            if result.scanned
            else ""
        )
        parts = [
            "LSH",
            _("{looked}compared {candidates:,} of {total:,} {share}").format(
                looked=looked,
                candidates=result.candidates,
                total=result.total,
                share=_share(result),
            ),
        ]
        if result.recall is not None:
            parts.append(_("recall ≈ {recall:.2f}").format(recall=result.recall))
    parts.append(format_seconds(result.seconds))
    if result.exact_seconds is not None and result.exact_seconds < result.seconds:
        parts.append(_("exact ≈ {seconds}").format(seconds=format_seconds(result.exact_seconds)))
    if result.index_seconds:
        parts.append(
            _("index ready in {seconds}").format(seconds=format_seconds(result.index_seconds))
        )
    return " · ".join(parts)


def _share(result: SearchResult) -> str:
    """How much of the library was compared: ``(8.4 %)``, below one per cent ``(0.02 %)``."""
    share = 100 * result.candidates / result.total if result.total else 0.0
    return f"({share:.1f} %)" if share >= 0.95 or not share else f"({share:.1g} %)"


def describe_lacking(count: int, space: str) -> str:
    """How many pictures could not be found in ``space``; empty where all could."""
    if not count:
        return ""
    told = counted(
        "{count:,} picture has no {{space}} vectors",
        "{count:,} pictures have no {{space}} vectors",
        count,
    )
    return told.format(space=SPACE_TITLES[space])


def format_seconds(seconds: float) -> str:
    """A duration: ``1.2 ms`` below a second, else ``4.1 s`` or ``3 min 20 s``."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.1f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def format_bytes(count: int) -> str:
    """A size of files, in decimal units as file managers show it: ``605 MB``, ``12 kB``."""
    if count >= _MEGABYTE * 1000:
        return f"{count / _MEGABYTE / 1000:.1f} GB"
    if count >= _MEGABYTE:
        return f"{count / _MEGABYTE:.0f} MB"
    return f"{count / 1000:.0f} kB" if count >= 1000 else _("{count} bytes").format(count=count)


def format_count(done: int, total: int, unit: Unit) -> str:
    """How far a job is: ``120 of 1,000``, ``120 of 605 MB``."""
    if unit == "images":
        return _("{done:,} of {total:,}").format(done=done, total=total)
    if total < _MEGABYTE:
        return _("{done} of {total}").format(done=format_bytes(done), total=format_bytes(total))
    return _("{done:,.0f} of {total:,.0f} MB").format(
        done=done / _MEGABYTE, total=total / _MEGABYTE
    )


def describe_rate(rate: Rate | None, unit: Unit) -> list[str]:
    """The speed and the time left: ``17.3 images/s`` and ``51 s left``; of either what is known."""
    if rate is None:
        return []
    if unit == "images":
        speed = _("{speed:.1f} images/s").format(speed=rate.speed)
    elif rate.speed >= _MEGABYTE / 10:
        speed = f"{rate.speed / _MEGABYTE:.1f} MB/s"
    else:
        speed = f"{format_bytes(round(rate.speed))}/s"
    if rate.seconds is None:
        return [speed]
    return [speed, _("{time_left} left").format(time_left=_time_left(rate.seconds))]


def describe_progress(progress: Progress, rate: Rate | None) -> str:
    """``120 of 605 MB · 8.2 MB/s · 1 min left``; empty while the total is unknown."""
    if not progress.total:
        return ""
    count = format_count(progress.done, progress.total, progress.unit)
    return " · ".join([count, *describe_rate(rate, progress.unit)])


def _time_left(seconds: float) -> str:
    """A guess, no finer than it is worth: ``51 s``, ``5 min``, ``1 h 3 min``, ``over a day``."""
    if seconds < 57.5:
        return f"{math.ceil(seconds)} s"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes < 24 * 60 else _("over a day")


def plural(count: int, noun: str, nouns: str = "") -> str:
    """``1 picture``, ``1,204 pictures``; ``nouns`` where the plural takes more than an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {nouns or noun + 's'}"


def describe_indexing(report: IndexReport) -> str:
    """What an indexing job did: ``Indexed 80 pictures in 4.1 s: 80 new, 4 skipped.``"""
    skipped = len(report.skipped)
    indexed = report.added + report.updated + report.moved + report.unchanged
    if not indexed and not skipped and not report.missing:
        return _("There are no pictures to index there.")
    took = f"{report.seconds:.1f} s" if report.seconds < 1 else format_seconds(report.seconds)
    ignored = counted(
        "{count:,} other file ignored", "{count:,} other files ignored", report.ignored
    )
    told = _told(
        (report.added, _("{count:,} new")),
        (report.updated, _("{count:,} updated")),
        (report.moved, _("{count:,} moved")),
        (report.unchanged, _("{count:,} unchanged")),
        (skipped, _("{count:,} skipped")),
        (report.missing, _("{count:,} missing")),
        (report.ignored, ignored),
    )
    return _("Indexed {pictures} in {took}: {told}.").format(
        pictures=counted("{count:,} picture", "{count:,} pictures", indexed), took=took, told=told
    )


def describe_changes(report: IndexReport) -> str:
    """What was picked up from folders that are watched: ``Picked up: 3 new, 1 moved.``

    Empty where that is nothing.
    """
    told = _told(
        (report.added, _("{count:,} new")),
        (report.updated, _("{count:,} updated")),
        (report.moved, _("{count:,} moved")),
        (report.missing, _("{count:,} missing")),
        (len(report.skipped), _("{count:,} skipped")),
    )
    return _("Picked up: {told}.").format(told=told) if told else ""


def _told(*counts: tuple[int, str]) -> str:
    """Those of the counts that are not zero, with what they count: ``3 new, 1 moved``."""
    return ", ".join(what.format(count=count) for count, what in counts if count)


def describe_out_of_reach(roots: Sequence[str]) -> str:
    """Which of the library's folders are not there; empty where all are. The first are named."""
    if not roots:
        return ""
    told = counted("{count:,} folder is not there", "{count:,} folders are not there", len(roots))
    return f"{told}: {_first(roots)}."


def describe_not_entered(paths: Sequence[str]) -> str:
    """Which folders and links were not followed, and how they can be; empty where there are none.

    The first three are named.
    """
    if not paths:
        return ""
    told = (
        _(
            "Not entered, as it is on another file system: {folders}. Index it by name, or use "
            "--cross-file-systems or cross_file_systems in settings.toml."
        )
        if len(paths) == 1
        else _(
            "Not entered, as they are on another file system: {folders}. Index them by name, or "
            "use --cross-file-systems or cross_file_systems in settings.toml."
        )
    )
    return told.format(folders=_first(paths))


def _first(paths: Sequence[str]) -> str:
    """The first three, and how many more there are."""
    more = _(" and {count:,} more").format(count=len(paths) - _NAMED) if len(paths) > _NAMED else ""
    return ", ".join(paths[:_NAMED]) + more


def describe_removal(removed: RemovedWeights) -> str:
    """What became of weights that were removed, in a sentence or two."""
    files = counted("{count:,} file", "{count:,} files", len(removed.files))
    freed = format_bytes(removed.bytes)
    told = _("Removed the weights of {space}: {files}, {freed} freed.").format(
        space=SPACE_TITLES[removed.name], files=files, freed=freed
    )
    shared = "" if removed.bytes else _(" What they linked to is used elsewhere and stays.")
    return told + shared


def describe_repair(report: RepairReport) -> str:
    """What was saved of a damaged library, what was lost, and how to go on, in sentences."""
    vectors = [
        _("{vectors} of {space}").format(
            vectors=counted("{count:,} vector", "{count:,} vectors", n), space=space
        )
        for space, n in report.spaces.items()
    ]
    saved = ", ".join([counted("{count:,} record", "{count:,} records", report.records), *vectors])
    losses = "\n".join(report.losses) or _("Nothing.")
    return _(
        "Saved {saved} into\n{path}\n\nWhat is lost:\n{losses}\n\nTo go on with it: cbir "
        "--library {quoted}\nOr give it the old name: move the damaged library and "
        "its .journal away, then rename this one and its .journal."
    ).format(saved=saved, path=report.path, losses=losses, quoted=shlex.quote(report.path))


def describe_verify(report: VerifyReport) -> str:
    """Whether the library file is whole, and if not what is wrong, in sentences."""
    said = [*report.problems, *report.notes]
    if not report.problems:
        said.insert(
            0,
            _("The library is whole: {records}.").format(
                records=counted("{count:,} record", "{count:,} records", report.records)
            ),
        )
    return "\n".join(said)


def describe_move(move: Move, *, done: bool = True) -> str:
    """What a folder's move did, or would do where it is not ``done``, in a sentence or two.

    Only why none is located, where nothing is found.
    """
    found = (
        counted("Located {count:,} picture.", "Located {count:,} pictures.", move.found)
        if done
        else counted("{count:,} picture is there.", "{count:,} pictures are there.", move.found)
    )
    absent, different, taken = move.absent, move.different, move.taken
    left = [
        counted("{count:,} file is not there", "{count:,} files are not there", absent),
        counted(
            "{count:,} file there is another one", "{count:,} files there are others", different
        ),
        counted(
            "{count:,} file there has a record of its own",
            "{count:,} files there have records of their own",
            taken,
        ),
    ]
    counts = (absent, different, taken)
    left = [sentence for sentence, count in zip(left, counts, strict=True) if count]
    if not left:
        return found
    told = ", ".join(left)
    if not move.found:
        return _("No picture is located: {reasons}.").format(reasons=told)
    stay = _("Left as they are: {reasons}.").format(reasons=told)
    return f"{found} {stay}"
