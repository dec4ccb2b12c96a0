"""The catalogue of the program's words is complete, and translations of them are used."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from cbir import language
from cbir.describe import describe_verify
from cbir.library import VerifyReport

_PACKAGE = Path(language.__file__).parent


def test_words_are_english_without_a_translation() -> None:
    assert language._("Saved {path}.") == "Saved {path}."


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 pictures"), (1, "1 picture"), (1204, "1,204 pictures")]
)
def test_counted_things(count: int, told: str) -> None:
    assert language.counted("{count:,} picture", "{count:,} pictures", count) == told


def test_the_catalogue_holds_every_marked_word() -> None:
    keywords = {"_": None, "counted": (1, 2)}
    marked = {
        message if isinstance(message, str) else message[0]
        for _file, _line, message, _comments, _context in extract_from_dir(
            _PACKAGE, keywords=keywords
        )
    }
    with (language.LOCALES / "cbir.pot").open("rb") as file:
        held = {
            message.id if isinstance(message.id, str) else message.id[0]
            for message in read_po(file)
            if message.id
        }
    assert marked == held, "run `make translations`"


def test_a_translation_is_chosen_by_the_language_of_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("The library is whole: {records}.", "Die Bibliothek ist heil: {records}.")
    catalogue.add(("{count:,} record", "{count:,} records"), ("{count} Satz", "{count} Sätze"))
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "cbir.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setattr(language, "_translation", language.catalogue(tmp_path))
    report = VerifyReport((), (), 3, {})
    assert describe_verify(report) == "Die Bibliothek ist heil: 3 Sätze."
