from __future__ import annotations

import json
import os
import queue
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from cbir.config import Settings
from cbir.ui.instance import Doorbell, summon
from cbir.work.messages import Summoned
from cbir.work.worker import Outbox
from tests.ui.conftest import OpenWindow, WaitUntil


@pytest.fixture
def outbox() -> Outbox:
    return queue.Queue()


@pytest.fixture
def doorbell(settings: Settings, outbox: Outbox) -> Iterator[Doorbell]:
    bell = Doorbell(settings, outbox)
    yield bell
    bell.close()


def card(settings: Settings) -> Path:
    (found,) = (settings.home / "windows").iterdir()
    return found


def test_without_a_window_nobody_hears(settings: Settings) -> None:
    assert not summon(settings)


def test_the_window_hears_and_is_told_the_folder(
    settings: Settings, doorbell: Doorbell, outbox: Outbox, tmp_path: Path
) -> None:
    assert summon(settings)
    assert outbox.get(timeout=60) == Summoned(None)
    assert summon(settings, str(tmp_path / "a\udcffb"))
    assert outbox.get(timeout=60) == Summoned(str(tmp_path / "a\udcffb"))


def test_the_same_library_by_another_name_is_heard_and_another_is_not(
    settings: Settings, doorbell: Doorbell, tmp_path: Path
) -> None:
    alias = tmp_path / "alias"
    settings.library.parent.mkdir(exist_ok=True)
    alias.symlink_to(settings.library.parent, target_is_directory=True)
    assert summon(replace(settings, library=alias / settings.library.name))
    assert not summon(replace(settings, library=tmp_path / "other.npz"))


def test_only_its_owner_can_read_the_secret(settings: Settings, doorbell: Doorbell) -> None:
    assert stat.S_IMODE(card(settings).stat().st_mode) == 0o600


def test_a_closed_window_hears_nothing_and_leaves_no_file(
    settings: Settings, outbox: Outbox
) -> None:
    bell = Doorbell(settings, outbox)
    bell.close()
    assert not summon(settings)
    assert list((settings.home / "windows").iterdir()) == []


def test_a_file_of_a_killed_window_is_passed_over(settings: Settings, outbox: Outbox) -> None:
    bell = Doorbell(settings, outbox)
    path, left_over = card(settings), card(settings).read_bytes()
    bell.close()
    path.write_bytes(left_over)
    assert not summon(settings)
    bell = Doorbell(settings, outbox)
    assert summon(settings)
    path.write_bytes(left_over)
    bell.close()  # another's file stays
    assert path.read_bytes() == left_over


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"port": 0, "secret": "a"}', b"\xff{"])
def test_a_file_that_makes_no_sense_is_passed_over(
    settings: Settings, doorbell: Doorbell, content: bytes
) -> None:
    card(settings).write_bytes(content)
    assert not summon(settings)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"hello\n",
        b"[]\n",
        b'{"secret": "wrong", "folder": null}\n',
        b'{"secret": 1, "folder": null}\n',
        b'{"folder": "/"}\n',
        b"{" * 70_000 + b"\n",
    ],
)
def test_who_does_not_know_the_secret_is_not_answered(
    settings: Settings, doorbell: Doorbell, outbox: Outbox, line: bytes
) -> None:
    port = json.loads(card(settings).read_text())["port"]
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        connection.sendall(line)
        with suppress(ConnectionResetError):  # where it did not read all of it
            assert connection.recv(10) == b""
    assert outbox.empty()
    assert summon(settings)  # others are still heard


def test_a_second_start_raises_the_window_and_has_a_folder_indexed(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window()
    settings = window.engine.settings
    window.root.withdraw()  # as iconify, which needs a window manager
    window.root.update()
    environment = {**os.environ, "CBIR_HOME": str(settings.home)}
    library = str(settings.library)
    with subprocess.Popen(
        [sys.executable, "-m", "cbir", "--library", library, "gui", str(pictures)],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    ) as second:
        wait_until(lambda: second.poll() is not None, timeout=60)
        assert second.stderr is not None
        assert "brought to the front" in second.stderr.read()
    assert second.returncode == 0
    wait_until(lambda: window.root.state() == "normal")
    wait_until(lambda: len(window.layout.grid._view.tiles) == 12, timeout=60)


def test_after_closing_a_second_start_opens_its_own(
    open_window: OpenWindow, wait_until: WaitUntil
) -> None:
    window = open_window()
    assert summon(window.engine.settings)
    window.close()
    deadline = time.monotonic() + 60
    while summon(window.engine.settings):
        assert time.monotonic() < deadline
