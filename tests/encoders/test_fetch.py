"""Downloads from a server on this computer that misbehaves in every way servers do."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest

from cbir.encoders import fetch, trouble, weights
from cbir.encoders.fetch import Patience
from cbir.encoders.part import part_of, part_size, sole_writer
from cbir.encoders.weights import download
from cbir.errors import DownloadFailed
from tests.encoders import loopback
from tests.encoders.loopback import Behaviour, Handler, Loopback

MODEL = "model.safetensors"
CONTENT = {"config.json": b"{}" * 50, MODEL: bytes(range(256)) * 4000}
SIZE = len(CONTENT[MODEL])
HALF = SIZE // 2
IMPATIENT = Patience(silence=5, tries=1, pause=0.001)
PATIENT = Patience(silence=5, tries=3, pause=0.001)


@pytest.fixture
def server() -> Iterator[Loopback]:
    with loopback.running(CONTENT) as server:
        yield server


@pytest.fixture(autouse=True)
def table(server: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    loopback.publish(monkeypatch, server)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where CLIP belongs in the models folder ``tmp_path``."""
    return tmp_path / "clip-vit-base-patch32"


def _ignore(done: int, total: int) -> None:
    pass


def _never() -> bool:
    return False


def _get(models: Path | None, patience: Patience = IMPATIENT) -> Path:
    return download("clip", models, _ignore, _never, patience)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def _begin(folder: Path, part: bytes) -> Path:
    """As a download leaves it that ended early: ``part`` of the model is there."""
    folder.mkdir()
    (folder / "config.json").write_bytes(CONTENT["config.json"])
    path = part_of(folder / MODEL)
    path.write_bytes(part)
    return path


def _is_whole(folder: Path) -> bool:
    return {name: (folder / name).read_bytes() for name in _names(folder)} == CONTENT


def test_files_arrive_with_progress(tmp_path: Path, server: Loopback, folder: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert download("clip", tmp_path, lambda *now: seen.append(now), _never) == folder
    assert _is_whole(folder)
    total = sum(map(len, CONTENT.values()))
    assert seen[0] == (0, total)
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)
    assert len(seen) > 4
    assert server.asked == ["/some/config.json", f"/some/{MODEL}"]
    assert server.headers["Accept-Encoding"] == "identity"


def test_without_a_folder_files_go_to_the_cache() -> None:
    folder = _get(None)
    assert folder == weights.weights_folder("clip", None)
    assert _names(folder) == set(CONTENT)


def test_what_is_there_as_published_is_not_fetched_again(tmp_path: Path, server: Loopback) -> None:
    folder = _get(tmp_path)
    (folder / "config.json").write_bytes(b"changed")
    server.forget()
    _get(tmp_path)
    assert server.asked == ["/some/config.json"]
    assert (folder / "config.json").read_bytes() == CONTENT["config.json"]
    server.forget()
    seen: list[tuple[int, int]] = []
    download("clip", tmp_path, lambda *now: seen.append(now), _never)
    assert not server.asked
    assert seen[-1][0] == seen[-1][1]


# -- going on from a part --------------------------------------------------------------------------


def test_a_download_that_broke_off_goes_on_from_there(
    tmp_path: Path, server: Loopback, folder: Path
) -> None:
    server.misbehave(MODEL, loopback.hang_up_half_way)
    with pytest.raises(DownloadFailed, match=r"broke off after 0.5 of 1.0 MB.* are kept"):
        _get(tmp_path)
    part = part_of(folder / MODEL)
    assert part.read_bytes() == CONTENT[MODEL][:HALF]
    assert weights.weights_status("clip", tmp_path).partial_bytes == HALF + 100
    server.forget()
    seen: list[int] = []
    download("clip", tmp_path, lambda done, total: seen.append(done), _never)
    assert server.ranges == [f"bytes={HALF}-"]
    assert _is_whole(folder)
    assert seen[0] == HALF + 100
    assert weights.partial_bytes("clip", tmp_path) == 0


@pytest.mark.parametrize(
    "behaviour",
    [
        loopback.ignore_range,
        loopback.status(416),
        loopback.a_piece_unasked,
        loopback.too_long_and_silent_about_it,
    ],
)
def test_a_server_that_cannot_go_on_begins_again(
    tmp_path: Path, server: Loopback, folder: Path, behaviour: Behaviour
) -> None:
    _begin(folder, b"x" * HALF)
    server.misbehave(MODEL, behaviour)
    if behaviour is loopback.too_long_and_silent_about_it:
        with pytest.raises(DownloadFailed, match="too long"):
            _get(tmp_path)
        assert _names(folder) == {"config.json"}
    _get(tmp_path)
    assert _is_whole(folder)


def test_a_server_that_sends_pieces_only_is_none(tmp_path: Path, server: Loopback) -> None:
    server.always[MODEL] = loopback.a_piece_unasked
    with pytest.raises(DownloadFailed, match="only a piece"):
        _get(tmp_path)


def test_a_part_with_other_content_is_thrown_away(
    tmp_path: Path, server: Loopback, folder: Path
) -> None:
    part = _begin(folder, b"x" * HALF)
    with pytest.raises(DownloadFailed, match=r"SHA-256 is another.*thrown away"):
        _get(tmp_path)
    assert not part.exists()
    server.forget()
    _get(tmp_path)
    assert server.ranges == [""]


@pytest.mark.parametrize("part", [CONTENT[MODEL] + b"more", b"x" * SIZE, b""])
def test_a_part_that_cannot_be_one_is_not_gone_on_from(
    tmp_path: Path, server: Loopback, folder: Path, part: bytes
) -> None:
    _begin(folder, part)
    _get(tmp_path)
    assert server.ranges == [""]
    assert _is_whole(folder)


def test_a_part_that_is_whole_needs_no_network(
    tmp_path: Path, server: Loopback, folder: Path
) -> None:
    _begin(folder, CONTENT[MODEL])
    _get(tmp_path)
    assert not server.asked
    assert _is_whole(folder)


def test_cancelled_it_keeps_what_has_arrived(
    tmp_path: Path, server: Loopback, folder: Path
) -> None:
    seen: list[int] = []
    with pytest.raises(DownloadFailed, match=r"cancelled.*are kept: starting again goes on"):
        download(
            "clip",
            tmp_path,
            lambda done, total: seen.append(done),
            lambda: bool(seen) and seen[-1] > 300_000,
        )
    assert _names(folder) == {"config.json", f".{MODEL}.part"}
    assert 300_000 < part_of(folder / MODEL).stat().st_size < SIZE
    server.forget()
    _get(tmp_path)
    assert server.ranges[0].startswith("bytes=")
    assert _is_whole(folder)


_CHILD = """
import sys
from pathlib import Path
from cbir.encoders.fetch import fetch_all
from cbir.encoders.published import WeightsFile
url, size, sha256, folder = sys.argv[1:]
file = WeightsFile("model.safetensors", url, int(size), sha256)
fetch_all([file], Path(folder), lambda done, total: None, lambda: False)
"""


def test_a_killed_program_is_gone_on_from(tmp_path: Path, server: Loopback, folder: Path) -> None:
    release = threading.Event()

    def stall_half_way(handler: Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:HALF])
        release.wait(60)

    server.misbehave(MODEL, stall_half_way)
    sha256 = hashlib.sha256(CONTENT[MODEL]).hexdigest()
    arguments = [f"{server.url}/{MODEL}", str(SIZE), sha256, str(folder)]
    child = subprocess.Popen([sys.executable, "-c", _CHILD, *arguments])
    deadline = time.monotonic() + 60
    while part_size(folder / MODEL) < HALF // 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    child.kill()
    child.wait()
    release.set()
    had = part_size(folder / MODEL)
    assert HALF // 2 <= had <= HALF
    _get(tmp_path)  # the lock of the dead is no obstacle
    assert server.ranges[-1] == f"bytes={had}-"
    assert _is_whole(folder)


def test_cancelled_before_it_begins_it_asks_nobody(tmp_path: Path, server: Loopback) -> None:
    with pytest.raises(DownloadFailed, match="was cancelled"):
        download("clip", tmp_path, _ignore, lambda: True)
    assert not server.asked


def test_two_programs_do_not_write_one_part(tmp_path: Path, server: Loopback, folder: Path) -> None:
    folder.mkdir()
    with (
        sole_writer(folder / "config.json"),
        pytest.raises(DownloadFailed, match="another cbir window or command"),
    ):
        _get(tmp_path)
    assert not server.asked
    _get(tmp_path)
    assert _is_whole(folder)  # and no lock is left


def test_a_drive_without_locks_is_no_obstacle(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(*_: object, **__: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("filelock.FileLock.acquire", no_locks)
    _get(tmp_path)
    assert _is_whole(folder)


# -- trouble that passes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "behaviour",
    [
        loopback.status(429, Retry_After="0"),
        loopback.status(500),
        loopback.status(503),
        loopback.hang_up,
        loopback.hang_up_half_way,
    ],
)
def test_passing_trouble_is_tried_again(
    tmp_path: Path, server: Loopback, folder: Path, behaviour: Behaviour
) -> None:
    server.misbehave(MODEL, behaviour, behaviour)
    _get(tmp_path, PATIENT)
    assert _is_whole(folder)
    assert len(server.asked) == 4


def test_trouble_that_stays_ends_after_some_tries(tmp_path: Path, server: Loopback) -> None:
    server.always[MODEL] = loopback.status(503)
    with pytest.raises(DownloadFailed, match="answered 503"):
        _get(tmp_path, PATIENT)
    assert len(server.asked) == 1 + PATIENT.tries


def test_tries_that_bring_something_are_not_counted(
    tmp_path: Path, server: Loopback, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "_WORTH", 10_000)
    server.misbehave(MODEL, *[loopback.hang_up_half_way] * 6)
    _get(tmp_path, Patience(tries=2, pause=0.001))
    assert len(server.asked) == 8
    assert _is_whole(folder)


def test_a_server_that_asks_for_too_long_a_wait_is_left(tmp_path: Path, server: Loopback) -> None:
    server.always[MODEL] = loopback.status(429, Retry_After="3600")
    with pytest.raises(DownloadFailed, match=r"answered 429.*some minutes"):
        _get(tmp_path, PATIENT)
    assert len(server.asked) == 2


def test_waiting_for_the_next_try_can_be_cancelled(tmp_path: Path, server: Loopback) -> None:
    server.always["config.json"] = loopback.status(503)
    with pytest.raises(DownloadFailed, match="cancelled"):
        download("clip", tmp_path, _ignore, lambda: bool(server.asked), Patience(pause=3600))


def test_a_silent_server_is_given_up(tmp_path: Path, server: Loopback, folder: Path) -> None:
    release = threading.Event()

    def stall(handler: Handler, content: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content[:1000])
        release.wait(30)

    server.misbehave(MODEL, stall)
    with pytest.raises(DownloadFailed, match=r"fell silent \(nothing came for 0.2 s\)"):
        _get(tmp_path, Patience(silence=0.2, tries=1))
    release.set()
    _get(tmp_path)
    assert server.ranges[-1] == "bytes=1000-"
    assert _is_whole(folder)


# -- trouble that stays ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        (loopback.status(403), "answered 403.*may want a password"),
        (loopback.status(404), "answered 404.*its mirror may not hold"),
        (loopback.status(407), "answered 407.*HTTPS_PROXY"),
        (loopback.status(429), "answered 429.*some minutes"),
        (loopback.status(500), "answered 500.*try again later"),
        (loopback.status(503), "answered 503.*try again later"),
        (loopback.other_content, "SHA-256 is another.*thrown away"),
        (loopback.too_long, f"it has {SIZE + 4} bytes and not {SIZE}"),
        (loopback.too_long_and_silent_about_it, "it is too long"),
        (loopback.too_short, f"it has {HALF} bytes and not {SIZE}"),
        (loopback.hang_up, "connection to 127.0.0.1 was lost"),
        (loopback.log_in_page, "it is a web page.*log-in page of the network"),
        (loopback.compressed, "it was sent compressed"),
        (loopback.round_and_round, "answered 302"),
    ],
)
def test_a_failed_download_says_why_and_changes_nothing(
    tmp_path: Path, server: Loopback, folder: Path, behaviour: Behaviour, sentence: str
) -> None:
    folder.mkdir()
    (folder / MODEL).write_bytes(b"old")
    server.always[MODEL] = behaviour
    with pytest.raises(DownloadFailed, match=sentence):
        _get(tmp_path)
    assert (folder / MODEL).read_bytes() == b"old"
    assert _names(folder) == set(CONTENT)
    server.forget()
    _get(tmp_path)
    assert _is_whole(folder)


@pytest.mark.parametrize("behaviour", [loopback.log_in_page, loopback.too_short])
def test_what_answers_in_the_servers_place_leaves_the_part_alone(
    tmp_path: Path, server: Loopback, folder: Path, behaviour: Behaviour
) -> None:
    part = _begin(folder, CONTENT[MODEL][:HALF])
    server.always[MODEL] = behaviour
    with pytest.raises(DownloadFailed, match=r"0.5 of 1.0 MB are kept"):
        _get(tmp_path)
    assert part.read_bytes() == CONTENT[MODEL][:HALF]


def test_a_redirect_to_another_host_keeps_the_range(
    tmp_path: Path, server: Loopback, folder: Path
) -> None:
    _begin(folder, CONTENT[MODEL][:HALF])
    with loopback.running(CONTENT) as elsewhere:
        moved = f"{elsewhere.url}/cdn/{MODEL}"
        server.misbehave(MODEL, loopback.status(302, Location=moved))
        _get(tmp_path)
        assert elsewhere.asked == [f"/cdn/{MODEL}"]
        assert elsewhere.ranges == [f"bytes={HALF}-"]
    assert _is_whole(folder)


def test_no_connection_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(DownloadFailed, match=r"127.0.0.1 cannot be reached.*check the network"):
        _get(tmp_path, PATIENT)


def test_a_name_that_no_server_has_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def not_found(host: str, *_: object, **__: object) -> None:
        asked.append(host)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    monkeypatch.setenv("HF_ENDPOINT", "http://nowhere.invalid")
    with pytest.raises(DownloadFailed, match=r"nowhere.invalid cannot be found.*HF_ENDPOINT"):
        _get(tmp_path, PATIENT)
    assert asked == ["nowhere.invalid"]  # trying again at once does not help


def test_a_name_that_no_server_can_have_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://a..b")
    with pytest.raises(DownloadFailed, match=r"a\.\.b cannot be reached.*HF_ENDPOINT"):
        _get(tmp_path, PATIENT)


def test_a_server_that_cannot_prove_who_it_is_is_said() -> None:
    untrusted = ssl.SSLCertVerificationError("certificate verify failed")
    untrusted.verify_message = "self-signed certificate"
    said = trouble.unreachable(urllib.error.URLError(untrusted).reason, "huggingface.co")
    assert "huggingface.co cannot prove who it is (self-signed certificate)" in str(said)
    assert not said.passing


def test_a_proxy_is_used(tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.running(CONTENT) as proxy:
        monkeypatch.delenv("NO_PROXY")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HF_ENDPOINT", "http://mirror.invalid")
        _get(tmp_path)
        assert proxy.asked[-1] == f"http://mirror.invalid/some/{MODEL}"
        assert _is_whole(folder)
        monkeypatch.setenv("http_proxy", "")
        shutil.rmtree(folder)
        with pytest.raises(DownloadFailed, match="cannot be"):
            _get(tmp_path)


def test_a_proxy_that_refuses_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with loopback.running({}) as proxy:  # it knows no CONNECT
        monkeypatch.delenv("NO_PROXY")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.delenv("HF_ENDPOINT")
        with pytest.raises(DownloadFailed, match=r"Tunnel connection failed.*proxy settings"):
            _get(tmp_path, PATIENT)


@pytest.mark.parametrize(
    "endpoint",
    ["file:///etc", "ftp://127.0.0.1", "huggingface.co", "https://", "http://[::1", "http://a:b"],
)
def test_a_mirror_must_be_a_web_address(
    tmp_path: Path, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    with pytest.raises(DownloadFailed, match=r"HF_ENDPOINT is .* must begin with"):
        _get(tmp_path)


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_is_offline(
    tmp_path: Path, server: Loopback, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(DownloadFailed, match="HF_HUB_OFFLINE"):
        _get(tmp_path)
    assert not server.asked
    monkeypatch.setenv(variable, "0")
    _get(tmp_path)


# -- the disk --------------------------------------------------------------------------------------


def test_too_little_room_is_said_before_anything_is_asked(
    tmp_path: Path, server: Loopback, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: real._replace(free=HALF))
    with pytest.raises(DownloadFailed, match="no room in"):
        _get(tmp_path)
    assert not server.asked
    folder.rmdir()
    _begin(folder, CONTENT[MODEL][:HALF])
    _get(tmp_path)  # only what is still to come counts


def test_a_disk_that_fills_up_is_said(
    tmp_path: Path, server: Loopback, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    _begin(folder, CONTENT[MODEL][:HALF])
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DownloadFailed, match=r"no room left in .* are kept"):
        _get(tmp_path)
    assert (folder / "config.json").exists()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path, folder: Path) -> None:
    folder.write_bytes(b"a file")
    with pytest.raises(DownloadFailed, match=r"cannot be written.*--models"):
        _get(tmp_path)


def test_no_permission_to_write_is_said(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Path.open

    def refuse(self: Path, mode: str = "r", *arguments: object) -> object:
        if "a" in mode:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(self, mode, *arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DownloadFailed, match=r"cannot be written \(Permission denied\)"):
        _get(tmp_path)
    assert not _names(folder)
