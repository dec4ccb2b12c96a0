"""Redraw the sample pictures: python sample_images/draw.py [DEST] [--only WORD].

Every picture comes from its own seed, so it is the same however many are drawn.
"""

from __future__ import annotations

import argparse
import zlib
from pathlib import Path

import numpy as np
from drawing import SCENES
from drawing.canvas import to_jpeg

HERE = Path(__file__).resolve().parent


def render(name: str) -> bytes:
    """Draw one picture of SCENES by its name and return it as a JPEG file's bytes."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return to_jpeg(SCENES[name](rng).finish(rng))


def main() -> None:
    """Draw the pictures into the folder named on the command line (else beside this script)."""
    parser = argparse.ArgumentParser(description="Redraw the sample pictures.")
    parser.add_argument("dest", nargs="?", type=Path, default=HERE, help="folder to write into")
    parser.add_argument("--only", default="", help="draw only the pictures with this in their name")
    options = parser.parse_args()
    options.dest.mkdir(parents=True, exist_ok=True)
    for name in SCENES:
        if options.only in name:
            (options.dest / f"{name}.jpg").write_bytes(render(name))


if __name__ == "__main__":
    main()
