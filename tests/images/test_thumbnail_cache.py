from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from cbir.images import FoundFile, ThumbnailCache, level_for

FOUND = FoundFile("/photos/a.jpg", 1000, 123)


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "home" / "thumbnails")


def picture(colour: str = "red", size: tuple[int, int] = (320, 200)) -> Image.Image:
    return Image.new("RGB", size, colour)


def noise(side: int = 320) -> Image.Image:
    return Image.frombytes("RGB", (side, side), os.urandom(3 * side * side))


def files(cache: ThumbnailCache) -> list[Path]:
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


def test_levels_serve_what_fits_in_them() -> None:
    assert [level_for(size) for size in (1, 160, 320, 321, 640)] == [320, 320, 320, 640, 640]
    assert level_for(641) is None


def test_what_is_put_is_there(cache: ThumbnailCache) -> None:
    assert cache.get(FOUND.path, 320, FOUND) is None
    assert not cache.holds(FOUND, 320)
    cache.put(FOUND, picture(), 320)
    found = cache.get(FOUND.path, 320, FOUND)
    assert found is not None and found.mode == "RGB" and found.size == (320, 200)
    red, green, blue = found.getpixel((9, 9))  # type: ignore[misc]
    assert red > 240 and green < 15 and blue < 15
    assert cache.holds(FOUND, 320) and cache.holds(FOUND, 160)


def test_small_ones_may_come_larger_but_never_smaller_than_asked(cache: ThumbnailCache) -> None:
    cache.put(FOUND, picture(), 320)
    small = cache.get(FOUND.path, 100, FOUND)
    assert small is not None and max(small.size) >= 100
    assert cache.get(FOUND.path, 321, FOUND) is None and not cache.holds(FOUND, 640)
    cache.put(FOUND, picture(size=(90, 90)), 640)  # the picture itself is no larger
    large = cache.get(FOUND.path, 640, FOUND)
    assert large is not None and large.size == (90, 90)
    assert len(files(cache)) == 1


@pytest.mark.parametrize("now", [FoundFile(FOUND.path, 1001, 123), FoundFile(FOUND.path, 1000, 4)])
def test_another_state_of_the_file_has_none(cache: ThumbnailCache, now: FoundFile) -> None:
    cache.put(FOUND, picture(), 320)
    assert cache.get(FOUND.path, 160, now) is None and not cache.holds(now, 160)
    cache.put(now, picture("blue"), 320)
    assert cache.get(FOUND.path, 160, now) is not None
    assert cache.get(FOUND.path, 160, FOUND) is None
    assert len(files(cache)) == 1


def test_of_a_file_out_of_reach_there_is_the_last_one(cache: ThumbnailCache) -> None:
    assert cache.get(FOUND.path, 640, None) is None
    cache.put(FOUND, picture(), 320)
    assert cache.get(FOUND.path, 640, None) is not None


def test_names_that_are_not_utf8(cache: ThumbnailCache) -> None:
    odd = FoundFile("/photos/\udcff\n.jpg", 1, 2)
    cache.put(odd, picture(), 320)
    assert cache.get(odd.path, 320, odd) is not None


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are other things there")
def test_only_the_owner_can_read_them(cache: ThumbnailCache) -> None:
    cache.put(FOUND, picture(), 320)
    for path in (cache.folder, *cache.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_the_longest_unused_go_first(tmp_path: Path) -> None:
    founds = [FoundFile(f"/photos/{number}.jpg", 1, 1) for number in range(11)]
    image = noise()
    probe = ThumbnailCache(tmp_path / "probe")
    probe.put(FOUND, image, 320)
    most = 10 * probe.bytes_used + 1000  # ten of them; one more, and two go
    cache = ThumbnailCache(tmp_path / "small", most)
    for found in founds[:3]:
        cache.put(found, image, 320)
    for age, path in enumerate(files(cache)):
        os.utime(path, (age, age))
    assert cache.get(founds[0].path, 320, founds[0]) is not None  # used just now
    for found in founds[3:]:
        cache.put(found, image, 320)
    assert most * 0.8 < cache.bytes_used <= most
    assert cache.holds(founds[-1], 320) and cache.holds(founds[0], 320)
    assert not cache.holds(founds[1], 320) and not cache.holds(founds[2], 320)


def test_remains_of_a_crash_go_too(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "small", most_bytes=200_000)
    cache.put(FOUND, noise(), 320)
    torn = files(cache)[0].with_name("tmp1234")
    torn.write_bytes(b"x" * 300_000)
    os.utime(torn, (1, 1))
    other = FoundFile("/photos/b.jpg", 1, 1)
    ThumbnailCache(cache.folder, most_bytes=200_000).put(other, noise(), 320)
    assert not torn.exists()


def test_removed_and_cleared(cache: ThumbnailCache) -> None:
    other = FoundFile("/photos/b.jpg", 1, 1)
    for found in (FOUND, other):
        cache.put(found, picture(), 320)
    used = cache.bytes_used
    assert used == sum(path.stat().st_size for path in files(cache)) > 0
    cache.remove([FOUND.path, "/photos/never_there.jpg"])
    assert not cache.holds(FOUND, 320) and cache.holds(other, 320)
    assert 0 < cache.clear() < used
    assert files(cache) == [] and cache.bytes_used == 0 and cache.clear() == 0
    cache.put(FOUND, picture(), 320)
    assert cache.holds(FOUND, 320)


def test_what_is_damaged_counts_as_none_and_is_made_again(cache: ThumbnailCache) -> None:
    cache.put(FOUND, noise(), 320)
    place = files(cache)[0]
    whole = place.read_bytes()
    foreign = place.with_name("foreign.jpg")
    picture().save(foreign)
    large = place.with_name("large.jpg")
    Image.new("RGB", (3000, 3000)).save(large, comment=b"cbir-thumbnail 640 1000 123")
    for data in (b"", whole[: len(whole) // 2], foreign.read_bytes(), large.read_bytes()):
        place.write_bytes(data)
        assert cache.get(FOUND.path, 160, FOUND) is None
        assert cache.get(FOUND.path, 160, None) is None
    cache.put(FOUND, picture(), 320)
    assert cache.get(FOUND.path, 160, FOUND) is not None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), comment=st.binary(max_size=40))
def test_nothing_in_a_file_is_trusted(
    cache: ThumbnailCache, at: int, byte: int, comment: bytes
) -> None:
    cache.put(FOUND, picture(), 320)
    place = files(cache)[0]
    data = bytearray(place.read_bytes())
    data[at % len(data)] = byte
    place.write_bytes(data)
    for found in (FOUND, None):
        image = cache.get(FOUND.path, 160, found)
        assert image is None or max(image.size) <= 640
    picture().save(place, "JPEG", comment=b"cbir-thumbnail" + comment)
    cache.get(FOUND.path, 160, FOUND)
    assert cache.holds(FOUND, 160) in (True, False)


def test_a_disk_that_takes_nothing_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = ThumbnailCache(tmp_path / "file" / "thumbnails")
    for _ in range(3):
        cache.put(FOUND, picture(), 320)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert cache.get(FOUND.path, 160, FOUND) is None
    assert cache.bytes_used == 0 and cache.clear() == 0
    cache.remove([FOUND.path])
