"""What a drive may hold after power loss, as far as POSIX promises anything.

What was written to a file is safe once an fsync of that file has ended; a new, changed or removed
name once an fsync of its folder has. All else may be there or not, in any order, and of a write
some sectors only. One folder is modelled; temporary files only by their names, since their content
never matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from tests.torture.disk import Operation

SECTOR = 512
Names = dict[str, int]
Contents = dict[str, bytes]


@dataclass
class Drive:
    """The files of ``folder``: what is safe, and what is pending, oldest first."""

    folder: Path
    names: Names = field(default_factory=dict)
    safe: dict[int, bytes] = field(default_factory=dict)
    pending_names: list[Operation] = field(default_factory=list)
    pending: dict[int, list[Operation]] = field(default_factory=dict)

    def apply(self, operation: Operation) -> None:
        kind, inode = operation.kind, operation.inode
        if kind in ("write", "truncate"):
            self.pending.setdefault(inode, []).append(operation)
        elif kind == "fsync":
            self.safe[inode] = played(self.safe[inode], self.pending.pop(inode, []))
        elif kind == "fsync-folder":
            if operation.path == self.folder:
                self.names = renamed(self.names, self.pending_names)
                self.pending_names = []
        elif operation.path.parent == self.folder:
            if kind == "create":
                self.safe[inode] = b""
            self.pending_names.append(operation)

    def states(self, thorough: bool) -> Iterator[Contents]:
        """What may be found if the power goes now; some of it more than once."""
        for names in self._folders():
            seen = {name: inode for name, inode in names.items() if not is_temporary(name)}
            temporary = {name: b"half" for name in names if name not in seen}
            doubtful = {inode for inode in seen.values() if self.pending.get(inode)}
            whole = {
                inode: played(self.safe[inode], self.pending.get(inode, ()))
                for inode in seen.values()
            }
            for others in (whole, {**whole, **{inode: self.safe[inode] for inode in doubtful}}):
                yield named(seen, others) | temporary
                for inode in doubtful:
                    for content in torn(self.safe[inode], self.pending[inode], thorough):
                        yield named(seen, {**others, inode: content}) | temporary

    def _folders(self) -> Iterator[Names]:
        """Names as a journaling file system leaves them, in order; or out of order."""
        for count in range(len(self.pending_names) + 1):
            yield renamed(self.names, self.pending_names[:count])
        for at, operation in enumerate(self.pending_names):
            yield renamed(self.names, [operation])
            yield renamed(self.names, [*self.pending_names[:at], *self.pending_names[at + 1 :]])


def is_temporary(name: str) -> bool:
    return name.endswith(".tmp")


def named(names: Names, contents: Mapping[int, bytes]) -> Contents:
    return {name: contents[inode] for name, inode in names.items()}


def renamed(names: Names, operations: list[Operation]) -> Names:
    """The names after these operations."""
    found = dict(names)
    for operation in operations:
        if operation.kind == "remove":
            found.pop(operation.path.name, None)
            continue
        if operation.kind == "rename" and operation.source is not None:
            found.pop(operation.source.name, None)
        found[operation.path.name] = operation.inode
    return found


def played(content: bytes, operations: list[Operation] | tuple[()]) -> bytes:
    """The content after these writes and truncations."""
    held = bytearray(content)
    for operation in operations:
        at = operation.offset
        if operation.kind == "truncate":
            del held[at:]
        held.extend(bytes(max(0, at - len(held))))
        held[at : at + len(operation.data)] = operation.data
    return bytes(held)


def torn(safe: bytes, operations: list[Operation], thorough: bool) -> Iterator[bytes]:
    """What a file may hold of pending operations: some of them, and some of the last of those."""
    last = len(operations) - 1
    # A whole file that was never flushed: not every one of its writes need be the last.
    step = 1 + len(operations) // 12
    for count in {*range(0, len(operations) + 1, step), last, last + 1}:
        yield played(safe, operations[:count])
    for at in {*range(0, len(operations), step), last}:
        yield played(safe, [*operations[:at], *operations[at + 1 :]])
        if thorough or at >= last - 2:
            grounds = [played(safe, operations[:at])]
            if at:
                grounds.append(played(safe, operations[: at - 1]))
            for ground in grounds:
                yield from _torn_write(ground, operations[at], thorough)


def _torn_write(before: bytes, write: Operation, thorough: bool) -> Iterator[bytes]:
    """A piece of one write: its beginning, alone or with zeros behind it, its end, or a hole."""
    if write.kind != "write":
        return
    start, size = write.offset, len(write.data)
    sectors = [at - start for at in range((start // SECTOR + 1) * SECTOR, start + size, SECTOR)]
    cuts = sectors if thorough else sectors[:2] + sectors[-2:]
    grown = max(len(before), start + size)
    zeros = before + bytes(grown - len(before))
    for cut in sorted({0, 1, 12, 24, size // 2, size - 1, *cuts}):
        if cut < size:
            for ground in (before, zeros):
                yield patched(ground, start, write.data[:cut])
            yield patched(zeros, start + cut, write.data[cut:])
    for first, second in pairwise(cuts):
        yield patched(
            patched(zeros, start, write.data[:first]), start + second, write.data[second:]
        )


def patched(content: bytes, at: int, data: bytes) -> bytes:
    """``content`` with ``data`` at a byte, no shorter than it was."""
    grown = bytearray(content)
    if data:
        grown.extend(bytes(max(0, at - len(grown))))
        grown[at : at + len(data)] = data
    return bytes(grown)
