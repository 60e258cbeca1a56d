"""How fast raw samples of 1090 MHz become messages: unsigned 8-bit I/Q at 2.0 Msps, one core, times real time.

Ten seconds of made samples: 1,000 messages a second of 50 aircraft, with noise. The peer at 2.4 Msps is Debian's
dump1090-mutability (GPL, a process of its own) on the same samples, where it is installed; its frames are counted
against ours. At 2.0 Msps it finds nothing, and no packaged program reads that rate: there the same sky at 2.4 Msps is
given to it, so that both work on ten seconds of the same messages at the rate of their own.
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
from collections import Counter
from typing import Any

import numpy as np

from vigie.wire.modes import encode, iq

SECONDS = 10.0
RATE_HZ = 1_000
RUNS = 5


def samples(rate_hz: int) -> tuple[bytes, int]:
    """Return the octets and how many messages are in them, made a tenth of a second at a time: the making is large."""
    rng = np.random.default_rng(2026)
    known = rng.choice(np.arange(0x400000, 0x4FFFFF), 50, replace=False)
    n = RATE_HZ // 10
    pieces = []
    for tenth in range(round(10 * SECONDS)):
        who = known[np.arange(n) % 50]
        rows, sizes = np.zeros((n, 14), np.uint8), np.zeros(n, np.int64)
        kinds = rng.integers(0, 3, n)
        for kind, made in enumerate(
            (encode.df11(who), encode.df17_identification(who, np.full(n, b"VIGIE")), encode.df4(who, np.full(n, 3e3)))
        ):
            mine = kinds == kind
            rows[mine, : made.shape[1]], sizes[mine] = made[mine], made.shape[1]
        starts = (np.arange(n) + rng.uniform(0.0, 0.8, n)) / RATE_HZ
        pieces.append(iq.modulate(rows, sizes, starts, 0.1, rate_hz=rate_hz, seed=tenth))
    return b"".join(pieces), n * len(pieces)


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
    taken = []
    found: Counter[str] = Counter()
    for _ in range(RUNS):
        demodulator = iq.Demodulator(rate_hz)
        began = time.process_time()
        heard = [demodulator.feed(data[at : at + (1 << 20)]) for at in range(0, len(data), 1 << 20)]
        taken.append(time.process_time() - began)
        found = Counter(h.messages[i, : h.lengths[i]].tobytes().hex() for h in heard for i in range(len(h.lengths)))
    value = SECONDS / statistics.median(taken)
    figure = {
        "name": name, "value": value, "unit": "x real time", "peer": None, "peer_value": None, "ratio": None,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, "runs": RUNS,
        "found": found.total() / n,
    }  # fmt: skip
    if rate_hz != 2_400_000:
        del data
        data, _ = samples(2_400_000)
    program = shutil.which("dump1090-mutability")
    if program is None:
        return {**figure, "note": "no peer: dump1090-mutability is not installed (Debian has it)"}
    seconds, theirs = _peer(program, data)
    figure |= {
        "peer": "dump1090-mutability at 2.4 Msps", "peer_value": SECONDS / seconds, "ratio": value * seconds / SECONDS,
        "peer_found": theirs.total() / n,
    }  # fmt: skip
    if rate_hz == 2_400_000:
        figure |= {"peer_alone": (theirs - found).total(), "ours_alone": (found - theirs).total()}
    return figure


def _peer(program: str, data: bytes) -> tuple[float, Counter[str]]:
    """Return the processor time that the peer takes, all its threads together, and the messages it finds."""
    taken = []
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(data)
        file.flush()
        for _ in range(RUNS):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            done = subprocess.run([program, "--ifile", file.name, "--raw"], capture_output=True, check=False)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    lines = done.stdout.decode("ascii", "replace").split()
    return statistics.median(taken), Counter(line.strip("*;").lower() for line in lines if line.startswith("*"))


if __name__ == "__main__":
    for line in run():
        print(json.dumps(line))
