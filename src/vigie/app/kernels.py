"""All kernels of the house, room by room, so that the first minute is spent compiling in sight."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final

ROOMS: Final = (
    "vigie.wire.pcap.warmup",
    "vigie.wire.asterix.warmup",
    "vigie.decode.modes_warmup",
    "vigie.track.warmup",
    "vigie.show.warmup",
    "vigie.simulate.warmup",
)
LIVE_ROOMS: Final = ROOMS[:-1]


def prepare(rooms: tuple[str, ...] = ROOMS) -> Iterator[str]:
    """Compile every kernel that is not in the cache yet; yield the name of each group before its turn."""
    for room in rooms:
        yield from importlib.import_module(room).warmup()
