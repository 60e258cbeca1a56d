"""Compressed files opened as they are read, with limits: a small file must not become a flood.

gzip, bzip2, xz and zstd, several members in a row included. Memory stays flat: one piece in, one piece out.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import zstandard

from vigie.terms.errors import FormatError

_PIECE: Final = 1 << 18
_XZ_MEMORY: Final = 96 << 20
_ZSTD_WINDOW: Final = 64 << 20
_ZSTD_STEP: Final = 512
"""Four octets of zstd can stand for 128 KiB, so it is fed this little at a time: 16 MiB at the most come out."""

Read = Callable[[int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpandLimits:
    """How far a compressed file may expand: octets in all, and times its compressed size once past ``free_octets``."""

    octets: int = 1 << 40
    ratio: float = 200.0
    free_octets: int = 64 << 20


class Expander:
    """Reads what a compressed source holds: ``read(n)`` returns up to n octets, empty at the end.

    ``source(n)`` returns up to n compressed octets. FormatError when the limits are passed, or the data is damaged.
    """

    def __init__(self, compression: str, source: Read, *, limits: ExpandLimits | None = None, name: str = "") -> None:
        self._kind = compression
        self._source = source
        self._limits = limits or ExpandLimits()
        self._name = name or "the file"
        self.octets_in = 0
        self.octets_out = 0
        self._waiting = b""
        self._at_end = False
        self._ready = b""  # zstd only: it cannot be told how much to give
        self._member: Any = None

    def read(self, n: int = _PIECE) -> bytes:
        """Return the next octets, at most ``n``."""
        try:
            piece = self._next(n)
        except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError, zstandard.ZstdError) as why:
            raise FormatError(
                f"{self._name} is damaged {self._kind} data after {self.octets_out} octets: {why}"
            ) from why
        self.octets_out += len(piece)
        self._check()
        return bytes(piece)

    def _take(self, n: int) -> bytes:
        piece = self._source(n)
        self.octets_in += len(piece)
        return piece

    def _next(self, n: int) -> bytes:
        """Return octets of the current member, going on to the next where one ends."""
        while True:
            if self._ready:
                piece, self._ready = self._ready[:n], self._ready[n:]
                return piece
            if self._member is None:
                if not self._waiting:
                    self._waiting = self._take(_PIECE)
                if not self._waiting:
                    return b""
                if self.octets_out and not self._waiting.strip(b"\0"):  # padding behind the last member
                    self._waiting = b""
                    continue
                self._member = self._new_member()
            piece = self._decompress(n)
            if self._member.eof:
                later = self._waiting if self._kind == "zstd" else b""  # only zstd is not given all there is
                self._waiting = self._member.unused_data + later
                self._member = None
            if piece:
                return piece

    def _new_member(self) -> Any:
        if self._kind == "gzip":
            return zlib.decompressobj(wbits=31)
        if self._kind == "bzip2":
            return bz2.BZ2Decompressor()
        if self._kind == "zstd":
            return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj()
        return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)

    def _decompress(self, n: int) -> bytes:
        """Return up to ``n`` octets of the current member; EOFError where the source ends inside it."""
        member = self._member
        if not self._waiting and (self._kind in ("gzip", "zstd") or member.needs_input):
            self._waiting = self._take(_PIECE)
            if not self._waiting:
                raise EOFError("it ends too early")
        if self._kind == "gzip":
            piece: bytes = member.decompress(self._waiting, n)
            self._waiting = member.unconsumed_tail
            return piece
        if self._kind == "zstd":
            some, self._waiting = self._waiting[:_ZSTD_STEP], self._waiting[_ZSTD_STEP:]
            out: bytes = member.decompress(some)
            self._ready = out[n:]
            return out[:n]
        octets, self._waiting = self._waiting, b""
        return bytes(member.decompress(octets, n))

    def _check(self) -> None:
        limits = self._limits
        if self.octets_out > limits.octets:
            raise FormatError(
                f"{self._name} expands to more than {limits.octets} octets, the limit: reading stopped there"
            )
        if self.octets_out > limits.free_octets and self.octets_out > limits.ratio * max(1, self.octets_in):
            raise FormatError(
                f"{self._name} expands to more than {limits.ratio:.0f} times its size ({self.octets_out} octets from "
                f"{self.octets_in}), the limit: reading stopped there. Expand it by hand if it is trustworthy."
            )
