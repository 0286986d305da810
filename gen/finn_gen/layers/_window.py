# SPDX-License-Identifier: Apache-2.0
"""What layers with a window share: its place in the image, and how it is described."""

from __future__ import annotations

from finn_gen.base.errors import InputError
from finn_gen.base.yaml_file import Fields
from finn_gen.network.model import Shape, reach

Pair = tuple[int, int]

REFUSED = {
    "groups": "an output channel sums over all input channels; split the network for others",
    "ceil_mode": "sizes are rounded down; a layer of kind pad before this one makes room for a last window",
    "padding": "this layer adds none; put a layer of kind pad before it, such as {kind: pad, padding: 1}",
}
"""Fields that other descriptions of networks have here, and why these layers do not."""


def refuse(fields: Fields, *others: str) -> None:
    """InputError if a field is given that only other descriptions have, or one of `others` of another kind of layer."""
    for name, why in (REFUSED | dict.fromkeys(others, "a conv layer alone has it")).items():
        if name in fields.left:
            raise InputError(f"{fields.where}: {name}: not supported: {why}")


def places(fields: Fields, source: Shape, kernel: Pair, stride: Pair, dilation: Pair = (1, 1)) -> Pair:
    """Rows and columns of windows, rounded down; InputError if not one fits."""
    span = reach(kernel, dilation)
    if span[0] > source.height or span[1] > source.width:
        apart = "" if span == kernel else f" with dilation {_by(dilation)} spans {_by(span)}"
        image = _by((source.height, source.width))
        raise InputError(f"{fields.where}: kernel: {_by(kernel)}{apart}; it must fit the image of {image}")
    return (source.height - span[0]) // stride[0] + 1, (source.width - span[1]) // stride[1] + 1


def _by(pair: Pair) -> str:
    return f"{pair[0]}x{pair[1]}"
