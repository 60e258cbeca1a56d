"""``vigie warmup``: compile every kernel now, so that nobody waits for it later."""

from __future__ import annotations

import os
import sys
import time

from vigie.app.kernels import prepare_together
from vigie.terms.kernel import CACHE_FOLDER

_WORTH_SAYING_S = 1.0


def command() -> None:
    """Fill the kernel cache. Example: vigie warmup."""
    started_s = time.monotonic()
    for group, seconds in prepare_together(min(4, os.cpu_count() or 1)):
        if seconds > _WORTH_SAYING_S:
            sys.stderr.write(f"  {group}: {seconds:.1f} s\n")
    sys.stderr.write(f"vigie: kernels ready in {time.monotonic() - started_s:.1f} s ({CACHE_FOLDER})\n")
