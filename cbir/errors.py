"""Errors meant for the user: each message is a sentence that says what happened and what to do.

The window and the command line show these as they are, without a traceback. Any other exception is
a bug: it is logged with its traceback and the program goes on.
"""

from __future__ import annotations

from cbir.language import _, retold


class CbirError(Exception):
    """Base of all errors whose message is shown to the user."""


class UnreadableImage(CbirError):
    """A file cannot be used as a picture; ``reason`` is a short phrase such as ``not an image``.

    The reason is as ``cbir.language.kept`` has it: ``retold`` translates it.
    ``lasting``: it lies in the file's content, so trying again is no use until the file changes;
    otherwise in passing circumstances (no permission, an unplugged drive, too little memory).
    """

    def __init__(self, path: str, reason: str, *, lasting: bool = True) -> None:
        super().__init__(
            _("{path} cannot be used as a picture: {reason}.").format(
                path=path, reason=retold(reason)
            )
        )
        self.path = path
        self.reason = reason
        self.lasting = lasting


class InvalidQuery(CbirError):
    """The search asked for cannot be made: an empty text, words in a space without words, k < 1."""


class SpaceEmpty(CbirError):
    """The library holds no vectors of the space that was asked for."""

    def __init__(self, space: str, message: str) -> None:
        super().__init__(message)
        self.space = space


class SpaceUnavailable(CbirError):
    """An encoder's weights are not on this computer; the message says how to get them."""

    def __init__(self, space: str, message: str) -> None:
        super().__init__(message)
        self.space = space


class WeightsDamaged(CbirError):
    """A weights file is not what it should be: wrong size, wrong hash, or wrong content."""


class DownloadFailed(CbirError):
    """Weights could not be downloaded; what was there before is unchanged."""


class VectorsIncompatible(CbirError):
    """Vectors of other weights or preprocessing than those the library holds in that space."""


class RecordNotFound(CbirError):
    """No record has the id or path asked for."""


class NothingToUndo(CbirError):
    """There is no command of the user that could be taken back."""


class LibraryDamaged(CbirError):
    """A library file is not whole, or not a library at all."""


class OtherFile(LibraryDamaged):
    """What should be a library is another kind of file: there is nothing in it to be saved."""


class NothingToRepair(CbirError):
    """The library is whole."""


class LibraryTooNew(CbirError):
    """A library file was written by a newer version of the program."""


class LibraryReadOnly(CbirError):
    """The library is open for reading only, because another process writes it or by wish."""


class LibraryUnwritable(CbirError):
    """A change could not be written (disk full, no permission); the old state is intact."""
