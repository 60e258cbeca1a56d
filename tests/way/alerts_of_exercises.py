"""Exercises through the whole chain, their alerts against what the truth says: the table of docs/why/watch.md.

usage: python -m tests.way.alerts_of_exercises [--minutes N] [--seed N | --seeds N] [--table] [--keep FOLDER] [NAME ...]

Each is flown whole as it is written, or its first minutes; with ``--seed N`` as variant N (``variants.py``), with
``--seeds N`` as the variants 1 to N. A line of JSON each, or with ``--table`` the rows of the page; ``--keep`` keeps
truth, plots, tracks and alerts as NAME-SEED.npz. An alert is asked for only where the sensors saw the aircraft
(``evaluate.seen``).
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from tests.way.stated import trust_tally
from tests.way.variants import varied
from vigie.airspace.reference import reference_aerodromes, reference_volumes
from vigie.airspace.shapes import circle
from vigie.airspace.volume import FL, Level, Volume
from vigie.app.alerts import judge_rows
from vigie.app.known import Known
from vigie.app.pipeline import State, step
from vigie.simulate.exercise import load_exercise
from vigie.simulate.run import Simulation
from vigie.terms.batch import Batch
from vigie.terms.tables import ALERT, PLOT, TRACK, TRUTH, Rows
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


def fly(name: str, seed: int | None, seconds: int | None) -> tuple[Any, dict[str, Rows], State]:
    """Fly one variant through the chain; return its site, all rows of truth, plots, tracks and alerts, and the end."""
    flown = load_exercise(EXERCISES / f"{name}.toml")
    simulation = Simulation(flown if seed is None else varied(flown, seed), seed)
    state = State(simulation.site(), known=Known(ground=Ground(volumes=areas(), aerodromes=reference_aerodromes())))
    kept: dict[str, list[Rows]] = {
        "truth": [TRUTH.empty()], "plots": [PLOT.empty()], "tracks": [TRACK.empty()], "alerts": [ALERT.empty()],
    }  # fmt: skip
    for second in range(1, (seconds or int(flown.duration_s)) + 1):
        now_ns = simulation.start_ns + second * S
        frames = simulation.step(now_ns)
        kept["truth"].append(simulation.truth_rows(now_ns))
        order = np.argsort(frames.rows["rx_ns"], kind="stable")
        rx = frames.rows["rx_ns"][order]
        for tick in range(1, 11):
            t = now_ns - S + tick * S // 10
            mine = order[(rx > t - S // 10) & (rx <= t)] if tick > 1 else order[rx <= t]
            part = type(frames)(frames.rows[mine], frames.data)
            out = step(state, Batch(now_ns=t, mono_ns=t, frames=part))
            for what, rows in (("plots", out.plots), ("tracks", out.tracks), ("alerts", out.alerts)):
                if len(rows):
                    kept[what].append(rows)
    return simulation.site(), {what: np.concatenate(rows) for what, rows in kept.items()}, state


def judged(name: str, seed: int | None, seconds: int | None, keep: Path | None = None) -> dict[str, Any]:
    """Fly one variant and return its tally and how many alerts of each rule came."""
    site, rows, state = fly(name, seed, seconds)
    if keep:
        np.savez(keep / f"{name}-{seed or 0}.npz", **rows)  # type: ignore[arg-type]
    tallies, hours = judge_rows(rows["alerts"], rows["tracks"], rows["truth"], areas(), site, rows["plots"])
    _, first = np.unique(rows["alerts"]["alert_no"], return_index=True)
    names, counts = np.unique(rows["alerts"]["rule"][first], return_counts=True)
    told = {n.decode(): int(c) for n, c in zip(names, counts, strict=True)}
    return {
        "exercise": name, "seed": seed, "hours": round(hours, 3), "balances": state.ledgers_balance(),
        "plots": len(rows["plots"]), "rows": tallies, "all": told,
        "trust": trust_tally(rows["alerts"], rows["tracks"], rows["plots"], rows["truth"]),
    }  # fmt: skip


def table_row(one: dict[str, Any]) -> str:
    """Return one variant as a row of the table in the docs."""
    rows = one["rows"]
    events, hits, nuisance = (sum(r[k] for r in rows) for k in ("events", "hits", "nuisance"))
    late = max((r["delay_s"]["p95"] for r in rows if r["delay_s"]), default=0.0)
    cross = max((r["crossing_error_s"] for r in rows if r["crossing_error_s"] is not None), default=0.0)
    trust = one["trust"]
    return (
        f"| `{one['exercise']}` | {one['seed'] or ''} | {one['hours']:.2f} | {events} | {hits} | {nuisance} | "
        f"{late:.1f} | {cross:.2f} | {trust['told']} | {trust['false']} |"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--seeds", type=int, default=0)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("exercises", nargs="*")
    asked = parser.parse_args()
    seconds = round(asked.minutes * 60) if asked.minutes else None
    for name in asked.exercises or sorted(p.stem for p in EXERCISES.glob("*.toml")):
        for seed in range(1, asked.seeds + 1) if asked.seeds else [asked.seed]:
            one = judged(name, seed, seconds, asked.keep)
            sys.stdout.write((table_row(one) if asked.table else json.dumps(one)) + "\n")
            sys.stdout.flush()
