"""Measured figures as ``bench`` prints them, and the options that several of it share."""

from __future__ import annotations

import argparse

from cbir.bench.window import RECORDS
from cbir.cli.options import positive


def ms(milliseconds: float) -> str:
    """Three digits of them, or all of a second and more."""
    return f"{milliseconds:.3g} ms" if milliseconds < 1000 else f"{milliseconds:,.0f} ms"


def megabytes(count: int | None) -> str:
    """Of so many bytes, if the system told."""
    return "not told" if count is None else f"{count / 1e6:,.0f} MB"


def add_records_option(parser: argparse.ArgumentParser) -> None:
    """``--records``, those of the library that a window is measured with."""
    told = f"records in the library (otherwise {RECORDS:,})"
    parser.add_argument("--records", metavar="N", type=positive, default=RECORDS, help=told)
