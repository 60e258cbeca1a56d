"""How fast the archive is written: rows a second of processor time, 4,000 tracks once a second, as they come.

Peer: the same rows as one Arrow table written by polars with its own settings (zstd 1), nothing sorted into days.
"""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from vigie.history.store import DayWriter, arrow_of
from vigie.terms.tables import TRACK, Rows

ROWS = 1_000_000
TRACKS = 4_000
RUNS = 3


def rows() -> Rows:
    """Return seeded track rows: 250 seconds of 4,000 tracks."""
    rng = np.random.default_rng(1)
    made = TRACK.empty(ROWS)
    at = np.arange(ROWS)
    made["now_ns"] = 1_777_000_000_000_000_000 + at // TRACKS * 10**9
    made["track_no"] = made["icao24"] = at % TRACKS + 1
    made["status"] = 2
    made["lat_deg"] = 13 + np.cumsum(rng.normal(0, 1e-4, ROWS))
    made["lon_deg"] = 2 + np.cumsum(rng.normal(0, 1e-4, ROWS))
    made["press_alt_m"] = 9_000
    made["v_east_mps"], made["v_north_mps"] = rng.normal(0, 200, (2, ROWS))
    made["callsign"] = np.char.mod(b"VGE%04d", at % TRACKS)
    return made


def run() -> list[dict[str, Any]]:
    made = rows()
    ours, peers, octets = [], [], 0
    with tempfile.TemporaryDirectory() as folder:
        for i in range(RUNS):
            begun = time.process_time()
            writer = DayWriter(Path(folder) / f"a{i}", "2026-01-01")
            for start in range(0, ROWS, TRACKS):
                writer.add("tracks", made[start : start + TRACKS])
            writer.close({})
            ours.append(ROWS / (time.process_time() - begun))
            octets = (writer.final / "tracks.parquet").stat().st_size
            begun = time.process_time()
            frame = pl.from_arrow(arrow_of(TRACK, made))
            assert isinstance(frame, pl.DataFrame)
            frame.write_parquet(Path(folder) / f"p{i}.parquet", compression="zstd", compression_level=1)
            peers.append(ROWS / (time.process_time() - begun))
    value, peer = statistics.median(ours), statistics.median(peers)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        {"name": "record.archive", "value": value, "unit": "rows/s", "peer": f"polars {pl.__version__}, one file",
         "peer_value": peer, "ratio": value / peer, "peak_mb": peak_mb, "runs": RUNS},
        {"name": "record.archive_octets", "value": octets / ROWS, "unit": "octets/row", "peer": None,
         "peer_value": None, "ratio": None, "peak_mb": peak_mb, "runs": 1},
    ]  # fmt: skip
