"""What was begun and not ended is known the next time, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.config import Settings
from cbir.work.unfinished import Begun, Unfinished

FOLDER = Begun(("/pictures/\udcff", "/more"), ("classic", "clip"))
ALL = Begun((), ("clip",))


def book(home: Path, library: str = "a.npz", *, stopping: bool = False) -> Unfinished:
    return Unfinished(Settings(home, home / library), lambda: stopping)


def test_what_ended_is_forgotten_however_it_ended(tmp_path: Path) -> None:
    known = book(tmp_path)
    with known.noted(FOLDER):
        assert book(tmp_path).read() == (FOLDER,)
        assert book(tmp_path, "b.npz").read() == ()
    assert known.read() == ()
    with pytest.raises(ValueError, match="broken"), known.noted(FOLDER):
        raise ValueError("broken")
    assert known.read() == ()
    assert list((tmp_path / "unfinished").iterdir()) == []


def test_what_the_end_of_the_program_cut_off_is_known_the_next_time(tmp_path: Path) -> None:
    stopping = book(tmp_path, stopping=True)
    with pytest.raises(KeyboardInterrupt), stopping.noted(FOLDER):
        raise KeyboardInterrupt
    with stopping.noted(ALL):
        pass
    again = book(tmp_path)
    assert again.read() == (FOLDER,)
    with again.noted(FOLDER):  # begun anew, it is there once
        assert again.read() == (FOLDER,)
    assert again.read() == ()


@given(st.binary(max_size=200) | st.sampled_from([b'[{"paths": ["a"]}]', b"[1]", b"[" * 9000]))
def test_a_broken_file_tells_nothing(tmp_path_factory: pytest.TempPathFactory, told: bytes) -> None:
    home = tmp_path_factory.mktemp("home")
    known = book(home)
    with known.noted(ALL):
        (file,) = (home / "unfinished").iterdir()
        file.write_bytes(told)
        assert known.read() == ()
