"""What is said of groups of duplicates: a summary, why there are none, what trashing means."""

from __future__ import annotations

from collections.abc import Sequence

from cbir.language import _, counted
from cbir.records import SPACE_TITLES, Record
from cbir.ui.widgets.text import file_size
from cbir.work.duplicates import Duplicates


def summary_of(found: Duplicates) -> str:
    """``12 groups · 20 copies beside the best · 34 MB · by Classic vectors``."""
    how = (
        _("by their bytes")
        if found.space is None
        else _("by {space} vectors").format(space=SPACE_TITLES[found.space])
    )
    parts = (
        counted("{count:,} group", "{count:,} groups", len(found.groups)),
        counted("{count:,} copy", "{count:,} copies", found.copies),
        file_size(found.bytes),
        how,
    )
    return " · ".join(parts)


def nothing_found(found: Duplicates) -> str:
    """Why there are no groups, and what to do."""
    if not found.total:
        return _("This library is empty: index a folder first.")
    among = counted("the {count:,} picture", "the {count:,} pictures", found.total)
    told = _("No duplicates were found among {pictures} of this library at this level.")
    looser = "" if found.level == "alike" else _(" A looser level may find some.")
    return told.format(pictures=among) + looser


def trash_question(records: Sequence[Record], emptied: int) -> str:
    """What the question before the trash says."""
    size = file_size(sum(record.file.size for record in records if not record.missing))
    parts = []
    if emptied:
        parts.append(
            counted(
                "Nothing would be left of {count:,} group: every picture in it is ticked, the "
                "best one too.",
                "Nothing would be left of {count:,} groups: every picture in them is ticked, the "
                "best ones too.",
                emptied,
            )
        )
    told = counted(
        "It takes {size}. The library forgets it, with tags and note. Undo brings those back; "
        "the file itself comes back from your system's trash.",
        "They take {size}. The library forgets them, with tags and notes. Undo brings those back; "
        "the files themselves come back from your system's trash.",
        len(records),
        size=size,
    )
    return "\n\n".join([*parts, told])
