"""Finding duplicates on pictures: copies made in known ways, and how many are found at each level.

Each change is measured by itself, in a library of the originals and their copies by that change.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFont, ImageOps

from cbir.bench.pictures import pictures_in
from cbir.config import Settings
from cbir.errors import UnreadableImage
from cbir.images import load_image
from cbir.library import Library
from cbir.records import (
    DUPLICATE_LEVELS,
    DuplicateGroup,
    DuplicateLevel,
    Embeddings,
    JsonObject,
    Record,
)
from cbir.work.duplicates import Duplicates
from cbir.work.engine import Engine
from cbir.work.loop import wait_for

_MOST = 200
_QUALITY = 90  # of copies that are not about it
_CROPPED = 0.05  # from each side, so 10 % of the width and of the height
_TURNED = 2.0
_INK = (255, 255, 255, 150)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One way to make a copy, and the quality of JPEG to save it at, None for the same bytes."""

    make: Callable[[Image.Image], Image.Image]
    quality: int | None = _QUALITY


def _cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    left, top = round(_CROPPED * width), round(_CROPPED * height)
    return image.crop((left, top, width - left, height - top))


def _watermarked(image: Image.Image) -> Image.Image:
    width, height = image.size
    layer = Image.new("RGBA", image.size)
    font = ImageFont.load_default(max(10, height // 14))
    place = (0.96 * width, 0.96 * height)
    ImageDraw.Draw(layer).text(place, "example.org", fill=_INK, font=font, anchor="rb")
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _halved(image: Image.Image) -> Image.Image:
    size = (max(1, image.width // 2), max(1, image.height // 2))
    return image.resize(size, Image.Resampling.LANCZOS)


def _brightened(factor: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: ImageEnhance.Brightness(image).enhance(factor)


CHANGES: Mapping[str, Change] = {
    "copied": Change(lambda image: image, None),
    "recompressed, quality 75": Change(lambda image: image, 75),
    "recompressed, quality 50": Change(lambda image: image, 50),
    "half the size": Change(_halved),
    "brightened by 10 %": Change(_brightened(1.1)),
    "brightened by 20 %": Change(_brightened(1.2)),
    "watermarked": Change(_watermarked),
    "cropped by 10 %": Change(_cropped),
    "rotated by 2°": Change(lambda image: image.rotate(_TURNED, Image.Resampling.BICUBIC)),
    "mirrored": Change(ImageOps.mirror),
}


@dataclass(frozen=True, slots=True)
class Quality:
    """Of ``pairs`` of an original and its copy by ``change``, the share ``recall`` is in one group.

    ``precision`` is the share of what was found at ``level`` that is such a copy of its group's
    best (1 for nothing); what was a duplicate among the originals before counts against it.
    """

    change: str
    level: DuplicateLevel
    pairs: int
    recall: float
    precision: float


@dataclass(frozen=True, slots=True)
class VariantsBench:
    """Every change at every level, in ``space``, on ``pictures`` originals."""

    space: str
    pictures: int
    qualities: tuple[Quality, ...]

    def document(self) -> JsonObject:
        """The figures as ``--json`` shows them."""
        return asdict(self)


def measure_variants(settings: Settings, folder: str, space: str, say: Say) -> VariantsBench:
    """Copy pictures below ``folder`` (200 of them at most) in every way, and find the copies.

    Raises CbirError where there is no picture, SpaceUnavailable.
    """
    sources = pictures_in(folder)
    with tempfile.TemporaryDirectory(prefix="cbir-") as place:
        home = Path(place)
        say("Making copies …")
        _make_copies(sources, home / "pictures")
        here = replace(settings, home=home, library=home / "all.npz")
        say("Indexing them …")
        engine = _opened(here, read_only=False)
        wait_for(engine.index([str(home / "pictures")], [space]), engine.outbox, _ignored)
        _end(engine)
        qualities = []
        with Library.open(here.library, read_only=True) as library:
            for number, change in enumerate(CHANGES):
                say(f"Finding what was {change} …")
                some = replace(here, library=home / f"{number}.npz")
                _take_part(library, space, change, some.library)
                qualities += _find(some, space, change)
            originals = sum(_change_of(record) == "original" for record in library)
    return VariantsBench(space, originals, tuple(qualities))


def _make_copies(sources: list[str], folder: Path) -> None:
    for name in ("original", *CHANGES):
        (folder / name).mkdir(parents=True)
    step = -(-len(sources) // _MOST)
    for number, source in enumerate(sources[::step]):
        try:
            image = load_image(source).image
        except UnreadableImage:
            continue
        original = folder / "original" / f"{number:04}.png"
        image.save(original, compress_level=1)
        for name, change in CHANGES.items():
            copy = folder / name / f"{number:04}.jpg"
            if change.quality is None:
                copy.write_bytes(original.read_bytes())
            else:
                change.make(image).save(copy, quality=change.quality)


def _take_part(library: Library, space: str, change: str, file: Path) -> None:
    """A new library of the originals and their copies by one change, with their vectors."""
    ids, vectors = library.vectors(space)
    records = [library.get(id) for id in ids.tolist()]
    kept = [at for at, record in enumerate(records) if _change_of(record) in ("original", change)]
    made = Embeddings(vectors[kept], library.spaces()[space].fingerprint)
    with Library.open(file) as part:
        part.add([records[at].file for at in kept], {space: made})


def _find(settings: Settings, space: str, change: str) -> list[Quality]:
    engine = _opened(settings, read_only=True)
    found = []
    for level in DUPLICATE_LEVELS:
        by = None if level == "identical" else space
        job = engine.find_duplicates(level, by)
        found.append(_judged(change, level, wait_for(job, engine.outbox, _ignored)))
    _end(engine)
    return found


def _judged(change: str, level: DuplicateLevel, found: Duplicates) -> Quality:
    pairs = [(group.best, copy.record) for group in found.groups for copy in group.copies]
    right = sum(_stem(best) == _stem(copy) for best, copy in pairs)
    together = sum(_pairs_in(group) for group in found.groups)
    there = found.total // 2
    precision = right / len(pairs) if pairs else 1.0
    return Quality(change, level, there, together / max(there, 1), precision)


def _pairs_in(group: DuplicateGroup) -> int:
    members = Counter(map(_stem, (group.best, *(copy.record for copy in group.copies))))
    return sum(count > 1 for count in members.values())


def _stem(record: Record) -> str:
    return Path(record.path).stem


def _change_of(record: Record) -> str:
    return Path(record.path).parent.name


def _opened(settings: Settings, *, read_only: bool) -> Engine:
    engine = Engine(settings, read_only=read_only, tends=False)
    wait_for(engine.open(), engine.outbox, _ignored)
    return engine


def _end(engine: Engine) -> None:
    engine.stop()
    engine.close()


def _ignored(event: object) -> None:
    """Nobody watches the progress."""
