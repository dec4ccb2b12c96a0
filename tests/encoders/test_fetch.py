"""Downloads from a server on this computer that misbehaves in every way servers do."""

from __future__ import annotations

import hashlib
import http.server
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import pytest

from cbir.encoders import fetch, weights
from cbir.encoders.published import HUB, Weights, WeightsFile
from cbir.encoders.weights import download
from cbir.errors import DownloadFailed

CONTENT = {"config.json": b"{}" * 50, "model.safetensors": bytes(range(256)) * 4000}


class Server(NamedTuple):
    """The loopback server: what it does with a request, and the paths it was asked for."""

    url: str
    behaviour: dict[str, Callable[[http.server.BaseHTTPRequestHandler, bytes], None]]
    asked: list[str]


def _serve(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def server() -> Iterator[Server]:
    behaviour: dict[str, Callable[[http.server.BaseHTTPRequestHandler, bytes], None]] = {}
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            name = self.path.rsplit("/", 1)[-1]
            behaviour.get(name, _serve)(self, CONTENT.get(name, b""))

        def log_message(self, *args: object) -> None:
            pass

    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Server(f"http://127.0.0.1:{httpd.server_port}", behaviour, asked)
    httpd.shutdown()
    thread.join()
    httpd.server_close()


@pytest.fixture(autouse=True)
def table(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small files take the place of the published ones, at the mirror on this computer."""
    files = tuple(
        WeightsFile(name, f"{HUB}/some/{name}", len(data), hashlib.sha256(data).hexdigest())
        for name, data in CONTENT.items()
    )
    small = Weights("clip", "CLIP", "tests", "none", files)
    monkeypatch.setattr(weights, "WEIGHTS", MappingProxyType({"clip": small}))
    monkeypatch.setenv("HF_ENDPOINT", server.url + "/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def _ignore(done: int, total: int) -> None:
    pass


def _never() -> bool:
    return False


def _get(models: Path | None) -> Path:
    return download("clip", models, _ignore, _never)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_files_arrive_with_progress(tmp_path: Path, server: Server) -> None:
    seen: list[tuple[int, int]] = []
    folder = download("clip", tmp_path, lambda *now: seen.append(now), _never)
    assert folder == tmp_path / "clip-vit-base-patch32"
    assert {name: (folder / name).read_bytes() for name in _names(folder)} == CONTENT
    total = sum(map(len, CONTENT.values()))
    assert seen[0] == (0, total)
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)
    assert len(seen) > 4
    assert server.asked == ["/some/config.json", "/some/model.safetensors"]


def test_without_a_folder_files_go_to_the_cache() -> None:
    folder = _get(None)
    assert folder == weights.weights_folder("clip", None)
    assert _names(folder) == set(CONTENT)


def test_what_is_there_as_published_is_not_fetched_again(tmp_path: Path, server: Server) -> None:
    folder = _get(tmp_path)
    (folder / "config.json").write_bytes(b"changed")
    server.asked.clear()
    _get(tmp_path)
    assert server.asked == ["/some/config.json"]
    assert (folder / "config.json").read_bytes() == CONTENT["config.json"]
    server.asked.clear()
    seen: list[tuple[int, int]] = []
    download("clip", tmp_path, lambda *now: seen.append(now), _never)
    assert not server.asked
    assert seen[-1][0] == seen[-1][1]


def _not_found(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_error(404)


def _broken(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_error(503)


def _other(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    _serve(handler, content[:-1] + b"?")


def _too_long(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    _serve(handler, content + b"more")


def _too_short(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    _serve(handler, content[: len(content) // 2])


def _hang_up(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def _no_answer(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def _login_page(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    _serve(handler, b"<html>Please log in</html>")


def _round_and_round(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
    handler.send_response(302)
    handler.send_header("Location", handler.path)
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (_not_found, "answered 404"),
        (_broken, "answered 503"),
        (_other, "SHA-256 is another"),
        (_too_long, "it is too long"),
        (_too_short, "broke off after 512,000 of 1,024,000 bytes"),
        (_hang_up, "broke off after 512,000|connection was lost"),
        (_no_answer, "connection was lost|cannot be reached"),
        (_login_page, "broke off after 26 of"),
        (_round_and_round, "answered 302"),
    ],
)
def test_a_failed_download_says_why_and_changes_nothing(
    tmp_path: Path,
    server: Server,
    behaviour: Callable[[http.server.BaseHTTPRequestHandler, bytes], None],
    sentence: str,
) -> None:
    folder = tmp_path / "clip-vit-base-patch32"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"old")
    server.behaviour["model.safetensors"] = behaviour
    with pytest.raises(DownloadFailed, match=sentence):
        _get(tmp_path)
    assert (folder / "model.safetensors").read_bytes() == b"old"
    assert _names(folder) == set(CONTENT)
    del server.behaviour["model.safetensors"]
    assert (_get(tmp_path) / "model.safetensors").read_bytes() == CONTENT["model.safetensors"]


def test_a_silent_server_is_given_up(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()

    def stall(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
        release.wait(30)

    server.behaviour["config.json"] = stall
    monkeypatch.setattr(fetch, "_SILENCE", 0.1)
    with pytest.raises(DownloadFailed, match=r"connection was lost|cannot be reached"):
        _get(tmp_path)
    release.set()


def test_cancel_leaves_nothing_behind(tmp_path: Path, server: Server) -> None:
    seen: list[int] = []
    with pytest.raises(DownloadFailed, match="cancelled"):
        download(
            "clip",
            tmp_path,
            lambda done, total: seen.append(done),
            lambda: bool(seen) and seen[-1] > 300_000,
        )
    assert _names(tmp_path / "clip-vit-base-patch32") == {"config.json"}
    assert seen[-1] < 1_000_000


def test_a_redirect_is_followed(tmp_path: Path, server: Server) -> None:
    def moved(handler: http.server.BaseHTTPRequestHandler, content: bytes) -> None:
        handler.send_response(302)
        handler.send_header("Location", f"{server.url}/elsewhere/model.safetensors")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        server.behaviour.clear()

    server.behaviour["model.safetensors"] = moved
    assert _names(_get(tmp_path)) == set(CONTENT)
    assert server.asked[-1] == "/elsewhere/model.safetensors"


def test_no_connection_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(DownloadFailed, match=r"cannot be reached.*check the network"):
        _get(tmp_path)


@pytest.mark.parametrize("endpoint", ["file:///etc", "ftp://127.0.0.1", "huggingface.co"])
def test_a_mirror_must_be_a_web_address(
    tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(DownloadFailed, match="HF_ENDPOINT"):
        _get(tmp_path)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_is_offline(
    tmp_path: Path, server: Server, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(DownloadFailed, match="HF_HUB_OFFLINE"):
        _get(tmp_path)
    assert not server.asked
    monkeypatch.setenv(variable, "0")
    _get(tmp_path)


def test_too_little_room_is_said_before_anything_is_asked(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real._replace(free=1000))
    with pytest.raises(DownloadFailed, match="no room in"):
        _get(tmp_path)
    assert not server.asked


def test_a_disk_that_fills_up_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DownloadFailed, match="no room left in"):
        _get(tmp_path)
    assert not _names(tmp_path / "clip-vit-base-patch32")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "clip-vit-base-patch32").write_bytes(b"a file")
    with pytest.raises(DownloadFailed, match=r"cannot be written.*--models"):
        _get(tmp_path)
