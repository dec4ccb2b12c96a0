"""Evaluate on folders: from the library's vectors to figures, chart, examples and a table."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
import ttkbootstrap as ttk
from matplotlib.colors import to_hex

from cbir.ui.evaluation.window import EvaluationWindow
from cbir.ui.widgets.theme import DARK, apply_theme
from cbir.ui.window import Window
from tests.conftest import draw
from tests.ui.conftest import OpenWindow, WaitUntil, settle


@pytest.fixture
def classes(tmp_path: Path) -> Path:
    """Fire and water by colour, but one picture of fire is as blue as water."""
    folder = tmp_path / "classes"
    for number in range(5):
        draw(folder / "fire" / f"fire_{number}.png", (200, 40 + number, 40))
        draw(folder / "water" / f"water_{number}.png", (40, 60 + number, 200))
    draw(folder / "fire" / "gas_flame.png", (40, 62, 200))
    return folder


def open_evaluation(window: Window) -> EvaluationWindow:
    window.evaluating.show()
    opened = window.evaluating.window
    assert opened is not None
    return opened


def row_of(table: ttk.Treeview, at: int) -> list[str]:
    return [str(value) for value in table.item(table.get_children()[at], "values")]


def test_the_library_is_evaluated_and_confusions_show_their_pictures(
    open_window: OpenWindow, wait_until: WaitUntil, classes: Path, tmp_path: Path
) -> None:
    window = open_window(classes)
    opened = open_evaluation(window)
    choices = opened.choices
    assert not choices.spaces["clip"].get()  # it has no vectors, and no weights are there
    choices.hits.set("none")
    choices.evaluate.invoke()
    assert choices.problem.cget("text") == "Type a number from 1 to 1,000."
    choices.hits.set("3")
    choices.evaluate.invoke()
    assert choices.problem.cget("text") == ""
    assert choices.evaluate.cget("text") == "Evaluating…"
    settle(window, wait_until)

    assert window.layout.status.message == "The evaluation is done."
    assert choices.evaluate.cget("text") == "Evaluate"
    assert [row_of(opened.table, at)[:3] for at in range(4)] == [
        ["Classic", "Cosine", "Exact"],
        ["Classic", "Cosine", "LSH"],
        ["Classic", "Euclidean", "Exact"],
        ["Classic", "Euclidean", "LSH"],
    ]
    assert opened.basis.cget("text").startswith("11 pictures with 2 labels")
    assert "not in the library" not in opened.basis.cget("text")
    assert "LSH, set to find 0.95 of the true nearest," in opened.meaning.cget("text")
    assert "Best is Classic" in opened.meaning.cget("text")
    assert "Most often “" in opened.meaning.cget("text")
    assert opened.chart is not None
    assert [patch.get_width() for patch in opened.chart.axes.patches][:1] == [
        pytest.approx(float(row_of(opened.table, 0)[3]), abs=0.001)
    ]

    pairs = [row_of(opened.pairs, at) for at in range(2)]
    fire = next(at for at, pair in enumerate(pairs) if pair[:2] == ["fire", "water"])
    opened.pairs.selection_set(opened.pairs.get_children()[fire])
    opened.pairs.focus_force()
    opened.pairs.event_generate("<Return>")
    settle(window, wait_until)
    shown = [tile.record.file.path for tile in window.layout.grid.tiles]
    assert Path(shown[0]).name == "gas_flame.png"
    assert {Path(path).parent.name for path in shown[1:]} == {"water"}
    assert window.layout.heading.text.startswith("“fire” taken for “water” by Classic")
    window.results.library_changed()
    settle(window, wait_until)
    assert len(window.layout.grid.tiles) == len(shown)  # news of the library leave them
    window.query.clear()
    settle(window, wait_until)
    assert len(window.layout.grid.tiles) == 11


def test_a_folder_that_is_not_indexed_is_embedded_and_the_table_saved(
    open_window: OpenWindow, wait_until: WaitUntil, classes: Path, tmp_path: Path
) -> None:
    window = open_window()
    opened = open_evaluation(window)
    choices = opened.choices
    opened.update()
    choices.entry.event_generate("<Button-1>", x=5, y=5)
    assert not choices.whole.get()  # whoever clicks there means a folder
    choices.evaluate.invoke()
    assert choices.problem.cget("text") == "Choose a folder or type its path."
    window.context.choosers.folder = lambda *_: str(tmp_path)
    choices.choose.invoke()
    assert choices.folder == str(tmp_path)
    choices.whole.set(True)
    choices.entry.insert("end", "/classes/")
    assert not choices.whole.get()
    assert choices.folder == str(classes)
    choices.evaluate.invoke()
    settle(window, wait_until)
    assert len(opened.table.get_children()) == 4
    assert window.context.facts.records == 0
    assert "They are not in the library: index the folder" in opened.basis.cget("text")
    opened.pairs.selection_set(opened.pairs.get_children()[0])
    opened.pairs.focus_force()
    opened.pairs.event_generate("<space>")
    assert "not in the library" in window.layout.status.message
    copy, save, _ = opened._buttons
    window.context.choosers.new_file = lambda *_: str(tmp_path / "figures")
    save.invoke()
    settle(window, wait_until)
    text = (tmp_path / "figures.csv").read_text(encoding="utf-8-sig")
    assert text.startswith("space,metric,method,k,precision,map,nearest,chance")
    assert "classic,euclidean,lsh,fire,water," in text
    copy.invoke()
    assert window.root.clipboard_get() == text.replace(",", "\t")

    opened.destroy()
    again = open_evaluation(window)  # the report is still there, in the theme of now
    assert len(again.table.get_children()) == 4
    apply_theme(window.root, "dark")
    window.root.update()
    assert again.chart is not None
    assert to_hex(again.chart.figure.get_facecolor()) == DARK.background


def test_what_cannot_be_evaluated_is_told(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    opened = open_evaluation(window)
    opened.choices.labels.set("tags")
    opened.choices.evaluate.invoke()
    told: list[str] = []
    window.evaluating._context.show_error = lambda error: told.append(str(error))
    settle(window, wait_until)
    assert "have tags" in told[0] and opened.report is None
    held = threading.Event()
    window.engine._indexer.submit("Hold up", lambda _: held.wait())
    opened.choices.evaluate.invoke()
    window.jobs.shown[0].job.cancel()
    held.set()
    settle(window, wait_until)
    assert window.layout.status.message == "The evaluation was cancelled."
    assert opened.choices.evaluate.cget("text") == "Evaluate"
