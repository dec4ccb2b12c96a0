from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest

from cbir.encoders import integrity, published, weights
from cbir.encoders.published import WEIGHTS, Weights, WeightsFile
from cbir.encoders.weights import find_weights, obstacle, weights_folder, weights_status
from cbir.errors import CbirError
from tests.standins import CLIP_FOLDER, RESNET18_FILE

HUB_PART = Path(
    "models--openai--clip-vit-base-patch32/snapshots/b33cedfd0df4e43b8238760678fcc89e1a0d38b3"
)


@pytest.fixture
def copy(models: Path, tmp_path: Path) -> Path:
    """A ``--models`` folder that a test may spoil."""
    return Path(shutil.copytree(models, tmp_path / "models"))


@pytest.fixture
def publish(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Path], None]:
    """Makes the files in a folder the published ones."""

    def publish(name: str, folder: Path) -> None:
        files = tuple(
            WeightsFile(
                file.name,
                file.url,
                (folder / file.name).stat().st_size,
                hashlib.sha256((folder / file.name).read_bytes()).hexdigest(),
            )
            for file in WEIGHTS[name].files
        )
        old = WEIGHTS[name]
        new = Weights(name, old.title, old.purpose, old.license, files)
        monkeypatch.setattr(weights, "WEIGHTS", MappingProxyType({**WEIGHTS, name: new}))

    return publish


def test_what_is_published_is_pinned() -> None:
    for name, entry in WEIGHTS.items():
        assert entry.name == name
        assert entry.title and entry.purpose and entry.license
        assert entry.size == sum(file.size for file in entry.files)
        for file in entry.files:
            assert file.url.startswith("https://")
            assert file.url.endswith("/" + file.name)
            assert len(bytes.fromhex(file.sha256)) == 32
    assert all(published.CLIP_REVISION in file.url for file in WEIGHTS["clip"].files)
    assert WEIGHTS["clip"].files[-1].name == "model.safetensors"
    assert WEIGHTS["resnet18"].files[0].sha256.startswith("f37072fd")


def test_a_named_folder_is_used_as_it_is(models: Path) -> None:
    assert find_weights("resnet18", models) == models / RESNET18_FILE
    assert find_weights("clip", models) == models / CLIP_FOLDER
    assert obstacle("resnet18", models) == obstacle("clip", models) == ""


def test_without_a_folder_the_caches_hold_the_weights(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value, space, expected in (
        ("XDG_CACHE_HOME", "xdg", "resnet18", "xdg/torch/hub/checkpoints"),
        ("XDG_CACHE_HOME", "xdg", "clip", "xdg/huggingface/hub" / HUB_PART),
        ("TORCH_HOME", "torch", "resnet18", "torch/hub/checkpoints"),
        ("HF_HOME", "home", "clip", "home/hub" / HUB_PART),
        ("HUGGINGFACE_HUB_CACHE", "old", "clip", "old" / HUB_PART),
        ("HF_HUB_CACHE", "cache", "clip", "cache" / HUB_PART),
    ):
        monkeypatch.setenv(name, str(tmp_path / value))
        assert weights_folder(space, None) == tmp_path / expected
    assert find_weights("clip", None) is None
    folder = weights_folder("clip", None)
    folder.parent.mkdir(parents=True)
    (copy / CLIP_FOLDER).rename(folder)
    assert find_weights("clip", None) == folder


def test_cache_folders_agree_with_torch_and_hugging_face(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import huggingface_hub
    import torch

    monkeypatch.delenv("XDG_CACHE_HOME")
    cached = Path(torch.hub.get_dir()) / "checkpoints"
    assert weights_folder("resnet18", None) == cached
    name = huggingface_hub.file_download.repo_folder_name(
        repo_id=published.CLIP_REPOSITORY, repo_type="model"
    )
    assert weights_folder("clip", None).parts[-3] == name


def test_links_as_in_hugging_faces_cache_are_followed(copy: Path, tmp_path: Path) -> None:
    blob = tmp_path / "blob"
    file = copy / CLIP_FOLDER / "model.safetensors"
    file.rename(blob)
    file.symlink_to(blob)
    assert find_weights("clip", copy) == copy / CLIP_FOLDER
    blob.unlink()
    assert find_weights("clip", copy) is None


@pytest.mark.parametrize("lacking", ["config.json", "model.safetensors"])
def test_a_part_of_clip_is_not_clip(copy: Path, lacking: str) -> None:
    (copy / CLIP_FOLDER / lacking).unlink()
    assert find_weights("clip", copy) is None
    assert f"it lacks {lacking}" in obstacle("clip", copy)
    assert weights_status("clip", copy).state == "missing"


@pytest.mark.parametrize(
    ("gone", "there"),
    [
        (["tokenizer.json"], True),
        (["vocab.json"], True),
        (["vocab.json", "merges.txt"], True),
        (["tokenizer.json", "merges.txt"], False),
        (["tokenizer.json", "vocab.json"], False),
    ],
)
def test_the_tokenizer_comes_in_two_forms(copy: Path, gone: list[str], there: bool) -> None:
    for name in gone:
        (copy / CLIP_FOLDER / name).unlink()
    assert (find_weights("clip", copy) is not None) == there


@pytest.mark.parametrize("name", ["resnet18", "clip"])
def test_missing_weights_say_where_they_belong_and_how_to_get_them(
    name: str, tmp_path: Path
) -> None:
    status = weights_status(name, tmp_path)
    assert (status.name, status.state, status.path, status.bytes) == (name, "missing", None, 0)
    assert str(tmp_path) in status.detail
    assert f"cbir models download {name}" in status.detail
    assert "--models" in status.detail


def test_other_files_in_a_named_folder_are_not_verified(models: Path) -> None:
    status = weights_status("clip", models)
    assert status.state == "not verified"
    assert status.path == str(models / CLIP_FOLDER)
    assert status.bytes == sum(file.stat().st_size for file in (models / CLIP_FOLDER).iterdir())
    assert "model.safetensors" in status.detail


@pytest.mark.parametrize("name", ["resnet18", "clip"])
def test_published_files_are_verified(
    name: str, models: Path, publish: Callable[[str, Path], None]
) -> None:
    publish(name, weights_folder(name, models))
    assert weights_status(name, models).state == "verified"


def test_a_changed_byte_is_damage_in_a_cache_and_another_file_in_a_named_folder(
    copy: Path, publish: Callable[[str, Path], None]
) -> None:
    named = copy / CLIP_FOLDER
    publish("clip", named)
    cached = weights_folder("clip", None)
    shutil.copytree(named, cached)
    for folder in (named, cached):
        with (folder / "model.safetensors").open("r+b") as file:
            file.seek(-1, os.SEEK_END)
            file.write(b"\xff")
    assert weights_status("clip", copy).state == "not verified"
    assert weights_status("clip", None).state == "damaged"
    assert "model.safetensors" in obstacle("clip", None, thorough=True)
    assert obstacle("clip", None) == ""


@pytest.mark.parametrize(
    ("name", "file"), [("resnet18", RESNET18_FILE), ("clip", f"{CLIP_FOLDER}/model.safetensors")]
)
@pytest.mark.parametrize("size", [0, 1, 7, 9, 1000, -1])
def test_a_cut_file_is_damaged_without_reading_it(
    copy: Path, name: str, file: str, size: int
) -> None:
    path = copy / file
    os.truncate(path, size if size >= 0 else path.stat().st_size - 1)
    assert weights_status(name, copy).state == "damaged"
    assert f"cbir models download {name}" in obstacle(name, copy)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff" * 8 + b"{}",
        (2).to_bytes(8, "little") + b"[]",
        (2).to_bytes(8, "little") + b"{}",
        (9).to_bytes(8, "little") + b'{"a": []}',
        (10).to_bytes(8, "little") + b'{"a": 1}  ',
        (4).to_bytes(8, "little") + b"\xff\xfe\xfd\xfc",
        (60_000).to_bytes(8, "little") + b"[" * 60_000,
    ],
)
def test_strange_safetensors_headers_are_not_whole(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert not integrity.looks_whole(path)


def test_a_digest_is_remembered_until_the_file_changes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"one")
    os.utime(path, ns=(1, 1))
    assert integrity.file_digest(path) == hashlib.sha256(b"one").hexdigest()
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 1))
    assert integrity.file_digest(path) == hashlib.sha256(b"one").hexdigest()
    os.utime(path, ns=(1, 2))
    assert integrity.file_digest(path) == hashlib.sha256(b"two").hexdigest()


@pytest.mark.parametrize("ask", [find_weights, obstacle, weights_status, weights_folder])
def test_a_name_without_weights_is_refused(ask: Callable[..., object], tmp_path: Path) -> None:
    with pytest.raises(CbirError, match="'classic': choose one of resnet18, clip"):
        ask("classic", tmp_path)
