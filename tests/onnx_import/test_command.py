# SPDX-License-Identifier: Apache-2.0
"""`finn-gen import`, and ONNX files in the place of a description."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from finn_gen import cli
from finn_gen.base.errors import InputError
from finn_gen.formats import description
from finn_gen.formats import onnx as importer
from finn_gen.formats.onnx.nodes import HANDLERS
from finn_gen.request import Request
from finn_sim import reference
from tests.lib.onnx_models import Builder
from tests.lib.paths import ROOT

MODEL = Path(__file__).parent / "models" / "sfc_like.onnx"
PAGE = (ROOT / "docs" / "import-onnx.md").read_text()


def test_an_import_writes_a_network_its_parameters_and_a_report(tmp_path, capsys):
    assert cli.main(["import", str(MODEL), "-o", str(tmp_path / "out")]) == 0
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"network.yaml", "parameters.npz", "report.md"}
    assert "1x1x64" not in capsys.readouterr().err
    written = description.load(tmp_path / "out" / "network.yaml")
    imported = importer.load(MODEL).network
    assert written == imported
    images = np.random.default_rng(1).integers(0, 256, (9, 8, 8, 1), np.uint8)
    assert np.array_equal(reference.scores(written, images), reference.scores(imported, images))
    report = (tmp_path / "out" / "report.md").read_text()
    for words in (
        "encoding threshold",
        "(Gemm)",
        "32x64, -1 to 1",
        "-64 to 64",
        "give the numbers of qonnx's execution",
    ):
        assert words in report
    assert cli.main(["plan", str(tmp_path / "out" / "network.yaml")]) == 0


def test_the_same_file_gives_the_same_bytes():
    assert importer.load(MODEL).files() == importer.load(MODEL).files()


def test_nothing_is_written_of_what_is_refused(tmp_path, capsys):
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(MODEL.read_bytes()[:-900])
    assert cli.main(["import", str(bad), "-o", str(tmp_path / "out")]) == 2
    assert str(bad) in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_name_a_range_and_a_label_are_taken(tmp_path):
    b = Builder((1, 4))
    b.add("BipolarQuant", 1.0)
    b.add("MatMul", np.ones((4, 3)))
    onnx.save(b.model(), tmp_path / "case.onnx")
    with pytest.raises(InputError, match=r"quantised to one level, whatever the byte.*--input-range"):
        importer.load(tmp_path / "case.onnx")
    arguments = ["--input-range", "-1", "1", "--name", "mine", "--label", "-o", str(tmp_path / "out")]
    assert cli.main(["import", str(tmp_path / "case.onnx"), *arguments]) == 0
    network = description.load(tmp_path / "out" / "network.yaml")
    assert (network.name, network.encoding, network.layers[-1].kind) == ("mine", "threshold", "label")
    # A keyword of Verilog is no name of a module.
    assert importer.load(tmp_path / "case.onnx", (-1.0, 1.0)).network.name == "net_case"


def test_an_onnx_file_is_a_network_wherever_one_is_asked_for(tmp_path):
    asked = Request.from_mapping("", {"network": str(MODEL)})
    network, home = asked.load()
    assert (network.name, home) == ("sfc_like", MODEL.parent)
    assert asked.words()["network"] == str(MODEL)
    assert asked.plan().network == network
    with pytest.raises(InputError, match="an ONNX file has its own parameters"):
        Request.from_mapping("", {"network": str(MODEL), "parameters": "other.npz"}).load()
    (tmp_path / "names").write_text("\n".join("abcdefghij"))
    named = Request.from_mapping("", {"network": str(MODEL), "classes": str(tmp_path / "names")})
    assert named.load()[0].classes == tuple("abcdefghij")
    with pytest.raises(InputError, match=r"none\.onnx: cannot be read"):
        Request.from_mapping("", {"network": str(tmp_path / "none.onnx")}).load()


def test_without_the_packages_it_is_said_what_brings_them(tmp_path):
    # In a process of its own, which qonnx is kept from.
    program = "import sys; sys.modules['qonnx'] = None; from finn_gen import cli; sys.exit(cli.main(sys.argv[1:]))"
    command = [sys.executable, "-c", program, "import", str(MODEL), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert "pip install onnx qonnx" in done.stderr


def test_the_page_has_every_node_that_is_taken():
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    named = {word for row in rows for word in re.findall(r"`(\w+)`", row)}
    assert set(HANDLERS) <= named


def test_the_example_of_the_page_is_imported(tmp_path):
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    ast.parse(program)
    pytest.importorskip("brevitas", reason="Brevitas is not installed: pip install brevitas onnxoptimizer")
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True)
    assert cli.main(["import", str(tmp_path / "mine.onnx"), "-o", str(tmp_path / "mine")]) == 0


@pytest.mark.lengthy
def test_an_onnx_file_is_simulated_by_one_command(tmp_path):
    command = [sys.executable, "-m", "tools.run", str(MODEL), "--count", "2", "--tool", "icarus"]
    from PIL import Image

    for index in range(2):
        Image.fromarray(np.random.default_rng(index).integers(0, 256, (8, 8), np.uint8)).save(tmp_path / f"{index}.png")
    done = subprocess.run([*command, "--images", str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
