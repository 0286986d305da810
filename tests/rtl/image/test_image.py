# SPDX-License-Identifier: Apache-2.0
"""What an accelerator does to images at its input."""

import subprocess
from pathlib import Path

import pytest

from finn_gen.base.library import building_block
from finn_verif.runner import simulate


@pytest.mark.parametrize(
    ("width", "words", "last_bits", "sim"),
    [
        (8, 1, 8, "icarus"),
        (3, 2, 1, "icarus"),
        (64, 5, 16, "icarus"),
        (8, 8, 8, "icarus"),
        (8, 1, 7, "icarus"),
        (8, 6, 5, "verilator"),
    ],
)
def test_every_frame_leaves_whole(width: int, words: int, last_bits: int, sim: str) -> None:
    sources = [building_block("finn_frame_guard"), building_block("finn_reg_slice")]
    parameters = {"WIDTH": width, "WORDS": words, "LAST_BITS": last_bits}
    plan = {"words": words, "last_bits": last_bits}
    simulate(sources, "finn_frame_guard", "tests.rtl.image.tb_frame_guard", parameters=parameters, plan=plan, sim=sim)


def test_every_byte_becomes_the_nearest_q17_number(tmp_path: Path) -> None:
    (tmp_path / "bench.v").write_text(
        """module bench;
        reg [7:0] p; wire [15:0] x; integer i;
        finn_q17 #(.LANES(2)) u_q17 (.pixels({p, ~p}), .numbers(x));
        initial for (i = 0; i < 256; i = i + 1) begin
            p = i; #1 $display("%0d %0d %0d", p, $signed(x[15:8]), $signed(x[7:0]));
        end
        endmodule"""
    )
    command = ["iverilog", "-g2005", "-o", "bench.vvp", "bench.v", str(building_block("finn_q17"))]
    subprocess.run(command, cwd=tmp_path, check=True)
    said = subprocess.run(["vvp", "-n", "bench.vvp"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    lines = [tuple(map(int, line.split())) for line in said.splitlines()]

    def number(byte: int) -> int:
        # The middle of [-1, 1] is between bytes 127 and 128: 2p/255 - 1, times 128, half up.
        return min((512 * byte - 65025) // 510, 127)

    assert lines == [(p, number(p), number(255 - p)) for p in range(256)]
