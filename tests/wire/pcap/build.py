"""Captures made octet by octet, in every dialect, independent of the product's writer."""

from __future__ import annotations

import struct


def udp4(payload: bytes, *, src: int = 0x0A000001, dst: int = 0xE0010101, sport: int = 5000, dport: int = 4001,
         total: int | None = None, flags: int = 0, options: bytes = b"") -> bytes:  # fmt: skip
    segment = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload
    return ip4(segment, 17, src=src, dst=dst, total=total, flags=flags, options=options)


def ip4(segment: bytes, protocol: int, *, src: int = 0x0A000001, dst: int = 0xE0010101, total: int | None = None,
        flags: int = 0, options: bytes = b"") -> bytes:  # fmt: skip
    size = 20 + len(options) + len(segment) if total is None else total
    head = struct.pack(">BBHHHBBHII", 0x45 + len(options) // 4, 0, size, 1, flags, 64, protocol, 0, src, dst)
    return head + options + segment


def tcp4(payload: bytes, seq: int, flags: int = 0x18, *, sport: int = 30005, dport: int = 40000) -> bytes:
    head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, 0, 0x50, flags, 1000, 0, 0)
    return ip4(head + payload, 6, dst=0x0A000002)


def udp6(payload: bytes, *, extensions: bytes = b"", first: int = 17) -> bytes:
    segment = struct.pack(">HHHH", 5000, 4001, 8 + len(payload), 0) + payload
    src, dst = bytes(15) + b"\x01", b"\xff\x02" + bytes(13) + b"\x02"
    return struct.pack(">IHBB", 6 << 28, len(extensions) + len(segment), first, 1) + src + dst + extensions + segment


def ethernet(packet: bytes, kind: int = 0x0800, tags: tuple[int, ...] = ()) -> bytes:
    head = bytes(12)
    for tag in tags:
        head += struct.pack(">HH", tag, 7)
    return head + struct.pack(">H", kind) + packet


def pcap(packets: list[tuple[int, bytes]], *, order: str = "<", ns: bool = False, link: int = 1, cut: int = 0) -> bytes:
    magic = 0xA1B23C4D if ns else 0xA1B2C3D4
    out = [struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)]
    for t_ns, packet in packets:
        kept = packet[: len(packet) - cut]
        fraction = t_ns % 10**9 // (1 if ns else 1000)
        out.append(struct.pack(order + "IIII", t_ns // 10**9, fraction, len(kept), len(packet)) + kept)
    return b"".join(out)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def interface(link: int, order: str = "<", *, resolution: int | None = None, offset_s: int | None = None) -> bytes:
    options = b""
    if resolution is not None:
        options += struct.pack(order + "HHB3x", 9, 1, resolution)
    if offset_s is not None:
        options += struct.pack(order + "HHq", 14, 8, offset_s)
    if options:
        options += struct.pack(order + "HH", 0, 0)
    return block(1, struct.pack(order + "HHI", link, 0, 0) + options, order)


def enhanced(number: int, ticks: int, packet: bytes, order: str = "<") -> bytes:
    head = struct.pack(order + "IIIII", number, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet))
    return block(6, head + packet, order)


def simple(packet: bytes, order: str = "<") -> bytes:
    return block(3, struct.pack(order + "I", len(packet)) + packet, order)


def obsolete(number: int, ticks: int, packet: bytes, order: str = "<") -> bytes:
    head = struct.pack(order + "HHIIII", number, 0, ticks >> 32, ticks & 0xFFFFFFFF, len(packet), len(packet))
    return block(2, head + packet, order)
