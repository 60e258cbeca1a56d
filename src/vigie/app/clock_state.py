"""Is the host's clock synchronised? The kernel knows it from chrony or any other that disciplines it.

Asked every ten seconds; a change is an event in the batch, recorded, so that a replay shows the same DEGRADED-TIME.
Source: adjtimex(2): TIME_ERROR and STA_UNSYNC, maximum error in microseconds.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Callable
from typing import Final

from vigie.terms.batch import Event
from vigie.terms.units import NS_PER_S

EVERY_NS: Final = 10 * NS_PER_S
MOST_ERROR_S: Final = 0.1
"""A clock that may be off by more than this is not good enough: a jet flies 25 m in it."""
_UNSYNC: Final = 0x0040
_TIME_ERROR: Final = 5
_LONGS: Final = 64  # more than struct timex has on any system


def kernel_state() -> tuple[bool, float] | None:
    """Return whether the clock is synchronised and its greatest error (s); None where the system does not say."""
    name = ctypes.util.find_library("c")
    library = ctypes.CDLL(name) if name else None
    ask = getattr(library, "adjtimex", None)
    if ask is None:
        return None
    buffer = (ctypes.c_long * _LONGS)()  # all zero: nothing is set, only read
    answer = ask(ctypes.byref(buffer))
    if answer < 0:
        return None
    # struct timex: modes (int), then longs offset, freq, maxerror, esterror, then status (int).
    status = ctypes.cast(ctypes.byref(buffer, 5 * ctypes.sizeof(ctypes.c_long)), ctypes.POINTER(ctypes.c_int)).contents
    return answer != _TIME_ERROR and not status.value & _UNSYNC, buffer[3] * 1e-6


class ClockState:
    """Tells changes of the host clock's state as events; nothing where the system does not say."""

    def __init__(self, read: Callable[[], tuple[bool, float] | None] = kernel_state) -> None:
        self._read = read
        self._asked_ns = 0
        self._good: bool | None = None

    def changes(self, now_ns: int) -> tuple[Event, ...]:
        """Return an event when the state has changed since it was last asked, at most every ten seconds."""
        if now_ns - self._asked_ns < EVERY_NS:
            return ()
        self._asked_ns = now_ns
        told = self._read()
        if told is None:
            return ()
        good = told[0] and told[1] <= MOST_ERROR_S
        if good == self._good or (good and self._good is None):
            self._good = good
            return ()
        self._good = good
        text = "" if good else ("not synchronised" if not told[0] else f"may be {told[1]:.2f} s off")
        return (Event(rx_ns=now_ns, kind="clock_state", value=int(not good), text=text),)
