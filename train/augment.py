# SPDX-License-Identifier: Apache-2.0
"""Random variants of pictures, drawn from a given generator so that a resumed run repeats them, and the input codes."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Augment = Callable[[Tensor, torch.Generator, float], Tensor]
"""uint8 pictures [N,H,W,C], a generator and a strength, usually 0 to 1 -> uint8 pictures of the same shape."""

Q17 = torch.tensor([min((512 * p - 65025) // 510, 127) for p in range(256)])
"""The Q1.7 integer of every byte: 2p/255 - 1 rounded half up to 1/128, saturated."""


def encode(pictures: Tensor, input_bits: int, dtype: torch.dtype) -> Tensor:
    """Network input [N,C,H,W] of pictures uint8 [N,H,W,C]: +1 or -1 for one bit, Q1.7 values for eight."""
    coded = pictures >= 128 if input_bits == 1 else pictures.long()
    values = torch.tensor([-1, 1]) if input_bits == 1 else Q17 / 128
    return values.to(dtype)[coded.long()].permute(0, 3, 1, 2)


def shift(pictures: Tensor, generator: torch.Generator, strength: float, *, flip: bool) -> Tensor:
    """Shift by up to 4 pixels * strength each way, borders mirrored, and flip every second picture if asked."""
    reach = round(4 * strength)
    n, height, width, _ = pictures.shape
    draw = torch.randint(0, 2 * reach + 1, (2, n, 1), generator=generator) - reach
    rows = _mirror(torch.arange(height) + draw[0], height)
    columns = _mirror(torch.arange(width) + draw[1], width)
    if flip:
        flipped = torch.rand(n, 1, generator=generator) < 0.5
        columns = torch.where(flipped, columns.flip(1), columns)
    return pictures[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]


def _mirror(index: Tensor, size: int) -> Tensor:
    index = index.abs()
    return torch.where(index >= size, 2 * (size - 1) - index, index)


def affine(pictures: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Rotate, stretch, shear and shift grey pictures a little; bilinear on the grey levels, outside is 0.

    At strength 1 by up to 12 degrees, 12 %, 0.15 and 2 pixels.
    """
    n, height, width, _ = pictures.shape
    a, sx, sy, sh, dx, dy = ((torch.rand(6, n, generator=generator) * 2 - 1) * strength).unbind()
    a, sx, sy, sh = a * math.radians(12), (sx * 0.12).exp(), (sy * 0.12).exp(), sh * 0.15
    cos, sin = a.cos(), a.sin()
    theta = torch.stack(
        [
            torch.stack([cos * sx, cos * sh * sx - sin * sy, dx * 4 / width], 1),
            torch.stack([sin * sx, sin * sh * sx + cos * sy, dy * 4 / height], 1),
        ],
        1,
    )
    x = pictures.permute(0, 3, 1, 2).float()
    grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
    x = functional.grid_sample(x, grid, align_corners=False)
    return x.round_().clamp_(0, 255).to(torch.uint8).permute(0, 2, 3, 1)
