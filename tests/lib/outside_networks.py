# SPDX-License-Identifier: Apache-2.0
"""Networks of shapes that users brought, as the files that they would write, with random parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from finn_gen.formats import params_npz

Layer = dict[str, Any]


def _conv(channels: int, kernel: int = 3, **more: int) -> Layer:
    return {"kind": "conv", "channels": channels, "kernel": kernel, **more}


def _dense(*units: int) -> list[Layer]:
    return [{"kind": "dense", "units": each} for each in units]


def _pool(kernel: int = 2) -> Layer:
    return {"kind": "pool", "kernel": kernel}


_PAD: Layer = {"kind": "pad", "padding": 1}
_LABEL: Layer = {"kind": "label"}


def _image(height: int, width: int, channels: int, encoding: str) -> dict[str, Any]:
    return {"height": height, "width": width, "channels": channels, "encoding": encoding}


def _blocks(*blocks: tuple[int, int]) -> list[Layer]:
    """So many padded convolutions of so many channels each, and a pooling behind each block."""
    return [layer for channels, count in blocks for layer in [*[_PAD, _conv(channels)] * count, _pool()]]


NETWORKS: dict[str, tuple[dict[str, Any], list[Layer]]] = {
    "wide": (_image(1, 1, 2048, "bits"), [*_dense(4096, 2048, 10), _LABEL]),
    "prime": (_image(1, 1, 1009, "bits"), [*_dense(997, 991, 11), _LABEL]),
    "sfc_like": (_image(28, 28, 1, "threshold"), [*_dense(256, 256, 256, 10), _LABEL]),
    "unrolled64": (_image(1, 1, 1024, "bits"), _dense(64, 1)),
    "unrolled256": (_image(1, 1, 1024, "bits"), _dense(256, 1)),
    "deep20": (_image(32, 32, 3, "q1.7"), [*[_PAD, _conv(32)] * 19, _pool(8), *_dense(10), _LABEL]),
    "deepdense": (_image(1, 1, 64, "bits"), _dense(*[64] * 63, 10)),
    "img224": (
        _image(224, 224, 3, "q1.7"),
        [_conv(64, 7, stride=2), _pool(), *_blocks((64, 2), (128, 2), (256, 2), (512, 2)), *_dense(1000), _LABEL],
    ),
    "vgg16": (
        _image(224, 224, 3, "q1.7"),
        [*_blocks((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)), *_dense(256, 1000), _LABEL],
    ),
    "primeimg": (
        _image(31, 37, 7, "q1.7"),
        [_conv(13), _conv(17, 5), _pool(), _conv(19), *_dense(23), _LABEL],
    ),
    "one": (_image(1, 1, 1, "bits"), [*_dense(1), _LABEL]),
}


def write(folder: Path, name: str) -> Path:
    """Write one of `NETWORKS` with its parameters, the same each time; return the path of the YAML file."""
    source, layers = NETWORKS[name]
    matrices = _matrices(source, layers, np.random.default_rng(1))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.npz").write_bytes(params_npz.to_bytes(tuple(params_npz.Matrix(*pair) for pair in matrices)))
    text = {"format": 1, "name": name, "input": source, "parameters": f"{name}.npz", "layers": layers}
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(_copied(text), sort_keys=False))
    return path


def _copied(value: Any) -> Any:
    """A copy in which nothing is the same object twice, which YAML would write as an alias."""
    if isinstance(value, dict):
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


def _matrices(
    source: dict[str, Any], layers: list[Layer], rng: np.random.Generator
) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """Weights of 0 and 1, and thresholds in the middle of the sums, of every layer that has some."""
    height, width, channels = source["height"], source["width"], source["channels"]
    wide = source["encoding"] == "q1.7"
    last = max(index for index, layer in enumerate(layers) if layer["kind"] in ("conv", "dense"))
    found = []
    for index, layer in enumerate(layers):
        kind, kernel, stride = layer["kind"], layer.get("kernel", 1), layer.get("stride", 1)
        if kind == "pad":
            height, width = height + 2, width + 2
        elif kind == "pool":
            height, width = height // kernel, width // kernel
        elif kind in ("conv", "dense"):
            columns = kernel * kernel * channels if kind == "conv" else height * width * channels
            channels = layer.get("channels") or layer["units"]
            height, width = ((side - kernel) // stride + 1 if kind == "conv" else 1 for side in (height, width))
            weights = (rng.random((channels, columns)) < 0.5).astype(np.uint8)
            middle = np.full((channels, 1), 0 if wide else columns // 2, np.int64)
            found.append((weights, None if index == last else middle))
            wide = False
    return found
