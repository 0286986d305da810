# SPDX-License-Identifier: Apache-2.0
"""Random variants of pictures, drawn from a given generator so that a resumed run repeats them, and the input codes."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from finn_gen.network.model import Network, Shape
from finn_train.quantized import Code
from finn_verif.ref import layers

Augment = Callable[[Tensor, torch.Generator, float], Tensor]
"""uint8 pictures [N,H,W,C], a generator and a strength, usually 0 to 1 -> uint8 pictures of the same shape."""


def generator(*words: int) -> torch.Generator:
    """A generator that depends on these whole numbers from 0 on alone."""
    first, second = np.random.SeedSequence(words).generate_state(2, np.uint32)
    return torch.Generator().manual_seed(int(first) << 31 | int(second) >> 1)


@functools.cache
def table(network_encoding: str, source: Shape, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The number in training [256] of every byte of a picture, which bfloat16 holds exactly."""
    elements = layers.ENCODINGS[network_encoding](np.arange(256))
    numbers = 2 * elements - 1 if source.bits == 1 else elements
    code = Code.of_input(source)
    return torch.tensor((numbers - code.zero) * code.step, dtype=dtype, device=device)


def encode(pictures: Tensor, network: Network, dtype: torch.dtype) -> Tensor:
    """The network's input [N,C,H,W] of pictures uint8 [N,H,W,C]."""
    values = table(network.encoding, network.source, dtype, pictures.device)
    return values[pictures.long()].permute(0, 3, 1, 2)


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
    images, rows, columns = (index.to(pictures.device) for index in (torch.arange(n), rows, columns))
    return pictures[images[:, None, None], rows[:, :, None], columns[:, None, :]]


def small_shift(pictures: Tensor, generator: torch.Generator, strength: float, *, flip: bool) -> Tensor:
    """The shift for pictures of any size: by up to an eighth of the shorter side, 4 pixels of 32."""
    return shift(pictures, generator, strength * min(pictures.shape[1:3]) / 32, flip=flip)


def _mirror(index: Tensor, size: int) -> Tensor:
    index = index.abs()
    return torch.where(index >= size, 2 * (size - 1) - index, index)


def affine(pictures: Tensor, generator: torch.Generator, strength: float) -> Tensor:
    """Rotate, stretch, shear and shift grey pictures a little; bilinear on the grey levels, outside is 0.

    At strength 1 by up to 12 degrees, 12 %, 0.15 and 2 pixels.
    """
    n, height, width, _ = pictures.shape
    a, sx, sy, sh, dx, dy = ((torch.rand(6, n, generator=generator) * 2 - 1) * strength).to(pictures.device).unbind()
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
