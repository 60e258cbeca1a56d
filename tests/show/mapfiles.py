"""Maps for tests: PMTiles files written from the specification, and tiles of one colour or of one square."""

from __future__ import annotations

import gzip
import io
import json
import struct
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

Address = tuple[int, int, int]
MVT, PNG = 1, 2


def write_pmtiles(
    path: Path, tiles: Mapping[Address, bytes], *, kind: int = PNG, packed: bool = True, leaf: bool = False,
    layers: tuple[str, ...] = (), version: int = 3,
) -> Path:  # fmt: skip
    """Write a file; with ``leaf`` every tile is found through a leaf directory."""
    pack = gzip.compress if packed else bytes
    numbered = sorted((number_of(*where), octets) for where, octets in tiles.items())
    data, entries = b"", []
    for number, octets in numbered:
        whole = pack(octets) if kind == MVT else octets
        entries.append((number, 1, len(whole), len(data)))
        data += whole
    leaves = b""
    root = entries
    if leaf:
        leaves = pack(directory(entries))
        root = [(0, 0, len(leaves), 0)]
    top = pack(directory(root))
    metadata = pack(json.dumps({"vector_layers": [{"id": n, "fields": {}} for n in layers]}).encode())
    at = 127 + len(top)
    zooms = [z for z, _, _ in tiles] or [0]
    head = b"PMTiles" + bytes([version]) + struct.pack(
        "<11Q", 127, len(top), at, len(metadata), at + len(metadata), len(leaves),
        at + len(metadata) + len(leaves), len(data), len(entries), len(entries), len(entries),
    )  # fmt: skip
    gz = 2 if packed else 1
    head += bytes([1, gz, gz if kind == MVT else 1, kind, min(zooms), max(zooms)])
    head += struct.pack("<4iB2i", -1800000000, -850000000, 1800000000, 850000000, 0, 0, 0)
    assert len(head) == 127
    path.write_bytes(head + top + metadata + leaves + data)
    return path


def number_of(z: int, x: int, y: int) -> int:
    """Return the tile's number by walking the curve from its beginning: slow, and written otherwise than the reader."""
    before = sum(4**k for k in range(z))
    for d in range(4**z):
        tx = ty = 0
        t, s = d, 1
        while s < 1 << z:
            rx = 1 & (t // 2)
            ry = 1 & (t ^ rx)
            if ry == 0:
                if rx == 1:
                    tx, ty = s - 1 - tx, s - 1 - ty
                tx, ty = ty, tx
            tx, ty = tx + s * rx, ty + s * ry
            t //= 4
            s *= 2
        if (tx, ty) == (x, y):
            return before + d
    raise ValueError((z, x, y))


def directory(entries: list[tuple[int, int, int, int]]) -> bytes:
    values = [len(entries)]
    values += [number - before for (number, *_), before in zip(entries, [0, *(e[0] for e in entries)], strict=False)]
    values += [run for _, run, _, _ in entries] + [length for _, _, length, _ in entries]
    values += [offset + 1 for _, _, _, offset in entries]
    return b"".join(varint(v) for v in values)


def varint(value: int) -> bytes:
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def png(rgb: tuple[int, int, int]) -> bytes:
    """Return a tile of one colour."""
    out = io.BytesIO()
    Image.new("RGB", (256, 256), rgb).save(out, "PNG")
    return out.getvalue()


def square(layer: str) -> bytes:
    """Return a vector tile with one square in the middle half of the tile (Mapbox vector tile 2.1)."""
    zigzag = [(v << 1) ^ (v >> 31) for v in (1024, 1024, 2048, 0, 0, 2048, -2048, 0)]
    geometry = [9, *zigzag[:2], 26, *(v & 0xFFFFFFFF for v in zigzag[2:]), 15]
    feature = b"\x18\x03" + field(4, b"".join(varint(v) for v in geometry))
    return field(3, field(1, layer.encode()) + field(2, feature) + b"\x28" + varint(4096) + b"\x78\x02")


def town(layer: str, at: tuple[int, int], **names: str) -> bytes:
    """Return a vector tile with one point at ``at`` (of 4096) and its properties."""
    geometry = [9, at[0] << 1, at[1] << 1]
    tags = b"".join(varint(k) + varint(k) for k in range(len(names)))
    feature = field(2, tags) + b"\x18\x01" + field(4, b"".join(varint(v) for v in geometry))
    keys = b"".join(field(3, name.replace("__", ":").encode()) for name in names)
    values = b"".join(field(4, field(1, text.encode())) for text in names.values())
    return field(3, field(1, layer.encode()) + field(2, feature) + keys + values + b"\x28" + varint(4096) + b"\x78\x02")


def field(number: int, octets: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(octets)) + octets
