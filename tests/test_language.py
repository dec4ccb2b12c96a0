"""The catalogue of the program's words is complete, and translations of them are used."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import cbir.work.engine  # noqa: F401 - all rooms that a library keeps words of
from cbir import language
from cbir.describe import describe, describe_verify
from cbir.errors import UnreadableImage
from cbir.images.files import why
from cbir.library import VerifyReport
from cbir.records import SearchResult
from cbir.work.editing import Edit, command_for
from tests.unmarked import unmarked

_PACKAGE = Path(language.__file__).parent


def test_words_are_english_without_a_translation() -> None:
    assert language._("Saved {path}.") == "Saved {path}."


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 pictures"), (1, "1 picture"), (1204, "1,204 pictures")]
)
def test_counted_things(count: int, told: str) -> None:
    assert language.counted("{count:,} picture", "{count:,} pictures", count) == told


def test_the_catalogue_holds_every_marked_word() -> None:
    keywords = {"_": None, "counted": (1, 2), "kept": None}
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


def test_the_sentence_of_every_error_is_marked() -> None:
    told = unmarked(_PACKAGE, apart=("cli", "bench"), roots=("CbirError", "Trouble"))
    assert told == [], "put these through `_`, `counted` or `kept`"


def test_words_that_are_not_marked_are_found_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "room.py").write_text(
        """
_LATE = "too late"
_TOLD = _("marked")

class Late(CbirError):
    pass

def _why(code: str) -> str:
    return _("no time") if code == "none left" else f"time {code}"

def _late(words: str) -> Late:
    return Late(words)

def run(path: str) -> None:
    raise Late(_LATE)
    raise Late(_TOLD)
    raise Late(_("It is {why} in {path}.").format(why=_why(path), path=path))
    told = "still late"
    raise _late(told)
    raise errors.CbirError("late all the same")
    raise ValueError("a bug")
""",
        "utf-8",
    )
    (tmp_path / "cli.py").write_text("raise CbirError('a line of the terminal')\n", "utf-8")
    assert unmarked(tmp_path, apart=("cli.py",), roots=("CbirError",)) == [
        "room.py:2: too late",
        "room.py:9: time ",
        "room.py:18: still late",
        "room.py:20: late all the same",
    ]


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="de")
    catalogue.add("The library is whole: {records}.", "Die Bibliothek ist heil: {records}.")
    catalogue.add(("{count:,} record", "{count:,} records"), ("{count} Satz", "{count} Sätze"))
    catalogue.add("no such file", "keine solche Datei")
    catalogue.add("{path} cannot be used as a picture: {reason}.", "{path}: {reason}.")
    catalogue.add("the decoder took longer than {count} s", "es dauerte länger als {count} s")
    catalogue.add("locate {count} pictures", "{count} Bilder verorten")
    catalogue.add("locate a folder of {count} pictures", "Ordner von {count} Bildern verorten")
    catalogue.add("text query", "Suche mit Worten")
    catalogue.add("rename {old} to {new}", "{new} statt {old}")
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "cbir.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setenv("LANGUAGE", "de")
    monkeypatch.setattr(language, "_translation", language.catalogue(tmp_path))


@pytest.mark.usefixtures("german")
def test_a_translation_is_chosen_by_the_language_of_the_system() -> None:
    report = VerifyReport((), (), 3, {})
    assert describe_verify(report) == "Die Bibliothek ist heil: 3 Sätze."


@pytest.mark.usefixtures("german")
def test_what_a_library_keeps_stays_english_and_is_shown_translated() -> None:
    reason = why(FileNotFoundError(2, "No such file or directory"))
    assert reason == "no such file"
    error = UnreadableImage("a.jpg", reason)
    assert (error.reason, str(error)) == ("no such file", "a.jpg: keine solche Datei.")
    title = command_for(Edit(move_to="b.jpg"), 1200).title
    assert title == "locate 1,200 pictures"
    assert language.retold(title) == "1,200 Bilder verorten"


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("the decoder took longer than 4.5 s", "es dauerte länger als 4.5 s"),
        ("locate a folder of 3 pictures", "Ordner von 3 Bildern verorten"),
        ("rename a to b.jpg to c.jpg", "c.jpg statt a to b.jpg"),
        ("rename {old} to {0}", "{0} statt {old}"),
        ("what the system said", "what the system said"),
        ("", ""),
    ],
)
@pytest.mark.usefixtures("german")
def test_text_with_names_and_numbers_is_retold(kept: str, told: str) -> None:
    assert language.retold(kept) == told


@pytest.mark.usefixtures("german")
def test_why_a_search_went_as_it_did_is_english_for_programs_and_translated_for_people() -> None:
    result = SearchResult((), "clip", "cosine", "exact", "text query", 9, 9, 0.001)
    assert result.reason == "text query"
    assert "Suche mit Worten" in describe(result)
