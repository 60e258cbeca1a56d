"""How long a question to a month takes: 30 days of 5 M track rows (150 M), or a sample, from summaries and from rows.

Flights of an hour at 230 m/s, a row a second, each with its own address; every address flies once in two days.
``VIGIE_BENCH_ROWS`` sets the rows of a day (usual: 500,000, a tenth; said in the figure's unit). Times are on the
clock, two threads as in the product; the files are warm. Peer: the same answers by polars from the same files.
"""

from __future__ import annotations

import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from vigie.history import ask
from vigie.history.places import cells, names
from vigie.history.store import DayWriter
from vigie.history.tables import FLIGHT
from vigie.history.words import Span
from vigie.terms.tables import TRACK
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS, parse_instant

ROWS = int(os.environ.get("VIGIE_BENCH_ROWS", "500000"))
DAYS = 30
LIFE_S = 3_600
PART_S = 600
RUNS = 3


def month(archive: Path) -> Span:
    """Write the days; return their span."""
    rng = np.random.default_rng(2)
    first = date(2026, 10, 1)
    first_ns = parse_instant(f"{first}T00:00:00Z", 0)
    count = max(1, ROWS // LIFE_S)
    for k in range(DAYS):
        writer = DayWriter(archive, f"{first + timedelta(days=k)}")
        start_ns = first_ns + k * DAY_NS
        begin = np.sort(rng.uniform(0, 86_400 - LIFE_S, count))
        lat, lon, way = rng.uniform(12, 23, count), rng.uniform(0, 16, count), rng.uniform(0, 2 * np.pi, count)
        for from_s in range(0, 86_400, PART_S):
            at = np.arange(from_s, from_s + PART_S)
            alive = np.flatnonzero((begin < from_s + PART_S) & (begin + LIFE_S > from_s))
            t, who = (one.ravel() for one in np.meshgrid(at, alive, indexing="ij"))
            flown = t - begin[who]
            t, who, flown = (one[(flown >= 0) & (flown < LIFE_S)] for one in (t, who, flown))
            rows = TRACK.empty(len(t))
            rows["now_ns"], rows["track_no"], rows["status"] = start_ns + t * NS_PER_S, who + 1 + k * count, 2
            rows["icao24"] = who + 1 + k % 2 * count
            rows["lat_deg"] = lat[who] + flown * 230.0 / 111_194.9 * np.cos(way[who])
            rows["lon_deg"] = lon[who] + flown * 230.0 / 105_000.0 * np.sin(way[who])
            rows["press_alt_m"] = 9_000.0
            writer.add("tracks", rows)
        tracks = writer.rows("tracks", TRACK)
        writer.add("cells", cells(tracks))
        writer.add("names", names(tracks))
        flights = FLIGHT.empty(count)
        flights["first_ns"] = start_ns + (begin * NS_PER_S).astype(np.int64)
        flights["last_ns"] = flights["first_ns"] + LIFE_S * NS_PER_S
        flights["track_no"], flights["icao24"] = np.arange(count) + 1 + k * count, np.arange(count) + 1 + k % 2 * count
        flights["to_aerodrome"][::40], flights["landed_ns"] = b"DRRN", flights["last_ns"]
        writer.add("flights", flights)
        writer.close({})
    return Span(first_ns, first_ns + DAYS * DAY_NS)


def _clock(what: Callable[[], Any]) -> float:
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        what()
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def run() -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder)
        span = month(archive)
        files = str(archive / "day=*" / "tracks.parquet")

        def asked(question: Callable[[ask.Archive], Any]) -> Callable[[], None]:
            def go() -> None:
                held = ask.Archive(archive, span)
                question(held)
                held.close()

            return go

        summary_s = _clock(asked(lambda held: ask.landed(held, span, "DRRN")))
        rows_s = _clock(asked(lambda held: ask.nearest(held, span, 13.48, 2.18)))
        one_s = _clock(asked(lambda held: ask.track(held, span, "000001")))
        near = ((pl.col("lat_deg") - 13.48) ** 2 + (pl.col("lon_deg") - 2.18) ** 2).min()
        every = pl.scan_parquet(files)
        peer_s = _clock(lambda: every.group_by("track_no").agg(near).sort("lat_deg").head(20).collect())
        peer_one_s = _clock(lambda: every.filter(pl.col("icao24") == 1).collect())
    size = f"{ROWS * DAYS / 1e6:g}M rows"
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = (
        ("history.month", summary_s, None, None),
        ("history.month_rows", rows_s, "polars", peer_s),
        ("history.month_track", one_s, "polars", peer_one_s),
    )
    return [
        {"name": name, "value": value, "unit": f"s of {size}", "peer": peer, "peer_value": other,
         "ratio": None if other is None else other / value, "peak_mb": peak_mb, "runs": RUNS}
        for name, value, peer, other in figures
    ]  # fmt: skip
