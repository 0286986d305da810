# SPDX-License-Identifier: Apache-2.0
"""Networks in Brevitas with random parameters, exported: what `tests/onnx_import/models` was made with.

Brevitas and PyTorch are no part of the environment; `pip install brevitas onnxoptimizer` brings them.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import onnx
import torch
from brevitas.core.quant import QuantType
from brevitas.core.restrict_val import RestrictValueType
from brevitas.core.zero_point import ZeroZeroPoint
from brevitas.export import export_onnx_qcdq, export_qonnx
from brevitas.inject import ExtendedInjector, value
from brevitas.inject.enum import BitWidthImplType, FloatToIntImplType, ScalingImplType
from brevitas.nn import QuantConv2d, QuantIdentity, QuantLinear, QuantReLU
from brevitas.quant.solver import ActQuantSolver, WeightQuantSolver
from torch import nn


class _Common(ExtendedInjector):
    """One bit means -1 and +1, more are integers; scales are constant."""

    bit_width_impl_type = BitWidthImplType.CONST
    scaling_impl_type = ScalingImplType.CONST
    restrict_scaling_type = RestrictValueType.FP
    zero_point_impl = ZeroZeroPoint
    float_to_int_impl_type = FloatToIntImplType.ROUND
    scaling_per_output_channel = False
    narrow_range = True
    signed = True

    @value
    def quant_type(bit_width):  # noqa: N805, an injector's values take what they name
        return QuantType.BINARY if bit_width == 1 else QuantType.INT


class _Weights(_Common, WeightQuantSolver):
    scaling_const = 1.0


class _Activations(_Common, ActQuantSolver):
    min_val = -1.0
    max_val = 1.0


class _Centred(nn.Module):
    """2x - 1: pictures of 0 to 1 become -1 to 1."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 2.0 * x - torch.tensor([1.0])


class _Scaled(nn.Module):
    """A normalisation of all scores alike."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x - 0.4) / torch.tensor([17.8]) * torch.tensor([0.7]) - torch.tensor([1.1])


def _act(bits: int) -> nn.Module:
    return QuantIdentity(act_quant=_Activations, bit_width=bits)


def _pixels() -> nn.Module:
    """Eight bits in steps of 1/128."""
    return QuantIdentity(act_quant=_Activations, bit_width=8, min_val=-1.0, max_val=1.0 - 2.0**-7, narrow_range=False,
                         restrict_scaling_type=RestrictValueType.POWER_OF_TWO)  # fmt: skip


def _linear(inputs: int, outputs: int, bits: int) -> nn.Module:
    return QuantLinear(inputs, outputs, bias=False, weight_bit_width=bits, weight_quant=_Weights)


def _conv(inputs: int, outputs: int, bits: int, **values: int) -> nn.Module:
    return QuantConv2d(inputs, outputs, 3, bias=False, weight_bit_width=bits, weight_quant=_Weights, **values)


def _dense(sizes: list[int], weights: int, activations: int) -> nn.Module:
    parts = [nn.Flatten(), _Centred(), _act(activations)]
    for inputs, outputs in pairwise(sizes[:-1]):
        parts += [_linear(inputs, outputs, weights), nn.BatchNorm1d(outputs), _act(activations)]
    return nn.Sequential(*parts, _linear(*sizes[-2:], weights), _Scaled())


def _cnv(channels: list[int], weights: int, activations: int, places: int) -> nn.Module:
    """Pairs of convolutions with max pooling behind the second; `places` pixels are left."""
    parts, before = [_Centred(), _pixels()], 3
    for index, after in enumerate(channels):
        parts += [_conv(before, after, weights), nn.BatchNorm2d(after), _act(activations)]
        parts += [nn.MaxPool2d(2)] * (index % 2)
        before = after
    last = [_linear(before * places, 16, weights), nn.BatchNorm1d(16), _act(activations), _linear(16, 10, weights)]
    return nn.Sequential(*parts, nn.Flatten(), *last, _Scaled())


def _padded(weights: int, activations: int) -> nn.Module:
    return nn.Sequential(
        *(_Centred(), _pixels(), _conv(3, 8, weights, padding=1), nn.BatchNorm2d(8), _act(activations)),
        *(_conv(8, 8, weights, padding=1, stride=2), nn.BatchNorm2d(8), _act(activations)),
        *(nn.MaxPool2d(2, padding=1), nn.Flatten(), _linear(72, 10, weights), _Scaled()),
    )


def _defaults(bits: int) -> nn.Module:
    """Scales as Brevitas learns them, biases, and ReLU."""

    def relu() -> nn.Module:
        return QuantReLU(bit_width=bits, return_quant_tensor=True)

    return nn.Sequential(
        *(QuantConv2d(1, 6, 3, bias=True, weight_bit_width=bits), nn.BatchNorm2d(6), relu(), nn.MaxPool2d(2)),
        *(QuantConv2d(6, 8, 3, bias=True, padding=1, weight_bit_width=bits), relu(), nn.Flatten()),
        *(QuantLinear(200, 16, bias=True, weight_bit_width=bits), relu()),
        QuantLinear(16, 10, bias=True, weight_bit_width=bits),
    )


Topology = tuple[Callable[[], nn.Module], tuple[int, ...], Callable]


def topologies() -> dict[str, Topology]:
    """By name: the network, the shape of an image, and how it is exported."""
    return {
        "sfc_like": (lambda: _dense([64, 32, 32, 10], 1, 1), (1, 1, 8, 8), export_qonnx),
        "lfc_like_w1a2": (lambda: _dense([64, 48, 48, 10], 1, 2), (1, 64), export_qonnx),
        "cnv_like": (lambda: _cnv([8, 8, 12, 12], 1, 1, 4), (1, 3, 20, 20), export_qonnx),
        "cnv_like_w2a2": (lambda: _cnv([4, 6, 8], 2, 2, 4), (1, 3, 12, 12), export_qonnx),
        "w3a3_qcdq": (lambda: _dense([64, 24, 24, 10], 3, 3), (1, 1, 8, 8), export_onnx_qcdq),
        "padded": (lambda: _padded(1, 2), (1, 3, 8, 8), export_qonnx),
        "padded_bipolar": (lambda: _padded(1, 1), (1, 3, 8, 8), export_qonnx),
        "default3_qcdq": (lambda: _defaults(3), (1, 1, 12, 12), export_onnx_qcdq),
    }


def export(name: str, folder: Path) -> Path:
    """Export a topology with random parameters and normalisations; the file."""
    build, shape, exporter = topologies()[name]
    torch.manual_seed(1)
    model = build()
    with torch.no_grad():
        for part in model.modules():
            if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d):
                nn.init.normal_(part.weight)
                nn.init.normal_(part.bias)
            if isinstance(part, nn.Linear | nn.Conv2d):
                nn.init.uniform_(part.weight, -1, 1)
        for _ in range(3):  # which is what normalisations and scales are learned from
            model(torch.rand(8, *shape[1:]))
    path = folder / f"{name}.onnx"
    exporter(model.eval(), torch.rand(shape), str(path))
    path.write_bytes(bare(onnx.load(path)).SerializeToString())
    return path


def bare(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model without what PyTorch notes of its own program, which is most of a small file."""
    graph = model.graph
    for each in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output, *graph.initializer):
        del each.metadata_props[:]
    for node in graph.node:
        node.doc_string = ""
    del model.functions[:]
    return model
