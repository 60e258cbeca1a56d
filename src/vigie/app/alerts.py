"""Alerts of files against the truth of files: what ``vigie evaluate --alerts`` does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.airspace.store import all_volumes
from vigie.airspace.volume import Volume
from vigie.app.files import read_table
from vigie.app.knowledge import load_knowledge
from vigie.earth.atmosphere import press_alt_from_amsl
from vigie.evaluate.alerts import as_plain, judge, raised_of
from vigie.evaluate.expected import areas_of, events_of
from vigie.evaluate.seen import seen_of
from vigie.sensors.site import Site, load_site
from vigie.terms.levels import AMSL, FL
from vigie.terms.tables import ALERT, PLOT, TRACK, TRUTH, Rows
from vigie.terms.units import NS_PER_S

KINDS: Final = {
    **dict.fromkeys(("P", "R", "D", "TSA", "TRA", "MIL", "PROTECTED", "ALERT", "UAS"), "apw_intrusion"),
    **dict.fromkeys(("BORDER", "FIR", "UIR"), "border_crossing"),
    "ADIZ": "adiz_crossing",
}
"""Kind of volume -> the rule whose alerts are judged."""


def judge_alerts(
    tracks: Path, truth: Path, alerts: Path, site: Path | None, plots: Path | None = None
) -> tuple[list[dict[str, Any]], float]:
    """Return the tally of each rule and area as plain values, and how many hours the truth has.

    With ``plots`` only that is missed which the sensors saw.
    """
    where = load_site(site) if site else None
    volumes = all_volumes(load_knowledge(where).airspace) if where else ()
    return judge_rows(
        read_table(alerts, ALERT), read_table(tracks, TRACK), read_table(truth, TRUTH), tuple(volumes), where,
        read_table(plots, PLOT) if plots else None,
    )  # fmt: skip


def judge_rows(
    alerts: Rows, tracks: Rows, truth: Rows, volumes: tuple[Volume, ...], site: Site | None, plots: Rows | None = None
) -> tuple[list[dict[str, Any]], float]:
    """Return the same of rows in hand."""
    qnh_hpa, temperature_c = (site.qnh_hpa, site.temperature_c) if site else (1013.25, 15.0)

    def press_of(datum: int, value_m: float, usual_m: float) -> float:
        if datum == FL:
            return value_m
        return float(press_alt_from_amsl(value_m, qnh_hpa, temperature_c)) if datum == AMSL else usual_m

    seen = seen_of(truth, plots, site) if plots is not None and site is not None else None
    events = events_of(truth, areas_of(volumes, KINDS, press_of), seen)
    tallies = judge(raised_of(alerts, tracks, truth), events)
    times = truth["t_ns"]
    hours = float(np.ptp(times)) / (3600 * NS_PER_S) if len(times) else 0.0
    return as_plain(tallies, hours), hours


def alerts_text(rows: list[dict[str, Any]]) -> str:
    """Return the tally as lines for people."""
    lines = ["rule               area             events  hits misses alerts nuisance/h  delay s"]
    for r in rows:
        delay = f"{r['delay_s']['p50']:.1f}" if r["delay_s"] else ""
        lines.append(
            f"{r['rule']:18} {r['area'][:16]:16} {r['events']:6} {r['hits']:5} {r['misses']:6} {r['alerts']:6} "
            f"{r['nuisance_per_h']:10.2f}  {delay}"
        )
    return "\n".join(lines)
