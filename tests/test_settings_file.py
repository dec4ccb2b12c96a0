from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cbir.errors import CbirError
from cbir.settings_file import (
    Preferences,
    is_name_pattern,
    load_preferences,
    save_preferences,
    wrong_with,
)


def load(tmp_path: Path, text: str) -> Preferences:
    file = tmp_path / "settings.toml"
    file.write_bytes(text.encode())
    return load_preferences(file)


def test_without_a_file_all_is_as_by_default(tmp_path: Path) -> None:
    assert load_preferences(tmp_path / "settings.toml") == Preferences()
    assert load(tmp_path, "") == Preferences()


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte order mark"])
def test_every_key_is_read(tmp_path: Path, mark: str) -> None:
    said = load(
        tmp_path,
        mark + 'exclude = ["*.bak", "cache"]\r\nmax_megapixels = 50\nprecision = "float32"\n'
        "newest_first = true\ncross_file_systems = true\n",
    )
    assert said == Preferences(("*.bak", "cache"), 50, "float32", True, True)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('exclude = "cache"', "'exclude' should be a list of names"),
        ("exclude = [1]", "'exclude'"),
        ('exclude = [""]', "'exclude'"),
        ('exclude = ["raw/old"]', "'exclude'"),
        ("max_megapixels = 0", "'max_megapixels' should be a whole number from 1 to 10000"),
        ("max_megapixels = 1.5", "it is taken as 200"),
        ("max_megapixels = true", "'max_megapixels'"),
        ('precision = "half"', '"bfloat16": it is taken as "auto"'),
        ("precision = []", "'precision'"),
        ("newest_first = 1", "should be true or false: it is taken as false"),
    ],
)
def test_a_wrong_value_is_told_and_taken_as_by_default(
    tmp_path: Path, line: str, told: str
) -> None:
    other = "" if "cross" in line else "cross_file_systems = true\n"
    said = load(tmp_path, other + line)
    assert said.cross_file_systems  # what is right still counts
    assert len(said.problems) == 1 and told in said.problems[0]
    assert str(tmp_path / "settings.toml") in said.problems[0]
    defaults = Preferences(cross_file_systems=True, problems=said.problems)
    assert said == defaults


def test_unknown_keys_are_told_with_what_may_be_meant(tmp_path: Path) -> None:
    said = load(tmp_path, "excludes = []\ncolour = 1\n[precision]\n")
    assert "'exclude' may be meant" in said.problems[0]
    assert "known are exclude, max_megapixels" in said.problems[1]
    assert len(said.problems) == 3


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"exclude == []", "line 1"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"exclude = " + b"[" * 100_000, "nested too deeply"),
    ],
    ids=["not TOML", "not text", "deep"],
)
def test_a_broken_file_is_told_once_and_not_used(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "settings.toml"
    file.write_bytes(content)
    said = load_preferences(file)
    assert said == Preferences(problems=said.problems)
    assert len(said.problems) == 1 and told in said.problems[0]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").mkdir()
    assert "cannot be read" in load_preferences(tmp_path / "settings.toml").problems[0]


def test_a_pattern_is_for_one_name() -> None:
    assert is_name_pattern("*.bak")
    assert not is_name_pattern("raw/*") and not is_name_pattern("") and not is_name_pattern(3)


EVERY = Preferences(
    ("*.bak",),
    50,
    "float32",
    True,
    True,
    "dark",
    96,
    "clip",
    "euclidean",
    7,
    0.5,
    "cpu",
    2,
    str(Path(__file__).parent),
)


def test_what_is_saved_is_read_again_and_only_what_differs_is_written(tmp_path: Path) -> None:
    file = tmp_path / "new" / "settings.toml"
    assert save_preferences(file, Preferences()) == Preferences()
    assert file.read_text() == ""
    assert save_preferences(file, EVERY) == EVERY
    assert file.stat().st_mode & 0o077 == 0
    assert save_preferences(file, Preferences()) == Preferences()  # what stands there is set back
    assert [path.name for path in file.parent.iterdir()] == ["settings.toml"]


def test_comments_unknown_keys_and_links_survive(tmp_path: Path) -> None:
    real, file = tmp_path / "dotfiles.toml", tmp_path / "settings.toml"
    real.write_text(
        '# first\nk = 9 # why\nmine = 1\nexclude = [ # two\n "a", # one\n]\n[table]\nk = 1\n'
    )
    file.symlink_to(real)
    said = save_preferences(file, replace(load_preferences(file), k=11, theme="system"))
    assert file.is_symlink()
    text = real.read_text()
    for kept in (
        "# first\n",
        "k = 11 # why\n",
        "mine = 1\n",
        "[ # two\n",
        "# one\n",
        "[table]\nk = 1",
    ):
        assert kept in text
    assert text.index("theme =") < text.index("[table]")
    assert (said.k, said.theme, said.exclude, len(said.problems)) == (11, "system", ("a",), 2)


def test_nothing_is_saved_where_something_is_wrong(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    with pytest.raises(CbirError, match="k: This should be a whole number from 1 to 1000"):
        save_preferences(file, Preferences(k=0))
    assert not file.exists()
    file.write_text("k = = 1")
    with pytest.raises(CbirError, match="Mend that first"):
        save_preferences(file, Preferences(k=3))
    assert file.read_text() == "k = = 1"
    with pytest.raises(CbirError, match="There is no folder /nowhere for the weights"):
        save_preferences(tmp_path / "new.toml", Preferences(models="/nowhere"))
    assert not (tmp_path / "new.toml").exists()
    drive = tmp_path / "unplugged.toml"
    drive.write_text('models = "/nowhere"')
    assert save_preferences(drive, Preferences(k=3, models="/nowhere")).k == 3
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(CbirError, match="cannot be saved"):
        save_preferences(blocked / "settings.toml", Preferences(k=3))


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("theme", "pink", False),
        ("thumbnail", 95, False),
        ("space", "auto", True),
        ("metric", "manhattan", False),
        ("k", True, False),
        ("recall", 1.0, False),
        ("recall", float("nan"), False),
        ("device", "mps", True),
        ("threads", 0, True),
        ("models", "weights", False),
        ("models", "~/weights", True),
        ("models", __file__, False),
        ("models", "a\0b", False),
    ],
)
def test_a_value_is_judged_as_the_file_s(
    tmp_path: Path, key: str, value: object, right: bool
) -> None:
    assert (wrong_with(key, value) == "") == right


@given(st.text(max_size=40))
def test_any_folder_that_can_be_saved_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    file = tmp_path_factory.mktemp("saved") / "settings.toml"
    wanted = Preferences(models=f"{file.parent}/weights/{name}")
    if wrong_with("models", wanted.models) == "" and name.isprintable():
        os.makedirs(wanted.models)
        assert save_preferences(file, wanted) == wanted
