"""Weights are removed by their names alone: whatever else lies there stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from cbir.encoders.part import part_of, sole_writer
from cbir.encoders.published import WEIGHTS
from cbir.encoders.removal import remove_weights
from cbir.encoders.weights import find_weights, weights_folder
from cbir.errors import CbirError, DownloadFailed

NAMES = [file.name for file in WEIGHTS["clip"].files]
RESNET = WEIGHTS["resnet18"].files[0].name


def fill(folder: Path, *others: str) -> int:
    """All of CLIP's files, small, and others; how many bytes CLIP's have."""
    folder.mkdir(parents=True)
    for name in (*NAMES, *others):
        (folder / name).write_bytes(name.encode())
    return sum(map(len, NAMES))


def cache(*revisions: str) -> list[Path]:
    """Hugging Face's cache: snapshots of several revisions that link to the same blobs."""
    pinned = weights_folder("clip", None)
    repository = pinned.parent.parent
    (repository / "blobs").mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a revision")
    folders = [pinned, *(pinned.with_name(revision) for revision in revisions)]
    for name in NAMES:
        (repository / "blobs" / f"hash of {name}").write_bytes(name.encode())
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to(f"../../blobs/hash of {name}")
    return folders


def test_only_published_names_go_from_a_named_folder(tmp_path: Path) -> None:
    folder = weights_folder("clip", tmp_path)
    size = fill(folder, "my notes.txt", "pytorch_model.bin")
    part_of(folder / "model.safetensors").write_bytes(b"part")
    (tmp_path / RESNET).write_bytes(b"resnet")
    removed = remove_weights("clip", tmp_path)
    assert removed.folder == str(folder)
    assert set(removed.files) == {*NAMES, ".model.safetensors.part"}
    assert removed.bytes == size + 4
    assert {path.name for path in folder.iterdir()} == {"my notes.txt", "pytorch_model.bin"}
    assert find_weights("clip", tmp_path) is None
    assert (tmp_path / RESNET).exists()


def test_a_named_folder_stays_though_empty(tmp_path: Path) -> None:
    (tmp_path / RESNET).write_bytes(b"resnet")
    assert remove_weights("resnet18", tmp_path).bytes == 6
    fill(weights_folder("clip", tmp_path))
    remove_weights("clip", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_part_alone_can_be_removed(tmp_path: Path) -> None:
    part_of(tmp_path / RESNET).write_bytes(b"half of it")
    removed = remove_weights("resnet18", tmp_path)
    assert (removed.files, removed.bytes) == ((f".{RESNET}.part",), 10)


@pytest.mark.parametrize("models", [True, False])
@pytest.mark.parametrize("name", ["clip", "resnet18"])
def test_nothing_to_remove_is_said(name: str, models: bool, tmp_path: Path) -> None:
    with pytest.raises(CbirError, match=r"nothing to remove: .* holds no weights of "):
        remove_weights(name, tmp_path if models else None)


def test_a_name_without_weights_is_refused() -> None:
    with pytest.raises(CbirError, match="choose one of resnet18, clip"):
        remove_weights("classic", None)


def test_what_a_download_put_into_the_cache_goes_with_its_folders() -> None:
    folder = weights_folder("clip", None)
    size = fill(folder)
    assert remove_weights("clip", None).bytes == size
    assert not folder.parent.parent.exists()
    assert folder.parent.parent.parent.exists()


def test_links_of_a_snapshot_go_with_their_blobs() -> None:
    [folder] = cache()
    repository = folder.parent.parent
    (repository / "blobs" / "another").write_bytes(b"of another revision")
    removed = remove_weights("clip", None)
    assert removed.bytes == sum(map(len, NAMES))
    assert not folder.exists()
    assert [path.name for path in (repository / "blobs").iterdir()] == ["another"]
    assert (repository / "refs" / "main").exists()


def test_a_blob_that_another_snapshot_links_to_stays() -> None:
    pinned, other = cache("another revision")
    (other / "config.json").unlink()
    removed = remove_weights("clip", None)
    assert removed.bytes == len("config.json")
    assert len(removed.files) == len(NAMES)
    assert not pinned.exists()
    for name in NAMES[1:]:
        assert (other / name).read_bytes() == name.encode()


def test_a_link_to_elsewhere_goes_and_its_target_stays(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.pth"
    elsewhere.write_bytes(b"weights")
    models = tmp_path / "models"
    models.mkdir()
    (models / RESNET).symlink_to(elsewhere)
    assert remove_weights("resnet18", models).bytes == 0
    assert elsewhere.read_bytes() == b"weights"
    (models / RESNET).symlink_to(tmp_path / "nothing")
    assert remove_weights("resnet18", models).files == (RESNET,)


def test_what_is_being_downloaded_is_not_removed(tmp_path: Path) -> None:
    part_of(tmp_path / RESNET).write_bytes(b"half of it")
    with (
        sole_writer(tmp_path / RESNET),
        pytest.raises(DownloadFailed, match="is being downloaded by another"),
    ):
        remove_weights("resnet18", tmp_path)
    assert part_of(tmp_path / RESNET).exists()


def test_what_cannot_be_removed_is_said(tmp_path: Path) -> None:
    (tmp_path / RESNET).mkdir()
    with pytest.raises(CbirError, match=f"{RESNET} cannot be removed"):
        remove_weights("resnet18", tmp_path)
