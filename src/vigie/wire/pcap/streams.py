"""TCP streams put back in order, and every payload copied side by side into one buffer.

Per connection the next sequence number is known; what comes early waits in a few slots, what comes twice is dropped,
and what never comes is a gap, counted, after which the stream goes on. Source: RFC 9293.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from vigie.terms.kernel import kernel
from vigie.wire.pcap.layout import (
    COLUMNS,
    DST_HI,
    DST_LO,
    DST_PORT,
    LENGTH,
    OFFSET,
    PROTO,
    R_CONTROL,
    R_CUT,
    R_DUPLICATE,
    RADIO,
    RADIO_HEAD,
    RX,
    SEQ,
    SRC_HI,
    SRC_LO,
    SRC_PORT,
    SYN,
    TCP,
    TCP_FLAGS,
    i64,
)

CONNECTIONS: Final = 1024
"""Directions of connections followed at once; the one that has been idle longest makes room."""
SLOTS: Final = 64
SLOT_OCTETS: Final = 65_536
_PER_CONNECTION: Final = 16  # segments held per connection before the missing one is given up
_WAIT_NS: Final = 1_000_000_000  # and for how long
_FAR: Final = 1 << 26  # a jump of 64 MiB is another stream, not a reordered segment
_PROBES: Final = 16

# Columns of the connection table.
_USED: Final = 0
_K0: Final = 1
_K4: Final = 5
_NEXT: Final = 6
_HELD: Final = 7
_TOUCHED: Final = 8
_CONN_COLUMNS: Final = 9

# Columns of a held segment: used, connection, sequence number, length, stamp, then its PACKET row.
_H_USED: Final = 0
_H_CONN: Final = 1
_H_ROW: Final = 2
_HELD_COLUMNS: Final = 2 + COLUMNS

# The tally.
T_GAPS: Final = 0
T_LOST: Final = 1
T_CLOCK: Final = 2
T_HELD_OCTETS: Final = 3


def stream_tables() -> tuple[Any, Any, Any, Any]:
    """Return empty (connections, held rows, held octets, tally) for ``deliver``."""
    return (
        np.zeros((CONNECTIONS, _CONN_COLUMNS), np.int64),
        np.zeros((SLOTS, _HELD_COLUMNS), np.int64),
        np.zeros((SLOTS, SLOT_OCTETS), np.uint8),
        np.zeros(4, np.int64),
    )


@kernel
def _ahead(seq: int, expected: int) -> int:
    """Return how far ``seq`` is ahead of ``expected`` on the 32-bit circle (negative: behind)."""
    return ((seq - expected + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)


@kernel
def _connection(row: Any, table: Any, held: Any, tally: Any) -> int:
    """Return the place of the row's connection in the table; a new one has ``_USED`` 0."""
    ports = (row[SRC_PORT] << 16) | row[DST_PORT]
    mixed = row[SRC_HI] ^ (row[SRC_LO] * 31) ^ (row[DST_HI] * 131) ^ (row[DST_LO] * 8191) ^ (ports * 2654435761)
    first = ((mixed >> 17) ^ mixed) & (CONNECTIONS - 1)
    oldest: int = first
    tally[T_CLOCK] += 1
    for probe in range(_PROBES):
        place: int = (first + probe) & (CONNECTIONS - 1)
        entry = table[place]
        if entry[_USED] == 0:
            oldest = place
            break
        if (
            entry[_K0] == row[SRC_HI]
            and entry[_K0 + 1] == row[SRC_LO]
            and entry[_K0 + 2] == row[DST_HI]
            and entry[_K0 + 3] == row[DST_LO]
            and entry[_K4] == ports
        ):
            entry[_TOUCHED] = tally[T_CLOCK]
            return place
        if entry[_TOUCHED] < table[oldest, _TOUCHED]:
            oldest = place
    entry = table[oldest]
    entry[_USED] = 0
    entry[_K0] = row[SRC_HI]
    entry[_K0 + 1] = row[SRC_LO]
    entry[_K0 + 2] = row[DST_HI]
    entry[_K0 + 3] = row[DST_LO]
    entry[_K4] = ports
    entry[_TOUCHED] = tally[T_CLOCK]
    return oldest


@kernel
def _emit(row: Any, skip: int, rx_ns: int, source: Any, start: int, out: Any, filled: int, octets: Any, at: int) -> int:
    """Append one row and its octets (less the first ``skip``); return the end of the octets."""
    size: int = row[LENGTH] - skip
    for column in range(COLUMNS):
        out[filled, column] = row[column]
    out[filled, RX] = rx_ns
    out[filled, OFFSET] = at
    out[filled, LENGTH] = size
    begin = start + skip
    for k in range(size):  # a slice assignment would be the same machine code after seconds of compiling
        octets[at + k] = source[begin + k]
    return at + size


@kernel
def _release(
    place: int, rx_ns: int, give_up: int, table: Any, held: Any, store: Any, tally: Any, counts: Any,
    out: Any, filled: int, octets: Any, at: int,
) -> tuple[int, int]:  # fmt: skip
    """Append what was held for a connection and now follows; ``give_up``: also what lies behind a gap."""
    entry = table[place]
    none = i64(0)
    while entry[_HELD] > 0:
        best = -1
        nearest = none
        for slot in range(SLOTS):
            if held[slot, _H_USED] and held[slot, _H_CONN] == place:
                ahead = _ahead(held[slot, _H_ROW + SEQ], entry[_NEXT])
                if best < 0 or ahead < nearest:
                    best = slot
                    nearest = ahead
        if best < 0:
            entry[_HELD] = 0
            break
        if nearest > 0:
            if not give_up:
                break
            tally[T_GAPS] += 1
            tally[T_LOST] += nearest
            entry[_NEXT] = held[best, _H_ROW + SEQ]
            nearest = none
        row = held[best, _H_ROW:]
        held[best, _H_USED] = 0
        entry[_HELD] -= 1
        size = row[LENGTH]
        tally[T_HELD_OCTETS] -= size
        if nearest + size <= 0:
            counts[R_DUPLICATE] += 1
            continue
        at = _emit(row, -nearest, rx_ns, store[best], none, out, filled, octets, at)
        filled += 1
        entry[_NEXT] = (entry[_NEXT] + size + nearest) & 0xFFFFFFFF
    return filled, at


@kernel
def _hold(row: Any, place: int, data: Any, table: Any, held: Any, store: Any, tally: Any) -> int:
    """Keep an early segment: 1 kept, 0 no room, -1 it is held already."""
    free = -1
    size = row[LENGTH]
    for slot in range(SLOTS):
        if held[slot, _H_USED] == 0:
            free = slot
        elif (
            held[slot, _H_CONN] == place
            and held[slot, _H_ROW + SEQ] == row[SEQ]
            and held[slot, _H_ROW + LENGTH] >= size
        ):
            return -1
    if free < 0 or size > SLOT_OCTETS or table[place, _HELD] >= _PER_CONNECTION:
        return 0
    held[free, _H_USED] = 1
    held[free, _H_CONN] = place
    for column in range(COLUMNS):
        held[free, _H_ROW + column] = row[column]
    start = row[OFFSET]
    for k in range(size):
        store[free, k] = data[start + k]
    table[place, _HELD] += 1
    tally[T_HELD_OCTETS] += size
    return 1


@kernel
def _waited(place: int, rx_ns: int, held: Any) -> bool:
    """Whether a segment held for this connection has waited too long."""
    for slot in range(SLOTS):
        if held[slot, _H_USED] and held[slot, _H_CONN] == place and rx_ns - held[slot, _H_ROW + RX] > _WAIT_NS:
            return True
    return False


@kernel
def deliver(
    rows: Any, n: int, data: Any, table: Any, held: Any, store: Any, tally: Any, counts: Any, final: bool,
    out: Any, octets: Any,
) -> tuple[int, int]:  # fmt: skip
    """Copy payloads side by side, TCP in order of its stream; return (rows, octets) filled.

    ``rows`` int64[m, COLUMNS] with offsets into ``data``; ``out`` int64[>= n + SLOTS, COLUMNS] with offsets into
    ``octets``, which must hold all lengths, the held octets and ``RADIO_HEAD`` for each row. A segment
    released from waiting bears the stamp of the one that released it: before, nobody could have read it.
    """
    filled = i64(0)
    at = i64(0)
    none = i64(0)
    give_up = i64(1)
    for i in range(n):
        row = rows[i]
        if row[PROTO] != TCP:
            if row[PROTO] == RADIO:
                octets[at] = 82
                octets[at + 1] = 70
                octets[at + 2] = row[SRC_PORT] >> 8
                octets[at + 3] = row[SRC_PORT] & 255
                at = _emit(row, none, row[RX], data, row[OFFSET], out, filled, octets, at + RADIO_HEAD)
                out[filled, OFFSET] -= RADIO_HEAD
                out[filled, LENGTH] += RADIO_HEAD
                filled += 1
                continue
            at = _emit(row, none, row[RX], data, row[OFFSET], out, filled, octets, at)
            filled += 1
            continue
        place = _connection(row, table, held, tally)
        entry = table[place]
        rx_ns = row[RX]
        if entry[_USED] == 0:
            # A connection that made room for this one gives up what it held: counted as lost with a gap.
            for slot in range(SLOTS):
                if held[slot, _H_USED] and held[slot, _H_CONN] == place:
                    held[slot, _H_USED] = 0
                    tally[T_HELD_OCTETS] -= held[slot, _H_ROW + LENGTH]
                    tally[T_GAPS] += 1
                    tally[T_LOST] += held[slot, _H_ROW + LENGTH]
                    counts[R_CUT] += 1
            entry[_USED] = 1
            entry[_HELD] = 0
            entry[_NEXT] = row[SEQ]
        if row[TCP_FLAGS] & SYN:
            filled, at = _release(place, rx_ns, give_up, table, held, store, tally, counts, out, filled, octets, at)
            entry[_NEXT] = (row[SEQ] + 1) & 0xFFFFFFFF
            counts[R_CONTROL] += 1
            continue
        if row[LENGTH] == 0:
            counts[R_CONTROL] += 1
            continue
        if entry[_HELD] > 0 and _waited(place, rx_ns, held):
            filled, at = _release(place, rx_ns, give_up, table, held, store, tally, counts, out, filled, octets, at)
        ahead = _ahead(row[SEQ], entry[_NEXT])
        if ahead > 0 and ahead < _FAR:
            kept = _hold(row, place, data, table, held, store, tally)
            if kept == -1:
                counts[R_DUPLICATE] += 1
                continue
            if kept == 1:
                continue
            filled, at = _release(place, rx_ns, give_up, table, held, store, tally, counts, out, filled, octets, at)
            ahead = _ahead(row[SEQ], entry[_NEXT])
        if ahead > 0 or ahead < -_FAR:
            tally[T_GAPS] += 1
            if 0 < ahead < _FAR:
                tally[T_LOST] += ahead
            entry[_NEXT] = row[SEQ]
            ahead = none
        if ahead + row[LENGTH] <= 0:
            counts[R_DUPLICATE] += 1
            continue
        at = _emit(row, -ahead, rx_ns, data, row[OFFSET], out, filled, octets, at)
        filled += 1
        entry[_NEXT] = (entry[_NEXT] + row[LENGTH] + ahead) & 0xFFFFFFFF
        if entry[_HELD] > 0:
            filled, at = _release(place, rx_ns, none, table, held, store, tally, counts, out, filled, octets, at)
    if final:
        for place in range(CONNECTIONS):
            if table[place, _USED] == 0 or table[place, _HELD] == 0:
                continue
            last_ns = none
            for slot in range(SLOTS):
                if held[slot, _H_USED] and held[slot, _H_CONN] == place:
                    last_ns = max(last_ns, held[slot, _H_ROW + RX])
            filled, at = _release(place, last_ns, give_up, table, held, store, tally, counts, out, filled, octets, at)
    return filled, at
