"""Seeded batches for the tests of the recorder, and the child process that is killed while it writes them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from vigie.terms.batch import Act, Batch, Event, Frames
from vigie.terms.tables import FRAME
from vigie.terms.utc import TICK_NS

START_NS = 1_777_482_000 * 1_000_000_000


def make_batch(i: int, seed: int = 0, frames: int | None = None, start_ns: int = START_NS) -> Batch:
    """Return the ``i``-th batch of a seed: mostly a few frames, at times none, an act, an event, a large one."""
    rng = np.random.default_rng((seed, i))
    n = frames if frames is not None else int(rng.choice([0, 0, 1, 3, 20, 300], p=[0.2, 0.1, 0.2, 0.3, 0.15, 0.05]))
    rows = FRAME.empty(n)
    now_ns = start_ns + i * TICK_NS
    rows["rx_ns"] = now_ns - TICK_NS + np.sort(rng.integers(0, TICK_NS, n))
    rows["seq"] = i * 1000 + np.arange(n)
    rows["link"] = rng.integers(1, 4, n)
    rows["format"] = 1
    rows["length"] = rng.integers(3, 90, n)
    rows["offset"] = np.cumsum(rows["length"]) - rows["length"]
    data = rng.integers(0, 256, int(rows["length"].sum()), dtype=np.uint8)
    acts = (Act(seq=i, rx_ns=now_ns, who="a", role="operator", origin="x", act="name", subject="1", value="é",
                reason=""),) if i % 17 == 3 else ()  # fmt: skip
    events = (Event(rx_ns=now_ns, kind="link_up", link=1, value=i),) if i % 23 == 5 else ()
    return Batch(now_ns=now_ns, mono_ns=i * TICK_NS + 7, frames=Frames(rows, data), acts=acts, events=events)


def same(a: Batch, b: Batch) -> bool:
    """Whether two batches are equal to the last octet."""
    return (
        (a.now_ns, a.mono_ns, a.acts, a.events) == (b.now_ns, b.mono_ns, b.acts, b.events)
        and a.frames.rows.tobytes() == b.frames.rows.tobytes()
        and a.frames.data.tobytes() == b.frames.data.tobytes()
    )


def endless(seed: int) -> Iterator[Batch]:
    """Yield batches without end."""
    i = 0
    while True:
        i += 1
        yield make_batch(i, seed)


def main() -> None:
    """Record under full load and say after each batch what is durable, until killed."""
    from vigie.record.writer import Recorder

    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    recorder = Recorder(folder, site_text="[centre]", version="test", reserve_octets=0)
    for i in range(recorder.durable_seq + 1, 10**9):
        number = recorder.append(make_batch(i, seed))
        if number != i:  # queue full: as fast as the disk, no faster
            recorder.wait_durable(i - 1, 10.0)
            assert recorder.append(make_batch(i, seed)) == i
        sys.stdout.write(f"{recorder.durable_seq}\n")
        sys.stdout.flush()
        if i % 64 == 0:
            recorder.wait_durable(i - 32, 10.0)


if __name__ == "__main__":
    main()
