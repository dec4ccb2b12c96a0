"""A folder of pictures and copies of them, and what a test of near-duplicates says of records."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image, ImageOps

from cbir.records import Copy, DuplicateGroup, DuplicateLevel
from cbir.work.duplicates import Duplicates
from tests.ui.grid.rig import make_record

SAMPLES = Path(__file__).resolve().parents[3] / "sample_images"


def make_copies(folder: Path) -> Path:
    """``car``: an original, its twin, one saved anew at half the size, and one mirrored.

    ``boat``: an original and its twin. And a picture of which there is no copy.
    """
    folder.mkdir()
    car = folder / "car.jpg"
    car.write_bytes((SAMPLES / "car_red_sports_01.jpg").read_bytes())
    with Image.open(car) as image:
        image.resize((image.width // 2, image.height // 2)).save(folder / "car_half.jpg")
        ImageOps.mirror(image).save(folder / "car_mirrored.jpg", quality=60)
    boat = sorted(SAMPLES.glob("sailing*.jpg"))[0]
    for original, name in ((car, "car_twin.jpg"), (boat, "boat.jpg"), (boat, "boat_twin.jpg")):
        (folder / name).write_bytes(original.read_bytes())
    flowers = sorted(SAMPLES.glob("balloon*.jpg"))[0]
    (folder / "alone.jpg").write_bytes(flowers.read_bytes())
    for age, name in enumerate(("car.jpg", "boat.jpg")):  # older than their twins
        os.utime(folder / name, (1_000_000 + age, 1_000_000 + age))
    return folder


def made_up(groups: int, copies: int = 2, level: DuplicateLevel = "same") -> Duplicates:
    """Groups of made-up records 1, 2, 3, …, the best of each first."""
    made = []
    for number in range(groups):
        first = 1 + number * (copies + 1)
        rest = (make_record(first + 1 + at) for at in range(copies))
        made.append(
            DuplicateGroup(make_record(first), tuple(Copy(one, level, 0.998) for one in rest))
        )
    return Duplicates(level, "classic", tuple(made), groups * (copies + 1), 0, (), 0.0)
