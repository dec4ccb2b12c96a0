"""``bench duplicates``: time and memory on made-up vectors, recall and precision on pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.bench.duplicates import FEWEST, SPACES_MADE_UP, DuplicatesBench, measure_duplicates
from cbir.bench.timing import machine
from cbir.bench.variants import VariantsBench, measure_variants
from cbir.cli.options import Context, add_command, path, positive
from cbir.cli.output import Answer, complain, table
from cbir.describe import format_bytes, format_seconds
from cbir.errors import CbirError
from cbir.records import DUPLICATE_LEVELS, SPACE_TITLES, SPACES

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_command_to(actions: Commands) -> None:
    """Declare it among what ``bench`` measures."""
    parser = add_command(
        actions,
        "duplicates",
        run,
        "measure finding duplicates: its growth on made-up vectors, or its quality on pictures",
        epilog="With FOLDER its pictures (200 at most) are copied in ten ways: recompressed, "
        "resized, brightened, watermarked, cropped, rotated, mirrored.",
    )
    parser.add_argument(
        "folder", metavar="FOLDER", type=path, nargs="?", help="make copies of the pictures below"
    )
    parser.add_argument(
        "--synthetic",
        metavar="N",
        type=positive,
        help="N made-up records and a tenth of that, a twentieth of them copies",
    )
    parser.add_argument(
        "--space",
        metavar="NAME",
        type=str.lower,
        choices=SPACES,
        help="by this space's vectors (otherwise classic); made-up ones are like those of clip "
        "(unless told otherwise), or of classic, of whose copies half are mirrored",
    )


def run(context: Context) -> Answer:
    """Measure. Raises CbirError where there are too few records or no pictures."""
    args = context.args
    if (args.folder is None) == (args.synthetic is None):
        args.usage_error("give either FOLDER or --synthetic N")
    if args.synthetic is None:
        space = args.space or "classic"
        quality = measure_variants(context.settings, args.folder, space, complain)
        return Answer(quality.document(), _quality_text(quality))
    space = args.space or SPACES_MADE_UP[0]
    if space not in SPACES_MADE_UP:
        args.usage_error(f"made-up vectors are like those of {' or '.join(SPACES_MADE_UP)}")
    if args.synthetic < FEWEST:
        raise CbirError(f"{args.synthetic} records are too few to measure: {FEWEST} are needed.")
    growth = measure_duplicates(args.synthetic, space)
    return Answer({**growth.document(), "machine": machine()}, _growth_text(growth))


def _growth_text(bench: DuplicatesBench) -> str:
    rows = [
        (
            f"{run.records:,}",
            format_seconds(run.seconds),
            format_bytes(run.bytes),
            f"{run.compared / run.records:,.0f}",
            f"{run.recall:.4f}",
            f"{run.precision:.4f}",
            f"{run.groups:,}",
        )
        for run in (bench.small, bench.large)
    ]
    headings = (
        "records",
        "time",
        "memory",
        "compared with each",
        "recall of copies",
        "precision",
        "groups",
    )
    mirrored = bench.large.mirrored_recall
    of_mirrored = "" if mirrored is None else f"Of mirrored copies it finds {mirrored:.4f}.\n"
    return (
        f"{machine()}\n{table(headings, rows, 'rrrrrrr')}"
        f"Time grows as N to the {bench.time_exponent:.2f}, vectors compared as N to the "
        f"{bench.work_exponent:.2f} (comparing all with all: 2).\n{of_mirrored}"
    )


def _quality_text(bench: VariantsBench) -> str:
    by_change: dict[str, list[str]] = {}
    for quality in bench.qualities:
        cell = f"{quality.recall:.2f} / {quality.precision:.2f}"
        by_change.setdefault(quality.change, []).append(cell)
    rows = [(change, *cells) for change, cells in by_change.items()]
    return (
        f"{bench.pictures:,} pictures, {SPACE_TITLES[bench.space]} vectors; recall / precision at "
        f"each level\n{table(('change', *DUPLICATE_LEVELS), rows, 'lrrr')}"
    )
