"""All kernels of the house, room by room, so that the first minute is spent compiling in sight."""

from __future__ import annotations

import importlib
import multiprocessing as mp
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Final

# The longest first, so that two processes end together.
LIVE_ROOMS: Final = (
    "vigie.track.warmup",
    "vigie.decode.warmup",
    "vigie.wire.asterix.warmup",
    "vigie.wire.pcap.warmup",
    "vigie.wire.containers.warmup",
    "vigie.receive.warmup",
    "vigie.monitor.warmup",
    "vigie.identify.warmup",
    "vigie.watch.warmup",
    "vigie.show.warmup",
    "vigie.airspace.warmup",
    "vigie.flights.warmup",
    "vigie.cover.warmup",
)
ROOMS: Final = (LIVE_ROOMS[0], "vigie.simulate.warmup", *LIVE_ROOMS[1:], "vigie.wire.modes.warmup")


def prepare(rooms: tuple[str, ...] = ROOMS) -> Iterator[str]:
    """Compile every kernel that is not in the cache yet; yield the name of each group before its turn."""
    for room in rooms:
        yield from importlib.import_module(room).warmup()


def prepare_room(room: str) -> list[tuple[str, float]]:
    """Compile one room's kernels; return (group, seconds) of each."""
    took = []
    name, last_s = "", time.monotonic()
    for next_name in importlib.import_module(room).warmup():
        now_s = time.monotonic()
        took.append((name, now_s - last_s))
        name, last_s = next_name, now_s
    took.append((name, time.monotonic() - last_s))
    return [(group, seconds) for group, seconds in took if group]


def prepare_together(processes: int) -> Iterator[tuple[str, float]]:
    """Compile all rooms in several processes at once; yield (group, seconds) as each room is done."""
    with ProcessPoolExecutor(processes, mp_context=mp.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(prepare_room, room) for room in ROOMS]):
            yield from done.result()
