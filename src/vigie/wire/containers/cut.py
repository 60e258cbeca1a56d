"""Streams cut at whole messages, so that a frame never begins or ends inside one.

Two connections on one link then cannot mix their halves. Only the frames of messages are looked at, not the messages.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS
from vigie.terms.kernel import kernel
from vigie.wire.containers.chain import block_length

REST_MAX: Final = 65_536
"""Octets kept while waiting for the end of a message; more are passed on as they are."""


@kernel
def whole_beast(data: Any, n: int) -> int:
    """Return how many octets of a Beast stream are whole messages (and octets between them).

    A message is 0x1A, its type, then 6 octets of time, one of signal and 2, 7 or 14 of message, 0x1A doubled inside.
    """
    at = 0
    done = 0
    while at + 1 < n:
        if data[at] != 0x1A:
            at += 1
            done = at
            continue
        mark = data[at + 1]
        need = 0
        if mark == 0x31:
            need = 9
        elif mark == 0x32:
            need = 14
        elif mark in {51, 52, 53}:
            need = 21
        elif mark == 0xE3:
            need = 8
        at += 2
        if need == 0:
            done = at
            continue
        for _ in range(need):
            if at >= n or (data[at] == 0x1A and at + 1 >= n):
                return done
            if data[at] == 0x1A:
                if data[at + 1] != 0x1A:
                    break
                at += 1
            at += 1
        done = at
    if at < n and data[at] != 0x1A:
        done = n
    return done


@kernel
def whole_blocks(data: Any, n: int) -> int:
    """Return how many octets of an ASTERIX stream are whole blocks; all of them where it is no chain."""
    at = 0
    while at + 3 <= n:
        size = block_length(data, at)
        if size < 3 or data[at] == 0:
            return n
        if at + size > n:
            break
        at += size
    return at


class StreamCutter:
    """Gives back, of what was fed so far, the whole messages; keeps the rest for the next piece."""

    def __init__(self, form: int) -> None:
        self._form = form
        self._rest = b""

    def feed(self, piece: bytes) -> bytes:
        """Return the whole messages that ``piece`` completes, empty where none is."""
        work = self._rest + piece
        done = self._whole(work)
        if len(work) - done > REST_MAX:
            done = len(work)
        self._rest = work[done:]
        return work[:done]

    def close(self) -> bytes:
        """Return the unfinished rest."""
        rest, self._rest = self._rest, b""
        return rest

    def _whole(self, work: bytes) -> int:
        if self._form in (FORMAT_AVR, FORMAT_SBS):
            end = work.rfind(b"\n") + 1
            return max(end, work.rfind(b";") + 1) if self._form == FORMAT_AVR else end
        if self._form in (FORMAT_ASTERIX, FORMAT_BEAST):
            octets = np.frombuffer(bytearray(work), np.uint8)
            return int(
                whole_beast(octets, len(octets)) if self._form == FORMAT_BEAST else whole_blocks(octets, len(octets))
            )
        return len(work)
