"""How fast Comm-B replies get their register and values: 56 bits in, register, confidence and fields out, one core.

200,000 replies, a quarter each of registers 4,0 5,0 6,0 and of others, with the altitude of the reply. The peer decodes
the same replies as whole DF20 messages, which is what it offers.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import resource
import statistics
import time
from typing import Any

import numpy as np

from vigie.wire.modes import commb, encode
from vigie.wire.modes.registers import FIELDS

REPLIES = 200_000
RUNS = 7


def replies() -> tuple[np.ndarray, np.ndarray]:
    """Return the registers, uint8[n, 7], and pressure altitudes (m)."""
    rng = np.random.default_rng(2026)
    alt_m = rng.uniform(1_000.0, 12_000.0, REPLIES)
    ias = rng.uniform(180.0, 320.0, REPLIES)
    mach = np.array([commb.mach_of(float(a), float(b)) for a, b in zip(ias, alt_m, strict=True)])
    speed, roll, climb = rng.uniform(250, 480, REPLIES), rng.normal(0, 3, REPLIES), rng.normal(0, 800, REPLIES)
    selected = np.minimum(alt_m / 0.3048 + rng.normal(0, 2000, REPLIES), 44_000).clip(1_000)
    told = {
        (0x40, "selected_mcp"): selected, (0x40, "selected_fms"): selected,
        (0x40, "barometric_setting"): selected * 0 + 213,
        (0x50, "roll"): roll, (0x50, "track"): rng.uniform(-180, 179, REPLIES), (0x50, "groundspeed"): speed,
        (0x50, "track_rate"): roll * 0.05, (0x50, "TAS"): speed + rng.normal(0, 20, REPLIES),
        (0x60, "heading"): rng.uniform(-180, 179, REPLIES), (0x60, "IAS"): ias, (0x60, "Mach"): mach.clip(0.05, 0.95),
        (0x60, "vrate_barometric"): climb, (0x60, "vrate_inertial"): climb + rng.normal(0, 60, REPLIES),
    }  # fmt: skip
    words = np.zeros(REPLIES, np.uint64)
    kinds = np.arange(REPLIES) % 4
    for (register, name), values in told.items():
        f = next(f for f in FIELDS if f.register == register and f.name == name)
        mine = kinds == {0x40: 0, 0x50: 1, 0x60: 2}[register]
        raw = np.rint(values / f.step).astype(np.int64)
        bits = (raw & ((1 << f.width) - 1)) << (57 - f.first - f.width) | 1 << (56 - f.status)
        bits |= np.where(raw < 0, 1 << (56 - f.sign), 0) if f.sign else 0
        words[mine] |= bits[mine].astype(np.uint64)
    octets = words.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 1:].copy()
    octets[kinds == 3] = rng.integers(0, 256, (int((kinds == 3).sum()), 7), np.uint8)
    octets[kinds == 3, 0] = 0x10
    octets[kinds == 3, 1] = 0
    return octets, alt_m


def run() -> list[dict[str, Any]]:
    """Measure on one core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        return [_measure()]
    finally:
        os.sched_setaffinity(0, before)


def _measure() -> dict[str, Any]:
    octets, alt_m = replies()
    registers, _, _ = commb.infer_all(octets, alt_m)  # compiled and warm
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        commb.infer_all(octets, alt_m)
        taken.append(time.perf_counter() - began)
    value = REPLIES / statistics.median(taken)
    row: dict[str, Any] = {
        "name": "wire.commb", "value": value, "unit": "messages/s", "peer": None, "peer_value": None, "ratio": None,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, "runs": RUNS,
        "decided": float((registers > 0).mean()),
    }  # fmt: skip
    try:
        rs1090 = importlib.import_module("rs1090")
    except ImportError:
        return row
    whole = encode.df20(np.full(REPLIES, 0x400000), alt_m, octets)
    texts = [one.tobytes().hex() for one in whole]
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        rs1090.decode(texts, [0.0] * len(texts))
        taken.append(time.perf_counter() - began)
    peer = REPLIES / statistics.median(taken)
    return row | {
        "peer": f"rs1090 {importlib.metadata.version('rs1090')}", "peer_value": peer, "ratio": value / peer
    }  # fmt: skip


if __name__ == "__main__":
    for line in run():
        print(json.dumps(line))
