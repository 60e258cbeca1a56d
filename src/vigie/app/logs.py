"""Logging for people: one line each on standard error, with the room that speaks."""

from __future__ import annotations

import logging
import sys


def child_logging(level: int = logging.INFO) -> None:
    """Send log lines of this process to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
    root = logging.getLogger("vigie")
    root.handlers = [handler]
    root.setLevel(level)
    root.propagate = False
