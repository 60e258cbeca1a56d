"""Captures written: Ethernet, IPv4 or IPv6, UDP datagrams and well-formed TCP conversations, checksums right.

The simulator and exports use it: what is written here, any other tool opens. ns stamps (magic a1b23c4d), little-endian.
Sources: draft-ietf-opsawg-pcap; RFC 791, 8200, 768, 9293, 1071 (checksum), 1112 and 2464 (multicast addresses).
"""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from vigie.terms.errors import WireError
from vigie.wire.pcap.layout import ACK, FIN, L_ETHERNET, PSH, SYN, TCP, UDP

Endpoint = tuple[str, int]
"""Address in text and port."""

SEGMENT_OCTETS: Final = 1460
_SNAP: Final = 262_144
_NS: Final = 1_000_000_000
_MAX_UDP: Final = 65_507


@dataclass(frozen=True, slots=True, kw_only=True)
class Datagram:
    """One UDP datagram as it is to stand in a capture."""

    rx_ns: int
    src: Endpoint
    dst: Endpoint
    payload: bytes


def pcap_head(link_type: int = L_ETHERNET) -> bytes:
    """Return the 24 octets that begin a pcap file with ns stamps."""
    return struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, _SNAP, link_type)


def pcap_record(rx_ns: int, packet: bytes) -> bytes:
    """Return one packet with its record header; WireError where the stamp does not fit (before 1970, after 2106)."""
    seconds, ns = divmod(rx_ns, _NS)
    if not 0 <= seconds < 1 << 32:
        raise WireError(f"stamp {rx_ns} ns does not fit a pcap file; expected 1970 to 2106")
    return struct.pack("<IIII", seconds, ns, len(packet), len(packet)) + packet


def udp_record(datagram: Datagram) -> bytes:
    """Return the pcap record of one UDP datagram."""
    size = 8 + len(datagram.payload)
    if len(datagram.payload) > _MAX_UDP:
        raise WireError(f"a UDP datagram holds at most {_MAX_UDP} octets, found {len(datagram.payload)}")
    src, dst = _address(datagram.src), _address(datagram.dst)
    header = struct.pack(">HHHH", datagram.src[1], datagram.dst[1], size, 0)
    checksum = _checksum(_pseudo(src, dst, UDP, size) + header + datagram.payload) or 0xFFFF
    segment = header[:6] + struct.pack(">H", checksum) + datagram.payload
    return pcap_record(datagram.rx_ns, _ethernet(src, dst, UDP, segment))


def write_pcap(datagrams: Iterable[Datagram]) -> Iterator[bytes]:
    """Yield the pieces of a pcap file with ``datagrams`` in the order given; the caller writes them to a file."""
    yield pcap_head()
    for datagram in datagrams:
        yield udp_record(datagram)


@dataclass(slots=True)
class TcpConversation:
    """One TCP connection as a capture would show it; each method returns pcap records.

    ``client`` calls ``server``. Sequence numbers start at ``client_seq`` and ``server_seq``.
    """

    client: Endpoint
    server: Endpoint
    client_seq: int = 1000
    server_seq: int = 2000
    _opened: bool = field(default=False, init=False)

    def open(self, rx_ns: int) -> bytes:
        """Return the three segments of the handshake."""
        self._opened = True
        first = self._segment(rx_ns, True, SYN, b"")
        self.client_seq = (self.client_seq + 1) & 0xFFFFFFFF
        second = self._segment(rx_ns, False, SYN | ACK, b"")
        self.server_seq = (self.server_seq + 1) & 0xFFFFFFFF
        return first + second + self._segment(rx_ns, True, ACK, b"")

    def send(self, rx_ns: int, payload: bytes, *, from_server: bool = True) -> bytes:
        """Return the segments that carry ``payload``, each acknowledged; opens the connection where it is not yet."""
        records = [] if self._opened else [self.open(rx_ns)]
        for start in range(0, len(payload), SEGMENT_OCTETS):
            piece = payload[start : start + SEGMENT_OCTETS]
            records.append(self._segment(rx_ns, not from_server, PSH | ACK, piece))
            if from_server:
                self.server_seq = (self.server_seq + len(piece)) & 0xFFFFFFFF
            else:
                self.client_seq = (self.client_seq + len(piece)) & 0xFFFFFFFF
            records.append(self._segment(rx_ns, from_server, ACK, b""))
        return b"".join(records)

    def close(self, rx_ns: int) -> bytes:
        """Return the segments that end the connection, the server first."""
        first = self._segment(rx_ns, False, FIN | ACK, b"")
        self.server_seq = (self.server_seq + 1) & 0xFFFFFFFF
        second = self._segment(rx_ns, True, FIN | ACK, b"")
        self.client_seq = (self.client_seq + 1) & 0xFFFFFFFF
        self._opened = False
        return first + second + self._segment(rx_ns, False, ACK, b"")

    def _segment(self, rx_ns: int, from_client: bool, flags: int, payload: bytes) -> bytes:
        here, there = (self.client, self.server) if from_client else (self.server, self.client)
        seq, ack = (self.client_seq, self.server_seq) if from_client else (self.server_seq, self.client_seq)
        src, dst = _address(here), _address(there)
        if not flags & ACK:
            ack = 0
        header = struct.pack(">HHIIBBHHH", here[1], there[1], seq, ack, 5 << 4, flags, 65_535, 0, 0)
        checksum = _checksum(_pseudo(src, dst, TCP, len(header) + len(payload)) + header + payload)
        segment = header[:16] + struct.pack(">H", checksum) + header[18:] + payload
        return pcap_record(rx_ns, _ethernet(src, dst, TCP, segment))


def _address(endpoint: Endpoint) -> bytes:
    host, port = endpoint
    if not 0 <= port <= 65_535:
        raise WireError(f"port {port} of {host} does not exist; expected 0 to 65535")
    try:
        return ipaddress.ip_address(host).packed
    except ValueError as why:
        raise WireError(f"{host!r} is not an IP address") from why


def _checksum(octets: bytes) -> int:
    """Return the Internet checksum; the one's complement sum of 16-bit words is the number modulo 65,535."""
    if len(octets) & 1:
        octets += b"\0"
    total = int.from_bytes(octets, "big")
    return 0xFFFF - (total % 0xFFFF or (0xFFFF if total else 0))


def _pseudo(src: bytes, dst: bytes, protocol: int, size: int) -> bytes:
    if len(src) != len(dst):
        raise WireError("source and destination are of different IP versions")
    if len(src) == 4:
        return src + dst + struct.pack(">BBH", 0, protocol, size)
    return src + dst + struct.pack(">IHBB", size, 0, 0, protocol)


def _hardware(address: bytes) -> bytes:
    """Return the Ethernet address that goes with an IP address (made up, locally administered, for unicast)."""
    if len(address) == 4 and address[0] >> 4 == 14:
        return b"\x01\x00\x5e" + bytes([address[1] & 0x7F]) + address[2:]
    if len(address) == 16 and address[0] == 0xFF:
        return b"\x33\x33" + address[12:]
    return b"\x02\x00" + address[-4:]


def _ethernet(src: bytes, dst: bytes, protocol: int, segment: bytes) -> bytes:
    hardware = _hardware(dst) + b"\x02\x00" + src[-4:]
    if len(src) == 4:
        size = 20 + len(segment)
        if size > 65_535:
            raise WireError(f"an IPv4 packet holds at most 65535 octets, found {size}")
        header = struct.pack(">BBHHHBBH", 0x45, 0, size, 0, 0x4000, 64, protocol, 0) + src + dst
        header = header[:10] + struct.pack(">H", _checksum(header)) + header[12:]
        return hardware + b"\x08\x00" + header + segment
    header = struct.pack(">IHBB", 6 << 28, len(segment), protocol, 64) + src + dst
    return hardware + b"\x86\xdd" + header + segment
