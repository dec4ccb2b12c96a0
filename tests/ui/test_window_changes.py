"""Changing records from the window: tags, notes, moved files, removal; and the details beside."""

from __future__ import annotations

from pathlib import Path

from cbir.asking import Term
from cbir.library import Library
from cbir.ui.window import Window
from cbir.work.editing import Edit
from cbir.work.searching import SearchRequest
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, sheets, texts


def first(window: Window) -> int:
    record_id = next(iter(window.results.records))
    window.layout.grid.select([record_id])
    window.records.select((record_id,))
    return record_id


def test_tags_by_the_dialog_reach_every_selected_picture(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.tag()
    assert window.layout.status.message == "Select pictures first."
    window.records.select_all()
    assert len(window.layout.grid.selection) == 12
    window.records.tag()
    sheet = sheets(window)[0]
    entry = next(child for child in sheet.body.winfo_children() if child.winfo_class() == "TEntry")
    entry.insert(0, "holiday, sea")
    press(sheet, "OK")
    wait_until(lambda: not window.records.unwritten)
    settle(window, wait_until)
    assert {record.tags for record in window.results.records.values()} == {("holiday", "sea")}


def test_a_note_from_the_details(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = first(window)
    window.records.edit(record_id, Edit(note="the first one"))
    assert window.records.unwritten
    settle(window, wait_until)
    record = window.records.record(record_id)
    assert record is not None
    assert record.note == "the first one"
    assert "was changed" in window.layout.status.message


def test_a_tag_that_is_none_is_told(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.edit(first(window), Edit(add_tags=("x" * 300,)))
    wait_until(lambda: bool(sheets(window)))
    assert any("cannot be a tag" in text for text in texts(sheets(window)[0]))
    assert not window.records.unwritten


def test_results_show_a_changed_record_at_once(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = first(window)
    window.records.find_similar()
    settle(window, wait_until)
    window.records.edit(record_id, Edit(add_tags=("seen",)))
    settle(window, wait_until)
    assert window.results.records[record_id].tags == ("seen",)
    assert window.results.request is not None


def test_re_embedding_says_so(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    first(window)
    window.records.re_embed()
    settle(window, wait_until)
    assert "computed anew" in window.layout.status.message


def test_a_missing_file_is_located(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    moved = tmp_path / "elsewhere.png"
    (pictures / "blue_06.png").rename(moved)
    window.indexing.refresh()
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    missing = [record for record in window.results.records.values() if record.missing]
    assert len(missing) == 1
    window.context.choosers.image = lambda *_: str(moved)
    window.files.locate(missing[0].id)
    settle(window, wait_until)
    located = window.results.records[missing[0].id]
    assert located.path == str(moved)
    assert not located.missing


def test_missing_records_are_removed_after_a_question(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.remove_missing()
    settle(window, wait_until)
    assert window.layout.status.message == "No record's file is missing."
    (pictures / "blue_06.png").unlink()
    window.indexing.refresh()
    wait_until(lambda: not window.indexing.busy)
    window.records.remove_missing()
    wait_until(lambda: bool(sheets(window)))
    assert f"{pictures}: 1 picture" in "".join(texts(sheets(window)[0]))
    assert "Locate missing folder" not in "".join(texts(sheets(window)[0]))
    press(sheets(window)[0], "Remove")
    settle(window, wait_until)
    assert len(window.results.records) == 11
    said = window.layout.status.message
    assert said == "Removed 1 picture, whose file is gone, from the library."


def test_removal_is_at_once_leaves_the_files_and_offers_undo(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = first(window)
    path = Path(window.results.records[record_id].path)
    window.records.find_similar()
    settle(window, wait_until)
    window.records.remove((record_id,))
    settle(window, wait_until)
    assert record_id not in window.results.records
    assert path.exists()
    status = window.layout.status
    assert status.message == "Removed 1 picture from the library; the files stay."
    window.root.update()
    assert status.offer.winfo_ismapped()
    status.offer.invoke()
    wait_until(lambda: window.context.facts.records == 12)
    settle(window, wait_until)
    assert not status.offer.winfo_ismapped()


def test_removing_everything_can_be_undone_from_the_status_bar(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.select_all()
    window.records.remove()
    wait_until(lambda: not window.results.records and not window.records.unwritten)
    settle(window, wait_until)
    assert "Index a folder…" in texts(window.layout.grid)
    assert window.layout.status.message.startswith("Removed 12 pictures")
    window.layout.status.offer.invoke()
    wait_until(lambda: len(window.results.records) == 12)


def test_details_tell_which_spaces_hold_the_picture(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = first(window)
    name = Path(window.results.records[record_id].path).name
    settle(window, wait_until)
    assert name in texts(window.layout.inspector)
    window.records.select(())
    assert window.records.selected == ()


def test_undo_brings_removed_pictures_back(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    before = dict(window.results.records)
    menu = window.menu_bar.menus["Edit"]
    assert menu.entrycget(0, "label") == "Undo"
    assert menu.entrycget(0, "state") == "disabled"
    window.records.remove(list(before)[:3])
    wait_until(lambda: not window.records.unwritten)
    settle(window, wait_until)
    assert len(window.results.records) == 9
    wait_until(lambda: menu.entrycget(0, "label") == "Undo: remove 3 pictures")
    assert menu.entrycget(0, "state") == "normal"
    menu.invoke(0)
    wait_until(lambda: len(window.results.records) == 12)
    settle(window, wait_until)
    assert dict(window.results.records) == before
    assert menu.entrycget(0, "label") == "Undo"


def test_undo_of_tags_shows_at_once_in_results(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = first(window)
    window.records.find_similar()
    settle(window, wait_until)
    window.records.edit(record_id, Edit(add_tags=("seen",)))
    settle(window, wait_until)
    window.records.undo()
    settle(window, wait_until)
    assert window.results.records[record_id].tags == ()
    assert window.layout.status.message.startswith("Undone: tag 1 picture.")
    window.records.undo()
    settle(window, wait_until)
    assert "nothing to undo" in window.layout.status.message


def test_several_re_embeddings_are_undone_together(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.records.select_all()
    window.records.re_embed()
    wait_until(lambda: not window.records.unwritten, 30)
    settle(window, wait_until)
    assert window.context.facts.undoable == "re-embed 12 pictures"


def test_a_missing_journal_is_told_once(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    with Library.open(tmp_path / "home" / "library.npz") as library:
        library.add_root(str(pictures))
        library.fold()
    (tmp_path / "home" / "library.npz.journal").unlink()
    window = open_window()
    wait_until(lambda: bool(sheets(window)))
    assert any("journal is missing" in text for text in texts(sheets(window)[0]))
    assert len(sheets(window)) == 1


def test_equal_files_lead_to_each_other(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    (pictures / "twin.png").write_bytes((pictures / "red_00.png").read_bytes())
    window = open_window(pictures)
    by_name = {Path(r.path).name: r.id for r in window.results.records.values()}
    links = window.layout.inspector._same

    window.records.go_to(by_name["red_00.png"])
    wait_until(lambda: [str(link.cget("text")) for link in links.links] == ["twin.png"])
    links.links[0].invoke()
    assert window.records.selected == (by_name["twin.png"],)
    assert window.layout.grid.selection == (by_name["twin.png"],)
    wait_until(lambda: [str(link.cget("text")) for link in links.links] == ["red_00.png"])
    window.records.go_to(by_name["blue_07.png"])
    wait_until(lambda: not links.links)


def test_an_equal_file_that_is_not_in_view_is_found(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    (pictures / "twin.png").write_bytes((pictures / "red_00.png").read_bytes())
    window = open_window(pictures)
    twin = next(r.id for r in window.results.records.values() if r.path.endswith("twin.png"))
    window.results.search(SearchRequest((Term(image=str(pictures / "blue_11.png")),)))
    settle(window, wait_until)
    window.results.records_removed([twin])  # as if it were not among the hits
    assert twin not in window.results.records
    window.records.go_to(twin)
    settle(window, wait_until)
    assert window.results.request is None
    assert window.records.selected == (twin,)
