"""One window a library: a second start asks the first to come to the front, and ends.

The first window listens on a port of this computer alone, and writes its number and a secret into a
file that only its owner can read; who knows the secret may raise the window and have a folder
indexed, and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from cbir.config import Settings, make_private_folder
from cbir.errors import CbirError
from cbir.whole_file import replace_file
from cbir.work.messages import Summoned
from cbir.work.worker import Outbox

_HOST = "127.0.0.1"
_SECONDS = 2.0  # for either side to say its line
_LONGEST_LINE = 65_536  # bytes
_HEARD = b"heard\n"
_log = logging.getLogger(__name__)


def summon(settings: Settings, folder: str | None = None) -> bool:
    """Ask the window that has this library open to come to the front; whether there was one.

    ``folder`` is what it is to index. A file of a window that is no more is passed over.
    """
    known = _read(_card(settings))
    if known is None:
        return False
    line = json.dumps({"secret": known["secret"], "folder": folder and os.path.abspath(folder)})
    try:
        with socket.create_connection((_HOST, known["port"]), _SECONDS) as connection:
            connection.settimeout(_SECONDS)
            connection.sendall(line.encode("ascii") + b"\n")
            return connection.recv(len(_HEARD)) == _HEARD
    except OSError:
        return False


class Doorbell:
    """Listens for other starts on a daemon thread, and posts ``Summoned`` to ``outbox`` for each.

    Where this computer does not let it, that is logged, and a second start opens its own window.
    """

    def __init__(self, settings: Settings, outbox: Outbox) -> None:
        self._outbox = outbox
        self._card = _card(settings)
        self._secret = secrets.token_hex(16)
        self._socket: socket.socket | None = None
        try:
            self._socket = socket.create_server((_HOST, 0))
            self._write_card(self._socket.getsockname()[1])
        except (OSError, CbirError) as error:
            _log.warning("other starts cannot raise this window: %s", error)
            self.close()
            return
        threading.Thread(target=self._listen, name="cbir-doorbell", daemon=True).start()

    def _write_card(self, port: int) -> None:
        make_private_folder(self._card.parent)
        told = json.dumps({"port": port, "secret": self._secret}).encode("ascii")
        replace_file(self._card, lambda file: file.write(told))

    def close(self) -> None:
        """Listen no more, and remove the file where it is still this window's own."""
        listening, self._socket = self._socket, None
        if listening is None:
            return
        with suppress(OSError):  # wakes the thread that waits for another start, on Linux
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        known = _read(self._card)
        if known is not None and known["secret"] == self._secret:
            with suppress(OSError):
                self._card.unlink()

    def _listen(self) -> None:
        listening = self._socket
        while listening is not None and self._socket is listening:
            try:
                connection, _ = listening.accept()
            except OSError:
                return  # closed
            with connection, suppress(OSError, ValueError, RecursionError):
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(_SECONDS)
        with connection.makefile("rb") as stream:
            said = json.loads(stream.readline(_LONGEST_LINE))
        if not isinstance(said, dict):
            return
        secret, folder = said.get("secret"), said.get("folder")
        if not isinstance(secret, str) or not isinstance(folder, (str, type(None))):
            return
        if hmac.compare_digest(secret.encode(), self._secret.encode()):
            self._outbox.put(Summoned(folder))
            connection.sendall(_HEARD)


def _card(settings: Settings) -> Path:
    """The file that tells how to reach the window of this library, by whatever name it goes."""
    library = os.path.normcase(os.path.realpath(settings.library))
    name = hashlib.blake2b(os.fsencode(library), digest_size=12).hexdigest()
    return settings.home / "windows" / f"{name}.json"


def _read(card: Path) -> dict[str, Any] | None:
    """The port and the secret; None where there is no such file, or no sense in it."""
    try:
        with card.open("rb") as file:
            known = json.loads(file.read(_LONGEST_LINE))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(known, dict):
        return None
    port, secret = known.get("port"), known.get("secret")
    good = isinstance(port, int) and 0 < port < 65_536 and isinstance(secret, str)
    return {"port": port, "secret": secret} if good else None
