# SPDX-License-Identifier: Apache-2.0
"""The sliding window generator, `finn:ip:swg`."""

from finn_gen.ip import Benchmark, Ip
from finn_gen.ip.swg.area import area
from finn_gen.ip.swg.params import SwgParams
from finn_gen.ip.swg.plan import SwgPlan, build_plan
from finn_gen.ip.swg.text import emit
from finn_gen.ip.swg.timing import TIMING

IP = Ip(
    name="swg",
    summary="sliding window generator, a word or a whole window a cycle",
    params=SwgParams,
    plan_type=SwgPlan,
    plan=build_plan,
    emit=emit,
    area=area,
    timing=TIMING,
    examples=(
        {},
        {"simd": 2, "tlast": 1},
        {"simd": 4, "prefetch": 1, "ram_style": "block"},
        {"ifm_ch": 64, "simd": 32, "ifm_h": 30, "ifm_w": 30},
        {"ifm_ch": 3, "simd": 1, "bits": 8, "ifm_h": 9, "stride_h": 2, "stride_w": 3, "dilation_w": 2, "tlast": 1},
        {"ifm_ch": 2, "simd": 1, "ifm_h": 8, "ifm_w": 1, "k_h": 5, "k_w": 1},
        {"ifm_ch": 2, "simd": 2, "ifm_h": 1, "ifm_w": 8, "k_h": 1, "k_w": 1},
        {"ifm_ch": 1, "simd": 1, "ifm_h": 1, "ifm_w": 1, "k_h": 1, "k_w": 1, "tlast": 1},
        {"ifm_ch": 2, "simd": 18},
        {"ifm_ch": 1, "simd": 9, "bits": 8, "dilation_h": 2, "stride_w": 2, "tlast": 1},
        {"ifm_ch": 2, "simd": 6, "tlast": 1},
        {"ifm_ch": 2, "simd": 9, "ifm_h": 30, "ifm_w": 30},
        {"ifm_ch": 64, "simd": 192, "ifm_h": 30, "ifm_w": 30},
        {"ifm_ch": 1, "simd": 5, "k_h": 2, "k_w": 5, "ifm_h": 3, "ifm_w": 12},
        {"ifm_ch": 1, "simd": 2, "k_h": 1, "k_w": 4, "ifm_h": 1},
        {"ifm_ch": 1, "simd": 4, "k_h": 4, "k_w": 1, "ifm_w": 1},
        {"ifm_ch": 2, "simd": 18, "pixels": 2, "tlast": 1},
        {"ifm_ch": 3, "simd": 27, "bits": 8, "ifm_h": 5, "ifm_w": 9, "pixels": 4, "tlast": 1},
        {"ifm_ch": 1, "simd": 9, "ifm_h": 4, "ifm_w": 6, "pixels": 8, "tlast": 1},
        {"ifm_ch": 1, "simd": 4, "k_h": 1, "k_w": 4, "ifm_h": 1, "ifm_w": 4, "pixels": 4, "tlast": 1},
        {"ifm_ch": 1, "simd": 4, "k_h": 2, "k_w": 2, "dilation_w": 5, "ifm_w": 13, "pixels": 2},
    ),
    benchmarks=(
        *(
            Benchmark(f"CNV layer {layer}", values, {"lc": 100})
            for layer, values in enumerate(
                {"ifm_ch": ifm_ch, "bits": bits, "simd": simd, "ifm_h": size, "ifm_w": size}
                for ifm_ch, bits, simd, size in (
                    (3, 8, 3, 32),
                    (64, 1, 32, 30),
                    (64, 1, 32, 14),
                    (128, 1, 32, 12),
                    (128, 1, 32, 5),
                    (256, 1, 32, 3),
                )
            )
        ),
        *(
            Benchmark(name, {"ifm_ch": 64, "simd": simd, "ifm_h": 30, "ifm_w": 30}, {})
            for name, simd in (("layer 1, a window a word", 576), ("layer 1, a row of a window a word", 192))
        ),
        *(
            Benchmark(
                f"layer 1, {pixels} windows a word",
                {"ifm_ch": 64, "simd": 576, "ifm_h": 30, "ifm_w": 30, "pixels": pixels},
                {},
            )
            for pixels in (2, 4)
        ),
    ),
)
