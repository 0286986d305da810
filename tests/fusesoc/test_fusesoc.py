# SPDX-License-Identifier: Apache-2.0
"""The library as FuseSoC sees it, from this repository and from another one."""

import json
import re
from pathlib import Path

import pytest
from fusesoc.config import Config
from fusesoc.fusesoc import Fusesoc
from fusesoc.vlnv import Vlnv

from finn_gen import ip
from tests.lib.commands import fusesoc
from tests.lib.paths import ROOT
from tests.lib.recorded import check_views

CORE = """CAPI=2:
name: acme:test:bridge:1.0.0
filesets:
  rtl:
    depend: [finn::cores]
  bench:
    files: [bench.v]
    file_type: verilogSource
generate:
  narrow:
    generator: finn_ip
    parameters: {ip: dwc, name: acme_narrow, in_width: 24, out_width: %s}
targets:
  default:
    flow: sim
    flow_options: {tool: icarus, iverilog_options: [-g2005]}
    filesets: [rtl, bench]
    generate: [narrow]
    toplevel: bench
"""
STAGES = sorted(path.stem for path in (ROOT / "ip").glob("*/*.core") if ip.get(path.stem).timing)
"""Cores that are stages of a chain; their benches have the tests of the shared environment."""
BENCH = """`default_nettype none
module bench;
    reg         aclk = 0, aresetn = 0, valid = 0;
    wire        ready, out_valid;
    wire [15:0] out;
    reg  [47:0] got = 0;
    integer     words = 0;
    always #5 aclk = !aclk;
    acme_narrow u_narrow (
        .aclk (aclk), .aresetn (aresetn),
        .s_axis_tdata (24'h332211), .s_axis_tvalid (valid), .s_axis_tready (ready),
        .m_axis_tdata (out), .m_axis_tvalid (out_valid), .m_axis_tready (1'b1));
    initial begin
        repeat (3) @(negedge aclk);
        aresetn = 1;
        @(negedge aclk) valid = 1;
    end
    always @(posedge aclk)
        if (aresetn && out_valid) begin
            got = {out, got[47:16]};
            words = words + 1;
            if (words == 3) begin
                if (got === 48'h332211332211) $display("BRIDGE OK");
                $finish;
            end
        end
    initial #1000 $finish;
endmodule
"""


def bridge(folder: Path, out_width: object) -> None:
    (folder / "bridge.core").write_text(CORE % out_width)
    (folder / "bench.v").write_text(BENCH)


def test_a_core_of_another_repository_gets_its_own_converter(tmp_path):
    bridge(tmp_path, 16)
    result = fusesoc(tmp_path, "run", "acme:test:bridge", roots=(ROOT,))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "BRIDGE OK" in result.stdout
    # What the tools see is not touched by a second run, so that they do not build again.
    (seen,) = tmp_path.glob("build/**/src/**/acme_narrow.v")
    first = seen.stat().st_mtime_ns
    assert fusesoc(tmp_path, "run", "acme:test:bridge", roots=(ROOT,)).returncode == 0
    assert seen.stat().st_mtime_ns == first


@pytest.mark.parametrize("width", [0, "wide"])
def test_a_wrong_parameter_in_another_repository_fails_with_one_sentence(width, tmp_path):
    bridge(tmp_path, width)
    result = fusesoc(tmp_path, "run", "acme:test:bridge", roots=(ROOT,))
    assert result.returncode != 0
    said = result.stdout + result.stderr
    assert "ERROR: finn_ip, asked by acme:test:bridge-narrow:1.0.0: dwc: out_width=" in said
    assert "it must be a whole number from 1 to 8192" in said
    assert "Traceback" not in said
    assert result.stderr.splitlines()[-1].startswith("ERROR: finn_ip, asked by"), "FuseSoC's own lines come before it"
    assert not list(tmp_path.glob("build/**/acme_narrow.v"))


ACCELERATOR = """CAPI=2:
name: acme:test:net:1.0.0
filesets:
  rtl: {depend: [finn::cores]}
generate:
  net: {generator: finn_accelerator, parameters: {network: %s, fps: 1e12}}
targets:
  default:
    flow: %s
    flow_options: {tool: icarus}
    filesets: [rtl]
    generate: [net]
    toplevel: sfc
"""


@pytest.mark.parametrize("flow", ["finn_sim", "sim"])
def test_what_a_generator_refuses_is_said_last_and_once_more(flow: str, tmp_path: Path) -> None:
    (tmp_path / "net.core").write_text(ACCELERATOR % (ROOT / "accel" / "sfc" / "sfc.yaml", flow))
    done = fusesoc(tmp_path, "run", "acme:test:net", roots=(ROOT,))
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[-1].endswith("fps=1e+12 at 200 MHz: less than a cycle an image; legal is up to 2e+08")
    assert lines.count(lines[-1]) == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("core", STAGES)
def test_a_core_runs_its_own_tests(core: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCOTB_TEST_FILTER", "test_full_source_full_sink")  # one of them, for the wiring
    result = fusesoc(tmp_path, "run", "--target", "sim", f"finn:ip:{core}", "--tool", "icarus", roots=(ROOT,))
    assert result.returncode == 0, result.stdout + result.stderr
    assert "TESTS=1 PASS=1" in result.stdout + result.stderr


@pytest.mark.parametrize("tool", ["icarus", "verilator"])
def test_a_cores_own_tests_are_recorded_when_told_so(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COCOTB_TEST_FILTER", "test_full_source_full_sink")
    monkeypatch.setenv("WAVES", "1")
    result = fusesoc(tmp_path, "run", "--target", "sim", "finn:ip:dwc", "--tool", tool, roots=(ROOT,))
    assert result.returncode == 0, result.stdout + result.stderr
    (recording,) = tmp_path.glob("build/*/sim/finn_dwc.fst")
    assert f"surfer --command-file {recording.relative_to(tmp_path).with_suffix('.sucl')}" in result.stdout
    streams = [f"{bus}_{name}" for bus in ("s_axis", "m_axis") for name in ("tdata", "tlast", "tvalid", "tready")]
    check_views(recording, [f"finn_dwc.{name}" for name in ("aclk", "aresetn", *streams)])


LINTED = sorted(
    path for folder in ("ip", "rtl") for path in (ROOT / folder).glob("*/*.core") if path.parent.name != "xc7"
)


@pytest.mark.parametrize("path", LINTED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_core_is_linted(path: Path, tmp_path: Path) -> None:
    name = re.search(r"^name: (\S+)$", path.read_text(), re.M)[1]
    result = fusesoc(tmp_path, "run", "--target", "lint", name, roots=(ROOT,))
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("core", ["finn:ip:dwc", "finn:rtl:reg_slice"])
def test_a_core_is_synthesized(core: str, tmp_path: Path) -> None:
    result = fusesoc(tmp_path, "run", "--target", "synth", core, roots=(ROOT,))
    assert result.returncode == 0, result.stdout + result.stderr
    (area,) = tmp_path.glob("build/*/synth/*.area.json")
    found = json.loads(area.read_text())
    assert found["ff"] > 0 and f"{found['ff']:>8}  flip-flops" in result.stdout


def test_what_yosys_refuses_fails_with_its_words(tmp_path: Path) -> None:
    (tmp_path / "broken.v").write_text(
        "module broken (input wire a, output wire b);\n    missing u (a, b);\nendmodule\n"
    )
    (tmp_path / "broken.core").write_text(
        "CAPI=2:\nname: acme:test:broken:1.0.0\n"
        "filesets:\n  rtl: {files: [broken.v], file_type: verilogSource}\n"
        "targets:\n  default: {flow: finn_synth, filesets: [rtl], toplevel: broken}\n"
    )
    result = fusesoc(tmp_path, "run", "acme:test:broken")
    assert result.returncode == 1
    assert "Yosys failed" in result.stderr + result.stdout and "missing" in result.stderr + result.stdout


def test_the_front_door_depends_on_every_core():
    manager = Fusesoc(Config(str(ROOT / "fusesoc.conf"))).cm
    cores = {name for name in map(str, manager.get_cores()) if name.startswith(("finn:ip:", "finn:rtl:"))}
    assert cores
    front_door = Vlnv("finn::cores")
    flags = {**manager.get_core(front_door).get_flags("default"), "is_toplevel": True}
    assert cores <= {str(core.name) for core in manager.get_depends(front_door, flags)}
    # A core of another library gets the building blocks, and no IP that it did not ask for.
    seen = {str(core.name) for core in manager.get_depends(front_door, {"is_toplevel": False})}
    assert {name for name in cores if ":rtl:" in name} == {name for name in cores if name in seen}
