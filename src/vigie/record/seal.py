"""The seal of a finished segment: its size and the CRC32C of each MiB, so that no flipped bit stays unnoticed.

Rows tell on themselves by CRC and chain; the seal also covers the pages between them, and says how many rows there
should be when the end is cut off. It is a small text file beside the segment and can be missing: a segment cut off
by a crash has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import google_crc32c
import msgspec

from vigie.terms.errors import RecordingError

SUFFIX: Final = ".seal"
BLOCK_BYTES: Final = 1 << 20


class Seal(msgspec.Struct, frozen=True, kw_only=True):
    """Size of the file, CRC32C of each MiB in hexadecimal, number and chain hash of its first and last row."""

    octets: int
    blocks: tuple[str, ...]
    first_row: int
    last_row: int
    last_chain: str


def seal_path(segment: Path) -> Path:
    """Return where the seal of ``segment`` lies."""
    return segment.with_name(segment.name + SUFFIX)


def write_seal(segment: Path, first_row: int, last_row: int, last_chain: bytes) -> None:
    """Seal a segment that nobody writes any more.

    Raises
    ------
    OSError
        If the segment cannot be read or the seal not written; the segment is as good without it, only less guarded.
    """
    blocks = _blocks(segment)
    seal = Seal(octets=segment.stat().st_size, blocks=blocks, first_row=first_row, last_row=last_row,
                last_chain=last_chain.hex())  # fmt: skip
    text = msgspec.json.encode(seal)
    with seal_path(segment).open("xb") as file:
        file.write(text + b"\n" + f"{google_crc32c.value(text):08x}".encode() + b"\n")


def read_seal(segment: Path) -> Seal | None:
    """Return the seal of ``segment``, None if it has none.

    Raises
    ------
    RecordingError
        If the seal itself is damaged.
    """
    path = seal_path(segment)
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return None
    except OSError as why:
        raise RecordingError(f"{path}: cannot be read: {why.strerror}") from why
    if len(lines) != 3 or lines[2] or f"{google_crc32c.value(lines[0]):08x}".encode() != lines[1]:
        raise RecordingError(f"{path}: the seal is damaged")
    try:
        return msgspec.json.decode(lines[0], type=Seal)
    except msgspec.DecodeError as why:
        raise RecordingError(f"{path}: the seal is damaged: {why}") from why


def broken_blocks(segment: Path, seal: Seal) -> list[str]:
    """Return what of the file is not as it was sealed, as words with the octets; empty if all is."""
    problems = []
    size = segment.stat().st_size
    if size != seal.octets:
        problems.append(f"the file has {size} octets, it was sealed with {seal.octets}")
    for i, (found, sealed) in enumerate(zip(_blocks(segment), seal.blocks, strict=False)):
        if found != sealed:
            end = min((i + 1) * BLOCK_BYTES, seal.octets)
            problems.append(f"octets {i * BLOCK_BYTES} to {end} changed (CRC32C {found}, sealed {sealed})")
    return problems


def _blocks(segment: Path) -> tuple[str, ...]:
    blocks = []
    with segment.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            blocks.append(f"{google_crc32c.value(block):08x}")
    return tuple(blocks)
