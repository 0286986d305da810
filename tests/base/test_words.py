# SPDX-License-Identifier: Apache-2.0
"""Numbers in sentences: one of a kind is no plural, in no text that is printed or rendered."""

import re
from pathlib import Path

import numpy as np

from finn_gen.base.words import counted, every
from finn_gen.emit import accelerator
from finn_gen.formats import description, params_npz
from finn_gen.network import model
from finn_gen.package import folder_page
from finn_gen.plan import folding, table
from finn_gen.plan.network import plan_network
from finn_gen.report import plan_parts
from finn_gen.request import device

ONES = re.compile(r".*(?<![\d.,x])1 (?:words|bits|cycles|images|channels|scores|classes|stages|pictures|FIFOs)\b.*")


def test_one_is_no_plural() -> None:
    assert [counted(number, "word") for number in (0, 1, 2)] == ["0 words", "1 word", "2 words"]
    assert counted(1024, "cycle", ",") == "1,024 cycles"
    assert [every(number, "cycle", ",") for number in (1, 1024)] == ["every cycle", "every 1,024 cycles"]


def test_the_smallest_network_is_described_without_a_plural_of_one(tmp_path: Path) -> None:
    source = model.Shape(1, 1, 1)
    matrices = [params_npz.Matrix(np.ones((1, 1), np.uint8), None)]
    chain = description.chain("one", source, [{"kind": "dense", "units": 1}], matrices)
    network = model.Network("one", "threshold", source, chain)
    chosen = folding.Folding("given", {network.layers[0].name: folding.LayerFolding(1, 1)})
    plan = plan_network(network, chosen)
    texts = [table.summary(plan), plan_parts.of_plan(plan, "xc7z020", device("xc7z020"), {})]
    files = accelerator.bundle(plan).folder()
    texts += [text for name, text in accelerator.accelerator_files(plan).items() if name.endswith(".v")]
    texts += [text for text in folder_page.accelerator_page(plan, files, ["one"]).values() if isinstance(text, str)]
    assert [found for text in texts for found in ONES.findall(text)] == []
