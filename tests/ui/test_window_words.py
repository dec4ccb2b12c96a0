"""Words and learned spaces in the window, with stand-in weights: what they mean is nothing here."""

from __future__ import annotations

from pathlib import Path

from tests.standins import make_models
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press, texts


def test_weights_that_arrive_later_are_indexed_with_and_searched_by_words(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    selector = window.layout.query_bar.spaces
    assert selector.selected == "classic"
    make_models(tmp_path / "models")
    window.models_changed()
    settle(window, wait_until)

    selector.buttons["clip"].invoke()
    press(window.layout.grid, "Index with CLIP")
    wait_until(lambda: selector.selected == "clip", 60)
    settle(window, wait_until)
    assert window.context.facts.space("clip").vectors == 12
    assert window.context.facts.space("resnet18").vectors == 0

    window.layout.query_bar.words.text = "a red car"
    window.layout.query_bar.search_button.invoke()
    settle(window, wait_until)
    assert len(window.results.records) == 12
    assert window.layout.status.message.startswith("Exact · text query · compared 12 · ")
    assert window.layout.heading.text == "12 pictures for “a red car”"

    selector.buttons["classic"].invoke()
    assert "Words are always compared in CLIP" in window.layout.status.message
    assert selector.selected == "clip"
    window.records.find_similar(next(iter(window.results.records)))
    settle(window, wait_until)
    assert selector.selected == "classic"
    assert "No CLIP" not in " ".join(texts(window.layout.grid))
