"""Child processes that speak in lines, for the tests of this folder."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

_ROOT = Path(__file__).parents[2]
PATIENCE = 60.0

_saying = threading.Lock()


def say(line: str) -> None:
    """In a child: one line to the parent, whole, at once, also from several threads."""
    with _saying:
        os.write(1, f"{line}\n".encode())


class Child:
    """A running module of this folder; ``with`` kills it in the end."""

    def __init__(self, module: str, *arguments: str, given: bytes = b"") -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"tests.torture.{module}", *arguments],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
        )
        self._unread = b""
        self._ended = False
        if given:
            self.tell(given)

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()

    def tell(self, data: bytes) -> None:
        """Write to its standard input."""
        assert self._process.stdin is not None
        view = memoryview(data)
        while view:
            view = view[self._process.stdin.write(view) or 0 :]

    def line(self) -> str:
        """Its next line; raises AssertionError, with what it said last, where none comes."""
        line = self._line()
        if line is None:
            raise AssertionError(f"the child ended by itself:\n{self._complaint()}")
        return line

    def _line(self) -> str | None:
        assert self._process.stdout is not None
        fd = self._process.stdout.fileno()
        deadline = time.monotonic() + PATIENCE
        while b"\n" not in self._unread:
            ready, _, _ = select.select([fd], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise AssertionError(f"the child said nothing for {PATIENCE:g} s")
            data = os.read(fd, 1 << 16)
            if not data:
                self._ended = True
                return None
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        return line.decode()

    def kill(self) -> list[str]:
        """Kill it at once, if it still runs; the lines that it said and nobody read."""
        said = []
        self._process.kill()
        if not self._ended:
            while (line := self._line()) is not None:
                said.append(line)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                pipe.close()
        self._ended = True
        return said

    def _complaint(self) -> str:
        assert self._process.stderr is not None
        return (self._process.stderr.read() or b"").decode(errors="replace")
