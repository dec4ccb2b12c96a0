"""A server on this computer that serves files, ranges of them too, and misbehaves on demand."""

from __future__ import annotations

import hashlib
import http.server
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

import pytest

from cbir.encoders.published import HUB, WEIGHTS, Weights, WeightsFile

Handler = http.server.BaseHTTPRequestHandler
Behaviour = Callable[[Handler, bytes], None]


class Loopback:
    """Serves ``content`` by the last part of a path, until it is told otherwise.

    ``misbehave(name, ...)`` queues what it does with the next requests for a file, one each;
    ``always`` is what it does with every request. ``asked`` holds the paths that were asked for,
    ``ranges`` the Range header of each, "" where there was none, ``headers`` all that the last had.
    """

    def __init__(self, content: Mapping[str, bytes]) -> None:
        self.content = content
        self.always: dict[str, Behaviour] = {}
        self.asked: list[str] = []
        self.ranges: list[str] = []
        self.headers: dict[str, str] = {}
        self.url = ""
        self._next: dict[str, list[Behaviour]] = {}

    def misbehave(self, name: str, *behaviours: Behaviour) -> None:
        self._next.setdefault(name, []).extend(behaviours)

    def forget(self) -> None:
        """Behave from now on, and forget what was asked."""
        self.always.clear()
        self._next.clear()
        self.asked.clear()
        self.ranges.clear()

    def answer(self, handler: Handler) -> None:
        self.asked.append(handler.path)
        self.ranges.append(handler.headers.get("Range", ""))
        self.headers = dict(handler.headers)
        name = handler.path.rsplit("/", 1)[-1]
        waiting = self._next.get(name)
        behaviour = waiting.pop(0) if waiting else self.always.get(name, serve)
        behaviour(handler, self.content.get(name, b""))


@contextmanager
def running(content: Mapping[str, bytes]) -> Iterator[Loopback]:
    loopback = Loopback(content)

    class Request(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            loopback.answer(self)

        def log_message(self, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            if not isinstance(sys.exc_info()[1], ConnectionError):  # a client may hang up
                super().handle_error(request, client_address)  # type: ignore[arg-type]

    httpd = Server(("127.0.0.1", 0), Request)
    httpd.daemon_threads = True
    loopback.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield loopback
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def publish(monkeypatch: pytest.MonkeyPatch, server: Loopback) -> None:
    """What the server holds takes the place of CLIP's published files, as at a mirror of theirs."""
    files = tuple(
        WeightsFile(name, f"{HUB}/some/{name}", len(data), hashlib.sha256(data).hexdigest())
        for name, data in server.content.items()
    )
    old = WEIGHTS["clip"]
    small = Weights("clip", old.title, old.purpose, old.license, files)
    table = MappingProxyType({**WEIGHTS, "clip": small})
    for module in ("encoders.weights", "encoders.removal", "work.facts", "cli.models"):
        monkeypatch.setattr(f"cbir.{module}.WEIGHTS", table)
    monkeypatch.setenv("HF_ENDPOINT", server.url + "/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def serve(handler: Handler, content: bytes) -> None:
    """As servers should: a range where one was asked for."""
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    if asked is None:
        send(handler, 200, content)
    elif int(asked[1]) >= len(content):
        send(handler, 416, b"")
    else:
        start = int(asked[1])
        told = f"bytes {start}-{len(content) - 1}/{len(content)}"
        send(handler, 206, content[start:], {"Content-Range": told})


def send(
    handler: Handler, status: int, body: bytes, headers: Mapping[str, str] | None = None
) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def ignore_range(handler: Handler, content: bytes) -> None:
    send(handler, 200, content)


def other_content(handler: Handler, content: bytes) -> None:
    serve(handler, content[:-1] + b"?")


def too_long(handler: Handler, content: bytes) -> None:
    send(handler, 200, content + b"more")


def too_long_and_silent_about_it(handler: Handler, content: bytes) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.write(content + b"more")


def too_short(handler: Handler, content: bytes) -> None:
    send(handler, 200, content[: len(content) // 2])


def hang_up_half_way(handler: Handler, content: bytes) -> None:
    """Promises all that was asked for, sends half of that."""
    start = int((re.findall(r"\d+", handler.headers.get("Range", "")) or ["0"])[0])
    rest = content[start:]
    told = f"bytes {start}-{len(content) - 1}/{len(content)}"
    handler.send_response(206 if start else 200)
    handler.send_header("Content-Length", str(len(rest)))
    if start:
        handler.send_header("Content-Range", told)
    handler.end_headers()
    handler.wfile.write(rest[: len(rest) // 2])


def hang_up(handler: Handler, content: bytes) -> None:
    """Not a word."""
    handler.close_connection = True


def log_in_page(handler: Handler, content: bytes) -> None:
    send(handler, 200, b"<html>Please log in</html>", {"Content-Type": "text/html; charset=utf-8"})


def compressed(handler: Handler, content: bytes) -> None:
    send(handler, 200, content, {"Content-Encoding": "gzip"})


def a_piece_unasked(handler: Handler, content: bytes) -> None:
    told = f"bytes 5-{len(content) - 1}/{len(content)}"
    send(handler, 206, content[5:], {"Content-Range": told})


def round_and_round(handler: Handler, content: bytes) -> None:
    send(handler, 302, b"", {"Location": handler.path})


def status(code: int, **headers: str) -> Behaviour:
    def answer(handler: Handler, content: bytes) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        send(handler, code, b"no", told)

    return answer
