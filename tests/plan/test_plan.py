# SPDX-License-Identifier: Apache-2.0
"""Plans of networks: folding, input, chain, what they refuse."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
import yaml

from finn_gen import cli, request
from finn_gen.base.errors import InputError
from finn_gen.base.files import write_tree
from finn_gen.emit import accelerator, system
from finn_gen.formats import description, params_npz
from finn_gen.ip.input.plan import InputPlan
from finn_gen.network import lanes, model
from finn_gen.plan import chain, fifo_sizing, folding, rate, table
from finn_gen.plan import network as plan
from finn_gen.plan.input import InputWish, plan_input
from finn_gen.plan.search import Parts, Search
from finn_gen.timing import chain as cycle_model
from tests.lib import random_networks
from tests.lib.carried import carried
from tests.lib.paths import ROOT

# The figures asked for: interval at most, latency at most, in cycles.
FIGURES = {
    ("sfc", "paper"): (16, 62),
    ("lfc", "paper"): (128, 400),
    ("cnv", "paper"): (8_192, 36_000),
    ("sfc", "fix"): (16_384, None),
    ("lfc", "fix"): (16_384, None),
    ("cnv", "fix"): (16_384, None),
}


@pytest.fixture(scope="module")
def networks() -> dict[str, tuple[model.Network, Path]]:
    return {name: request.load(name) for name in ("sfc", "lfc", "cnv")}


def without_fifos(name: str, chosen: str) -> list[chain.Stage]:
    return [stage for stage in carried(name, chosen).stages if not stage.inserted]


def small(folder: Path, layers: list[dict], matrices: list[tuple[int, int]], **source) -> model.Network:
    """A network of these layers with random bits; the last matrix has no thresholds."""
    rng = np.random.default_rng(1)
    made = []
    for index, (rows, cols) in enumerate(matrices):
        thresholds = None if index == len(matrices) - 1 else np.full((rows, 1), cols // 2, np.int32)
        made.append(params_npz.Matrix(rng.integers(0, 2, (rows, cols), np.uint8), thresholds))
    (folder / "net.npz").write_bytes(params_npz.to_bytes(tuple(made)))
    text = {"format": 1, "name": "net", "input": source, "parameters": "net.npz", "layers": layers}
    (folder / "net.yaml").write_text(yaml.safe_dump(text))
    return description.load(folder / "net.yaml")


@pytest.mark.parametrize(("name", "chosen"), FIGURES)
def test_the_papers_networks_reach_the_asked_figures(name, chosen):
    found = carried(name, chosen)
    interval, latency = FIGURES[name, chosen]
    assert found.interval <= interval
    assert latency is None or found.latency <= latency


def test_a_rate_is_reached(networks):
    network, _ = networks["cnv"]
    found = plan.plan_network(network, request.by_rate(network, 5_000, 100.0), 100.0)
    assert found.fps >= 5_000
    assert found.interval <= found.folding.target == 20_000


def test_an_impossible_rate_names_the_layer_and_the_best(networks):
    network, _ = networks["cnv"]
    # 32 rows of four words of eight pixels enter the first layer; the fourth takes all of its columns in two cycles.
    with pytest.raises(InputError, match=r"cnv: l0: 127 cycles an image are asked for; the best possible is 128"):
        rate.fold(network, 127)
    with pytest.raises(InputError, match=r"cnv: l3: 199 cycles an image are asked for; the best possible is 200"):
        rate.fold(network, 199)
    # Copies cannot be written.
    with pytest.raises(InputError, match=r"cnv: l0: 900 cycles an image are asked for; the best possible is 1024"):
        rate.fold(network, 900, reload=True)
    with pytest.raises(InputError, match=r"fps=3e\+08 at 200 MHz: less than a cycle an image; legal is up to 2e\+08"):
        rate.cycles_for(3e8, 200.0)


@pytest.mark.parametrize("target", [1024, 200])
def test_the_fastest_possible_folding_is_possible(networks, target):
    network, _ = networks["cnv"]
    stages = plan.without_fifos(network, rate.fold(network, target))
    assert max(stage.cycles for stage in stages) <= target


@pytest.mark.parametrize(
    ("target", "pixels"), [(1024, [1] * 6), (900, [2, 1] + [1] * 4), (512, [2, 2] + [1] * 4), (200, [8, 8, 1, 1, 1, 1])]
)
def test_layers_take_the_fewest_pixels_that_reach_the_rate(networks, target, pixels):
    network, _ = networks["cnv"]
    search = Search(Parts(network), rate.DEFAULT_WEIGHTS)
    assert search.pixels(target) == max(pixels)
    within = [each.within(target) for each in search.parts.candidates(plan_input(network, target))]
    assert [{found.params.pixels for found in each} for each in within[:6]] == [{pixel} for pixel in pixels]


def several_pixels(folder: Path) -> model.Network:
    """Images of 6 rows of 12 pixels, one conv layer and one dense one."""
    layers = [{"kind": "conv", "name": "l0", "channels": 4, "kernel": 3}, {"kind": "dense", "name": "l1", "units": 3}]
    return small(folder, layers, [(4, 18), (3, 160)], height=6, width=12, channels=2, encoding="bits")


def test_the_next_faster_plan_of_a_pixel_a_cycle_takes_two(tmp_path):
    network = several_pixels(tmp_path)
    found = plan.plan_network(network, rate.fold(network, 72))
    assert found.interval == 72 and {fold.pixels for fold in found.folding.layers.values()} == {1}
    assert "with PE/SIMD of l0 4/18 of 2 pixels" in table.next_step(found)
    assert "l0        pixels 1 2 4 8 (several with pe 4, simd 18)" in table.legal(found)
    assert "pixels" not in table.legal(plan.plan_network(network, rate.fold(network, 72, reload=True)))


def test_pixels_of_a_folding_are_read_as_they_are_written(tmp_path):
    network = several_pixels(tmp_path)
    chosen = rate.fold(network, 36)
    path = tmp_path / "folding.yaml"
    path.write_text(folding.as_yaml(chosen))
    assert chosen.layers["l0"] == folding.LayerFolding(4, 18, pixels=2)
    assert "  l0: {pe: 4, simd: 18, storage: auto, pixels: 2}\n" in path.read_text()
    assert folding.load(path, network).layers == chosen.layers


def test_rows_that_come_without_their_ends_are_too_slow_by_name(tmp_path):
    layers = [{"kind": "conv", "name": "l0", "channels": 4, "kernel": 3}, {"kind": "dense", "name": "l1", "units": 3}]
    network = small(tmp_path, layers, [(4, 18), (3, 144)], height=6, width=11, channels=2, encoding="bits")
    cause = "before it rows of 11 pixels pass as 66 words of 1"
    with pytest.raises(InputError, match=f"net: l0: 40 cycles an image are asked for; {cause}"):
        rate.fold(network, 40)
    # Rows of ten pixels behind the window end within words of four, and the dense layer takes pixels one by one.
    network = small(tmp_path, layers, [(4, 18), (3, 160)], height=6, width=12, channels=2, encoding="bits")
    with pytest.raises(InputError, match="net: l1: 20 cycles an image are asked for; before it rows of 10 pixels pass"):
        rate.fold(network, 20)


def test_pixels_come_as_bytes_unless_the_rate_needs_packed_bits(networks):
    network, _ = networks["sfc"]
    slow, fast = plan_input(network, 98), plan_input(network, 97)
    assert (slow.params.packed, slow.words, slow.params.word_width, slow.ports.out_width) == (False, 98, 64, 8)
    assert (fast.params.packed, fast.words, fast.params.word_width, fast.last_bits) == (True, 13, 64, 16)
    assert plan_input(network, 12).params.word_width == 128


def unit(network: model.Network, simd: int, **chosen: object) -> tuple[InputPlan, int]:
    """The input stage and the columns of the first layer of `network` with that SIMD there, PE 1 and SIMD 1 else."""
    others = {layer.name: folding.LayerFolding(1, 1) for layer in network.layers if layer.matrix}
    first = {network.layers[0].name: folding.LayerFolding(1, simd)}
    stages = plan.without_fifos(network, folding.Folding("given", others | first, **chosen))
    return stages[0].plan, next(stage.plan.params.mw for stage in stages if stage.ip.name == "mvtu")


def test_a_first_dense_layer_takes_every_divisor_of_its_columns(networks):
    network, _ = networks["sfc"]
    for simd in lanes.divisors(784):
        entry = plan_input(network, 2**40, InputWish(packed=True, simd=simd))
        # Zeros follow an image where SIMD allows it, in words of the widest input; else words are of a part of it.
        assert (entry.params.word_width, entry.words) == ((64, 13) if 832 % simd == 0 else (56, 14))
    assert [unit(network, simd, packed=True)[1] for simd in (16, 49, 392)] == [832, 784, 784]
    assert unit(network, 49)[1] == 784


def test_a_width_of_the_input_that_a_first_dense_layer_does_not_take_is_named(networks):
    network, _ = networks["sfc"]
    assert unit(network, 49, packed=True, input_width=28)[1] == 784
    cause = "input_width=64: an image of 784 bits must fill whole words for simd=49 of l0, for example of 56"
    with pytest.raises(InputError, match=f"sfc: {cause}"):
        unit(network, 49, packed=True, input_width=64)
    with pytest.raises(
        InputError, match=r"l0: simd=5; legal are 1, 2, 4, 7, 8, 13, 14, 16, 26, 28, 32, 49, 52, 56, 64"
    ):
        unit(network, 5, packed=True)


def test_columns_beyond_the_image_are_filled_up_with_weights_that_add_nothing():
    first = next(stage.plan for stage in carried("lfc", "paper").stages if stage.ip.name == "mvtu")
    assert first.params.mw == 832
    assert all(int(word, 16) >> 16 & 0xFFFF_FFFF_FFFF == 0xFFFF_FFFF_FFFF for word in first.weights.words[12::13])


def test_an_image_that_fills_no_whole_words_of_64_bits_gets_narrower_ones(tmp_path):
    layers = [{"kind": "conv", "channels": 4, "kernel": 3}, {"kind": "dense", "units": 3}]
    network = small(tmp_path, layers, [(4, 27), (3, 36)], height=5, width=5, channels=3, encoding="q1.7")
    found = plan_input(network, 1000)
    assert (found.params.word_width, found.words, found.last_bits) == (40, 15, 40)


def test_a_plan_is_a_folding_file_that_gives_the_same_plan(tmp_path):
    network = description.load(random_networks.write(tmp_path, 4))
    found = plan.plan_network(network, rate.fold(network, 700, "mine"))
    text = accelerator.plan_json(found)
    (tmp_path / "plan.json").write_text(text)
    again = plan.plan_network(network, folding.load(tmp_path / "plan.json", network))
    assert accelerator.plan_json(again) == text
    assert accelerator.accelerator_files(again) == accelerator.accelerator_files(found)


def test_fifos_are_smallest_for_the_interval():
    found, stages = carried("cnv", "paper"), without_fifos("cnv", "paper")
    depths = found.folding.fifos
    assert depths and any(depth > 2 for depth in depths.values())
    for name, depth in depths.items():
        if depth > 3:
            fewer = chain.with_fifos(stages, {**depths, name: depth - 1})
            assert cycle_model.steady([stage.plan for stage in fewer]).interval > found.interval, name


def test_without_fifos_the_paper_s_network_is_slower():
    plans = [stage.plan for stage in without_fifos("cnv", "paper")]
    assert cycle_model.steady(plans).interval > 8_192
    with pytest.raises(InputError, match="cnv_l6_mvtu: it takes 8192 cycles an image, but 8191 are asked"):
        fifo_sizing.size(plans, 8_191)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("layers: {}", "format: missing"),
        ("{format: 1, layers: {}}", "layers: l0: must be a mapping"),
        ("{format: 1, layers: {l0: {pe: 3, simd: 1}, l1: {pe: 1, simd: 1}}}", "l0: pe=3; legal are 1, 2, 4, 8"),
        (
            "{format: 1, layers: {l0: {pe: 1, simd: 5}, l1: {pe: 1, simd: 1}}}",
            "l0: simd=5; legal are 1, 2, 4, 6, 9, 12, 18, 36",
        ),
        (
            "{format: 1, layers: {l0: {pe: 8, simd: 36, pixels: 8}, l1: {pe: 1, simd: 1}}}",
            "l0: pixels=8; legal are 1, 2, 4$",
        ),
        ("{format: 1, layers: {l0: {pe: 8, simd: 36}, l1: {pe: 1, simd: 1, pixels: 2}}}", "l1: pixels=2; legal are 1$"),
        ("{format: 1, layers: {l0: {pe: 8, simd: 9, pixels: 2}, l1: {pe: 1, simd: 1}}}", "at once take pe=8, simd=36"),
        ("{format: 1, layers: {l0: {pe: 8, simd: 36, pixels: 9}, l1: {pe: 1, simd: 1}}}", "pixels: 9"),
        (
            "{format: 1, reload: true, layers: {l0: {pe: 8, simd: 36, pixels: 2}, l1: {pe: 1, simd: 1}}}",
            "pixels=2 with reload=1: copies cannot be written",
        ),
        ("{format: 1, layers: {l0: {pe: 1, simd: 1}, l1: {pe: 1, simd: 1}, l9: {}}}", "unknown field 'l9'"),
        ("{format: 1, layers: {l0: {pe: 1, simd: 1, storage: x}, l1: {pe: 1, simd: 1}}}", "one of auto, constant"),
        ("{format: 1, input_width: 7, layers: {l0: {pe: 1, simd: 1}, l1: {pe: 1, simd: 1}}}", "input_width=7"),
        ("{format: 1, reload: 1, layers: {l0: {pe: 1, simd: 1}, l1: {pe: 1, simd: 1}}}", "true or false"),
        ("{format: 1, packed: 3, layers: {l0: {pe: 1, simd: 1}, l1: {pe: 1, simd: 1}}}", "true or false"),
        ("{format: 1, name: ../x, layers: {l0: {pe: 1, simd: 1}, l1: {pe: 1, simd: 1}}}", "letters, digits"),
        ("{format: 1, fifos: {net_l1: 2}, layers: {l0: {pe: 1, simd: 1}, l1: {pe: 1, simd: 1}}}", "no stage net_l1"),
        ("{format: 1, fifos: {net_input: 0}, layers: {l0: {pe: 1, simd: 1}, l1: {pe: 1, simd: 1}}}", "net_input: 0"),
    ],
)
def test_a_wrong_folding_file_is_refused(text, error, tmp_path):
    layers = [{"kind": "conv", "name": "l0", "channels": 8, "kernel": 3}, {"kind": "dense", "name": "l1", "units": 3}]
    network = small(tmp_path, layers, [(8, 36), (3, 72)], height=5, width=5, channels=4, encoding="bits")
    path = tmp_path / "folding.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=error):
        plan.plan_network(network, folding.load(path, network))


def test_an_unknown_folding_lists_those_there_are(networks):
    network, home = networks["cnv"]
    with pytest.raises(
        InputError, match=r"folding fast: no such file; legal are a file or bnn-pynq, fix, max, modest, paper"
    ):
        request.by_name(network, home, "fast", request.device("xc7z045"))
    with pytest.raises(InputError, match="there are cnv, lfc, sfc"):
        request.load("resnet")
    with pytest.raises(InputError, match="legal are xc7z010"):
        request.device("xcu250")


@pytest.mark.parametrize("fps", [0.0, -1.0, float("nan"), 1e-310, float("inf")])
def test_a_rate_that_is_none_is_refused(fps, networks):
    with pytest.raises(InputError, match="fps="):
        request.by_rate(networks["sfc"][0], fps, 200.0)


@pytest.mark.parametrize("mhz", [0.0, -1.0, float("nan"), float("inf")])
def test_a_clock_that_is_none_is_refused(mhz, networks):
    with pytest.raises(InputError, match="clock="):
        request.by_rate(networks["sfc"][0], 1000.0, mhz)


def test_max_is_the_fastest_that_fits(tmp_path):
    network = description.load(random_networks.write(tmp_path, 6))
    some = request.by_name(network, tmp_path, "max", request.device("xc7z010"))
    assert chain.total(plan.without_fifos(network, some)).fits(request.device("xc7z010"))
    none = dataclasses.replace(request.device("xc7z010"), lut=1)
    with pytest.raises(InputError, match="no folding fits"):
        request.by_name(network, tmp_path, "max", none)


def own_copy(name: str, folder: Path) -> Path:
    """A network of accel/ in a user's folder, without the foldings that lie beside it."""
    network, _ = request.load(name)
    for path, text in description.to_files(network).items():
        (folder / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    return next(folder.glob("*.yaml"))


@pytest.mark.parametrize("name", ["fix", "max"])
def test_a_folding_that_is_computed_is_the_same_for_a_carried_network_and_a_copy_of_it(name, tmp_path, monkeypatch):
    seen = {}
    monkeypatch.setattr(request, "_fastest", lambda searches, limit, name: searches[0].fold(4096, name))
    for network in ("cnv", str(own_copy("cnv", tmp_path))):
        asked = request.Request(network, folding=name)
        seen[network] = asked.fold(*asked.load(), asked.limit)
    one, other = seen.values()
    assert one == other
    assert one.name == name


@pytest.mark.parametrize("name", request.COMPUTED)
def test_a_file_must_not_take_the_name_of_a_folding_that_is_computed(name, tmp_path):
    network = description.load(random_networks.write(tmp_path, 6))
    (tmp_path / "foldings").mkdir()
    (tmp_path / "foldings" / f"{name}.yaml").write_text("")
    with pytest.raises(InputError, match=rf"{name}.yaml: {name} is computed for every network"):
        request.by_name(network, tmp_path, name, request.device("xc7z045"))


def test_without_a_folding_the_default_is_taken_and_named(tmp_path, capsys, monkeypatch):
    path = random_networks.write(tmp_path, 6)
    network = description.load(path)

    def luts(chosen: folding.Folding) -> int:
        return chain.total(plan.without_fifos(network, chosen)).lut

    most = luts(rate.fold(network, request.ANY)) + 100
    monkeypatch.setattr(request, "MODEST_LUTS", most)
    assert cli.main(["plan", str(path)]) == 0
    assert f"folding   modest: the fastest of about {most:,} LUTs" in capsys.readouterr().out
    modest = request.by_name(network, tmp_path, "", request.device("xc7z045"))
    assert luts(modest) <= most < luts(rate.fold(network, modest.target * 3 // 4))
    assert cli.main(["plan", str(path), "--folding", "fix"]) == 0
    assert "folding " not in capsys.readouterr().out
    assert request.by_name(*request.load("sfc"), "", request.device("xc7z045")).name == "paper"


def test_modest_grows_where_no_folding_is_so_small(tmp_path, monkeypatch):
    monkeypatch.setattr(request, "MODEST_LUTS", 1)
    network = description.load(random_networks.write(tmp_path, 6))
    assert request.by_name(network, tmp_path, "modest", request.device("xc7z045")).name == "modest"


@pytest.mark.parametrize(("name", "interval"), [("sfc", 13), ("sfc", 4), ("sfc", 2), ("lfc", 98)])
def test_a_wider_input_word_is_a_step_to_a_faster_folding(name, interval, networks):
    network, _ = networks[name]
    chosen = rate.fold(network, interval)
    given = plan_input(network, interval)
    chosen = dataclasses.replace(chosen, input_width=given.params.word_width, packed=given.params.packed)
    assert rate.faster(network, chosen, interval).target == interval - 1


@pytest.mark.parametrize("seed", [6, 9, 12])
def test_no_faster_folding_is_possible_only_where_none_is(seed, tmp_path):
    network = description.load(random_networks.write(tmp_path, seed))
    chosen, interval = rate.fold(network, request.ANY), request.ANY
    while chosen:
        found = max(stage.cycles for stage in plan.without_fifos(network, chosen))
        assert found < interval
        interval = found
        try:
            chosen = rate.faster(network, chosen, interval)
        except InputError:
            chosen = None
    assert interval == 1 or not possible(network, interval - 1)


def possible(network: model.Network, target: int) -> bool:
    """Whether some folding takes an image in `target` cycles."""
    try:
        rate.fold(network, target)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("depth", [40, 64])
def test_of_many_streams_as_many_are_counted_as_there_are_counters_for(depth, tmp_path):
    layers = [{"kind": "dense", "name": f"l{index}", "units": 8} for index in range(depth)]
    network = small(tmp_path, layers, [(8, 8)] * depth, channels=8, encoding="bits")
    # Two converters a layer, and FIFOs behind all stages.
    folds = {layer.name: folding.LayerFolding((1, 8)[index % 2], 2) for index, layer in enumerate(network.layers)}
    chosen = folding.Folding("deep", folds)
    names = [stage.name for stage in plan.without_fifos(network, chosen)[:-1]]
    found = plan.plan_network(network, dataclasses.replace(chosen, fifos=dict.fromkeys(names, 2)))
    assert len(found.stages) > 126 >= len(found.boundaries) > depth
    assert found.observed[-1] is found.stages[-1]
    assert len(set(found.boundaries)) == len(found.boundaries)
    built = system.bundle(system.plan_system(found)).folder()
    assert re.search(rf"\[{len(found.boundaries) - 1}:0\] +boundary_valid", built["net.v"])
    write_tree(tmp_path / "system", built)
    command = ["iverilog", "-g2005", "-t", "null", "-Wall", "-s", "net_axi", "-c", "net_axi.f"]
    done = subprocess.run(command, cwd=tmp_path / "system", capture_output=True, text=True, check=True)
    assert "boundary" not in done.stderr


@pytest.mark.parametrize(("target", "names"), [(122, ["net_l1_dwc"]), (4000, ["net_l1_dwc0", "net_l1_dwc1"])])
def test_widths_without_a_common_divisor_are_converted_in_little_storage(target, names, tmp_path):
    layers = [{"kind": "dense", "name": "l0", "units": 3904}, {"kind": "dense", "name": "l1", "units": 2}]
    network = small(tmp_path, layers, [(3904, 8), (2, 3904)], channels=8, encoding="bits")
    folds = {"l0": folding.LayerFolding(61, 8), "l1": folding.LayerFolding(1, 64)}
    stages = plan.without_fifos(network, folding.Folding("odd", folds, target))
    converters = [stage for stage in stages if stage.ip.name == "dwc" and stage.layer == "l1"]
    assert [stage.name for stage in converters] == names
    assert chain.total(converters).ff < 2.5 * (61 + 64)


def test_the_command_prints_and_writes_a_plan(tmp_path, capsys):
    out = tmp_path / "plan.json"
    assert cli.main(["plan", "sfc", "--fps", "10000", "--legal", "-o", str(out)]) == 0
    said = capsys.readouterr().out
    for words in ("sfc_l0_mvtu", "images/s at 200 MHz", "latency", "faster", "xc7z045", "l3        pe   1 2 5 10"):
        assert words in said
    written = json.loads(out.read_text())
    assert written["interval"] <= 20_000
    assert written["stages"][0]["name"] == "sfc_input"
    assert set(written["folding"]["layers"]) == {"l0", "l1", "l2", "l3"}


def test_the_command_builds_a_folder_that_needs_nothing_else(tmp_path, capsys):
    assert cli.main(["build", "sfc", "--fps", "5000", "-o", str(tmp_path)]) == 0
    assert "sfc_tb.f to simulate" in capsys.readouterr().out
    for listing in tmp_path.glob("*.f"):
        for line in listing.read_text().splitlines():
            assert (tmp_path / line).is_file()
    text = "".join(path.read_text() for path in tmp_path.rglob("*") if path.is_file())
    assert str(ROOT) not in text


def test_reload_gives_every_matrix_a_port_and_is_part_of_the_plan(tmp_path):
    out = tmp_path / "sfc"
    assert cli.main(["build", "sfc", "--fps", "5000", "--reload", "-o", str(out)]) == 0
    text = (out / "sfc.v").read_text()
    assert all(f"s_axil_l{n}_mvtu_awaddr" in text and (out / f"sfc_l{n}_mvtu_map.h").is_file() for n in range(4))
    network, home = request.load("sfc")
    again = request.by_name(network, home, str(out / "sfc.plan.json"), request.device("xc7z045"))
    assert again.reload
    assert "s_axil_l0_mvtu_awaddr" in accelerator.accelerator_files(plan.plan_network(network, again))["sfc.v"]


def test_a_device_that_is_too_small_gets_a_warning(capsys):
    assert cli.main(["plan", "lfc", "--folding", "paper", "--device", "xc7z010"]) == 0
    assert "warning   more LUT and FF than xc7z010 has" in capsys.readouterr().out


def test_bad_input_leaves_nothing_behind(tmp_path, capsys):
    assert cli.main(["build", "cnv", "--fps", "2e6", "-o", str(tmp_path / "out")]) == 2
    assert "cycles an image are asked for" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_same_network_and_folding_give_the_same_bytes(tmp_path):
    network = description.load(random_networks.write(tmp_path, 9))
    first, second = (plan.plan_network(network, rate.fold(network, 900)) for _ in range(2))
    assert accelerator.bundle(first).folder() == accelerator.bundle(second).folder()
