"""Other ways to the same vectors: the loop that everybody writes, and one through onnxruntime."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cbir.bench.timing import timed

BATCH = 32

Pixels = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


class PlainLoop:
    """CLIP as in its documentation: PIL, transformers' processor, float32, batches of 32."""

    def __init__(self, folder: Path) -> None:
        from transformers import CLIPModel, CLIPProcessor  # noqa: PLC0415

        self._processor = CLIPProcessor.from_pretrained(folder, local_files_only=True)
        self._model = CLIPModel.from_pretrained(folder, local_files_only=True).eval()

    def images_per_second(self, paths: Sequence[str]) -> float:
        """How many pictures a second it makes vectors of."""
        return len(paths) / timed(lambda: self._run(paths))[1]

    def _run(self, paths: Sequence[str]) -> None:
        for part in _parts(paths):
            self._encode(part)

    def _encode(self, paths: Sequence[str]) -> None:
        import torch  # noqa: PLC0415

        images = [Image.open(path).convert("RGB") for path in paths]
        pixels = self._processor(images=images, return_tensors="pt")
        with torch.inference_mode():
            self._model.get_image_features(**pixels)

    def prepare(self, path: str) -> Pixels:
        """The model's input for one file, float32 (1, 3, 224, 224)."""
        with Image.open(path) as image:
            ready = self._processor(images=[image.convert("RGB")], return_tensors="np")
        pixels: Pixels = ready["pixel_values"]
        return pixels


class OnnxLoop:
    """CLIP's picture half in onnxruntime in float32, pictures decoded ahead on threads."""

    def __init__(self, folder: Path, prepare: Callable[[str], Pixels]) -> None:
        import onnxruntime  # noqa: PLC0415

        self._prepare = prepare
        with tempfile.TemporaryDirectory() as place, _quietly():
            path = Path(place) / "clip.onnx"
            _export(folder, path)
            self._session = onnxruntime.InferenceSession(
                str(path), providers=["CPUExecutionProvider"]
            )
        self._name = self._session.get_inputs()[0].name

    def images_per_second(self, paths: Sequence[str]) -> float:
        """How many pictures a second it makes vectors of."""
        return len(paths) / timed(lambda: self._run(paths))[1]

    def _run(self, paths: Sequence[str]) -> None:
        with ThreadPoolExecutor(2) as pool:
            ready = pool.map(self._prepare, paths)
            for part in _parts(paths):
                pixels = np.concatenate([next(ready) for _ in part])
                self._session.run(None, {self._name: pixels})


def _parts(paths: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(paths), BATCH):
        yield paths[start : start + BATCH]


def _export(folder: Path, path: Path) -> None:
    import torch  # noqa: PLC0415
    from transformers import CLIPModel  # noqa: PLC0415

    model: Any = CLIPModel.from_pretrained(
        folder, local_files_only=True, attn_implementation="eager"
    ).eval()

    class Pictures(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.vision, self.projection = model.vision_model, model.visual_projection

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            vectors: torch.Tensor = self.projection(self.vision(pixel_values=pixels).pooler_output)
            return vectors

    program: Any = torch.onnx.export(
        Pictures(),
        (torch.rand(2, 3, 224, 224),),
        dynamo=True,
        dynamic_shapes={"pixels": {0: torch.export.Dim("pictures")}},
        verbose=False,
    )
    program.save(str(path), external_data=True)


@contextmanager
def _quietly() -> Iterator[None]:
    """The exporter tells the terminal what it does, and warns of its own parts."""
    with warnings.catch_warnings(), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore")
        yield
