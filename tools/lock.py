# SPDX-License-Identifier: Apache-2.0
"""Pin requirements/*.in, with hashes for every platform, in requirements/*.txt; `make lock` calls it."""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = "uv==0.13.9"


def main() -> None:
    """Resolve every requirements file with uv, installed for this run alone."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "pip", "-q", "install", "--target", folder, UV], check=True)
        for source in sorted((ROOT / "requirements").glob("*.in")):
            command = [
                f"{folder}/bin/uv",
                *("pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes"),
                *("--no-emit-index-url", "--no-annotate", "--custom-compile-command", "make lock"),
                *("-o", str(source.with_suffix(".txt")), str(source)),
            ]
            subprocess.run(command, check=True)
            print(f"{source.with_suffix('.txt').relative_to(ROOT)}: written")


if __name__ == "__main__":
    main()
