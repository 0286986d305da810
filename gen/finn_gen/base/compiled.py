# SPDX-License-Identifier: Apache-2.0
"""Machine code of a function with its parts: numba compiles it once, from then on llvmlite alone loads it.

To start numba and to let it load what it has in its cache takes half a second, which is more than most plans do.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FunctionType

import llvmlite
from llvmlite import binding

from finn_gen.base.files import write_if_changed
from finn_gen.base.progress import starting

_NAME = "entry"
_SUM = hashlib.sha256().digest_size


def part(function: Callable) -> Callable:
    """Mark a function as one that compiled functions call, and are compiled with."""
    function.is_part = True
    return function


class Native:
    """A function that takes pointers and returns a 64-bit number, as machine code; `library` keeps it in memory."""

    def __init__(self, code: bytes, pointers: int) -> None:
        processor = binding.create_lljit_compiler(_machine())
        self.library = binding.JITLibraryBuilder().add_object_img(code).export_symbol(_NAME).link(processor, _NAME)
        kind = ctypes.PYFUNCTYPE(ctypes.c_int64, *[ctypes.c_void_p] * pointers)
        self.call = kind(self.library[_NAME])


def load(name: str, sources: Sequence[Path], make: Callable[[], Callable], pointers: str) -> Native:
    """The machine code of the function that `make` gives, which follows from `sources` alone.

    It takes as many pointers as `pointers` has letters: i for one to 64-bit numbers, f for one to floats of 64 bits.
    Compiling takes some seconds; the code is kept under `name` beside this file, or in the user's cache where that
    folder cannot be written to.
    """
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    file = f"{name}-{_digest(sources)}.o"
    places = [Path(__file__).parent / "__pycache__" / file, _user_cache() / file]
    for place in places:
        if code := _read(place):
            return Native(code, len(pointers))
    starting(f"compiling {name}, once on this machine")
    code = _compile(make(), pointers)
    for place in places:
        try:
            write_if_changed(place, hashlib.sha256(code).digest() + code)
            break
        except OSError:
            continue
    return Native(code, len(pointers))


def _digest(sources: Sequence[Path]) -> str:
    """What machine code depends on: the sources, this file, the compiler, the processor, the Python that reads them."""
    text = [each.read_bytes() for each in (Path(__file__), *sources)]
    host = (llvmlite.__version__, sys.version, binding.get_host_cpu_name(), _features())
    return hashlib.sha256(b"\0".join((*text, repr(host).encode()))).hexdigest()[:16]


def _features() -> str:
    return binding.get_host_cpu_features().flatten()


def _user_cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "finn_gen"


def _read(place: Path) -> bytes:
    """Machine code that is whole, b"" if there is none."""
    try:
        data = place.read_bytes()
    except OSError:
        return b""
    return data[_SUM:] if hashlib.sha256(data[_SUM:]).digest() == data[:_SUM] else b""


def _machine() -> binding.TargetMachine:
    target = binding.Target.from_default_triple()
    return target.create_target_machine(
        cpu=binding.get_host_cpu_name(), features=_features(), opt=3, reloc="pic", codemodel="small", jit=True
    )


def _compile(function: Callable, pointers: str) -> bytes:
    from numba import cfunc, types

    kinds = {"i": types.int64, "f": types.float64}
    signature = types.int64(*(types.CPointer(kinds[letter]) for letter in pointers))
    found = cfunc(signature, error_model="numpy", _nrt=False)(scoped(function))
    # What numba adds in case of an error takes Python's lock, by functions of its own; who calls this holds it.
    text = re.sub(
        r"declare void @(numba_gil_\w+)\(.*", r"define internal void @\1(ptr %state) { ret void }", found.inspect_llvm()
    )
    module = binding.parse_assembly(text.replace(found.native_name, _NAME))
    return _machine().emit_object(module)


@functools.cache
def jitted(function: Callable) -> Callable:
    """A part as numba takes it, with the parts that it calls."""
    from numba import njit

    # Nothing is allocated, so that references to arrays need not be counted (_nrt): that and calls would take two
    # thirds of the time.
    options = {"forceinline": True, "no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    return njit(error_model="numpy", **options)(scoped(function))


def scoped(function: Callable) -> Callable:
    """A function that calls its parts as `jitted`, and is not a part itself."""
    scope = dict(function.__globals__)
    for name in function.__code__.co_names:
        if getattr(scope.get(name), "is_part", False):
            scope[name] = jitted(scope[name])
    return FunctionType(function.__code__, scope, function.__name__, None, function.__closure__)


def array() -> Callable:
    """For a compiled function: what is at a pointer as an array of a shape, as numba's `carray`; not counted."""
    from numba import types
    from numba.extending import intrinsic
    from numba.np.arrayobj import np_cfarray

    @intrinsic
    def found(typing: object, pointer: types.CPointer, shape: types.UniTuple) -> tuple:
        return types.Array(pointer.dtype, shape.count, "C")(pointer, shape), np_cfarray

    return found
