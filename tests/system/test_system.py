# SPDX-License-Identifier: Apache-2.0
"""Accelerators with control and DMA: the plan around them, and that every form of it says the same."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator, system
from finn_gen.formats import description
from finn_gen.ip.ctrl import registers as ctrl
from finn_gen.ip.dma import registers as dma
from finn_gen.ip.dma.plan import WINDOW_BITS
from finn_gen.plan import network as plan
from finn_gen.plan import rate
from finn_gen.plan.network import NetworkPlan
from tests.lib import random_networks
from tests.lib.carried import carried


@functools.cache
def around(name: str, folding: str = "paper", reload: bool = False) -> system.SystemPlan:
    """The system around a network of the repository."""
    return system.plan_system(carried(name, folding, reload))


def random_plan(folder: Path, seed: int, reload: bool = False) -> NetworkPlan:
    folder.mkdir(exist_ok=True)
    return random_networks.planned(random_networks.write(folder, seed), reload=reload)


def test_cnv_needs_no_converter_and_keeps_its_rate():
    found = around("cnv")
    assert (found.source, found.sink) == (None, None)
    assert (found.dma.mm2s.width, found.dma.s2mm.width) == (64, 8)
    assert (found.image_bytes, found.result_bytes, found.interval) == (3072, 1, 8192)
    assert found.size == 0x2000


@pytest.mark.parametrize(
    ("width", "words", "mm2s"), [(8, 8, 8), (24, 8, 8), (32, 32, 32), (64, 64, 64), (96, 32, 32), (128, 64, 64)]
)
def test_the_dma_takes_the_widest_word_that_the_port_is_made_of(width, words, mm2s):
    assert system._dma_width(width) == mm2s == words


@pytest.mark.parametrize("seed", range(12))
def test_the_description_says_what_the_verilog_has(seed, tmp_path):
    found = system.plan_system(random_plan(tmp_path, seed, reload=seed % 2 == 0))
    files = system.design_files(found)
    said = json.loads(files[f"{found.module}.json"])
    top = files[f"{found.module}.v"]
    assert int(re.search(r"\[(\d+):0\]\s+s_axil_awaddr", top)[1]) + 1 == said["address_width"]
    assert said["size"] == 1 << said["address_width"]
    assert said["image"]["bytes"] == said["image"]["words"] * said["image"]["word_bytes"]
    assert said["result"]["bytes"] == said["result"]["words"] * said["result"]["word_bytes"]
    height, width, channels = said["image"]["shape"]
    bits = height * width * channels * (1 if said["image"]["packed"] else 8)
    assert bits == (said["image"]["words"] - 1) * said["image"]["word_width"] + said["image"]["last_bits"]
    assert len(said["boundaries"]) == len(set(said["boundaries"])) == len(found.net.stages) + 1
    assert said["interval"] >= said["image"]["bytes"] * 8 / found.dma.mm2s.width
    ends = [(window["base"], window["base"] + window["size"]) for window in said["windows"]]
    assert all(base % (end - base) == 0 for base, end in ends)
    assert all(first[1] <= second[0] for first, second in pairwise(ends))
    assert ends[-1][1] <= said["size"]
    mvtus = [window for window in said["windows"] if window["kind"] == "mvtu"]
    assert len(mvtus) == len(found.net.reloadable) and bool(mvtus) == (seed % 2 == 0)
    assert all(f"u_{window['name']} (" in files[f"{found.net.module}.v"] for window in mvtus)


@pytest.mark.parametrize("seed", range(4))
def test_the_folder_needs_nothing_else(seed, tmp_path):
    found = system.plan_system(random_plan(tmp_path, seed, reload=seed % 2 == 1))
    folder = tmp_path / "out"
    write_tree(folder, system.bundle(found).folder())
    listed = (folder / f"{found.module}.f").read_text().splitlines()
    assert listed[-1] == f"{found.module}.v" and not any(name.endswith("_tb.v") for name in listed)
    command = ["iverilog", "-g2005", "-Wall", "-o", "/dev/null", "-s", found.module, *listed]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (result.returncode, result.stdout + result.stderr) == (0, "")


def test_layers_may_have_any_name_that_verilog_takes(tmp_path):
    path = random_networks.write(tmp_path, 5)
    document = yaml.safe_load(path.read_text())
    for index, layer in enumerate(document["layers"]):
        layer["name"] = f"Layer_{index}_with_a_name_that_is_rather_long"
    path.write_text(yaml.safe_dump({**document, "name": "MyNet"}))
    network = description.load(path)
    found = system.plan_system(plan.plan_network(network, replace(rate.fold(network, 2000), reload=True)))
    top = system.design_files(found)["MyNet_axi.v"]
    assert all(f".m_axil_{window.name}_awaddr" in top for window in found.windows) and len(found.windows) == 3


def test_the_c_header_holds_the_addresses_of_the_description(tmp_path):
    found = around("sfc", "fix", reload=True)
    said = json.loads(system.description(found))
    (tmp_path / "sfc_axi.h").write_text(system.header(found))
    checks = []
    for prefix, name, base in (("FINN_CTRL", "ctrl", 0), ("FINN_DMA", "dma", said["windows"][0]["base"])):
        for register, entry in said["maps"][name]["registers"].items():
            checks.append(f'_Static_assert({prefix}_{register} == {base + entry["offset"]}u, "{register}");')
    for window in said["windows"][1:]:
        checks.append(f'_Static_assert(FINN_{window["name"].upper()}_BASE == {window["base"]}u, "window");')
    (tmp_path / "check.c").write_text('#include "sfc_axi.h"\n' + "\n".join(checks) + "\n")
    subprocess.run(["gcc", "-std=c11", "-Wall", "-Werror", "-pedantic", "-c", "check.c"], cwd=tmp_path, check=True)
    assert len(checks) > 30


def test_a_stage_must_not_have_the_name_of_a_part():
    net = around("sfc").net
    taken = replace(net.stages[1], plan=replace(net.stages[1].plan, module="sfc_axi_dma"))
    with pytest.raises(InputError, match="sfc_axi_dma is the name of a stage"):
        system.plan_system(replace(net, stages=(net.stages[0], taken, *net.stages[2:])))


def test_the_digest_tells_parameters_apart(tmp_path):
    first, second = (random_plan(tmp_path / str(seed), seed) for seed in (1, 2))
    assert system.plan_digest(first) != system.plan_digest(second)
    assert system.plan_digest(first) == json.loads(system.description(system.plan_system(first)))["plan_digest"]


def test_control_and_dma_are_counted():
    found = around("cnv")
    alone = found.net.resources
    assert 0 < found.resources.lut - alone.lut < 4000
    assert found.resources.ff > alone.ff


def test_register_maps_fit_their_windows():
    found = around("cnv")
    assert ctrl.register_map(found.ctrl).size <= found.dma_base
    assert dma.register_map(found.dma).size <= 1 << WINDOW_BITS


def test_the_same_plan_gives_the_same_bytes(tmp_path):
    first, second = (system.plan_system(random_plan(tmp_path, 3)) for _ in range(2))
    assert system.bundle(first).folder() == system.bundle(second).folder()
    assert set(accelerator.design_files(first.net)) < set(system.bundle(first).folder())
