"""Finds the Remote ID messages in radio frames: one kernel from captured octets to rows of messages.

Sources: radiotap.org (header); IEEE 802.11-2020 9.3.3 (management frames), 9.4.2.25 (vendor element), 9.6.7 (public
action); Wi-Fi Aware 3.1 (NAN service discovery); Bluetooth Core 5.2 volume 6 part B (LE advertising); the Nordic
sniffer header as its Wireshark dissector reads it; ASTM F3411-22a (where each carrier puts the messages).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.kernel import kernel
from vigie.terms.ledger import REASON
from vigie.wire.remoteid.layout import (
    BEACON,
    BLE4,
    BLE5,
    DJI_BEACON,
    DJI_FLIGHT,
    DJI_INFO,
    ENVELOPE_OCTETS,
    I8,
    L_BLE,
    L_BLE_PHDR,
    L_NORDIC,
    L_RADIOTAP,
    L_WIFI,
    M_CARRIER,
    M_COLUMNS,
    M_COUNTER,
    M_FRAME,
    M_LENGTH,
    M_OFFSET,
    M_REASON,
    M_SENDER,
    M_SIGNAL,
    M_TYPE,
    MESSAGE_OCTETS,
    NAN,
    NETWORK,
    NO_SIGNAL,
    PACK,
    PACK_MESSAGES,
    Octets,
    i64,
)
from vigie.wire.remoteid.layout import OPERATOR_ID as LAST_TYPE

BAD_CRC: Final = REASON["bad_crc"]
BAD_FORMAT: Final = REASON["bad_format"]
BAD_LENGTH: Final = REASON["bad_length"]
TRUNCATED: Final = REASON["record_truncated"]
CUT: Final = REASON["cut_packet"]
UNKNOWN_LINK: Final = REASON["unknown_link_type"]

SHORTEST_ITEM: Final = 4
"""Each message or failure takes at least this many octets of a frame: how much room ``find`` needs for its rows."""


@kernel
def _add(out: I8, n: int, meta: I8, at: int, kind: int, length: int, reason: int) -> int:
    row = out[n]
    row[M_FRAME] = meta[0]
    row[M_OFFSET] = at
    row[M_TYPE] = kind
    row[M_CARRIER] = meta[1]
    row[M_SENDER] = meta[2]
    row[M_SIGNAL] = meta[3]
    row[M_COUNTER] = meta[4]
    row[M_REASON] = reason
    row[M_LENGTH] = length
    return n + 1


@kernel
def _messages(data: Octets, at: int, end: int, meta: I8, out: I8, n: int) -> int:
    """Add the message or the messages of the pack that begins at ``at``."""
    if at >= end:
        return _add(out, n, meta, at, 0, 0, TRUNCATED)
    kind = i64(data[at]) >> 4
    if kind != PACK:
        if at + MESSAGE_OCTETS > end:
            return _add(out, n, meta, at, kind, end - at, TRUNCATED)
        return _add(out, n, meta, at, kind, MESSAGE_OCTETS, 0 if kind <= LAST_TYPE else BAD_FORMAT)
    if at + 3 > end:
        return _add(out, n, meta, at, kind, end - at, TRUNCATED)
    count = i64(data[at + 2])
    if data[at + 1] != MESSAGE_OCTETS or count > PACK_MESSAGES:
        return _add(out, n, meta, at, kind, end - at, BAD_LENGTH)
    if count == 0:  # a transmitter that has nothing to say yet
        return _add(out, n, meta, at, kind, 3, 0)
    at += 3
    for _ in range(count):
        if at + MESSAGE_OCTETS > end:
            return _add(out, n, meta, at, PACK, max(0, end - at), TRUNCATED)
        kind = i64(data[at]) >> 4
        n = _add(out, n, meta, at, kind, MESSAGE_OCTETS, 0 if kind <= LAST_TYPE else BAD_FORMAT)
        at += MESSAGE_OCTETS
    return n


@kernel
def _address(data: Octets, at: int, backwards: int) -> int:
    """Return a 48-bit address as a number; Bluetooth sends its octets backwards."""
    number = i64(0)
    for i in range(6):
        number = number << 8 | i64(data[at + 5 - i if backwards else at + i])
    return number


@kernel
def _elements(data: Octets, at: int, end: int, meta: I8, out: I8, n: int) -> int:
    """Walk the elements of a beacon: vendor element FA-0B-BC type 13, and those of DJI."""
    while at + 2 <= end:
        number = i64(data[at])
        size = i64(data[at + 1])
        body = at + 2
        stop = body + size
        if number == 221 and size >= 4 and body + 4 <= end:
            oui = i64(data[body]) << 16 | i64(data[body + 1]) << 8 | i64(data[body + 2])
            if oui == 0xFA0BBC and data[body + 3] == 13:
                meta[1] = BEACON
                if stop > end or size < 5:
                    n = _add(out, n, meta, body, 0, max(0, end - body), TRUNCATED)
                else:
                    meta[4] = data[body + 4]
                    n = _messages(data, body + 5, stop, meta, out, n)
            elif oui in (0x263712, 0x60601F, 0x481CB9, 0x34D262) and size >= 7 and body + 7 <= end:
                mark = i64(data[body + 3]) << 16 | i64(data[body + 4]) << 8 | i64(data[body + 5])
                if mark == 0x586213:
                    meta[1] = DJI_BEACON
                    meta[4] = 0
                    command = i64(data[body + 6])
                    if stop > end:
                        n = _add(out, n, meta, body + 7, DJI_FLIGHT, end - body - 7, TRUNCATED)
                    elif command == 0x10:
                        n = _add(out, n, meta, body + 7, DJI_FLIGHT, stop - body - 7, 0)
                    elif command == 0x11:
                        n = _add(out, n, meta, body + 7, DJI_INFO, stop - body - 7, 0)
                    else:
                        n = _add(out, n, meta, body + 6, 0, stop - body - 6, BAD_FORMAT)
        at = stop
    return n


@kernel
def _nan(data: Octets, at: int, end: int, meta: I8, out: I8, n: int) -> int:
    """Walk the attributes of a NAN service discovery frame; the service of Remote ID is 88-69-19-9D-92-09."""
    while at + 3 <= end:
        number = i64(data[at])
        size = i64(data[at + 1]) | i64(data[at + 2]) << 8
        body = at + 3
        stop = body + size
        if number == 3 and size >= 9 and body + 9 <= end and _address(data, body, 0) == 0x8869199D9209:
            control = i64(data[body + 8])
            info = body + 9
            if control & 4:  # binding bitmap
                info += 2
            if control & 8:  # matching filter
                info += 1 + (i64(data[info]) if info < end else 0)
            if control & 32:  # service response filter
                info += 1 + (i64(data[info]) if info < end else 0)
            if control & 16:
                meta[1] = NAN
                if stop > end or info + 2 > stop or info + 1 + i64(data[info]) > stop:
                    n = _add(out, n, meta, body, 0, max(0, end - body), TRUNCATED)
                else:
                    meta[4] = data[info + 1]
                    n = _messages(data, info + 2, info + 1 + i64(data[info]), meta, out, n)
        at = stop
    return n


@kernel
def _wifi(data: Octets, at: int, end: int, meta: I8, out: I8, n: int) -> int:
    """Look into one 802.11 frame: beacons, probe responses, and public action frames."""
    if end - at < 26:
        return n
    first = i64(data[at])
    header = 28 if data[at + 1] & 0x80 else 24
    meta[2] = _address(data, at + 10, 0)
    body = at + header
    if first in (0x80, 0x50):
        return _elements(data, body + 12, end, meta, out, n)
    if first == 0xD0 and body + 6 <= end and data[body] == 4 and data[body + 1] == 9:
        kind = _address(data, body, 0) & 0xFFFFFFFF  # OUI and its type
        if kind == 0x506F9A13:
            return _nan(data, body + 6, end, meta, out, n)
    return n


@kernel
def _radiotap(data: Octets, at: int, end: int, meta: I8, out: I8, n: int) -> int:
    """Read the radio header (signal, frame check) and go on with the 802.11 frame behind it."""
    if end - at < 8:
        return n
    size = i64(data[at + 2]) | i64(data[at + 3]) << 8
    if data[at] != 0 or size < 8 or at + size > end:
        return n
    present = i64(data[at + 4]) | i64(data[at + 5]) << 8
    place = 8
    while place <= size and data[at + place - 1] & 0x80:  # further words of what is present
        place += 4
    flags = i64(0)
    # Fields stand in the order of their bits, each at a multiple of its own size.
    if present & 1:
        place = (place + 7) // 8 * 8 + 8
    if present & 2:
        if place < size:
            flags = i64(data[at + place])
        place += 1
    if present & 4:
        place += 1
    if present & 8:
        place = (place + 1) // 2 * 2 + 4
    if present & 16:
        place += 2
    if present & 32 and place < size:
        level = i64(data[at + place])
        meta[3] = level - 256 if level > 127 else level
    stop = end - 4 if flags & 0x10 else end
    if flags & 0x40:
        meta[5] = BAD_CRC
    return _wifi(data, at + size, stop, meta, out, n)


@kernel
def _bluetooth(data: Octets, at: int, end: int, coded: int, meta: I8, out: I8, n: int) -> int:
    """Look into one LE advertising packet, from its access address to its check sequence."""
    if end - at < 4 + coded + 2 or _address(data, at, 1) & 0xFFFFFFFF != 0x8E89BED6:
        return n
    at += 4 + coded
    kind = i64(data[at]) & 15
    size = i64(data[at + 1])
    body = at + 2
    stop = body + size
    if kind in (0, 2, 4, 6):  # legacy: ADV_IND, ADV_NONCONN_IND, SCAN_RSP, ADV_SCAN_IND
        meta[1] = BLE4
        if size < 6 or body + 6 > end:
            return n
        meta[2] = _address(data, body, 1)
        place = body + 6
    elif kind == 7:  # extended
        meta[1] = BLE5
        if size < 1 or body + 1 > end:
            return n
        header = i64(data[body]) & 63
        if header >= 7 and body + 8 <= end and data[body + 1] & 1:
            meta[2] = _address(data, body + 2, 1)
        place = body + 1 + header
    else:
        return n
    while place + 2 <= min(stop, end):
        length = i64(data[place])
        last = place + 1 + length
        if length == 0:
            break
        # Service data of the 16-bit service FFFA, application code 0D: Remote ID.
        if length >= 5 and place + 6 <= end and _address(data, place, i64(0)) >> 8 & 0xFFFFFFFF == 0x16FAFF0D:
            meta[4] = data[place + 5]
            if last > stop or last > end:
                return _add(out, n, meta, place, 0, max(0, end - place), TRUNCATED)
            n = _messages(data, place + 6, last, meta, out, n)
        place = last
    return n


@kernel
def _nordic(data: Octets, at: int, end: int, meta: I8, out: I8, n: int) -> int:
    """Read the header of a Nordic sniffer (protocol versions 2 and 3) and go on with the LE packet."""
    if end - at < 17:
        return n
    version = i64(data[at + 3])
    size = i64(data[at + 7])
    if version not in (2, 3) or size < 10:
        return n
    flags = i64(data[at + 8])
    meta[3] = -i64(data[at + 10])
    if not flags & 1:
        meta[5] = BAD_CRC
    coded = 1 if flags >> 4 & 7 == 2 else 0
    return _bluetooth(data, at + 7 + size, end, coded, meta, out, n)


@kernel
def _damaged(data: Octets, at: int, end: int, meta: I8, out: I8, first: int, n: int) -> int:
    """Leave one failure for a frame whose check sequence is wrong, where it carried Remote ID: nothing of it counts."""
    if n == first:
        here = 0
        for k in range(at, end - 3):  # a damaged header hides what follows it
            if data[k] == 0x16 and data[k + 1] == 0xFA and data[k + 2] == 0xFF and data[k + 3] == 0x0D:
                here = 1
        if here == 0:
            return n
    return _add(out, first, meta, at, PACK, end - at, meta[5])


@kernel
def find(data: Octets, starts: I8, lengths: I8, out: I8, found: I8) -> int:
    """Fill ``out`` with a row for each message or failure of the frames; return how many.

    ``data`` uint8[m]; ``starts`` and ``lengths`` int64[f]; ``out`` int64[k, M_COLUMNS] with room for
    ``sum(lengths) // SHORTEST_ITEM + f`` rows; ``found`` int64[f] gets the rows of each frame, 0 where it carries no
    Remote ID, -1 where nobody can tell because its check sequence is wrong. A frame is a radio frame in its envelope
    (``layout.ENVELOPE``), or a bare message or pack as a gateway sends it.
    """
    n = i64(0)
    meta = np.zeros(6, np.int64)
    for i in range(len(starts)):
        at = starts[i]
        end = at + lengths[i]
        meta[0] = i
        meta[1:] = 0
        meta[3] = NO_SIGNAL
        first = n
        if end - at >= ENVELOPE_OCTETS and data[at] == 82 and data[at + 1] == 70:
            link = i64(data[at + 2]) << 8 | i64(data[at + 3])
            body = at + ENVELOPE_OCTETS
            if link == L_RADIOTAP:
                n = _radiotap(data, body, end, meta, out, n)
            elif link == L_WIFI:
                n = _wifi(data, body, end, meta, out, n)
            elif link == L_NORDIC:
                n = _nordic(data, body, end, meta, out, n)
            elif link == L_BLE:
                n = _bluetooth(data, body, end, 0, meta, out, n)
            elif link == L_BLE_PHDR:
                if end - body >= 10:
                    level = i64(data[body + 1])
                    flags = i64(data[body + 8]) | i64(data[body + 9]) << 8
                    if flags & 2:
                        meta[3] = level - 256 if level > 127 else level
                    if flags & 0x0C00 == 0x0400:  # the check sequence was looked at, and is wrong
                        meta[5] = BAD_CRC
                    n = _bluetooth(data, body + 10, end, 1 if flags >> 14 == 2 else 0, meta, out, n)
            else:
                n = _add(out, n, meta, body, 0, end - body, UNKNOWN_LINK)
        else:
            meta[1] = NETWORK
            n = _messages(data, at, end, meta, out, n)
        if meta[5] != 0:
            n = _damaged(data, at, end, meta, out, first, n)
        found[i] = n - first if n > first or meta[5] == 0 else -1
    return n


def messages_of(data: Octets, starts: I8, lengths: I8) -> tuple[I8, I8]:
    """Return (rows of messages and failures, how many of each frame); see ``find``."""
    out = np.empty((int(lengths.sum()) // SHORTEST_ITEM + len(starts) + 1, M_COLUMNS), np.int64)
    found = np.zeros(len(starts), np.int64)
    n = find(data, starts, lengths, out, found)
    return out[:n], found
