"""Which encoders there are, which of them can be used here, and how to open one.

Nothing here imports torch until an encoder that needs it is asked for.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from cbir.config import DEVICES
from cbir.encoders.base import Encoder
from cbir.encoders.classic import ClassicEncoder
from cbir.encoders.integrity import file_digest
from cbir.encoders.weights import WEIGHTS, find_weights, obstacle, weights_file
from cbir.errors import CbirError, SpaceUnavailable, WeightsDamaged
from cbir.language import _
from cbir.records import SPACES

_MODULES = {"resnet18": "cbir.encoders.resnet", "clip": "cbir.encoders.clip"}


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a space's encoder can be opened; if not, ``reason`` says why and what to do."""

    space: str
    available: bool
    reason: str


def availability(space: str, models: Path | None) -> Availability:
    """Looks whether ``space`` can be used, without loading or hashing anything.

    ``models`` is the folder of weights that the user named, or None for the usual caches. Raises
    CbirError for a space that does not exist.
    """
    _check_space(space)
    reason = obstacle(space, models) if space in WEIGHTS else ""
    return Availability(space, not reason, reason)


def available_spaces(models: Path | None) -> tuple[str, ...]:
    """The spaces that can be used here, in the order of ``SPACES``; ``classic`` always."""
    return tuple(space for space in SPACES if availability(space, models).available)


def preload(space: str, models: Path | None = None) -> None:
    """Imports what the encoder needs (seconds, for torch) and hashes its weights; builds no model.

    Meant for a worker: afterwards ``open_encoder`` holds up the main thread for less time. Raises
    CbirError for a space that does not exist.
    """
    _check_space(space)
    if space not in _MODULES:
        return
    found = find_weights(space, models)
    if found is not None and not obstacle(space, models):
        file_digest(weights_file(space, found))
    _import(space).load_libraries()


def open_encoder(
    name: str,
    models: Path | str | os.PathLike[str] | None = None,
    device: str = "auto",
    threads: int = 0,
) -> Encoder:
    """The encoder of the space ``name``, ready to use; on the main thread where torch is needed.

    ``models``: the folder of weights, or None for torch hub's and Hugging Face's caches; nothing
    is downloaded. ``device``: ``auto`` takes cuda, then mps, then cpu. ``threads``: so many
    compute on the CPU, 0 for as many as torch thinks right. Raises SpaceUnavailable
    without the weights, WeightsDamaged where they cannot be what they should be, and CbirError for
    an unknown space or a device that is not there.
    """
    _check_space(name)
    if device not in DEVICES:
        raise CbirError(
            _("There is no device {device!r}: choose one of {choices}.").format(
                device=device, choices=", ".join(DEVICES)
            )
        )
    if name == "classic":
        return ClassicEncoder()
    folder = None if models is None else Path(models).expanduser()
    found = find_weights(name, folder)
    reason = obstacle(name, folder, thorough=True)
    if found is None:
        raise SpaceUnavailable(name, reason)
    if reason:
        raise WeightsDamaged(reason)
    encoder: Encoder = _import(name).open_encoder(found, device)
    if threads:
        import_module("torch").set_num_threads(threads)
    return encoder


def _import(space: str) -> ModuleType:
    """The module of an encoder that needs torch.

    OpenMP reads its settings as torch is imported. By default its threads spin for milliseconds
    while they wait for one another; where another program or the window wants a core, a picture
    then takes many times as long. Measured on two cores, with two other threads at work: 1,800 ms
    and not 40; 135 ms where the threads soon sleep, which alone costs them 1 to 4 ms.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")
    return import_module(_MODULES[space])


def _check_space(name: str) -> None:
    if name not in SPACES:
        raise CbirError(
            _("There is no space {name!r}: choose one of {choices}.").format(
                name=name, choices=", ".join(SPACES)
            )
        )
