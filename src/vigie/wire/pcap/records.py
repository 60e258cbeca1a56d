"""The chain of records in a pcap or pcapng file, walked by one kernel, picked up again where it is broken."""

from __future__ import annotations

from typing import Any

from vigie.terms.kernel import kernel
from vigie.wire.pcap.dissect import dissect
from vigie.wire.pcap.layout import (
    BLOCK_MAX,
    I_LINK,
    I_OFFSET_S,
    I_RESOLUTION,
    I_SNAP,
    INTERFACES_MAX,
    R_CUT,
    R_LENGTH,
    R_LINK,
    RECORD_MAX,
    RX,
    S_BIG,
    S_HEADER,
    S_INTERFACES,
    S_KIND,
    S_LAST_NS,
    S_LINK,
    S_LOST,
    S_ODD_LINK,
    S_PACKETS,
    S_SKIPPED,
    S_UNIT_NS,
    i64,
)

_S = 1_000_000_000
_DAY_S = 86_400


@kernel
def _u16(data: Any, at: int, big: int) -> int:
    a = i64(data[at])
    b = i64(data[at + 1])
    return (a << 8) | b if big else (b << 8) | a


@kernel
def _u32(data: Any, at: int, big: int) -> int:
    a = i64(data[at])
    b = i64(data[at + 1])
    c = i64(data[at + 2])
    d = i64(data[at + 3])
    return (a << 24) | (b << 16) | (c << 8) | d if big else (d << 24) | (c << 16) | (b << 8) | a


@kernel
def _stamp(ticks: int, resolution: int, offset_s: int) -> int:
    """Return ns of a pcapng stamp; ``resolution`` is if_tsresol (bit 7: power of two, else power of ten)."""
    power = resolution & 127
    if resolution & 128:
        power = min(power, 62)
        whole = ticks >> power
        part = ticks & ((1 << power) - 1)
        if power > 30:
            part >>= power - 30
            power = 30
        return (whole + offset_s) * _S + ((part * _S) >> power)
    ns = ticks
    for _ in range(power, 9):
        ns *= 10
    for _ in range(9, min(power, 30)):
        ns //= 10
    return ns + offset_s * _S


@kernel
def _interface(data: Any, at: int, stop: int, big: int, state: Any, interfaces: Any) -> None:
    """Read an interface description block: link type, snap length, options if_tsresol (9) and if_tsoffset (14)."""
    number = state[S_INTERFACES]
    if number >= INTERFACES_MAX or stop < at + 8:
        return
    interfaces[number, I_LINK] = _u16(data, at, big)
    interfaces[number, I_SNAP] = _u32(data, at + 4, big)
    interfaces[number, I_RESOLUTION] = 6
    interfaces[number, I_OFFSET_S] = 0
    at += 8
    while at + 4 <= stop:
        code = _u16(data, at, big)
        size = _u16(data, at + 2, big)
        at += 4
        if code == 0 or at + size > stop:
            break
        if code == 9 and size >= 1:
            interfaces[number, I_RESOLUTION] = i64(data[at])
        elif code == 14 and size >= 8:
            high = _u32(data, at if big else at + 4, big)
            low = _u32(data, at + 4 if big else at, big)
            offset_s = (high << 32) | low
            if -(1 << 33) < offset_s < (1 << 33):
                interfaces[number, I_OFFSET_S] = offset_s
        at += (size + 3) & ~3
    state[S_INTERFACES] = number + 1


@kernel
def _record_fits(data: Any, at: int, n: int, strict: int, state: Any) -> int:
    """Whether a pcap record header at ``at`` can be one: 1 yes, 0 no, -1 more octets are needed."""
    if at + 16 > n:
        return -1
    big = state[S_BIG]
    fraction = _u32(data, at + 4, big)
    captured = _u32(data, at + 8, big)
    original = _u32(data, at + 12, big)
    if fraction * state[S_UNIT_NS] >= _S or captured == 0 or captured > RECORD_MAX or original > 4 * RECORD_MAX:
        return 0
    # Some writers give a captured length above the original one; where the chain is lost we are not so generous.
    return 0 if strict and captured > original else 1


@kernel
def _agrees(data: Any, at: int, n: int, final: bool, strict: int, state: Any) -> int:
    """Whether the record after the one at ``at`` fits and is less than a day from it; or the file ends with it."""
    big = state[S_BIG]
    following = at + state[S_HEADER] + _u32(data, at + 8, big)
    if following == n and final:
        return 1
    fits = _record_fits(data, following, n, strict, state)
    if fits != 1:
        return 0 if final else fits
    apart = _u32(data, following, big) - _u32(data, at, big)
    near = _u32(data, following, big) - state[S_LAST_NS] // _S
    if -_DAY_S < apart < _DAY_S or (not strict and -_DAY_S < near < _DAY_S):
        return 1
    return 0


@kernel
def _block_fits(data: Any, at: int, n: int, big: int) -> int:
    """Whether a pcapng block at ``at`` can be one: 1 yes, 0 no, -1 more octets are needed."""
    if at + 12 > n:
        return -1
    kind = _u32(data, at, big)
    if kind == 0x0A0D0D0A:
        magic = _u32(data, at + 8, i64(1))
        if magic == 0x1A2B3C4D:
            big = 1
        elif magic == 0x4D3C2B1A:
            big = 0
        else:
            return 0
    size = _u32(data, at + 4, big)
    if size < 12 or size & 3 or size > BLOCK_MAX:
        return 0
    if at + size > n:
        return -1
    return 1 if _u32(data, at + size - 4, big) == size else 0


@kernel
def _find_record(data: Any, at: int, n: int, final: bool, state: Any) -> int:
    """Return where the broken pcap chain goes on (two records in a row that fit), or where to wait: then -1 - place."""
    strict = i64(1)
    while True:
        fits = _record_fits(data, at, n, strict, state)
        if fits == -1:
            return -1 - (n if final else at)
        if fits == 1:
            fits = _agrees(data, at, n, final, strict, state)
            if fits == 1:
                return at
            if fits == -1:
                return -1 - at
        at += 1


@kernel
def _packet_block(data: Any, at: int, size: int, kind: int, state: Any, interfaces: Any, found: Any) -> int:
    """Fill ``found`` (stamp, start, end, link type) from a packet block; return 0 or a reason."""
    big = state[S_BIG]
    if kind == 3:  # simple packet block: first interface, no stamp
        if size < 16 or state[S_INTERFACES] < 1:
            return R_LENGTH
        captured = min(_u32(data, at + 8, big), size - 16)
        if interfaces[0, I_SNAP] > 0:
            captured = min(captured, interfaces[0, I_SNAP])
        found[0] = state[S_LAST_NS]
        found[1] = at + 12
        found[2] = at + 12 + captured
        found[3] = interfaces[0, I_LINK]
        return 0
    if size < 32:
        return R_LENGTH
    number = _u32(data, at + 8, big) if kind == 6 else _u16(data, at + 8, big)
    captured = _u32(data, at + 20, big)
    if captured > size - 32:
        return R_CUT
    if number >= state[S_INTERFACES]:
        return R_LINK
    ticks = (_u32(data, at + 12, big) << 32) | _u32(data, at + 16, big)
    found[0] = _stamp(ticks, interfaces[number, I_RESOLUTION], interfaces[number, I_OFFSET_S])
    found[1] = at + 28
    found[2] = at + 28 + captured
    found[3] = interfaces[number, I_LINK]
    return 0


@kernel
def scan(
    data: Any, n: int, final: bool, state: Any, interfaces: Any, rows: Any, counts: Any, found: Any
) -> tuple[int, int]:
    """Walk the records of ``data[:n]``; return (octets used up, rows filled).

    ``data`` uint8[n], ``state`` int64[S_SIZE], ``interfaces`` int64[INTERFACES_MAX, 4], ``rows`` int64[m, COLUMNS],
    ``counts`` int64[REASON_COUNT], ``found`` int64[4] (scratch). Stops when ``rows`` is full; a record that is not
    there in full stays for the next call, or is counted ``cut_packet`` when the file is ``final``.
    """
    at = i64(0)
    filled = i64(0)
    generous = i64(0)
    limit = rows.shape[0]
    while filled < limit:
        if state[S_KIND] == 1:
            big = state[S_BIG]
            header = state[S_HEADER]
            if state[S_LOST]:
                place = _find_record(data, at, n, final, state)
                stop = place if place >= 0 else -1 - place
                state[S_SKIPPED] += stop - at
                at = stop
                if place < 0:
                    break
                state[S_LOST] = 0
            if at + header > n:
                if final and at < n:
                    state[S_PACKETS] += 1
                    counts[R_CUT] += 1
                    at = n
                break
            captured = _u32(data, at + 8, big)
            fits = _record_fits(data, at, n, generous, state)
            if fits == 1 and state[S_PACKETS] > 0:
                apart = _u32(data, at, big) - state[S_LAST_NS] // _S
                if not -_DAY_S < apart < _DAY_S:  # a leap in time: true when the next record confirms the chain
                    fits = _agrees(data, at, n, final, generous, state)
                    if fits == -1:
                        break
            if fits != 1:
                state[S_LOST] = 1
                state[S_PACKETS] += 1
                counts[R_CUT] += 1
                state[S_SKIPPED] += 1
                at += 1
                continue
            stop = at + header + captured
            if stop > n:
                if not final:
                    break
                # Cut by the end of the file, or a wrong length near it: what follows may still hold good records.
                state[S_LOST] = 1
                state[S_PACKETS] += 1
                counts[R_CUT] += 1
                state[S_SKIPPED] += 1
                at += 1
                continue
            found[0] = _u32(data, at, big) * _S + _u32(data, at + 4, big) * state[S_UNIT_NS]
            found[1] = at + header
            found[2] = stop
            found[3] = state[S_LINK]
            reason = 0
        else:
            fits = _block_fits(data, at, n, state[S_BIG])
            if at >= n or (fits == -1 and not final):
                break
            if fits != 1:  # broken, or cut by the end of the file: look for the next block that fits
                if not state[S_LOST]:
                    state[S_LOST] = 1
                    state[S_PACKETS] += 1
                    counts[R_CUT] += 1
                state[S_SKIPPED] += 1
                at += 1
                continue
            state[S_LOST] = 0
            kind = _u32(data, at, state[S_BIG])
            if kind == 0x0A0D0D0A:
                state[S_BIG] = 1 if data[at + 8] == 0x1A else 0
                state[S_INTERFACES] = 0
            big = state[S_BIG]
            size = _u32(data, at + 4, big)
            stop = at + size
            if kind == 1:
                _interface(data, at + 8, stop - 4, big, state, interfaces)
            if kind not in (2, 3, 6):
                at = stop
                continue
            reason = _packet_block(data, at, size, kind, state, interfaces, found)
        at = stop
        state[S_PACKETS] += 1
        if reason == 0:
            state[S_LAST_NS] = found[0]
            reason = dissect(data, found[1], found[2], found[3], rows[filled])
            if reason == R_LINK:
                state[S_ODD_LINK] = found[3]
        if reason == 0:
            rows[filled, RX] = found[0]
            filled += 1
        else:
            counts[reason] += 1
    return at, filled
