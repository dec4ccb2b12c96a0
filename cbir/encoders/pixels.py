"""The geometry that encoders share: sizes and crops, as torchvision and transformers do them."""

from __future__ import annotations

from PIL import Image

_LONGEST_RATIO = 32


def as_rgb(image: Image.Image) -> Image.Image:
    """The picture in mode RGB; the same object where it is already."""
    return image if image.mode == "RGB" else image.convert("RGB")


def central_part(image: Image.Image) -> Image.Image:
    """The picture, or the middle of one that is more than 32 times as long as wide.

    The networks look at a central square only, but enlarge the whole picture first: a strip of
    1 × 10,000 pixels would take gigabytes on its way. The cut keeps the exact centre.
    """
    width, height = image.size
    longest = _LONGEST_RATIO * min(width, height)
    if max(width, height) <= longest:
        return image
    # an even number of pixels goes, so that the middle stays where it was
    left, top = max(0, width - longest + 1) // 2, max(0, height - longest + 1) // 2
    return image.crop((left, top, width - left, height - top))


def size_with_short_side(size: tuple[int, int], short: int) -> tuple[int, int]:
    """(width, height) in pixels with the shorter side ``short``, rounded as torchvision does."""
    width, height = size
    if width <= height:
        return short, int(short * height / width)
    return int(short * width / height), short
