"""Feed the scenarios through the tracker tick by tick, score them, print gate, aim and what was reached.

usage: python bench/track_scenarios.py [NAME ...] [--data ../shared/data/scenarios] [--out FOLDER]
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from vigie.sensors.site import load_site
from vigie.terms.tables import HEALTH, PLOT, TRACK, Rows
from vigie.terms.utc import TICK_NS, tick_at_or_after
from vigie.track.tracker import Tracker

GATES = {  # name: (folder, skip, gates, aims); a figure is at most, or with ">" at least
    "cross": ("cross", 0, {"gospa_m": 1050, ">completeness": 0.965, "id_switches": 2}, {"gospa_m": 950}),
    "dense": ("dense", 120, {"gospa_m": 1800, "false": 1, ">completeness": 0.995, "duplicates": 0.02},
              {"gospa_m": 1650}),
    "late": ("late", 0, {"gospa_m": 1050}, {}),
    "late60": ("late", 60, {"gospa_m": 850}, {"gospa_m": 800}),
    "midnight": ("midnight", 0, {"gospa_m": 850}, {"gospa_m": 650}),
    "antimeridian": ("midnight/antimeridian", 0, {"gospa_m": 850}, {"gospa_m": 650}),
    "primary": ("primary", 0, {"gospa_m": 2600, ">completeness": 0.90, "false": 1},
                {"gospa_m": 2450, ">completeness": 0.92}),
    "fast": ("fast", 0, {"gospa_m": 1850, ">completeness": 0.92}, {"gospa_m": 1700, ">completeness": 0.95}),
    "bearing": ("bearing", 0, {">completeness": 0.80, "rms_position_m": 450, "false": 0.5},
                {">completeness": 0.9, "rms_position_m": 350}),
}  # fmt: skip
SHOWN = ("gospa_m", "missed", "false", "rms_position_m", "rms_velocity_mps", "completeness", "id_switches", "fragments",
         "duplicates", "anees", "anees_median", "time_to_confirm_s")  # fmt: skip


def feed(plots: Rows, tracker: Tracker, until_ns: int | None = None) -> Rows:
    """Step the tracker through plots sorted by rx_ns; return all TRACK rows."""
    rx = plots["rx_ns"]
    last = until_ns or tick_at_or_after(int(rx[-1])) + NS
    now = tick_at_or_after(int(rx[0]))
    ticks = np.arange(now, last + 1, TICK_NS)
    ends = np.searchsorted(rx, ticks, side="right")
    out, start, none = [], 0, HEALTH.empty()
    for tick, end in zip(ticks.tolist(), ends.tolist(), strict=True):
        rows = tracker.step(plots[start:end], none, tick)
        start = end
        if len(rows):
            out.append(rows)
    return np.concatenate(out) if out else TRACK.empty()


NS = 1_000_000_000


def scorer(data: Path):  # type: ignore[no-untyped-def]
    spec = importlib.util.spec_from_file_location("score", data.parents[1] / "tools" / "score.py")
    module = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return module


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, epilog="example: python bench/track_scenarios.py cross dense")
    p.add_argument("names", nargs="*")
    p.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data" / "scenarios")
    p.add_argument("--out", type=Path)
    z = p.parse_args()
    score = scorer(z.data)
    out = z.out or Path(tempfile.mkdtemp())
    out.mkdir(parents=True, exist_ok=True)
    made: set[str] = set()
    for name, (folder, skip, gates, aims) in GATES.items():
        if z.names and name not in z.names:
            continue
        at = z.data / folder
        path = out / (folder.replace("/", "_") + ".parquet")
        if folder not in made:
            made.add(folder)
            plots = PLOT.from_arrow(pq.read_table(at / "plots.parquet"))
            tracker = Tracker(load_site(at / "site.toml"))
            begin = time.perf_counter()
            rows = feed(plots, tracker)
            took = time.perf_counter() - begin
            pq.write_table(TRACK.to_arrow(rows), path)
            ledger = tracker.ledger
            balance = "ok" if ledger.balances else "WRONG"
            print(
                f"-- {folder}: {len(plots) / took:,.0f} plots/s, ledger {balance} {ledger.as_json()['filtered']}, "
                f"{tracker.digest[:8]}"
            )
            answers = json.loads((at / "answers.json").read_text())["sensors"]
            for sid, bias in tracker.biases().items():
                if str(sid) in answers and sid <= 6:
                    a = answers[str(sid)]
                    b = dataclasses.asdict(bias)
                    deg, deg_sd = np.degrees(b["azimuth_rad"]), np.degrees(b["azimuth_sd_rad"])
                    print(f"   sensor {sid}: range {b['range_m']:.1f}±{b['range_sd_m']:.1f} (true {a['range_bias_m']}) "
                          f"azimuth {deg:.3f}±{deg_sd:.3f} (true {a['azimuth_bias_deg']}) "
                          f"time {b['time_s']:.2f}±{b['time_sd_s']:.2f} (true {a['time_bias_s']})")  # fmt: skip
        r = score.score(str(path), str(at / "truth.parquet"), skip=float(skip))
        verdict = []
        for k, v in gates.items():
            key = k.lstrip(">")
            good = r[key] >= v if k[0] == ">" else r[key] <= v
            aim = f" aim {aims[k]}" if k in aims else ""
            verdict.append(f"{key} {r[key]} (gate {v}{aim}) {'ok' if good else 'MISSED'}")
        print(f"{name:13}" + "; ".join(verdict))
        print("             " + " ".join(f"{k}={r[k]}" for k in SHOWN))


if __name__ == "__main__":
    main()
