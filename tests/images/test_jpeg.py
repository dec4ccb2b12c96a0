from __future__ import annotations

import io
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cbir.errors import UnreadableImage
from cbir.images import load, load_image
from cbir.images.budget import Budget
from cbir.images.jpeg import MOST_SCANS, has_many_scans
from cbir.images.sandbox import Sandbox


def _jpeg(side: int = 64, **options: object) -> bytes:
    stream = io.BytesIO()
    Image.effect_noise((side, side), 40).convert("RGB").save(stream, "JPEG", **options)
    return stream.getvalue()


def _with_scans(data: bytes, count: int) -> bytes:
    """The same picture, its last scan drawn ``count`` times more."""
    last = data[data.rfind(b"\xff\xda") : -2]
    return data[:-2] + last * count + data[-2:]


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": b"Exif\0\0" + bytes(99)}])
def test_ordinary_ones_have_few(options: dict[str, object]) -> None:
    assert not has_many_scans(_jpeg(**options))


def test_those_drawn_over_and_over_have_many() -> None:
    assert has_many_scans(_with_scans(_jpeg(progressive=True), MOST_SCANS))
    assert not has_many_scans(_with_scans(_jpeg(), MOST_SCANS))  # only the first is looked at


def test_what_only_begins_like_a_jpeg_is_counted_through() -> None:
    assert has_many_scans(b"\xff\xd8\xff\xe0\0\x10" + b"junk" * 5 + b"\xff\xda" * 200)


@given(st.binary(max_size=60))
def test_noise_is_no_trouble(noise: bytes) -> None:
    assert has_many_scans(b"\xff\xd8\xff" + noise) is False


def test_a_jpeg_that_would_take_minutes_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jpg"
    stream = io.BytesIO()
    Image.new("RGB", (3000, 3000), "red").save(stream, "JPEG", progressive=True)
    path.write_bytes(_with_scans(stream.getvalue(), 20_000))
    with closing(Sandbox(Budget(400 << 20), seconds=0.5)) as box:
        monkeypatch.setattr(load, "_sandbox", box)
        with pytest.raises(UnreadableImage, match="the decoder took longer than") as caught:
            load_image(path)
    assert caught.value.lasting
