# SPDX-License-Identifier: Apache-2.0
"""The networks in PyTorch, computing in the forward direction what the hardware computes.

Weights and activations are +1 or -1 with sign(0) = +1; gradients pass straight through where |x| <= 1 (Hubara
et al., "Binarized Neural Networks", 2016). Batch norm has an offset but no scale: behind a sign the size of a
scale has no effect, and its sign can be moved into the weights, so a fixed scale of 1 loses nothing. As the
scale is positive, max-pooling the sums and ORing the bits are the same function; the sums are pooled, which
is cheaper and sends the gradient to the strongest position. The last layer gives sums of products, times one
learnt positive number.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from .topologies import MatrixLayer, Topology

EPSILON = 1e-4
"""Added to the variance by batch norm."""


class Sign(torch.autograd.Function):
    """+1 for x >= 0, else -1; the gradient is that of clip(x, -1, 1)."""

    @staticmethod
    def forward(ctx, x: Tensor) -> Tensor:
        ctx.save_for_backward(x)
        return (x >= 0).to(x.dtype).mul_(2).sub_(1)

    @staticmethod
    def backward(ctx, gradient: Tensor) -> Tensor:
        (x,) = ctx.saved_tensors
        return torch.ops.aten.hardtanh_backward(gradient, x, -1.0, 1.0)


class BinaryLayer(nn.Module):
    """One matrix layer: product, pooling, batch norm and sign. The last layer of a network has only the product."""

    def __init__(self, layer: MatrixLayer, last: bool, generator: torch.Generator) -> None:
        super().__init__()
        self.layer, self.last = layer, last
        # Rows are (ky, kx, channel), channel fastest, as the hardware's sliding window delivers them.
        shape = (layer.outputs, layer.columns)
        self.weight = nn.Parameter(torch.randn(shape, generator=generator) * layer.columns**-0.5)
        self.offset = None if last else nn.Parameter(torch.zeros(layer.outputs))
        if not last:
            self.register_buffer("mean", torch.zeros(layer.outputs))
            self.register_buffer("variance", torch.ones(layer.outputs))

    def product(self, x: Tensor, weight: Tensor) -> Tensor:
        """The sums of x [N,C,H,W] or [N,C] and the rows of weight."""
        k = self.layer.kernel
        if k and x.shape[2:] == (k, k):  # one window: a matrix product is faster than a convolution
            return functional.linear(x.permute(0, 2, 3, 1).flatten(1), weight)[:, :, None, None]
        if k:
            kernel = weight.view(-1, k, k, self.layer.inputs).permute(0, 3, 1, 2)
            return functional.conv2d(x, kernel.contiguous(memory_format=torch.channels_last))
        return functional.linear(x.permute(0, 2, 3, 1).flatten(1) if x.dim() == 4 else x, weight)

    def forward(self, x: Tensor, net: BinaryNet) -> Tensor:
        weight = Sign.apply(self.weight) if net.binary_weights else self.weight
        x = self.product(x, weight.to(x.dtype))
        if self.last:
            return x.to(self.weight.dtype)
        if self.layer.pool:
            x = functional.max_pool2d(x, 2)
        x = self.normalize(x, net.momentum)
        return Sign.apply(x) if net.binary_activations else functional.hardtanh(x)

    def normalize(self, x: Tensor, momentum: float | None) -> Tensor:
        """Batch norm; momentum None leaves the kept statistics alone.

        With fixed statistics it is written out, so that a sum at the very threshold gives exactly 0.
        """
        if self.training:
            kept = (None, None) if momentum is None else (self.mean, self.variance)
            return functional.batch_norm(x, *kept, None, self.offset, True, momentum or 0.0, EPSILON)
        shape = (1, -1, 1, 1) if x.dim() == 4 else (1, -1)
        scale = torch.rsqrt(self.variance + EPSILON).view(shape)
        return ((x - self.mean.view(shape)) * scale + self.offset.view(shape)).to(x.dtype)


class BinaryNet(nn.Module):
    """A topology as a trainable network; call it with x [N,C,H,W] (+1/-1, or Q1.7 values) for logits [N,classes]."""

    def __init__(self, topology: Topology, seed: int) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        last = len(topology.layers) - 1
        self.topology = topology
        self.layers = nn.ModuleList(BinaryLayer(layer, i == last, generator) for i, layer in enumerate(topology.layers))
        self.log_scale = nn.Parameter(torch.zeros(()))
        self.binary_weights = True
        self.binary_activations = True
        self.momentum: float | None = None

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, self)
        return x * (self.log_scale.exp() * self.topology.layers[-1].columns ** -0.5)

    def latents(self) -> list[nn.Parameter]:
        """The real numbers whose signs are the weights."""
        return [layer.weight for layer in self.layers]

    @torch.no_grad()
    def rescale_latents(self, deviation: float) -> None:
        """Scale every layer's latent weights to this standard deviation; their signs stay."""
        for weight in self.latents():
            weight.mul_(deviation / weight.std())
