"""``vigie warmup``: compile every kernel now, so that nobody waits for it later."""

from __future__ import annotations

import sys
import time

from vigie.app.kernels import prepare
from vigie.terms.kernel import CACHE_FOLDER


def command() -> None:
    """Fill the kernel cache. Example: vigie warmup."""
    started = last = time.monotonic()
    name = ""
    for next_name in prepare():
        now = time.monotonic()
        if name and now - last > 1.0:
            sys.stderr.write(f"  {name}: {now - last:.1f} s\n")
        name, last = next_name, now
    sys.stderr.write(f"vigie: kernels ready in {time.monotonic() - started:.1f} s ({CACHE_FOLDER})\n")
