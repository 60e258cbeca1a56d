"""A body: bytes, compressed, with version, length and CRC32C, so that damage never passes as data."""

from __future__ import annotations

import struct
from typing import Final

import google_crc32c
import zstandard

from vigie.terms.errors import RecordingError

MAGIC: Final = b"VB"
VERSION: Final = 1
RAW_LIMIT: Final = 256 * 1024 * 1024
"""Octets a body may unfold to: a batch of one tick is a thousand times smaller, a hostile one is stopped here."""

CODEC_PLAIN: Final = 0
CODEC_ZSTD: Final = 1

_HEADER: Final = struct.Struct("<2sBBI")  # magic, version, codec, octets when unfolded
_CRC: Final = struct.Struct("<I")
HEADER_BYTES: Final = _HEADER.size + _CRC.size

# Below this many octets the zstd frame is longer than what it saves.
_WORTH_COMPRESSING: Final = 96
# Level 1 keeps up with far more than the load; level 3 saves only some 3 % more of ASTERIX.
_LEVEL: Final = 1


class Folder:
    """Compresses bodies; keeps one compressor, so each thread needs its own."""

    def __init__(self, level: int = _LEVEL) -> None:
        self._compressor = zstandard.ZstdCompressor(level=level, write_content_size=True)

    def fold(self, raw: bytes) -> bytes:
        """Return ``raw`` as a body.

        Raises
        ------
        RecordingError
            If ``raw`` is longer than a reader would accept.
        """
        if len(raw) > RAW_LIMIT:
            raise RecordingError(f"a body of {len(raw)} octets is beyond the limit of {RAW_LIMIT}; cut the batch")
        codec, data = CODEC_PLAIN, raw
        if len(raw) >= _WORTH_COMPRESSING:
            squeezed = self._compressor.compress(raw)
            if len(squeezed) < len(raw):
                codec, data = CODEC_ZSTD, squeezed
        header = _HEADER.pack(MAGIC, VERSION, codec, len(raw))
        crc = google_crc32c.extend(google_crc32c.value(header), data)
        return header + _CRC.pack(crc) + data


def unfold(body: bytes) -> bytes:
    """Return what :meth:`Folder.fold` was given.

    Raises
    ------
    RecordingError
        Naming what is wrong: too short, not a body, unknown version, CRC, length.
    """
    if len(body) < HEADER_BYTES:
        raise RecordingError(f"body of {len(body)} octets is shorter than its header of {HEADER_BYTES}")
    magic, version, codec, length = _HEADER.unpack_from(body)
    if magic != MAGIC:
        raise RecordingError(f"octet 0: found {magic!r}, expected the mark of a body {MAGIC!r}")
    (stated,) = _CRC.unpack_from(body, _HEADER.size)
    data = body[HEADER_BYTES:]
    found = google_crc32c.extend(google_crc32c.value(body[: _HEADER.size]), data)
    if found != stated:
        raise RecordingError(f"body: CRC32C is {found:08x}, octet {_HEADER.size} states {stated:08x}")
    if version != VERSION:
        raise RecordingError(f"octet 2: body version {version}; this software reads version {VERSION}")
    if length > RAW_LIMIT:
        raise RecordingError(f"octet 4: body would unfold to {length} octets, the limit is {RAW_LIMIT}")
    if codec == CODEC_PLAIN:
        raw = data
    elif codec == CODEC_ZSTD:
        raw = _inflate(data, length)
    else:
        raise RecordingError(f"octet 3: codec {codec} is unknown")
    if len(raw) != length:
        raise RecordingError(f"body unfolds to {len(raw)} octets, octet 4 states {length}")
    return raw


def _inflate(data: bytes, length: int) -> bytes:
    try:
        # zstd allocates what the frame states before it looks at any limit: ask first.
        stated = zstandard.get_frame_parameters(data).content_size
        if stated != length:
            raise RecordingError(f"zstd frame states {stated} octets, octet 4 states {length}")
        return zstandard.ZstdDecompressor().decompress(data, max_output_size=length, allow_extra_data=False)
    except zstandard.ZstdError as why:
        raise RecordingError(f"body does not unfold: {why}") from why
