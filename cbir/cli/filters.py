"""Which records a command is about: the options that ``search`` and ``list`` share."""

from __future__ import annotations

import argparse
import datetime
import os
import re

from cbir.asking import DATE_KINDS, ORIENTATIONS, Filter
from cbir.cli.options import path
from cbir.cli.session import Session
from cbir.library import Library

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)([kmg]?)b?", re.ASCII | re.IGNORECASE)
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}


def add_filter_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options; ``filter_of`` reads them."""
    group = parser.add_argument_group("only records that pass all of these")
    group.add_argument("--folder", metavar="DIR", type=path, help="below this folder")
    group.add_argument("--since", metavar="DAY", type=day, help="from this day on (2024-12-31)")
    group.add_argument("--until", metavar="DAY", type=day, help="up to this day, inclusive")
    group.add_argument(
        "--date",
        choices=DATE_KINDS,
        default="taken",
        help="which day is meant: when it was taken (otherwise), or its file modified",
    )
    group.add_argument(
        "--min-size", metavar="BYTES", type=size, default=0, help="files of at least this (500k)"
    )
    group.add_argument("--max-size", metavar="BYTES", type=size, help="of at most this (2M)")
    group.add_argument(
        "--format",
        metavar="ENDING",
        action="append",
        dest="formats",
        type=ending,
        help="with this ending; jpg takes in jpeg; may be repeated: any of them",
    )
    group.add_argument(
        "--orientation",
        action="append",
        dest="orientations",
        choices=ORIENTATIONS,
        help="of this shape; may be repeated: any of them",
    )
    group.add_argument(
        "--tag",
        metavar="T",
        action="append",
        dest="tags",
        help="with this tag; may be repeated: all of them",
    )
    group.add_argument("--missing", action="store_true", help="whose file is gone")


def filter_of(args: argparse.Namespace) -> Filter:
    """The filter that the options say. Ends with wrong usage where nothing could pass it."""
    if args.since and args.until and args.since > args.until:
        args.usage_error("--since is later than --until: nothing lies between")
    if args.max_size is not None and args.min_size > args.max_size:
        args.usage_error("--min-size is more than --max-size: nothing lies between")
    return Filter(
        folder=os.path.abspath(args.folder) if args.folder else "",
        date=args.date,
        since=args.since,
        until=args.until,
        min_bytes=args.min_size,
        max_bytes=args.max_size,
        formats=tuple(args.formats or ()),
        orientations=tuple(args.orientations or ()),
        tags=tuple(args.tags or ()),
        missing=True if args.missing else None,
    )


def folder_notes(opened: Session, wanted: Filter) -> tuple[str, ...]:
    """Where nothing came out: a note if no record lies below the filter's folder at all.

    Its name may be a wrong one then, and the note says all that there is to say.
    """

    def is_empty(library: Library) -> bool:
        return not len(library.matching(Filter(folder=wanted.folder)))

    if not wanted.folder or not opened.wait(opened.engine.ask("Look", is_empty)):
        return ()
    if not os.path.exists(wanted.folder):
        return (f"There is no folder {wanted.folder}.",)
    return (f"The library has no picture below {wanted.folder}.",)


def day(text: str) -> datetime.date:
    """A day as ISO 8601 has it."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day, such as 2024-12-31") from error


def size(text: str) -> int:
    """A number of bytes, in decimal units where it ends in k, M or G."""
    found = _SIZE.fullmatch(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size, such as 500k, 2M or 1200000")
    return round(float(found[1]) * _FACTORS[found[2].lower()])


def ending(text: str) -> str:
    """An ending of file names, with its dot or without."""
    plain = text.strip().removeprefix(".").lower()
    if not plain or os.sep in plain:
        raise argparse.ArgumentTypeError(f"{text!r} is no ending of file names, such as jpg")
    return plain
