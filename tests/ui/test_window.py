"""The window on a real engine and library: indexing, browsing, searching, choices, the map."""

from __future__ import annotations

import shutil
from pathlib import Path

from cbir.ui.window import Window
from cbir.work.messages import Finished, Progress
from cbir.work.worker import Job
from tests.ui.conftest import OpenWindow, WaitUntil, settle


def names(window: Window) -> list[str]:
    return [Path(record.path).name for record in window.results.records.values()]


def test_an_empty_library_says_what_to_do(open_window: OpenWindow) -> None:
    window = open_window()
    assert window.layout.status.message == "This library is empty. Index a folder…"
    assert window.root.title() == "library.npz – cbir"
    assert not window.results.records


def test_a_folder_named_at_the_start_is_indexed_before_the_eyes(
    open_window: OpenWindow, pictures: Path
) -> None:
    window = open_window(pictures)
    assert len(window.results.records) == 12
    assert window.layout.heading.text == "Library · 12 pictures"
    message = window.layout.status.message
    assert message.startswith("Indexed 12 pictures in ")
    assert message.endswith(": 12 new, 1 skipped.")


def test_a_chosen_folder_is_indexed(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window()
    window.context.choosers.folder = lambda *_: str(pictures)
    window.indexing.choose_folder()
    assert window.indexing.busy
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert len(window.results.records) == 12
    assert [file.reason for file in window.context.facts.skipped] == ["not an image"]


def test_searching_by_an_image_shows_the_most_like_first(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window(pictures)
    query = tmp_path / "mine.png"
    shutil.copy(pictures / "red_02.png", query)
    window.context.choosers.images = lambda *_: (str(query),)
    window.query.open_image()
    settle(window, wait_until)
    assert names(window)[0] == "red_02.png"
    assert all(name.startswith("red") for name in names(window)[:4])
    assert window.layout.heading.text == "12 pictures most like mine.png"
    assert "compared" in window.layout.status.message
    wait_until(lambda: window.layout.query_bar.picture.path == str(query))


def test_find_similar_works_on_the_library_and_clear_goes_back(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    record_id = next(iter(window.results.records))
    window.records.find_similar(record_id)
    settle(window, wait_until)
    assert next(iter(window.results.records)) == record_id
    window.query.clear()
    settle(window, wait_until)
    assert window.results.request is None
    assert list(window.results.records) == sorted(window.results.records)
    assert window.layout.heading.text == "Library · 12 pictures"


def test_the_other_metric_runs_the_search_again_with_its_own_scores(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.query.search_image(str(pictures / "blue_07.png"))
    settle(window, wait_until)
    assert window.results.request is not None
    assert window.results.request.metric == "cosine"
    window.layout.query_bar.metric_buttons["euclidean"].invoke()
    settle(window, wait_until)
    assert window.results.request.metric == "euclidean"
    assert window.context.state.metric == "euclidean"
    assert names(window)[0] == "blue_07.png"


def test_a_late_answer_of_a_search_given_up_is_not_shown(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.query.search_image(str(pictures / "blue_07.png"))
    window.query.search_image(str(pictures / "red_01.png"))
    settle(window, wait_until)
    assert names(window)[0] == "red_01.png"


def test_fewer_or_more_results(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.results.set_results(50)
    assert window.results.request is None
    window.query.search_image(str(pictures / "blue_07.png"))
    settle(window, wait_until)
    assert window.results.request is not None
    assert window.results.request.k == 50
    window.results.set_results(100)
    assert window.results.request.k == 100


def test_the_map_comes_later_and_follows_search_and_selection(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    wait_until(lambda: window.layout.map is not None and len(window.map_link.records) == 12, 20)
    window.query.search_image(str(pictures / "blue_07.png"))
    settle(window, wait_until)
    panel = window.layout.map
    assert panel is not None
    assert panel.plot.star is not None
    hidden = window.results.records.popitem()[0]
    window.records.select_on_map(hidden)
    assert window.records.selected == (hidden,)
    assert window.layout.grid.selection == ()
    shown = next(iter(window.results.records))
    window.records.select_on_map(shown)
    assert window.layout.grid.selection == (shown,)


def test_a_second_indexing_waits_its_turn_and_says_so(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path, tmp_path: Path
) -> None:
    window = open_window()
    other = tmp_path / "other"
    shutil.copytree(pictures, other)
    (other / "broken.png").unlink()
    window.indexing.index([str(pictures)])
    window.indexing.index([str(other)])
    assert "waits until the indexing under way has ended" in window.layout.status.message
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    assert window.context.facts.records == 24


def test_cancelled_indexing_keeps_what_is_done_and_says_so(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window()
    window.indexing.index([str(pictures)])
    window.jobs.shown[0].job.cancel()
    wait_until(lambda: not window.indexing.busy)
    assert "cancelled" in window.layout.status.message


def test_dropped_folders_are_indexed_and_a_dropped_picture_searches(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window()
    window.query.dropped([str(pictures)], "index")
    wait_until(lambda: not window.indexing.busy)
    settle(window, wait_until)
    window.query.dropped([str(pictures / "red_03.png")], "search")
    settle(window, wait_until)
    wait_until(lambda: names(window)[0] == "red_03.png")


def test_themes_switch_while_results_are_shown(
    open_window: OpenWindow, wait_until: WaitUntil, pictures: Path
) -> None:
    window = open_window(pictures)
    window.view.choices.theme.set("dark")
    window.view.theme_chosen()
    window.root.update()
    assert window.context.state.theme == "dark"
    assert window.root.style.theme_mode == "dark"
    window.query.search_image(str(pictures / "red_03.png"))
    settle(window, wait_until)
    assert names(window)[0] == "red_03.png"


def test_the_title_tells_how_far_a_job_is(open_window: OpenWindow, wait_until: WaitUntil) -> None:
    window = open_window()
    job = window.jobs.watch(Job("Index"), title="Indexing photos", shown=True)
    window.engine.outbox.put(Progress(job.id, 12, 97))
    wait_until(lambda: window.root.title() == "12 % · library.npz – cbir")
    window.engine.outbox.put(Finished(job.id, None))
    wait_until(lambda: window.root.title() == "library.npz – cbir")
