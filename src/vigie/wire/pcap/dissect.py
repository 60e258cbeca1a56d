"""From a captured packet to its UDP or TCP payload: link layer, IPv4 or IPv6, transport header; radio frames whole."""

from __future__ import annotations

from typing import Any

from vigie.terms.kernel import kernel
from vigie.wire.pcap.layout import (
    DST_HI,
    DST_LO,
    DST_PORT,
    L_COOKED,
    L_COOKED2,
    L_ETHERNET,
    L_IPV4,
    L_IPV6,
    L_LOOP,
    L_NULL,
    L_RADIO,
    L_RAW,
    LENGTH,
    OFFSET,
    PROTO,
    R_CONTROL,
    R_CUT,
    R_EMPTY,
    R_FRAGMENT,
    R_LENGTH,
    R_LINK,
    R_NOT_UDP,
    RADIO,
    SEQ,
    SRC_HI,
    SRC_LO,
    SRC_PORT,
    TCP,
    TCP_FLAGS,
    UDP,
    V4_MAPPED,
    i64,
)

_KEEPS_STATE = 0x17  # FIN, SYN, RST, ACK: a segment without payload that still moves a connection


@kernel
def be16(data: Any, at: int) -> int:
    """Return the big-endian 16-bit number at ``at``."""
    return (i64(data[at]) << 8) | i64(data[at + 1])


@kernel
def be32(data: Any, at: int) -> int:
    """Return the big-endian 32-bit number at ``at``."""
    return (i64(data[at]) << 24) | (i64(data[at + 1]) << 16) | (i64(data[at + 2]) << 8) | i64(data[at + 3])


@kernel
def _network_layer(data: Any, start: int, end: int, link: int) -> tuple[int, int]:
    """Return (ether type, where IP begins); a negative type is a reason."""
    at = start
    if link == L_ETHERNET:
        kind_at = start + 12
    elif link == L_COOKED:
        kind_at = start + 14
    elif link == L_COOKED2:
        if end < start + 20:
            return -R_CUT, 0
        return be16(data, start), start + 20
    elif link in (L_RAW, L_IPV4, L_IPV6, 12, 14, L_NULL, L_LOOP):
        # 12 and 14 are raw IP as some systems number it; null and loopback carry the address family first, in
        # either byte order and with numbers that differ between systems, so the version nibble decides.
        if link in (L_NULL, L_LOOP):
            at += 4
        if at >= end:
            return -R_CUT, 0
        version = i64(data[at]) >> 4
        if version == 4:
            return 0x0800, at
        if version == 6:
            return 0x86DD, at
        return -R_NOT_UDP, 0
    else:
        return -R_LINK, 0
    if end < kind_at + 2:
        return -R_CUT, 0
    kind = be16(data, kind_at)
    at = kind_at + 2
    for _ in range(4):  # 802.1Q and QinQ tags: four is more than any network stacks
        if kind not in (0x8100, 0x88A8, 0x9100):
            break
        if end < at + 4:
            return -R_CUT, 0
        kind = be16(data, at + 2)
        at += 4
    return kind, at


@kernel
def _ipv4(data: Any, at: int, end: int, row: Any) -> tuple[int, int, int]:
    """Return (protocol or negative reason, where the transport header is, where IP says it ends)."""
    if end < at + 20:
        return -R_CUT, 0, 0
    header = (i64(data[at]) & 15) * 4
    total = be16(data, at + 2)
    if i64(data[at]) >> 4 != 4 or header < 20:
        return -R_LENGTH, 0, 0
    if total == 0:  # segmentation done by the network card: the capture length is the truth
        total = end - at
    if total < header:
        return -R_LENGTH, 0, 0
    if be16(data, at + 6) & 0x3FFF:  # more fragments, or not the first
        return -R_FRAGMENT, 0, 0
    row[SRC_HI] = 0
    row[DST_HI] = 0
    row[SRC_LO] = V4_MAPPED | be32(data, at + 12)
    row[DST_LO] = V4_MAPPED | be32(data, at + 16)
    return i64(data[at + 9]), at + header, at + total


@kernel
def _ipv6(data: Any, at: int, end: int, row: Any) -> tuple[int, int, int]:
    """Return as ``_ipv4``; extension headers are passed over, true fragments refused."""
    if end < at + 40:
        return -R_CUT, 0, 0
    if i64(data[at]) >> 4 != 6:
        return -R_LENGTH, 0, 0
    total = be16(data, at + 4)
    stop = at + 40 + total if total else end
    row[SRC_HI] = (be32(data, at + 8) << 32) | be32(data, at + 12)
    row[SRC_LO] = (be32(data, at + 16) << 32) | be32(data, at + 20)
    row[DST_HI] = (be32(data, at + 24) << 32) | be32(data, at + 28)
    row[DST_LO] = (be32(data, at + 32) << 32) | be32(data, at + 36)
    protocol = i64(data[at + 6])
    at += 40
    for _ in range(12):
        if protocol in (0, 43, 60, 51):  # hop-by-hop, routing, destination options, authentication
            if end < at + 2:
                return -R_CUT, 0, 0
            size = (i64(data[at + 1]) + 2) * 4 if protocol == 51 else (i64(data[at + 1]) + 1) * 8
            protocol = i64(data[at])
            at += size
        elif protocol == 44:
            if end < at + 8:
                return -R_CUT, 0, 0
            if be16(data, at + 2) & 0xFFF9:
                return -R_FRAGMENT, 0, 0
            protocol = i64(data[at])
            at += 8
        else:
            break
    return protocol, at, stop


@kernel
def dissect(data: Any, start: int, end: int, link: int, row: Any) -> int:
    """Fill one PACKET row from the packet in ``data[start:end]``; return 0, or the reason why it holds nothing.

    ``row`` is int64[COLUMNS]; its stamp is left alone. ``end`` is where the captured octets end, which may be before
    the packet does: a payload that is not there in full is ``cut_packet``.
    """
    if link in L_RADIO:
        row[PROTO] = RADIO
        row[OFFSET] = start
        row[LENGTH] = end - start
        row[SRC_PORT] = link
        for column in (SRC_HI, SRC_LO, DST_HI, DST_LO, DST_PORT, SEQ, TCP_FLAGS):
            row[column] = 0
        return R_EMPTY if end <= start else 0
    kind, at = _network_layer(data, start, end, link)
    if kind < 0:
        return -kind
    if kind == 0x0800:
        protocol, at, stop = _ipv4(data, at, end, row)
    elif kind == 0x86DD:
        protocol, at, stop = _ipv6(data, at, end, row)
    else:
        return R_NOT_UDP
    if protocol < 0:
        return -protocol
    row[PROTO] = protocol
    row[SEQ] = 0
    row[TCP_FLAGS] = 0
    if protocol == UDP:
        if end < at + 8:
            return R_CUT
        size = be16(data, at + 4)
        if size == 0:  # jumbogram
            size = stop - at
        if size < 8 or at + size > stop:
            return R_LENGTH
        row[OFFSET] = at + 8
        row[LENGTH] = size - 8
        if at + size > end:
            return R_CUT
    elif protocol == TCP:
        if end < at + 20:
            return R_CUT
        header = (i64(data[at + 12]) >> 4) * 4
        if header < 20 or at + header > stop:
            return R_LENGTH
        row[OFFSET] = at + header
        row[LENGTH] = stop - at - header
        row[SEQ] = be32(data, at + 4)
        row[TCP_FLAGS] = i64(data[at + 13])
        if stop > end:
            return R_CUT
    else:
        return R_NOT_UDP
    row[SRC_PORT] = be16(data, at)
    row[DST_PORT] = be16(data, at + 2)
    if row[LENGTH] == 0:
        if protocol == UDP:
            return R_EMPTY
        if not row[TCP_FLAGS] & _KEEPS_STATE:
            return R_CONTROL
    return 0
