"""Tiles out of one PMTiles file, read where they lie: header, directories, tile.

Source: PMTiles version 3 specification (Protomaps, 2022): a header of 127 octets, a root directory, leaf directories,
tiles numbered along Hilbert curves. Nothing in the file is trusted: every length has a limit, every offset is compared
with the file's end.
"""

from __future__ import annotations

import json
import os
import struct
import threading
import zlib
from bisect import bisect_right
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import zstandard

from vigie.show.mapsheet import MOST_ZOOM, Face, MapError, Tile

HEADER: Final = 127
MOST_TILE: Final = 8 << 20
MOST_DIRECTORY: Final = 16 << 20
MOST_ENTRIES: Final = 1 << 20
MOST_METADATA: Final = 4 << 20
MOST_LAYERS: Final = 60
_DEEPEST: Final = 4
"""Directories below each other; the specification allows no more."""
_KEPT: Final = 32
"""Leaf directories kept unpacked."""
_RAW: Final = 1
_GZIP: Final = 2
_ZSTD: Final = 4
_MVT: Final = 1
_TYPES: Final = {
    _MVT: "application/vnd.mapbox-vector-tile", 2: "image/png", 3: "image/jpeg", 4: "image/webp", 5: "image/avif",
}  # fmt: skip

Directory = tuple[list[int], list[int], list[int], list[int]]
"""Tile numbers, run lengths, lengths, offsets."""


def tile_number(z: int, x: int, y: int) -> int:
    """Return the number of a tile: all lower levels, then the Hilbert curve of its own."""
    number = ((1 << (2 * z)) - 1) // 3
    s = (1 << z) >> 1
    while s:
        right, low = int(bool(x & s)), int(bool(y & s))
        number += s * s * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = s - 1 - x, s - 1 - y
            x, y = y, x
        s >>= 1
    return number


@dataclass(frozen=True, slots=True)
class _Head:
    root: tuple[int, int]
    metadata: tuple[int, int]
    leaves: tuple[int, int]
    tiles: tuple[int, int]
    inside: int
    packing: int
    type: int
    zooms: tuple[int, int]
    bounds_deg: tuple[float, float, float, float]


class PmTiles:
    """One open file. MapError where it is none, is damaged, or is packed in a way that is not read here."""

    def __init__(self, path: Path) -> None:
        self._leaves: OrderedDict[int, Directory] = OrderedDict()
        self._lock = threading.Lock()
        try:
            self._file = os.open(path, os.O_RDONLY)
        except OSError as why:
            raise MapError("closed", why.strerror or "") from why
        try:
            self._size = os.fstat(self._file).st_size
            self._head = _header(self._read(0, HEADER, HEADER) if self._size >= HEADER else b"")
            for offset, length in (self._head.leaves, self._head.tiles):
                if offset + length > self._size:
                    raise MapError("broken", f"ends at octet {self._size}, a part reaches to {offset + length}")
            self._root = self._directory(*self._head.root)
            if not self._root[0]:
                raise MapError("empty")
            layers = _layer_names(self._metadata()) if self._head.type == _MVT else ()
        except MapError:
            os.close(self._file)
            raise
        self.face = Face(
            kind="vector" if self._head.type == _MVT else "raster", min_zoom=self._head.zooms[0],
            max_zoom=self._head.zooms[1], bounds_deg=self._head.bounds_deg, layers=layers,
            tile_px=512 if self._head.type == _MVT else 256,
        )  # fmt: skip

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """Return a tile, None where the file has none; MapError where it is damaged."""
        number = tile_number(z, x, y)
        directory = self._root
        for _ in range(_DEEPEST):
            numbers, runs, lengths, offsets = directory
            at = bisect_right(numbers, number) - 1
            if at < 0:
                return None
            if runs[at] == 0:
                directory = self._leaf(offsets[at], lengths[at])
                continue
            if number - numbers[at] >= runs[at]:
                return None
            packed = self._within(self._head.tiles, offsets[at], lengths[at], MOST_TILE)
            return Tile(_unpacked(packed, self._head.packing, MOST_TILE), _TYPES[self._head.type])
        raise MapError("broken", "directories lie too deep")

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1

    def _leaf(self, offset: int, length: int) -> Directory:
        with self._lock:
            held = self._leaves.get(offset)
            if held is not None:
                self._leaves.move_to_end(offset)
                return held
        start, whole = self._head.leaves
        if offset + length > whole:
            raise MapError("broken", "a directory lies outside the file")
        made = self._directory(start + offset, length)
        with self._lock:
            self._leaves[offset] = made
            while len(self._leaves) > _KEPT:
                self._leaves.popitem(last=False)
        return made

    def _directory(self, offset: int, length: int) -> Directory:
        packed = self._read(offset, length, MOST_DIRECTORY)
        return _entries(_unpacked(packed, self._head.inside, MOST_DIRECTORY))

    def _metadata(self) -> bytes:
        offset, length = self._head.metadata
        return _unpacked(self._read(offset, length, MOST_METADATA), self._head.inside, MOST_METADATA) if length else b""

    def _within(self, part: tuple[int, int], offset: int, length: int, most: int) -> bytes:
        if offset + length > part[1]:
            raise MapError("broken", "a tile lies outside the file")
        return self._read(part[0] + offset, length, most)

    def _read(self, offset: int, length: int, most: int) -> bytes:
        if length > most:
            raise MapError("large", f"a part of {length} octets, {most} at most are read")
        if offset + length > self._size:
            raise MapError("broken", f"ends at octet {self._size}, a part reaches to {offset + length}")
        try:
            with self._lock:  # a number of a closed file may be another file's by now
                octets = os.pread(self._file, length, offset)
        except OSError as why:
            raise MapError("closed", why.strerror or "") from why
        if len(octets) != length:
            raise MapError("broken", f"was cut at octet {offset + len(octets)}")
        return octets


def _header(octets: bytes) -> _Head:
    if len(octets) < HEADER or octets[:7] != b"PMTiles":
        raise MapError("foreign", "it does not begin as PMTiles does")
    if octets[7] != 3:
        raise MapError("unknown", f"PMTiles version {octets[7]}, only 3 is read")
    numbers = struct.unpack_from("<8Q", octets, 8)
    inside, packing, kind, low, high = octets[97:102]
    west, south, east, north = (v / 1e7 for v in struct.unpack_from("<4i", octets, 102))
    if inside not in (_RAW, _GZIP, _ZSTD) or packing not in (0, _RAW, _GZIP, _ZSTD):
        raise MapError("unknown", f"compression {inside} or {packing}; 1, 2 and 4 are read")
    if kind not in _TYPES:
        raise MapError("unknown", f"tiles of type {kind}")
    if not low <= high <= MOST_ZOOM:
        raise MapError("broken", f"levels {low} to {high}")
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        west, south, east, north = -180.0, -85.0, 180.0, 85.0
    return _Head(
        (numbers[0], numbers[1]), (numbers[2], numbers[3]), (numbers[4], numbers[5]), (numbers[6], numbers[7]),
        inside, packing, kind, (low, high), (west, south, east, north),
    )  # fmt: skip


def _unpacked(octets: bytes, packing: int, most: int) -> bytes:
    """Return the octets behind their packing; a part that would grow beyond ``most`` is refused."""
    try:
        if packing == _GZIP:
            reader = zlib.decompressobj(wbits=31)
            made = reader.decompress(octets, most + 1)
            if not reader.eof and len(made) <= most:
                raise MapError("broken", "a packed part has no end")
        elif packing == _ZSTD:
            made = zstandard.ZstdDecompressor().stream_reader(octets).read(most + 1)
        else:
            return octets
    except (zlib.error, zstandard.ZstdError) as why:
        raise MapError("broken", str(why)) from why
    if len(made) > most:
        raise MapError("large", f"a part of more than {most} octets")
    return made


def _entries(octets: bytes) -> Directory:
    values: list[int] = []
    shift = value = 0
    for octet in octets:  # little-endian base 128
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            values.append(value)
            shift = value = 0
        else:
            shift += 7
            if shift > 63:
                raise MapError("broken", "a number in a directory is too long")
    count = values[0] if values else 0
    if count > MOST_ENTRIES or len(values) != 1 + 4 * count or shift:
        raise MapError("broken", "a directory does not hold what it says")
    numbers, number = [], 0
    for value in values[1 : 1 + count]:
        number += value
        numbers.append(number)
    runs, lengths, given = (values[1 + k * count : 1 + (k + 1) * count] for k in (1, 2, 3))
    offsets: list[int] = []
    for k, value in enumerate(given):
        if value == 0 and k == 0:
            raise MapError("broken", "the first part of a directory follows on nothing")
        offsets.append(value - 1 if value else offsets[k - 1] + lengths[k - 1])
    return numbers, runs, lengths, offsets


def _layer_names(metadata: bytes) -> tuple[str, ...]:
    """Return the names of the vector layers; vector tiles without them cannot be drawn."""
    try:
        tree = json.loads(metadata)
        named = [layer["id"] for layer in tree["vector_layers"]]
    except (ValueError, KeyError, TypeError, RecursionError) as why:
        raise MapError("unknown", "vector tiles whose layers are not named (vector_layers)") from why
    if not all(isinstance(name, str) and 0 < len(name) <= 100 for name in named):
        raise MapError("broken", "the name of a layer is no text")
    return tuple(named[:MOST_LAYERS])
