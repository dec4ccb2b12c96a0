"""``models``: where the weights are, whether they are the published ones, and getting them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cbir.cli.options import Context, add_command, add_global_options
from cbir.cli.output import Answer, printable
from cbir.cli.session import session
from cbir.config import Settings
from cbir.describe import format_bytes
from cbir.encoders.weights import WEIGHTS, WeightsStatus, weights_status
from cbir.records import JsonObject

if TYPE_CHECKING:
    from cbir.cli.options import Commands


def add_commands(commands: Commands) -> None:
    """Declare ``models`` with ``list`` and ``download``."""
    about = "the weights of the spaces that need some"
    group = commands.add_parser("models", help=about, description=about, allow_abbrev=False)
    add_global_options(group)
    actions = group.add_subparsers(metavar="ACTION", title="actions", required=True)
    add_command(actions, "list", run_list, "tell where the weights are, and if they are whole")
    download = add_command(
        actions, "download", run_download, "get published weights and check them"
    )
    download.add_argument("name", metavar="NAME", choices=tuple(WEIGHTS), help=", ".join(WEIGHTS))


def run_list(context: Context) -> Answer:
    """Every kind of weights; files of the published size are hashed, which may take seconds."""
    statuses = [weights_status(name, context.settings.models) for name in WEIGHTS]
    document = {"models": [_document(status) for status in statuses]}
    return Answer(document, "\n".join(_text(status) for status in statuses))


def run_download(context: Context) -> Answer:
    """Download one kind of weights. Raises DownloadFailed; what was there before is unchanged."""
    name = context.args.name
    with session(context.settings, unit="bytes") as opened:
        opened.wait(opened.engine.download(name))
    return _downloaded(weights_status(name, context.settings.models), context.settings)


def _downloaded(status: WeightsStatus, settings: Settings) -> Answer:
    hint = f"`cbir index FOLDER --space {status.name}` makes its vectors.\n"
    if settings.models is not None:
        hint = "Name this folder with --models, or in $CBIR_MODELS, from now on.\n"
    return Answer(_document(status), _text(status) + hint)


def _document(status: WeightsStatus) -> JsonObject:
    """``bytes`` are those on this computer, ``size`` those of the published files."""
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
        "size": published.size,
        "detail": status.detail,
    }


def _text(status: WeightsStatus) -> str:
    published = WEIGHTS[status.name]
    held = f", {format_bytes(status.bytes)}" if status.path is not None else ""
    lines = [
        f"{status.name}: {status.state}{held}",
        f"  {published.title}: {published.purpose} "
        f"({format_bytes(published.size)} to download, license {published.license})",
    ]
    if status.path is not None:
        lines.append(f"  {printable(status.path)}")
    lines.append(f"  {printable(status.detail)}")
    return "\n".join(lines) + "\n"
