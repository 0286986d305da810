# SPDX-License-Identifier: Apache-2.0
"""The check of an import against qonnx's execution of the model: the same images, and every layer compared."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from qonnx.core import onnx_exec
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.transformation.infer_shapes import InferShapes

from finn_gen.base.errors import InputError
from finn_gen.base.progress import progress
from finn_gen.formats.onnx.fold import Seen
from finn_gen.formats.onnx.graph import Graph, by_library
from finn_gen.formats.onnx.image import Picture
from finn_gen.formats.onnx.reading import shape_of, show
from finn_gen.network.model import Layer, Network
from finn_verif.ref import layers, networks

IMAGE_BYTES = 1 << 28
"""Of all random images; of large ones there are fewer."""
SEED = 1
"""Of the random images; the same file gives the same report."""
BATCH_ELEMENTS = 1 << 24
"""Elements of all tensors that are computed at a time."""
MAX_BATCH = 250
MARGIN = 0.25
"""How far, in steps, a number may be from what it should be: half way to where it would be taken for another."""
ROWS = 16
"""Rows of the first matrix for which the images are tried that give its least and its largest sum."""


class Execution:
    """qonnx's execution of a graph, of several images at a time where the graph lets it."""

    def __init__(self, graph: Graph, picture: Picture) -> None:
        self.graph, self.picture = graph, picture
        elements = sum(int(np.prod(shape)) for name, shape in graph.shapes.items() if name not in graph.constants)
        images = max(1, min(MAX_BATCH, BATCH_ELEMENTS // max(1, elements)))
        self.images, self.model = 1, _executable(graph)
        if images > 1 and (model := _batched(graph, self.model, images)) is not None:
            self.images, self.model = images, model

    def of_bytes(self, name: str) -> np.ndarray:
        """A tensor [256, elements] for the images of one byte, from 0 to 255."""
        shape = self.picture.shape
        images = np.arange(256, dtype=np.uint8).reshape(-1, 1, 1, 1)
        images = np.broadcast_to(images, (256, shape.height, shape.width, shape.channels))
        return np.concatenate([found[name] for found in self.tensors(images, [name])])

    def tensors(self, images: np.ndarray, names: Sequence[str]) -> Iterator[dict[str, np.ndarray]]:
        """The named tensors [n, elements] for images uint8 [N, H, W, C], some at a time. Raises InputError.

        Nodes after the last of these tensors are not executed.
        """
        last = [node for node in self.model.graph.node if set(node.output) & set(names)][-1]
        inputs = self.picture.tensors(images)
        for start in range(0, len(inputs), self.images):
            given = inputs[start : start + self.images]
            whole = np.concatenate([given, np.repeat(given[-1:], self.images - len(given), axis=0)])
            shape = (self.images, *self.graph.shape[1:])
            with by_library(self.graph.path, "qonnx cannot execute it"):
                context = onnx_exec.execute_onnx(
                    self.model, {self.graph.source: whole.reshape(shape)}, True, end_node=last
                )
            yield {name: self._flat(name, context[name])[: len(given)] for name in names}

    def _flat(self, name: str, tensor: np.ndarray) -> np.ndarray:
        """A tensor as [images, elements]. Raises InputError if it is not of the shape that is known."""
        if np.size(tensor) != self.images * math.prod(self.graph.shapes[name]):
            raise InputError(
                f"{self.graph.path}: tensor {show(name)}: qonnx's execution gives {list(np.shape(tensor))}, and shape "
                f"inference {[self.images, *self.graph.shapes[name][1:]]}"
            )
        return np.reshape(tensor, (self.images, -1))


def _executable(graph: Graph) -> ModelWrapper:
    """The graph with all that is constant as initializers."""
    proto = onnx.ModelProto()
    proto.CopyFrom(graph.model.model)
    model = ModelWrapper(proto, fix_missing_initializer_valueinfo=False)
    kept = {node.name for node in graph.nodes}
    used = {name for node in graph.nodes for name in node.proto.input}
    left = [onnx.NodeProto.FromString(node.SerializeToString()) for node in proto.graph.node if node.name in kept]
    del proto.graph.node[:]
    proto.graph.node.extend(left)
    there = {tensor.name for tensor in proto.graph.initializer}
    for name, constant in graph.constants.items():
        if name in used and name not in there:
            proto.graph.initializer.append(onnx.numpy_helper.from_array(np.ascontiguousarray(constant.value), name))
    _without_gaps(proto.graph)
    with by_library(graph.path, "the shapes of its tensors cannot be inferred"):
        model.check_all_tensor_shapes_specified(fix_missing_init_shape=True)
        return model.transform(InferShapes(), make_deepcopy=False)


def _without_gaps(graph: onnx.GraphProto) -> None:
    """Ends of Clip that are left out are given: qonnx's execution passes on what is not there."""
    for index, node in enumerate(graph.node):
        if node.op_type == "Clip" and "" in node.input:
            for place, value in ((1, np.finfo(np.float32).min), (2, np.finfo(np.float32).max)):
                if place < len(node.input) and not node.input[place]:
                    node.input[place] = f"clip_{index}_{place}_of_import"
                    graph.initializer.append(
                        onnx.numpy_helper.from_array(np.float32(value).reshape(()), node.input[place])
                    )
        if node.op_type == "Dropout":
            node.op_type = "Identity"
            del node.input[1:], node.output[1:], node.attribute[:]


def _batched(graph: Graph, single: ModelWrapper, images: int) -> ModelWrapper | None:
    """The model for several images, or None where an axis of a tensor is not that of images alone."""
    proto = onnx.ModelProto()
    proto.CopyFrom(single.model)
    initial = {tensor.name: tensor for tensor in proto.graph.initializer}
    for node in proto.graph.node:
        if node.op_type == "Reshape":
            shape = graph.shapes[node.output[0]]
            if not shape or shape[0] != 1 or node.input[1] not in initial:
                return None
            sizes = np.array([images, *shape[1:]], np.int64)
            initial[node.input[1]].CopyFrom(onnx.numpy_helper.from_array(sizes, node.input[1]))
    del proto.graph.value_info[:]
    for value in proto.graph.input:
        if value.name == graph.source:
            value.type.tensor_type.shape.dim[0].dim_value = images
    for value in proto.graph.output:
        value.type.tensor_type.ClearField("shape")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = ModelWrapper(proto).transform(InferShapes(), make_deepcopy=False)
    except Exception:  # whatever a library has against it, one image at a time goes too
        return None
    found = {value.name: shape_of(value) for value in (*model.graph.value_info, *model.graph.output)}
    for node in graph.nodes:
        for name in node.proto.output:
            if name and name in found and found[name] != (images, *graph.shapes[name][1:]):
                return None
            if name and (name not in found or graph.shapes[name][:1] != (1,)):
                return None
    return model


def images_of(network: Network, count: int, seed: int) -> np.ndarray:
    """Random images uint8 [N, H, W, C], and extremes: dark, bright, and those of the first matrix's sums."""
    shape = network.source
    sizes = (shape.height, shape.width, shape.channels)
    numbers = np.random.default_rng(seed)
    count = min(count, max(1, IMAGE_BYTES // shape.elements))
    plain = numbers.integers(0, 256, (count, *sizes), np.uint8)
    # Every other one has but few different bytes, which is where thresholds lie apart.
    plain[::4] = np.where(plain[::4] < 128, 0, 255)
    extremes = [np.zeros(sizes, np.uint8), np.full(sizes, 255, np.uint8), np.full(sizes, 127, np.uint8),
                np.full(sizes, 128, np.uint8)]  # fmt: skip
    checks = np.indices(sizes).sum(axis=0) % 2
    extremes += [(255 * checks).astype(np.uint8), (255 * (1 - checks)).astype(np.uint8)]
    first = next(layer for layer in network.layers if layer.matrix)
    for row in first.matrix.weights[:ROWS]:
        # Of a window the pattern is repeated; it meets some places as it should.
        most = np.resize(np.where(row > 0, 255, 0), shape.elements).astype(np.uint8).reshape(sizes)
        extremes += [most, 255 - most]
    return np.concatenate([plain, np.stack(extremes)])


@dataclass
class Checked:
    """How many images were compared, and how many of them only up to a sum on a threshold, where rounding decides."""

    images: int = 0
    rounded: int = 0


def check(execution: Execution, network: Network, seen: Sequence[Seen], count: int) -> Checked:
    """Compare a network with the execution of its graph, layer by layer. InputError names the first that differs."""
    images = images_of(network, count, SEED)
    done = Checked()
    for found in progress("comparing with qonnx", execution.tensors(images, [each.tensor for each in seen])):
        some = images[done.images : done.images + len(next(iter(found.values())))]
        done.rounded += _compare(_Batch(execution.graph.path, network, some, found, done.images), seen)
        done.images += len(some)
    return done


@dataclass(frozen=True, eq=False)
class _Batch:
    """Some images uint8 [N, H, W, C] of a check, from the `start`-th on, and the tensors that are found of them."""

    path: Path
    network: Network
    images: np.ndarray
    found: dict[str, np.ndarray]
    start: int


def _compare(batch: _Batch, seen: Sequence[Seen]) -> int:
    """Compare the layers of some images in their order; of how many images rounding decided a layer."""
    encoded = layers.ENCODINGS[batch.network.encoding](batch.images)
    computed = [layer for layer in batch.network.layers if not layer.decides]
    outputs = [encoded, *networks.outputs(computed, encoded)]
    left = np.ones(len(encoded), bool)
    for each in seen:
        bits = None if each.layer < 0 else computed[each.layer].source.bits
        elements = _numbers(each, outputs[each.layer + 1], bits)
        far = _far(each, elements, batch.found[each.tensor]) & left[:, None]
        if not far.any():
            continue
        weighted = _weighted(computed, each.layer)
        rounded = np.zeros(len(encoded), bool)
        if weighted is not None and each.edges:
            rounded = far.any(axis=1) & _on_edges(each, computed[weighted], outputs[weighted])
        wrong = far & ~rounded[:, None]
        if wrong.any():
            raise _differs(batch, each, elements, wrong)
        left &= ~rounded
    return int((~left).sum())


def _weighted(computed: Sequence[Layer], index: int) -> int | None:
    """The last layer with a matrix up to one."""
    return next((i for i in range(index, -1, -1) if computed[i].matrix), None)


def _on_edges(each: Seen, layer: Layer, source: np.ndarray) -> np.ndarray:
    """For which images a sum of the layer lies so near to a threshold that rounding may decide, bool [N].

    Rounding errors of sums of n products grow as the root of n, by a unit in the last place of the largest.
    """
    raw = replace(layer, matrix=replace(layer.matrix, thresholds=None))
    sums = networks.scores([raw], source).astype(np.float64)
    rows, columns = layer.matrix.weights.shape
    if layer.source.bits == 1 and layer.matrix.format.bits == 1:
        sums = 2 * sums - columns
    largest = np.abs(sums).max(initial=1) + columns
    tolerance = 4 * np.sqrt(columns + 16) * 2.0**-24 * largest
    near = np.zeros(len(sums), bool)
    for row, edges in enumerate(each.edges):
        mine = sums[:, row::rows]
        for edge in edges:
            near |= (np.abs(mine - edge) <= tolerance + 2.0**-22 * abs(edge)).any(axis=1)
    return near


def _numbers(each: Seen, output: np.ndarray, bits: int | None) -> np.ndarray:
    """What `Seen.factor` multiplies, int64 [N, elements], in the order of the stream."""
    flat = output.reshape(len(output), -1).astype(np.int64)
    if each.scores is not None:
        matrix = each.scores
        biases = 0 if matrix.biases is None else np.resize(matrix.biases, flat.shape[1])
        sums = (flat - biases) >> matrix.fraction
        # Of bits it is the number of products that are +1.
        return 2 * sums - matrix.weights.shape[1] if bits == 1 and matrix.format.bits == 1 else sums
    return 2 * flat - 1 if each.bit else flat


def _should(each: Seen, elements: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What a tensor should be [N, elements], and how far it may be from that."""
    order = each.order.reshape(-1)
    channel = order % len(each.factor)
    factor = np.array([float(number) for number in each.factor])[channel]
    offset = np.array([float(number) for number in each.offset])[channel]
    return factor * elements[:, order] + offset, MARGIN * np.abs(factor) + 1e-6 * np.abs(offset)


def _far(each: Seen, elements: np.ndarray, tensor: np.ndarray) -> np.ndarray:
    """Where a tensor is not what it should be."""
    should, margin = _should(each, elements)
    return ~(np.abs(tensor - should) <= margin)


def _differs(batch: _Batch, each: Seen, elements: np.ndarray, far: np.ndarray) -> InputError:
    """The error that names the first element that differs."""
    image, element = (int(n) for n in np.argwhere(far)[0])
    name = batch.network.layers[each.layer].name if each.layer >= 0 else "the encoded image"
    should, _ = _should(each, elements)
    return InputError(
        f"{batch.path}: the import differs from qonnx's execution: first in {name}, tensor {each.tensor!r}, element "
        f"{element} of image {batch.start + image} of the check: {should[image, element]:g}, and by qonnx "
        f"{batch.found[each.tensor][image, element]:g}"
    )
