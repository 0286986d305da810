# SPDX-License-Identifier: Apache-2.0
"""The report of an import: what became what, the ranges of the sums, what was left out."""

from __future__ import annotations

from finn_gen.formats.onnx.check import Checked
from finn_gen.formats.onnx.fold import Folded
from finn_gen.formats.onnx.image import Picture
from finn_gen.network.model import Network


def text(network: Network, folded: Folded, picture: Picture, checked: Checked) -> str:
    """The report, in Markdown."""
    low, high = (float(picture.low + picture.step * byte) for byte in (0, 255))
    shape = network.source
    lines = [
        f"# {network.name}, imported from {folded.path.name}",
        "",
        f"Image: {shape.height}x{shape.width}x{shape.channels}, encoding {network.encoding}; the byte 0 is the number "
        f"{low:g} of the model, the byte 255 is {high:g}.",
        "",
        "| layers | nodes | weights | sums | levels |",
        "| --- | --- | --- | --- | --- |",
    ]
    for became in folded.became:
        nodes = ", ".join(f"{_plain(node.name)} ({node.kind})" for node in became.nodes)
        sums = f"{became.sums[0]} to {became.sums[1]}" if became.sums else ""
        lines.append(f"| {', '.join(became.layers)} | {nodes} | {became.weights} | {sums} | {became.levels or ''} |")
    lines += ["", *(f"- {note}" for note in folded.notes)]
    lines.append(
        f"- {checked.images} images, random ones and extremes, give the numbers of qonnx's execution in every layer"
    )
    if checked.rounded:
        lines.append(
            f"- for {checked.rounded} of them only up to a sum that lies on a threshold, where the execution's "
            "rounding to single precision decides; the import computes exactly there"
        )
    return "\n".join(lines) + "\n"


def _plain(name: str) -> str:
    return "".join(c if c.isprintable() and c not in "|`<>" else " " for c in name)[:60]
