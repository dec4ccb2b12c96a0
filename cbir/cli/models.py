"""``models``: where the weights are, whether they are the published ones; get or remove them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from cbir.cli.options import Context, add_command, add_global_options
from cbir.cli.output import INTERRUPTED, Answer, printable
from cbir.cli.session import session
from cbir.config import Settings
from cbir.describe import describe_removal, format_bytes, format_count
from cbir.encoders.removal import remove_weights
from cbir.encoders.weights import WEIGHTS, WeightsStatus, weights_status
from cbir.records import JsonObject
from cbir.work.worker import JobCancelled

if TYPE_CHECKING:
    from cbir.cli.options import Commands


_DOWNLOAD_EPILOG = (
    "Ctrl-C keeps what has arrived. HTTPS_PROXY names a proxy, HF_ENDPOINT a mirror of Hugging "
    "Face; HF_HUB_OFFLINE=1 forbids downloads from there."
)
_REMOVE_EPILOG = (
    "Only files with the published names go, from where downloads go: the folder named with "
    "--models, else the caches of torch hub and Hugging Face, which other programs use too."
)


def add_commands(commands: Commands) -> None:
    """Declare ``models`` with ``list``, ``download`` and ``remove``."""
    about = "the weights of the spaces that need some"
    group = commands.add_parser("models", help=about, description=about, allow_abbrev=False)
    add_global_options(group)
    actions = group.add_subparsers(metavar="ACTION", title="actions", required=True)
    add_command(actions, "list", run_list, "tell where the weights are, and if they are whole")
    download = add_command(
        actions,
        "download",
        run_download,
        "get published weights and check them; one that ended early goes on from there",
        epilog=_DOWNLOAD_EPILOG,
    )
    remove = add_command(
        actions,
        "remove",
        run_remove,
        "remove published weights, and what is there of a download, from this computer",
        epilog=_REMOVE_EPILOG,
    )
    for parser in (download, remove):
        _add_name(parser)


def _add_name(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", choices=tuple(WEIGHTS), help=", ".join(WEIGHTS))


def run_list(context: Context) -> Answer:
    """Every kind of weights; files of the published size are hashed, which may take seconds."""
    statuses = [weights_status(name, context.settings.models) for name in WEIGHTS]
    document = {"models": [_document(status) for status in statuses]}
    return Answer(document, "\n".join(_text(status) for status in statuses))


def run_download(context: Context) -> Answer:
    """Download one kind of weights. Raises DownloadFailed; what was there before is unchanged."""
    name = context.args.name
    notes: tuple[str, ...] = ()
    with session(context.settings) as opened:
        try:
            opened.wait(opened.engine.download(name))
        except JobCancelled as cancelled:
            if cancelled.result is None:
                raise
            notes = (cancelled.result,)
    status = weights_status(name, context.settings.models)
    if notes:
        return Answer(_document(status), "", notes, INTERRUPTED)
    return _downloaded(status, context.settings)


def _downloaded(status: WeightsStatus, settings: Settings) -> Answer:
    hint = f"`cbir index FOLDER --space {status.name}` makes its vectors.\n"
    if settings.models is not None:
        hint = "Name this folder with --models, or in $CBIR_MODELS, from now on.\n"
    return Answer(_document(status), _text(status) + hint)


def run_remove(context: Context) -> Answer:
    """Remove one kind of weights. Raises CbirError where there is nothing to remove."""
    removed = remove_weights(context.args.name, context.settings.models)
    document: JsonObject = {
        "name": removed.name,
        "folder": removed.folder,
        "removed": list(removed.files),
        "bytes": removed.bytes,
    }
    return Answer(document, f"{describe_removal(removed)}\n  {printable(removed.folder)}\n")


def _document(status: WeightsStatus) -> JsonObject:
    """``bytes`` are those on this computer, ``size`` those of the published files.

    ``partial_bytes`` are there of a download that ended early.
    """
    published = WEIGHTS[status.name]
    return {
        "name": status.name,
        "title": published.title,
        "purpose": published.purpose,
        "license": published.license,
        "state": status.state,
        "verified": status.state == "verified",
        "path": status.path,
        "bytes": status.bytes,
        "partial_bytes": status.partial_bytes,
        "size": published.size,
        "detail": status.detail,
    }


def _text(status: WeightsStatus) -> str:
    published = WEIGHTS[status.name]
    held = f", {format_bytes(status.bytes)}" if status.path is not None else ""
    lines = [
        f"{status.name}: {status.state}{held}",
        f"  {published.title}: {published.purpose} "
        f"({format_bytes(published.size)} to download, licence {published.license})",
    ]
    if status.path is not None:
        lines.append(f"  {printable(status.path)}")
    lines.append(f"  {printable(status.detail)}")
    if status.partial_bytes and status.state != "verified":
        here = format_count(status.partial_bytes, published.size, "bytes")
        lines.append(f"  {here} are here of a download that ended early: the next goes on from it.")
    return "\n".join(lines) + "\n"
