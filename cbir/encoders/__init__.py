"""Pixels and words into vectors. Importing this package imports no torch."""

from cbir.encoders.base import Encoder, TextEncoder
from cbir.encoders.registry import (
    Availability,
    availability,
    available_spaces,
    open_encoder,
    preload,
)

__all__ = [
    "Availability",
    "Encoder",
    "TextEncoder",
    "availability",
    "available_spaces",
    "open_encoder",
    "preload",
]
