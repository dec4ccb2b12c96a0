"""The command line in this process: ``cbir(...)`` runs it and hands back what it said."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cbir.__main__ import main
from cbir.encoders import registry
from tests.fakes import ColourEncoder


@dataclass(frozen=True)
class Said:
    """What one run said, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The JSON document on stdout; ASCII, and nothing beside it."""
        assert self.out.isascii()
        return json.loads(self.out)

    @property
    def complaint(self) -> str:
        """The one line of a run that could not."""
        assert (self.status, self.out) == (1, "")
        assert self.err.startswith("cbir: ")
        assert self.err.count("\n") == 1
        return self.err.removeprefix("cbir: ").rstrip("\n")


Cbir = Callable[..., Said]


@pytest.fixture
def cbir(capsys: pytest.CaptureFixture[str], library: Path) -> Iterator[Cbir]:
    """Runs the command line on the test's own library; arguments may be paths."""

    def run(*arguments: object, library: Path | None = library) -> Said:
        given = [str(argument) for argument in arguments]
        if library is not None:
            given = ["--library", str(library), *given]
        capsys.readouterr()
        status = main(given)
        heard = capsys.readouterr()
        return Said(status, heard.out, heard.err)

    yield run
    logger = logging.getLogger("cbir")
    for handler in list(logger.handlers):
        logger.removeHandler(handler)
        handler.close()
    logger.propagate = True


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The test's own library, in a folder that does not exist yet."""
    return tmp_path / "data" / "library.npz"


@pytest.fixture
def indexed(cbir: Cbir, pictures: Path) -> Path:
    """The folder of 12 pictures, indexed in the classic space."""
    assert cbir("index", pictures, "--space", "classic").status == 0
    return pictures


@pytest.fixture
def colour_clip(monkeypatch: pytest.MonkeyPatch) -> ColourEncoder:
    """A clip space that is there, made from mean colour; it knows red, green and blue."""
    encoder = ColourEncoder("clip")
    monkeypatch.setattr(registry, "available_spaces", lambda models: ("classic", "clip"))
    found = registry.availability
    monkeypatch.setattr(
        registry,
        "availability",
        lambda space, models: (
            registry.Availability(space, True, "") if space == "clip" else found(space, models)
        ),
    )
    monkeypatch.setattr(registry, "preload", lambda *arguments: None)
    opened = registry.open_encoder

    def open_encoder(name: str, *arguments: Any) -> Any:
        return encoder if name == "clip" else opened(name, *arguments)

    monkeypatch.setattr(registry, "open_encoder", open_encoder)
    return encoder
