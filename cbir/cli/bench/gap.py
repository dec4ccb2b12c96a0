"""``bench gap``: how far apart words and pictures lie, and what that does to LSH."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.bench.gap import MOST, GapBench, measure_gap, read_pairs
from cbir.cli.options import Context, add_command, path
from cbir.cli.output import Answer, table

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_command_to(actions: Commands) -> None:
    """Declare it among what ``bench`` measures."""
    parser = add_command(
        actions,
        "gap",
        run,
        "measure the modality gap, and LSH by pictures and by words at one budget",
    )
    parser.add_argument(
        "--pairs",
        metavar="FILE.npz",
        type=path,
        required=True,
        help="holds image and text, (n, 512)",
    )


def run(context: Context) -> Answer:
    """Measure the gap; raises CbirError where the file is not as it should be."""
    bench = measure_gap(*read_pairs(context.args.pairs))
    return Answer(bench.document(), _text(bench))


def _text(bench: GapBench) -> str:
    budget = f"{bench.scanned:,.0f} sketches scanned, {bench.compared:,.0f} vectors compared"
    rows = [
        ("a picture", f"{bench.image_recall:.3f}", f"{100 * bench.image_share:.0f} %"),
        ("words", f"{bench.text_recall:.3f}", f"{100 * bench.text_share:.0f} %"),
    ]
    needed = f"to scan for {MOST}"
    found = table(("query", f"recall@{bench.k}", needed), rows, "lrr")
    return (
        f"Images and words point {bench.angle:.1f}° apart (between their centroids).\n"
        f"LSH over {bench.indexed:,} images, {bench.queries} queries of each kind, {budget}:\n\n"
        f"{found}"
    )
