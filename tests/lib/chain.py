# SPDX-License-Identifier: Apache-2.0
"""Chains of generated IPs in one Verilog module, and what they make of an image by the reference."""

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from finn_gen import ip
from finn_gen.base.files import write_tree
from finn_gen.emit.bundle import of_core
from finn_verif.ref.layers import label_select, matrix, max_pool, pad, sliding_window
from tests.lib.harness import Core


@dataclass(frozen=True)
class Stage:
    """One IP of a chain: its name and its plan, and of an mvtu its weights and thresholds."""

    name: str
    plan: Any
    weights: np.ndarray | None = None
    thresholds: np.ndarray | None = None

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """What the reference makes of an image [H, W, C]; windows lie along the last axis, a label is [1]."""
        plan, asked = self.plan, self.plan.params
        match self.name:
            case "pad":
                value = plan.element if asked.bits == 1 else plan.value
                return pad(image, (asked.top, asked.bottom, asked.left, asked.right), value)
            case "swg":
                stride, dilation = (asked.stride_h, asked.stride_w), (asked.dilation_h, asked.dilation_w)
                return sliding_window(image, (asked.k_h, asked.k_w), stride, dilation)
            case "mvtu":
                vectors = image.reshape(*image.shape[:2], asked.mw)
                return matrix(vectors, self.weights, self.thresholds, asked.in_bits)
            case "pool":
                return max_pool(image, asked.kernel, asked.steps)
            case "label":
                return label_select(image.reshape(1, -1))
            case "dwc":
                return image
        raise ValueError(f"a chain holds no {self.name}")


def stage(name: str, index: int, **values: Any) -> Stage:
    """A stage that has no weights; `index` makes its module's name unique."""
    return Stage(name, ip.get(name).build({**values, "name": f"chain_{index}_{name}"}))


def mvtu_stage(index: int, folder: Path, weights: np.ndarray, thresholds: np.ndarray | None, **values: Any) -> Stage:
    """An mvtu with weights [MH, MW] of -1 and +1, and thresholds [MH, levels] or None, by way of a file in `folder`."""
    arrays = {"weights": weights.astype(np.int8)} | ({} if thresholds is None else {"thresholds": thresholds})
    path = folder / f"chain_{index}.npz"
    np.savez(path, **arrays)
    mh, mw = weights.shape
    values |= {"mh": mh, "mw": mw, "params": str(path), "name": f"chain_{index}_mvtu"}
    return Stage("mvtu", ip.get("mvtu").build(values), weights, thresholds)


def matched(stages: Sequence[Stage]) -> list[Stage]:
    """The stages with width converters between those whose words differ."""
    chain = [stages[0]]
    for after in stages[1:]:
        widths = chain[-1].plan.ports.out_width, after.plan.ports.in_width
        if widths[0] != widths[1]:
            chain.append(stage("dwc", len(chain) + 100, in_width=widths[0], out_width=widths[1]))
        chain.append(after)
    return chain


_TOP = """`default_nettype none

module chain (
    input  wire aclk,
    input  wire aresetn,
    input  wire [{in_bits}:0] s_axis_tdata,
    input  wire s_axis_tvalid,
    output wire s_axis_tready,
    output wire [{out_bits}:0] m_axis_tdata,
    output wire m_axis_tvalid,
    input  wire m_axis_tready
);
{wires}
    assign data_0        = s_axis_tdata;
    assign valid_0       = s_axis_tvalid;
    assign s_axis_tready = ready_0;
    assign m_axis_tdata  = data_{last};
    assign m_axis_tvalid = valid_{last};
    assign ready_{last}  = m_axis_tready;
{instances}
endmodule

`default_nettype wire
"""
_WIRES = """    wire [{bits}:0] data_{i};
    wire valid_{i}, ready_{i};
"""
_INSTANCE = """    {module} u_{i} (
        .aclk (aclk), .aresetn (aresetn),
        .s_axis_tdata (data_{i}), .s_axis_tvalid (valid_{i}), .s_axis_tready (ready_{i}),
        .m_axis_tdata (data_{next}), .m_axis_tvalid (valid_{next}), .m_axis_tready (ready_{next})
    );
"""


def write(stages: Sequence[Stage], folder: Path) -> Core:
    """Write the module `chain` and all that it needs to `folder`. The stages' words must be of one width."""
    plans = [stage.plan for stage in stages]
    for before, after in itertools.pairwise(plans):
        assert before.ports.out_width == after.ports.in_width, f"{before.module} and {after.module} do not fit"
    files: dict[str, str | bytes] = {}
    for each in stages:
        files |= of_core(each.plan).folder(plain=True)
    widths = [plans[0].ports.in_tdata_width, *(plan.ports.out_tdata_width for plan in plans)]
    files["chain.v"] = _TOP.format(
        in_bits=widths[0] - 1,
        out_bits=widths[-1] - 1,
        last=len(plans),
        wires="".join(_WIRES.format(bits=width - 1, i=i) for i, width in enumerate(widths)),
        instances="".join(_INSTANCE.format(module=p.module, i=i, next=i + 1) for i, p in enumerate(plans)),
    )
    write_tree(folder, files)
    return Core("chain", [folder / name for name in files if name.endswith(".v")], widths[0], widths[-1])


def reference(stages: Sequence[Stage], image: np.ndarray) -> np.ndarray:
    """What comes out of the chain for an image [H, W, C]."""
    for each in stages:
        image = each(image)
    return image


# ------------------------------------------------------------------ chains at random


_MOST_FOLDS = 8
"""Input words of an mvtu, so that its cycles stay few."""


def _divisor(rng: random.Random, number: int, least: int = 1, most: int = 1 << 30) -> int:
    return rng.choice([n for n in range(1, number + 1) if number % n == 0 and least <= n <= most])


@dataclass(frozen=True)
class RandomChain:
    """pad, swg, mvtu, pool and, in one of three, label; random shapes, words and weights. `stages` fit each other."""

    stages: Sequence[Stage]
    shape: tuple[int, int, int]
    low: int
    high: int
    bits: int
    lanes: int
    out_bits: int
    out_lanes: int


def random_chain(rng: random.Random, folder: Path) -> RandomChain:
    """Draw a chain; the parameters of its mvtu go through a file in `folder`."""
    ch, bits = rng.choice((1, 2, 3, 4, 6)), rng.choice((1, 1, 1, 2, 3, 8))
    signed = bits > 1 and rng.random() < 0.5
    height, width = rng.randint(1, 7), rng.randint(1, 7)
    sides = {side: rng.randint(0, 2) for side in ("top", "bottom", "left", "right")}
    padded = {"h": height + sides["top"] + sides["bottom"], "w": width + sides["left"] + sides["right"]}
    window: dict[str, int] = {}
    for axis, size in padded.items():
        kernel = rng.randint(1, min(3, size))
        dilation = rng.randint(1, 2 if (kernel - 1) * 2 < size else 1)
        window |= {f"k_{axis}": kernel, f"dilation_{axis}": dilation, f"stride_{axis}": rng.randint(1, 3)}
    mw = window["k_h"] * window["k_w"] * ch
    # The parallel structure takes whole pixels and gives several, the serial one takes and gives parts of pixels.
    simd = rng.choice([_divisor(rng, ch), ch, *(n for n in range(ch + 1, mw + 1) if mw % n == 0)])
    pad = stage("pad", 0, ifm_ch=ch, bits=bits, simd=_divisor(rng, ch), ifm_h=height, ifm_w=width, **sides)
    prefetch = rng.randint(0, 1)
    shape = {"ifm_h": padded["h"], "ifm_w": padded["w"], "prefetch": prefetch}
    swg = stage("swg", 1, ifm_ch=ch, bits=bits, simd=simd, **shape, **window)
    unit = _random_mvtu(rng, folder, mw, bits, signed)
    elements = {"bits": unit.plan.result_width, "signed": not unit.plan.params.out_bits and bits > 1}
    mh, ofm_h, ofm_w = unit.plan.params.mh, swg.plan.ofm_h, swg.plan.ofm_w
    pool_shape = {
        "ifm_h": ofm_h,
        "ifm_w": ofm_w,
        "k": rng.randint(1, min(3, ofm_h)),
        "k_w": rng.randint(1, min(3, ofm_w)),
        "stride": rng.randint(1, 3),
        "stride_w": rng.randint(1, 3),
    }
    pool = stage("pool", 3, ifm_ch=mh, pe=_divisor(rng, mh), **pool_shape, **elements)
    stages, out_bits, lanes = [pad, swg, unit, pool], elements["bits"], pool.plan.params.pe
    if rng.randrange(3) == 0:
        labels = pool.plan.ofm_h * pool.plan.ofm_w * mh
        label = stage("label", 4, labels=labels, pe=_divisor(rng, labels, most=16), **elements)
        stages, out_bits, lanes = [*stages, label], label.plan.index_width, 1
    low = -(1 << bits - 1) if signed else 0
    return RandomChain(
        matched(stages), (height, width, ch), low, low + (1 << bits), bits, pad.plan.params.simd, out_bits, lanes
    )


def _random_mvtu(rng: random.Random, folder: Path, mw: int, in_bits: int, in_signed: bool) -> Stage:
    """An mvtu whose results pooling takes: of at most 8 bits."""
    numbers = np.random.default_rng(rng.getrandbits(32))
    mh = rng.choice((1, 2, 3, 4, 6, 8))
    weights = numbers.choice([-1, 1], (mh, mw))
    largest = mw if in_bits == 1 else mw << in_bits
    accumulator_fits = 2 * largest < 1 << 7
    out_bits = rng.choice((0, 1, 2) if accumulator_fits else (1, 2))
    spread = max(2, largest // 4)
    middle = mw // 2 if in_bits == 1 else 0
    thresholds = np.sort(numbers.integers(middle - spread, middle + spread, (mh, (1 << out_bits) - 1)), axis=1)
    values = {"pe": _divisor(rng, mh), "simd": _divisor(rng, mw, least=-(-mw // _MOST_FOLDS)), "out_bits": out_bits}
    values |= {"in_bits": in_bits, "in_signed": in_signed}
    return mvtu_stage(2, folder, weights, thresholds if out_bits else None, **values)
