"""How the house compiles hot loops: one decorator, one set of switches, one cache folder.

``cache=True`` keeps machine code between runs, ``nogil=True`` lets threads go on; no ``fastmath`` and no parallel
reductions, because a replay must give the same bits. Arrays and tables go in as arguments, never as globals.

numba checks only the file a function stands in, so a changed helper elsewhere would leave stale machine code. The
cache folder therefore carries a hash of every source file with a kernel, numba's version and the processor.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding
import numba
from numba.core import config

F = TypeVar("F", bound=Callable[..., Any])


def _cache_folder() -> Path:
    """Return cache/vigie/HASH in the user's cache folder (XDG_CACHE_HOME, else ~/.cache)."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parent.parent
    for source in sorted(package.rglob("*.py")):
        text = source.read_bytes()
        if any(mark in text for mark in (b"@kernel", b"@inlined", b"@lean", b"@flat", b"@intrinsic")):
            digest.update(str(source.relative_to(package)).encode() + b"\0" + text)
    processor = llvmlite.binding.get_host_cpu_name() + llvmlite.binding.get_host_cpu_features().flatten()
    digest.update(f"{numba.__version__}\0{processor}".encode())
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "vigie" / digest.hexdigest()[:16]


_LEAN: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}

CACHE_FOLDER = _cache_folder()
if "NUMBA_CACHE_DIR" not in os.environ:  # who sets it by hand knows why
    vars(config)["CACHE_DIR"] = str(CACHE_FOLDER)


def kernel(function: F) -> F:
    """Compile ``function`` on first use; its type stays what it was written as."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inlined(function: F) -> F:
    """Compile a small helper that other kernels take in whole."""
    return cast(F, numba.njit(cache=True, nogil=True, error_model="numpy", inline="always")(function))


def lean(function: F) -> F:
    """Compile a kernel that neither makes nor returns arrays: no reference counts are kept.

    Passing an array to another kernel otherwise costs four locked operations a call, ten times the work of a small
    kernel that is called once a record with fifteen tables. What it calls with arrays must be lean too.
    """
    return cast(F, numba.njit(**_LEAN)(function))


def flat(function: F) -> F:
    """Compile a lean kernel that the compiler must take into its caller whole: its arrays are not passed at all."""
    return cast(F, numba.njit(**_LEAN, forceinline=True)(function))
