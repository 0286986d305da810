# SPDX-License-Identifier: Apache-2.0
"""Networks as ONNX files with the quantisers of QONNX, or of plain ONNX: docs/import-onnx.md.

`load` needs the packages onnx and qonnx, which come with `finn-gen[onnx]`, and are imported when it is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from finn_gen import layers
from finn_gen.base.errors import InputError
from finn_gen.base.params import check_module_name
from finn_gen.base.yaml_file import Fields
from finn_gen.formats import description
from finn_gen.network.model import Network, element_format

if TYPE_CHECKING:
    from finn_gen.formats.onnx.fold import Folded

SUFFIX = ".onnx"
MAX_NAME = 40
"""Characters of a file's name that become the name of a network; those of modules are longer."""
DESCRIPTION, PARAMETERS, REPORT = "network.yaml", "parameters.npz", "report.md"
"""What an import writes."""
IMAGES, FEW_IMAGES = 1000, 100
"""Random images with which an import is checked, and the use of an ONNX file in the place of a description."""


@dataclass(frozen=True)
class Imported:
    """A network and the report on how it was made."""

    network: Network
    report: str

    def files(self) -> dict[str, str | bytes]:
        """The files of the folder that an import writes. Raises InputError."""
        return description.to_files(self.network, DESCRIPTION, PARAMETERS) | {REPORT: self.report}


def load(
    path: Path,
    limits: tuple[float, float] | None = None,
    name: str = "",
    *,
    label: bool = False,
    images: int = IMAGES,
) -> Imported:
    """The network of an ONNX file, which is compared with qonnx's execution of the file.

    limits  the numbers of the model that the bytes 0 and 255 of a picture are, 0 and 1 if not given
    name    of the network, that of the file if not given
    label   let the accelerator give the class even if the model gives scores
    images  random ones that are tried, besides extremes

    Raises InputError.
    """
    path = Path(path)
    try:
        from finn_gen.formats.onnx import check, graph, image, nodes, reading, report
    except ModuleNotFoundError as error:
        raise InputError(
            f"{path}: to read ONNX the package {error.name} is needed; install it by: pip install onnx qonnx"
        ) from None
    name = name or _name(path)
    check_module_name(str(path), name)
    checked = graph.prepare(path, reading.read(path, nodes.HANDLERS))
    picture = image.picture_of(checked, limits)
    execution = check.Execution(checked, picture)
    folded, ranked = nodes.fold_graph(checked, picture, execution.of_bytes)
    network = _network(path, name, folded, ranked or label)
    done = check.check(execution, network, folded.seen, images)
    return Imported(network, report.text(network, folded, picture, done))


def _name(path: Path) -> str:
    """A name for modules, of that of a file."""
    name = re.sub(r"\W", "_", path.stem, flags=re.ASCII)[:MAX_NAME]
    try:
        return check_module_name(str(path), name)
    except InputError:
        return f"net_{name}"


def _network(path: Path, name: str, folded: Folded, label: bool) -> Network:
    """The network of the layers and matrices."""
    if len(folded.layers) >= description.MAX_LAYERS:
        raise InputError(f"{path}: {len(folded.layers)} layers; legal are up to {description.MAX_LAYERS - 1}")
    outlined = list(folded.layers)
    if label:
        outlined.append(layers.get("label").outline(Fields(f"{path}: label", {}), "label", outlined[-1].result))
    bits, signed = element_format(folded.encoding)
    source = replace(folded.source, bits=bits, signed=signed)
    return Network(name, folded.encoding, source, description.finish(str(path), source, outlined, folded.matrices))
