"""Exercises through the whole chain, their alerts against what the truth says: the table of docs/why/watch.md.

usage: python tests/way/alerts_of_exercises.py [SECONDS [SEEDS [EXERCISE ...]]]
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from vigie.airspace.reference import reference_aerodromes, reference_volumes
from vigie.airspace.shapes import circle
from vigie.airspace.volume import FL, Level, Volume
from vigie.app.alerts import judge_rows
from vigie.app.known import Known
from vigie.app.pipeline import State, step
from vigie.simulate.exercise import load_exercise
from vigie.simulate.run import Simulation
from vigie.terms.batch import Batch
from vigie.terms.tables import TRACK, TRUTH
from vigie.watch.watch import Ground

S = 1_000_000_000
EXERCISES = Path(__file__).resolve().parents[2] / "src/vigie/simulate/exercises"


def areas() -> tuple[Volume, ...]:
    """The reference of Niger and three areas on the ways that exercises fly."""
    drawn = (
        Volume(id="NIA-R1", name="Niamey R1", kind="R", rings=(circle((2.6, 13.9), 30_000.0),)),
        Volume(id="NIA-D2", name="Niamey D2", kind="D", rings=(circle((1.6, 13.2), 25_000.0),),
               floor=Level(FL, 300 * 30.48), ceiling=Level(FL, 400 * 30.48)),
        Volume(id="ADIZ-N", name="ADIZ North", kind="ADIZ", rings=(circle((3.0, 14.2), 120_000.0),)),
    )  # fmt: skip
    return (*reference_volumes(), *drawn)


def judged(name: str, seed: int, seconds: int) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Fly one variant and return its tally and how many alerts of each rule came."""
    flown = load_exercise(EXERCISES / f"{name}.toml")
    simulation = Simulation(replace(flown, seed=seed), seed)
    site = simulation.site()
    ground = Ground(volumes=areas(), aerodromes=reference_aerodromes())
    state = State(site, known=Known(ground=ground))
    truth, tracks, alerts = [], [], []
    for second in range(1, seconds + 1):
        now_ns = simulation.start_ns + second * S
        frames = simulation.step(now_ns)
        truth.append(simulation.truth_rows(now_ns))
        order = np.argsort(frames.rows["rx_ns"], kind="stable")
        rx = frames.rows["rx_ns"][order]
        for tick in range(1, 11):
            t = now_ns - S + tick * S // 10
            mine = order[(rx > t - S // 10) & (rx <= t)] if tick > 1 else order[rx <= t]
            part = type(frames)(frames.rows[mine], frames.data)
            out = step(state, Batch(now_ns=t, mono_ns=t, frames=part))
            if len(out.tracks):
                tracks.append(out.tracks)
            if len(out.alerts):
                alerts.append(out.alerts)
    held = np.concatenate([*alerts, state.watch.alarms.rows(0)[:0]])
    rows, _ = judge_rows(held, np.concatenate([TRACK.empty(), *tracks]), np.concatenate([TRUTH.empty(), *truth]),
                         areas(), site)  # fmt: skip
    _, first = np.unique(held["alert_no"], return_index=True)
    names, counts = np.unique(held["rule"][first], return_counts=True)
    return rows, {n.decode(): int(c) for n, c in zip(names, counts, strict=True)}


if __name__ == "__main__":
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 900
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    for name in sys.argv[3:] or sorted(p.stem for p in EXERCISES.glob("*.toml")):
        for seed in range(1, seeds + 1):
            rows, counts = judged(name, seed, seconds)
            sys.stdout.write(json.dumps({"exercise": name, "seed": seed, "rows": rows, "all": counts}) + "\n")
            sys.stdout.flush()
