from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from cbir import __version__
from cbir.cli import index, window
from cbir.cli.main import build_parser
from cbir.config import load_settings
from cbir.errors import CbirError
from cbir.work.worker import JobCancelled
from tests.cli.conftest import Cbir

COMMANDS = [
    ["gui"],
    ["index"],
    ["watch"],
    ["search"],
    ["list"],
    ["show"],
    ["update"],
    ["remove"],
    ["info"],
    ["verify"],
    ["models"],
    ["models", "list"],
    ["models", "download"],
    ["evaluate"],
    ["demo"],
]


def test_version_and_help_are_done(cbir: Cbir) -> None:
    assert cbir("--version", library=None).out == f"cbir {__version__}\n"
    said = cbir("--help", library=None)
    assert (said.status, said.err) == (0, "")
    assert all(command[0] in said.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(cbir: Cbir, command: list[str]) -> None:
    said = cbir(*command, "--help", library=None)
    assert (said.status, said.err) == (0, "")
    assert f"usage: cbir {' '.join(command)}" in said.out
    assert "--library FILE" in said.out


@pytest.mark.parametrize(
    "arguments",
    [
        ["frobnicate"],
        ["--frobnicate"],
        ["index"],
        ["index", ""],
        ["index", "x", "--space", "words"],
        ["search"],
        ["search", "--image", "a.png", "--text", "red"],
        ["search", "--image", "a.png", "-k", "0"],
        ["search", "--image", "a.png", "-k", "-5"],
        ["search", "--image", "a.png", "-k", "some"],
        ["search", "--image", "a.png", "--metric", "manhattan"],
        ["search", "--text", "red", "--method", "lsh"],
        ["search", "--text", "red", "--space", "classic"],
        ["search", "--text", "red", "--space", "resnet18", "--json"],
        ["show"],
        ["show", ""],
        ["update", "a.png"],
        ["remove"],
        ["remove", ""],
        ["remove", "a.png", "--missing"],
        ["models"],
        ["models", "download"],
        ["models", "download", "classic"],
        ["evaluate"],
        ["--library", "", "info"],
        ["info", "--device", "abacus"],
        ["info", "--precision", "half"],
        ["index", "x", "--exclude", ""],
        ["index", "x", "--exclude", "raw/old"],
    ],
    ids=" ".join,
)
def test_wrong_usage(cbir: Cbir, library: Path, arguments: list[str]) -> None:
    said = cbir(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("usage: cbir")
    assert not library.exists()


@pytest.mark.parametrize("place", [0, 1], ids=["before", "after"])
def test_global_options_stand_before_or_after_the_command(tmp_path: Path, place: int) -> None:
    options = ["--library", "a.npz", "--models", str(tmp_path), "--device", "cpu", "-v"]
    options += ["--precision", "float32"]
    parts = [options, ["info"]] if place == 0 else [["info"], options]
    args = build_parser().parse_args([*parts[0], *parts[1]])
    assert (args.library, args.models, args.device) == ("a.npz", str(tmp_path), "cpu")
    assert args.verbose and args.precision == "float32"


def test_an_option_after_the_command_wins_and_none_gives_the_defaults() -> None:
    args = build_parser().parse_args(["--device", "cpu", "-v", "models", "list", "--device", "mps"])
    assert (args.device, args.verbose) == ("mps", True)
    assert not hasattr(build_parser().parse_args(["models", "list"]), "device")


def test_settings_that_cannot_be_are_told_in_one_line(cbir: Cbir, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "is a file" in cbir("info", "--models", tmp_path / "file").complaint
    assert "home folder" in cbir("info", "--models", "~nobody-at-all/models").complaint


def test_a_wrong_settings_file_is_told_and_the_command_goes_on(cbir: Cbir) -> None:
    home = load_settings().home
    home.mkdir()
    (home / "settings.toml").write_text("newest_first = 'yes'\nmax_megapixels = 10\n")
    said = cbir("info", "--json")
    assert said.status == 0 and said.document["records"] == 0
    assert "'newest_first' should be true or false" in said.err.splitlines()[0]


def _raise(error: BaseException) -> argparse.Namespace:
    raise error


def test_an_error_for_the_user_is_one_line(cbir: Cbir, monkeypatch: pytest.MonkeyPatch) -> None:
    error = CbirError("No\nway.")
    monkeypatch.setattr(index, "session", lambda *_, **__: _raise(error))
    assert cbir("index", ".", "--json").complaint == "No\\nway."


def test_a_fault_in_the_program_is_logged_and_told_in_one_line(
    cbir: Cbir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "session", lambda *_, **__: _raise(ZeroDivisionError("by\nnothing")))
    log = load_settings().log_file
    complaint = cbir("index", ".").complaint
    assert complaint == f"unexpected error: ZeroDivisionError: by\\nnothing; details in {log}"
    assert "Traceback" in log.read_text()
    assert "ZeroDivisionError" in log.read_text()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), JobCancelled()], ids=["key", "job"])
def test_an_interrupt_is_told_in_one_line(
    cbir: Cbir, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(index, "session", lambda *_, **__: _raise(error))
    said = cbir("index", ".")
    assert (said.status, said.out) == (130, "")
    assert said.err == "cbir: Interrupted: what was finished before is kept.\n"


def test_verbose_shows_the_log_on_stderr_only(cbir: Cbir, pictures: Path) -> None:
    (pictures / "bad.png").write_bytes(b"no picture")
    cbir("index", pictures / "red_1.png", "--space", "classic")
    said = cbir("show", pictures / "red_0.png", "-v")
    assert (said.status, said.out) == (1, "")
    assert "Show a record" in said.err


def test_the_window_module_has_no_document() -> None:
    parser = build_parser()
    with pytest.raises(SystemExit):
        parser.parse_args(["gui", "--json"])
    assert parser.parse_args([]).run is window.run
