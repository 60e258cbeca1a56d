"""How long a question to a month takes: 30 days of 5 M track rows (150 M), or a sample, from summaries and from rows.

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
from vigie.history.store import DayWriter
from vigie.history.tables import FLIGHT
from vigie.history.words import Span
from vigie.terms.tables import TRACK
from vigie.terms.utc import DAY_NS, parse_instant

ROWS = int(os.environ.get("VIGIE_BENCH_ROWS", "500000"))
DAYS = 30
TRACKS = 4_000
RUNS = 3


def month(archive: Path) -> Span:
    """Write the days; return their span."""
    rng = np.random.default_rng(2)
    first = date(2026, 10, 1)
    first_ns = parse_instant(f"{first}T00:00:00Z", 0)
    steps = max(1, ROWS // TRACKS)
    for k in range(DAYS):
        writer = DayWriter(archive, f"{first + timedelta(days=k)}")
        start_ns = first_ns + k * DAY_NS
        lat, lon = rng.uniform(12, 23, TRACKS), rng.uniform(0, 16, TRACKS)
        for i in range(steps):
            rows = TRACK.empty(TRACKS)
            rows["now_ns"], rows["track_no"] = start_ns + i * (DAY_NS // steps), np.arange(TRACKS) + 1 + k * TRACKS
            rows["status"], rows["icao24"] = 2, np.arange(TRACKS) + 1
            rows["lat_deg"], rows["lon_deg"], rows["press_alt_m"] = lat + i * 1e-4, lon + i * 1e-4, 9_000.0
            writer.add("tracks", rows)
        flights = FLIGHT.empty(TRACKS)
        flights["first_ns"], flights["last_ns"] = start_ns, start_ns + DAY_NS - 1
        flights["track_no"], flights["icao24"] = np.arange(TRACKS) + 1 + k * TRACKS, np.arange(TRACKS) + 1
        flights["to_aerodrome"][::40], flights["landed_ns"] = b"DRRN", start_ns + DAY_NS // 2
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
