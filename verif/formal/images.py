# SPDX-License-Identifier: Apache-2.0
"""What the proofs of cores that turn images into images have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from finn_gen import ip
from finn_gen.emit.bundle import of_core
from verif.formal.proof import Proof

_STREAMS = ("in_width", "out_width", "in_tdata_width", "out_tdata_width", "in_words", "out_words")


def numbers(plan: Any, names: Sequence[str]) -> dict[str, int]:
    """Fields of a plan, its parameters and its ports as Verilog parameters."""
    parts = (plan, *(getattr(plan, part) for part in ("params", "ports") if hasattr(plan, part)))
    return {name.upper(): int(next(getattr(part, name) for part in parts if hasattr(part, name))) for name in names}


def verilog(core: str, plan: Any) -> dict[str, str]:
    """The Verilog files of a rendered core."""
    return {path: str(text) for path, text in of_core(plan).folder(plain=True).items() if path.endswith(".v")}


def image_proof(
    core: str,
    name: str,
    plan: Any,
    expect: Sequence[str],
    bounds: Mapping[str, int],
    *,
    expectation: str = "",
    groups: bool = False,
    **others: Any,
) -> Proof:
    """The proof of a rendered core, with the properties of axis_image.

    expect       fields of the plan that are parameters of the module expect_<core>
    bounds       further parameters of prove_image: MOST, TAKES, OFFER_WITHIN, ACCEPT_WITHIN, OUTPUT_FULL_AFTER,
                 INPUT_FULL_AFTER
    expectation  text of the module expect_<core>, where it is no file of this folder
    groups       the module is expect_<core>_groups, which says which bits are promised too: words of several pixels
    others       fields of the proof: cover_depth, induction
    """
    module = f"expect_{core}_groups" if groups else f"expect_{core}"
    return Proof(
        name=f"{core}-{name}",
        harness="prove_image",
        core=plan.module,
        sources=verilog(core, plan) | ({f"{module}.sv": expectation} if expectation else {}),
        parameters=numbers(plan, _STREAMS) | bounds,
        modules={module: numbers(plan, expect)},
        defines=(
            f"DUT={plan.module}",
            f"EXPECT={module}",
            *("TLAST",) * getattr(plan.params, "tlast", False),
            *("CARE",) * groups,
        ),
        **{"cover_depth": 40} | others,
    )


def build(core: str, defaults: Mapping[str, int], values: Mapping[str, int]) -> Any:
    """The plan of a small core."""
    return ip.get(core).build({**defaults, **values})
