"""What is on a link, as far as its frames tell without being decoded: formats, categories, senders, trailers."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.terms.batch import FORMAT_ASTERIX, Frames
from vigie.terms.kernel import kernel
from vigie.wire.containers.chain import block_length
from vigie.wire.pcap.layout import i64

TRAILER_MAX: Final = 64
_FIRST_ITEM: Final = 0x80


@dataclass(slots=True)
class LinkFacts:
    """What one link carried.

    ``categories``: blocks of each ASTERIX category. ``identities``: blocks by (category, SAC, SIC). ``trailers``:
    frames by how many octets follow their last block (-1: no whole block). ``sources``: frames by sender.
    """

    link: int
    frames: int = 0
    octets: int = 0
    first_ns: int = 0
    last_ns: int = 0
    formats: Counter[int] = field(default_factory=Counter)
    categories: Counter[int] = field(default_factory=Counter)
    identities: Counter[tuple[int, int, int]] = field(default_factory=Counter)
    trailers: Counter[int] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)

    @property
    def trailer_bytes(self) -> int:
        """How many octets follow the last block of nearly every ASTERIX frame, 0 where there is no such habit."""
        total = sum(self.trailers.values())
        for size, n in self.trailers.most_common(1):
            if size > 0 and n * 10 >= total * 9:
                return size
        return 0


@kernel
def walk_blocks(data: Any, offsets: Any, lengths: Any, found: Any, trailers: Any) -> int:
    """Note every block of the ASTERIX frames; return how many.

    ``offsets``, ``lengths`` int64[n]; ``found`` int64[m]: category, SAC, SIC in 8 bits each (SAC and SIC where the
    first record begins with item 010), and bit 24 where they are known; ``trailers`` int64[n]: octets behind the last
    block, -1 where no block is whole.
    """
    count = 0
    for i in range(offsets.size):
        at = offsets[i]
        end = at + lengths[i]
        blocks = 0
        while at + 3 <= end:
            size = block_length(data, at)
            if size < 3 or at + size > end or data[at] == 0:
                break
            key = i64(data[at]) << 16
            field_end = at + 3
            if field_end < at + size and data[field_end] & _FIRST_ITEM:
                while field_end < at + size and data[field_end] & 1:
                    field_end += 1
                if field_end + 3 <= at + size:
                    key |= (1 << 24) | (i64(data[field_end + 1]) << 8) | i64(data[field_end + 2])
            found[count] = key
            count += 1
            blocks += 1
            at += size
        trailers[i] = end - at if blocks else -1
    return count


class Sniffer:
    """Keeps the facts of every link while frames pass: ``feed`` them, read ``facts``."""

    def __init__(self) -> None:
        self.facts: dict[int, LinkFacts] = {}

    def feed(self, frames: Frames) -> None:
        """Take note of some frames."""
        for link in np.unique(frames.rows["link"]).tolist():
            rows = frames.rows[frames.rows["link"] == link]
            facts = self.facts.get(link)
            if facts is None:
                facts = self.facts[link] = LinkFacts(link, first_ns=int(rows["rx_ns"][0]))
            facts.frames += len(rows)
            facts.octets += int(rows["length"].sum())
            facts.last_ns = int(rows["rx_ns"].max())
            _count(facts.formats, rows["format"])
            addresses, counts = np.unique(rows["src_addr"], return_counts=True)
            for address, n in zip(addresses.tolist(), counts.tolist(), strict=True):
                facts.sources[str(ipaddress.IPv4Address(address)) if address else "unknown"] += n
            self._asterix(facts, rows[rows["format"] == FORMAT_ASTERIX], frames)

    def _asterix(self, facts: LinkFacts, rows: Any, frames: Frames) -> None:
        if not len(rows):
            return
        found = np.empty(int(rows["length"].sum()) // 3 + 1, np.int64)
        trailers = np.empty(len(rows), np.int64)
        n = walk_blocks(frames.data, rows["offset"].astype(np.int64), rows["length"].astype(np.int64), found, trailers)
        _count(facts.trailers, np.minimum(trailers, TRAILER_MAX + 1))
        _count(facts.categories, found[:n] >> 16 & 255)
        keys, counts = np.unique(found[:n], return_counts=True)
        for key, times in zip(keys.tolist(), counts.tolist(), strict=True):
            if key >> 24:
                facts.identities[key >> 16 & 255, key >> 8 & 255, key & 255] += times


def sniff(frames: Iterable[Frames], *, seconds: float | None = None) -> list[LinkFacts]:
    """Return the facts of every link of ``frames``, at most the first ``seconds`` of receive time, by link number."""
    sniffer = Sniffer()
    end_ns: int | None = None
    for some in frames:
        if not len(some):
            continue
        if end_ns is None and seconds is not None:
            end_ns = int(some.rows["rx_ns"][0]) + round(seconds * 1e9)
        if end_ns is not None:
            n = int(np.count_nonzero(np.logical_and.accumulate(some.rows["rx_ns"] <= end_ns)))
            sniffer.feed(some.take(0, n))
            if n < len(some):
                break
        else:
            sniffer.feed(some)
    return [sniffer.facts[link] for link in sorted(sniffer.facts)]


def _count(counter: Counter[int], values: Any) -> None:
    keys, counts = np.unique(values, return_counts=True)
    for key, n in zip(keys.tolist(), counts.tolist(), strict=True):
        counter[key] += n
