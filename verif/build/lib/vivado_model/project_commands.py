# SPDX-License-Identifier: Apache-2.0
"""Commands of projects: files, the IP catalog, runs, reports. What Vivado would write, they write as placeholders."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from vivado_model import tcl_list
from vivado_model.bd_commands import BlockDesignCommands
from vivado_model.catalog import IpDef, parts, version_key, xilinx
from vivado_model.errors import VivadoError
from vivado_model.ip_xact import read as read_component
from vivado_model.objects import Thing, matches
from vivado_model.session import command, settable

_STEPS = ("synth_design", "opt_design", "place_design", "route_design", "write_bitstream")
_KINDS = {".v": "Verilog", ".sv": "SystemVerilog", ".xdc": "XDC", ".bd": "Block Designs", ".mem": "Memory File"}
PLACEHOLDER = "written by vivado_model, a model; this is no output of Vivado\n"


@dataclass
class Run:
    """A synthesis or an implementation."""

    name: str
    folder: Path
    properties: dict[str, str]


@dataclass
class Project:
    """An open project."""

    name: str
    folder: Path
    properties: dict[str, str]
    filesets: dict[str, dict[str, str]]
    runs: dict[str, Run]
    files: dict[Path, str] = field(default_factory=dict)  # path -> fileset


@dataclass
class Vivado(BlockDesignCommands):
    """All commands.

    board_files   those of `board` are installed
    slack         the worst slack that the model's timing has (setup, hold), in ns
    """

    board_files: bool = True
    slack: tuple[float, float] = (0.123, 0.045)
    fail_step: str = ""  # a step of a run that is to fail, for tests
    projects: dict[str, Project] = field(default_factory=dict)
    project: Project | None = None
    params: dict[str, str] = field(default_factory=dict)
    opened: str = ""  # the run whose result is open

    @property
    def here(self) -> Project:
        """The open project."""
        if self.project is None:
            raise VivadoError("[Common 17-53] no open project")
        return self.project

    # ---- projects

    @command("create_project", flags="force in_memory", options="part", words=(0, 2))
    def create_project(
        self, name: str = "", folder: str = ".", part: str = "", force: bool = False, in_memory: bool = False
    ) -> list[Thing]:
        """A project in a folder, or one without files."""
        if in_memory != (not name):
            raise VivadoError("a name is needed, or -in_memory instead of it")
        name = name or "in_memory"
        if not re.fullmatch(r"[A-Za-z][\w.-]*", name):
            raise VivadoError(f"'{name}' is no name for a project")
        if part:
            self._check_part(part)
        root = Path(folder).resolve()
        file = root / f"{name}.xpr"
        if file.exists() and not force:
            raise VivadoError(f"{file} exists; -force overwrites it")
        if not in_memory:
            root.mkdir(parents=True, exist_ok=True)
            file.write_text(PLACEHOLDER)
        properties = {
            "part": part,
            "board_part": "",
            "ip_repo_paths": "",
            "target_language": "Verilog",
            "source_mgmt_mode": "All",
            "default_lib": "xil_defaultlib",
        }
        runs = {
            run: Run(run, root / f"{name}.runs" / run, {"PROGRESS": "0%", "STATUS": "Not started", "strategy": ""})
            for run in ("synth_1", "impl_1")
        }
        self.designs, self.current = {}, ""
        self.ips = xilinx(self.board)
        filesets = {
            "sources_1": {
                "top": "",
                "include_dirs": "",
                "verilog_define": "",
                "generic": "",
                "source_mgmt_mode": "All",
            },
            "constrs_1": {"target_constrs_file": ""},
            "sim_1": {"top": ""},
        }
        self.project = self.projects[str(file)] = Project(name, root, properties, filesets, runs)
        return [self._project()]

    def _check_part(self, part: str) -> None:
        if part not in parts():
            raise VivadoError(f"[Coretcl 2-106] part '{part}' is not found")

    def _project(self) -> Thing:
        project = self.here

        def write(name: str, value: str) -> None:
            if name.lower() == "part":
                self._check_part(value)
            if name.lower() == "board_part" and value not in self._boards():
                raise VivadoError(f"[Board 49-71] board_part '{value}' is not found; are its board files installed?")
            settable(
                project.properties, f"project {project.name}", {"source_mgmt_mode": ("None", "DisplayOnly", "All")}
            )(name, value)

        return Thing(
            "project",
            project.name,
            project.name,
            lambda: {**project.properties, "DIRECTORY": str(project.folder)},
            write,
        )

    def _boards(self) -> tuple[str, ...]:
        return (self.board.board_part,) if self.board and self.board_files else ()

    @command("open_project", words=(1, 1))
    def open_project(self, file: str) -> list[Thing]:
        """A project that was created before."""
        found = self.projects.get(str(Path(file).resolve()))
        if found is None or not Path(file).exists():
            raise VivadoError(f"[Coretcl 2-27] there is no project {file}")
        self.project = found
        return [self._project()]

    @command("close_project")
    def close_project(self) -> None:
        """Leave the project."""
        self.here  # noqa: B018 (there must be one)
        self.project, self.opened = None, ""

    @command("current_project", flags="quiet")
    def current_project(self, quiet: bool = False) -> list[Thing]:
        """The open project."""
        return [self._project()]

    @command("get_board_parts", flags="quiet", words=(0, 1))
    def get_board_parts(self, pattern: str = "*", quiet: bool = False) -> list[str]:
        """Boards whose files are installed."""
        return [board for board in self._boards() if matches(board, [pattern])]

    @command("set_param", words=(2, 2))
    def set_param(self, name: str, value: str) -> None:
        """A setting of Vivado itself."""
        if name not in {"board.repoPaths", "project.enableVHDL2008", "general.maxThreads"}:
            raise VivadoError(f"there is no parameter '{name}'")
        self.params[name] = value

    # ---- the IP catalog

    @command("update_ip_catalog", flags="rebuild")
    def update_ip_catalog(self, rebuild: bool = False) -> None:
        """Read the components below the IP repositories of the project."""
        self.ips = xilinx(self.board)
        for folder in tcl_list.split(self.here.properties["ip_repo_paths"]):
            if not Path(folder).is_dir():
                raise VivadoError(f"the IP repository {folder} does not exist")
            components = sorted(Path(folder).rglob("component.xml"))
            if not components:
                raise VivadoError(f"no component.xml below the IP repository {folder}")
            for component in components:
                ip = read_component(component)
                if ip.vlnv in self.ips:
                    raise VivadoError(f"two components are {ip.vlnv}")
                self.ips[ip.vlnv] = ip

    @command("get_ipdefs", flags="all quiet", options="filter", words=(0, 1))
    def get_ipdefs(self, pattern: str = "*", all: bool = False, quiet: bool = False, filter: str = "") -> list[Thing]:
        """IPs of the catalog; those that are hidden only with -all."""
        newest = {version_key(vlnv)[0]: vlnv for vlnv in sorted(self.ips, key=version_key)}
        found = [
            self._ipdef(ip, "" if newest[version_key(vlnv)[0]] == vlnv else newest[version_key(vlnv)[0]])
            for vlnv, ip in self.ips.items()
            if matches(vlnv, [pattern]) and (all or not ip.hidden)
        ]
        return self.filtered(found, filter, f"IPs '{pattern}'", True)

    @staticmethod
    def _ipdef(ip: IpDef, upgrade: str) -> Thing:
        return Thing(
            "ipdef",
            ip.vlnv,
            ip.vlnv,
            lambda: {"VLNV": ip.vlnv, "design_tool_contexts": ip.contexts, "UPGRADE_VERSIONS": upgrade},
        )

    # ---- files

    def _add(self, path: str, fileset: str = "sources_1") -> None:
        file = Path(path)
        if not file.is_file():
            raise VivadoError(f"[Vivado 12-172] there is no file '{path}'")
        if file.suffix not in _KINDS:
            raise VivadoError(f"'{path}': files of this kind are not known")
        if fileset not in self.here.filesets:
            raise VivadoError(f"there is no fileset '{fileset}'")
        self.here.files[file.resolve()] = fileset

    @command("add_files", flags="norecurse", options="fileset", words=(1, 1))
    def add_files(self, files: str, norecurse: bool = False, fileset: str = "sources_1") -> None:
        """Files to a fileset."""
        name = str(self.one(fileset, "fileset").key) if fileset in self._handed else fileset
        for path in [files] if Path(files).is_file() else tcl_list.split(files):
            self._add(path, name)

    @command("read_verilog", flags="sv", words=(1, 1))
    def read_verilog(self, files: str, sv: bool = False) -> None:
        """Verilog to the sources."""
        for path in tcl_list.split(files):
            self._add(path)

    @command("read_mem", words=(1, 1))
    def read_mem(self, files: str) -> None:
        """Memory files to the sources."""
        for path in tcl_list.split(files):
            self._add(path)

    @command("read_xdc", flags="unmanaged", words=(1, 1))
    def read_xdc(self, files: str, unmanaged: bool = False) -> None:
        """Constraints."""
        for path in tcl_list.split(files):
            self._add(path, "constrs_1")

    def _file(self, path: Path) -> Thing:
        return Thing("file", str(path), path, lambda: {"FILE_TYPE": _KINDS[path.suffix]})

    @command("get_files", flags="quiet", options="of_objects", words=(0, 1))
    def get_files(self, patterns: str = "*", quiet: bool = False, of_objects: str | None = None) -> list[Thing]:
        """Files of the project, by the end of their path."""
        among = None if of_objects is None else {str(each.key) for each in self.objects(of_objects, "fileset")}
        found = [
            self._file(path)
            for path, fileset in self.here.files.items()
            if (among is None or fileset in among)
            and any(path.match(pattern) or str(path) == pattern for pattern in tcl_list.split(patterns))
        ]
        return self.filtered(found, "", f"files '{patterns}'", quiet)

    def _fileset(self, name: str) -> Thing:
        values = self.here.filesets[name]
        return Thing("fileset", name, name, lambda: dict(values), settable(values, f"fileset {name}"))

    @command("get_filesets", flags="quiet", words=(1, 1))
    def get_filesets(self, pattern: str, quiet: bool = False) -> list[Thing]:
        """Filesets by name."""
        found = [self._fileset(name) for name in self.here.filesets if matches(name, [pattern])]
        return self.filtered(found, "", f"filesets '{pattern}'", quiet)

    @command("current_fileset")
    def current_fileset(self) -> list[Thing]:
        """The sources."""
        return [self._fileset("sources_1")]

    @command("update_compile_order", options="fileset")
    def update_compile_order(self, fileset: str = "sources_1") -> None:
        """The order of the files."""
        if fileset not in self.here.filesets:
            raise VivadoError(f"there is no fileset '{fileset}'")

    # ---- block designs as files

    def _bd_folder(self, name: str, area: str) -> Path:
        return self.here.folder / f"{self.here.name}.{area}" / "sources_1" / "bd" / name

    @command("create_bd_design", words=(1, 1))
    def create_bd_design(self, name: str) -> str:
        """Begin a block design, a file of the project."""
        self.here  # noqa: B018 (there must be one)
        super().create_bd_design(name)
        file = self._bd_folder(name, "srcs") / f"{name}.bd"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PLACEHOLDER)
        self._add(str(file))
        return name

    @command("save_bd_design")
    def save_bd_design(self) -> None:
        """Write the block design."""
        if not self.bd.validated:
            raise VivadoError(f"block design {self.bd.name} was changed after its validation")

    def _bd_file(self, files: str) -> tuple[str, Path]:
        thing = self.one(files, "file")
        file = Path(thing.text)
        if file.suffix != ".bd":
            raise VivadoError(f"{file.name} is no block design")
        if not self.designs[file.stem].validated:
            raise VivadoError(f"[BD 41-1031] block design {file.stem} is not validated")
        return file.stem, file

    @command("generate_target", words=(2, 2))
    def generate_target(self, target: str, files: str) -> None:
        """What synthesis and software need of a block design."""
        if target not in {"all", "synthesis", "simulation", "instantiation_template"}:
            raise VivadoError(f"there is no target '{target}'")
        name, _ = self._bd_file(files)
        handoff = self._bd_folder(name, "gen") / "hw_handoff"
        handoff.mkdir(parents=True, exist_ok=True)
        (handoff / f"{name}.hwh").write_text(PLACEHOLDER)

    @command("make_wrapper", flags="top", options="files", words=(0, 0))
    def make_wrapper(self, files: str = "", top: bool = False) -> str:
        """Verilog around a block design; its path."""
        if not top:
            raise VivadoError("-top is needed")
        name, _ = self._bd_file(files)
        wrapper = self._bd_folder(name, "gen") / "hdl" / f"{name}_wrapper.v"
        wrapper.parent.mkdir(parents=True, exist_ok=True)
        wrapper.write_text(f"// {PLACEHOLDER}module {name}_wrapper;\nendmodule\n")
        return str(wrapper)

    # ---- runs

    def _run(self, run: Run) -> Thing:
        values = run.properties
        readable = {**values, "DIRECTORY": str(run.folder), "NEEDS_REFRESH": "0"}
        if run.name == "impl_1":
            values.setdefault("STEPS.WRITE_BITSTREAM.ARGS.BIN_FILE", "0")
        writable = settable(values, f"run {run.name}")

        def write(name: str, value: str) -> None:
            if name.upper() in {"PROGRESS", "STATUS", "DIRECTORY", "NEEDS_REFRESH"}:
                raise VivadoError(f"property {name} of run {run.name} is read-only")
            writable(name, value)

        return Thing("run", run.name, run.name, lambda: {**readable, **values}, write)

    @command("get_runs", flags="quiet", words=(1, 1))
    def get_runs(self, pattern: str, quiet: bool = False) -> list[Thing]:
        """Runs by name."""
        found = [self._run(run) for run in self.here.runs.values() if matches(run.name, [pattern])]
        return self.filtered(found, "", f"runs '{pattern}'", quiet)

    @command("current_run")
    def current_run(self) -> list[Thing]:
        """The run that was last started, the implementation if any."""
        started = [run for run in self.here.runs.values() if run.properties["PROGRESS"] != "0%"]
        return [self._run(started[-1] if started else self.here.runs["synth_1"])]

    def _top(self) -> str:
        top = self.here.filesets["sources_1"]["top"]
        if not top:
            raise VivadoError("no top module is set")
        declared = re.compile(rf"^\s*module\s+{re.escape(top)}\b", re.M)
        sources = [path for path, fileset in self.here.files.items() if fileset == "sources_1" and path.suffix == ".v"]
        if not any(declared.search(path.read_text()) for path in sources):
            raise VivadoError(f"[Synth 8-439] module '{top}' not found in the sources")
        return top

    def _runs(self, words: str) -> list[Run]:
        """Runs by object or, as launch_runs and its kin allow it, by name."""
        found = []
        for word in tcl_list.split(words):
            if word not in self.here.runs:
                raise VivadoError(f"there is no run '{word}'")
            found.append(self.here.runs[word])
        return found

    @command("launch_runs", options="jobs to_step", words=(1, 1))
    def launch_runs(self, words: str, jobs: str = "1", to_step: str = "") -> None:
        """Start runs; an implementation starts a synthesis that is missing."""
        if not jobs.isdigit() or not 1 <= int(jobs) <= 64:
            raise VivadoError(f"-jobs '{jobs}': it must be a number from 1 to 64")
        if to_step and to_step not in _STEPS:
            raise VivadoError(f"-to_step '{to_step}': it must be one of {', '.join(_STEPS)}")
        if not self.here.properties["part"]:
            raise VivadoError("the project has no part")
        for run in self._runs(words):
            if run.properties["PROGRESS"] == "100%":
                raise VivadoError(f"run {run.name} is done already; reset_run begins it anew")
            if run.name == "impl_1" and self.here.runs["synth_1"].properties["PROGRESS"] != "100%":
                self._finish(self.here.runs["synth_1"], "synth_design")
            self._finish(run, "synth_design" if run.name == "synth_1" else to_step or "route_design")

    def _finish(self, run: Run, last: str) -> None:
        top = self._top()
        run.folder.mkdir(parents=True, exist_ok=True)
        steps = _STEPS[:1] if run.name == "synth_1" else _STEPS[1 : _STEPS.index(last) + 1]
        if self.fail_step in steps:
            run.properties |= {"PROGRESS": "50%", "STATUS": f"{self.fail_step} ERROR"}
            return
        run.properties |= {"PROGRESS": "100%", "STATUS": f"{last} Complete!"}
        if last == "write_bitstream":
            (run.folder / f"{top}.bit").write_text(PLACEHOLDER)

    @command("reset_runs", words=(1, 1))
    def reset_runs(self, words: str) -> None:
        """Forget what runs did."""
        for run in self._runs(words):
            run.properties |= {"PROGRESS": "0%", "STATUS": "Not started"}

    @command("wait_on_run", words=(1, 1))
    def wait_on_run(self, words: str) -> None:
        """Wait for a run that was started."""
        for run in self._runs(words):
            if run.properties["PROGRESS"] == "0%":
                raise VivadoError(f"run {run.name} was not started")

    # ---- results

    @command("open_run", words=(1, 1))
    def open_run(self, words: str) -> list[Thing]:
        """The result of a run."""
        (run,) = self._runs(words)
        if run.properties["PROGRESS"] != "100%":
            raise VivadoError(f"run {run.name} is not complete")
        self.opened = run.name
        return [self._design()]

    def _design(self) -> Thing:
        if not self.opened:
            raise VivadoError("[Common 17-53] no open design")
        values = {"BITSTREAM.GENERAL.COMPRESS": "FALSE", "CFGBVS": "", "CONFIG_VOLTAGE": ""}
        legal = {"BITSTREAM.GENERAL.COMPRESS": ("TRUE", "FALSE")}
        return Thing("design", self.opened, self.opened, lambda: values, settable(values, "the design", legal))

    @command("current_design")
    def current_design(self) -> list[Thing]:
        """The open design."""
        return [self._design()]

    def _report(self, file: str) -> None:
        self._design()
        if not file:
            raise VivadoError("-file is needed")
        if not Path(file).parent.is_dir():
            raise VivadoError(f"there is no folder for {file}")
        Path(file).write_text(PLACEHOLDER)

    @command("report_utilization", flags="hierarchical", options="hierarchical_depth file")
    def report_utilization(self, file: str = "", hierarchical: bool = False, hierarchical_depth: str = "1") -> None:
        """Resources."""
        if not hierarchical and hierarchical_depth != "1":
            raise VivadoError("-hierarchical_depth needs -hierarchical")
        self._report(file)

    @command("report_timing_summary", options="max_paths file")
    def report_timing_summary(self, file: str = "", max_paths: str = "1") -> None:
        """Timing."""
        self._report(file)

    @command("report_power", options="file")
    def report_power(self, file: str = "") -> None:
        """Power."""
        self._report(file)

    @command("report_drc", options="file")
    def report_drc(self, file: str = "") -> None:
        """Design rules."""
        self._report(file)

    @command("get_timing_paths", flags="quiet", options="delay_type max_paths nworst")
    def get_timing_paths(
        self, delay_type: str = "max", max_paths: str = "1", nworst: str = "1", quiet: bool = False
    ) -> list[Thing]:
        """The worst path."""
        self._design()
        if delay_type not in {"max", "min"}:
            raise VivadoError(f"-delay_type '{delay_type}': it must be max or min")
        slack = self.slack[delay_type == "min"]
        return [Thing("timing_path", f"worst_{delay_type}", delay_type, lambda: {"SLACK": f"{slack:.3f}"})]

    @command("write_edif", flags="force", words=(1, 1))
    def write_edif(self, file: str, force: bool = False) -> str:
        """The netlist as EDIF."""
        return self._netlist(file, ".edn .edf", force)

    @command("write_verilog", flags="force", words=(1, 1))
    def write_verilog(self, file: str, force: bool = False) -> str:
        """The netlist as Verilog."""
        return self._netlist(file, ".v", force)

    def _netlist(self, file: str, kinds: str, force: bool) -> str:
        self._design()
        if Path(file).suffix not in kinds.split():
            raise VivadoError(f"'{file}': it must end in {kinds}")
        if Path(file).exists() and not force:
            raise VivadoError(f"{file} exists; -force overwrites it")
        Path(file).write_text(f"// {PLACEHOLDER}")
        return file

    @command("write_hw_platform", flags="fixed include_bit force", options="file")
    def write_hw_platform(
        self, file: str = "", fixed: bool = False, include_bit: bool = False, force: bool = False
    ) -> None:
        """The hand-off to software."""
        self._design()
        if not file.endswith(".xsa"):
            raise VivadoError(f"-file '{file}': it must end in .xsa")
        if Path(file).exists() and not force:
            raise VivadoError(f"{file} exists; -force overwrites it")
        if include_bit and not list(self.here.runs["impl_1"].folder.glob("*.bit")):
            raise VivadoError("there is no bitstream to include")
        Path(file).write_text(PLACEHOLDER)
