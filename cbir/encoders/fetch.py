"""Downloading published files: resumed where they broke off, verified before they get their name.

A file is received into its part (``part``), which stays when a download ends early, and is renamed
only when its SHA-256 is the published one. Passing trouble is tried again a few times.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cbir.encoders.integrity import has_content, is_published
from cbir.encoders.part import part_of, part_size, sole_writer
from cbir.encoders.published import WeightsFile
from cbir.encoders.transfer import transfer
from cbir.encoders.trouble import RangeRefused, Trouble, not_the_file
from cbir.errors import DownloadFailed
from cbir.language import _

_TOLD_EACH = 1 << 15  # bytes; every packet would be a flood
_WORTH = 1 << 20  # bytes; a try that brought as many was none in vain
_NAP = 0.05  # seconds

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long trouble is put up with; all times in seconds.

    ``silence`` without a byte ends a try. Of ``tries`` in vain, the second comes after ``pause``,
    each later one after twice the time; a server that asks to wait ``longest`` at most gets it.
    """

    silence: float = 20.0
    tries: int = 4
    pause: float = 1.0
    longest: float = 30.0


PATIENCE = Patience()


def held_bytes(files: Sequence[WeightsFile], folder: Path) -> int:
    """How many bytes of the files need not be fetched again: whole ones, and parts."""
    return sum(_held(file, folder / file.name) for file in files)


def _held(file: WeightsFile, target: Path) -> int:
    return file.size if is_published(target, file) else min(part_size(target), file.size)


def fetch_all(
    files: Sequence[WeightsFile],
    folder: Path,
    progress: Progress,
    cancelled: Callable[[], bool],
    patience: Patience = PATIENCE,
) -> None:
    """Brings the files into ``folder``, in order; those there as published are left alone.

    ``progress(done, total)`` gets bytes over all files. Raises DownloadFailed; what has arrived by
    then is kept, unless it cannot be the file, and the next download goes on from there.
    """
    total = sum(file.size for file in files)
    held = held_bytes(files, folder)
    progress(held, total)
    wanted = [file for file in files if not is_published(folder / file.name, file)]
    done = total - sum(file.size for file in wanted)
    if wanted:
        _make_room(folder, total - held)
    for file in wanted:
        start = done

        def tell(received: int, start: int = start) -> None:
            progress(start + received, total)

        _Fetch(file, folder, tell, cancelled, patience).run()
        done += file.size


def _make_room(folder: Path, needed: int) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise DownloadFailed(_disk_sentence(error, folder)) from error
    if free < needed:
        raise DownloadFailed(
            _(
                "There is no room in {folder}: {needed:,.0f} MB are needed and {free:,.0f} MB "
                "free. Make room, or name another folder with --models."
            ).format(folder=folder, needed=needed / 1e6, free=free / 1e6)
        )


class _Fetch:
    """One file on its way into its place."""

    def __init__(
        self,
        file: WeightsFile,
        folder: Path,
        tell: Callable[[int], None],
        cancelled: Callable[[], bool],
        patience: Patience,
    ) -> None:
        self._file = file
        self._target = folder / file.name
        self._part = part_of(self._target)
        self._tell = tell
        self._cancelled = cancelled
        self._patience = patience

    def run(self) -> None:
        with sole_writer(self._target), self._explained():
            if is_published(self._target, self._file):  # another program was quicker
                return
            if part_size(self._target) >= self._file.size and not self._is_whole():
                self._part.unlink()
            if part_size(self._target) < self._file.size:
                self._try_often()
            if not self._is_whole():
                raise not_the_file(self._file.name, _("its SHA-256 is another"), spoilt=True)
            self._part.replace(self._target)

    def _is_whole(self) -> bool:
        return has_content(self._part, self._file)

    def _try_often(self) -> None:
        """Receive the file; what is in vain is counted, what brings it on is not."""
        vain = 0
        while True:
            had = part_size(self._target)
            self._stop_if_cancelled()
            try:
                self._receive()
            except Trouble as trouble:
                vain = vain + 1 if part_size(self._target) < had + _WORTH else 1
                if not self._is_worth_another_try(trouble, vain):
                    raise
                self._wait(max(trouble.wait, self._patience.pause * 2 ** (vain - 1)))
            else:
                return

    def _is_worth_another_try(self, trouble: Trouble, vain: int) -> bool:
        patience = self._patience
        return trouble.passing and vain < patience.tries and trouble.wait <= patience.longest

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._stop_if_cancelled()
            time.sleep(min(left, _NAP))

    def _stop_if_cancelled(self) -> None:
        if self._cancelled():
            raise Trouble(_("The download of {name} was cancelled.").format(name=self._file.name))

    def _receive(self) -> None:
        """The rest of the file, or the whole of it where the server cannot send the rest."""
        try:
            self._receive_from(part_size(self._target))
        except RangeRefused:
            try:
                self._receive_from(0)
            except RangeRefused as error:
                raise not_the_file(self._file.name, _("it is only a piece of it")) from error

    def _receive_from(self, start: int) -> None:
        with (
            transfer(self._file, start, self._patience.silence) as (begin, blocks),
            self._part.open("ab") as stream,
        ):
            stream.truncate(begin)
            received = self._write(blocks, stream.write, begin)
            stream.flush()
            os.fsync(stream.fileno())
        if received < self._file.size:
            raise Trouble(
                _(
                    "The download of {name} broke off after {received}: check the network "
                    "connection and try again."
                ).format(name=self._file.name, received=_megabytes(received, self._file.size)),
                passing=True,
            )

    def _write(self, blocks: Iterator[bytes], write: Callable[[bytes], int], begin: int) -> int:
        """Writes blocks as they come; how many bytes of the file are there then."""
        received = told = begin
        self._tell(received)
        for block in blocks:
            self._stop_if_cancelled()
            received += len(block)
            if received > self._file.size:
                raise not_the_file(self._file.name, _("it is too long"), spoilt=True)
            write(block)
            if received >= told + _TOLD_EACH or received == self._file.size:
                told = received
                self._tell(received)
        return received

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turns what networks and disks raise into DownloadFailed, and says what is kept."""
        try:
            yield
        except Trouble as trouble:
            if trouble.spoilt:
                self._part.unlink(missing_ok=True)
            raise DownloadFailed(f"{trouble}{self._kept()}") from trouble
        except OSError as error:
            sentence = _disk_sentence(error, self._target.parent)
            raise DownloadFailed(f"{sentence}{self._kept()}") from error

    def _kept(self) -> str:
        held = part_size(self._target)
        if not held:
            return ""
        kept = _("{held} are kept: starting again goes on from there.")
        return f" {kept.format(held=_megabytes(held, self._file.size))}"


def _megabytes(done: int, total: int) -> str:
    return _("{done:,.1f} of {total:,.1f} MB").format(done=done / 1e6, total=total / 1e6)


def _disk_sentence(error: OSError, folder: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _(
            "There is no room left in {folder}: make room, or name another with --models."
        ).format(folder=folder)
    return _("{folder} cannot be written ({strerror}): name another folder with --models.").format(
        folder=folder, strerror=error.strerror
    )
