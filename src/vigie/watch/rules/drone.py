"""A drone, or something as slow and low, near an aerodrome."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.units import M_PER_NMI, NS_PER_S
from vigie.watch.rule import CAUTION, WARNING, Find, Param, Rule
from vigie.watch.view import View, distance_m
from vigie.watch.words import feet, miles


def find_drones(view: View) -> list[Find]:
    """Return a find for each track near an aerodrome that says it is a drone, or is as slow and low as one."""
    b, rule = view.board, RULES[0]
    if not view.aerodromes:
        return []
    bits = np.int64(0)
    for s in view.site.sensors:
        if s.kind == "remoteid":
            bits |= np.int64(1) << np.int64(s.id % 64 if s.id % 64 < 63 else 62)
    rows = view.rows
    says = b.sensors[rows] & bits != 0
    speed = np.hypot(b.ve[rows], b.vn[rows])
    plain = (b.icao24[rows] == 0) & (b.mode3a[rows] == 65535) & (speed < view.value(rule, "slow_mps"))
    age = view.now_ns - b.first_ns[rows] >= int(view.value(rule, "known_s") * NS_PER_S)
    rows = rows[says | (plain & age)]
    finds = []
    for row in rows.tolist():
        says_so = bool(b.sensors[row] & bits)
        for place in view.aerodromes:
            away = float(
                distance_m(b.lat[[row]], b.lon[[row]], np.radians(place.lat_deg), np.radians(place.lon_deg))[0]
            )
            away -= place.radius_m
            up = float(b.amsl_m[row]) - place.elevation_amsl_m
            if away > view.value(rule, "near_m", place.icao) or up > view.value(rule, "low_m", place.icao):
                continue
            lat, lon = view.where(row)
            en, fr = ("drone", "drone") if says_so else ("possible drone or birds", "drone ou oiseaux possibles")
            height = f", {feet(up)}" if up == up else ""  # noqa: PLR0124
            finds.append(Find(
                rule="drone", area=place.icao, track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
                severity=WARNING if says_so else 0,
                reason=f"{en} {miles(max(0.0, away))} from {place.icao}{height}",
                reason_fr=f"{fr} à {miles(max(0.0, away))} de {place.icao}{height}",
            ))  # fmt: skip
            break
    return finds


RULES: Final = (
    Rule(
        name="drone", title="Drone near an aerodrome", title_fr="Drone près d'un aérodrome", severity=CAUTION,
        find=find_drones, raise_s=5.0, clear_s=20.0, about="A track that identifies as a drone (Remote ID), or without "
        "address and code and as slow and low as one, near an aerodrome.",
        params=(
            Param(name="near_m", usual=3 * M_PER_NMI, meaning="nearer than this to the aerodrome's edge, m", high=1e5),
            Param(name="low_m", usual=500.0, meaning="lower than this above it, or unknown, m", high=3000.0),
            Param(name="slow_mps", usual=30.0, meaning="without Remote ID: slower than this, m/s", high=100.0),
            Param(name="known_s", usual=20.0, meaning="without Remote ID: tracked so long, s", high=600.0),
        ),
    ),
)  # fmt: skip
