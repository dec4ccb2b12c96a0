"""What workers say to the main thread: one family of frozen messages, shared by both sides.

Everything travels through one outbox, a ``queue.Queue``. A job ends in exactly one terminal event
(``Finished``, ``Failed`` or ``Cancelled``); a ``Call`` asks the main thread to run a function.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Literal

from PIL import Image

Unit = Literal["images", "bytes"]


@dataclass(frozen=True, slots=True)
class Started:
    """A job left its worker's queue and runs."""

    job_id: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, in ``unit``: ``total`` is None while it is not known.

    ``note`` names what is at work, such as the folder.
    """

    job_id: int
    done: int
    total: int | None
    note: str = ""
    skipped: int = 0
    unit: Unit = "images"


@dataclass(frozen=True, slots=True)
class Finished:
    """Terminal: the job's result."""

    job_id: int
    result: Any


@dataclass(frozen=True, slots=True)
class Failed:
    """Terminal: a CbirError is for the user; anything else is a bug, already logged."""

    job_id: int
    error: BaseException


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Terminal: the job was cancelled; ``result`` is what it had done by then, or None."""

    job_id: int
    result: Any = None


@dataclass(frozen=True, slots=True)
class LibraryChanged:
    """The library was changed by a job; ``records`` is how many it holds now."""

    version: int
    records: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the user should know, a sentence: the work goes on, though otherwise."""

    text: str


@dataclass(frozen=True, slots=True)
class FilesChanged:
    """Files or folders of the watched folders came, went or changed: ask to look at them again.

    The next such message comes when that was done: tell it by ``Engine.changes_done``.
    """

    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summoned:
    """Another start asks for this window: to come to the front, and index ``folder`` if any."""

    folder: str | None = None


@dataclass(frozen=True, slots=True)
class ThumbnailReady:
    """A thumbnail asked for: an RGB picture, or None with the reason it cannot be shown."""

    path: str
    size: int
    image: Image.Image | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A function that the main thread must run (a model); its result goes into the future."""

    function: Callable[[], Any]
    future: Future[Any]


Event = (
    Started
    | Progress
    | Finished
    | Failed
    | Cancelled
    | LibraryChanged
    | FilesChanged
    | Notice
    | Summoned
    | ThumbnailReady
)
Message = Event | Call
TERMINAL = (Finished, Failed, Cancelled)
