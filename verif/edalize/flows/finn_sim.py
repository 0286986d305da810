# SPDX-License-Identifier: Apache-2.0
"""Edalize flow `finn_sim`: simulate an accelerator on pictures, at the simulator's own speed, and judge its answers.

A `.core` says `flow: finn_sim` and names a Verilog test bench as its toplevel; nothing else is needed. The flow
brings the options of the tools, prepares what the test bench reads, and reports. FuseSoC finds it because edalize.flows
is a namespace package. Options follow the core's name:

    fusesoc run finn:accel:cnv --images DIR --count 100 --tool icarus
"""

import atexit
import contextlib
import copy
import logging
import os
import shlex
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path

from edalize.flows.sim import Sim

try:
    from finn_gen.base.errors import InputError
    from finn_gen.base.files import alone
    from finn_gen.base.words import counted
    from finn_sim import page
    from finn_sim.accel import job, parts, records
    from finn_sim.accel.building import alive
    from finn_sim.accel.simulation import SimulationError
    from finn_sim.image_files import Reading
    from finn_verif import waves
    from finn_work import WorkError, Workers
    from finn_work.many import SCHEDULER
except ModuleNotFoundError as error:
    # FuseSoC takes a ModuleNotFoundError for a flow that does not exist; this one's words it prints.
    raise RuntimeError(
        f"flow finn_sim: no module {error.name}; finn-verif[accel] brings it: "
        "pip install 'finn-rtl/verif[accel]' with the path of a checkout, or a release's wheel"
    ) from None

SAMPLES_CORE = "finn:models:samples"
SAID = "FINN_SAID"
"""Environment variable with the file for the words of a generator that fails; as gen/fusesoc_request.py has it."""
RESULTS = Path("build") / "run"
BUILD_LOG, LOG_TAIL = "build.log", 20


class Finn_sim(Sim):  # noqa: N801 (edalize derives the class's name from the flow's)
    """Simulation of an accelerator, with pictures in and a report out."""

    FLOW_DEFINED_TOOL_OPTIONS = {  # noqa: RUF012 (edalize's own form)
        "verilator": {
            "mode": "binary",
            "verilator_options": [
                "-O3",
                "--x-assign fast",
                "--x-initial fast",
                "--no-assert",
                "--output-split 20000",
                "-j 2",
                "--quiet",
                "-MAKEFLAGS -s",
                '-CFLAGS "-O3 -march=native"',
            ],
        },
        "icarus": {"iverilog_options": ["-g2005"]},
    }

    FLOW_OPTIONS = {  # noqa: RUF012
        **{name: option for name, option in Sim.FLOW_OPTIONS.items() if name != "cocotb_module"},
        "images": {
            "type": "str",
            "desc": "Pictures to classify: a picture, a folder of them (sub-folders are classes), MNIST's IDX files, "
            "CIFAR-10's .bin, SVHN's .mat; the repository's samples if not given",
        },
        "count": {"type": "int", "desc": "How many of the pictures, from the first on; all if not given"},
        "resize": {"type": "str", "desc": "How pictures are scaled: box (the default), lanczos or thumbnail"},
        "background": {"type": "str", "desc": "What lies behind transparent parts: white (the default) or black"},
        "invert": {"type": "bool", "desc": "Make dark light, for digits that are dark on light"},
        "waves": {
            "type": "bool",
            "desc": "Record all signals in build/run/<record's name>.fst, with views for GTKWave and Surfer beside it; "
            "WAVES=1 in the environment does the same",
        },
        "report": {
            "type": "bool",
            "desc": "Write a page to open in a browser, build/run/<record's name>/report.html; REPORT=1 in the "
            "environment does the same",
        },
        "verbose": {
            "type": "bool",
            "desc": "Print a line an image of more than 40 too; else only those of so many that differ from the "
            "reference have one",
        },
        "quiet": {"type": "bool", "desc": "Print the totals alone, and lines of images that differ from the reference"},
        "jobs": {
            "type": "int",
            "desc": "Processes that the images are split over, where they are many; 1 if not given, and where waves or "
            "a report are asked for",
        },
        "scheduler": {
            "type": "str",
            "desc": "Address of a Dask scheduler, tcp://HOST:PORT, over whose workers the images are split instead; "
            "FINN_SCHEDULER in the environment does the same",
        },
        "result": {
            "type": "str",
            "desc": "File for the figures as JSON; build/run/<network>-<folding>.json if not given, with a "
            "digest behind where other parameters, a rate or something else besides was asked for",
        },
    }

    def configure_flow(self, flow_options):
        """Tool options of this flow first, those of the .core after them."""
        # Edalize adds the core's options to the dictionary that it finds here.
        self.FLOW_DEFINED_TOOL_OPTIONS = copy.deepcopy(type(self).FLOW_DEFINED_TOOL_OPTIONS)
        if flow_options.get("tool") not in self.FLOW_DEFINED_TOOL_OPTIONS:
            raise RuntimeError(f"tool {flow_options.get('tool')!r}: it must be verilator or icarus")
        if self._records(flow_options):
            self.FLOW_DEFINED_TOOL_OPTIONS["verilator"]["verilator_options"].append("--trace-fst")
        return super().configure_flow(flow_options)

    @staticmethod
    def _records(flow_options):
        """Whether waveforms are asked for."""
        return bool(flow_options.get("waves")) or waves.wanted()

    def build(self):
        """Read the pictures, then build the simulation: a wrong picture is not told minutes later."""
        self._job  # noqa: B018 (loads it)
        if self._split and self._split.workers.scheduler:
            return  # workers build it, each kind of machine once
        self._discard_half_a_build()
        try:
            if self.flow_options.get("quiet"):
                self._build_quietly()
            else:
                tool = self.flow_options["tool"]
                with alive(tool, Path(self.work_root), self.edam["toplevel"], sys.stdout):
                    super().build()
        except RuntimeError as error:
            tool = self.flow_options["tool"]
            told = f"{tool} does not build the simulation ({error})"
            if written := self._page():
                self._job.failed(written, tool, told)
            raise RuntimeError(f"{told}; what it said stands above") from None

    def _build_quietly(self):
        """Build; what the tools say goes to a file, of which the end is printed if they fail."""
        log = Path(self.work_root) / BUILD_LOG
        try:
            with log.open("w") as file, contextlib.redirect_stdout(file):
                self.stdout, self.stderr = file, subprocess.STDOUT
                super().build()
        except RuntimeError:
            print("\n".join(log.read_text(errors="replace").splitlines()[-LOG_TAIL:]), file=sys.stderr)
            raise
        finally:
            self.stdout = self.stderr = None

    def run(self, args=None):
        """Simulate and report; fails if a score or label differs from the reference."""
        tool = self.flow_options["tool"]
        node = self.flow.get_node(tool).inst
        node.plusarg["images"] = len(self._job.pictures)
        result = self._result()
        recording = result.with_suffix(".fst").absolute() if self._records(self.flow_options) else None
        if recording:
            node.plusarg["waves"] = str(recording)
        if written := self._page():
            node.plusarg["boundaries"] = 1
        command, arguments, _ = node.run()
        lines = job.lines(len(self._job.pictures), **{n: bool(self.flow_options.get(n)) for n in ("quiet", "verbose")})
        try:
            record = self._job.run(
                [command, *arguments], tool, result, lines, recording=recording, page=written, how=self._split
            )
        except SimulationError as error:
            raise RuntimeError(str(error)) from None
        if record["mismatches"]:
            raise RuntimeError(
                f"{record['mismatches']} of {counted(record['images'], 'image')}: scores or label differ from the "
                "reference"
            )

    def _result(self):
        """The file of the record."""
        return Path(self.flow_options.get("result") or records.place(RESULTS, self._job.design, self._job.request))

    def _page(self):
        """The file of the report, None if there is none wanted."""
        return self._result().with_suffix("") / page.FILE if self.flow_options.get("report") or page.wanted() else None

    @cached_property
    def _job(self):
        options = self.flow_options
        images, count = options.get("images"), options.get("count")
        told = {name: options[name] for name in ("resize", "background", "invert") if options.get(name)}
        try:
            source = Path(images) if images else None
            return job.load(Path(self.work_root), source, count, self._samples(), reading=Reading(**told))
        except InputError as error:
            # Not edalize's RuntimeError, for which FuseSoC exits with 1: bad input is 2 everywhere in this project.
            print(f"finn_sim: {error}", file=sys.stderr)
            raise SystemExit(2) from None

    @cached_property
    def _split(self):
        """How the images are split; None for one process."""
        options = self.flow_options
        if self._records(options) or self._page():
            return None
        workers = Workers(options.get("jobs") or 1, options.get("scheduler") or os.environ.get(SCHEDULER, ""))
        asked = shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]])
        images, interval = len(self._job.pictures), self._job.design.interval
        try:
            return parts.split(workers, images, interval, self.edam["name"], asked)
        except WorkError as error:
            raise RuntimeError(str(error)) from None

    def _samples(self):
        """The folder of pictures beside the core that carries them, where it lies (they are not copied)."""
        for name, core in self.edam.get("cores", {}).items():
            if name.startswith(f"{SAMPLES_CORE}:"):
                return Path(os.path.normpath(Path(self.work_root) / core["core_file"])).parent / "samples"
        return None

    def _discard_half_a_build(self):
        """Verilator writes the makefile that edalize's make looks for before the program is compiled with it.

        After an interrupted build it would seem to be whole.
        """
        program = Path(self.work_root) / f"V{self.edam['toplevel']}"
        makefile = program.with_name(f"{program.name}.mk")
        if makefile.exists() and not (program.exists() and program.stat().st_mtime >= makefile.stat().st_mtime):
            makefile.unlink()


def _have_work_root_alone() -> None:
    """Keep other runs out of the work root that FuseSoC is about to write to, until this process ends.

    FuseSoC imports a flow just before its first write, and tells it only after its last one where it wrote to; so this
    looks for the caller's variable. Nothing is done where the module is imported by something else.
    """
    frame = sys._getframe()
    while frame and not (frame.f_code.co_name == "get_backend" and "work_root" in frame.f_locals):
        frame = frame.f_back
    if frame is None:
        return
    _hush()
    _say_last_what_generators_said()
    held = contextlib.ExitStack()
    try:
        held.enter_context(alone(Path(frame.f_locals["work_root"])))
    except OSError as error:
        raise RuntimeError(f"{frame.f_locals['work_root']}: cannot be written to ({error.strerror})") from None
    atexit.register(held.close)


def _say_last_what_generators_said() -> None:
    """FuseSoC tells of a generator that failed in two lines behind the generator's own, which is said again then.

    The generators of this repository leave it in a file, unless the caller of FuseSoC has named one to them already.
    """
    if SAID in os.environ:
        return
    handle, os.environ[SAID] = tempfile.mkstemp(prefix="finn_")
    os.close(handle)

    def tell(path: Path) -> None:
        print(path.read_text(), end="", file=sys.stderr)
        path.unlink()

    atexit.register(tell, Path(os.environ[SAID]))


def _hush() -> None:
    """Keep FuseSoC's own lines back, which come before it knows the flow's options."""
    if "--quiet" in sys.argv:
        for package in ("fusesoc", "edalize"):
            logging.getLogger(package).setLevel(logging.WARNING)


_have_work_root_alone()
