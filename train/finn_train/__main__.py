# SPDX-License-Identifier: Apache-2.0
"""`python -m train NETWORK --data DIR`, or `finn-train`: train, fold, prove, and write what an accelerator is made of.

NETWORK is a YAML file as finn-gen takes it, without parameters (docs/own-pictures.md), or sfc, lfc or cnv.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from finn_gen.base.errors import InputError

MISSING = (
    "train: {} is not installed; from a checkout `pip install -r requirements/train.in` installs what training needs, "
    "`pip install ./verif '.[train]'` this program too"
)


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m train", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network", metavar="NETWORK", help="a network's YAML file, or one of sfc, lfc, cnv")
    parser.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("FINN_DATA"),
        help="folder of pictures: train/<class>/ and test/<class>/, or <class>/; "
        "of data sets: mnist/, cifar10/, svhn/; default $FINN_DATA",
    )
    parser.add_argument(
        "--dataset",
        choices=("mnist", "cifar10", "svhn", "pictures"),
        help="default pictures, for sfc and lfc mnist, for cnv cifar10",
    )
    parser.add_argument("-o", "--output", type=Path, help="folder to write to; default build/train/<net>_<data>/out")
    parser.add_argument(
        "--run",
        type=Path,
        help="folder of checkpoint and log, from which the same command goes on; default run/ in that of -o, "
        "else build/train/<net>_<data>",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, help="epochs of the last stage instead of the recipe's")
    parser.add_argument("--limit", type=int, help="use only the first so many images: a trial of the machinery")
    parser.add_argument("--flip", action="store_true", help="left and right mean nothing: mirror every second picture")
    parser.add_argument(
        "--teacher", action="store_true", help="train a convolutional network first, and learn from its answers"
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="default cuda if there is one"
    )
    arguments = parser.parse_args(argv)
    if arguments.data is None:
        parser.error("--data DIR is needed (or set FINN_DATA)")
    for name, least in (("epochs", 1), ("limit", 2), ("seed", 0)):
        if getattr(arguments, name) is not None and getattr(arguments, name) < least:
            parser.error(f"--{name} must be at least {least}")
    return arguments


def main(argv: list[str] | None = None) -> int:
    """Exit code: 0 done, 1 the proof failed, 2 wrong input, 3 stopped with a checkpoint written."""
    arguments = _arguments(argv)
    try:
        from finn_train import job
        from finn_train.fold import FoldError
        from finn_train.loop import StoppedError
    except ModuleNotFoundError as error:
        print(MISSING.format(error.name), file=sys.stderr)
        return 2
    try:
        job.run(arguments)
    except InputError as error:
        print(f"train: {error}", file=sys.stderr)
        return 2
    except FoldError as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    except StoppedError as stopped:
        print(f"train: {stopped}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
