"""Find pictures by what is in them: content-based image retrieval.

``Library`` and ``open_encoder`` are enough to index and search from a notebook. They are loaded on
first use, so that ``import cbir`` stays fast and imports no torch.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cbir.encoders import open_encoder
    from cbir.errors import CbirError
    from cbir.images import load_image
    from cbir.library import Library
    from cbir.records import Embeddings, Query

__version__ = "0.1.0"
__all__ = ["CbirError", "Embeddings", "Library", "Query", "load_image", "open_encoder"]

_HOMES = {
    "CbirError": "cbir.errors",
    "Embeddings": "cbir.records",
    "Library": "cbir.library",
    "Query": "cbir.records",
    "load_image": "cbir.images",
    "open_encoder": "cbir.encoders",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
