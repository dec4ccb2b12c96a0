from __future__ import annotations

import pytest
import torch

from cbir.encoders.torch_encoder import choose_device, fingerprint


@pytest.mark.parametrize(
    ("cuda", "mps", "chosen"),
    [(True, True, "cuda"), (True, False, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_auto_takes_cuda_then_mps_then_cpu(
    cuda: bool, mps: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert choose_device("auto").type == chosen
    assert choose_device("cpu").type == "cpu"


def test_a_fingerprint_names_the_space_and_follows_each_part() -> None:
    marks = {
        fingerprint("clip", "a", "b"),
        fingerprint("clip", "a", "c"),
        fingerprint("clip", "c", "b"),
        fingerprint("resnet18", "a", "b"),
    }
    assert len(marks) == 4
    assert fingerprint("clip", "a", "b") == fingerprint("clip", "a", "b")
    assert fingerprint("clip", "a", "b").startswith("clip-")
