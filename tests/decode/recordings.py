"""The recordings as frames, read here without the containers room: a few lines of pcap, or blocks of a raw file."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from vigie.terms.batch import FORMAT_ASTERIX, Frames
from vigie.terms.tables import FRAME
from vigie.wire.asterix.times import block_times, cut_blocks

RAW: dict[str, dict[int, str]] = {
    "ar_saenzpena_20260429_part1_cat034_048.pcap": {34: "1.29", 48: "1.32"},
    "ar_sanluis_20260303_cat034_048.pcap": {34: "1.29", 48: "1.32"},
    "ar_cordoba_20260601_first600_trailer8.pcap": {34: "1.29", 48: "1.32"},
    "ar_fds_20260429_part1_cat062.pcap": {62: "1.21"},
    "hr_cat_062_065.pcap": {62: "1.21", 65: "1.6"},
    "lebl_20160510_2200-2300_smr.ast": {10: "1.1"},
    "lebl_20160510_2200-2300_mlat.ast": {10: "1.1"},
    "lebl_20160510_2200-2300_adsb_v023.ast": {21: "0.23"},
    "lebl_adsb_cat021v2_cat023_part1.ast": {21: "2.1", 23: "1.3"},
    "jasterix_vectors/cat002ed1.0.bin": {2: "1.0"},
    "jasterix_vectors/cat019ed1.3.bin": {19: "1.3"},
    "jasterix_vectors/cat021ed0.26.bin": {21: "0.26"},
    "jasterix_vectors/cat021ed2.1.bin": {21: "2.1"},
}
"""File -> the edition each of its categories has."""

DAY_2016_05_10_NS = 1_462_838_400_000_000_000


def datagrams(path: Path) -> list[tuple[int, bytes]]:
    """Return (capture time ns, UDP payload) of an Ethernet capture."""
    octets = path.read_bytes()
    assert octets[:4] == b"\xd4\xc3\xb2\xa1"
    out = []
    at = 24
    while at < len(octets):
        seconds, micros, size, _ = struct.unpack_from("<IIII", octets, at)
        packet = octets[at + 16 : at + 16 + size]
        at += 16 + size
        udp = 14 + (packet[14] & 15) * 4
        length = int.from_bytes(packet[udp + 4 : udp + 6], "big")
        out.append((seconds * 10**9 + micros * 1000, packet[udp + 8 : udp + length]))
    return out


def payloads(path: Path) -> list[bytes]:
    """Return what each datagram, or each block of a raw file, carries."""
    if path.suffix == ".pcap":
        return [payload for _, payload in datagrams(path)]
    data = np.fromfile(path, np.uint8)
    offsets, lengths = cut_blocks(data)
    return [data[o : o + n].tobytes() for o, n in zip(offsets.tolist(), lengths.tolist(), strict=True)]


def make_frames(pieces: list[tuple[int, bytes]], *, link: int = 0, first_seq: int = 0) -> Frames:
    """Return (rx_ns, payload) pairs as ASTERIX frames."""
    rows = FRAME.empty(len(pieces))
    rows["rx_ns"] = [rx_ns for rx_ns, _ in pieces]
    rows["length"] = [len(payload) for _, payload in pieces]
    rows["offset"] = np.cumsum(rows["length"].astype(np.int64)) - rows["length"]
    rows["seq"] = np.arange(first_seq, first_seq + len(pieces))
    rows["format"] = FORMAT_ASTERIX
    rows["link"] = link
    return Frames(rows, np.frombuffer(bytearray(b"".join(payload for _, payload in pieces)), np.uint8))


def recording(path: Path) -> Frames:
    """Return a recording as frames; raw files are dated 2016-05-10, received when their newest message was sent."""
    if path.suffix == ".pcap":
        return make_frames(datagrams(path))
    data = np.fromfile(path, np.uint8)
    offsets, lengths = cut_blocks(data)
    rows = FRAME.empty(len(offsets))
    rows["offset"], rows["length"], rows["format"] = offsets, lengths, FORMAT_ASTERIX
    rows["rx_ns"] = np.maximum.accumulate(block_times(data, offsets, lengths, DAY_2016_05_10_NS))
    rows["seq"] = np.arange(len(offsets))
    return Frames(rows, data)
