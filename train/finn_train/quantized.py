# SPDX-License-Identifier: Apache-2.0
"""A network in PyTorch, computing in the forward direction what the hardware computes.

Weights of one bit are -1 and +1, those of n bits the whole numbers up to 2^(n-1) - 1 of both signs. Outputs of one bit
are -1 and +1 with sign(0) = +1, those of n bits count the thresholds that are reached; gradients pass straight through
where |x| is small (Hubara et al., "Quantized Neural Networks", 2017). Numbers of several bits are scaled by powers of
two and centred on 0, which their matrix's thresholds make up for.

Batch norm of one bit has an offset but no scale: behind a sign the size of a scale has no effect, and its sign can be
moved into the weights, so a fixed scale of 1 loses nothing. Of more bits it has a positive scale. As the scale is
positive, max-pooling the sums and the outputs are the same function; the sums are pooled, which is cheaper and sends
the gradient to the strongest position. The last layer gives sums of products, times one learnt positive number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from finn_gen import layers
from finn_gen.network.model import Layer, Network, Shape

EPSILON = 1e-4
"""Added to the variance by batch norm."""
WIDE_DEVIATION = 0.4
"""Standard deviation of latent weights of several bits where those of one bit are rescaled: all levels are used."""


@dataclass(frozen=True)
class Code:
    """Whole numbers x as the numbers (x - zero) * step that the network in training computes with.

    For elements of one bit x is -1 or +1.
    """

    step: float = 1.0
    zero: float = 0.0

    @staticmethod
    def of_input(shape: Shape) -> Code:
        """Of the elements of a picture: from -1 to 1."""
        if shape.bits == 1:
            return Code()
        half = 1 << shape.bits - 1
        return Code(1 / half, 0.0 if shape.signed else half - 0.5)

    @staticmethod
    def of_counts(bits: int) -> Code:
        """Of a layer's outputs: levels that suit a normal distribution of deviation 1."""
        return Code() if bits == 1 else Code(2.0 ** (2 - bits), ((1 << bits) - 1) / 2)

    def value(self, x: float) -> float:
        """The number in training of a whole number."""
        return (x - self.zero) * self.step


class Sign(torch.autograd.Function):
    """+1 for x >= 0, else -1; the gradient is that of clip(x, -1, 1)."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return torch.ge(x, 0, out=torch.empty_like(x)).mul_(2).sub_(1)  # without a tensor of bool: three times faster

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.ops.aten.hardtanh_backward(gradient, x, -1.0, 1.0)


class Levels(torch.autograd.Function):
    """The level of `bits` bits nearest to x, in the numbers of Code.of_counts; the gradient passes where |x| < 2."""

    @staticmethod
    def forward(ctx, x: Tensor, bits: int) -> Tensor:
        ctx.save_for_backward(x)
        code = Code.of_counts(bits)
        return (count(x, bits) - code.zero) * code.step

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        (x,) = ctx.saved_tensors
        return torch.ops.aten.hardtanh_backward(gradient, x, -2.0, 2.0), None


class Rounded(torch.autograd.Function):
    """The whole number nearest to x * most; the gradient is that of x."""

    @staticmethod
    def forward(ctx, x: Tensor, most: int) -> Tensor:
        return (x.clamp(-1, 1) * most).round_()

    @staticmethod
    def backward(ctx, gradient: Tensor) -> tuple[Tensor, None]:
        return gradient, None


def count(x: Tensor, bits: int) -> Tensor:
    """How many of the 2^bits - 1 thresholds of Code.of_counts, which lie between its levels, are at most x."""
    if bits == 1:
        return (x >= 0).to(x.dtype)
    return (x / Code.of_counts(bits).step + (1 << bits - 1)).floor_().clamp_(0, (1 << bits) - 1)


class MatrixLayer(nn.Module):
    """One layer with weights: product, pooling, batch norm and levels. The last one of a network has only the product.

    `source` is the code of its input, `pool` the layer behind it if that pools.
    """

    def __init__(self, layer: Layer, source: Code, pool: Layer | None, generator: torch.Generator) -> None:
        super().__init__()
        self.layer, self.source, self.pool = layer, source, pool
        self.last = layer.matrix is None or layer.matrix.thresholds is None
        self.bits, self.weight_bits = layer.result.bits, layer.weight_bits or 1
        rows, self.columns = layers.get(layer.kind).matrix(layer)
        self.most = max((1 << self.weight_bits - 1) - 1, 1)
        self.weight_step = 2.0 ** (1 - self.weight_bits)
        # Columns are (ky, kx, channel), channel fastest, as the hardware's sliding window delivers them.
        self.weight = nn.Parameter(torch.randn((rows, self.columns), generator=generator) * self.columns**-0.5)
        if self.last:
            return
        self.offset = nn.Parameter(torch.zeros(rows))
        if self.bits > 1:
            self.log_gain = nn.Parameter(torch.zeros(rows))
        self.register_buffer("mean", torch.zeros(rows))
        self.register_buffer("variance", torch.ones(rows))

    @property
    def unit(self) -> float:
        """The number in training of a sum of products of 1."""
        return self.source.step * self.weight_step

    def numbers(self) -> Tensor:
        """The weights as whole numbers [rows, columns], for gradients too."""
        return Sign.apply(self.weight) if self.weight_bits == 1 else Rounded.apply(self.weight, self.most)

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """The sums of x [N,C,H,W] or [N,C] and the rows of weight."""
        if self.layer.kind == "dense":
            return functional.linear(x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x, weight)
        x, kernel = image(x), self.layer.kernel
        if x.shape[2:] == kernel:  # one window: a matrix product is faster than a convolution
            return functional.linear(x.permute(0, 2, 3, 1).flatten(1), weight)[:, :, None, None]
        kernels = weight.view(len(weight), *kernel, -1).permute(0, 3, 1, 2)
        kernels = kernels.contiguous(memory_format=torch.channels_last)
        return functional.conv2d(x, kernels, stride=self.layer.stride, dilation=self.layer.dilation)

    def sums(self, x: Tensor, *, quantized: bool = True) -> Tensor:
        """Sums of products of the elements' numbers; the last layer's elements are not centred, so that it needs no
        thresholds."""
        weight = self.numbers() * self.weight_step if quantized else self.weight
        if self.last and self.source.zero:
            x = x + self.source.zero * self.source.step
        return self.product(x, weight.to(x.dtype))

    def forward(self, x: Tensor, net: QuantizedNet) -> Tensor:
        y = self.sums(x, quantized=net.quantized_weights)
        if self.last:
            return y
        if self.pool:
            y = functional.max_pool2d(image(y), self.pool.kernel, self.pool.stride)
        y = self.normalize(y, net.momentum)
        return self.quantize(y).to(x.dtype) if net.quantized_activations else self.clip(y).to(x.dtype)

    def clip(self, y: Tensor) -> Tensor:
        """y between the lowest and the highest level."""
        code = Code.of_counts(self.bits)
        end = 1.0 if self.bits == 1 else code.zero * code.step
        return functional.hardtanh(y, -end, end)

    def quantize(self, y: Tensor) -> Tensor:
        """The levels of normalized sums."""
        return Sign.apply(y) if self.bits == 1 else Levels.apply(y, self.bits)

    def normalize(self, y: Tensor, momentum: float | None = None) -> Tensor:
        """Batch norm; momentum None leaves the kept statistics alone.

        With fixed statistics it is written out, so that a sum at the very threshold of a bit gives exactly 0.
        """
        gain = self.log_gain.exp() if self.bits > 1 else None
        if self.training:
            kept = (None, None) if momentum is None else (self.mean, self.variance)
            return functional.batch_norm(y, *kept, gain, self.offset, True, momentum or 0.0, EPSILON)
        shape = (1, -1, 1, 1) if y.dim() == 4 else (1, -1)
        scale = torch.rsqrt(self.variance + EPSILON)
        scale = scale if gain is None else scale * gain
        return (y - self.mean.view(shape)) * scale.view(shape) + self.offset.view(shape)

    def exact(self) -> None:
        """Hold what batch norm computes with in float64."""
        if not self.last:
            self.mean, self.variance = self.mean.double(), self.variance.double()
            for parameter in (self.offset, self.log_gain) if self.bits > 1 else (self.offset,):
                parameter.data = parameter.data.double()


def image(x: Tensor) -> Tensor:
    """x [N,C,H,W], or [N,C] as an image of one pixel."""
    return x if x.dim() == 4 else x[:, :, None, None]


def _padding(layer: Layer, code: Code) -> Callable[[Tensor], Tensor]:
    top, bottom, left, right = layer.padding
    value = code.value(2 * layer.value - 1 if layer.source.bits == 1 else layer.value)
    return lambda x: functional.pad(image(x), (left, right, top, bottom), value=value)


def _pooling(layer: Layer) -> Callable[[Tensor], Tensor]:
    return lambda x: functional.max_pool2d(image(x), layer.kernel, layer.stride)


class QuantizedNet(nn.Module):
    """A network that can be trained; call it with x [N,C,H,W] of `augment.encode` for logits [N,classes]."""

    def __init__(self, network: Network, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.network = network
        self.layers = nn.ModuleList()
        self.steps: list[MatrixLayer | Callable[[Tensor], Tensor]] = []
        code = Code.of_input(network.source)
        before: Layer | None = None
        for layer, behind in zip(network.layers, [*network.layers[1:], None], strict=True):
            if layer.matrix:
                fused = behind if behind and behind.kind == "pool" else None
                self.layers.append(MatrixLayer(layer, code, fused, generator))
                self.steps.append(self.layers[-1])
                code = Code.of_counts(layer.result.bits)
            elif layer.kind == "pad":
                self.steps.append(_padding(layer, code))
            elif layer.kind == "pool" and not (before and before.matrix):
                self.steps.append(_pooling(layer))
            before = layer
        self.log_scale = nn.Parameter(torch.zeros(()))
        self.quantized_weights = True
        self.quantized_activations = True
        self.momentum: float | None = None

    def sums(self, x: Tensor) -> Tensor:
        """The scores [N,classes] times the unit of the last layer."""
        for step in self.steps:
            x = step(x, self) if isinstance(step, MatrixLayer) else step(x)
        return x.flatten(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.sums(x).to(self.log_scale.dtype) * (self.log_scale.exp() * self.layers[-1].columns ** -0.5)

    def latents(self) -> list[nn.Parameter]:
        """The real numbers whose roundings are the weights."""
        return [layer.weight for layer in self.layers]

    @torch.no_grad()
    def rescale_latents(self, deviation: float) -> None:
        """Scale every layer's latent weights to this standard deviation, wide ones to their own; their signs stay."""
        for layer in self.layers:
            wanted = deviation if layer.weight_bits == 1 else WIDE_DEVIATION
            if (found := float(layer.weight.std())) > 0 and math.isfinite(found):
                layer.weight.mul_(wanted / layer.weight.std())
