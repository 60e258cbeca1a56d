"""What a file is, told by its first octets and never by its name."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.wire.containers.chain import FINAL, GPS_HEAD, block_length, chain_end, cut_recorder, known_category
from vigie.wire.modes.split import sniff_kind
from vigie.wire.pcap.reader import capture_kind

HEAD_OCTETS: Final = 65_536
"""Octets that ``kind_of`` wants to see (or the whole file where it is shorter)."""

KINDS: Final = ("pcap", "pcapng", "asterix", "gps", "final", "beast", "avr", "sbs", "plots", "recording", "iq", "iq24")
"""Kinds of files that can be read: captures, raw ASTERIX, recorders' files, Mode S streams, Parquet, ours, raw
samples (u8 I/Q at 2.0 or 2.4 Msps, which no content tells: the caller must say so)."""

COMPRESSIONS: Final[dict[str, bytes]] = {
    "gzip": b"\x1f\x8b\x08",
    "zstd": b"\x28\xb5\x2f\xfd",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\x00",
}


def compression_of(head: bytes) -> str:
    """Return "gzip", "zstd", "bzip2", "xz" or ""."""
    for name, magic in COMPRESSIONS.items():
        if head.startswith(magic) and (name != "bzip2" or head[3:4].isdigit()):
            return name
    return ""


def kind_of(head: bytes, *, whole: bool = False) -> str:
    """Return one of ``KINDS``, "" where ``head`` is the beginning of none; ``whole``: the file ends with ``head``."""
    if head.startswith(b"PAR1"):
        return "plots"
    if head.startswith(b"SQLite format 3\0"):
        return "recording"
    capture = capture_kind(head)
    if capture:
        return capture
    octets = np.frombuffer(bytearray(head), np.uint8)
    if len(head) > GPS_HEAD and head.startswith(b"\xcd" * GPS_HEAD):
        return "gps"
    if _is_final(octets, head):
        return "final"
    if _is_text(head):
        return sniff_kind(octets) or ""
    if b"\x1a" in head[:64] and sniff_kind(octets) == "beast":
        return "beast"
    return "asterix" if _is_raw(octets, whole=whole) else ""


def describe(head: bytes) -> str:
    """Return in a few words what an unreadable file begins with, for an error message."""
    if not head:
        return "the file is empty"
    if _is_text(head):
        line = head.split(b"\n", 1)[0][:40].decode("ascii", "replace").strip()
        return f"the file is text that begins with {line!r}"
    return f"the file begins with {head[:8].hex(' ')}"


def _is_text(head: bytes) -> bool:
    sample = head[:4096]
    strange = len(sample.translate(None, bytes(range(32, 127)) + b"\t\r\n"))
    return bool(sample) and strange * 50 < len(sample)


def _is_final(octets: np.ndarray[tuple[int], np.dtype[np.uint8]], head: bytes) -> bool:
    pieces = np.empty((64, 3), np.int64)
    _, n = cut_recorder(octets, len(octets), False, FINAL, pieces)
    if n == 0:
        return False
    for start, size, _ in pieces[:n].tolist():
        end = start + size
        if head[end : end + 4] != b"\xa5\xa5\xa5\xa5" or chain_end(octets, start, end)[0] != end:
            return False
    return True


def _is_raw(octets: np.ndarray[tuple[int], np.dtype[np.uint8]], *, whole: bool) -> bool:
    """Whether a chain of blocks begins here: many in a row, or few that make up the whole file."""
    if len(octets) < 3 or not known_category(int(octets[0])):
        return False
    stop, blocks = chain_end(octets, 0, len(octets))
    left = len(octets) - stop
    if not whole:  # the last block may reach beyond what we see
        return bool(blocks >= 3 and (left < 3 or block_length(octets, stop) >= left)) or bool(blocks >= 32)
    if blocks == 0:  # one block, cut by the end of the file
        claimed = int(block_length(octets, 0))
        return len(octets) >= 8 and len(octets) < claimed <= 2 * len(octets) + 64
    return bool(left * 2 <= len(octets) or blocks >= 8)
