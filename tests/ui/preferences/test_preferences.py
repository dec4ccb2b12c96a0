"""Preferences: read from settings.toml, judged beside their fields, saved, and gone by at once."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomlkit

from cbir.ui.preferences.dialog import PreferencesDialog
from cbir.ui.preferences.fields import NumberField
from cbir.ui.state import start_state
from cbir.ui.widgets.theme import theme_name
from cbir.ui.window import Window
from tests.ui.conftest import OpenWindow, WaitUntil, settle
from tests.ui.test_window_trouble import press


def open_dialog(window: Window, wait_until: WaitUntil) -> PreferencesDialog:
    window.root.focus_force()
    window.root.event_generate("<Control-comma>")
    settle(window, wait_until)
    dialog = window.preferences.dialog
    assert dialog is not None
    return dialog


def type_in(dialog: PreferencesDialog, key: str, text: str) -> None:
    field = dialog.fields[key]
    assert isinstance(field, NumberField)
    field.text.set(text)


def test_preferences_are_judged_saved_and_count_at_once(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    file = tmp_path / "home" / "settings.toml"
    file.parent.mkdir()
    file.write_text('# my own words\nk = 20  # few\nnewest_first = "yes"\nmine = 1\n')
    window = open_window(pictures, fixed=frozenset({"models"}), given_excludes=("odd",))
    window.query.search_image(str(pictures / "red_03.png"))
    settle(window, wait_until)
    dialog = open_dialog(window, wait_until)
    assert "an option or the environment" in dialog.notes["models"].cget("text")
    assert "passes over these too, this time: odd." in dialog.notes["exclude"].cget("text")
    dialog.fields["exclude"].show(("cache", "a/b"))
    type_in(dialog, "k", "5")
    type_in(dialog, "recall", "2")
    type_in(dialog, "threads", "many")
    press(dialog, "Save")
    assert dialog.notes["exclude"].cget("text") == (
        "“a/b” cannot be passed over: a name holds no /."
    )
    assert "above 0 and below 1" in dialog.notes["recall"].cget("text")
    assert "whole number from 0" in dialog.notes["threads"].cget("text")
    assert dialog.notes["recall"].winfo_manager() and dialog.winfo_exists()
    assert "k = 20" in file.read_text()  # nothing is saved until all is right

    type_in(dialog, "recall", "0.9")
    type_in(dialog, "threads", "3")
    dialog.fields["theme"].show("dark")
    dialog.fields["metric"].show("euclidean")
    dialog.fields["exclude"].show(("*.bak", "cache"))
    dialog.fields["thumbnail"].show(128)
    dialog.fields["models"].show(str(tmp_path / "nowhere"))
    press(dialog, "Save")
    settle(window, wait_until)
    assert f"There is no folder {tmp_path / 'nowhere'}" in dialog.failure.cget("text")
    dialog.fields["models"].show("")
    press(dialog, "Save")
    settle(window, wait_until)
    assert not dialog.winfo_exists()
    assert theme_name(window.root) == "dark"
    assert window.view.choices.theme.get() == "dark"
    assert window.layout.grid.thumbnail_size == 128
    outcome = window.results.outcome
    assert outcome is not None
    assert (outcome.query.metric, outcome.query.k, outcome.query.recall) == ("euclidean", 5, 0.9)
    assert len(window.results.records) == 5
    assert window.engine.settings.excludes == ("*.bak", "cache", "odd")
    again = start_state(window.engine.settings)  # as another library in this window begins
    assert (again.theme, again.metric, again.results) == ("dark", "euclidean", 5)
    text = file.read_text()
    said = tomlkit.parse(text).unwrap()
    assert "# my own words" in text and "# few" in text
    assert said["mine"] == 1 and said["newest_first"] is False  # the wrong one is mended
    assert (said["k"], said["threads"], said["exclude"]) == (5, 3, ["*.bak", "cache"])
    assert "max_megapixels" not in said  # what is as usual need not stand there


def test_a_file_that_is_broken_is_left_alone(
    open_window: OpenWindow, wait_until: WaitUntil, tmp_path: Path
) -> None:
    file = tmp_path / "home" / "settings.toml"
    file.parent.mkdir()
    file.write_text("k == 5")
    window = open_window()
    dialog = open_dialog(window, wait_until)
    type_in(dialog, "k", "7")
    press(dialog, "Save")
    settle(window, wait_until)
    assert "Mend that first" in dialog.failure.cget("text")
    press(dialog, "Defaults")
    assert dialog.fields["k"].value() == 20
    press(dialog, "Cancel")
    assert file.read_text() == "k == 5"


def test_the_theme_of_the_system_is_followed(
    open_window: OpenWindow, wait_until: WaitUntil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cbir.ui.system_theme.darkdetect.theme", lambda: "Dark")
    window = open_window()
    assert theme_name(window.root) == "light"
    window.view.choices.theme.set("system")
    window.view.theme_chosen()
    wait_until(lambda: theme_name(window.root) == "dark")
    assert (window.context.state.theme, window.context.state.system_theme) == ("system", "dark")
    dialog = open_dialog(window, wait_until)
    type_in(dialog, "threads", "2")
    press(dialog, "Save")
    settle(window, wait_until)
    assert "counts from the next start" in window.layout.status.message
    assert window.context.state.preferred["theme"] == "light"
    assert theme_name(window.root) == "dark"  # what was not changed stays as it was chosen
