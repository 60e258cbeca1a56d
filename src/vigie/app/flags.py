"""Flags and counts that processes share without a lock.

One octet, or eight, in shared memory, written whole. The flags of ``multiprocessing`` take a lock, and a process that
is killed while it holds it, or while it waits, would hold up all the others for ever.
"""

from __future__ import annotations

import time
from multiprocessing.context import BaseContext
from typing import Final

_LOOK_EVERY_S: Final = 0.02


class Flag:
    """Up or down; anybody may set it."""

    def __init__(self, context: BaseContext) -> None:
        self._raised = context.RawValue("b", 0)

    def set(self) -> None:
        """Raise the flag."""
        self._raised.value = 1

    def clear(self) -> None:
        """Take the flag down."""
        self._raised.value = 0

    def is_set(self) -> bool:
        """Whether the flag is up."""
        return bool(self._raised.value)

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until the flag is up, at most ``timeout_s``; return whether it is."""
        ends_s = None if timeout_s is None else time.monotonic() + timeout_s
        while not self.is_set():
            left_s = _LOOK_EVERY_S if ends_s is None else ends_s - time.monotonic()
            if left_s <= 0.0:
                return False
            time.sleep(min(left_s, _LOOK_EVERY_S))
        return True


class Count:
    """A number that one process writes and others read."""

    def __init__(self, context: BaseContext, value: int = 0) -> None:
        self._value = context.RawValue("q", value)

    @property
    def value(self) -> int:
        """The number now."""
        return int(self._value.value)

    def next(self) -> int:
        """Add one and return the number; only one process may do this."""
        self._value.value += 1
        return self.value
