"""The process that decodes what the program does not decode itself: ``python -m`` this module.

It reads requests from its standard input and answers on its standard output (``protocol``). It
ends when its input does, also while it decodes, so that it never outlives the program.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from cbir.errors import UnreadableImage
from cbir.images.extras import decode_file, describe_file
from cbir.images.limits import limit_memory, limit_time, volunteer_to_die
from cbir.images.metadata import to_json
from cbir.images.protocol import (
    ADMIT,
    DONE,
    FAILED,
    NO_MEMORY,
    READY,
    TOLD,
    Reply,
    Request,
    read_request,
    send_reply,
)

_ALARM_FACTOR = 2  # the program's watch comes first; this one is for when the program is gone


@dataclass(frozen=True, slots=True)
class _Server:
    """Answers requests one after another; ``None`` in the inbox is the program's ``GO``."""

    inbox: queue.SimpleQueue[Request | None]
    output: BinaryIO

    def serve(self) -> None:
        """Answer for ever; the thread that listens ends the process."""
        while True:
            request = self.inbox.get()
            if request is not None:
                self._answer(request)

    def _answer(self, request: Request) -> None:
        try:
            reply = self._reply(request)
        except UnreadableImage as error:
            reply = Reply(FAILED, words=error.reason, lasting=error.lasting)
        except MemoryError:
            reply = Reply(NO_MEMORY)
        finally:
            limit_time(0)
        send_reply(self.output, reply)

    def _reply(self, request: Request) -> Reply:
        @contextmanager
        def admit(needed: int) -> Iterator[None]:
            limit_time(0)  # the program may be busy with other pictures for long
            send_reply(self.output, Reply(ADMIT, memory=needed))
            self.inbox.get()
            limit_time(_ALARM_FACTOR * request.seconds_for(needed))
            yield

        limit_memory(request.memory)
        limit_time(_ALARM_FACTOR * request.seconds)
        if request.tell:
            return Reply(TOLD, words=to_json(describe_file(request.path)))
        decoded = decode_file(request.path, request.bounds, admit)
        image, full = decoded.image, (decoded.width, decoded.height)
        pixels = image.tobytes()
        return Reply(DONE, size=image.size, full=full, taken=decoded.taken, pixels=pixels)


def main() -> None:
    """Serve the program that started this process, until it is gone."""
    volunteer_to_die()
    output = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # what a decoder prints must not get between the replies
    os.dup2(nowhere, 2)
    inbox: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(inbox,), daemon=True).start()
    output.write(READY)
    output.flush()
    _Server(inbox, output).serve()


def _listen(inbox: queue.SimpleQueue[Request | None]) -> None:
    """Hand on what the program sends, and end the process once it sends no more."""
    try:
        while True:
            inbox.put(read_request(sys.stdin.buffer))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
