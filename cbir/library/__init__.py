"""The library of a collection: stored durably, searched by LSH and exact k-NN, seen as a map."""

from cbir.library.library import Library
from cbir.library.projection import Projection
from cbir.library.verify import VerifyReport, verify

__all__ = ["Library", "Projection", "VerifyReport", "verify"]
