"""Indexing that was interrupted is offered at the next start, quietly."""

from __future__ import annotations

from pathlib import Path

import pytest

from cbir.config import Settings
from cbir.work.unfinished import Begun, Unfinished
from tests.ui.conftest import OpenWindow, WaitUntil, settle


def test_closing_while_indexing_leads_to_an_offer(
    open_window: OpenWindow, wait_until: WaitUntil, many_pictures: Path
) -> None:
    window = open_window()
    assert window.resuming.bar is None
    window.indexing.index([str(many_pictures)])
    wait_until(lambda: window.context.facts.records > 0)
    window.switch(window.engine.settings.library)
    wait_until(lambda: not window.closing.begun and window.resuming.bar is not None)
    bar = window.resuming.bar
    assert bar is not None
    assert bar.winfo_manager()
    assert bar.text == f"Indexing was interrupted: {many_pictures}."
    assert len(window.results.records) < 300
    bar.buttons[0].invoke()
    assert not bar.winfo_exists()
    wait_until(lambda: window.context.facts.records == 300)
    settle(window, wait_until)
    window.switch(window.engine.settings.library)
    wait_until(lambda: not window.closing.begun and window.context.facts.records == 300)
    settle(window, wait_until)
    assert window.resuming.bar is None  # it came to its end


def test_an_offer_is_dismissed_for_good(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    settings = Settings(tmp_path / "home", tmp_path / "home" / "library.npz")
    killed = Unfinished(settings, lambda: True)
    with pytest.raises(KeyboardInterrupt), killed.noted(Begun((), ("classic",))):
        raise KeyboardInterrupt
    window = open_window()
    bar = window.resuming.bar
    assert bar is not None
    assert bar.text == "Indexing was interrupted: all pictures with Classic."
    bar.buttons[0].focus_force()
    window.root.update()
    bar.buttons[0].event_generate("<Escape>")
    assert not bar.winfo_exists()
    settle(window, wait_until)
    assert killed.read() == ()
    window.switch(settings.library)
    wait_until(lambda: not window.closing.begun and window.context.facts.version >= 0)
    settle(window, wait_until)
    assert window.resuming.bar is None
