# SPDX-License-Identifier: Apache-2.0
"""The three networks of the FINN paper as lists of matrix layers (Umuroglu et al., FPGA 2017, section 5)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class MatrixLayer:
    """One binary matrix with what surrounds it.

    inputs and outputs are channels (convolution) or neurons (dense). kernel is the side of the square window
    of a valid, stride-1 convolution; 0 means dense. pool says that a 2x2 max-pool (an OR of bits) follows the
    threshold.
    """

    inputs: int
    outputs: int
    kernel: int = 0
    pool: bool = False

    @property
    def columns(self) -> int:
        """Synapses of one output neuron: the length of a weight row."""
        return self.inputs * max(self.kernel, 1) ** 2


@dataclass(frozen=True)
class Topology:
    """A network: image is (height, width, channels); input_bits is 1 (a bit a pixel) or 8 (Q1.7)."""

    name: str
    image: tuple[int, int, int]
    input_bits: int
    layers: tuple[MatrixLayer, ...]


def _dense(name: str, *widths: int) -> Topology:
    layers = tuple(MatrixLayer(a, b) for a, b in pairwise(widths))
    return Topology(name, (28, 28, 1), 1, layers)


def _cnv(classes: int) -> Topology:
    layers = (
        MatrixLayer(3, 64, 3),
        MatrixLayer(64, 64, 3, pool=True),
        MatrixLayer(64, 128, 3),
        MatrixLayer(128, 128, 3, pool=True),
        MatrixLayer(128, 256, 3),
        MatrixLayer(256, 256, 3),
        MatrixLayer(256, 512),
        MatrixLayer(512, 512),
        MatrixLayer(512, classes),
    )
    return Topology("cnv", (32, 32, 3), 8, layers)


NAMES = ("sfc", "lfc", "cnv")


def topology(name: str, classes: int = 10) -> Topology:
    """The network of that name with the given number of output rows. Raises KeyError for an unknown name."""
    return {
        "sfc": lambda: _dense("sfc", 784, 256, 256, 256, classes),
        "lfc": lambda: _dense("lfc", 784, 1024, 1024, 1024, classes),
        "cnv": lambda: _cnv(classes),
    }[name]()
