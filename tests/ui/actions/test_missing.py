"""What is asked before the records of missing pictures are removed."""

from __future__ import annotations

from cbir.ui.actions import missing
from cbir.work.relocating import LostFolder


def test_the_folders_with_most_are_named_and_the_way_out_where_one_is_gone() -> None:
    gone = LostFolder("/p/gone", 1200, "/p")
    others = [LostFolder(f"/p/{number}", number, f"/p/{number}") for number in (1, 2, 3, 4)]
    asked = missing.question([*others, gone])
    assert (
        "/p/gone: 1,200 pictures\n/p/4: 4 pictures\n/p/3: 3 pictures\nand 2 more folders" in asked
    )
    assert "Locate missing folder" in asked
    asked = missing.question(others[:1])
    assert "/p/1: 1 picture\n" in asked
    assert "more" not in asked
    assert "Locate missing folder" not in asked


def test_what_was_removed_is_not_said_to_stay() -> None:
    told = "Removed 6 pictures, whose files are gone, from the library."
    assert missing.removed(6) == told
