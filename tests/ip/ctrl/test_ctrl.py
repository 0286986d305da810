# SPDX-License-Identifier: Apache-2.0
"""Control core: the sweep on Icarus, one point on Verilator; the register map; wrong parameters."""

from pathlib import Path

import pytest

from finn_gen import __version__, ip
from finn_gen.cli import main
from finn_gen.ip.ctrl import registers as ctrl

# Of 8, 16, 32 places; counters that wrap, of just a word, of a little more.
POINTS = [
    {"boundaries": 1, "windows": "a:4", "counter_width": 10},
    {"boundaries": 2, "windows": "dma:12 layer:6", "network": "cnv", "digest": "0123456789abcdef", "interval": 8192},
    {"boundaries": 6, "windows": "dma:12", "counter_width": 32, "image_bytes": 384, "result_bytes": 8},
    {"boundaries": 14, "windows": "conv0:13 dma:12 fc:5", "counter_width": 33, "clock_khz": 142_857},
]


@pytest.mark.parametrize("point", POINTS, ids=str)
def test_every_access_and_output_is_that_of_the_model(simulate_ip, point: dict) -> None:
    simulate_ip("ctrl", "icarus", **point)


def test_the_core_does_the_same_on_verilator(simulate_ip) -> None:
    simulate_ip("ctrl", "verilator", **POINTS[1])


@pytest.mark.parametrize("width", [33, 48, 64])
def test_counters_beyond_a_word_are_read_in_two(simulate_ip, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM", "icarus")
    simulate_ip("ctrl", "icarus", bench="tests.ip.ctrl.tb_ctrl_high", boundaries=3, counter_width=width)


@pytest.mark.parametrize(
    ("windows", "bases", "address_width"),
    [
        ("dma:12", [0x1000], 13),
        ("dma:12 a:16 b:4", [0x1000, 0x10000, 0x20000], 18),
        ("a:16 dma:12 b:12 c:13", [0x10000, 0x20000, 0x21000, 0x22000], 18),
    ],
)
def test_windows_lie_behind_each_other_at_multiples_of_their_size(windows, bases, address_width) -> None:
    plan = ip.get("ctrl").build({"windows": windows})
    assert [window.base for window in plan.windows] == bases
    assert plan.address_width == address_width


def test_registers_say_what_was_built() -> None:
    plan = ip.get("ctrl").build({"boundaries": 5, "network": "cnv", "interval": 8192, "digest": "fedcba9876543210"})
    table = ctrl.register_map(plan)
    assert table["IDENTITY"].reset.to_bytes(4, "little") == b"FINN"
    assert ".".join(map(str, table["VERSION"].reset.to_bytes(3, "big"))) == __version__
    assert (table["PLAN_DIGEST_HI"].reset, table["PLAN_DIGEST_LO"].reset) == (0xFEDCBA98, 0x76543210)
    assert table["INTERVAL"].reset == 8192
    assert list(table["STALLED_HI"].offsets) == [0x40C, 0x41C, 0x42C, 0x43C, 0x44C]
    # SHA-256 of b"cnv", from sha256sum.
    assert f"{table['NAME_DIGEST_HI'].reset:08x}{table['NAME_DIGEST_LO'].reset:08x}" == "1b685c8a43705d84"


WRONG = [
    ({"windows": ""}, "windows='': it must name one window or more"),
    ({"windows": "dma"}, "'dma' must be a name (a letter"),
    ({"windows": "dma:3"}, "from 4 to 24"),
    ({"windows": "dma:12 dma:13"}, "the name dma stands twice"),
    ({"windows": "dma:12 DMA:13"}, "the name DMA stands twice"),
    ({"windows": " ".join(f"w{n}:24" for n in range(256))}, "beyond 32 bits of address"),
    ({"digest": "0123"}, "it must be 16 hexadecimal digits"),
    ({"network": "a\nb"}, "it must be up to 64 letters"),
    ({"boundaries": 127}, "a whole number from 1 to 126"),
]


@pytest.mark.parametrize(("settings", "message"), WRONG, ids=[message for _, message in WRONG])
def test_wrong_input_is_named_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture, settings: dict, message: str
) -> None:
    output = tmp_path / "out"
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    assert main(["ip", "ctrl", *words, "-o", str(output)]) == 2
    assert message in capsys.readouterr().err
    assert not output.exists()
