"""Approach to a protected site: closest point, when, and how great the risk is, with its reasons."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.airspace.sites import ProtectedSite
from vigie.terms.units import NS_PER_S
from vigie.watch.rule import CAUTION, WARNING, Find, Param, Rule
from vigie.watch.view import View, distance_m
from vigie.watch.words import clock, feet, miles

# What an identity adds to the risk: pending, unknown, assumed friend, friend, neutral, suspect, hostile.
_WHO: Final = (0.5, 0.6, 0.15, 0.05, 0.3, 0.9, 1.0)
_WHO_EN: Final = ("pending", "unknown", "assumed friend", "friend", "neutral", "suspect", "hostile")
_WHO_FR: Final = ("en attente", "inconnu", "présumé ami", "ami", "neutre", "suspect", "hostile")


def find_approaches(view: View) -> list[Find]:
    """Return a find for each track that comes near a protected site within the horizon, ranked by risk."""
    finds: list[Find] = []
    for site in view.sites:
        finds += _to_site(view, site)
    return sorted(finds, key=lambda f: (-f.risk, f.key))


def _to_site(view: View, site: ProtectedSite) -> list[Find]:
    b, rule, rows = view.board, RULES[0], view.rows
    lat0, lon0 = math.radians(site.lat_deg), math.radians(site.lon_deg)
    away = distance_m(b.lat[rows], b.lon[rows], lat0, lon0)
    rows, away = rows[away < site.warn_m], away[away < site.warn_m]
    if not rows.size:
        return []
    east = (b.lon[rows] - lon0 + np.pi) % (2 * np.pi) - np.pi
    x, y = east * math.cos(lat0) * 6_371_008.8, (b.lat[rows] - lat0) * 6_371_008.8
    u, v = np.nan_to_num(b.ve[rows]), np.nan_to_num(b.vn[rows])
    horizon_s = view.value(rule, "horizon_s", site.id)
    square = u * u + v * v
    t = np.clip(-(x * u + y * v) / np.maximum(square, 1e-6), 0.0, horizon_s)
    closest = np.hypot(x + u * t, y + v * t)
    inside = away <= site.radius_m
    up = b.amsl_m[rows] - site.amsl_m
    comes = inside | ((closest <= site.radius_m + view.value(rule, "pass_m", site.id)) & (t > 0.0))
    comes &= ~(up > view.value(rule, "high_m", site.id))
    finds = []
    for k in np.flatnonzero(comes).tolist():
        row, seconds, near = int(rows[k]), float(t[k]), float(closest[k])
        who = int(b.category[row])
        soon = 1.0 - 0.7 * seconds / horizon_s
        close = 1.0 if near <= site.radius_m else 0.7
        low = 1.0 if not up[k] > 1000.0 else 0.6
        risk = min(1.0, site.weight * _WHO[who] * soon * close * low)
        if risk < view.value(rule, "least_risk", site.id):
            continue
        lat, lon = view.where(row)
        at_ns = view.now_ns + int(seconds * NS_PER_S)
        numbers = f"{miles(near)}, {clock(at_ns)}, {feet(float(up[k]))}"
        en_when = "is over" if inside[k] else f"closest {numbers} to"
        fr_when = "est au-dessus de" if inside[k] else f"au plus près {numbers} de"
        finds.append(Find(
            rule="site_approach", area=site.id, track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon, risk=risk,
            predicted_ns=0 if inside[k] else at_ns, severity=WARNING if risk >= 0.5 else 0,
            reason=f"{view.name(row)} {en_when} {site.name}; risk {risk:.2f}: {_WHO_EN[who]}, "
            f"weight {site.weight:g}, {'direct' if close == 1.0 else 'passing'}, {'low' if low == 1.0 else 'high'}",
            reason_fr=f"{view.name(row)} {fr_when} {site.name} ; risque {risk:.2f} : {_WHO_FR[who]}, "
            f"poids {site.weight:g}, {'direct' if close == 1.0 else 'passage'}, {'bas' if low == 1.0 else 'haut'}",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="site_approach", title="Protected site approached", title_fr="Approche d'un site protégé",
        severity=CAUTION, find=find_approaches, raise_s=4.0, clear_s=10.0,
        about="A track's closest point to a protected site within the horizon is near it. The risk (0 to 1) is the "
        "site's weight times who it is, how soon, how near and how low; the reasons are listed.",
        params=(
            Param(name="horizon_s", usual=180.0, meaning="how far ahead it looks, s", low=10.0, high=1800.0),
            Param(name="pass_m", usual=1000.0, meaning="passing this near to the site's edge counts, m", high=50_000.0),
            Param(name="high_m", usual=3000.0, meaning="higher above the site does not count, m", high=30_000.0),
            Param(name="least_risk", usual=0.1, meaning="lesser risks are not told", high=1.0),
        ),
    ),
)  # fmt: skip
