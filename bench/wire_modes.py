"""How fast Mode S messages become plots: octets of a Beast stream in, PLOT rows with CPR positions out.

The load of the project's figures page: 200,000 messages of 300 aircraft in 60 s, 55 % DF17 (half of them positions),
20 % DF11, 25 % DF4, 5, 20, 21; chunks of 64 KiB. The peer decodes the same messages, with time stamps and a reference.
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

from vigie.decode.modes import ModesDecoder
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, Frames
from vigie.terms.ledger import Ledger
from vigie.terms.tables import FRAME
from vigie.wire.modes import encode, framing

MESSAGES = 200_000
AIRCRAFT = 300
SPAN_S = 60.0
RUNS = 7
CHUNK = 65536
START_NS = 1_700_000_000 * 10**9
RECEIVER = (48.0, 8.0)


def messages(n: int = MESSAGES, seed: int = 2026) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return messages uint8[n, 14], lengths and times (s), in time order."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0.0, SPAN_S, n))
    who = rng.integers(0, AIRCRAFT, n)
    icao = rng.choice(np.arange(0x400000, 0x4FFFFF), AIRCRAFT, replace=False)
    lat = rng.uniform(46.5, 49.5, AIRCRAFT)[who]
    lon = rng.uniform(5.5, 10.5, AIRCRAFT)[who]
    speed = rng.uniform(100.0, 250.0, AIRCRAFT)[who]
    track = rng.uniform(0.0, 2 * np.pi, AIRCRAFT)[who]
    level = rng.uniform(1000.0, 12000.0, AIRCRAFT)[who]
    code = rng.integers(0, 4096, AIRCRAFT)[who]
    names = np.array([f"VIG{k:04d}" for k in range(AIRCRAFT)], "S8")[who]
    lat = lat + speed * np.cos(track) * t / 111_195.0
    lon = lon + speed * np.sin(track) * t / 111_195.0 / np.cos(np.radians(lat))
    address = icao[who]
    odd = rng.integers(0, 2, n)
    register = rng.integers(1, 256, (n, 7), dtype=np.uint8)
    register[:, 0] = 0x40
    draw = rng.uniform(0.0, 1.0, n)
    limits = np.cumsum([0.275, 0.18, 0.05, 0.045, 0.20, 0.0625, 0.0625, 0.0625])
    kind = np.searchsorted(limits, draw, side="right")
    # The first thing heard of each aircraft is a squitter, as on the air.
    kind[np.unique(who, return_index=True)[1]] = 4
    makers: list[Any] = [
        lambda k: encode.df17_position(address[k], lat[k], lon[k], level[k], odd[k]),
        lambda k: encode.df17_velocity(address[k], speed[k] * np.sin(track[k]), speed[k] * np.cos(track[k]), 0.0),
        lambda k: encode.df17_identification(address[k], names[k]),
        lambda k: encode.df17_operational_status(address[k]),
        lambda k: encode.df11(address[k]),
        lambda k: encode.df4(address[k], level[k]),
        lambda k: encode.df5(address[k], code[k]),
        lambda k: encode.df20(address[k], level[k], register[k]),
        lambda k: encode.df21(address[k], code[k], register[k]),
    ]
    out = np.zeros((n, 14), np.uint8)
    lengths = np.zeros(n, np.int64)
    for number, maker in enumerate(makers):
        chosen = np.flatnonzero(kind == number)
        rows = maker(chosen)
        out[chosen, : rows.shape[1]] = rows
        lengths[chosen] = rows.shape[1]
    return out, lengths, t


def site() -> Site:
    sensor = Sensor(
        id=1, name="bench", kind="adsb", lat_deg=RECEIVER[0], lon_deg=RECEIVER[1], **sensor_defaults("adsb")
    )
    return make_site(name="bench", lat_deg=RECEIVER[0], lon_deg=RECEIVER[1], sensors=(sensor,))


def chunks(stream: np.ndarray, ends: np.ndarray, t: np.ndarray, kind: int) -> list[Frames]:
    """Return the stream as frames of 64 KiB, each stamped with the time of its last message."""
    out = []
    for number, start in enumerate(range(0, len(stream), CHUNK)):
        piece = stream[start : start + CHUNK]
        row = FRAME.empty(1)
        last = min(int(np.searchsorted(ends, start + len(piece))), len(t) - 1)
        row["rx_ns"] = START_NS + round(float(t[last]) * 1e9)
        row["seq"], row["format"], row["length"] = number, kind, len(piece)
        out.append(Frames(row, piece))
    return out


def decode(frames: list[Frames], where: Site) -> tuple[float, int, Ledger]:
    """Return the seconds, the plots and the ledger of one pass."""
    ledger = Ledger()
    decoder = ModesDecoder(where, ledger=ledger)
    plots = 0
    began = time.perf_counter()
    for frame in frames:
        plots += len(decoder.step(frame)[0])
    return time.perf_counter() - began, plots, ledger


def peer(matrix: np.ndarray, lengths: np.ndarray, t: np.ndarray) -> tuple[str, float] | None:
    """Return the peer's name and its messages a second on the same messages, one core, median of 3."""
    try:
        rs1090 = importlib.import_module("rs1090")
    except ImportError:
        return None
    texts = [matrix[i, :n].tobytes().hex() for i, n in enumerate(lengths.tolist())]
    times = [START_NS / 1e9 + s for s in t.tolist()]
    taken = []
    for _ in range(3):
        began = time.perf_counter()
        rs1090.decode(texts, times, reference=RECEIVER)
        taken.append(time.perf_counter() - began)
    return f"rs1090 {importlib.metadata.version('rs1090')}", len(texts) / statistics.median(taken)


def run() -> list[dict[str, Any]]:
    """Measure on one core; ours first, so that the peak of memory is ours."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        return _run()
    finally:
        os.sched_setaffinity(0, before)


def _run() -> list[dict[str, Any]]:
    matrix, lengths, t = messages()
    where = site()
    stream, offsets = framing.beast_frames(matrix, lengths, np.rint(t * 12e6).astype(np.int64), 100)
    text = np.frombuffer(framing.avr_lines(matrix, lengths), np.uint8)
    rows: list[dict[str, Any]] = []
    for name, octets, ends, kind in (
        ("wire.modes_decode", stream, offsets[1:], FORMAT_BEAST),
        ("wire.modes_decode_avr", text, np.cumsum(2 * lengths + 3), FORMAT_AVR),
    ):
        frames = chunks(octets, ends, t, kind)
        decode(frames, where)  # compiled and warm
        passes = [decode(frames, where) for _ in range(RUNS)]
        assert all(p[2].decoded == MESSAGES for p in passes), passes[0][2].as_json()
        rows.append({
            "name": name, "value": MESSAGES / statistics.median(p[0] for p in passes), "unit": "messages/s",
            "peer": None, "peer_value": None, "ratio": None,
            "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0, "runs": RUNS,
            "plots": passes[0][1],
        })  # fmt: skip
    against = peer(matrix, lengths, t)
    if against is not None:
        for row in rows:
            row["peer"], row["peer_value"] = against
            row["ratio"] = row["value"] / against[1]
    return rows


if __name__ == "__main__":
    for line in run():
        print(json.dumps(line))
