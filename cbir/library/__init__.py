"""The library of a collection: stored durably, searched by LSH and exact k-NN, seen as a map."""

from cbir.library.choices import Choices
from cbir.library.library import Library, Undone
from cbir.library.projection import Projection
from cbir.library.repair import RepairReport, repair
from cbir.library.undo import UserCommand
from cbir.library.verify import VerifyReport, verify

__all__ = [
    "Choices",
    "Library",
    "Projection",
    "RepairReport",
    "Undone",
    "UserCommand",
    "VerifyReport",
    "repair",
    "verify",
]
