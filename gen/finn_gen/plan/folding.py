# SPDX-License-Identifier: Apache-2.0
"""How much hardware every layer gets: PE and SIMD, given in a file or the smallest that reach a frame rate.

Which of them a layer can have is said by `finn_gen.network.lanes`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from finn_gen import family, ip
from finn_gen.base.errors import InputError
from finn_gen.base.groups import LEGAL
from finn_gen.base.yaml_file import Fields, read_yaml
from finn_gen.ip.fifo.params import MAX_DEPTH
from finn_gen.layers.conv import window_values
from finn_gen.network.lanes import (
    MAX_FOLD,
    MAX_WEIGHTS,
    MAX_WORD,
    ONE_PIXEL,
    any_simd,
    columns,
    groups,
    has_window,
    legal_pe,
    legal_pixels,
    legal_simd,
)
from finn_gen.network.model import Layer, Network

AUTO = "auto"
STORAGES = (AUTO, "constant", "lut", "block")


@dataclass(frozen=True)
class LayerFolding:
    """PE rows and SIMD columns a cycle, where the weights are, and for how many pixels of a row at once."""

    pe: int
    simd: int
    storage: str = "auto"
    pixels: int = 1

    @property
    def described(self) -> dict[str, Any]:
        """Its fields in a file."""
        told = {"pe": self.pe, "simd": self.simd, "storage": self.storage}
        return told | ({"pixels": self.pixels} if self.pixels > 1 else {})


@dataclass(frozen=True)
class Folding:
    """What a plan is made from besides the network.

    `layers` has every conv and dense layer by name. `fifos`, if not None, gives depths by the name of the stage
    before the FIFO, instead of computing them; stages that are not named have none. `input_width` is that of the
    input words in bits, None for the default; `packed` whether pixels that are compared come as packed bits.
    `target` is the interval in cycles that the folding was chosen for, 0 where it was given. With `reload` the
    weights and thresholds of every layer can be written at run time. `family` is that of the FPGA, by whose costs it is
    decided where memories lie.
    """

    name: str
    layers: Mapping[str, LayerFolding]
    target: int = 0
    input_width: int | None = None
    packed: bool | None = None
    fifos: Mapping[str, int] | None = None
    reload: bool = False
    family: str = family.DEFAULT


# --------------------------------------------------------------------------- cycles


def mvtu_cycles(layer: Layer, pe: int, simd: int, padded: int = 0, pixels: int = 1) -> int:
    """Cycles an image of a conv or dense layer."""
    return groups(layer.result, pixels) * (layer.result.channels // pe) * (columns(layer, padded) // simd)


@functools.lru_cache(maxsize=4096)
def _window_cycles(values: tuple[tuple[str, Any], ...]) -> int:
    return ip.get("swg").build(dict(values)).cycles


def window_cycles(layer: Layer, simd: int, prefetch: bool, pixels: int = 1) -> int:
    """Cycles an image of the window generator."""
    return _window_cycles(tuple(window_values(layer, simd, prefetch, pixels).items()))


def needs_prefetch(layer: Layer, simd: int, target: int) -> bool:
    """Whether the window generator reaches `target` cycles an image only with the larger buffer."""
    return simd <= layer.source.channels and window_cycles(layer, simd, False) > target


def window_taken(layer: Layer, simd: int, pixels: int = 1) -> int:
    """Words that the window generator takes an image."""
    channels = layer.source.channels
    return groups(layer.source, pixels) * (channels // min(simd, channels))


def window_words(layer: Layer, simd: int, pixels: int = 1) -> int:
    """The more of the words that the window generator takes and gives an image: it takes no fewer cycles."""
    given = groups(layer.result, pixels) * (layer.matrix.weights.shape[1] // simd)
    return max(window_taken(layer, simd, pixels), given)


def window_reaches(layer: Layer, simd: int, target: int, pixels: int = 1) -> bool:
    """Whether the window generator can take at most `target` cycles an image."""
    if window_words(layer, simd, pixels) > target:
        return False
    return window_cycles(layer, simd, needs_prefetch(layer, simd, target), pixels) <= target


def reaches(layer: Layer, fold: LayerFolding, target: int, padded: int = 0) -> bool:
    """Whether a layer takes at most `target` cycles an image, with its window if it has one."""
    if mvtu_cycles(layer, fold.pe, fold.simd, padded, fold.pixels) > target:
        return False
    return not has_window(layer) or window_reaches(layer, fold.simd, target, fold.pixels)


def pixels_of(layer: Layer, reload: bool) -> tuple[int, ...]:
    """Pixels a cycle that a layer can have; copies of a unit cannot be written at run time."""
    return ONE_PIXEL if reload else legal_pixels(layer)


def whole(layer: Layer, pixels: int) -> LayerFolding:
    """All rows and columns, for so many pixels at once."""
    return LayerFolding(*layer.matrix.weights.shape, pixels=pixels)


# --------------------------------------------------------------------------- the smallest that reach a rate


def _cost(layer: Layer, pe: int, simd: int, padded: int) -> float:
    """LUTs, roughly, with a flip-flop as half of one.

    Half a LUT for each of the two operations of a synapse, a row's sum, the registers of a word of inputs (two
    words where the vector is a single one that several passes read) and of a parallel window.
    """
    bits = layer.source.bits
    width = simd * bits
    row_bits = (columns(layer, padded) << (bits - 1)).bit_length() + 4
    cost = 1.05 * pe * width + pe * row_bits + width / 2
    if simd == columns(layer, padded) and pe < layer.result.channels:
        cost += width
    if has_window(layer) and simd > layer.source.channels:
        # Columns farther apart are taps of shift registers, which cost as much whatever is between them.
        columns_kept = 1 + (layer.kernel[1] - 1) * min(layer.dilation[1], 2)
        cost += 1.5 * layer.kernel[0] * columns_kept * layer.source.channels * bits
    return cost


def _candidates(layer: Layer, target: int, padded: int) -> Iterator[tuple[int, int]]:
    """(PE, SIMD) that reach `target` cycles an image, the cheapest first."""
    pairs = [
        (pe, simd)
        for simd in legal_simd(layer, padded)
        for pe in legal_pe(layer)
        if pe * simd <= MAX_WEIGHTS and mvtu_cycles(layer, pe, simd, padded) <= target
    ]
    for pe, simd in sorted(pairs, key=lambda pair: (_cost(layer, *pair, padded), pair)):
        if not has_window(layer) or window_reaches(layer, simd, target):
            yield pe, simd


def smallest(layer: Layer, target: int, padded: int = 0, reload: bool = False) -> LayerFolding | None:
    """The smallest PE and SIMD with which `layer` takes at most `target` cycles an image, None if none do.

    Of the pairs that reach it the cheapest by `_cost`; where none does, the fewest pixels at once.
    """
    if pair := next(_candidates(layer, target, padded), None):
        return LayerFolding(*pair)
    several = (whole(layer, pixels) for pixels in pixels_of(layer, reload)[1:])
    return next((fold for fold in several if reaches(layer, fold, target)), None)


def fastest(layer: Layer, padded: int = 0, reload: bool = False) -> int:
    """The fewest cycles an image that `layer` can take."""
    most = pixels_of(layer, reload)[-1]
    if most > 1:
        pe, simd = layer.matrix.weights.shape
        unit = mvtu_cycles(layer, pe, simd, pixels=most)
        return max(unit, window_cycles(layer, simd, False, most)) if has_window(layer) else unit
    if not has_window(layer):
        return min(mvtu_cycles(layer, _most_pe(layer, simd), simd, padded) for simd in legal_simd(layer, padded))
    return min(
        max(window_cycles(layer, simd, simd <= layer.source.channels), mvtu_cycles(layer, _most_pe(layer, simd), simd))
        for simd in legal_simd(layer)[-2:]
    )


def _most_pe(layer: Layer, simd: int) -> int:
    """The largest PE beside a SIMD."""
    return max(pe for pe in legal_pe(layer) if pe * simd <= MAX_WEIGHTS)


# --------------------------------------------------------------------------- given in a file


def described(chosen: Folding) -> dict[str, Any]:
    """What a file says of a folding: `load` makes the same one of it. `fifos` is None where they are computed."""
    return {
        "format": 1,
        "name": chosen.name,
        "target": chosen.target,
        "input_width": chosen.input_width,
        "packed": chosen.packed,
        "reload": chosen.reload,
        "family": chosen.family,
        "layers": {name: fold.described for name, fold in chosen.layers.items()},
        "fifos": None if chosen.fifos is None else dict(chosen.fifos),
    }


def load(path: Path, network: Network) -> Folding:
    """The folding in a YAML (or JSON) file for `network`; a plan of `finn-gen plan` is one too.

    Raises InputError that names the file, the field and what would be legal.
    """
    top = read_yaml(path)
    if isinstance(top, Mapping) and "stages" in top and "folding" in top:
        top = top["folding"]
    fields = Fields(str(path), top)
    fields.number("format", 1, 1)
    name = fields.take("name", path.stem)
    if not isinstance(name, str) or not name or not all(c.isalnum() or c in "-_" for c in name):
        raise fields.fail("name", name, "letters, digits, - and _")
    target = fields.number("target", 0, 2**40, 0)
    width = fields.take("input_width", None)
    if width is not None and not (type(width) is int and 1 <= width <= MAX_WORD):
        raise fields.fail("input_width", width, f"a whole number from 1 to {MAX_WORD}")
    packed = fields.take("packed", None)
    if packed is not None and not isinstance(packed, bool):
        raise fields.fail("packed", packed, "true or false")
    reload = fields.take("reload", False)
    if not isinstance(reload, bool):
        raise fields.fail("reload", reload, "true or false")
    chosen = fields.choice("family", family.NAMES, family.DEFAULT)
    layers = _layers(Fields(f"{path}: layers", fields.take("layers")), network)
    fifos = fields.take("fifos", None)
    fields.done()
    if fifos is not None:
        depths = Fields(f"{path}: fifos", fifos)
        fifos = {stage: depths.number(stage, 1, MAX_DEPTH) for stage in list(depths.left)}
    return Folding(name, layers, target, width, packed, fifos, reload, chosen)


def as_yaml(chosen: Folding) -> str:
    """The file of a folding, with a line a layer, without what is left to be computed."""
    told = {name: value for name, value in described(chosen).items() if value is not None}
    layers = told.pop("layers")
    text = yaml.safe_dump(told, sort_keys=False)
    lines = (
        f"  {name}: {{{', '.join(f'{field}: {value}' for field, value in fold.items())}}}\n"
        for name, fold in layers.items()
    )
    return text + "layers:\n" + "".join(lines)


def _layers(fields: Fields, network: Network) -> dict[str, LayerFolding]:
    layers = {}
    for layer in network.layers:
        if layer.matrix:
            own = Fields(f"{fields.where}: {layer.name}", fields.take(layer.name))
            pe, simd = own.number("pe", 1, MAX_FOLD), own.number("simd", 1, MAX_FOLD)
            storage, pixels = own.choice("storage", STORAGES, "auto"), own.number("pixels", 1, LEGAL[-1], 1)
            layers[layer.name] = LayerFolding(pe, simd, storage, pixels)
            own.done()
    fields.done()
    return layers


def check(where: str, layer: Layer, fold: LayerFolding, padded: int = 0) -> None:
    """InputError if `layer` cannot have this PE and SIMD, or so many pixels at once."""
    for what, value, legal in (
        ("pixels", fold.pixels, legal_pixels(layer)),
        ("pe", fold.pe, legal_pe(layer)),
        ("simd", fold.simd, any_simd(layer, padded)),
    ):
        if value not in legal:
            raise InputError(f"{where}: {layer.name}: {what}={value}; legal are {', '.join(map(str, legal))}")
    rows, cols = layer.matrix.weights.shape
    if fold.pixels > 1 and (fold.pe, fold.simd) != (rows, cols):
        raise InputError(
            f"{where}: {layer.name}: pixels={fold.pixels} with pe={fold.pe}, simd={fold.simd}: several pixels at once "
            f"take pe={rows}, simd={cols}"
        )
    if fold.pe * fold.simd > MAX_WEIGHTS:
        raise InputError(
            f"{where}: {layer.name}: pe={fold.pe}, simd={fold.simd}: pe * simd must be at most {MAX_WEIGHTS:,}"
        )
