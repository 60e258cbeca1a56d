"""ASTERIX figures: octets to complete PLOT columns, and columns to octets, on one core.

Synthetic recordings, seeded, 100,000 records a category, mean sizes near those of recorded traffic: CAT048 44 octets
(65 % Mode S with two Comm-B registers), CAT062 69, CAT021 65, CAT034 13. One record a block, fed in batches of about
2 MB as the containers room brings them. Peers are measured on the same octets in the same run where they are installed.
"""

from __future__ import annotations

import importlib.metadata
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from vigie.decode.decoder import Decoder
from vigie.terms.batch import FORMAT_ASTERIX, Frames
from vigie.terms.tables import FRAME
from vigie.wire.asterix.encode import blocks, encode_records

ROOT = Path(__file__).resolve().parent.parent
N = 100_000
RUNS = 7
BATCH_OCTETS = 2_000_000
T0_NS = 1_700_000_000_000_000_000
TOD0 = T0_NS // 10**9 % 86_400

Octets = npt.NDArray[np.uint8]
Starts = npt.NDArray[np.int64]
Columns = dict[str, Any]


def _some(rng: np.random.Generator, share: float, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return np.where(rng.random(len(values)) < share, values, np.nan)


def cat048(rng: np.random.Generator, n: int) -> Columns:
    mode_s = rng.random(n) < 0.65
    there = np.where(mode_s, 1.0, np.nan)
    registers = np.stack([mode_s, mode_s], axis=1)
    data = rng.integers(0, 2**56, (n, 2))
    codes = np.broadcast_to(np.array([5, 6]), (n, 2))
    return {
        "010/SAC": np.full(n, 226), "010/SIC": np.full(n, 232), "140": TOD0 + np.arange(n) / 1000.0,
        "020/TYP": np.where(mode_s, 5, 2), "040/RHO": rng.uniform(5, 250, n), "040/THETA": rng.uniform(0, 360, n),
        "070/MODE3A": rng.integers(0, 4096, n), "090/FL": rng.uniform(0, 400, n),
        "130/SRR": _some(rng, 0.5, rng.integers(1, 50, n).astype(float)), "130/SAM": rng.integers(-90, -20, n) * there,
        "220": rng.integers(1, 2**24, n) * there, "240": rng.choice([0x0D2C72D72C60, 0x49538C71C820], n) * there,
        "250/MBDATA": (data, registers), "250/BDS1": (codes, registers), "250/BDS2": (codes * 0, registers),
        "161/TRN": rng.integers(1, 4096, n), "200/GSP": rng.uniform(0.02, 0.14, n), "200/HDG": rng.uniform(0, 360, n),
        "170/CNF": np.zeros(n, int), "230/COM": 1 * there, "230/B1B": 5 * there,
    }  # fmt: skip


def cat034(rng: np.random.Generator, n: int) -> Columns:
    sector = np.arange(n) % 33 - 1
    return {
        "010/SAC": np.full(n, 226), "010/SIC": np.full(n, 232), "000": np.where(sector < 0, 1, 2),
        "030": TOD0 + np.arange(n) / 1000.0, "020": np.where(sector < 0, np.nan, sector * 11.25),
        "041": _some(rng, 0.9, np.full(n, 4.0)), "050/COM/NOGO": np.where(sector < 0, 0.0, np.nan),
    }  # fmt: skip


def cat062(rng: np.random.Generator, n: int) -> Columns:
    mode_s = np.where(rng.random(n) < 0.6, 1.0, np.nan)
    return {
        "010/SAC": np.full(n, 226), "010/SIC": np.full(n, 2), "015": np.ones(n, int),
        "070": TOD0 + np.arange(n) / 1000.0, "105/LAT": rng.uniform(-60, 60, n), "105/LON": rng.uniform(-180, 179, n),
        "100/X": rng.uniform(-4e5, 4e5, n), "100/Y": rng.uniform(-4e5, 4e5, n), "185/VX": rng.uniform(-250, 250, n),
        "185/VY": rng.uniform(-250, 250, n), "210/AX": rng.uniform(-5, 5, n), "210/AY": rng.uniform(-5, 5, n),
        "060/MODE3A": rng.integers(0, 4096, n), "380/ADR": rng.integers(1, 2**24, n) * mode_s,
        "380/ID": 0x0D2C72D72C60 * mode_s, "380/MHG": rng.uniform(0, 360, n) * mode_s, "040": rng.integers(1, 2000, n),
        "080/CNF": np.zeros(n, int), "080/FPC": np.ones(n, int), "290/TRK": np.ones(n), "290/SSR": np.ones(n),
        "290/MDS": np.ones(n) * mode_s, "200/TRANS": np.zeros(n, int), "136": rng.uniform(0, 400, n),
        "130": rng.uniform(0, 40000, n), "135/CTB": rng.uniform(0, 400, n), "220": rng.uniform(-2000, 2000, n),
        "500/APC/X": np.full(n, 100.0), "500/APC/Y": np.full(n, 80.0), "500/COV": np.full(n, 10.0),
    }  # fmt: skip


def cat021(rng: np.random.Generator, n: int) -> Columns:
    return {
        "010/SAC": np.full(n, 20), "010/SIC": np.full(n, 219), "040/ATP": np.zeros(n, int), "040/RC": np.ones(n, int),
        "161/TRNUM": rng.integers(1, 4096, n), "015": np.ones(n, int), "071": TOD0 + np.arange(n) / 1000.0,
        "130/LAT": rng.uniform(-60, 60, n), "130/LON": rng.uniform(-180, 179, n), "131/LAT": rng.uniform(-60, 60, n),
        "131/LON": rng.uniform(-180, 179, n), "080": rng.integers(1, 2**24, n), "073": TOD0 + np.arange(n) / 1000.0,
        "140": rng.uniform(0, 40000, n), "090/NUCPNIC": rng.integers(5, 11, n), "090/NACP": rng.integers(7, 11, n),
        "090/SIL": np.full(n, 3), "210/VN": np.full(n, 2), "070/MODE3A": rng.integers(0, 4096, n),
        "145": rng.uniform(0, 400, n), "155/BVR": rng.uniform(-2000, 2000, n), "157/GVR": rng.uniform(-2000, 2000, n),
        "160/GS": rng.uniform(0.02, 0.14, n), "160/TA": rng.uniform(0, 360, n), "077": TOD0 + np.arange(n) / 1000.0,
        "170": np.full(n, 0x0D2C72D72C60), "020": np.full(n, 3), "200/PS": np.zeros(n, int),
        "146/ALT": _some(rng, 0.5, np.full(n, 30000.0)), "132": np.full(n, -70.0), "016": np.ones(n),
    }  # fmt: skip


MAKERS: dict[int, Callable[[np.random.Generator, int], Columns]] = {34: cat034, 48: cat048, 62: cat062, 21: cat021}


def records(category: int, n: int = N) -> tuple[Octets, Starts]:
    """Return the seeded recording of a category as records."""
    return encode(category, MAKERS[category](np.random.default_rng(category), n))


def encode(category: int, columns: Columns) -> tuple[Octets, Starts]:
    """Encode columns; a pair (values, there) is an item that is absent where ``there`` says so."""
    present = {}
    plain = {}
    for path, values in columns.items():
        if isinstance(values, tuple):
            plain[path] = values[0]
            present[path.partition("/")[0]] = values[1].any(axis=1)
        else:
            plain[path] = values
    return encode_records(category, None, plain, present=present)


def recording(category: int, n: int = N) -> Frames:
    """Return the recording as frames of one block each."""
    octets, starts = records(category, n)
    data, ends = blocks(category, octets, starts)
    rows = FRAME.empty(len(ends) - 1)
    rows["offset"], rows["length"], rows["format"] = ends[:-1], np.diff(ends), FORMAT_ASTERIX
    rows["rx_ns"] = T0_NS + np.arange(len(rows)) * 1_000_000 + 300_000_000
    rows["seq"] = np.arange(len(rows))
    return Frames(rows, data)


def batches(frames: Frames) -> list[Frames]:
    """Cut a recording into batches of about 2 MB, each with its own buffer, as a reader brings them."""
    total = int(frames.rows["length"].sum(dtype=np.int64))
    size = max(1, len(frames) * BATCH_OCTETS // max(1, total))
    out = []
    for first in range(0, len(frames), size):
        rows = frames.rows[first : first + size].copy()
        start, stop = int(rows["offset"][0]), int(rows["offset"][-1] + rows["length"][-1])
        rows["offset"] -= start
        out.append(Frames(rows, frames.data[start:stop].copy()))
    return out


def _median_s(work: Callable[[], object]) -> float:
    """Return the median processor time of one run: one thread works, so it is the time on a core of its own."""
    work()  # compiled and warm
    times = []
    for _ in range(RUNS):
        begin = time.process_time()
        work()
        times.append(time.process_time() - begin)
    return statistics.median(times)


def _peak_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)


def _peer(frames: Frames) -> tuple[str | None, float | None]:
    """Return name and records/s of libasterix on the first blocks, where it is installed (development only)."""
    try:
        version = importlib.metadata.version("libasterix")
        from asterix import base, generated  # noqa: PLC0415
    except ImportError:
        return None, None
    few = 300
    payloads = [frames.payload(i) for i in range(few)]
    uap = generated.manifest["CATS"][payloads[0][0]][-1].cv_uap

    def work() -> None:
        for payload in payloads:
            block = base.RawDatablock.parse(base.Bits.from_bytes(payload))[0]
            record = uap.parse(block.get_raw_records())[0]
            record.get_item("010").as_uint()

    return f"libasterix {version}", few / _median_s(work)


_SECOND_PEER = """
import statistics, sys, time
import asterix
data = sys.stdin.buffer.read()
blocks, at = [], 0
while at < len(data):
    size = int.from_bytes(data[at + 1 : at + 3], "big")
    blocks.append(data[at : at + size])
    at += size
taken = []
for _ in range(4):
    begin = time.process_time()
    records = sum(len(asterix.parse(block, verbose=False)) for block in blocks)
    taken.append(time.process_time() - begin)
print(records, statistics.median(taken[1:]))
"""
_SECOND_RECORDS = 3_000


def second_peer(frames: Frames) -> dict[str, Any]:
    """Return name and records/s of asterix-decoder (C++, GPL) on the first blocks, run in an environment of its own.

    Where that is absent the figure is null, and ``second_peer_note`` says how to get it.
    """
    python = ROOT / ".peers/bin/python"
    absent = {"second_peer": None, "second_peer_value": None}
    if not python.is_file():
        return {**absent, "second_peer_note": "asterix-decoder is not installed; 'make peers' installs it"}
    octets = b"".join(frames.payload(i) for i in range(_SECOND_RECORDS))
    done = subprocess.run([python, "-c", _SECOND_PEER], input=octets, capture_output=True, check=False)
    if done.returncode:
        return {**absent, "second_peer_note": "asterix-decoder did not run; 'make peers' installs it anew"}
    found, seconds = done.stdout.split()
    if int(found) != _SECOND_RECORDS:
        return {**absent, "second_peer_note": f"asterix-decoder found {int(found)} of {_SECOND_RECORDS} records"}
    return {"second_peer": "asterix-decoder", "second_peer_value": _SECOND_RECORDS / float(seconds)}


def _figure(name: str, value: float, peer: str | None, peer_value: float | None) -> dict[str, Any]:
    return {
        "name": name, "value": value, "unit": "records/s", "peer": peer, "peer_value": peer_value,
        "ratio": value / peer_value if peer_value else None, "peak_mb": _peak_mb(), "runs": RUNS,
    }  # fmt: skip


def decode_figure(category: int) -> dict[str, Any]:
    """Return the figure of one category: octets to PLOT or SERVICE rows."""
    frames = recording(category)
    pieces = batches(frames)
    decoder = Decoder(None, discover=True)

    def work() -> None:
        for piece in pieces:
            decoder.step(piece)

    seconds = _median_s(work)
    if decoder.ledger.rejected or decoder.ledger.decoded != N * (RUNS + 1):
        raise RuntimeError(f"category {category:03d}: the recording was not decoded whole: {decoder.ledger.as_json()}")
    figure = _figure(f"wire.cat{category:03d}_decode", N / seconds, *_peer(frames))
    return {**figure, **second_peer(frames)}


def encode_figure(category: int) -> dict[str, Any]:
    """Return the figure of one category: columns to octets."""
    columns = MAKERS[category](np.random.default_rng(category), N)
    seconds = _median_s(lambda: encode(category, columns))
    return _figure(f"wire.cat{category:03d}_encode", N / seconds, None, None)


def run() -> list[dict[str, Any]]:
    """Measure everything here."""
    figures = [decode_figure(category) for category in (48, 62, 21, 34)]
    return [*figures, encode_figure(62), encode_figure(48)]


if __name__ == "__main__":
    for figure in run():
        print(figure)
