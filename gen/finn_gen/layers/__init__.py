# SPDX-License-Identifier: Apache-2.0
"""Kinds of layers, each a module of this package that exports `KIND`: how it is described, which stages it becomes.

A module that is put here is found. One that begins with an underscore is no kind, but what several share.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from finn_gen.base.yaml_file import Fields
from finn_gen.network.model import Layer, Matrix, Shape

if TYPE_CHECKING:
    from finn_gen.plan.chain import Chain

MAX_CHANNELS = 65_536
MAX_KERNEL = 11
MAX_STRIDE = 64
MAX_DILATION = 64
MAX_PADDING = 64


@dataclass(frozen=True)
class LayerKind:
    """One kind of layer.

    outline  fields of a description, name, shape before it (its bits are not known yet) -> the layer, by its shapes
    fields   layer -> the fields that describe it
    matrix   layer -> rows and columns of its matrix; None for kinds without weights
    format   where (for messages), layer, matrix or None -> bits of an element of the result, and whether it is signed
    fastest  layer -> the fewest cycles an image that it can take, for kinds without weights
    build    appends the layer's stages to a chain
    vector   whether an image is one vector for it, so that zeros can follow the image
    """

    name: str
    outline: Callable[[Fields, str, Shape], Layer]
    fields: Callable[[Layer], Mapping[str, Any]]
    build: Callable[[Chain, Layer], None]
    format: Callable[[str, Layer, Matrix | None], tuple[int, bool]]
    matrix: Callable[[Layer], tuple[int, int]] | None = None
    fastest: Callable[[Layer], int] | None = None
    vector: bool = False


NAMES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")))


@functools.cache
def get(kind: str) -> LayerKind:
    """The kind of layer of that name."""
    return importlib.import_module(f"finn_gen.layers.{kind}").KIND


def same_format(where: str, layer: Layer, matrix: Matrix | None) -> tuple[int, bool]:
    """The format of a layer whose elements are those that go in."""
    return layer.source.bits, layer.source.signed
