"""Hits taken elsewhere: as a table, a JSON document, a page to look at, or the files themselves."""

from __future__ import annotations

import base64
import csv
import errno
import html
import io
import itertools
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Literal

from PIL import Image

from cbir.errors import CbirError, UnreadableImage
from cbir.images import load_thumbnail
from cbir.language import _, counted, retold
from cbir.records import JsonObject, Record
from cbir.whole_file import claim, replace_file
from cbir.work.worker import JobCancelled, JobRun

ExportKind = Literal["csv", "json", "html", "copy", "link"]

_THUMBNAIL = 320  # pixels; 160 on the page of a screen with twice the usual number
_QUALITY = 80
_READABLE = 0o644
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LONGEST_NAME = 255  # bytes, on nearly all file systems
# Copying may name the source of what is wrong with the place that it goes to.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
_COLUMNS = (
    "rank",
    "path",
    "score",
    "width",
    "height",
    "bytes",
    "modified",
    "missing",
    "tags",
    "note",
)


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be exported: ``records``, best first, with their scores; ``query`` in words.

    ``scores`` is empty where nothing was searched for. ``to`` is the file to write, or for ``copy``
    and ``link`` the folder that gets the files, whose names begin with their ranks if ``numbered``.
    """

    kind: ExportKind
    to: str
    records: tuple[Record, ...]
    scores: tuple[float, ...] = ()
    query: str = ""
    numbered: bool = False

    def score(self, index: int) -> float | None:
        """The score of a record, where there is one."""
        return self.scores[index] if self.scores else None


@dataclass(frozen=True, slots=True)
class ExportReport:
    """How many records went ``to`` a file or folder, and which files did not, with reasons."""

    to: str
    exported: int
    skipped: tuple[tuple[str, str], ...] = ()


def export(run: JobRun, wanted: Export, max_pixels: int) -> ExportReport:
    """Export, with progress. A file is replaced whole; a folder keeps what was done before Cancel.

    Raises CbirError where the file or folder cannot be written, or files there cannot be linked.
    """
    try:
        if wanted.kind in ("copy", "link"):
            return _take_files(run, wanted)
        return _write_file(run, wanted, max_pixels)
    except OSError as error:
        raise CbirError(
            _("{to} cannot be written ({strerror}): choose another place.").format(
                to=wanted.to, strerror=error.strerror or error
            )
        ) from error


# -- one file -----------------------------------------------------------------------------------


def save_file(path: str, content: bytes) -> None:
    """Write a file that the user named, readable by all, whole or not at all. Raises CbirError."""
    try:
        replace_file(Path(path), lambda file: file.write(content), _READABLE)
    except OSError as error:
        raise CbirError(
            _("{path} cannot be written ({reason}): choose another place.").format(
                path=path, reason=error.strerror or error
            )
        ) from error


def _write_file(run: JobRun, wanted: Export, max_pixels: int) -> ExportReport:
    skipped: tuple[tuple[str, str], ...] = ()
    if wanted.kind == "csv":
        content = to_csv(wanted)
    elif wanted.kind == "json":
        content = to_json(wanted)
    else:
        pictures, skipped = _thumbnails(run, wanted.records, max_pixels)
        content = to_html(wanted, pictures)

    def write(file: BinaryIO) -> None:
        file.write(content)

    replace_file(Path(wanted.to), write, _READABLE)
    return ExportReport(wanted.to, len(wanted.records), skipped)


def to_csv(wanted: Export) -> bytes:
    """A table in UTF-8 with a byte order mark, as spreadsheets expect it.

    Text that a spreadsheet would take for a formula gets an apostrophe before it
    (https://owasp.org/www-community/attacks/CSV_Injection).
    """
    told = io.StringIO()
    table = csv.writer(told)
    table.writerow(_COLUMNS)
    for index, record in enumerate(wanted.records):
        score = wanted.score(index)
        table.writerow(
            [
                index + 1,
                neutral(record.path),
                "" if score is None else f"{score:.6g}",
                record.file.width,
                record.file.height,
                record.file.size,
                _modified(record),
                "yes" if record.missing else "",
                neutral(", ".join(record.tags)),
                neutral(record.note),
            ]
        )
    return told.getvalue().encode("utf-8-sig", "backslashreplace")


def neutral(text: str) -> str:
    """The text as a spreadsheet's cell that is never taken for a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def to_json(wanted: Export) -> bytes:
    r"""The hits with the keys of ``search --json`` and their records' own; bytes as ``\udcXX``."""
    hits: list[JsonObject] = []
    for index, record in enumerate(wanted.records):
        hits.append(
            {
                "rank": index + 1,
                "id": record.id,
                "path": record.path,
                "score": wanted.score(index),
                "width": record.file.width,
                "height": record.file.height,
                "bytes": record.file.size,
                "modified": _modified(record),
                "missing": record.missing,
                "tags": list(record.tags),
                "note": record.note,
            }
        )
    document = {"query": wanted.query, "total": len(hits), "hits": hits}
    return (json.dumps(document, indent=2, allow_nan=False) + "\n").encode("ascii")


def _modified(record: Record) -> str:
    """When the file was changed last, local time; empty where that is no date."""
    try:
        then = datetime.fromtimestamp(record.file.mtime_ns / 1e9).astimezone()
    except (OverflowError, OSError, ValueError):
        return ""
    return then.isoformat(timespec="seconds")


# -- the page -----------------------------------------------------------------------------------

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; font: 15px/1.4 system-ui, sans-serif; }}
body {{ margin: 2rem; }}
h1 {{ font-size: 1.3rem; margin: 0 0 1.2rem; overflow-wrap: anywhere; }}
ol {{ list-style: none; margin: 0; padding: 0; display: grid; gap: 1.2rem;
     grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); }}
.picture {{ height: 160px; display: flex; align-items: center; justify-content: center; }}
.picture, .picture a {{ border-radius: 4px; }}
.picture {{ background: color-mix(in srgb, CanvasText 6%, Canvas); }}
img {{ max-width: 160px; max-height: 160px; display: block; }}
.name {{ overflow-wrap: anywhere; }}
.more {{ opacity: .75; font-size: .87rem; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<h1>{title}</h1>
<ol>
{items}
</ol>
</body>
</html>
"""


def to_html(wanted: Export, pictures: Sequence[bytes | None]) -> bytes:
    """A page that needs no other file: ``pictures`` are JPEGs in it, None where there is none."""
    items = "\n".join(
        _item(index, record, wanted.score(index), picture)
        for index, (record, picture) in enumerate(zip(wanted.records, pictures, strict=True))
    )
    count = len(wanted.records)
    title = wanted.query or counted("{count:,} picture", "{count:,} pictures", count)
    page = _PAGE.format(title=html.escape(title), items=items)
    return page.encode("utf-8", "backslashreplace")


def _item(index: int, record: Record, score: float | None, picture: bytes | None) -> str:
    name = html.escape(os.path.basename(record.path))
    if picture is None:
        shown = f'<span class="more">{html.escape(_("no preview"))}</span>'
    else:
        data = base64.b64encode(picture).decode("ascii")
        shown = f'<img alt="{name}" src="data:image/jpeg;base64,{data}">'
    link = html.escape(Path(record.path).as_uri())
    told = [f"{index + 1}"] if score is None else [f"{index + 1}", f"{score:.4g}"]
    told += [f"{record.file.width} × {record.file.height}", *record.tags]
    more = html.escape(" · ".join(told))
    note = f'<div class="more">{html.escape(record.note)}</div>' if record.note else ""
    return (
        f'<li><div class="picture"><a href="{link}">{shown}</a></div>'
        f'<div class="name" title="{html.escape(record.path)}">{name}</div>'
        f'<div class="more">{more}</div>{note}</li>'
    )


def _thumbnails(
    run: JobRun, records: Sequence[Record], max_pixels: int
) -> tuple[list[bytes | None], tuple[tuple[str, str], ...]]:
    """Small JPEGs, made of pixels alone, so nothing of the camera or the place is in them."""
    pictures: list[bytes | None] = []
    skipped: list[tuple[str, str]] = []
    for index, record in enumerate(records):
        run.check()
        run.progress(index, len(records))
        try:
            pictures.append(_jpeg(load_thumbnail(record.path, _THUMBNAIL, max_pixels=max_pixels)))
        except UnreadableImage as error:
            pictures.append(None)
            skipped.append((record.path, retold(error.reason)))
    return pictures, tuple(skipped)


def _jpeg(image: Image.Image) -> bytes:
    plain = Image.new("RGB", image.size)  # saving would keep a comment that the file had
    plain.paste(image)
    file = io.BytesIO()
    plain.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()


# -- the files themselves -----------------------------------------------------------------------


def _take_files(run: JobRun, wanted: Export) -> ExportReport:
    folder = Path(wanted.to)
    folder.mkdir(parents=True, exist_ok=True)
    take = _link if wanted.kind == "link" else _copy
    digits = len(str(len(wanted.records)))
    skipped: list[tuple[str, str]] = []
    for index, record in enumerate(wanted.records):
        done = ExportReport(wanted.to, index - len(skipped), tuple(skipped))
        if run.job.cancelled:
            raise JobCancelled(done)
        run.progress(index, len(wanted.records))
        name = os.path.basename(record.path)
        if wanted.numbered:
            name = f"{index + 1:0{digits}} {name}"
        if not os.path.isfile(record.path):
            skipped.append((record.path, _("the file is not there")))
            continue
        try:
            take(record.path, folder, name)
        except OSError as error:
            if error.filename != record.path or error.errno in _NO_ROOM:
                raise
            skipped.append(
                (record.path, _("it cannot be read ({strerror})").format(strerror=error.strerror))
            )
    return ExportReport(wanted.to, len(wanted.records) - len(skipped), tuple(skipped))


def _copy(path: str, folder: Path, name: str) -> None:
    """Copy a file under a name that is free, with its dates; a half-written copy is removed."""
    for free in _free_names(name):
        try:
            claim(folder / free)
        except FileExistsError:
            continue
        try:
            shutil.copy2(path, folder / free)
        except BaseException:
            os.unlink(folder / free)
            raise
        return


def _link(path: str, folder: Path, name: str) -> None:
    """Give a file a second name in the folder, which takes no room."""
    for free in _free_names(name):
        try:
            os.link(path, folder / free)
        except FileExistsError:
            continue
        except OSError as error:
            raise CbirError(
                _(
                    "{path} cannot be linked into {folder} ({strerror}): choose a folder on the "
                    "same drive, or copy the files."
                ).format(path=path, folder=folder, strerror=error.strerror)
            ) from error
        return


def _free_names(name: str) -> Iterator[str]:
    """The name, then numbered ones: ``sea.jpg``, ``sea (2).jpg``; long ones are cut."""
    stem, ending = os.path.splitext(name)
    yield _fitting(stem, ending)
    for number in itertools.count(2):
        yield _fitting(stem, f" ({number}){ending}")


def _fitting(stem: str, rest: str) -> str:
    """A name of no more bytes than a file system takes."""
    while stem and len(os.fsencode(stem + rest)) > _LONGEST_NAME:
        stem = stem[:-1]
    return stem + rest
