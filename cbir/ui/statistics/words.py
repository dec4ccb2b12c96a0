"""What the statistics say, in rows of two columns; as text where they are copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cbir.describe import format_bytes, format_seconds
from cbir.language import _, counted
from cbir.records import SPACE_TITLES, Metric
from cbir.ui.widgets.text import shown, shown_path
from cbir.work.statistics import IndexStatistics, LibraryStatistics, RecallMeasure

Rows = Sequence[tuple[str, str]]

_MOST = 6  # formats and folders that are told by name


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the rows below it."""

    title: str
    rows: Rows


def sections(found: LibraryStatistics, library: str) -> tuple[Section, ...]:
    """A library in words; ``library`` is its file."""
    return (
        Section(_("Pictures"), _pictures(found)),
        Section(_("Indexed folders"), _roots(found)),
        Section(_("Spaces"), _spaces(found)),
        Section(_("Library file"), _files(found, library)),
    )


def as_text(told: Iterable[Section]) -> str:
    """Sections as plain text, a row a line."""
    return "\n\n".join(
        "\n".join([section.title, *(f"  {name}: {value}" for name, value in section.rows)])
        for section in told
    )


def _pictures(found: LibraryStatistics) -> Rows:
    rows = [(_("Pictures"), f"{found.records:,}")]
    if found.missing:
        rows.append((_("Missing"), f"{found.missing:,}"))
    if found.skipped:
        rows.append((_("Skipped files"), f"{found.skipped:,}"))
    rows += [
        (
            _("Size of their files"),
            _("{bytes}, {pixels:,.0f} megapixels").format(
                bytes=format_bytes(found.picture_bytes), pixels=found.megapixels
            ),
        ),
        (_("Formats"), _most(found.formats)),
        (_("Folders"), f"{found.folders:,}"),
        (_("Tagged"), _tagged(found)),
    ]
    if found.taken is not None:
        first, last = found.taken
        rows.append((_("Taken"), f"{first.isoformat()} – {last.isoformat()}"))
    return [(name, value) for name, value in rows if value]


def _tagged(found: LibraryStatistics) -> str:
    if not found.tagged:
        return _("none")
    tags = counted("{count:,} tag", "{count:,} tags", found.tags)
    return _("{count:,}, with {tags}").format(count=found.tagged, tags=tags)


def _most(counts: Sequence[tuple[str, int]]) -> str:
    told = [f"{shown(name)} {count:,}" for name, count in counts[:_MOST]]
    more = len(counts) - _MOST
    return " · ".join([*told, _("{count:,} more").format(count=more)] if more > 0 else told)


def _roots(found: LibraryStatistics) -> Rows:
    rows = [(shown_path(root), f"{count:,}") for root, count in found.roots[:_MOST]]
    more = len(found.roots) - _MOST
    if more > 0:
        rows.append((_("{count:,} more").format(count=more), ""))
    return rows or [(_("None"), "")]


def _spaces(found: LibraryStatistics) -> Rows:
    return [
        (
            SPACE_TITLES[one.space],
            _("{vectors:,} of {total:,} ({share:.0%}), {precision}").format(
                vectors=one.vectors,
                total=found.records,
                share=one.coverage,
                precision=shown(one.precision),
            ),
        )
        for one in found.spaces
    ] or [(_("None"), "")]


def _files(found: LibraryStatistics, library: str) -> Rows:
    return [
        (_("File"), shown_path(library)),
        (_("Size"), format_bytes(found.library_bytes)),
        (_("Journal"), format_bytes(found.journal_bytes)),
        (_("Format"), str(found.format)),
        (_("Undo takes back"), shown(found.undo) or _("nothing")),
    ]


def way(space: str, metric: Metric) -> str:
    """A space and a metric: ``CLIP, cosine``."""
    metrics = {"cosine": _("cosine"), "euclidean": _("Euclidean")}
    return f"{SPACE_TITLES[space]}, {metrics[metric]}"


def index_rows(index: IndexStatistics | None, measured: RecallMeasure | None) -> Rows:
    """How an index is set and how well it finds; None: there is none yet."""
    if index is None:
        return [(_("LSH index"), _("none yet: the first search by a picture makes it"))]
    rows = [
        (
            _("LSH index"),
            _("{tables} of {buckets:,} buckets, along {routes} directions").format(
                tables=counted("{count} table", "{count} tables", index.tables),
                buckets=index.buckets,
                routes=index.routes,
            ),
        ),
        (
            _("In a bucket"),
            _("{median:,.0f} vectors (median), at most {largest:,}").format(
                median=index.median_size, largest=index.largest_size
            ),
        ),
        (
            _("Sketches"),
            _("{bits} bits a vector; {bytes} in memory").format(
                bits=index.bits, bytes=format_bytes(index.bytes)
            ),
        ),
    ]
    if index.recall is not None:
        rows += _effort_rows(index)
    if measured is not None:
        rows.append((_("Measured now"), _measured(index, measured)))
    return rows


def _effort_rows(index: IndexStatistics) -> Rows:
    return [
        (
            _("A search"),
            _(
                "looks into about {probes:,.0f} buckets, at {scanned:,.0f} sketches, "
                "compares {compared:,} vectors ({share:.2g} %)"
            ).format(
                probes=index.probes,
                scanned=index.scanned,
                compared=index.compared,
                share=100 * index.compared / max(index.vectors, 1),
            ),
        ),
        (
            _("Recall@10"),
            _("{recall:.3f} when it was tuned; searches aim at {target:g}").format(
                recall=index.recall, target=index.target
            ),
        ),
    ]


def _measured(index: IndexStatistics, measured: RecallMeasure) -> str:
    point = measured.at(index.target)
    return _(
        "recall@10 {recall:.3f} aiming at {target:g}, in {queries} searches, {seconds} each; "
        "exact {exact}"
    ).format(
        recall=point.recall,
        target=point.target,
        queries=measured.queries,
        seconds=format_seconds(point.seconds or 0.0),
        exact=format_seconds(measured.exact_seconds),
    )
