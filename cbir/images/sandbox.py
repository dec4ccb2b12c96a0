"""Decoding in processes of their own: what hangs, crashes or eats memory there ends there."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO

from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images.budget import Budget
from cbir.images.decode import Bounds, Decoded
from cbir.images.files import FoundFile
from cbir.images.limits import START_OPTIONS, enlarge_pipe
from cbir.images.metadata import Metadata, from_json
from cbir.images.protocol import (
    ADMIT,
    DONE,
    GO,
    NO_MEMORY,
    READY,
    TOLD,
    ProtocolError,
    Reply,
    Request,
    read_reply,
    send_request,
)
from cbir.language import kept

COMMAND = (sys.executable, "-m", "cbir.images.decoder_process")
"""What starts a decoding process."""

SECONDS = 20.0
"""How long a small file may take; larger ones get a second more for every ``BYTES_A_SECOND``."""

BYTES_A_SECOND = 4_000_000

MEMORY = 1536 << 20
"""What a decoding process may take in bytes, or ``MEMORY_A_PIXEL`` for each pixel allowed."""

MEMORY_A_PIXEL = 6

_START_SECONDS = 60.0
_PIPE_BYTES = 1 << 20  # a picture of usual size passes at once
_TOO_MUCH = kept("the decoder needed more than {count} MB")
_TOO_LONG = kept("the decoder took longer than {count} s")
_ENDING = kept("the program was ending")
_log = logging.getLogger(__name__)


class Sandbox:
    """A few decoding processes, started when they are needed and used again and again.

    ``decode`` may be called from several threads at once; more of them than ``processes`` wait.
    """

    def __init__(
        self,
        budget: Budget,
        *,
        command: Sequence[str] = COMMAND,
        processes: int = 2,
        seconds: float = SECONDS,
        memory: int = MEMORY,
    ) -> None:
        self._budget = budget
        self._command = command
        self._seconds = seconds
        self._memory = memory
        self._slots = threading.BoundedSemaphore(processes)
        self._idle: list[_Process] = []
        self._running: set[_Process] = set()
        self._condemned: dict[str, tuple[FoundFile, str]] = {}
        self._closed = False

    @property
    def possible(self) -> bool:
        """Whether Python can be started again here; a program packed into one file is not it."""
        packed = getattr(sys, "frozen", False) or not os.path.isdir(_HOME)
        return bool(self._command[0]) and not packed

    def decode(self, found: FoundFile, bounds: Bounds) -> Decoded:
        """Decode a file in a process of its own.

        What took a process with it is not given to another one until the file changes.

        Raises:
            UnreadableImage: it is no readable picture, or the process hung, crashed or took too
                much memory over it; or none could be started.
        """
        reply = self._answer(found, bounds)
        image = Image.frombytes("RGB", reply.size, reply.pixels)
        return Decoded(image, *reply.full, reply.taken)

    def describe(self, found: FoundFile) -> Metadata:
        """What a file tells of itself, read in a process of its own.

        Raises:
            UnreadableImage: as ``decode``.
        """
        return from_json(self._answer(found, Bounds(1), tell=True).words)

    def _answer(self, found: FoundFile, bounds: Bounds, *, tell: bool = False) -> Reply:
        known = self._condemned.get(found.path)
        if known is not None and known[0] == found:
            raise UnreadableImage(found.path, known[1])
        try:
            with self._slots:
                return self._ask_twice(found, bounds, tell)
        except _Fatal as error:
            self._condemned[found.path] = (found, error.reason)
            raise

    def close(self) -> None:
        """End all processes at once, and start no more. Never waits for what they do."""
        self._closed = True
        while self._idle:
            with suppress(IndexError):
                process = self._idle.pop()
                process.kill()
                self._running.discard(process)
        for process in list(self._running):
            process.expire(0.0)

    def _ask_twice(self, found: FoundFile, bounds: Bounds, tell: bool) -> Reply:
        """The answer of a free process; a second one is tried where the first just dies.

        A process may be ended for reasons that are not the file's: by the user, by a system that
        is short of memory.
        """
        seconds = self._seconds + found.size / BYTES_A_SECOND
        memory = max(self._memory, MEMORY_A_PIXEL * bounds.max_pixels)
        request = Request(found.path, bounds, memory, seconds, tell)
        with suppress(ProtocolError):
            return self._ask(request)
        try:
            return self._ask(request)
        except ProtocolError as error:
            if self._closed:
                raise UnreadableImage(found.path, _ENDING, lasting=False) from error
            raise _Fatal(found.path, kept("the decoder crashed")) from error

    def _ask(self, request: Request) -> Reply:
        process = self._take(request.path)
        try:
            reply = process.ask(request, self._budget)
        finally:
            self._put_back(process)
        if reply.kind == (TOLD if request.tell else DONE):
            return reply
        if reply.kind == NO_MEMORY:
            raise _Fatal(request.path, _TOO_MUCH.format(count=f"{request.memory >> 20:,}"))
        raise UnreadableImage(request.path, reply.words, lasting=reply.lasting)

    def _take(self, path: str) -> _Process:
        """A process that lives and is free."""
        while self._idle:
            with suppress(IndexError):
                process = self._idle.pop()
                if process.alive:
                    return process
                self._put_back(process)
        if self._closed:
            raise UnreadableImage(path, _ENDING, lasting=False)
        try:
            process = _Process(self._command)
        except (OSError, ProtocolError) as error:
            _log.warning("the decoding process %r could not be started: %s", self._command, error)
            words = kept("the decoder could not be started")
            raise UnreadableImage(path, words, lasting=False) from error
        self._running.add(process)
        return process

    def _put_back(self, process: _Process) -> None:
        if process.alive:
            self._idle.append(process)
        else:
            process.kill()
            self._running.discard(process)


class _Fatal(UnreadableImage):
    """A picture that a decoding process did not survive."""


class _Process:
    """One decoding process, used by one thread at a time."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it; raises OSError or ProtocolError where that does not succeed."""
        self.alive = True
        self._late = 0.0
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_HOME,
            env=_environment(),
            **START_OPTIONS,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input: IO[bytes] = self._process.stdin
        self._output: IO[bytes] = self._process.stdout
        enlarge_pipe(self._output.fileno(), _PIPE_BYTES)
        try:
            with _Watch(self, _START_SECONDS):
                if self._output.read(len(READY)) != READY:
                    raise ProtocolError("It ended at once.")
        except BaseException:
            self.kill()
            raise

    def ask(self, request: Request, budget: Budget) -> Reply:
        """The last reply to a request; waits for memory of the ``budget`` between.

        Raises:
            UnreadableImage: it took too long. ProtocolError: it died.
        """
        try:
            return self._ask(request, budget)
        except (ProtocolError, OSError) as error:
            self.kill()
            if self._late:
                words = _TOO_LONG.format(count=f"{self._late:.3g}")
                raise _Fatal(request.path, words) from error
            raise ProtocolError("The decoding process died.") from error
        except BaseException:  # an answer that nobody waits for must not meet the next request
            self.kill()
            raise

    def kill(self) -> None:
        """End it at once, and leave nothing of it behind."""
        self.alive = False
        with suppress(OSError):
            self._process.kill()
        for stream in (self._input, self._output):
            with suppress(OSError):
                stream.close()
        with suppress(subprocess.TimeoutExpired):  # a disk that does not answer outlasts a kill
            self._process.wait(timeout=1.0)

    def expire(self, seconds: float) -> None:
        """From another thread than the one that uses it: the time, so many seconds, is up."""
        self._late = seconds
        self.alive = False
        with suppress(OSError):
            self._process.kill()

    def _ask(self, request: Request, budget: Budget) -> Reply:
        with ExitStack() as held:
            with _Watch(self, request.seconds):
                send_request(self._input, request)
                reply = read_reply(self._output, request.bounds.max_pixels)
            while reply.kind == ADMIT:
                held.close()
                held.enter_context(budget.hold(reply.memory))
                with _Watch(self, request.seconds_for(reply.memory)):
                    self._input.write(GO)
                    self._input.flush()
                    reply = read_reply(self._output, request.bounds.max_pixels)
        return reply


class _Watch:
    """Kills a process that is not done by the end of the ``with`` block's time."""

    def __init__(self, process: _Process, seconds: float) -> None:
        self._timer = threading.Timer(seconds, process.expire, (seconds,))
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()


_HOME = str(Path(__file__).resolve().parents[2])


def _environment() -> dict[str, str]:
    """This process's environment, with modules found as here, and little memory set aside."""
    modules = [_HOME, *(place for place in sys.path if place and place != _HOME)]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(modules),
        "MALLOC_ARENA_MAX": "2",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
