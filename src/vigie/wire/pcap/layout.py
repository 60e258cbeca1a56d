"""What the capture kernels share: the PACKET row, the reader's state vector, and the published numbers.

Sources: pcap and pcapng file formats (IETF draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng), link types
(IETF draft-ietf-opsawg-pcaplinktype), RFC 791, 8200, 768, 9293, IEEE 802.1Q.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np

from vigie.terms.ledger import REASON, REASONS

i64: Final = cast(Callable[[Any], int], np.int64)
"""A 64-bit number in kernels. Plain literals as arguments make numba compile every helper once more; octets must be
widened before arithmetic, because uint64 with int64 becomes a float."""

# One row per packet that carries UDP or TCP; every column is int64, so kernels see a plain matrix.
RX: Final = 0
OFFSET: Final = 1
LENGTH: Final = 2
PROTO: Final = 3
SRC_HI: Final = 4
SRC_LO: Final = 5
DST_HI: Final = 6
DST_LO: Final = 7
SRC_PORT: Final = 8
DST_PORT: Final = 9
SEQ: Final = 10
TCP_FLAGS: Final = 11
COLUMNS: Final = 12

PACKET: Final = np.dtype(
    [
        (name, "<i8")
        for name in (
            "rx_ns", "offset", "length", "proto", "src_hi", "src_lo", "dst_hi", "dst_lo",
            "src_port", "dst_port", "tcp_seq", "tcp_flags",
        )
    ]
)  # fmt: skip
"""One packet: capture time, where its payload lies in the data, UDP (17) or TCP (6), addresses as two halves of an
IPv6 address (IPv4 as ::ffff:a.b.c.d), ports, and for TCP sequence number and flags."""

V4_MAPPED: Final = 0xFFFF << 32
UDP: Final = 17
TCP: Final = 6
RADIO: Final = 256
"""Not IP at all: a radio frame of Wi-Fi or Bluetooth; ``src_port`` holds its link type."""
RADIO_HEAD: Final = 4
"""Octets put before a radio frame: "RF" and its link type (``wire.remoteid.layout.ENVELOPE`` explains)."""

# The state vector of a reader (int64).
S_KIND: Final = 0  # 0 nothing yet, 1 pcap, 2 pcapng
S_BIG: Final = 1  # 1: big-endian
S_UNIT_NS: Final = 2  # ns per fraction of a pcap stamp
S_LINK: Final = 3  # link type of a pcap file
S_HEADER: Final = 4  # octets of a pcap record header
S_LAST_NS: Final = 5  # stamp of the packet before, for packets without one and for plausibility
S_LOST: Final = 6  # 1: the chain of records broke and is being searched for
S_INTERFACES: Final = 7  # interfaces of the pcapng section
S_PACKETS: Final = 8  # packets seen
S_SKIPPED: Final = 9  # octets passed over to find the chain again
S_ODD_LINK: Final = 10  # the last link type we could not read
S_SIZE: Final = 12

I_LINK: Final = 0
I_RESOLUTION: Final = 1
I_OFFSET_S: Final = 2
I_SNAP: Final = 3
INTERFACES_MAX: Final = 1024

RECORD_MAX: Final = 1 << 18
"""Longest captured packet of a pcap file (262,144 octets: what tcpdump writes at most)."""

BLOCK_MAX: Final = 1 << 24
"""Longest pcapng block we believe; a longer length is a broken chain."""

HEAD: Final = 28
"""Octets that must be there before a file's head can be read."""

REASON_COUNT: Final = len(REASONS)
R_CUT: Final = REASON["cut_packet"]
R_NOT_UDP: Final = REASON["not_udp"]
R_FRAGMENT: Final = REASON["ip_fragment"]
R_LINK: Final = REASON["unknown_link_type"]
R_LENGTH: Final = REASON["bad_length"]
R_EMPTY: Final = REASON["empty_datagram"]
R_CONTROL: Final = REASON["tcp_control"]
R_DUPLICATE: Final = REASON["duplicate"]

# Link types.
L_NULL: Final = 0
L_ETHERNET: Final = 1
L_LOOP: Final = 108
L_COOKED: Final = 113
L_COOKED2: Final = 276
L_RAW: Final = 101
L_IPV4: Final = 228
L_IPV6: Final = 229
L_RADIO: Final = (105, 127, 251, 256, 272)
"""802.11, 802.11 with radiotap, Bluetooth LE link layer, the same with a header, Nordic sniffer."""

FIN: Final = 1
SYN: Final = 2
RST: Final = 4
PSH: Final = 8
ACK: Final = 16
