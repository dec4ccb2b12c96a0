"""Stand-ins for ``files.DISK``: one that records every operation in order, one that fails.

Neither flushes anything to a real drive, so that they are fast: what power loss leaves is worked
out from the record (``test_power_loss``), and nothing here outlives the machine anyway.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from cbir.library import files


@dataclass(frozen=True)
class Operation:
    """One operation that was done.

    ``kind``: make-folder, create, open, read, write, truncate, fsync, rename, link, remove,
    fsync-folder. ``path`` is what it was done to (the new name of a rename or a link), ``source``
    the old name of those; ``inode`` tells files apart whatever they are called. ``offset`` is where
    a write begins, or the size that a truncate leaves.
    """

    kind: str
    path: Path
    inode: int = 0
    source: Path | None = None
    offset: int = 0
    data: bytes = b""


class WatchedDisk(files.Disk):
    """Does what ``Disk`` does, and tells of every operation before and after it.

    ``existing`` are files that are there already, as inodes 1 and so on.
    """

    def __init__(self, existing: tuple[Path, ...] = ()) -> None:
        self.inodes: dict[Path, int] = {path: at for at, path in enumerate(existing, 1)}
        self._last = len(existing)

    def begin(self, kind: str, path: Path, size: int) -> int:
        """Before an operation; may raise OSError. Of how many of ``size`` bytes a write is done."""
        return size

    def done(self, operation: Operation) -> None:
        """After an operation."""

    def make_folder(self, folder: Path) -> None:
        if not folder.is_dir():
            self.begin("make-folder", folder, 0)
            self.done(Operation("make-folder", folder))
        super().make_folder(folder)

    def create_beside(self, target: Path) -> tuple[io.FileIO, Path]:
        self.begin("create", target, 0)
        raw, path = super().create_beside(target)
        with raw:
            fd = os.dup(raw.fileno())
        self._last += 1
        self.inodes[path] = self._last
        self.done(Operation("create", path, self._last))
        return WatchedFile(fd, self, path, self._last), path

    def open(self, path: Path) -> io.FileIO:
        self.begin("open", path, 0)
        with super().open(path) as raw:
            fd = os.dup(raw.fileno())
        inode = self.inodes.get(path)
        if inode is None:
            self._last += 1
            inode = self.inodes[path] = self._last
        self.done(Operation("open", path, inode))
        return WatchedFile(fd, self, path, inode)

    def flush(self, file: IO[bytes] | io.FileIO) -> None:
        raw = file if isinstance(file, io.FileIO) else getattr(file, "raw", None)
        assert isinstance(raw, WatchedFile), f"{file} was not opened through the disk"
        assert isinstance(file, io.FileIO) or file.tell() >= 0, "it is closed"
        self.begin("fsync", raw.path, 0)
        self.done(Operation("fsync", raw.path, raw.inode))

    def flush_folder(self, folder: Path) -> None:
        self.begin("fsync-folder", folder, 0)
        if not folder.is_dir():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
        self.done(Operation("fsync-folder", folder))

    def replace(self, source: Path, target: Path) -> None:
        self.begin("rename", target, 0)
        super().replace(source, target)
        self.inodes[target] = self.inodes.pop(source)
        self.done(Operation("rename", target, self.inodes[target], source))

    def link(self, source: Path, name: Path) -> None:
        self.begin("link", name, 0)
        super().link(source, name)
        if source in self.inodes:
            self.inodes[name] = self.inodes[source]
        self.done(Operation("link", name, self.inodes.get(name, 0), source))

    def remove(self, path: Path) -> None:
        self.begin("remove", path, 0)
        super().remove(path)
        self.inodes.pop(path, None)
        self.done(Operation("remove", path))


class WatchedFile(io.FileIO):
    """A file whose writes and truncations are told to a disk."""

    def __init__(self, fd: int, disk: WatchedDisk, path: Path, inode: int) -> None:
        super().__init__(fd, "r+b")
        self.path = path
        self.inode = inode
        self._disk = disk

    def read(self, size: int | None = -1, /) -> Any:
        self._disk.begin("read", self.path, 0)
        found = super().read(-1 if size is None else size)
        self._disk.done(Operation("read", self.path, self.inode))
        return found

    def write(self, data: Any, /) -> int:
        content = bytes(data)
        wanted = self._disk.begin("write", self.path, len(content))
        offset = self.tell()
        count = super().write(content[:wanted])
        self._disk.done(
            Operation("write", self.path, self.inode, offset=offset, data=content[:count])
        )
        return count

    def truncate(self, size: int | None = None, /) -> int:
        self._disk.begin("truncate", self.path, 0)
        size = super().truncate(size)
        self._disk.done(Operation("truncate", self.path, self.inode, offset=size))
        return size


class RecordingDisk(WatchedDisk):
    """``log`` holds every operation that changed something, in order."""

    def __init__(self, existing: tuple[Path, ...] = ()) -> None:
        super().__init__(existing)
        self.log: list[Operation] = []

    def done(self, operation: Operation) -> None:
        if operation.kind not in ("open", "read"):
            self.log.append(operation)


@dataclass(frozen=True)
class Fault:
    """What goes wrong at the operation ``at``, counted from 0, and in what way.

    ``lasting``: so does every later one of the same ``kinds``, until the disk is healed; empty
    ``kinds`` are all. ``short``: it is a write of which half is done; the next operation fails.
    """

    at: int
    error: int
    lasting: bool = False
    short: bool = False
    kinds: tuple[str, ...] = ()

    def __str__(self) -> str:
        ways = " short" * self.short + " lasting" * self.lasting
        return f"{errno.errorcode[self.error]} at {self.at}{ways} {','.join(self.kinds)}".strip()


@dataclass(frozen=True)
class Attempt:
    """An operation that was begun."""

    kind: str
    path: Path


class FailingDisk(WatchedDisk):
    """Goes wrong as ``fault`` says.

    ``attempts``: all operations that were begun; ``failed``: those that failed; ``log``: those that
    changed something. What was to be flushed when it failed is pending still.
    """

    def __init__(self, fault: Fault | None = None, existing: tuple[Path, ...] = ()) -> None:
        super().__init__(existing)
        self.fault = fault
        self.log: list[Operation] = []
        self.attempts: list[Attempt] = []
        self.failed: list[Attempt] = []

    def done(self, operation: Operation) -> None:
        if operation.kind not in ("open", "read"):
            self.log.append(operation)

    def heal(self) -> None:
        """Nothing fails from now on."""
        self.fault = None

    def begin(self, kind: str, path: Path, size: int) -> int:
        at = len(self.attempts)
        self.attempts.append(Attempt(kind, path))
        fault = self.fault
        if fault is None or at < fault.at or (fault.kinds and kind not in fault.kinds):
            return size
        if fault.short and at == fault.at and size > 1:
            return size // 2
        if at > fault.at + fault.short and not fault.lasting:
            return size
        self.failed.append(self.attempts[-1])
        raise OSError(fault.error, os.strerror(fault.error), str(path))


@dataclass
class Complaints:
    """What Python could not raise: errors in destructors, files that nobody closed."""

    found: list[str] = field(default_factory=list)

    def hook(self) -> Callable[[Any], None]:
        """For ``sys.unraisablehook``."""
        return lambda args: self.found.append(f"{args.err_msg} {args.object!r}: {args.exc_value!r}")
