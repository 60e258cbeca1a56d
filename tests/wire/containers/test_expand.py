from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tracemalloc
from collections.abc import Callable

import pytest
import zstandard

from vigie.terms.errors import FormatError
from vigie.wire.containers.expand import Expander, ExpandLimits

PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor(write_checksum=True).compress,
}
TEXT = bytes(i * 7919 >> 3 & 255 for i in range(300_000))


def expand(kind: str, octets: bytes, n: int = 10_000, limits: ExpandLimits | None = None) -> bytes:
    expander = Expander(kind, io.BytesIO(octets).read, limits=limits, name="radar.gz")
    out = b""
    while piece := expander.read(n):
        assert len(piece) <= n
        out += piece
    return out


def total(expander: Expander) -> int:
    return sum(len(piece) for piece in iter(lambda: expander.read(1 << 16), b""))


@pytest.mark.parametrize("kind", PACK)
def test_one_member_and_several(kind: str) -> None:
    packed = PACK[kind](TEXT)
    assert expand(kind, packed) == TEXT
    assert expand(kind, packed + PACK[kind](b"tail") + PACK[kind](TEXT)) == TEXT + b"tail" + TEXT


@pytest.mark.parametrize("kind", PACK)
@pytest.mark.parametrize("keep", [0.2, 0.9])
def test_a_cut_file_is_a_sentence(kind: str, keep: float) -> None:
    packed = PACK[kind](TEXT)
    with pytest.raises(FormatError, match=r"radar.gz is damaged"):
        expand(kind, packed[: int(len(packed) * keep)])


@pytest.mark.parametrize("kind", PACK)
def test_damage_is_a_sentence(kind: str) -> None:
    packed = bytearray(PACK[kind](TEXT))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = bytes(40)
    with pytest.raises(FormatError, match="damaged"):
        expand(kind, bytes(packed))


@pytest.mark.parametrize("kind", PACK)
def test_a_flood_stops_at_the_limit_with_little_memory(kind: str) -> None:
    bomb = PACK[kind](bytes(30 << 20))
    limits = ExpandLimits(octets=1 << 40, ratio=50, free_octets=4 << 20)
    tracemalloc.start()
    expander = Expander(kind, io.BytesIO(bomb).read, limits=limits, name="bomb")
    with pytest.raises(FormatError, match="times its size"):
        total(expander)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert expander.octets_out <= (4 << 20) + (1 << 16)
    assert peak < 48 << 20
    with pytest.raises(FormatError, match="1000000 octets"):
        expand(kind, bomb, limits=ExpandLimits(octets=1_000_000))
