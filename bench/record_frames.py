"""Frames to disk: how many a second, and what 20,000 frames a second cost, everything durable before it counts.

``record.frames`` gives batches of 2,000 frames (one tick of 20,000 frames/s) to the recorder as fast as they become
durable. The peer does the least that a recording can do: the same frames as a pcap file, one record each by
``struct``, one ``fdatasync`` per tick; no CRC, no chain, no index, no compression. ``record.cpu`` paces the same
batches in real time and reads the processor time of the whole process.

    python bench/record_frames.py [--seconds 10]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import struct
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from vigie.record.reader import open_recording
from vigie.record.writer import NOT_RECORDED, Recorder
from vigie.terms.batch import Batch, Frames
from vigie.terms.tables import FRAME
from vigie.terms.utc import TICK_NS

PER_TICK = 2_000
TICKS = 200
RUNS = 5
START_NS = 1_777_482_000 * 1_000_000_000


def batches(count: int) -> list[Batch]:
    """Ticks of CAT048-like frames: 44 octets on average, about half of them random, from 30 links."""
    rng = np.random.default_rng(1)
    made = []
    for i in range(count):
        rows = FRAME.empty(PER_TICK)
        now_ns = START_NS + i * TICK_NS
        rows["rx_ns"] = now_ns - TICK_NS + np.sort(rng.integers(0, TICK_NS, PER_TICK))
        rows["seq"] = i * PER_TICK + np.arange(PER_TICK)
        rows["link"], rows["format"] = rng.integers(1, 31, PER_TICK), 1
        rows["length"] = rng.integers(34, 55, PER_TICK)
        rows["offset"] = np.cumsum(rows["length"]) - rows["length"]
        data = rng.integers(0, 256, int(rows["length"].sum()), dtype=np.uint8)
        at = np.arange(len(data)) - np.repeat(rows["offset"], rows["length"])
        data[at < 22] = np.arange(256, dtype=np.uint8)[at[at < 22] * 7 % 256]
        made.append(Batch(now_ns=now_ns, mono_ns=i * TICK_NS, frames=Frames(rows, data)))
    return made


def record(made: list[Batch], folder: Path) -> float:
    """Return frames per second from the first append until the last batch is durable."""
    with Recorder(folder, reserve_octets=0) as recorder:
        begun = time.perf_counter()
        for batch in made:
            while (number := recorder.append(batch)) == NOT_RECORDED:
                recorder.wait_durable(recorder.durable_seq + 1, 1.0)
        assert recorder.wait_durable(number, 60.0)
        took_s = time.perf_counter() - begun
    return len(made) * PER_TICK / took_s


def plain_pcap(made: list[Batch], file: Path) -> float:
    """Return frames per second of the peer."""
    begun = time.perf_counter()
    with file.open("wb", buffering=1 << 20) as out:
        out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 147))
        for batch in made:
            frames = batch.frames
            for i in range(len(frames)):
                payload = frames.payload(i)
                seconds, ns = divmod(int(frames.rows["rx_ns"][i]), 1_000_000_000)
                out.write(struct.pack("<IIII", seconds, ns, len(payload), len(payload)) + payload)
            out.flush()
            os.fdatasync(out.fileno())
    return len(made) * PER_TICK / (time.perf_counter() - begun)


def cpu_share(made: list[Batch], folder: Path, seconds: float) -> tuple[float, int, float]:
    """Return (share of a core at 20,000 frames/s, batches lost, worst time from append to durable in s)."""
    with Recorder(folder, reserve_octets=0) as recorder:
        recorder.append(made[0])
        recorder.wait_durable(1, 10.0)
        cpu_s, begun = time.process_time(), time.perf_counter()
        worst_s = 0.0
        for i in range(int(seconds * 10)):
            due = begun + (i + 1) * 0.1
            time.sleep(max(0.0, due - time.perf_counter()))
            given = time.perf_counter()
            number = recorder.append(made[i % len(made)])
            recorder.wait_durable(number, 10.0)
            worst_s = max(worst_s, time.perf_counter() - given)
        share = (time.process_time() - cpu_s) / (time.perf_counter() - begun)
        return share, recorder.lost_batches, worst_s


def run(seconds: float = 10.0) -> list[dict[str, Any]]:
    made = batches(TICKS)
    ours, peers, read = [], [], []
    with tempfile.TemporaryDirectory(dir=os.environ.get("VIGIE_BENCH_DIR")) as folder:
        for i in range(RUNS):
            ours.append(record(made, Path(folder) / f"r{i}"))
            peers.append(plain_pcap(made, Path(folder) / f"p{i}.pcap"))
            begun = time.perf_counter()
            frames = sum(len(batch.frames) for batch in open_recording(Path(folder) / f"r{i}").batches())
            read.append(frames / (time.perf_counter() - begun))
            assert frames == TICKS * PER_TICK
        octets = sum(p.stat().st_size for p in (Path(folder) / "r0").glob("*.vrec"))
        share, lost, worst_s = cpu_share(made, Path(folder) / "paced", seconds)
        assert lost == 0
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    value, peer = statistics.median(ours), statistics.median(peers)
    nothing: dict[str, Any] = {"peer": None, "peer_value": None, "ratio": None, "peak_mb": peak_mb}
    return [
        {"name": "record.frames", "value": value, "unit": "frames/s", "peer": "plain pcap file, fdatasync per tick",
         "peer_value": peer, "ratio": value / peer, "peak_mb": peak_mb, "runs": RUNS},
        {"name": "record.cpu", "value": share, "unit": "core at 20,000 frames/s", **nothing, "runs": 1},
        {"name": "record.durable_worst", "value": worst_s, "unit": "s from append to durable", **nothing, "runs": 1},
        {"name": "record.read", "value": statistics.median(read), "unit": "frames/s", **nothing, "runs": RUNS},
        {"name": "record.octets", "value": octets / (TICKS * PER_TICK), "unit": "octets/frame", **nothing, "runs": 1},
    ]  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    for figure in run(parser.parse_args().seconds):
        print(json.dumps(figure))
