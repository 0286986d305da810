# SPDX-License-Identifier: Apache-2.0
"""Files of weights that a driver loads into a reloadable accelerator at run time.

An .npz file of plain arrays: `format` (int64, 1), `layout` (the sixteen digits of `layout_digest` as uint8
characters), and for each reloadable unit `window_<name>`, uint32 [n, 2]: addresses in the unit's window and what to
write there, in this order, while the unit is halted.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

import numpy as np

from finn_gen.base.errors import InputError
from finn_gen.ip.mvtu.plan import MvtuPlan
from finn_gen.ip.mvtu.registers import memory_image
from finn_gen.plan.network import NetworkPlan

FORMAT = 1
_DATE = (1980, 1, 1, 0, 0, 0)
_MEANING = ("mw", "mh", "pe", "simd", "in_bits", "in_signed", "out_bits")
"""What the contents of a unit's memories depend on, besides weights and thresholds."""
_PLACE = ("name", "base", "depth", "width", "lanes", "stride", "lane_bits", "index_bits", "size_bits")
"""How the words of a memory lie in registers."""


def layout_digest(plan: NetworkPlan) -> str:
    """Sixteen hexadecimal digits that are the same for all plans whose units take the same files.

    They depend on the network's name, and the shape, folding and memories of every reloadable unit; neither on weights
    and thresholds, nor on stages between the units.
    """
    units = {plan.inner_name(stage): _layout(stage.plan) for stage in plan.reloadable}
    text = json.dumps([plan.module, units], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _layout(unit: MvtuPlan) -> dict[str, object]:
    memories = [{name: getattr(memory, name) for name in _PLACE} for memory in unit.registers.table.memories]
    return {name: getattr(unit.params, name) for name in _MEANING} | {"memories": memories}


def weights_file(plan: NetworkPlan) -> bytes:
    """The file for the weights and thresholds of a plan, the same bytes for the same plan.

    Raises InputError if nothing in the plan is reloadable.
    """
    if not plan.reloadable:
        raise InputError(f"{plan.module}: no unit is reloadable; plan it with reload")
    fields = {"format": np.array(FORMAT, np.int64)}
    fields["layout"] = np.frombuffer(layout_digest(plan).encode(), np.uint8)
    for stage in plan.reloadable:
        fields[f"window_{plan.inner_name(stage)}"] = np.array(list(memory_image(stage.plan).items()), np.uint32)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, value in fields.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, value, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _DATE), member.getvalue())
    return out.getvalue()
