"""What is said of pictures whose files are gone, before and after their records are removed."""

from __future__ import annotations

from collections.abc import Sequence

from cbir.language import _, counted
from cbir.ui.widgets.text import shown_path
from cbir.work.relocating import LostFolder

_NAMED = 3


def question(folders: Sequence[LostFolder]) -> str:
    """What to know before records are removed: the folders, what goes, and what else may help."""
    lines = [
        _("{path}: {pictures}").format(
            path=shown_path(folder.path),
            pictures=counted("{count:,} picture", "{count:,} pictures", folder.missing),
        )
        for folder in sorted(folders, key=lambda folder: -folder.missing)
    ]
    if len(lines) > _NAMED:
        left = counted(
            "and {count:,} more folder", "and {count:,} more folders", len(lines) - _NAMED
        )
        lines = [*lines[:_NAMED], left]
    paragraphs = [
        _("Their files are gone, below:"),
        "\n".join(lines),
        _("Tags, notes and vectors are removed; Undo brings them back."),
    ]
    if any(folder.nearest != folder.path for folder in folders):
        paragraphs.append(
            _(
                "A whole folder is gone: where it was only moved or renamed, Library → Locate "
                "missing folder… keeps its pictures with all that."
            )
        )
    return "\n\n".join(paragraphs)


def removed(count: int) -> str:
    """What is said once the records are removed."""
    return counted(
        "Removed {count:,} picture, whose file is gone, from the library.",
        "Removed {count:,} pictures, whose files are gone, from the library.",
        count,
    )
