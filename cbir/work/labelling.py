"""Pictures with labels, to evaluate by: named after their folders, or by their tags."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from cbir.errors import CbirError
from cbir.images import FoundFile, find_images
from cbir.language import _
from cbir.library import Library
from cbir.library.membership import Membership
from cbir.records import Record

LabelKind = Literal["folders", "tags"]
LABEL_KINDS: tuple[LabelKind, ...] = ("folders", "tags")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One picture, what it is called, and its record where the library is what tells of it."""

    path: str
    labels: tuple[str, ...]
    record: Record | None = None


def names_of(pictures: Iterable[Labelled]) -> tuple[str, ...]:
    """The labels that occur, sorted."""
    return tuple(sorted({name for picture in pictures for name in picture.labels}))


def members_of(pictures: Sequence[Labelled], names: Sequence[str]) -> Membership:
    """Which pictures have which of the ``names``; both are numbered as they come."""
    numbers = {name: number for number, name in enumerate(names)}
    pairs = [(row, numbers[name]) for row, one in enumerate(pictures) for name in one.labels]
    rows, labels = np.array(pairs, np.int64).reshape(-1, 2).T
    return Membership.of(rows, labels, len(pictures), len(names))


def pictures_on_disk(folder: str) -> list[Labelled]:
    """The pictures below ``folder``'s subfolders, named after these. Raises CbirError."""
    walk = find_images([folder], cross_file_systems=True)  # classes may be links to anywhere
    found = (file.path for file in walk if isinstance(file, FoundFile))
    return _by_folder(folder, [(path, None) for path in found])


def pictures_in_library(library: Library, folder: str, kind: LabelKind) -> list[Labelled]:
    """The library's pictures below ``folder`` ("": the folder around all of them), as labelled.

    Raises CbirError where there are none, or too few of them have labels.
    """
    if not len(library):
        raise CbirError(_("This library is empty: index a folder first."))
    folder = folder or common_folder(library)
    inside = [record for record in library if _is_below(record.path, folder)]
    if kind == "folders" and not folder:
        raise CbirError(
            _(
                "The library's pictures lie on several drives, so no folder holds the classes: "
                "choose one whose subfolders are classes."
            )
        )
    if kind == "folders":
        return _by_folder(folder, [(record.path, record) for record in inside])
    tagged = [Labelled(record.path, record.tags, record) for record in inside if record.tags]
    return _enough(tagged, lambda: _too_few_tags(folder))


def _too_few_tags(folder: str) -> str:
    needed = _("at least two tags are needed, and one of them on two pictures.")
    told = (
        _("Too few pictures of the library below {folder} have tags: {needed}")
        if folder
        else _("Too few pictures of the library have tags: {needed}")
    )
    return told.format(folder=folder, needed=needed)


def common_folder(library: Library) -> str:
    """The deepest folder around all pictures; "" where they lie on several drives, or are none."""
    folders = {os.path.dirname(record.path) for record in library}
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:  # on several drives
        return ""


def knows(library: Library, folder: str) -> bool:
    """Whether the library has pictures below ``folder``."""
    return any(_is_below(record.path, folder) for record in library)


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(os.path.join(folder, ""))


def _by_folder(folder: str, found: Sequence[tuple[str, Record | None]]) -> list[Labelled]:
    labelled = [
        Labelled(path, (name,), record)
        for path, record in found
        if (name := _class_name(path, folder))
    ]
    return _enough(
        labelled,
        lambda: _(
            "{folder} needs at least two subfolders of pictures, one subfolder a class."
        ).format(folder=folder),
    )


def _class_name(path: str, folder: str) -> str:
    """The first folder below ``folder`` on the way to ``path``; empty for files beside them."""
    return os.path.dirname(os.path.relpath(path, folder)).partition(os.sep)[0]


def _enough(pictures: list[Labelled], else_told: Callable[[], str]) -> list[Labelled]:
    """The same pictures; raises CbirError without two labels, or one label on two pictures."""
    names = names_of(pictures)
    if len(names) < 2 or sum(len(picture.labels) for picture in pictures) == len(names):
        raise CbirError(else_told())
    return pictures
