# SPDX-License-Identifier: Apache-2.0
"""Reader of BNN-PYNQ parameter folders, for tests.

`<layer>-<pe>-weights.bin` holds NF*SF little-endian uint64: word nf*SF + sf, bit s, is column sf*SIMD + s of
row nf*PE + pe. `<layer>-<pe>-thres.bin` holds NF little-endian int64, word nf for row nf*PE + pe, compared
acc > t; in the first layer of CNV it has 8 fraction bits where the sum has 7.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

CNV_COLUMNS_SIMD = (
    (27, 3),
    (576, 32),
    (576, 32),
    (1152, 32),
    (1152, 32),
    (2304, 32),
    (256, 4),
    (512, 8),
    (512, 1),
)
LFC_COLUMNS_SIMD = ((832, 64), (1024, 32), (1024, 64), (1024, 8))


def read(folder: Path, columns_simd: tuple[tuple[int, int], ...]) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """(weights uint8 [rows,cols], thresholds int64 [rows,1] for t <= acc, or None) of every layer."""
    return [_layer(folder, i, columns, simd) for i, (columns, simd) in enumerate(columns_simd)]


def cnv(folder: Path) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """cnvW1A1. Its first layer compares 2*sum > t, which for integers is t // 2 + 1 <= sum."""
    layers = read(folder, CNV_COLUMNS_SIMD)
    weights, thresholds = layers[0]
    layers[0] = weights, (thresholds - 1) // 2 + 1
    return layers


def lfc(folder: Path) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """lfcW1A1, whose last layer is thresholded too; its input is padded from 784 to 832 bits with 0."""
    return read(folder, LFC_COLUMNS_SIMD)


def _layer(folder: Path, i: int, columns: int, simd: int) -> tuple[np.ndarray, np.ndarray | None]:
    pes = len(list(folder.glob(f"{i}-*-weights.bin")))
    words = np.stack([np.fromfile(folder / f"{i}-{pe}-weights.bin", "<u8") for pe in range(pes)], 1)
    bits = (words[..., None] >> np.arange(simd, dtype=np.uint64)) & np.uint64(1)
    weights = bits.reshape(-1, columns // simd, pes, simd).transpose(0, 2, 1, 3).reshape(-1, columns).astype(np.uint8)
    if not (folder / f"{i}-0-thres.bin").exists():
        return weights, None
    strict = np.stack([np.fromfile(folder / f"{i}-{pe}-thres.bin", "<i8") for pe in range(pes)], 1)
    return weights, strict.reshape(-1, 1) + 1
