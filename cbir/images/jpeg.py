"""What must be known of a JPEG before it is given to a decoder."""

from __future__ import annotations

MOST_SCANS = 100
"""More than any camera or optimiser writes: about 10 are usual, 64 the most in earnest."""

_START_OF_SCAN = b"\xff\xda"
_PROGRESSIVE, _SCAN = 0xC2, 0xDA
_ONE_SCAN = frozenset({0xC0, 0xC1})


def has_many_scans(data: bytes) -> bool:
    """Whether a JPEG may be drawn more than ``MOST_SCANS`` times over.

    Each further scan costs 30 bytes in the file and may cost a pass over the whole picture, so
    that a megabyte can take minutes. Only JPEGs of several scans are looked through.
    """
    return _may_have_several(data) and data.count(_START_OF_SCAN) > MOST_SCANS


def _may_have_several(data: bytes) -> bool:
    """Whether a JPEG's headers do not say that all of it lies in its first scan."""
    at, components = 2, 0
    while data[at : at + 1] == b"\xff" and at + 10 <= len(data):
        marker = data[at + 1]
        if marker in _ONE_SCAN:
            components = data[at + 9]
        elif marker == _SCAN:
            return data[at + 4] != components
        elif marker == _PROGRESSIVE:
            return True
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return True
