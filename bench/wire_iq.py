"""How fast raw samples of 1090 MHz become messages: unsigned 8-bit I/Q at 2.0 Msps, one core, times real time.

Ten seconds of made samples: 1,000 messages a second of 50 aircraft, with noise. The peer at 2.4 Msps is Debian's
dump1090-mutability, where it is installed; at 2.0 Msps it finds nothing, and no packaged program reads that rate.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from typing import Any

import numpy as np

from vigie.wire.modes import encode, iq

SECONDS = 10.0
RATE_HZ = 1_000
RUNS = 5


def samples(rate_hz: int) -> tuple[bytes, int]:
    """Return the octets and how many messages are in them."""
    rng = np.random.default_rng(2026)
    n = round(SECONDS * RATE_HZ)
    who = rng.choice(np.arange(0x400000, 0x4FFFFF), 50, replace=False)[np.arange(n) % 50]
    rows, sizes = np.zeros((n, 14), np.uint8), np.zeros(n, np.int64)
    kinds = rng.integers(0, 3, n)
    for kind, made in enumerate(
        (encode.df11(who), encode.df17_identification(who, np.full(n, b"VIGIE")), encode.df4(who, np.full(n, 3e3)))
    ):
        mine = kinds == kind
        rows[mine, : made.shape[1]], sizes[mine] = made[mine], made.shape[1]
    starts = (np.arange(n) + rng.uniform(0.0, 0.8, n)) / RATE_HZ
    return iq.modulate(rows, sizes, starts, SECONDS, rate_hz=rate_hz), n


def run() -> list[dict[str, Any]]:
    """Measure on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        return [_measure("wire.iq_demod", 2_000_000), _measure("wire.iq24_demod", 2_400_000)]
    finally:
        os.sched_setaffinity(0, before)


def _measure(name: str, rate_hz: int) -> dict[str, Any]:
    data, n = samples(rate_hz)
    iq.Demodulator(rate_hz).feed(data[: 1 << 20])  # compiled and warm
    taken, found = [], 0
    for _ in range(RUNS):
        demodulator = iq.Demodulator(rate_hz)
        began = time.perf_counter()
        found = sum(len(demodulator.feed(data[at : at + (1 << 20)]).lengths) for at in range(0, len(data), 1 << 20))
        taken.append(time.perf_counter() - began)
    peer, peer_value, note = _peer(data, rate_hz)
    value = SECONDS / statistics.median(taken)
    return {
        "name": name, "value": value, "unit": "x real time", "peer": peer, "peer_value": peer_value,
        "ratio": None if peer_value is None else value / peer_value,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, "runs": RUNS, "found": found / n,
        "note": note,
    }  # fmt: skip


def _peer(data: bytes, rate_hz: int) -> tuple[str | None, float | None, str]:
    """Return the peer, how many times real time it is, and why there is none."""
    program = shutil.which("dump1090-mutability")
    if rate_hz != 2_400_000:
        return None, None, "no peer: dump1090-mutability assumes 2.4 Msps"
    if program is None:
        return None, None, "no peer: dump1090-mutability is not installed"
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(data)
        file.flush()
        taken = []
        for _ in range(3):
            began = time.perf_counter()
            subprocess.run([program, "--ifile", file.name, "--raw"], stdout=subprocess.DEVNULL, check=False)
            taken.append(time.perf_counter() - began)
    return "dump1090-mutability", SECONDS / statistics.median(taken), ""


if __name__ == "__main__":
    for line in run():
        print(json.dumps(line))
