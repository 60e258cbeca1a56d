"""Packets to frames: which flow carries what, ORADIS packets unwrapped, strangers counted.

A flow is an address and port that datagrams go to. What it carries is told by the content of its first datagram that
leaves no doubt; until then each datagram is judged alone. Streams over TCP are told once and cut at whole messages.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_AVR, FORMAT_BEAST, FORMAT_REMOTEID, FORMAT_SBS, Frames, Octets
from vigie.terms.kernel import kernel
from vigie.terms.tables import FRAME
from vigie.wire.containers.chain import (
    ORADIS_HEAD,
    block_length,
    chain_end,
    known_category,
    oradis_units,
)
from vigie.wire.containers.cut import StreamCutter
from vigie.wire.pcap.layout import (
    COLUMNS,
    DST_HI,
    DST_LO,
    DST_PORT,
    L_RADIO,
    LENGTH,
    OFFSET,
    PROTO,
    RADIO,
    RX,
    SRC_HI,
    SRC_LO,
    SRC_PORT,
    TCP,
    UDP,
    V4_MAPPED,
    i64,
)
from vigie.wire.pcap.reader import Packets

FLOWS: Final = 4096
"""Flows told apart; more share the first place."""
_PROBES: Final = 64

F_USED: Final = 0
F_DST_HI: Final = 1
F_DST_LO: Final = 2
F_PORT: Final = 3
F_FORMAT: Final = 4  # 0 not told yet
F_DATAGRAMS: Final = 5
F_OCTETS: Final = 6
F_STRANGE: Final = 7  # datagrams that were none of the formats
_F_COLUMNS: Final = 8

ORADIS: Final = 100
_MAYBE: Final = 101
_TRAILER_MAX: Final = 64

_O_RX: Final = 0
_O_OFFSET: Final = 1
_O_LENGTH: Final = 2
_O_FORMAT: Final = 3
_O_SRC: Final = 4
_O_PORT: Final = 5
_O_ROW: Final = 6
_O_COLUMNS: Final = 7


@kernel
def guess_payload(data: Any, at: int, size: int) -> int:
    """Return what one payload is: a FORMAT number, ``ORADIS``, ``_MAYBE`` for ASTERIX with doubt, 0 for none of them.

    Sure of ASTERIX: a chain of whole blocks, with at most 64 octets behind it. Doubtful: a known category whose length
    does not fit (a cut or mutilated block, which must be rejected by name, not overlooked).
    """
    end = at + size
    if size < 3:
        return 0
    first = i64(data[at])
    if first == 82 and size >= 10 and data[at + 1] == 70 and i64(data[at + 2]) * 256 + i64(data[at + 3]) in L_RADIO:
        return FORMAT_REMOTEID  # RF, then the link type of a radio frame
    if first >> 4 == 15 and data[at + 1] == 25 and 1 <= data[at + 2] <= 9 and size == 3 + 25 * i64(data[at + 2]):
        return FORMAT_REMOTEID  # a message pack of Remote ID
    if first == 0x1A and size >= 11 and 0x31 <= data[at + 1] <= 0x35:
        return FORMAT_BEAST
    if first in (42, 64, 37, 60) and size >= 15:  # * @ % <
        digits = 0
        while at + 1 + digits < end:
            c = i64(data[at + 1 + digits])
            if not (48 <= c <= 57 or 65 <= c <= 70 or 97 <= c <= 102):
                break
            digits += 1
        if digits >= 14 and at + 1 + digits < end and data[at + 1 + digits] in (59, 10, 13):
            return FORMAT_AVR
    if first == 77 and size >= 12 and data[at + 1] == 83 and data[at + 2] == 71 and data[at + 3] == 44:  # MSG,
        return FORMAT_SBS
    if oradis_units(data, at, end) > 0:
        return ORADIS
    stop, blocks = chain_end(data, at, end)
    if blocks > 0 and (stop == end or (end - stop <= _TRAILER_MAX and known_category(first))):
        return FORMAT_ASTERIX
    if known_category(first) and (blocks > 0 or block_length(data, at) <= 2 * size + 64):
        return _MAYBE
    return 0


@kernel
def _flow(row: Any, flows: Any) -> int:
    """Return the place of the row's flow, a new one where there was none."""
    first = (row[DST_LO] * 31 ^ row[DST_HI] ^ row[DST_PORT] * 2654435761) & (FLOWS - 1)
    for probe in range(_PROBES):
        place: int = (first + probe) & (FLOWS - 1)
        entry = flows[place]
        if entry[F_USED] == 0:
            entry[F_USED] = 1
            entry[F_DST_HI] = row[DST_HI]
            entry[F_DST_LO] = row[DST_LO]
            entry[F_PORT] = row[DST_PORT]
            return place
        if entry[F_DST_LO] == row[DST_LO] and entry[F_PORT] == row[DST_PORT] and entry[F_DST_HI] == row[DST_HI]:
            return place
    return 0


@kernel
def datagram_frames(rows: Any, n: int, data: Any, forced: int, flows: Any, out: Any) -> tuple[int, int, int]:
    """Turn UDP rows into frame rows; return (frames, datagrams that are none of the formats, TCP rows left alone).

    Radio frames are frames of Remote ID.

    ``rows`` int64[m, COLUMNS]; ``forced``: a FORMAT number that the caller insists on, 0 none; ``flows``
    int64[FLOWS, 8]; ``out`` int64[k, 7] with room for every ORADIS unit (9 octets at least).
    """
    filled = i64(0)
    strange = 0
    streams = 0
    for i in range(n):
        row = rows[i]
        at = row[OFFSET]
        size = row[LENGTH]
        if row[PROTO] == RADIO:
            if forced not in (0, FORMAT_REMOTEID):
                strange += 1
                continue
            line = out[filled]
            line[_O_RX] = row[RX]
            line[_O_OFFSET] = at
            line[_O_LENGTH] = size
            line[_O_FORMAT] = FORMAT_REMOTEID
            line[_O_SRC] = 0
            line[_O_PORT] = 0
            line[_O_ROW] = i
            filled += 1
            continue
        if row[PROTO] != UDP:
            streams += 1
            continue
        entry = flows[_flow(row, flows)]
        entry[F_DATAGRAMS] += 1
        entry[F_OCTETS] += size
        kind = entry[F_FORMAT]
        if kind in (0, ORADIS):
            guess = guess_payload(data, at, size)
            if kind == 0 and guess not in (0, _MAYBE):
                entry[F_FORMAT] = guess
            kind = guess
        if forced and kind != ORADIS:
            kind = forced
        if kind == 0:
            strange += 1
            entry[F_STRANGE] += 1
            continue
        end = at + size
        while True:
            if kind == ORADIS:
                size = i64(data[at]) * 256 + i64(data[at + 1]) - ORADIS_HEAD
                at += ORADIS_HEAD
            line = out[filled]
            line[_O_RX] = row[RX]
            line[_O_OFFSET] = at
            line[_O_LENGTH] = size
            line[_O_FORMAT] = FORMAT_ASTERIX if kind >= ORADIS else kind
            line[_O_SRC] = row[SRC_LO] & 0xFFFFFFFF if row[SRC_HI] == 0 and row[SRC_LO] >> 32 == 0xFFFF else 0
            line[_O_PORT] = row[SRC_PORT]
            line[_O_ROW] = i
            filled += 1
            at += size
            if kind != ORADIS or at >= end:
                break
    return filled, strange, streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One address and port that traffic goes to (for TCP: comes from), and what it carries."""

    endpoint: str
    format: int
    packets: int
    octets: int
    strange: int


class Flows:
    """Turns packets into frames; keeps the account of every flow.

    ``forced``: a FORMAT number that the caller insists on, 0 where the content decides.
    """

    def __init__(self, *, link: int = 0, forced: int = 0) -> None:
        self.unknown_payload = 0
        self._link = link
        self._forced = forced
        self._table = np.zeros((FLOWS, _F_COLUMNS), np.int64)
        self._streams: dict[tuple[int, ...], _Stream] = {}

    def frames(self, packets: Packets) -> Frames:
        """Return the frames that ``packets`` bring, in their order; ``seq`` stays 0."""
        rows = packets.rows.view(np.int64).reshape(-1, COLUMNS)
        room = len(rows) + int(rows[:, LENGTH].sum()) // (ORADIS_HEAD + 3)
        out = np.empty((room, _O_COLUMNS), np.int64)
        n, strange, streams = datagram_frames(rows, len(rows), packets.data, self._forced, self._table, out)
        self.unknown_payload += strange
        lines = out[:n]
        data = packets.data
        if streams:
            lines, data = self._with_streams(rows, packets, lines)
        frames = FRAME.empty(len(lines))
        frames["rx_ns"] = lines[:, _O_RX]
        frames["link"] = self._link
        frames["format"] = lines[:, _O_FORMAT]
        frames["offset"] = lines[:, _O_OFFSET]
        frames["length"] = lines[:, _O_LENGTH]
        frames["src_addr"] = lines[:, _O_SRC]
        frames["src_port"] = lines[:, _O_PORT]
        return Frames(frames, data)

    def close(self) -> Frames:
        """Return what the streams still held: unfinished messages, for the decoder to name."""
        lines: list[list[int]] = []
        rests: list[bytes] = []
        at = 0
        for key, stream in self._streams.items():
            rest = stream.cutter.close()
            if rest:
                rests.append(rest)
                lines.append([stream.last_ns, at, len(rest), stream.format, _v4(key[0], key[1]), key[4]])
                at += len(rest)
        frames = FRAME.empty(len(lines))
        if lines:
            table = np.array(lines, np.int64)
            for column, name in enumerate(("rx_ns", "offset", "length", "format", "src_addr", "src_port")):
                frames[name] = table[:, column]
            frames["link"] = self._link
        return Frames(frames, np.frombuffer(bytearray(b"".join(rests)), np.uint8))

    @property
    def flows(self) -> list[Flow]:
        """Every flow seen, the busiest first."""
        found = [
            Flow(
                endpoint=_endpoint(int(e[F_DST_HI]), int(e[F_DST_LO]), int(e[F_PORT])),
                format=FORMAT_ASTERIX if e[F_FORMAT] == ORADIS else int(e[F_FORMAT]),
                packets=int(e[F_DATAGRAMS]),
                octets=int(e[F_OCTETS]),
                strange=int(e[F_STRANGE]),
            )
            for e in self._table[self._table[:, F_USED] == 1]
        ]
        for key, stream in self._streams.items():
            endpoint = "tcp " + _endpoint(key[0], key[1], key[4])
            strange = 0 if stream.format else stream.packets
            found.append(
                Flow(
                    endpoint=endpoint, format=stream.format, packets=stream.packets, octets=stream.octets,
                    strange=strange,
                )
            )  # fmt: skip
        return sorted(found, key=lambda flow: (-flow.packets, flow.endpoint))

    def _with_streams(self, rows: Any, packets: Packets, lines: Any) -> tuple[Any, Octets]:
        """Merge what TCP segments bring into the datagrams' lines, in the order of the capture."""
        more: list[list[int]] = []
        pieces: list[bytes] = []
        at = len(packets.data)
        for i in np.flatnonzero(rows[:, PROTO] == TCP).tolist():
            row = rows[i].tolist()
            key = (row[SRC_HI], row[SRC_LO], row[DST_HI], row[DST_LO], row[SRC_PORT], row[DST_PORT])
            stream = self._streams.get(key)
            if stream is None:
                stream = self._streams[key] = _Stream(self._forced)
            whole = stream.feed(packets.payload(i), row[RX])
            if stream.format == 0:
                self.unknown_payload += 1
            elif whole:
                source = _v4(row[SRC_HI], row[SRC_LO])
                more.append([row[RX], at, len(whole), stream.format, source, row[SRC_PORT], i])
                pieces.append(whole)
                at += len(whole)
        if not more:
            return lines, packets.data
        both = np.concatenate((lines, np.array(more, np.int64)))
        both = both[np.argsort(both[:, _O_ROW], kind="stable")]
        return both, np.concatenate((packets.data, np.frombuffer(b"".join(pieces), np.uint8)))


class _Stream:
    """One direction of a TCP connection."""

    def __init__(self, forced: int) -> None:
        self.format = forced
        self.packets = 0
        self.octets = 0
        self.last_ns = 0
        self.cutter = StreamCutter(forced)

    def feed(self, payload: bytes, rx_ns: int) -> bytes:
        self.packets += 1
        self.octets += len(payload)
        self.last_ns = rx_ns
        if self.format == 0:
            kind = guess_stream(payload)
            if kind == 0:
                return b""
            self.format = kind
            self.cutter = StreamCutter(kind)
        return self.cutter.feed(payload)


def unwrap_oradis(frames: Frames, links: Collection[int]) -> Frames:
    """Return ``frames`` with each ORADIS packet of ``links`` as one frame per block, over the same octets."""
    chosen = np.isin(frames.rows["link"], np.array(sorted(links), np.uint16))
    pieces = []
    start = 0
    for i in np.flatnonzero(chosen).tolist():
        row = frames.rows[i]
        at, end = int(row["offset"]), int(row["offset"]) + int(row["length"])
        units = int(oradis_units(frames.data, at, end))
        if not units:
            continue
        pieces.append(frames.rows[start:i])
        start = i + 1
        blocks = np.repeat(frames.rows[i : i + 1], units)
        for k in range(units):
            size = int(frames.data[at]) * 256 + int(frames.data[at + 1])
            blocks["offset"][k], blocks["length"][k] = at + ORADIS_HEAD, size - ORADIS_HEAD
            at += size
        pieces.append(blocks)
    pieces.append(frames.rows[start:])
    return Frames(np.concatenate(pieces), frames.data)


def guess_stream(payload: bytes) -> int:
    """Return what a stream carries, from a segment that may begin in the middle of a message."""
    octets = np.frombuffer(bytearray(payload), np.uint8)
    guess = int(guess_payload(octets, 0, len(octets)))
    if guess in (FORMAT_ASTERIX, FORMAT_BEAST, FORMAT_AVR, FORMAT_SBS):
        return guess
    tests: tuple[tuple[bytes, Callable[[bytes], bool]], ...] = (
        (b"\n", lambda text: text.startswith((b"MSG,", b"*", b"@"))),
        (b"\x1a", lambda rest: len(rest) > 11 and 0x31 <= rest[0] <= 0x34),
    )
    for mark, fits in tests:
        place = payload.find(mark)
        if place < 0 or not fits(payload[place + 1 :]):
            continue
        start = place + 1 if mark == b"\n" else place
        guess = int(guess_payload(octets, start, len(octets) - start))
        if guess in (FORMAT_BEAST, FORMAT_AVR, FORMAT_SBS):
            return guess
    return 0


def _v4(high: int, low: int) -> int:
    return low & 0xFFFFFFFF if high == 0 and low >> 32 == 0xFFFF else 0


def _endpoint(high: int, low: int, port: int) -> str:
    """Return "address:port" of two halves of an IPv6 address."""
    if high == 0 and low & ~0xFFFFFFFF == V4_MAPPED:
        return f"{ipaddress.IPv4Address(low & 0xFFFFFFFF)}:{port}"
    return f"[{ipaddress.IPv6Address((high & (1 << 64) - 1) << 64 | low & (1 << 64) - 1)}]:{port}"
