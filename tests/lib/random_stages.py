# SPDX-License-Identifier: Apache-2.0
"""Random stages, chains of them, and patterns of their ends, for the tests of the cycle-accurate model."""

import random
from collections.abc import Callable
from typing import Any

from finn_gen import ip
from finn_gen.ip.input.plan import InputPlan
from finn_gen.timing.chain import ALWAYS


def build(name: str, module: str, values: dict[str, Any]) -> Any:
    """The plan of the IP `name`."""
    return ip.get(name).build(values | {"name": module})


def divisors(number: int) -> list[int]:
    """All of them."""
    return [each for each in range(1, number + 1) if number % each == 0]


def pattern(rng: random.Random) -> tuple[int, ...]:
    """What an end of a chain does: never stall, now and then, mostly, for long."""
    kind = rng.randrange(4)
    if kind == 0:
        return ALWAYS
    if kind == 3:
        return (0,) * rng.randint(1, 60) + (1,) * rng.randint(1, 40)
    bits = [int(rng.random() < (0.8, 0.3)[kind - 1]) for _ in range(rng.randint(2, 13))]
    return (*bits, 1)


def dwc(rng: random.Random, module: str) -> Any:
    """A converter of any kind."""
    narrow, ratio = rng.randint(1, 12), rng.randint(1, 5)
    widths = rng.choice([(narrow, narrow * ratio), (narrow * ratio, narrow), (narrow, rng.randint(1, 24))])
    return build("dwc", module, {"in_width": widths[0], "out_width": widths[1], "tlast": rng.randint(0, 1)})


def fifo(rng: random.Random, module: str) -> Any:
    """A FIFO of any style."""
    depth = rng.choice([1, 2, 3, 4, rng.randint(5, 40)])
    style = "reg" if depth < 3 else rng.choice(["srl", "lut", "block"])
    return build("fifo", module, {"depth": depth, "style": style, "width": 3, "tlast": rng.randint(0, 1)})


def mvtu(rng: random.Random, module: str) -> Any:
    """A matrix-vector-threshold unit of any folding and storage."""
    mw, mh = rng.choice([1, 4, 6, 12, 18, 32]), rng.choice([1, 2, 4, 6, 12])
    in_bits = rng.choice([1, 1, 2, 3])
    values = {
        "mw": mw,
        "mh": mh,
        "simd": rng.choice(divisors(mw)),
        "pe": rng.choice(divisors(mh)),
        "in_bits": in_bits,
        "in_signed": int(in_bits > 1) * rng.randint(0, 1),
        "out_bits": rng.choice([0, 1, 1, 2]),
        "seed": rng.randrange(100),
    }
    small = mw // values["simd"] * (mh // values["pe"]) <= 8
    storage = rng.choice(["lut", "block", *(["constant"] if small else [])])
    return build(
        "mvtu", module, values | {"storage": storage, "reload": int(storage != "constant") * rng.randint(0, 1)}
    )


def _image(rng: random.Random, low: int = 1) -> dict[str, int]:
    return {f"ifm_{axis}": rng.randint(low, 8) for axis in "hw"}


def serial(rng: random.Random, module: str) -> Any:
    """A window generator that gives at most a pixel a word."""
    if rng.random() < 0.3:
        # Wide and low images, the words of which are parts of a pixel, let the next one in early.
        shape = {"ifm_h": rng.randint(4, 6), "ifm_w": rng.randint(10, 14), "k_h": rng.randint(2, 3), "k_w": 2}
        return build("swg", module, {**shape, "ifm_ch": 4, "simd": rng.choice([1, 2]), "tlast": rng.randint(0, 1)})
    channels = rng.choice([1, 2, 3, 4])
    return build("swg", module, {**_windows(rng), "ifm_ch": channels, "simd": rng.choice(divisors(channels))})


def parallel(rng: random.Random, module: str) -> Any:
    """A window generator that gives more than a pixel a word."""
    channels = rng.choice([1, 2, 3])
    values = _windows(rng)
    window = values["k_h"] * values["k_w"] * channels
    wider = [simd for simd in divisors(window) if simd > channels]
    if not wider:
        return parallel(rng, module)
    return build("swg", module, {**values, "ifm_ch": channels, "simd": rng.choice(wider)})


def _windows(rng: random.Random) -> dict[str, int]:
    values = _image(rng, 2)
    for axis in "hw":
        size = values[f"ifm_{axis}"]
        values[f"k_{axis}"] = rng.randint(1, min(4, size))
        most = (size - 1) // (values[f"k_{axis}"] - 1) if values[f"k_{axis}"] > 1 else 3
        values[f"dilation_{axis}"] = rng.choice([1, rng.randint(1, most)])
        values[f"stride_{axis}"] = rng.choice([1, 1, 2, 3])
    return values | {"prefetch": rng.randint(0, 1), "tlast": rng.randint(0, 1)}


def pad(rng: random.Random, module: str) -> Any:
    """A padder, of all sides or none."""
    sides = {side: rng.choice([0, 0, 1, 2]) for side in ("top", "bottom", "left", "right")}
    channels = rng.choice([1, 2, 4])
    return build("pad", module, {**sides, **_image(rng), "ifm_ch": channels, "simd": rng.choice(divisors(channels))})


def pool(rng: random.Random, module: str) -> Any:
    """A max pooling, of windows apart or not."""
    image, channels = _image(rng), rng.choice([1, 2, 4])
    kernel = {name: rng.randint(1, min(4, image[size])) for name, size in (("k", "ifm_h"), ("k_w", "ifm_w"))}
    stride, pe = {name: rng.choice([1, 2, 2, 3]) for name in ("stride", "stride_w")}, rng.choice([1, channels])
    return build("pool", module, {**image, **kernel, **stride, "ifm_ch": channels, "pe": pe})


def label(rng: random.Random, module: str) -> Any:
    """A label selection."""
    labels = rng.choice([1, 2, 6, 10])
    return build("label", module, {"labels": labels, "pe": rng.choice(divisors(labels)), "bits": 4})


def input_stage(module: str, width: int, words: int) -> InputPlan:
    """The first stage of an accelerator whose images are `words` words of `width` bits."""
    return build("input", module, {"encoding": "bits", "elements": words * width, "word_width": width})


def guard(rng: random.Random, module: str) -> Any:
    """The first stage of an accelerator."""
    return input_stage(module, rng.randint(1, 9), rng.randint(1, 9))


STAGES: dict[str, Callable[[random.Random, str], Any]] = {
    each.__name__: each for each in (dwc, fifo, mvtu, serial, parallel, pad, pool, label, guard)
}


def network(rng: random.Random, prefix: str) -> list[Any]:
    """A chain of pad, window, matrix, pooling, dense matrix and label, of random foldings, with random FIFOs."""
    plans: list[Any] = []
    width = 0

    def add(name: str, **values: Any) -> Any:
        nonlocal width
        if width and width != values.get("in_width", width):
            convert(values.pop("in_width"))
        values.pop("in_width", None)
        if width and rng.random() < 0.4:
            depth = rng.choice([1, 2, 3, 5, 16])
            plans.append(build("fifo", f"{prefix}_{len(plans)}_fifo", {"width": width, "depth": depth}))
        plans.append(build(name, f"{prefix}_{len(plans)}_{name}", values))
        width = plans[-1].ports.out_width
        return plans[-1]

    def convert(to: int) -> None:
        nonlocal width
        plans.append(build("dwc", f"{prefix}_{len(plans)}_dwc", {"in_width": width, "out_width": to}))
        width = to

    channels, size = rng.choice([2, 4]), rng.randint(4, 6)
    simd = rng.choice(divisors(channels))
    add("pad", ifm_ch=channels, simd=simd, ifm_h=size, ifm_w=size)
    k = rng.choice([2, 3])
    simd = rng.choice([*divisors(channels), channels * k, channels * k * k])
    window = {"ifm_ch": channels, "k_h": k, "k_w": k, "ifm_h": size + 2, "ifm_w": size + 2}
    size += 3 - k
    add("swg", simd=simd, in_width=min(simd, channels), **window)
    columns = channels * k * k
    channels = rng.choice([2, 4, 8])
    simd = rng.choice(divisors(columns))
    add("mvtu", mw=columns, mh=channels, simd=simd, pe=rng.choice(divisors(channels)), in_width=simd)
    pe = rng.choice(divisors(channels))
    pooled = add("pool", ifm_ch=channels, pe=pe, ifm_h=size, ifm_w=size, in_width=pe)
    columns = pooled.ofm_h * pooled.ofm_w * channels
    simd = rng.choice(divisors(columns)[:-1] or [1])
    dense = add("mvtu", mw=columns, mh=6, simd=simd, pe=rng.choice(divisors(6)), out_bits=0, in_width=simd)
    pe = rng.choice(divisors(6))
    add("label", labels=6, pe=pe, bits=dense.result_width, in_width=pe * dense.result_width)
    return plans
