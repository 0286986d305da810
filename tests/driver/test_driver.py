# SPDX-License-Identifier: Apache-2.0
"""The driver against a software model of the registers: what flows, and what it says when something is wrong."""

from __future__ import annotations

import json
import math
import sys
import types
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
import pytest

import finn_driver
from finn_driver import packing
from finn_driver.description import load
from finn_gen.emit import weights
from tests.lib.driver_setup import LABEL_SEED, SCORES_SEED, SEEDS, Setup, planned

THROUGHPUT_KEYS = (
    "runtime[ms]",
    "throughput[images/s]",
    "DRAM_in_bandwidth[MB/s]",
    "DRAM_out_bandwidth[MB/s]",
    "fclk[mhz]",
    "batch_size",
    "fold_input[ms]",
    "pack_input[ms]",
    "copy_input_data_to_device[ms]",
    "copy_output_data_from_device[ms]",
    "unpack_output[ms]",
    "unfold_output[ms]",
)
"""What FINN's driver_base.py prints."""


@pytest.fixture
def label(tmp_path: Path) -> Setup:
    return Setup(tmp_path, LABEL_SEED)


# --- what flows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_every_kind_of_network_is_packed_and_unpacked_as_its_description_says(seed: int, tmp_path: Path) -> None:
    setup = Setup(tmp_path, seed)
    images = setup.images(9)
    with setup.open() as overlay:
        got = overlay.accel.classify(images)
    assert got.dtype == np.int64
    np.testing.assert_array_equal(got, setup.expected(images))
    assert setup.device.buffers == []


def test_the_networks_are_of_both_kinds(tmp_path: Path) -> None:
    """Of which the other tests are not sure by themselves."""
    label, scores = planned(LABEL_SEED), planned(SCORES_SEED)
    assert (label.marked, scores.marked, scores.score_signed) == (True, False, True)
    expected = Setup(tmp_path, SCORES_SEED).expected(Setup(tmp_path, SCORES_SEED).images(9))
    assert expected.shape == (9, scores.scores) and expected.min() < 0 < expected.max()


@pytest.mark.parametrize("count", [1, 4, 5, 8, 23])
def test_jobs_of_a_batch_are_queued_while_others_run(label: Setup, count: int) -> None:
    images = label.images(count)
    with label.open() as overlay:
        np.testing.assert_array_equal(overlay.accel.classify(images), label.expected(images))
    for side in ("MM2S", "S2MM"):
        jobs = [job.count for name, job in label.device.starts if name == side]
        assert jobs == [4] * (count // 4) + [count % 4] * (count % 4 > 0)
    if count > 4:
        # Every job but the first is queued behind one that runs, and the interrupt of each is taken back.
        assert label.device.acknowledged >= -(-count // 4) - 1
        assert label.device.overlaps >= 2 * (-(-count // 4) - 1) - 1


def test_wide_words_that_do_not_fill_their_bytes_are_packed_lane_by_lane() -> None:
    image = types.SimpleNamespace(shape=(3, 5, 1), packed=True, word_width=5, word_bytes=2, words=3, bytes=6)
    images = np.arange(15, dtype=np.uint8).reshape(1, 3, 5, 1) * 17
    images[0, 0, 0], images[0, 2, 4] = 128, 127
    data = packing.pack(packing.fold(images, image), image)
    assert data.shape == (1, 6)
    assert data[0].tolist() == [0b00001, 0, 0b11000, 0, 0b01111, 0]


def test_signed_results_that_do_not_fill_their_words_are_unpacked() -> None:
    result = types.SimpleNamespace(kind="scores", count=3, width=5, signed=True, word_width=10, word_bytes=2, words=2)
    values = [(-16 & 31) | 15 << 5, -1 & 31]
    data = np.frombuffer(b"".join(value.to_bytes(2, "little") for value in values), np.uint8).reshape(1, 4)
    assert packing.unpack(data, result).tolist() == [[-16, 15, -1]]


def test_buffers_of_ones_own_are_run_without_copies(label: Setup) -> None:
    images = label.images(6)
    image = label.description.image
    with label.open() as overlay:
        inputs = finn_driver.allocate((6, image.bytes))
        outputs = overlay.allocate((6, label.description.result.bytes))
        inputs[:] = packing.pack(packing.fold(images, image), image)
        inputs.flush()
        overlay.accel.execute_on_buffers(inputs, outputs)
        outputs.invalidate()
        got = packing.unfold(packing.unpack(np.asarray(outputs), label.description.result), label.description.result)
        np.testing.assert_array_equal(got, label.expected(images))
        assert len(label.device.starts) == 2
        with pytest.raises(finn_driver.ImageError, match="inputs are no buffer that the accelerator reaches"):
            overlay.accel.execute_on_buffers(np.zeros((6, image.bytes), np.uint8), outputs)
        with pytest.raises(finn_driver.ImageError, match=r"outputs are uint8 \[6, .*they must be uint8 \[7, "):
            overlay.accel.execute_on_buffers(overlay.allocate((7, image.bytes)), outputs, 7)


def run_on(
    setup: Setup, overlay: finn_driver.Overlay, images: np.ndarray, inputs: np.ndarray, outputs: np.ndarray
) -> None:
    """Results must be those of `images`, or nothing may have run."""
    image, result = setup.description.image, setup.description.result
    inputs[: len(images)] = packing.pack(packing.fold(images, image), image)
    inputs.flush()
    before = len(setup.device.starts)
    try:
        overlay.accel.execute_on_buffers(inputs, outputs)
    except finn_driver.ImageError:
        assert len(setup.device.starts) == before
        raise
    outputs.invalidate()
    got = packing.unfold(packing.unpack(np.asarray(outputs), result), result)
    np.testing.assert_array_equal(got, setup.expected(images))


def whole_rows(size: int) -> int:
    """Rows of so many bytes that end at a multiple of 8."""
    return 8 // math.gcd(8, size)


def test_a_slice_of_a_buffer_is_run_where_it_lies(label: Setup) -> None:
    image, result = label.description.image, label.description.result
    with label.open() as overlay:
        first, last = whole_rows(image.bytes), whole_rows(result.bytes)
        inputs, outputs = overlay.allocate((first + 8, image.bytes)), overlay.allocate((last + 8, result.bytes))
        run_on(label, overlay, label.images(8), inputs[first:], outputs[last:])
        assert (outputs[:last] == 0xA5).all()
        assert [job.base for _, job in label.device.starts] == [
            outputs[last:].device_address,
            inputs[first:].device_address,
        ]


@pytest.mark.parametrize("side", ["inputs", "outputs"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda buffer: buffer[:16:2], r"have strides \[\d+, 1\]; rows must lie one behind the other"),
        (lambda buffer: buffer[7::-1], r"have strides \[-\d+, 1\]"),
        (
            lambda buffer: np.lib.stride_tricks.as_strided(buffer, (8, buffer.shape[1]), (0, 1), subok=True),
            r"strides \[0, 1",
        ),
        (lambda buffer: buffer.reshape(-1)[1 : 1 + 8 * buffer.shape[1]].reshape(8, -1), "must be a multiple of 8"),
        (lambda buffer: buffer[:8].copy(), "are a copy of a buffer"),
        (lambda buffer: buffer[[0, 1, 2, 3, 4, 5, 6, 7]], "are a copy of a buffer"),
        (lambda buffer: buffer[:8] + 0, "are a copy of a buffer"),
        (lambda buffer: buffer[:8].view(np.int8), "are int8"),
        (lambda buffer: buffer[:4], r"they must be uint8 \[8, "),
        (lambda buffer: buffer[0], r"they must be uint8 \[8, "),
        (lambda buffer: np.asarray(buffer[:8]), "no buffer that the accelerator reaches"),
        (lambda buffer: None, "no buffer that the accelerator reaches"),
    ],
)
def test_what_the_accelerator_would_see_otherwise_is_refused(
    label: Setup, side: str, change: Callable, words: str
) -> None:
    image, result = label.description.image, label.description.result
    with label.open() as overlay:
        buffers = {"inputs": overlay.allocate((17, image.bytes)), "outputs": overlay.allocate((17, result.bytes))}
        buffers |= {name: buffer[:8] for name, buffer in buffers.items() if name != side}
        buffers[side] = change(buffers[side])
        with pytest.raises(finn_driver.ImageError, match=f"^{side} .*{words}"):
            overlay.accel.execute_on_buffers(**buffers, count=8)
        assert label.device.starts == []


def test_buffers_that_overlap_and_counts_that_are_none_are_refused(label: Setup) -> None:
    image, result = label.description.image, label.description.result
    with label.open() as overlay:
        size = 8 * max(image.bytes, result.bytes)
        both = overlay.allocate((2 * size,))
        inputs = both[: 8 * image.bytes].reshape(8, -1)
        for start in (0, 8 * image.bytes - 8):
            with pytest.raises(finn_driver.ImageError, match="inputs and outputs overlap"):
                overlay.accel.execute_on_buffers(inputs, both[start : start + 8 * result.bytes].reshape(8, -1))
        assert label.device.starts == []
        for count in (2.5, "3", 0, -1):
            with pytest.raises(finn_driver.ImageError, match=f"count={count!r}: it must be"):
                overlay.accel.execute_on_buffers(inputs, both[size : size + 8 * result.bytes].reshape(8, -1), count)
        run_on(label, overlay, label.images(8), inputs, both[size : size + 8 * result.bytes].reshape(8, -1))


def test_memory_that_was_given_back_may_be_used_anew(label: Setup) -> None:
    """By a buffer of another allocator, as one from pynq.allocate is."""
    image, result = label.description.image, label.description.result
    with label.open() as overlay:
        old = overlay.allocate((8, image.bytes))
        old.freebuffer()
        old.pointer = 0  # as PYNQ leaves it
        again = label.device.allocate((8, image.bytes), np.dtype(np.uint8))
        again.device_address = old.device_address
        run_on(label, overlay, label.images(8), again, overlay.allocate((8, result.bytes)))
        again.device_address += 8 * image.bytes
        with pytest.raises(finn_driver.ImageError, match="inputs are a copy"):
            overlay.accel.execute_on_buffers(again.copy(), overlay.allocate((8, result.bytes)))


def test_the_fake_device_moves_the_bytes_that_pynq_would(label: Setup) -> None:
    with label.open() as overlay:
        buffer = overlay.allocate((8, 4))
        assert buffer[2:].device_address == buffer.device_address + 8
        assert buffer[2:].copy().device_address != buffer.device_address + 8
        buffer[:] = np.arange(32).reshape(8, 4)
        buffer[:4:2].flush()  # eight bytes, which are not those of the two rows
        assert label.device.read_memory(buffer.device_address, 8) == bytes(range(8))
        buffer.flush()
        buffer[:] = 0
        buffer[4:].invalidate()
        assert buffer.sum(axis=1).tolist() == [0] * 4 + [70, 86, 102, 118]


def test_throughput_test_has_the_keys_of_finns_driver(label: Setup) -> None:
    with label.open() as overlay:
        report = overlay.accel.throughput_test(50)
    assert sorted(report) == sorted(THROUGHPUT_KEYS)
    assert list(report)[:6] == list(THROUGHPUT_KEYS[:6])
    seconds = report["runtime[ms]"] / 1e3
    assert seconds == pytest.approx(50 * label.device.image_time, rel=0.1)
    assert report["throughput[images/s]"] == pytest.approx(50 / seconds)
    assert report["DRAM_in_bandwidth[MB/s]"] == pytest.approx(50 * label.description.image.bytes / seconds / 1e6)
    assert report["DRAM_out_bandwidth[MB/s]"] == pytest.approx(50 * label.description.result.bytes / seconds / 1e6)
    assert (report["fclk[mhz]"], report["batch_size"]) == (label.plan.clock_mhz, 50)
    assert label.device.buffers == []


def test_statistics_name_every_boundary(label: Setup) -> None:
    with label.open() as overlay:
        overlay.accel.clear_statistics()
        overlay.accel.classify(label.images(5))
        found = overlay.accel.statistics()
        assert (found.frames_in, found.frames_out, found.short_frames, found.long_frames) == (5, 5, 0, 0)
        assert found.cycles == 5 * label.description.interval
        assert tuple(boundary.name for boundary in found.boundaries) == label.description.boundaries
        assert [(b.busy, b.stalled) for b in found.boundaries[:2]] == [(5, 10), (10, 15)]
        assert "5 images in, 5 results out" in found.table()
        assert len(found.table().splitlines()) == 2 + len(found.boundaries)
        overlay.accel.classify(label.images(2))
        assert overlay.accel.statistics().frames_in == 7
        overlay.accel.clear_statistics()
        assert overlay.accel.statistics().frames_in == 0


# --- wrong arrays -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda images: images[0], r"a single one; give images\[np.newaxis\]"),
        (lambda images: images[:, :-1], "count, height, width, channels"),
        (lambda images: images.transpose(0, 3, 1, 2), "count, height, width, channels"),
        (lambda images: images.astype(np.float32) / 255, "images are float32; .*convert them first"),
        (lambda images: images.astype(np.int8), "images are int8"),
        (lambda images: images[:0], "there are no images"),
        (lambda images: images.tolist(), "images are a list; give a numpy array"),
    ],
)
def test_wrong_images_are_refused_before_anything_runs(label: Setup, change: Callable, words: str) -> None:
    with label.open() as overlay:
        with pytest.raises(finn_driver.ImageError, match=words):
            overlay.accel.classify(change(label.images(4)))
        assert label.device.starts == []


@pytest.mark.parametrize("options", [{"job_images": 0}, {"timeout": 0}])
def test_wrong_options_are_refused(label: Setup, options: dict) -> None:
    with pytest.raises(finn_driver.DriverError, match="both must be more than 0"):
        label.open(**options)


# --- wrong devices ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("register", "value", "words"),
    [
        ("IDENTITY", 0xFFFF_FFFF, "check that the bitstream is loaded"),
        ("VERSION", 0x0001_0203, "was generated by finn-gen 1.2.3, net8_axi.json by finn-gen 0.1.0"),
        ("NAME_DIGEST_LO", 1, "of another network than net8; load the bitstream"),
        ("PLAN_DIGEST_HI", 1, "of another folding or other parameters; load the bitstream"),
    ],
)
def test_another_bitstream_is_refused(label: Setup, register: str, value: int, words: str) -> None:
    label.device.constants[register] = value
    with pytest.raises(finn_driver.WrongBitstreamError, match=words):
        label.open()


def test_a_bus_error_tells_where_and_the_accelerator_runs_afterwards(label: Setup) -> None:
    images = label.images(10)
    with label.open() as overlay:
        overlay.accel.classify(images)
        job = label.device.starts[1][1]
        bad = job.base + 2 * job.length
        label.device.faults = [(bad, bad + 7, "decode_error")]
        with pytest.raises(finn_driver.DmaError, match="check that the buffer is from allocate") as caught:
            overlay.accel.classify(images)
        assert (caught.value.channel, caught.value.flags) == ("MM2S", ("decode_error",))
        assert (caught.value.address, caught.value.images) == (bad & ~7, 2)
        label.device.faults = []
        np.testing.assert_array_equal(overlay.accel.classify(images), label.expected(images))


def test_a_job_that_is_queued_behind_an_error_adds_no_other(label: Setup) -> None:
    with label.open() as overlay:
        overlay.accel.classify(label.images(1))
        job = label.device.starts[1][1]
        label.device.faults = [(job.base, job.base, "slave_error")]
        label.device.access_time = label.device.image_time
        with pytest.raises(finn_driver.DmaError) as caught:
            overlay.accel.classify(label.images(12))
    assert (caught.value.channel, caught.value.flags) == ("MM2S", ("slave_error",))


def test_a_result_of_another_length_is_told(label: Setup) -> None:
    with label.open() as overlay:
        label.device.answer = lambda data: b"too long for a result" * 4
        with pytest.raises(finn_driver.DmaError, match="the description is of another accelerator") as caught:
            overlay.accel.classify(label.images(2))
    assert (caught.value.channel, caught.value.flags) == ("S2MM", ("frame",))


def test_images_that_the_accelerator_finds_too_short_are_told(label: Setup) -> None:
    with label.open() as overlay:
        label.device.wrong_frames = 3
        with pytest.raises(finn_driver.FrameError, match="3 images ended too early") as caught:
            overlay.accel.classify(label.images(2))
        assert (caught.value.short, caught.value.long) == (3, 0)
        label.device.wrong_frames = 0
        overlay.accel.classify(label.images(2))


def test_a_time_out_resets_and_a_dead_device_is_told_from_a_slow_one(label: Setup) -> None:
    images = label.images(10)
    with label.open() as overlay:
        label.device.stalled = True
        with pytest.raises(TimeoutError, match=r"no image was finished within 0\.001 s: the DMA has sent 0 images"):
            overlay.accel.classify(images)
        np.testing.assert_array_equal(overlay.accel.classify(images), label.expected(images))
        label.device.dead = True
        with pytest.raises(finn_driver.DeviceTimeoutError, match=r"no image .*\. within 0.001 s the soft reset"):
            overlay.accel.classify(images)
        label.device.dead = False
        label.device._reset()


def test_a_batch_may_last_longer_than_the_time_out_if_images_are_finished_meanwhile(label: Setup) -> None:
    images, timeout = label.images(60), 8 * label.device.image_time
    with label.open(timeout=timeout, job_images=60) as overlay:
        np.testing.assert_array_equal(overlay.accel.classify(images), label.expected(images))
    assert label.device.now > 5 * timeout


def test_an_interrupted_batch_is_stopped(label: Setup) -> None:
    with label.open() as overlay:
        resets = label.device.resets

        def interrupt(data: bytes) -> bytes:
            raise KeyboardInterrupt

        label.device.answer, answer = interrupt, label.device.answer
        with pytest.raises(KeyboardInterrupt):
            overlay.accel.classify(label.images(2))
        label.device.answer = answer
        assert label.device.resets == resets + 1
        assert not label.device.channels["MM2S"].jobs


# --- weights ----------------------------------------------------------------------------------------------------


@pytest.fixture
def reloadable(tmp_path: Path) -> tuple[Setup, Path]:
    """A reloadable accelerator, and a file of weights for it."""
    setup = Setup(tmp_path, LABEL_SEED, reload=True)
    path = tmp_path / "weights.npz"
    path.write_bytes(weights.weights_file(setup.plan))
    return setup, path


def test_weights_reach_every_unit_and_all_run_again(reloadable: tuple[Setup, Path]) -> None:
    setup, path = reloadable
    with setup.open() as overlay:
        overlay.accel.load_weights(path)
    with np.load(path) as fields:
        for name, held in setup.device.units.items():
            assert list(held.items()) == [tuple(pair) for pair in fields[f"window_{name}"].tolist()]
    assert set(setup.device.halted.values()) == {0}


def test_a_unit_that_holds_something_else_is_told(reloadable: tuple[Setup, Path]) -> None:
    setup, path = reloadable
    with setup.open() as overlay:
        read = setup.device._read_unit
        setup.device._read_unit = lambda window, address: read(window, address) ^ (2 if address > 4 else 0)
        with pytest.raises(finn_driver.WeightsError, match="the unit l0_conv_mvtu holds"):
            overlay.accel.load_weights(path)


def test_a_unit_that_does_not_halt_is_told(reloadable: tuple[Setup, Path]) -> None:
    setup, path = reloadable
    with setup.open() as overlay:
        setup.device._read_unit = lambda window, address: 0
        with pytest.raises(finn_driver.DeviceTimeoutError, match="the unit l0_conv_mvtu did not halt"):
            overlay.accel.load_weights(path)


def rewritten(path: Path, **fields: np.ndarray) -> Path:
    with np.load(path) as file:
        kept = {name: file[name] for name in file.files} | fields
    np.savez(path, **{name: value for name, value in kept.items() if value is not None})
    return path


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": np.array(2)}, "field format must be 1"),
        ({"layout": np.frombuffer(b"0" * 16, np.uint8)}, "written for the layout 0000000000000000, this accelerator"),
        ({"layout": None}, r"written for the layout \(none\)"),
        ({"window_l1_dense_mvtu": None}, "fields none are too many and window_l1_dense_mvtu missing"),
        ({"window_x": np.zeros((1, 2), np.uint32)}, "fields window_x are too many and none missing"),
        ({"window_l1_dense_mvtu": np.zeros((4, 2), np.uint32)}, "does not write every register"),
        ({"window_l1_dense_mvtu": np.zeros((4, 2), np.int64)}, r"is int64 \[4, 2\]; it must be uint32"),
        ({"format": np.array([{}], dtype=object)}, "damaged or no weights file"),
    ],
)
def test_a_wrong_file_of_weights_is_refused_before_anything_is_halted(
    reloadable: tuple[Setup, Path], change: dict, words: str
) -> None:
    setup, path = reloadable
    with setup.open() as overlay:
        with pytest.raises(finn_driver.WeightsError, match=words):
            overlay.accel.load_weights(rewritten(path, **change))
        assert not any(setup.device.units.values())


def test_what_is_no_file_of_weights_is_refused(reloadable: tuple[Setup, Path]) -> None:
    setup, path = reloadable
    cut = path.read_bytes()[:200]
    with setup.open() as overlay:
        for content in (b"", b"not a zip file", cut):
            path.write_bytes(content)
            with pytest.raises(finn_driver.WeightsError, match="damaged or no weights file"):
                overlay.accel.load_weights(path)
        with pytest.raises(finn_driver.WeightsError, match=r"none\.npz: cannot be read"):
            overlay.accel.load_weights(path.with_name("none.npz"))


def test_fixed_weights_cannot_be_loaded(label: Setup) -> None:
    with label.open() as overlay, pytest.raises(finn_driver.WeightsError, match="its weights are fixed"):
        overlay.accel.load_weights("none.npz")


# --- wrong descriptions -----------------------------------------------------------------------------------------


UNREAD = {"layer", "address_width", "access", "doc"}
OPTIONAL = {"count", "stride", "fields"}


def wrong_fields(document: dict, rng: Random) -> list[tuple[str, object, dict]]:
    """For every field that the driver reads: its path, and the document with it left out or of another type."""
    found = []

    def walk(node: object, path: tuple) -> None:
        items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in items:
            here = (*path, key)
            named = len(path) >= 2 and path[-1] in {"registers", "fields", "memories"}
            if isinstance(key, str) and not named and key not in UNREAD:
                found.append(here)
            walk(value, here)

    for name in ("maps", "boundaries", "windows"):
        walk(document[name], (name,))
    top = [(key,) for key in document if key not in UNREAD]
    inner = [("image", key) for key in document["image"]] + [("result", key) for key in document["result"]]
    return top + inner + rng.sample(found, 40)


def test_a_description_with_a_field_missing_or_of_another_type_is_refused(reloadable: tuple[Setup, Path]) -> None:
    setup, _ = reloadable
    text = setup.path.read_text()
    for path in wrong_fields(json.loads(text), Random(1)):
        for change in ("missing", None, "x", -1, [], {}):
            document = json.loads(text)
            node = document
            for key in path[:-1]:
                node = node[key]
            key, name = path[-1], change == "x" and path[-1] in {"network", "module", "name"}
            empty = change == {} and key in {"fields", "memories", "registers"}
            if name or empty or (change == "missing" and key in OPTIONAL):
                continue
            if change == "missing":
                del node[path[-1]]
            else:
                node[path[-1]] = change
            setup.path.write_text(json.dumps(document))
            with pytest.raises(finn_driver.DescriptionError, match="finn-gen build NET --package axi"):
                load(setup.path)
                pytest.fail(f"{path} = {change!r} is taken")


@pytest.mark.parametrize(
    "field",
    [("image", "bytes"), ("image", "words"), ("image", "last_bits"), ("result", "bytes"), ("windows", 0, "base")],
)
def test_numbers_that_contradict_each_other_are_refused(label: Setup, field: tuple) -> None:
    document = json.loads(label.path.read_text())
    node = document
    for key in field[:-1]:
        node = node[key]
    node[field[-1]] += 1
    label.path.write_text(json.dumps(document))
    with pytest.raises(finn_driver.DescriptionError, match=field[0]):
        load(label.path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a JSON file"),
        ("{", "not a JSON file"),
        ("[1]", "it must be a JSON object, not a list"),
        ("[" * 100_000, "not a JSON file"),
        ('{"format": 2}', "field format is 2; it must be 1; this driver reads no other"),
        ("{}", "field format is missing"),
    ],
)
def test_what_is_no_description_is_refused(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(finn_driver.DescriptionError, match=words):
        load(path)
    with pytest.raises(finn_driver.DescriptionError, match=r"none\.json: cannot be read"):
        load(tmp_path / "none.json")


def test_a_register_that_is_not_listed_is_told(label: Setup) -> None:
    document = json.loads(label.path.read_text())
    del document["maps"]["ctrl"]["registers"]["IDENTITY"]
    label.path.write_text(json.dumps(document))
    with pytest.raises(finn_driver.DescriptionError, match="lists no register IDENTITY in the map ctrl"):
        label.open()


# --- the board's backend, with a module in place of PYNQ --------------------------------------------------------


class FakePynq(types.ModuleType):
    """As much of the module pynq as the backend uses, on a FakeDevice."""

    def __init__(self, setup: Setup, interrupt: bool = False) -> None:
        super().__init__("pynq")
        device, module = setup.device, setup.description.module
        self.loaded: list[tuple[str, bool]] = []
        self.waits = 0
        fake = self

        class Overlay:
            ip_dict = {  # noqa: RUF012 (as PYNQ has it)
                "axi_intc_0": {"type": "xilinx.com:ip:axi_intc:4.1", "phys_addr": 0x4180_0000, "addr_range": 0x1000},
                "accel_0": {
                    "type": f"finn:accel:{module}:0.1",
                    "phys_addr": 0x43C0_0000,
                    "addr_range": setup.description.size,
                },
            }
            interrupt_pins = {"accel_0/interrupt": {}} if interrupt else {}

            def __init__(self, bitfile: str, download: bool) -> None:
                fake.loaded.append((bitfile, download))

        class Array:
            def __getitem__(self, index: int) -> np.uint32:
                return np.uint32(device.read(4 * index))

            def __setitem__(self, index: int, value: np.uint32) -> None:
                assert isinstance(value, np.uint32)
                device.write(4 * index, int(value))

        class Interrupt:
            def __init__(self, pin: str) -> None:
                assert pin == "accel_0/interrupt"

            async def wait(self) -> None:
                fake.waits += 1
                device.wait(1.0)

        def mmio(base: int, size: int) -> object:
            assert (base, size) == (0x43C0_0000, setup.description.size)
            return types.SimpleNamespace(array=Array())

        self.Overlay, self.MMIO, self.Interrupt = Overlay, mmio, Interrupt
        self.allocate = lambda shape, dtype: device.allocate(shape, np.dtype(dtype))
        self.Clocks = types.SimpleNamespace(fclk0_mhz=200.0)


@pytest.fixture
def board(label: Setup, monkeypatch: pytest.MonkeyPatch) -> tuple[Setup, FakePynq]:
    label.path.with_suffix(".bit").write_bytes(b"")
    fake = FakePynq(label)
    monkeypatch.setitem(sys.modules, "pynq", fake)
    return label, fake


@pytest.mark.parametrize("interrupt", [False, True])
def test_the_board_is_reached_through_pynq(label: Setup, interrupt: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    bitfile = label.path.with_suffix(".bit")
    bitfile.write_bytes(b"")
    fake = FakePynq(label, interrupt)
    monkeypatch.setitem(sys.modules, "pynq", fake)
    images = label.images(9)
    with finn_driver.Overlay(bitfile, job_images=4) as overlay:
        np.testing.assert_array_equal(overlay.accel.classify(images), label.expected(images))
        assert overlay.accel.throughput_test(2)["fclk[mhz]"] == 200.0
    assert fake.loaded == [(str(bitfile), True)]
    assert bool(fake.waits) == interrupt


def test_a_board_without_pynq_or_bitstream_or_accelerator_is_told(board: tuple[Setup, FakePynq]) -> None:
    setup, fake = board
    bitfile = setup.path.with_suffix(".bit")
    with pytest.raises(finn_driver.DeviceNotFoundError, match=r"there is no such bitstream; put it, its \.hwh"):
        finn_driver.Overlay(setup.path, bitfile=setup.folder / "none.bit")
    entry = fake.Overlay.ip_dict["accel_0"]
    entry["addr_range"] = 0x1000
    with pytest.raises(finn_driver.DeviceNotFoundError, match="accel_0 has 4096 bytes of addresses"):
        finn_driver.Overlay(bitfile)
    entry["type"] = "finn:accel:other_axi:0.1"
    with pytest.raises(finn_driver.DeviceNotFoundError, match="no IP net8_axi in it, only accel_0, axi_intc_0"):
        finn_driver.Overlay(bitfile)

    def refuse(bitfile: str, download: bool) -> None:
        raise RuntimeError("No Devices Found")

    fake.Overlay = refuse
    with pytest.raises(finn_driver.DeviceNotFoundError, match=r"PYNQ does not load it .*No Devices Found.*check that"):
        finn_driver.Overlay(bitfile)


def test_no_memory_on_the_board_is_told(board: tuple[Setup, FakePynq]) -> None:
    setup, fake = board

    def refuse(shape: tuple, dtype: np.dtype) -> None:
        raise RuntimeError("Failed to allocate memory!")

    with finn_driver.Overlay(setup.path.with_suffix(".bit")) as overlay:
        fake.allocate = refuse
        with pytest.raises(finn_driver.AllocationError, match="take a smaller job_images= or batch_size="):
            overlay.accel.throughput_test()


def test_without_pynq_the_board_is_not_found(label: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynq", None)
    with pytest.raises(finn_driver.DeviceNotFoundError, match="the package pynq cannot be imported"):
        finn_driver.Overlay(label.path.with_suffix(".bit"))


def test_a_buffer_needs_an_overlay(label: Setup) -> None:
    with pytest.raises(finn_driver.AllocationError, match="0 overlays are open"):
        finn_driver.allocate((4,))
    with label.open(), label.open() as second:
        with pytest.raises(finn_driver.AllocationError, match="2 overlays are open; open one, or say which"):
            finn_driver.allocate((4,))
        assert finn_driver.allocate((4,), np.uint16, target=second).nbytes == 8
