"""Picture files: find them, open them safely, orient, decode, reduce."""

from cbir.images.files import FoundFile, stat_file
from cbir.images.load import (
    DEFAULT_MAX_PIXELS,
    Loaded,
    load_image,
    load_metadata,
    load_thumbnail,
    read_taken,
    thumbnail,
)
from cbir.images.metadata import Metadata
from cbir.images.thumbnail_cache import ThumbnailCache, highest_level, level_for
from cbir.images.too_large import fits_now
from cbir.images.walk import (
    DEFAULT_EXCLUDES,
    Found,
    Ignored,
    NotEntered,
    find_images,
    is_other_file,
    is_reached,
    look_again,
    stat_named,
)

__all__ = [
    "DEFAULT_EXCLUDES",
    "DEFAULT_MAX_PIXELS",
    "Found",
    "FoundFile",
    "Ignored",
    "Loaded",
    "Metadata",
    "NotEntered",
    "ThumbnailCache",
    "find_images",
    "fits_now",
    "highest_level",
    "is_other_file",
    "is_reached",
    "level_for",
    "load_image",
    "load_metadata",
    "load_thumbnail",
    "look_again",
    "read_taken",
    "stat_file",
    "stat_named",
    "thumbnail",
]
