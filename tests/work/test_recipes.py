# SPDX-License-Identifier: Apache-2.0
"""The recipes of docs/many-machines.md start clusters that work: for this machine, and by SSH where there is sshd."""

from __future__ import annotations

import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lib.paths import ROOT
from tests.work.clusters import wait_for

PAGE = (ROOT / "docs" / "many-machines.md").read_text()
FUZZ = f"{sys.executable} -m tools.fuzz --count 1 --seed 1 --sim icarus"
"""In place of a hundred networks."""
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}{os.pathsep}/usr/sbin")


def recipe(title: str) -> str:
    """The first block for a shell under a heading."""
    section = PAGE.split(f"### {title}\n", 1)[1].split("\n### ", 1)[0]
    return re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def run(script: str, folder: Path) -> str:
    """What a script prints; the cluster that it leaves is ended."""
    script = script.replace("make fuzz COUNT=100", f"cd {ROOT} && {FUZZ}").replace("8786", str(free_port()))
    script = script.replace("--port", "--no-dashboard --port").replace("--nworkers 8", "--nworkers 1")
    process = subprocess.Popen(
        ["sh", "-ec", script], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        return _until(process, "wrong")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _until(process: subprocess.Popen, word: str) -> str:
    """All lines to the one with a word in it: what the script leaves running keeps its output open."""
    said = ""
    for line in process.stdout:
        said += line
        if word in line:
            break
    return said


@pytest.mark.lengthy
def test_the_recipe_for_this_machine_works(tmp_path: Path) -> None:
    assert "1 in icarus: none wrong" in run(recipe("This machine"), tmp_path)


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[Path]:
    """A folder with a program `ssh` that reaches this machine by an sshd of its own."""
    if not SSHD or not shutil.which("ssh"):
        pytest.skip("no sshd is installed on this machine, by which the recipe for SSH could reach it")
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name], check=True)
    port, log = free_port(), tmp_path / "sshd.log"
    (tmp_path / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path}/host\nAuthorizedKeysFile {tmp_path}/user.pub\n"
        f"PidFile none\nStrictModes no\nUsePAM no\n"
    )
    with log.open("wb") as file:
        daemon = subprocess.Popen([SSHD, "-D", "-e", "-f", tmp_path / "config"], stderr=file)
    program = tmp_path / "bin" / "ssh"
    program.parent.mkdir()
    options = "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR"
    program.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -p {port} -i {tmp_path}/user {options} "$@"\n')
    program.chmod(0o755)
    try:
        wait_for(lambda: daemon.poll() is not None or _listens(port))
        if daemon.poll() is not None:
            pytest.skip(f"sshd does not run for {getpass.getuser()} on this machine: {log.read_text()[-300:]}")
        yield program.parent
    finally:
        daemon.terminate()
        daemon.wait()


def _listens(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.lengthy
def test_the_recipe_for_ssh_works(ssh: Path, tmp_path: Path) -> None:
    script = (
        recipe("Machines with SSH").replace("node1 node2", "127.0.0.1 localhost").replace("$(hostname)", "127.0.0.1")
    )
    script = script.replace("finn-rtl/.venv/bin/dask", f"{sys.executable} -m dask")
    assert "1 in icarus: none wrong" in run(f"PATH={ssh}:$PATH\n{script}", tmp_path)
