# SPDX-License-Identifier: Apache-2.0
"""The search for a folding against trying all foldings, and what must hold of any two rates."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from xml.etree import ElementTree

import pytest

from finn_gen import cli, family, request
from finn_gen.base.errors import InputError
from finn_gen.family.resources import Resources
from finn_gen.formats import description
from finn_gen.network import lanes, model
from finn_gen.plan import folding, rate
from finn_gen.plan import network as plan
from finn_gen.plan.candidates import dear
from finn_gen.plan.chain import total
from finn_gen.plan.cheapest import cheapest
from finn_gen.plan.folding import Folding, LayerFolding
from finn_gen.plan.objective import UNIT, Weights
from finn_gen.plan.search import Parts, Search
from tests.lib import random_networks

SEED = int(os.environ.get("SEED", "1"))
FEW = 150
"""Foldings that are tried one by one in a test."""
WEIGHTS = {
    "device": rate.DEFAULT_WEIGHTS,
    "lut": Weights.parse("lut=1"),
    "bram": Weights.parse("bram36=1"),
    "ff": Weights.parse("lut=0.1,ff=3,bram36=10"),
}


def foldings(network: model.Network, target: int, reload: bool) -> Iterator[Folding]:
    """All of a network, for a target."""
    first = plan.plan_input(network, target)
    options = []
    for layer in network.layers:
        if layer.matrix:
            columns = plan.padded_columns(network, layer, first)
            pairs = itertools.product(lanes.legal_pe(layer), lanes.legal_simd(layer, columns))
            folds = [LayerFolding(*pair, s) for pair in pairs for s in ("auto", "lut", "block")]
            several = [folding.whole(layer, pixels) for pixels in folding.pixels_of(layer, reload)[1:]]
            folds = [fold for fold in folds if folding.reaches(layer, fold, target, columns)]
            # Several pixels at once where one at a time is too slow, and then the fewest.
            folds = folds or [fold for fold in several if folding.reaches(layer, fold, target)][:1]
            options.append([(layer.name, fold) for fold in folds])
    for chosen in itertools.product(*options):
        yield Folding("tried", dict(chosen), target, reload=reload)


def cost(network: model.Network, chosen: Folding, weights: Weights) -> int | None:
    """What the stages cost; None for what cannot be built, or is too slow."""
    try:
        stages = plan.without_fifos(network, chosen)
    except InputError:
        return None
    return weights.cost(total(stages)) if max(stage.cycles for stage in stages) <= chosen.target else None


def size(network: model.Network) -> int:
    """How many foldings a network has."""
    count = 1
    for layer in network.layers:
        if layer.matrix:
            count *= 3 * len(lanes.legal_pe(layer)) * len(lanes.legal_simd(layer))
    return count


def estimated(network: model.Network) -> bool:
    """Whether a unit has so many constants that the search goes by an estimate of it."""
    known = Parts(network).candidates(plan.plan_input(network, request.ANY))
    return any(dear(each.params) for own in known for each in own.all)


def small(folder: Path, rng: Random, most: int = FEW) -> model.Network:
    """A random network of at least two foldings, and at most so many, all of whose units the search plans exactly."""
    while True:
        begin = rng.choice((0, random_networks.SEVERAL_BITS, random_networks.SEVERAL_PIXELS))
        seed = begin + rng.randrange(random_networks.SEVERAL_BITS)
        network = description.load(random_networks.write(folder, seed))
        if 3 < size(network) <= most and not estimated(network):
            print(f"network of seed {seed}: {size(network)} foldings")
            return network


def targets(network: model.Network, rng: Random, count: int) -> list[int]:
    """Random cycles an image that a folding of a network reaches."""
    slow = max(stage.cycles for stage in plan.without_fifos(network, rate.fold(network, request.ANY)))
    found = [max(1, round(2 * slow ** rng.random())) for _ in range(count)]
    return [target for target in found if reached(network, target)] or [request.ANY]


def reached(network: model.Network, target: int) -> bool:
    try:
        rate.fold(network, target)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("seed", range(SEED, SEED + 2))
@pytest.mark.parametrize("name", WEIGHTS)
def test_no_folding_costs_less_than_the_one_that_is_found(name, seed, tmp_path):
    rng, weights = Random(f"{name} {seed}"), WEIGHTS[name]
    network, reload = small(tmp_path, rng), rng.random() < 0.3
    for target in targets(network, rng, 2):
        print(f"SEED={seed}, {target} cycles, reload={reload}")
        search = Search(Parts(network, reload=reload), weights)
        found = cost(network, search.fold(target), weights)
        assert found == search.cost(target)
        tried = (cost(network, each, weights) for each in foldings(network, target, reload))
        assert found == min(each for each in tried if each is not None)


@pytest.mark.parametrize(
    ("seed", "target", "pixels"),
    [(2219, 5, (8, 1, 1)), (2700, 19, (2, 2, 1)), (2959, 10, (8, 4, 1)), (2959, 15, (4, 2, 1)), (2959, 25, (2, 1, 1))],
)
def test_no_folding_of_the_fewest_pixels_costs_less(seed, target, pixels, tmp_path):
    network, weights = description.load(random_networks.write(tmp_path, seed)), WEIGHTS["device"]
    search = Search(Parts(network), weights)
    chosen = search.fold(target)
    assert tuple(fold.pixels for fold in chosen.layers.values()) == pixels
    found = cost(network, chosen, weights)
    tried = (cost(network, each, weights) for each in foldings(network, target, False))
    assert found == search.cost(target) == min(each for each in tried if each is not None)


@pytest.mark.parametrize("seed", range(SEED, SEED + 3))
def test_a_larger_rate_never_costs_less_than_a_smaller_one(seed, tmp_path):
    rng = Random(seed)
    network = description.load(random_networks.write(tmp_path, rng.randrange(2 * random_networks.SEVERAL_BITS)))
    print(f"SEED={seed}")
    search = Search(Parts(network), rate.DEFAULT_WEIGHTS)
    asked = sorted(targets(network, rng, 8))
    costs = []
    for target in asked:
        stages = plan.with_smallest_fifos(network, cheapest(network, search, target))
        assert max(stage.cycles for stage in stages) <= target
        costs.append(search.weights.cost(total(stages)))
    assert costs == sorted(costs, reverse=True), dict(zip(asked, costs, strict=True))


@pytest.mark.lengthy
def test_the_carried_networks_cost_no_more_than_what_was_found_by_hand():
    for name, target, weights, luts, blocks in (
        ("cnv", 8_192, "", 21_034, 45),
        ("sfc", 16, "lut=1,bram36=400", 35_400, 0),
        ("lfc", 128, "lut=1,bram36=120", 23_461, 315.5),
    ):
        network, _ = request.load(name)
        search = Search(Parts(network), Weights.parse(weights) if weights else rate.DEFAULT_WEIGHTS)
        used = plan.plan_network(network, cheapest(network, search, target)).resources
        assert (used.lut <= luts, used.bram18 / 2 <= blocks) == (True, True), (name, used)


def test_weights_are_those_of_the_device_unless_they_are_given():
    weights = Weights.of_device(Resources(200, 400, 50))
    assert (weights.lut, weights.ff, weights.bram18) == (UNIT, UNIT // 2, 4 * UNIT)
    given = Weights.parse("bram36=400, lut=1")
    assert given.cost(Resources(3, 0, 2)) == 403 * UNIT
    # What weighs nothing tells apart what costs the same else.
    assert given.cost(Resources(3, 5, 2)) == 403 * UNIT + 5
    assert str(given) == "1 a LUT, 400 a BRAM36"
    assert request.Request("sfc", device="lfe5u-25f").weights == Weights.of_device(request.device("lfe5u-25f"))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "it must be KIND=WEIGHT"),
        ("luts=1", "kinds are lut, ff, bram36"),
        ("lut", "it must be 0 or a number"),
        ("lut=1,lut=2", "lut is given twice"),
        ("lut=-1", "it must be 0 or a number"),
        ("lut=nan", "it must be 0 or a number"),
        ("lut=inf", "it must be 0 or a number"),
        ("lut=1e-9", "it must be 0 or a number"),
        ("lut=0,ff=0", "one of them must be more than 0"),
    ],
)
def test_weights_that_are_none_are_refused(text, rule):
    with pytest.raises(InputError, match=rule):
        Weights.parse(text)


def test_weights_change_where_memories_lie(capsys, tmp_path):
    blocks = {}
    for weight in ("lut=1", "bram36=1"):
        assert cli.main(["plan", "sfc", "--fps", "100000", "--weight", weight, "-o", str(tmp_path / "plan.json")]) == 0
        text = capsys.readouterr().out
        blocks[weight] = float(next(line for line in text.splitlines() if line.startswith("sum")).split()[-1])
        # The plan says where they lie itself: planned again without weights it is the same.
        assert cli.main(["plan", "sfc", "--folding", str(tmp_path / "plan.json"), "-o", str(tmp_path / "again")]) == 0
        capsys.readouterr()
        assert (tmp_path / "again").read_text() == (tmp_path / "plan.json").read_text()
    assert blocks["bram36=1"] == 0 < blocks["lut=1"]


@pytest.mark.parametrize("folding", ["paper", ""])
def test_weights_are_refused_where_nothing_is_searched(folding, capsys):
    asked = ["--folding", folding] if folding else []
    assert cli.main(["plan", "sfc", *asked, "--weight", "lut=1"]) == 2
    assert "it is for foldings that are searched" in capsys.readouterr().err


def test_max_takes_block_rams_where_luts_run_out():
    network, home = request.load("cnv")
    limit = request.device("xc7z020")
    weights = Weights.of_device(limit)
    found = request.by_name(network, home, "max", limit, weights=weights)
    assert total(plan.without_fifos(network, found)).fits(limit)
    # By the device's weights alone an image takes 1,152 cycles.
    assert found.target == 1024


@pytest.mark.parametrize("name", family.NAMES)
def test_the_search_is_by_what_a_family_costs(name, tmp_path):
    network = small(tmp_path, Random(3))
    weights = Weights.of_device(next(iter(family.get(name).devices.values())))
    search = Search(Parts(network, name), weights)
    target = targets(network, Random(SEED), 1)[0]
    found = search.fold(target)
    assert found.family == name
    assert weights.cost(total(plan.without_fifos(network, found))) == search.cost(target)


def test_the_front_is_of_foldings_that_can_be_built_and_that_nothing_beats(tmp_path, monkeypatch, capsys):
    path, clock = random_networks.write(tmp_path, 6), 150.0
    asked = ["plan", str(path), "--pareto", str(tmp_path / "front"), "--clock", f"{clock:g}"]
    assert cli.main(asked) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:-1]]
    figures = []
    for line in lines:
        found = request.Request(str(path), folding=str(tmp_path / "front" / f"{line[-1]}.yaml"), clock=clock).plan()
        used = found.resources
        assert line[0] == f"{found.fps:,.0f}"
        assert line[1:5] == [f"{found.interval:,}", f"{used.lut:,}", f"{used.ff:,}", f"{used.bram18 / 2:g}"]
        figures.append((found.interval, used.lut, used.bram18))
    assert figures == sorted(set(figures), key=lambda each: (each[0], -each[1]))
    for one, other in itertools.permutations(figures, 2):
        assert any(a < b for a, b in zip(one, other, strict=True))
    drawn = ElementTree.parse(next((tmp_path / "front").glob("*.svg")))
    dots = [each for each in drawn.iter("{http://www.w3.org/2000/svg}circle") if len(each)]
    assert len(dots) == 2 * len(lines)
    assert "prefers-color-scheme: dark" in next((tmp_path / "front").glob("*.svg")).read_text()


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        (["--fps", "1000"], "it goes over all rates"),
        (["--device", "xc7z007s", "--weight", "x=1"], "kinds are lut, ff, bram36"),
    ],
)
def test_a_front_of_one_rate_is_refused(more, rule, tmp_path, capsys):
    assert cli.main(["plan", "sfc", "--pareto", str(tmp_path / "front"), *more]) == 2
    assert rule in capsys.readouterr().err
    assert not (tmp_path / "front").exists()


def test_a_roofline_is_printed_and_drawn(tmp_path, capsys):
    drawing = tmp_path / "roof.svg"
    assert cli.main(["plan", "sfc", "--folding", "fix", "--device", "xc7z020", "--roofline", str(drawing)]) == 0
    text = capsys.readouterr().out
    found = request.Request("sfc", folding="fix", device="xc7z020").plan()
    bounds = {line.split()[0]: line.split() for line in text.split("bound  ")[1].split("\n\n")[0].splitlines()[1:]}
    assert set(bounds) == {"LUT", "FF", "BRAM", "memory"}
    fps = found.fps * 53_200 / found.resources.lut
    assert bounds["LUT"][2] == f"{fps:,.0f}"
    layers = text.split("layer  ")[1].splitlines()[1:-1]
    assert [line.split()[0] for line in layers] == ["l0", "l1", "l2", "l3", "sfc"]
    assert layers[-1].split()[-2:] == [f"{found.resources.lut:,}", f"{found.resources.bram18 / 2:g}"]
    root = ElementTree.parse(drawing).getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {each.text for each in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"all LUT", "memory port", "sfc"} <= texts
