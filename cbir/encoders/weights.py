"""The weights on this computer: where they lie, whether they are whole, and how to get them.

Nothing here touches the network except ``download``. Places: the folder that the user named
(``--models``, used as it is), else torch hub's and Hugging Face's own caches, where other programs
find the same files; a download goes to the same place, so that there is no third one to look in.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cbir.encoders.fetch import PATIENCE, Patience, fetch_all, held_bytes
from cbir.encoders.integrity import is_published, looks_whole
from cbir.encoders.part import part_size
from cbir.encoders.published import (
    CLIP_MODEL_FILE,
    CLIP_REPOSITORY,
    CLIP_REVISION,
    RESNET18_FILE,
    WEIGHTS,
    Weights,
    WeightsFile,
)
from cbir.errors import CbirError
from cbir.language import _

__all__ = [
    "WEIGHTS",
    "Weights",
    "WeightsFile",
    "WeightsStatus",
    "download",
    "find_weights",
    "obstacle",
    "partial_bytes",
    "weights_file",
    "weights_folder",
    "weights_status",
]

_CLIP_FOLDER = "clip-vit-base-patch32"


@dataclass(frozen=True, slots=True)
class WeightsStatus:
    """What is on this computer: ``path`` and ``bytes`` of it (None and 0 where missing).

    ``verified``: every published file is there with its published hash; ``not verified``: usable
    files that are others, as a folder that the user named may hold; ``detail`` is a sentence.
    ``partial_bytes``: where a download ended early, how many bytes the next one need not fetch.
    """

    name: str
    state: Literal["verified", "not verified", "damaged", "missing"]
    path: str | None
    bytes: int
    detail: str
    partial_bytes: int = 0


def weights_folder(name: str, models: Path | None) -> Path:
    """The folder in which the files of ``name`` belong, whether it exists or not.

    Without ``models`` the caches' own rules hold: ``TORCH_HOME``, ``HF_HUB_CACHE``, ``HF_HOME`` and
    ``XDG_CACHE_HOME``. Raises CbirError where ``name`` has no weights.
    """
    if name not in WEIGHTS:
        raise CbirError(
            _("There are no weights {name!r}: choose one of {choices}.").format(
                name=name, choices=", ".join(WEIGHTS)
            )
        )
    if models is not None:
        return models if name == "resnet18" else models / _CLIP_FOLDER
    caches = _variable("XDG_CACHE_HOME") or Path(os.path.expanduser("~")) / ".cache"
    if name == "resnet18":
        return (_variable("TORCH_HOME") or caches / "torch") / "hub" / "checkpoints"
    home = _variable("HF_HOME") or caches / "huggingface"
    hub = _variable("HF_HUB_CACHE") or _variable("HUGGINGFACE_HUB_CACHE") or home / "hub"
    repository = f"models--{CLIP_REPOSITORY.replace('/', '--')}"
    return hub / repository / "snapshots" / CLIP_REVISION


def find_weights(name: str, models: Path | None) -> Path | None:
    """The ``.pth`` file of ``resnet18``, the snapshot folder of ``clip``; None where it is lacking.

    Looks at file names only. Raises CbirError where ``name`` has no weights.
    """
    folder = weights_folder(name, models)
    return None if _lacking(name, folder) else _found(name, folder)


def weights_file(name: str, found: Path) -> Path:
    """The file that holds the numbers, given what ``find_weights`` found."""
    return found if name == "resnet18" else found / _numbers(name)


def obstacle(name: str, models: Path | None, *, thorough: bool = False) -> str:
    """Why these weights cannot be used and what to do about it; "" where nothing is in the way.

    Reads little, yet sees a truncated file. ``thorough`` also hashes (see ``file_digest``) files in
    the caches that have the published size: another content is damage there, whereas a folder that
    the user named is used as it is. Raises CbirError where ``name`` has no weights.
    """
    folder = weights_folder(name, models)
    lacking = _lacking(name, folder)
    if lacking and models is not None:
        there = (
            _("it lacks {files}").format(files=", ".join(lacking))
            if folder.is_dir()
            else _("no such folder")
        )
        return _(
            "{folder} does not hold the weights of {title} ({there}): name another folder "
            "with --models, or fetch them into it with `cbir models download {name}`."
        ).format(folder=folder, title=WEIGHTS[name].title, there=there, name=name)
    if lacking:
        megabytes = round(WEIGHTS[name].size / 1_000_000)
        return _(
            "The weights of {title} are not on this computer: get them with `cbir models "
            "download {name}` ({megabytes} MB), or name their folder with --models."
        ).format(title=WEIGHTS[name].title, name=name, megabytes=megabytes)
    damaged = [] if looks_whole(weights_file(name, _found(name, folder))) else [_numbers(name)]
    if thorough and models is None and not damaged:
        damaged = [file.name for file in WEIGHTS[name].files if _is_altered(folder, file)]
    if not damaged:
        return ""
    return _(
        "Damaged or unreadable in {folder}: {files}. Get it again with `cbir models "
        "download {name}`."
    ).format(folder=folder, files=", ".join(damaged), name=name)


def weights_status(name: str, models: Path | None) -> WeightsStatus:
    """Where the weights are and whether they are the published ones.

    Reads a file whole where its size is the published one, once for each version of the file: keep
    it off the main thread. Raises CbirError where ``name`` has no weights.
    """
    found = find_weights(name, models)
    hindrance = obstacle(name, models, thorough=True)
    partial = partial_bytes(name, models)
    if found is None:
        return WeightsStatus(name, "missing", None, 0, hindrance, partial)
    files = {file: weights_folder(name, models) / file.name for file in WEIGHTS[name].files}
    size = sum(path.stat().st_size for path in files.values() if path.is_file())
    if hindrance:
        return WeightsStatus(name, "damaged", str(found), size, hindrance, partial)
    others = [file.name for file, path in files.items() if not is_published(path, file)]
    if not others:
        detail = _("These are the published files.")
        return WeightsStatus(name, "verified", str(found), size, detail, partial)
    detail = _("Used as they are, though not the published files: {files}.").format(
        files=", ".join(others)
    )
    return WeightsStatus(name, "not verified", str(found), size, detail, partial)


def partial_bytes(name: str, models: Path | None) -> int:
    """What is there of a download that ended early, in bytes: whole files and parts; 0 without."""
    folder, files = weights_folder(name, models), WEIGHTS[name].files
    begun = any(part_size(folder / file.name) for file in files)
    return held_bytes(files, folder) if begun else 0


def download(
    name: str,
    models: Path | None,
    progress: Callable[[int, int], None],
    cancelled: Callable[[], bool],
    patience: Patience = PATIENCE,
) -> Path:
    """Fetches the published files into their place, each verified first; returns what was found.

    ``progress(done, total)`` gets bytes; what is there of them is not fetched again. ``cancelled``
    is asked often. Raises DownloadFailed with no file ever half there under its own name, CbirError
    where ``name`` has no weights.
    """
    folder = weights_folder(name, models)
    fetch_all(WEIGHTS[name].files, folder, progress, cancelled, patience)
    return _found(name, folder)


def _found(name: str, folder: Path) -> Path:
    return folder / RESNET18_FILE if name == "resnet18" else folder


def _numbers(name: str) -> str:
    return RESNET18_FILE if name == "resnet18" else CLIP_MODEL_FILE


def _is_altered(folder: Path, file: WeightsFile) -> bool:
    path = folder / file.name
    return path.is_file() and path.stat().st_size == file.size and not is_published(path, file)


def _variable(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(os.path.expandvars(value)).expanduser() if value else None


def _lacking(name: str, folder: Path) -> list[str]:
    """The files without which the weights are not there; the tokenizer comes in two forms."""
    needed = [RESNET18_FILE] if name == "resnet18" else ["config.json", CLIP_MODEL_FILE]
    if name == "clip" and not _has_all(folder, "vocab.json", "merges.txt"):
        needed.append("tokenizer.json")
    return [file for file in needed if not _has_all(folder, file)]


def _has_all(folder: Path, *names: str) -> bool:
    # unlike Path.is_file, this raises for no folder, whatever its permissions
    return all(os.path.isfile(folder / name) for name in names)
