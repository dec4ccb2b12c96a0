"""What the window needs to know of a library at a glance: asked on a worker, plain data comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cbir.encoders.registry import availability
from cbir.encoders.removal import RemovedWeights
from cbir.encoders.weights import WEIGHTS, WeightsStatus
from cbir.language import retold
from cbir.library import Choices, Library, RepairReport, Undone, UserCommand, VerifyReport
from cbir.records import SPACES, Record, SkippedFile

__all__ = [
    "Choices",
    "LibraryFacts",
    "RecordFacts",
    "RemovedWeights",
    "RepairReport",
    "SpaceFacts",
    "Undone",
    "UserCommand",
    "VerifyReport",
    "WeightsOffer",
    "WeightsStatus",
    "filter_choices",
    "library_facts",
    "record_facts",
    "weights_offered",
]


@dataclass(frozen=True, slots=True)
class SpaceFacts:
    """One space: how many vectors are held, whether its encoder can be used, and if not, why."""

    space: str
    vectors: int = 0
    available: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LibraryFacts:
    """A library at a glance; ``version`` tells whether anything changed since.

    ``notice``: what is not as it should be with its files. ``undoable``: the command that Undo
    takes back.
    """

    version: int = -1
    records: int = 0
    missing: int = 0
    read_only: bool = False
    read_only_reason: str = ""
    notice: str = ""
    undoable: str = ""
    roots: tuple[str, ...] = ()
    skipped: tuple[SkippedFile, ...] = ()
    spaces: tuple[SpaceFacts, ...] = tuple(SpaceFacts(space) for space in SPACES)

    def space(self, name: str) -> SpaceFacts:
        """The facts of one space of ``SPACES``."""
        return next(facts for facts in self.spaces if facts.space == name)

    @property
    def default_space(self) -> str:
        """Where pictures are compared unless told: resnet18 where it can be, else classic."""
        resnet = self.space("resnet18")
        return "resnet18" if resnet.vectors and resnet.available else "classic"


def library_facts(library: Library, models: Path | None) -> LibraryFacts:
    """The facts of ``library`` now; ``models`` is the folder of weights that the user named."""
    held = library.spaces()
    spaces = []
    for space in SPACES:
        usable = availability(space, models)
        vectors = held[space].vectors if space in held else 0
        spaces.append(SpaceFacts(space, vectors, usable.available, usable.reason))
    return LibraryFacts(
        version=library.version,
        records=len(library),
        missing=library.missing,
        read_only=library.read_only,
        read_only_reason=library.read_only_reason,
        notice=library.notice,
        undoable=retold(library.undoable),
        roots=tuple(library.roots),
        skipped=tuple(library.skipped),
        spaces=tuple(spaces),
    )


def filter_choices(library: Library) -> Choices:
    """What there is to choose from in a filter now; cheap where nothing changed since."""
    return library.choices()


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What is known of a record beside itself.

    ``spaces`` tells for each space whether it holds the record's vector; ``copies`` are the other
    records of the same content.
    """

    spaces: Mapping[str, bool]
    copies: tuple[Record, ...] = ()


def record_facts(library: Library, record: Record) -> RecordFacts:
    """The facts of ``record`` now."""
    spaces = {space: library.vector(record.id, space) is not None for space in SPACES}
    equal = library.find_digest(record.file.digest)
    return RecordFacts(spaces, tuple(other for other in equal if other.id != record.id))


@dataclass(frozen=True, slots=True)
class WeightsOffer:
    """Weights that can be downloaded: the space, its title, what they are for, how many bytes."""

    name: str
    title: str
    purpose: str
    license: str
    bytes: int


def weights_offered() -> tuple[WeightsOffer, ...]:
    """All weights that there are to download."""
    return tuple(
        WeightsOffer(name, weights.title, weights.purpose, weights.license, weights.size)
        for name, weights in WEIGHTS.items()
    )
