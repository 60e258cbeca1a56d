"""ASTERIX blocks in a row: is this such a chain, where are its blocks, and where does it go on after a break.

A block is category, length (16 bits, its own three octets included), records. Nothing here looks inside.
Sources: EUROCONTROL-SPEC-0149 part 1 section 4.2 (data block); CroatiaControl's published reader for the ORADIS and
GPS recorder framings; recorders of the FINAL kind as that reader and jASTERIX describe them.
"""

from __future__ import annotations

from typing import Any, Final

from vigie.terms.kernel import kernel
from vigie.terms.utc import DAY_NS
from vigie.wire.pcap.layout import i64

RAW: Final = 0
GPS: Final = 1
FINAL: Final = 2

GPS_HEAD: Final = 2200
"""Octets of 0xCD before the first block of a GPS recorder file."""
_GPS_TRAILER: Final = 10
_FINAL_HEAD: Final = 8
_FINAL_PADDING: Final = 4  # 0xA5 each

ORADIS_HEAD: Final = 6
_LONGEST_USUAL: Final = 8192
_JUNK_PIECE: Final = 65_535
FAR_NS: Final = 3_600_000_000_000
_AGREE: Final = 8

# state of the cutters
C_LOST: Final = 0  # octets passed over since the chain broke; 0: the chain holds
C_JUNK: Final = 1  # octets passed over, all in all
C_SIZE: Final = 2


@kernel
def known_category(category: int) -> bool:
    """Whether a category is one that EUROCONTROL has published or reserved for known use."""
    return category in (
        1, 2, 3, 4, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34,
        48, 49, 62, 63, 64, 65, 120, 128, 129, 150, 152, 153, 204, 205, 238, 239, 240, 241, 247, 252, 253, 255,
    )  # fmt: skip


@kernel
def block_length(data: Any, at: int) -> int:
    """Return the length that the block at ``at`` claims (its head must be there)."""
    high = i64(data[at + 1])
    low = i64(data[at + 2])
    return high * 256 + low


@kernel
def chain_end(data: Any, start: int, end: int) -> tuple[int, int]:
    """Return (where the chain of whole blocks from ``start`` ends, how many blocks)."""
    at = start
    blocks = 0
    while at + 3 <= end and data[at] != 0:
        size = block_length(data, at)
        if size < 3 or at + size > end:
            break
        at += size
        blocks += 1
    return at, blocks


@kernel
def oradis_units(data: Any, start: int, end: int) -> int:
    """Return how many ORADIS units fill ``data[start:end]`` exactly, 0 if they do not.

    A unit is length (16 bits, head included), time (32 bits, ms of the day), one ASTERIX block.
    """
    at = start
    units = 0
    while at + ORADIS_HEAD + 3 <= end:
        size = i64(data[at]) * 256 + i64(data[at + 1])
        inner = at + ORADIS_HEAD
        if size < ORADIS_HEAD + 3 or at + size > end or data[inner] == 0:
            return 0
        if block_length(data, inner) != size - ORADIS_HEAD:
            return 0
        at += size
        units += 1
    return units if at == end else 0


@kernel
def _fits(data: Any, at: int, n: int, final: bool, strict: bool) -> int:
    """Whether a block can stand at ``at``: 1 yes, 0 no, -1 more octets are needed to tell.

    A usual block (known category, usual length) is believed; any other, or every one when ``strict``, only when the
    next one is usual or the file ends with it.
    """
    if at + 3 > n:
        return 0 if final else -1
    size = block_length(data, at)
    category = i64(data[at])
    if size < 3 or category == 0:
        return 0
    known = known_category(category)
    usual = known and size <= _LONGEST_USUAL
    if usual and not strict:
        return 1
    if strict and not usual:
        return 0
    following = at + size
    if following + 3 > n:
        if not final:
            return -1
        return 1 if following == n else 0
    if not known_category(i64(data[following])):
        return 0
    size = block_length(data, following)
    return 1 if 3 <= size <= _LONGEST_USUAL else 0


@kernel
def cut_chain(data: Any, n: int, final: bool, state: Any, out: Any) -> tuple[int, int]:
    """Cut raw ASTERIX ``data[:n]`` into blocks; return (octets used, pieces found).

    ``out`` int64[m, 3]: offset, length, 1 for octets that belong to no block (kept as pieces, so that they are
    rejected by name and not lost). A block that the end of the file cuts is given out as it is. ``state`` int64[2].
    """
    at = state[C_LOST]  # these octets stand at the beginning again
    filled = 0
    while at < n and filled < out.shape[0] - 1:
        fits = _fits(data, at, n, final, state[C_LOST] > 0)
        if fits == -1:
            break
        lost = state[C_LOST]
        if fits == 0:
            state[C_LOST] += 1
            state[C_JUNK] += 1
            at += 1
            if lost + 1 == _JUNK_PIECE or (final and at == n):
                out[filled, 0] = at - lost - 1
                out[filled, 1] = lost + 1
                out[filled, 2] = 1
                filled += 1
                state[C_LOST] = 0
            continue
        if lost > 0:
            out[filled, 0] = at - lost
            out[filled, 1] = lost
            out[filled, 2] = 1
            filled += 1
            state[C_LOST] = 0
        size = block_length(data, at)
        if at + size > n:
            if not final:
                break
            size = n - at
        out[filled, 0] = at
        out[filled, 1] = size
        out[filled, 2] = 0
        filled += 1
        at += size
    return at - state[C_LOST], filled


@kernel
def cut_recorder(data: Any, n: int, final: bool, kind: int, out: Any) -> tuple[int, int]:
    """Cut a recorder's file after its head into blocks; return (octets used, pieces found).

    ``out`` int64[m, 3]: offset, length, and the recorder's time of day in ns. GPS: block, then 10 octets with the time
    in 1/128 s at 6 to 8. FINAL: length, error, board, day, time in 10 ms; blocks; four octets 0xA5. What does not fit
    is given out whole, with time -1, and ends the file.
    """
    at = 0
    filled = 0
    while at < n and filled < out.shape[0]:
        good = False
        start = at
        size = 0
        total = 0
        tod_ns = -1
        if kind == GPS and at + 3 <= n:
            size = block_length(data, at)
            total = size + _GPS_TRAILER
            good = size >= 3
            t = at + size + 6
            if good and t + 3 <= n:
                ticks = i64(data[t]) * 65_536 + i64(data[t + 1]) * 256 + i64(data[t + 2])
                tod_ns = ticks * 7_812_500
        elif kind == FINAL and at + _FINAL_HEAD <= n:
            total = i64(data[at]) * 256 + i64(data[at + 1])
            start = at + _FINAL_HEAD
            size = total - _FINAL_HEAD - _FINAL_PADDING
            good = size >= 3
            tod_ns = (i64(data[at + 5]) * 65_536 + i64(data[at + 6]) * 256 + i64(data[at + 7])) * 10_000_000
        elif not final:
            break
        if good and at + total > n:
            if not final:
                break
            good = False
        if not good:
            if not final:
                break
            out[filled, 0] = at
            out[filled, 1] = n - at
            out[filled, 2] = -1
            return n, filled + 1
        out[filled, 0] = start
        out[filled, 1] = size
        out[filled, 2] = tod_ns
        filled += 1
        at += total
    return at, filled


@kernel
def running_time(times: Any, state: Any, out: Any) -> None:
    """Fill ``out`` with the receive time of each block of a file without a clock: the running maximum of its times.

    ``times`` int64[n] dated by one day, -1 where a block has none; ``out`` int64[n], -1 before the first time.
    ``state`` int64[3]: maximum (-1 none yet), the jump under suspicion, how many blocks agree with it. A time is taken
    as the first instant with that time of day that is less than ``FAR_NS`` behind the maximum, so midnight rolls over.
    One that leaps ahead by more counts only once the next ones agree: one bad octet must not carry the clock away.
    """
    for i in range(times.size):
        t = times[i]
        if t >= 0 and state[0] < 0:
            state[0] = t
        elif t >= 0:
            t += -((t - state[0] + FAR_NS) // DAY_NS) * DAY_NS
            if t <= state[0] + FAR_NS:
                state[2] = 0
                state[0] = max(state[0], t)
            else:
                agrees = state[2] > 0 and -FAR_NS < t - state[1] < FAR_NS
                state[2] = state[2] + 1 if agrees else 1
                state[1] = t
                if state[2] >= _AGREE:
                    state[2] = 0
                    state[0] = t
        out[i] = state[0]
