"""A progress bar on a terminal, silence in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

_WIDTH: Final = 30
_EVERY_S: Final = 0.2


class Progress:
    """Shows how far reading has come, by octets of the input files; approximate where files are compressed."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self._total = sum(path.stat().st_size for path in paths if path.is_file())
        self._shown = sys.stderr.isatty() and self._total > 0
        self._due_s = 0.0
        self._started_s = time.monotonic()

    def show(self, octets: int, what: str) -> None:
        """Draw the bar again, at most five times a second."""
        now_s = time.monotonic()
        if not self._shown or now_s < self._due_s:
            return
        self._due_s = now_s + _EVERY_S
        done = min(1.0, octets / self._total)
        bar = "#" * int(done * _WIDTH)
        sys.stderr.write(f"\r[{bar:<{_WIDTH}}] {done:4.0%}  {what}  {now_s - self._started_s:.0f} s ")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the line."""
        if self._shown:
            sys.stderr.write("\r" + " " * 78 + "\r")
            sys.stderr.flush()
