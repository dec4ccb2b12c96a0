"""Removing weights from this computer: the published files by their names, and nothing else."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cbir.encoders.part import part_of, sole_writer
from cbir.encoders.weights import WEIGHTS, weights_folder
from cbir.errors import CbirError
from cbir.language import _


@dataclass(frozen=True, slots=True)
class RemovedWeights:
    """What was removed: the names of the files in ``folder``, and how many ``bytes`` that freed.

    A file that others still hold (a link's target elsewhere, a blob of another snapshot) frees
    nothing.
    """

    name: str
    folder: str
    files: tuple[str, ...]
    bytes: int


def remove_weights(name: str, models: Path | None) -> RemovedWeights:
    """Removes the published files of ``name``, and their parts, from where they are downloaded to.

    In Hugging Face's cache a file of a snapshot is a link to a blob, which goes too unless another
    snapshot links to it. Folders left empty go, but for one that the user named. Raises CbirError
    where none of the files is there, one is being downloaded or cannot be removed, or ``name`` has
    no weights.
    """
    folder = weights_folder(name, models)
    targets = [folder / file.name for file in WEIGHTS[name].files]
    if not any(os.path.lexists(path) for path in _all_of(targets)):
        raise CbirError(
            _("There is nothing to remove: {folder} holds no weights of {title}.").format(
                folder=folder, title=WEIGHTS[name].title
            )
        )
    removed: list[str] = []
    freed = 0
    for target in targets:
        with sole_writer(target):
            for path in _all_of([target]):
                if os.path.lexists(path):
                    freed += _remove(path)
                    removed.append(path.name)
    _remove_empty(name, folder, models)
    return RemovedWeights(name, str(folder), tuple(removed), freed)


def _all_of(targets: list[Path]) -> Iterator[Path]:
    for target in targets:
        yield target
        yield part_of(target)


def _remove(path: Path) -> int:
    """Removes one file; how many bytes that freed."""
    try:
        blob = _own_blob(path)
        freed = sum(_sole_size(file) for file in (path, blob) if file is not None)
        path.unlink()
        if blob is not None:
            blob.unlink()
    except OSError as error:
        raise CbirError(
            _(
                "{path} cannot be removed ({reason}): see that no other program uses it and "
                "that its folder may be written."
            ).format(path=path, reason=error.strerror)
        ) from error
    return freed


def _sole_size(path: Path) -> int:
    """The bytes that removing this name frees: none for a link, nor for one name of several."""
    seen = path.lstat()
    return 0 if path.is_symlink() or seen.st_nlink > 1 else seen.st_size


def _own_blob(path: Path) -> Path | None:
    """The blob in Hugging Face's cache to which this snapshot alone links; None otherwise."""
    if not path.is_symlink():
        return None
    repository = path.parent.resolve().parent.parent
    blob = path.resolve()
    if blob.parent != repository / "blobs" or not blob.is_file():
        return None
    links = (link for link in (repository / "snapshots").rglob("*") if link.is_symlink())
    users = [link for link in links if link.resolve() == blob]
    return blob if len(users) == 1 else None


def _remove_empty(name: str, folder: Path, models: Path | None) -> None:
    """Folders that only these weights were in: the snapshot, and in the cache what is around it."""
    if name == "resnet18":  # a folder of the user's, or of all that torch hub holds
        return
    emptied = [folder] if models is not None else [folder, *folder.parents[:2]]
    with contextlib.suppress(OSError):  # the first that is not empty stays, and those around it
        for path in emptied:
            path.rmdir()
