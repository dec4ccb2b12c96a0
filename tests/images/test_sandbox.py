from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images import load, load_image, sandbox, stat_file
from cbir.images.budget import Budget
from cbir.images.decode import Bounds
from cbir.images.extras import decode_file
from cbir.images.protocol import READY
from cbir.images.sandbox import Sandbox

BOUNDS = Bounds(40_000_000, short_side=512)
Make = Callable[..., Sandbox]


@pytest.fixture
def make() -> Iterator[Make]:
    """Makes sandboxes, and closes them; ``script`` is run in the place of the decoding process."""
    made: list[Sandbox] = []

    def one(script: str = "", **options: object) -> Sandbox:
        if script:
            hello = f"import sys, os, time; sys.stdout.buffer.write({READY!r}); sys.stdout.flush()"
            options["command"] = (sys.executable, "-c", f"{hello}\n{textwrap.dedent(script)}")
        made.append(Sandbox(Budget(400 << 20), **options))
        return made[-1]

    yield one
    for each in made:
        each.close()


@pytest.fixture
def picture(tmp_path: Path) -> str:
    path = tmp_path / "a.tif"
    Image.new("RGB", (1200, 1600), (200, 30, 30)).save(path)
    return str(path)


def _reason(box: Sandbox, path: str, *, lasting: bool = True) -> str:
    with pytest.raises(UnreadableImage) as caught:
        box.decode(stat_file(path), BOUNDS)
    assert caught.value.lasting == lasting
    return caught.value.reason


def _pids(box: Sandbox) -> list[int]:
    return [process._process.pid for process in box._running]


def _gone(pid: int) -> bool:
    """Whether a process ends within some seconds (or has, and nobody has asked for its status)."""
    for _ in range(200):
        with suppress(OSError):
            if "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii"):
                time.sleep(0.05)
                continue
        return True
    return False


def test_a_picture_comes_back_reduced_with_its_full_size(make: Make, picture: str) -> None:
    decoded = make().decode(stat_file(picture), BOUNDS)
    assert (decoded.width, decoded.height) == (1200, 1600)
    assert decoded.image.size == (600, 800)
    assert decoded.image.getpixel((599, 799)) == (200, 30, 30)


def test_one_process_serves_many_pictures_and_starts_when_needed(make: Make, picture: str) -> None:
    box = make()
    assert not _pids(box)
    for _ in range(3):
        box.decode(stat_file(picture), BOUNDS)
    (first,) = _pids(box)
    box.close()
    assert _gone(first)
    assert _reason(box, picture, lasting=False) == "the program was ending"


def test_bad_pictures_say_what_is_wrong_and_leave_the_process_alone(
    make: Make, tmp_path: Path
) -> None:
    box = make()
    bad = tmp_path / "bad"
    bad.write_bytes(b"no picture")
    assert _reason(box, str(bad)) == "not an image"
    pids = _pids(box)
    gone = stat_file(bad)
    bad.unlink()
    with pytest.raises(UnreadableImage, match="no such file") as caught:
        box.decode(gone, BOUNDS)
    assert not caught.value.lasting
    assert _pids(box) == pids


def test_threads_share_the_processes(make: Make, picture: str) -> None:
    box = make(processes=2)
    found = stat_file(picture)
    with ThreadPoolExecutor(6) as pool:
        sizes = list(pool.map(lambda _: box.decode(found, BOUNDS).image.size, range(30)))
    assert sizes == [(600, 800)] * 30
    assert 1 <= len(_pids(box)) <= 2


def test_a_decoder_that_hangs_is_ended_and_the_file_not_tried_again(
    make: Make, picture: str, tmp_path: Path
) -> None:
    log = tmp_path / "starts"
    box = make(f"open({str(log)!r}, 'a').write('x'); time.sleep(100)", seconds=0.2)
    assert _reason(box, picture).startswith("the decoder took longer than ")
    assert _reason(box, picture).startswith("the decoder took longer than ")
    assert log.read_text() == "x"
    assert not _pids(box)
    os.utime(picture, ns=(1, 1))  # it changed, so it gets another chance
    assert _reason(box, picture).startswith("the decoder took longer than ")
    assert log.read_text() == "xx"


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs POSIX signals")
def test_a_new_process_takes_over_from_one_that_hung(
    make: Make, picture: str, tmp_path: Path
) -> None:
    box = make(seconds=1.0)
    box.decode(stat_file(picture), BOUNDS)
    (pid,) = _pids(box)
    os.kill(pid, signal.SIGSTOP)
    assert "took longer than" in _reason(box, picture)
    assert _gone(pid)
    other = tmp_path / "b.png"
    Image.new("RGB", (9, 9)).save(other)
    assert box.decode(stat_file(other), BOUNDS).image.size == (9, 9)
    assert _pids(box) != [pid]


def test_a_decoder_that_crashes_is_tried_twice_and_named(
    make: Make, picture: str, tmp_path: Path
) -> None:
    log = tmp_path / "starts"
    crash = f"open({str(log)!r}, 'a').write('x'); sys.stdin.buffer.read(1); os.abort()"
    box = make(crash)
    assert _reason(box, picture) == "the decoder crashed"
    assert log.read_text() == "xx"
    assert not _pids(box)


def test_a_process_that_was_killed_meanwhile_is_replaced(make: Make, picture: str) -> None:
    box = make()
    box.decode(stat_file(picture), BOUNDS)
    (pid,) = _pids(box)
    os.kill(pid, signal.SIGKILL)
    assert _gone(pid)
    assert box.decode(stat_file(picture), BOUNDS).image.size == (600, 800)
    assert pid not in _pids(box)


@pytest.mark.parametrize(
    "answer", [b"\xff" * 300, b"\x01" + b"\x7f" * 200, b"\x02\x00" + bytes(48) + b"\xff" * 9]
)
def test_nonsense_from_a_process_ends_it(make: Make, picture: str, answer: bytes) -> None:
    say = f"sys.stdout.buffer.write({answer!r}); sys.stdout.flush(); time.sleep(100)"
    box = make(say)
    assert _reason(box, picture) == "the decoder crashed"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory hold on Linux")
def test_a_decoder_that_eats_memory_is_told_so(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "MEMORY_A_PIXEL", 0)
    box = make(memory=20 << 20)
    large = tmp_path / "large.tif"
    Image.new("RGB", (6000, 6000)).save(large, compression="tiff_lzw")
    assert _reason(box, str(large)) == "the decoder needed more than 20 MB"
    small = tmp_path / "small.tif"
    Image.new("RGB", (300, 300)).save(small)
    assert box.decode(stat_file(small), BOUNDS).image.size == (300, 300)


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "pass")])
def test_a_decoder_that_cannot_be_started_says_nothing_of_the_file(
    make: Make, picture: str, command: tuple[str, ...]
) -> None:
    box = make(command=command)
    assert _reason(box, picture, lasting=False) == "the decoder could not be started"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_process_is_out_of_the_terminal_and_holds_nothing_of_the_programs(
    make: Make, picture: str, tmp_path: Path
) -> None:
    box = make()
    with open(tmp_path / "library.lock", "w") as lock:
        os.set_inheritable(lock.fileno(), True)
        box.decode(stat_file(picture), BOUNDS)
    (pid,) = _pids(box)
    held = [os.readlink(entry.path) for entry in os.scandir(f"/proc/{pid}/fd")]
    assert all(name == os.devnull or name.startswith("pipe:") for name in held)
    assert os.getsid(pid) == pid


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "pass"])
def test_the_process_ends_with_the_program(picture: str, end: str) -> None:
    script = f"""
        import os
        from cbir.images import load, load_image
        load_image({picture!r})
        print([p._process.pid for p in load._sandbox._running][0], flush=True)
        {end}
    """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    home = str(Path(load.__file__).parents[2])
    done = subprocess.run(
        command, capture_output=True, timeout=60, cwd=home, check=False, text=True
    )
    assert not done.stderr
    assert _gone(int(done.stdout))


def test_what_decoders_print_stays_off_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.tif"
    Image.effect_noise((64, 64), 50).save(path, compression="tiff_lzw")
    data = bytearray(path.read_bytes())
    data[8:400] = b"\xff" * 392
    path.write_bytes(data)
    with suppress(UnreadableImage):
        decode_file(str(path), BOUNDS, Budget(1).hold)
    assert capfd.readouterr().err  # libtiff itself does print
    with suppress(UnreadableImage):
        load_image(path)
    assert capfd.readouterr() == ("", "")


def test_a_program_in_one_file_decodes_in_its_own_process(
    picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "_sandbox", Sandbox(Budget(1), command=("/no/such/program",)))
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert load_image(picture).image.size == (600, 800)
    monkeypatch.setattr(load, "decode_file", _out_of_memory)
    with pytest.raises(UnreadableImage, match="too little memory to decode it") as caught:
        load_image(picture)
    assert not caught.value.lasting


def _out_of_memory(*_: object) -> None:
    raise MemoryError


def test_a_large_picture_and_one_that_failed_for_memory_are_decoded_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large, small = tmp_path / "large.png", tmp_path / "small.png"
    Image.new("RGB", (5000, 4000), "red").save(large, compress_level=1)
    Image.new("RGB", (50, 40), "red").save(small)
    apart: list[str] = []
    real = load._sandbox.decode

    def decode(found: object, bounds: Bounds) -> object:
        apart.append(found.path)
        return real(found, bounds)

    monkeypatch.setattr(load._sandbox, "decode", decode)
    assert load_image(large).image.size == (715, 572)
    assert load_image(small).image.size == (50, 40)
    assert apart == [str(large)]
    monkeypatch.setattr(load, "decode", _out_of_memory)
    assert load_image(small).image.size == (50, 40)
    assert apart == [str(large), str(small)]
