from __future__ import annotations

from pathlib import Path

import pytest

from cbir.library import Library, VerifyReport
from cbir.work.engine import Engine
from cbir.work.worker import Job
from tests.cli.conftest import Cbir


def test_info_of_a_library(cbir: Cbir, indexed: Path, library: Path) -> None:
    (indexed / "bad.png").write_bytes(b"no picture")
    (indexed / "red_0.png").unlink()
    cbir("index", indexed)
    document = cbir("info", "--json").document
    assert document["library"] == str(library)
    assert (document["records"], document["missing"], document["format"]) == (12, 1, 2)
    assert document["spaces"]["classic"].items() >= {"vectors": 12, "dimension": 512}.items()
    assert document["roots"] == [str(indexed)]
    assert document["bytes"] + document["journal_bytes"] > 12 * 512 * 4
    assert [Path(skipped["path"]).name for skipped in document["skipped"]] == ["bad.png"]
    assert document["spaces"]["classic"]["coverage"] == 1
    assert (document["formats"], document["folders"], document["tagged"]) == ({"png": 12}, 1, 0)
    assert document["picture_bytes"] > 0
    text = cbir("info").out
    assert f"library  {library}\nrecords  12 (1 missing)\n" in text
    assert "space    classic: 12 vectors of 512" in text
    assert f"root     {indexed}\n" in text


def test_info_of_a_library_that_does_not_exist(cbir: Cbir, library: Path) -> None:
    said = cbir("info", "--json")
    document = said.document
    assert (document["records"], document["spaces"], document["bytes"]) == (0, {}, 0)
    assert document["journal_bytes"] == 0
    assert (said.status, said.err) == (0, f"cbir: {none_at(library)}\n")
    assert not library.parent.exists()


def none_at(library: Path) -> str:
    return f"There is no library {library}: `cbir index FOLDER` makes it."


@pytest.mark.parametrize(
    "command",
    [
        ("info",),
        ("list",),
        ("search", "--image", "a.png"),
        ("undo",),
        ("index", "."),
        ("repair",),
        ("verify",),
    ],
)
def test_a_library_that_cannot_be_looked_at_is_not_told_as_none(
    cbir: Cbir, tmp_path: Path, command: tuple[str, ...]
) -> None:
    """Such as in a closed folder; here the system refuses also who may look at everything."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    beyond = tmp_path / "loop" / "library.npz"
    long = tmp_path / ("x" * 250)  # the journal's name is longer than any may be
    for library, refused in ((beyond, beyond), (long, f"{long}.journal")):
        said = cbir(*command, library=library)
        assert said.status == 1
        assert said.err.startswith(f"cbir: {refused} cannot be read (")
        assert said.err.count("\n") == 1


@pytest.mark.parametrize("command", ["list", "duplicates"])
def test_what_lists_a_library_that_does_not_exist_says_so(
    cbir: Cbir, library: Path, command: str
) -> None:
    said = cbir(command, "--json")
    assert (said.status, said.err) == (0, f"cbir: {none_at(library)}\n")
    assert said.document
    assert not library.parent.exists()


@pytest.mark.parametrize(
    "command",
    [
        ("search", "--image", "a.png"),
        ("show", "a.png"),
        ("update", "a.png", "--tag", "x"),
        ("update", "--move-folder", "a", "b"),
        ("remove", "a.png"),
        ("undo",),
        ("evaluate", "folder", "--labels", "tags"),
        ("watch",),
    ],
)
def test_what_needs_a_library_neither_makes_one_nor_takes_it_for_empty(
    cbir: Cbir, library: Path, command: tuple[str, ...]
) -> None:
    assert cbir(*command, "--json").complaint == none_at(library)
    assert not library.parent.exists()


def test_a_library_that_is_empty_is_no_missing_one(
    cbir: Cbir, library: Path, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    cbir("index", tmp_path / "none")
    said = cbir("info", "--json")
    assert (said.document["records"], said.err) == (0, "")


def test_info_of_something_else(cbir: Cbir, library: Path) -> None:
    library.parent.mkdir()
    library.write_text("a diary")
    assert str(library) in cbir("info", "--json").complaint
    assert library.read_text() == "a diary"


def test_verify_of_a_whole_library(cbir: Cbir, indexed: Path, library: Path) -> None:
    said = cbir("verify", "--json")
    assert (said.status, said.err) == (0, "")
    assert said.document["whole"]
    assert said.document["problems"] == []
    assert said.document["records"] == 12
    assert cbir("verify").out.startswith(f"{library} is whole: 12 records.\n")


def test_verify_of_a_library_that_does_not_exist(cbir: Cbir, library: Path) -> None:
    said = cbir("verify", "--json")
    assert said.status == 1
    assert said.document["problems"] == [f"There is no library at {library}."]
    assert said.err == f"cbir: There is no library at {library}.\n"
    assert not library.parent.exists()


def test_verify_of_a_damaged_library_prints_its_document(
    cbir: Cbir, indexed: Path, library: Path
) -> None:
    library.write_bytes(b"a diary")
    said = cbir("verify", "--json")
    assert said.status == 1
    assert not said.document["whole"]
    assert said.document["problems"]
    assert said.err == f"cbir: {said.document['problems'][0]}\n"
    assert said.err.count("\n") == 1
    assert cbir("verify").out.startswith(f"{library} is not whole:\n")


def test_a_torn_journal_tail_is_only_a_note(cbir: Cbir, indexed: Path, library: Path) -> None:
    journal = library.with_name(library.name + ".journal")
    journal.write_bytes(journal.read_bytes() + b"\x07torn")
    said = cbir("verify", "--json")
    assert said.status == 0
    assert said.document["whole"]
    assert len(said.document["notes"]) == 1
    assert said.document["notes"][0] in cbir("verify").out


def test_verify_tells_problems_escaped_and_line_by_line(
    cbir: Cbir, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = VerifyReport(("One\nbad.", "Two."), ("A note.",), 3, {"classic": 3})

    def verify(self: Engine) -> Job:
        return self._housekeeper.submit("Verify", lambda _: report)

    monkeypatch.setattr(Engine, "verify", verify)
    said = cbir("verify")
    assert said.status == 1
    assert said.out.splitlines()[1:] == ["One\\nbad.", "Two.", "A note."]
    assert cbir("verify", "--json").document["spaces"] == {"classic": 3}


def test_repair_of_a_whole_library(cbir: Cbir, indexed: Path, library: Path) -> None:
    assert cbir("repair").complaint == f"{library} is whole: there is nothing to repair."
    assert "There is no library" not in cbir("repair", "--json").complaint


def test_repair_saves_what_is_whole(cbir: Cbir, indexed: Path, library: Path) -> None:
    content = bytearray(library.read_bytes())
    content[: len(content) // 2] = bytes(len(content) // 2)
    library.write_bytes(content)
    assert "`cbir repair`" in cbir("list").complaint
    said = cbir("verify", "--json")
    assert said.status == 1
    assert len(said.document["problems"]) > 1
    document = cbir("repair", "--json").document
    saved = Path(document["repaired"])
    assert saved == library.with_name("library.repaired.npz")
    assert document["records"] == 12
    assert document["problems"] == said.document["problems"]
    text = cbir("repair", "--to", library.with_name("new.npz")).out
    assert text.startswith("Saved 12 records, 12 vectors of classic into\n")
    assert str(library.with_name("new.npz")) in text
    assert cbir("list", "--json", library=saved).document["total"] == 12
    assert cbir("verify", library=saved).status == 0
    assert "is there already" in cbir("repair", "--to", saved).complaint


def test_a_missing_journal_is_told_on_stderr(cbir: Cbir, indexed: Path, library: Path) -> None:
    with Library.open(library) as opened:
        opened.fold()
    library.with_name(f"{library.name}.journal").unlink()
    said = cbir("list", "--json")
    assert said.status == 0
    assert said.document["total"] == 12
    assert "journal is missing" in said.err
    assert cbir("verify").status == 1
