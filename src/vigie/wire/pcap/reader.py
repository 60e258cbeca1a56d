"""The capture reader: octets of a pcap or pcapng file in, packets with their payloads out, any size, flat memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from vigie.terms.batch import Octets
from vigie.terms.errors import FormatError
from vigie.terms.ledger import REASONS
from vigie.terms.tables import Rows
from vigie.wire.pcap.layout import (
    COLUMNS,
    HEAD,
    INTERFACES_MAX,
    LENGTH,
    PACKET,
    RADIO_HEAD,
    REASON_COUNT,
    S_BIG,
    S_HEADER,
    S_KIND,
    S_LAST_NS,
    S_LINK,
    S_LOST,
    S_ODD_LINK,
    S_PACKETS,
    S_SIZE,
    S_SKIPPED,
    S_UNIT_NS,
)
from vigie.wire.pcap.records import scan
from vigie.wire.pcap.streams import SLOTS, T_GAPS, T_HELD_OCTETS, T_LOST, deliver, stream_tables

_ROWS: Final = 32_768

# First four octets -> (big-endian, ns per fraction, octets of a record header).
_MAGIC: Final[dict[bytes, tuple[int, int, int]]] = {
    b"\xd4\xc3\xb2\xa1": (0, 1000, 16),
    b"\xa1\xb2\xc3\xd4": (1, 1000, 16),
    b"\x4d\x3c\xb2\xa1": (0, 1, 16),
    b"\xa1\xb2\x3c\x4d": (1, 1, 16),
    b"\x34\xcd\xb2\xa1": (0, 1000, 24),  # the "modified" format of old Linux systems
    b"\xa1\xb2\xcd\x34": (1, 1000, 24),
}


@dataclass(frozen=True, slots=True)
class Packets:
    """PACKET rows (layout.py) and the one buffer that holds their payloads side by side."""

    rows: Rows
    data: Octets

    def __len__(self) -> int:
        """Return the number of packets."""
        return len(self.rows)

    def payload(self, i: int) -> bytes:
        """Return the payload of packet ``i``."""
        start = int(self.rows["offset"][i])
        return self.data[start : start + int(self.rows["length"][i])].tobytes()


def capture_kind(head: bytes) -> str:
    """Return "pcap", "pcapng" or "" from the first octets of a file."""
    if head[:4] in _MAGIC:
        return "pcap"
    if head[:4] == b"\x0a\x0d\x0d\x0a" and head[8:12] in (b"\x1a\x2b\x3c\x4d", b"\x4d\x3c\x2b\x1a"):
        return "pcapng"
    return ""


class CaptureReader:
    """Reads a capture piece by piece: ``feed`` octets in whatever pieces they come, ``close`` at the end.

    What comes out does not depend on how the input was cut, except for how many packets come at a time. Each packet is
    given out, or counted in ``filtered`` under its reason, or is a TCP segment that waits for an earlier one.
    """

    def __init__(self) -> None:
        self.kind = ""
        self._state = np.zeros(S_SIZE, np.int64)
        self._interfaces = np.zeros((INTERFACES_MAX, 4), np.int64)
        self._counts = np.zeros(REASON_COUNT, np.int64)
        self._found = np.zeros(4, np.int64)
        self._rows = np.empty((_ROWS, COLUMNS), np.int64)
        self._rest: Octets = np.zeros(0, np.uint8)
        self._streams = stream_tables()

    @property
    def packets(self) -> int:
        """Packets of the capture seen so far, good or not."""
        return int(self._state[S_PACKETS])

    @property
    def filtered(self) -> dict[str, int]:
        """Packets that brought no payload, by reason."""
        return {REASONS[i]: int(n) for i, n in enumerate(self._counts) if n}

    @property
    def gaps(self) -> int:
        """Places where a TCP stream has lost octets."""
        return int(self._streams[3][T_GAPS])

    @property
    def lost_octets(self) -> int:
        """Octets of TCP streams that the capture does not hold."""
        return int(self._streams[3][T_LOST])

    @property
    def skipped_octets(self) -> int:
        """Octets passed over where the chain of records was broken."""
        return int(self._state[S_SKIPPED])

    @property
    def odd_link_type(self) -> int:
        """The last link type that could not be read (where ``unknown_link_type`` is counted)."""
        return int(self._state[S_ODD_LINK])

    def feed(self, octets: bytes | memoryview | npt.NDArray[np.uint8]) -> Iterator[Packets]:
        """Yield the packets that ``octets`` complete; FormatError when the file is no capture."""
        piece = octets if isinstance(octets, np.ndarray) else np.frombuffer(octets, np.uint8)
        data = np.concatenate((self._rest, piece))
        start = 0
        if not self.kind:
            if len(data) < HEAD:
                self._rest = data.copy()
                return
            start = self._open(data)
        yield from self._walk(data[start:], final=False)

    def close(self) -> Iterator[Packets]:
        """Yield what the end of the file releases; a record cut by it is counted."""
        if not self.kind and len(self._rest) >= 24 and capture_kind(self._rest[:24].tobytes()) == "pcap":
            self._open(self._rest)
            self._rest = np.zeros(0, np.uint8)
        if not self.kind:
            raise FormatError(
                f"the file ends after {len(self._rest)} octets, inside the head of a capture; "
                "expected a whole pcap or pcapng file"
            )
        yield from self._walk(self._rest, final=True)

    def _open(self, data: Octets) -> int:
        """Read the file head; return where the records begin."""
        head = data[:HEAD].tobytes()
        self.kind = capture_kind(head)
        state = self._state
        if not self.kind:
            raise FormatError(
                f"the file begins with {head[:4].hex(' ')}; expected a capture: pcap (d4 c3 b2 a1, a1 b2 c3 d4 "
                "or their ns forms) or pcapng (0a 0d 0d 0a)"
            )
        if self.kind == "pcapng":
            state[S_KIND] = 2
            return 0
        big, unit_ns, header = _MAGIC[head[:4]]
        order: Literal["big", "little"] = "big" if big else "little"
        state[S_KIND] = 1
        state[S_BIG] = big
        state[S_UNIT_NS] = unit_ns
        state[S_HEADER] = header
        # The upper bits may say how long the frame check sequence is; the link type is the lower 16.
        state[S_LINK] = int.from_bytes(head[20:24], order) & 0xFFFF
        if len(data) >= 28:
            state[S_LAST_NS] = int.from_bytes(head[24:28], order) * 1_000_000_000
        return 24

    def _walk(self, data: Octets, *, final: bool) -> Iterator[Packets]:
        while True:
            used, filled = scan(
                data, len(data), final, self._state, self._interfaces, self._rows, self._counts, self._found
            )
            rest = data[used:]
            last = final and not len(rest)
            self._rest = rest.copy() if filled < _ROWS else rest
            if filled or last:
                packets = self._deliver(data, filled, final=last)
                if len(packets):
                    yield packets
            if filled < _ROWS or last:
                return
            data = rest

    def _deliver(self, data: Octets, filled: int, *, final: bool) -> Packets:
        table, held, store, tally = self._streams
        room = int(self._rows[:filled, LENGTH].sum()) + int(tally[T_HELD_OCTETS]) + RADIO_HEAD * filled
        out = np.empty((filled + SLOTS, COLUMNS), np.int64)
        octets = np.empty(room, np.uint8)
        n, used = deliver(self._rows, filled, data, table, held, store, tally, self._counts, final, out, octets)
        return Packets(out[:n].view(PACKET).reshape(n), octets[:used])

    @property
    def broken(self) -> bool:
        """Whether the chain of records is broken at this place and being searched for."""
        return bool(self._state[S_LOST])
