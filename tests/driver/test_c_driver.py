# SPDX-License-Identifier: Apache-2.0
"""The C driver, compiled for the host, against the same software model of the registers as the Python one."""

from __future__ import annotations

import ctypes
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from finn_gen.emit import weights
from tests.lib.driver_setup import LABEL_SEED, SCORES_SEED, SEEDS, Setup
from tests.lib.fake_device import MEMORY
from tests.lib.paths import ROOT

HERE = Path(__file__).resolve().parent
DRIVER = ROOT / "driver" / "c"
FLAGS = "-std=c99 -O1 -Wall -Wextra -Werror -pedantic -Wconversion -Wshadow".split()
BASE = 0x43C0_0000
HOST_H = """\
#include <stdint.h>
extern uint32_t (*host_read)(uintptr_t);
extern void (*host_write)(uintptr_t, uint32_t);
#define FINN_READ(address) host_read(address)
#define FINN_WRITE(address, value) host_write(address, value)
"""
HOST_C = """\
#include "host.h"
uint32_t (*host_read)(uintptr_t);
void (*host_write)(uintptr_t, uint32_t);
"""
READ = ctypes.CFUNCTYPE(ctypes.c_uint32, ctypes.c_size_t)
WRITE = ctypes.CFUNCTYPE(None, ctypes.c_size_t, ctypes.c_uint32)
WAIT = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
RESULTS = re.findall(r"^\s+(FINN_[A-Z_]+),?\s+/\*", (DRIVER / "finn.h").read_text(), re.M)
RESULTS.insert(0, "FINN_OK")


class Failure(ctypes.Structure):
    _fields_ = (
        ("to_memory", ctypes.c_int),
        ("flags", ctypes.c_uint32),
        ("address", ctypes.c_uint64),
        ("images", ctypes.c_uint32),
    )


class Finn(ctypes.Structure):
    _fields_ = (
        ("base", ctypes.c_size_t),
        ("patience", ctypes.c_uint32),
        ("wait", WAIT),
        ("context", ctypes.c_void_p),
        ("queued", ctypes.c_uint32),
        ("failed", Failure),
    )


def compile_c(setup: Setup, *words: str | Path) -> None:
    header = f'-DFINN_REGISTERS="{setup.path.with_suffix(".h").name}"'
    command = ["gcc", *FLAGS, header, f"-I{setup.folder}", f"-I{DRIVER}", *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Program:
    """The driver as a library on the device of a setup, whose memory it uses as the accelerator does."""

    def __init__(self, setup: Setup) -> None:
        self.setup, self.device = setup, setup.device
        (setup.folder / "host.h").write_text(HOST_H)
        (setup.folder / "host.c").write_text(HOST_C)
        path = setup.folder / "finn.so"
        compile_c(
            setup, '-DFINN_ACCESS="host.h"', "-fPIC", "-shared", "-o", path, DRIVER / "finn.c", setup.folder / "host.c"
        )
        self.library = ctypes.CDLL(str(path))
        self.library.finn_text.restype = ctypes.c_char_p
        self.library.finn_number.restype = ctypes.c_int64
        self.finn = Finn()
        self.errors: list[Exception] = []
        self.images = MEMORY + 4096
        self.results = MEMORY + (1 << 20)
        self.bind()

    def bind(self) -> None:
        """Let the library's accesses go to the device."""
        self._callbacks = READ(self._caught(self.device.read)), WRITE(self._caught(self.device.write))
        for name, callback in zip(("host_read", "host_write"), self._callbacks, strict=True):
            ctypes.c_void_p.in_dll(self.library, name).value = ctypes.cast(callback, ctypes.c_void_p).value

    def _caught(self, access: Callable) -> Callable:
        """Accesses to the device; what they raise would end a program on a board, and fails the test."""

        def call(address: int, *value: int) -> int:
            try:
                return access(address - BASE, *value) or 0
            except Exception as error:
                self.errors.append(error)
                return 0

        return call

    def call(self, name: str, *arguments: object) -> str:
        """The name of the result of a function of the driver."""
        result = RESULTS[getattr(self.library, name)(ctypes.byref(self.finn), *arguments)]
        assert not self.errors, self.errors
        return result

    def open(self) -> None:
        assert self.call("finn_open", ctypes.c_size_t(BASE)) == "FINN_OK"
        self.finn.patience = 2000

    def store(self, images: np.ndarray, first: int = 0) -> None:
        """Pack images into the device's memory."""
        size = self.setup.description.image.bytes
        for index, image in enumerate(images):
            packed = (ctypes.c_uint8 * size)()
            self.library.finn_pack(packed, image.tobytes())
            self.device.write_memory(self.images + (first + index) * size, bytes(packed))

    def numbers(self, count: int) -> np.ndarray:
        """What lies where the results are, as labels [N] or scores [N, K]."""
        result = self.setup.description.result
        parts = [self.device.read_memory(self.results + i * result.bytes, result.bytes) for i in range(count)]
        labels = result.kind == "label"
        rows = [[self.library.finn_number(part, i) for i in range(1 if labels else result.count)] for part in parts]
        return np.array(rows)[:, 0] if labels else np.array(rows)

    def job(self, first: int, count: int, name: str = "finn_start") -> str:
        image, result = self.setup.description.image.bytes, self.setup.description.result.bytes
        addresses = self.images + first * image, self.results + first * result
        return self.call(name, *map(ctypes.c_uint64, addresses), ctypes.c_uint32(count))


@pytest.fixture
def program(tmp_path: Path) -> Program:
    found = Program(Setup(tmp_path, LABEL_SEED))
    found.open()
    return found


@pytest.mark.parametrize("seed", SEEDS[1:])
def test_every_kind_of_network_is_packed_and_unpacked_as_its_header_says(seed: int, tmp_path: Path) -> None:
    setup = Setup(tmp_path, seed)
    program, images = Program(setup), setup.images(8)
    program.open()
    program.store(images)
    assert program.job(0, 8, "finn_classify") == "FINN_OK"
    np.testing.assert_array_equal(program.numbers(8), setup.expected(images))


def test_a_job_is_queued_while_another_runs_and_a_third_is_refused(program: Program) -> None:
    images = program.setup.images(24)
    program.store(images)
    assert [program.job(first, 8) for first in (0, 8, 16)] == ["FINN_OK", "FINN_OK", "FINN_QUEUE_FULL"]
    assert program.library.finn_pending(ctypes.byref(program.finn)) == 2
    assert program.call("finn_wait", 1) == "FINN_OK"
    assert program.job(16, 8) == "FINN_OK"
    assert program.call("finn_wait", 0) == "FINN_OK"
    np.testing.assert_array_equal(program.numbers(24), program.setup.expected(images))


def test_more_jobs_than_the_device_counts_are_told_apart(program: Program) -> None:
    images = program.setup.images(1)
    program.store(images)
    for _ in range(36):
        assert program.job(0, 1, "finn_classify") == "FINN_OK"
    assert program.finn.queued == 36


def test_waiting_sleeps_in_the_function_that_is_given(program: Program) -> None:
    calls = []

    def wait(context: int) -> None:
        calls.append(context)
        program.device.wait(1.0)

    program.finn.wait = WAIT(wait)
    program.finn.context = 42
    program.library.finn_interrupts(ctypes.byref(program.finn), 1)
    enable = program.device.read(program.setup.description.dma.base + 0x80)
    assert enable == sum(
        1 << field.low
        for name, field in program.setup.description.dma.registers["INTERRUPT_ENABLE"].fields.items()
        if name != "mm2s_done"
    )
    program.store(program.setup.images(4))
    assert program.job(0, 4, "finn_classify") == "FINN_OK"
    ctrl = program.setup.description.ctrl.registers["INTERRUPT_ENABLE"].offset
    assert program.device.read(ctrl) == 1
    assert calls and set(calls) == {42}
    assert program.call("finn_wait", 0) == "FINN_OK"
    assert program.device.acknowledged == 1 and "done" not in program.device.channels["S2MM"].flags
    program.library.finn_interrupts(ctypes.byref(program.finn), 0)
    assert program.device.read(program.setup.description.dma.base + 0x80) == 0


@pytest.mark.parametrize(
    ("register", "value", "result"),
    [
        ("IDENTITY", 0, "FINN_NOT_FOUND"),
        ("VERSION", 0x0001_0000, "FINN_OTHER_VERSION"),
        ("NAME_DIGEST_LO", 1, "FINN_OTHER_NETWORK"),
        ("NAME_DIGEST_HI", 1, "FINN_OTHER_NETWORK"),
        ("PLAN_DIGEST_LO", 1, "FINN_OTHER_PLAN"),
        ("PLAN_DIGEST_HI", 1, "FINN_OTHER_PLAN"),
    ],
)
def test_another_bitstream_is_refused(program: Program, register: str, value: int, result: str) -> None:
    program.device.constants[register] = value
    assert program.call("finn_open", ctypes.c_size_t(BASE)) == result


def test_wrong_arguments_are_refused_before_anything_runs(program: Program) -> None:
    assert program.job(0, 0) == "FINN_BAD_ARGUMENT"
    program.images += 4
    assert program.job(0, 1) == "FINN_BAD_ARGUMENT"
    program.images += 4
    program.results += 1
    assert program.job(0, 1) == "FINN_BAD_ARGUMENT"
    # Results within the images, and images within the results.
    sizes = program.setup.description.image.bytes, program.setup.description.result.bytes
    for images, results in ((0, 8 * (8 * sizes[0] // 8 - 1)), (8 * ((8 * sizes[1] - 1) // 8), 0)):
        program.images, program.results = 0x10_0000 + images, 0x10_0000 + results
        assert program.job(0, 8) == "FINN_BAD_ARGUMENT"
    assert program.device.starts == []
    program.images, program.results = 0x10_0000, 0x10_0000 + 8 * sizes[0]
    assert program.job(0, 8) == "FINN_OK"


def test_a_bus_error_tells_where_and_the_accelerator_runs_after_a_reset(program: Program) -> None:
    images = program.setup.images(4)
    program.store(images)
    for to_memory, bad in ((0, program.images + program.setup.description.image.bytes), (1, program.results)):
        program.device.faults = [(bad, bad, "slave_error")]
        assert program.job(0, 4, "finn_classify") == "FINN_DMA_ERROR"
        failed = program.finn.failed
        assert (failed.to_memory, failed.address, failed.images) == (to_memory, bad & ~7, 1 - to_memory)
        side = program.setup.description.dma.registers[("MM2S_STATUS", "S2MM_STATUS")[to_memory]]
        assert failed.flags == 1 << side.fields["slave_error"].low
        program.device.faults = []
        assert program.call("finn_soft_reset") == "FINN_OK"
        assert program.job(0, 4, "finn_classify") == "FINN_OK"
        np.testing.assert_array_equal(program.numbers(4), program.setup.expected(images))


def test_a_device_that_does_not_move_is_given_up(program: Program) -> None:
    program.store(program.setup.images(2))
    program.device.stalled = True
    assert program.job(0, 2, "finn_classify") == "FINN_TIMEOUT"
    assert program.call("finn_soft_reset") == "FINN_OK"
    assert program.job(0, 2, "finn_classify") == "FINN_OK"
    program.device.dead = True
    assert program.call("finn_soft_reset") == "FINN_TIMEOUT"


def test_a_job_may_take_more_looks_than_it_is_given_if_images_are_finished_meanwhile(program: Program) -> None:
    program.store(program.setup.images(60))
    program.finn.patience = 20
    reads = []
    program.device.read, read = lambda address: reads.append(address) or read(address), program.device.read
    program.bind()
    assert program.job(0, 60, "finn_classify") == "FINN_OK"
    assert len(reads) > 5 * 5 * 20  # five a look


def test_images_that_the_accelerator_finds_too_short_are_told(program: Program) -> None:
    program.store(program.setup.images(2))
    program.device.wrong_frames = 2
    assert program.job(0, 2, "finn_classify") == "FINN_WRONG_FRAMES"


def test_counters_of_a_boundary_are_read(program: Program) -> None:
    program.store(program.setup.images(3))
    assert program.job(0, 3, "finn_classify") == "FINN_OK"
    busy, stalled = ctypes.c_uint64(), ctypes.c_uint64()
    assert program.call("finn_boundary", 1, ctypes.byref(busy), ctypes.byref(stalled)) == "FINN_OK"
    assert (busy.value, stalled.value) == (3 * 2, 3 * 3)
    boundaries = len(program.setup.description.boundaries)
    assert program.call("finn_boundary", boundaries, ctypes.byref(busy), ctypes.byref(stalled)) == "FINN_BAD_ARGUMENT"


def test_weights_are_written_and_read_back(tmp_path: Path) -> None:
    program = Program(Setup(tmp_path, SCORES_SEED, reload=True))
    program.open()
    path = tmp_path / "weights.npz"
    path.write_bytes(weights.weights_file(program.setup.plan))
    with np.load(path) as fields:
        for window in program.setup.description.reloadable:
            words = fields[f"window_{window.name}"]
            pointer = np.ascontiguousarray(words).ctypes.data_as(ctypes.c_void_p)
            assert program.call("finn_load", window.base, pointer, len(words)) == "FINN_OK"
            assert program.device.units[window.name] == dict(words.tolist())
            assert program.device.halted[window.name] == 0
            program.device._read_unit, read = lambda w, a: 1 if a == 4 else 0, program.device._read_unit
            assert program.call("finn_load", window.base, pointer, len(words)) == "FINN_WRONG_WEIGHTS"
            program.device._read_unit = lambda w, a: 0
            assert program.call("finn_load", window.base, pointer, len(words)) == "FINN_TIMEOUT"
            program.device._read_unit = read


def test_every_result_has_a_text(program: Program) -> None:
    texts = [program.library.finn_text(index).decode() for index in range(len(RESULTS))]
    assert len(set(texts)) == len(RESULTS) == 11
    assert program.library.finn_text(len(RESULTS)) == b"no result of this driver"


@pytest.mark.parametrize("seed", [LABEL_SEED, SCORES_SEED])
def test_driver_and_example_compile_for_a_board(seed: int, tmp_path: Path) -> None:
    setup = Setup(tmp_path, seed)
    for source in ("finn.c", "main.c"):
        compile_c(setup, "-c", f"-I{HERE / 'xilinx'}", "-o", tmp_path / "out.o", DRIVER / source)
