# SPDX-License-Identifier: Apache-2.0
"""Random stages, chains of them, and patterns of their ends, for the tests of the cycle-accurate model."""

import random
from collections.abc import Callable
from typing import Any

from finn_gen import ip
from finn_gen.base.groups import LEGAL, has_tail
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


def grouped_windows(rng: random.Random) -> dict[str, int]:
    """Parameters of a window generator that passes several pixels a cycle."""
    values, channels = _windows(rng), rng.choice([1, 2, 3])
    values |= {"ifm_w": values["ifm_w"] + rng.choice([0, 0, 1, 9]), "stride_h": 1, "stride_w": 1}
    return values | {
        "ifm_ch": channels,
        "simd": values["k_h"] * values["k_w"] * channels,
        "pixels": rng.choice([2, 4, 8]),
    }


def grouped(rng: random.Random, module: str) -> Any:
    """A window generator that passes several pixels a cycle."""
    return build("swg", module, grouped_windows(rng))


def grouped_pooling(rng: random.Random) -> dict[str, int]:
    """Parameters of a max pooling that takes several pixels a cycle."""
    pixels = rng.choice([2, 4, 8])
    columns = rng.choice([each for each in (1, 2, 4, 8) if each <= pixels])
    channels, height = rng.choice([1, 2, 3]), rng.randint(1, 8)
    return {
        "pixels": pixels,
        "k_w": columns,
        "stride_w": columns,
        "ifm_w": rng.randint(columns, columns + 14),
        "ifm_h": height,
        "k": rng.randint(1, min(3, height)),
        "stride": rng.choice([1, 2, 2, 3]),
        "ifm_ch": channels,
        "pe": channels,
        "tlast": rng.randint(0, 1),
    }


def pool_of_groups(rng: random.Random, module: str) -> Any:
    """A max pooling that takes several pixels a cycle."""
    return build("pool", module, grouped_pooling(rng))


def regrouping(rng: random.Random) -> dict[str, int]:
    """Parameters of a converter between words of any numbers of pixels, where rows have ends of their own."""
    while True:
        (few, many), width = sorted(rng.sample(LEGAL, 2)), rng.randint(1, 17)
        if has_tail(width, few, many):
            break
    ends = rng.choice([(few, many), (many, few)])
    values = {"ifm_ch": rng.randint(1, 3), "bits": rng.randint(1, 3), "tlast": rng.randint(0, 1)}
    return values | {"ifm_h": rng.randint(1, 4), "ifm_w": width, "in_pixels": ends[0], "out_pixels": ends[1]}


def regroup(rng: random.Random, module: str) -> Any:
    """A converter between words of several pixels."""
    return build("regroup", module, regrouping(rng))


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
    each.__name__: each
    for each in (dwc, fifo, mvtu, serial, parallel, grouped, pad, pool, pool_of_groups, regroup, label, guard)
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
