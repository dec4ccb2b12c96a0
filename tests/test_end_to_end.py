"""The real program in a process of its own: what a terminal, a pipe or a script sees of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import draw

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "torchvision", "transformers", "tkinter", "matplotlib"}


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return tmp_path / "library.npz"


def cbir(
    *arguments: object, library: Path, environ: dict[str, str] | None = None, **options: Any
) -> subprocess.CompletedProcess[bytes]:
    """Runs the program to its end; arguments may be paths or bytes."""
    command = [sys.executable, "-m", "cbir", "--library", str(library)]
    command += [a if isinstance(a, bytes) else str(a) for a in arguments]  # type: ignore[misc]
    environ = {**os.environ, "PYTHONWARNINGS": "error", **(environ or {})}
    given = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 60, **options}
    given.setdefault("cwd", ROOT)
    return subprocess.run(command, env=environ, check=False, **given)


def document(*arguments: object, library: Path) -> Any:
    """The JSON document of a run that succeeds in silence."""
    ended = cbir(*arguments, "--json", library=library)
    assert (ended.returncode, ended.stderr) == (0, b"")
    return json.loads(ended.stdout.decode("ascii"))


def test_index_search_change_and_verify(pictures: Path, library: Path) -> None:
    (pictures / "bad.jpg").write_bytes(b"\xff\xd8 truncated")
    report = document("index", pictures, library=library)
    assert (report["added"], report["total"], report["spaces"]) == (12, 12, {"classic": 12})
    assert [Path(skipped["path"]).name for skipped in report["skipped"]] == ["bad.jpg"]
    query = pictures / "green_1.png"
    for metric in ("cosine", "euclidean"):
        for method in ("lsh", "exact"):
            options = ("-k", 2, "--metric", metric, "--method", method)
            found = document("search", "--image", query, *options, library=library)
            hits = {Path(hit["path"]).name for hit in found["hits"]}
            assert hits == {"green_0.png", "green_1.png"}
    assert document("update", query, "--tag", "leaf", library=library)["tags"] == ["leaf"]
    assert document("remove", pictures / "red_0.png", library=library)["removed"] == 1
    assert document("list", library=library)["total"] == 11
    assert document("info", library=library)["spaces"]["classic"]["vectors"] == 11
    assert document("verify", library=library)["whole"]


def test_nothing_heavy_is_imported_where_it_is_not_needed(pictures: Path, library: Path) -> None:
    assert cbir("index", pictures, library=library).returncode == 0
    commands = [
        ["--help"],
        ["index", str(pictures)],
        ["list"],
        ["info"],
        ["search", "--image", str(pictures / "red_0.png"), "--space", "classic"],
    ]
    code = (
        "import contextlib, io, sys\n"
        "import cbir\n"
        "from cbir.__main__ import main\n"
        f"for command in {commands!r}:\n"
        "    with contextlib.redirect_stdout(io.StringIO()):\n"
        f"        assert main(['--library', {str(library)!r}, *command]) == 0\n"
        "print(*sys.modules)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, cwd=ROOT)
    assert not HEAVY & set(ended.stdout.decode().split())


def test_an_error_is_one_line_and_wrong_usage_says_how(library: Path) -> None:
    ended = cbir("search", "--image", "nowhere.png", "--json", library=library)
    assert (ended.returncode, ended.stdout) == (1, b"")
    assert ended.stderr.startswith(b"cbir: ")
    assert ended.stderr.count(b"\n") == 1
    ended = cbir("search", library=library)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.startswith(b"usage: ")
    assert not library.exists()


def test_names_that_are_not_utf8_and_a_poor_terminal(tmp_path: Path, library: Path) -> None:
    odd = os.path.join(os.fsencode(tmp_path), b"caf\xe9 \x1b[31m\n.png")
    draw(tmp_path / "é.png", (200, 40, 40)).rename(os.fsdecode(odd))
    draw(tmp_path / "日本.png", (40, 60, 200))
    assert cbir("index", tmp_path, library=library).returncode == 0
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    shown = cbir("search", "--image", odd, library=library, environ=plain)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert b"caf\\udce9 \\x1b[31m\\n.png" in shown.stdout
    assert b"\x1b" not in shown.stdout
    ended = cbir("search", "--image", odd, "--json", library=library, environ=plain)
    query = json.loads(ended.stdout.decode("ascii"))["query"]["image"]
    assert os.fsencode(query) == odd


def test_a_reader_that_stops_reading_ends_it_quietly(pictures: Path, library: Path) -> None:
    assert cbir("index", pictures, library=library).returncode == 0
    for command in (["list"], ["--help"]):
        reading, writing = os.pipe()
        os.close(reading)
        ended = cbir(*command, library=library, stdout=writing)
        os.close(writing)
        assert (ended.returncode, ended.stderr) == (0, b"")


def test_ctrl_c_keeps_the_work_so_far(tmp_path: Path, library: Path) -> None:
    folder = tmp_path / "many"
    first = draw(folder / "0.png", (200, 40, 40), (900, 700))
    for number in range(1, 400):
        os.link(first, folder / f"{number}.png")
    command = [sys.executable, "-m", "cbir", "--library", str(library), "index", str(folder)]
    running = subprocess.Popen(
        [*command, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    journal = library.with_name(library.name + ".journal")
    while not (journal.exists() and journal.stat().st_size > 10_000):  # a first batch is kept
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    report = json.loads(out)
    assert 0 < report["added"] < 400
    assert err.startswith(b"cbir: Interrupted: the ")
    assert document("info", library=library)["records"] == report["total"] == report["added"]
    assert document("verify", library=library)["whole"]


def test_a_command_that_was_killed_loses_nothing_and_the_next_one_works(
    pictures: Path, library: Path
) -> None:
    assert cbir("index", pictures, library=library).returncode == 0
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(library)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    refused = cbir("remove", pictures, "--json", library=library)
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert document("list", library=library)["total"] == 12
    holder.kill()
    holder.communicate()
    assert document("remove", pictures, library=library)["removed"] == 12


_HOLD = """
import sys, time
from cbir.library import Library
library = Library.open(sys.argv[1])
print("held", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_indexing_that_was_ended_goes_on_where_it_was(
    number: signal.Signals, tmp_path: Path, library: Path
) -> None:
    folder = tmp_path / "pictures"
    for count in range(90):
        draw(folder / f"{count}.png", (count, 2 * count, 90), (700, 500))
    command = [sys.executable, "-m", "cbir", "--library", str(library), "index", str(folder)]
    with subprocess.Popen([*command, "--space", "classic"], cwd=ROOT, stderr=subprocess.PIPE) as it:
        journal = Path(f"{library}.journal")
        ends = time.monotonic() + 60
        while not (journal.exists() and journal.stat().st_size > 20_000):
            assert time.monotonic() < ends and it.poll() is None
            time.sleep(0.002)
        it.send_signal(number)
        status = it.wait(60)
    assert status == (130 if number == signal.SIGINT else -signal.SIGKILL)
    kept = document("info", library=library)["records"]
    assert 0 < kept < 90
    again = document("index", folder, "--space", "classic", library=library)
    assert (again["added"], again["unchanged"], again["total"]) == (90 - kept, kept, 90)
    assert document("verify", library=library)["problems"] == []
