"""What aircraft said of their place against where they were: which contradictions are false, which lies untold.

By plots and truth with pyproj alone: a statement is a lie where it is ``LIE_M`` and more from every aircraft with that
address, or where two bear it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from pyproj import Geod

from vigie.terms.tables import FLAG_ON_GROUND, PLOT_KIND, Rows
from vigie.terms.units import NS_PER_S

TRUE_M: Final = 600.0
LIE_M: Final = 3_000.0
LASTS_S: Final = 60
AROUND_S: Final = 45
_GEOD: Final = Geod(ellps="WGS84")


def stated(plots: Rows, truth: Rows) -> tuple[Rows, Any]:
    """Return the plots of positions that aircraft state, and how far (m) each is from the nearest of its address."""
    said = plots[(plots["kind"] == PLOT_KIND["adsb"]) & ~np.isnan(plots["lat_deg"]) & (plots["icao24"] != 0)]
    said = said[said["flags"] & FLAG_ON_GROUND == 0]
    away = np.full(len(said), np.inf)
    for target in np.unique(truth["target_id"]).tolist():
        one = truth[truth["target_id"] == target]
        one = one[np.argsort(one["t_ns"], kind="stable")]
        when = said["toa_ns"]
        row = np.clip(np.searchsorted(one["t_ns"], when), 0, len(one) - 1)
        mine = (one["icao24"][row] == said["icao24"]) & (when >= one["t_ns"][0] - NS_PER_S)
        mine = np.flatnonzero(mine & (when <= one["t_ns"][-1] + NS_PER_S))
        if mine.size:
            lat, lon = (np.interp(when[mine].astype(float), one["t_ns"].astype(float), one[k])
                        for k in ("lat_deg", "lon_deg"))  # fmt: skip
            _, _, d = _GEOD.inv(lon, lat, said["lon_deg"][mine], said["lat_deg"][mine])
            away[mine] = np.minimum(away[mine], d)
    return said, away


def trust_tally(alerts: Rows, tracks: Rows, plots: Rows, truth: Rows) -> dict[str, Any]:
    """Return how many contradictions were told, which of them were false, and the lies with those never told."""
    said, away = stated(plots, truth)
    _, first = np.unique(alerts["alert_no"], return_index=True)
    told = alerts[first][alerts["rule"][first] == b"position_contradicted"]
    twice = _twice(truth)
    false, named = [], set()
    for row in told:
        near = (tracks["track_no"] == row["track_no"]) & (np.abs(tracks["now_ns"] - row["raised_ns"]) < 2 * NS_PER_S)
        address = int(tracks["icao24"][near].max(initial=0))
        named.add(address)
        then = (said["icao24"] == address) & (np.abs(said["toa_ns"] - row["raised_ns"]) < AROUND_S * NS_PER_S)
        if address not in twice and not (away[then] > TRUE_M).any():
            second = int(row["raised_ns"] - truth["t_ns"].min()) // NS_PER_S
            false.append(f"{second} s: {row['reason'].decode('utf-8', 'replace')}")
    lies = set(twice)
    for address in np.unique(said["icao24"][away > LIE_M]).tolist():
        when = said["toa_ns"][(said["icao24"] == address) & (away > LIE_M)]
        if np.ptp(when) >= LASTS_S * NS_PER_S:
            lies.add(int(address))
    return {
        "told": len(told), "false": len(false), "lies": len(lies), "untold": [f"{a:06x}" for a in sorted(lies - named)],
        "reasons": false,
    }  # fmt: skip


def _twice(truth: Rows) -> set[int]:
    """Return addresses that two targets bear at one time for ``LASTS_S`` and more."""
    worn = truth[truth["icao24"] != 0]
    key = np.stack([worn["t_ns"] // NS_PER_S, worn["icao24"].astype(np.int64)], 1)
    pairs, count = np.unique(key, axis=0, return_counts=True)
    address, seconds = np.unique(pairs[count > 1][:, 1], return_counts=True)
    return set(address[seconds >= LASTS_S].tolist())
