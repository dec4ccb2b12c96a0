"""Picture files: find them, open them safely, orient, decode, reduce."""

from cbir.images.files import FoundFile, stat_file
from cbir.images.load import DEFAULT_MAX_PIXELS, Loaded, load_image, load_thumbnail, thumbnail
from cbir.images.walk import DEFAULT_EXCLUDES, Found, Ignored, NotEntered, find_images

__all__ = [
    "DEFAULT_EXCLUDES",
    "DEFAULT_MAX_PIXELS",
    "Found",
    "FoundFile",
    "Ignored",
    "Loaded",
    "NotEntered",
    "find_images",
    "load_image",
    "load_thumbnail",
    "stat_file",
    "thumbnail",
]
