"""Which files are pictures: the formats we open, their extensions, and their first bytes.

An explicit list, so that nothing that starts an outside program (EPS runs Ghostscript) or that
needs a handler (WMF, GRIB, HDF5) is ever tried. Importing the plugins here also registers them
once, on one thread; ``Image.open`` then never has to load all of Pillow's plugins.
"""

from __future__ import annotations

import mimetypes
from pathlib import PurePath
from typing import Literal

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    CurImagePlugin,
    DcxImagePlugin,
    DdsImagePlugin,
    FliImagePlugin,
    GifImagePlugin,
    IcnsImagePlugin,
    IcoImagePlugin,
    Image,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    QoiImagePlugin,
    SgiImagePlugin,
    SunImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    XbmImagePlugin,
    XpmImagePlugin,
)

PLUGINS = (
    AvifImagePlugin,
    BmpImagePlugin,
    CurImagePlugin,
    DcxImagePlugin,
    DdsImagePlugin,
    FliImagePlugin,
    GifImagePlugin,
    IcnsImagePlugin,
    IcoImagePlugin,
    Jpeg2KImagePlugin,
    JpegImagePlugin,
    MpoImagePlugin,
    PcxImagePlugin,
    PngImagePlugin,
    PpmImagePlugin,
    PsdImagePlugin,
    QoiImagePlugin,
    SgiImagePlugin,
    SunImagePlugin,
    TgaImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    XbmImagePlugin,
    XpmImagePlugin,
)
"""The Pillow modules that know the formats below; importing them is what registers them."""

FORMATS: tuple[str, ...] = (
    *("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "DIB", "AVIF", "JPEG2000", "PPM"),
    *("ICO", "ICNS", "PSD", "QOI", "PCX", "SGI", "SUN"),
    *("CUR", "DCX", "DDS", "FLI", "XBM", "XPM"),
)
"""Pillow's names of the formats recognised by content, the likeliest first."""

ORDINARY: tuple[str, ...] = ("JPEG", "PNG", "WEBP", "GIF")
"""The formats that nearly all files have, and whose decoders every browser exposes to the world.

Only these are decoded in the program's own process. The others go to a process of their own: their
libraries are tried less, print straight to the terminal (libtiff), or take memory and time out of
all proportion (JPEG 2000); and Pillow's decoders in Python (BMP's run lengths, PPM's text, QOI)
hold up every other thread.
"""

ANIMATED = frozenset({"GIF", "PNG", "WEBP", "AVIF", "FLI"})
"""Formats whose further frames are one animation (not pages, layers or sizes)."""

HEIC_EXTENSIONS = frozenset({".heic", ".heics", ".heif", ".heifs", ".hif"})
"""Lower-case extensions of the pictures that phones take; pillow-heif reads them."""

# Camera raw files are mostly TIFF containers whose first page is a postage stamp.
RAW_EXTENSIONS = frozenset(
    {
        *(".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc"),
        *(".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".raf", ".rw2", ".rwl"),
        *(".sr2", ".srf", ".srw", ".x3f"),
    }
)
"""Lower-case extensions of camera raw files; LibRaw reads them."""

EXTENSIONS = HEIC_EXTENSIONS | RAW_EXTENSIONS
EXTENSIONS |= {
    extension for extension, name in Image.EXTENSION.items() if name in {*FORMATS, "TGA", "MPO"}
}
"""Lower-case extensions, with their dot, of the files taken for pictures without a look inside."""

MAGIC_BYTES = 16
"""How many leading bytes ``looks_like_picture`` wants."""

_FAMILIES = {"MPO": "JPEG", "DIB": "BMP"}
"""Formats that Pillow tells apart, while files of either have the one's extensions."""

_TGA_END = b"TRUEVISION-XFILE.\0"

SIGNED_BYTES = len(_TGA_END)
"""How many trailing bytes ``formats_for`` wants."""

JPEG = b"\xff\xd8\xff"
"""How JPEG files begin."""

_ORDINARY = (JPEG, b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_PREFIXES = (
    *(b"8BPS\x00\x01", b"qoif"),
    *(b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"icns", b"\x59\xa6\x6a\x95"),
    *(b"\x00\x00\x00\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51", b"\x00\x00\x01\x00", b"DDS "),
)
_BRANDS = (b"avif", b"avis")
# mif1 and msf1 say only that it is a picture of that container: AVIF names itself further on
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

# A fresh instance reads only Python's own table, so the answer is the same on every computer.
_TYPES = mimetypes.MimeTypes()

Guess = Literal["picture", "other", "unknown"]


def looks_like_picture(prefix: bytes) -> bool:
    """Whether a file's first ``MAGIC_BYTES`` bytes are those of a format in ``FORMATS``.

    Stricter than Pillow's own first look for formats with two-byte signatures, so that a text
    that happens to begin with ``BM`` is not taken for a bitmap.
    """
    return (
        is_ordinary(prefix)
        or prefix.startswith(_PREFIXES)
        or (prefix[4:8] == b"ftyp" and prefix[8:12] in _BRANDS + _HEIC_BRANDS)
        or (prefix[:2] == b"BM" and prefix[6:10] == bytes(4))
        or (prefix[:1] == b"P" and prefix[1:2] in b"123456fF" and prefix[2:3].isspace())
        or (prefix[:2] == b"\x01\xda" and prefix[2:3] in (b"\0", b"\1") and len(prefix) > 3)
    )


def guess_by_name(name: str) -> Guess:
    """``picture`` or ``other`` where the extension of a file ``name`` tells, else ``unknown``.

    ``other`` covers what is known to be something else (documents, music, films, programs) and
    pictures of kinds that we do not open.
    """
    extension = extension_of(name)
    if extension in EXTENSIONS:
        return "picture"
    kind, encoding = _TYPES.guess_type(f"x{extension}", strict=True)
    told = encoding is not None or (kind is not None and not kind.startswith("image/"))
    return "other" if told and kind != "application/octet-stream" else "unknown"


def is_ordinary(prefix: bytes) -> bool:
    """Whether a file's first ``MAGIC_BYTES`` bytes are those of a format in ``ORDINARY``."""
    return prefix.startswith(_ORDINARY) or (prefix[:4] == b"RIFF" and prefix[8:12] == b"WEBP")


def is_heic(prefix: bytes) -> bool:
    """Whether a file's first ``MAGIC_BYTES`` bytes are those of HEIC (or of an AVIF that says no
    more than being of the same container)."""
    return prefix[4:8] == b"ftyp" and prefix[8:12] in _HEIC_BRANDS


def is_raw(path: str, prefix: bytes) -> bool:
    """Whether the file at ``path`` is a camera raw file: by its extension, as raw files have no
    common signature, unless its first ``MAGIC_BYTES`` bytes are those of an ordinary picture."""
    return extension_of(path) in RAW_EXTENSIONS and not is_ordinary(prefix)


def extension_of(path: str) -> str:
    """The lower-case extension of a path or name, with its dot."""
    return PurePath(path).suffix.lower()


def format_named(extension: str) -> str:
    """Pillow's name of the format whose files have an extension (lower case, with its dot).

    "" where that is not known, and for camera raw files, of which each maker has one's own.
    """
    named = "HEIF" if extension in HEIC_EXTENSIONS else Image.EXTENSION.get(extension, "")
    return family(named) if extension in EXTENSIONS else ""


def family(name: str) -> str:
    """A format's name, or that of the one whose files and extensions it shares."""
    return _FAMILIES.get(name, name)


def formats_for(path: str, suffix: bytes) -> tuple[str, ...]:
    """The formats to try for the file at ``path`` that ends with ``suffix``.

    TGA begins with no signature: tried on everything, it would make pictures out of noise. It is
    told by its name, or by its last ``SIGNED_BYTES`` bytes, which newer files sign.
    """
    named = Image.EXTENSION.get(extension_of(path)) == "TGA"
    return (*FORMATS, "TGA") if named or suffix.endswith(_TGA_END) else FORMATS
