"""Area proximity warning: a track in a volume where it has no leave to be, or about to enter it."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.units import NS_PER_S
from vigie.watch.rule import CAUTION, WARNING, Find, Param, Rule
from vigie.watch.view import View
from vigie.watch.words import clock, level

KINDS: Final = frozenset({"P", "R", "D", "TSA", "TRA", "MIL", "PROTECTED", "ALERT", "UAS"})


def find_intrusions(view: View) -> list[Find]:
    """Return a find for each pair of a track looked at and a volume it is in."""
    return [_find(view, k, inside=True) for k in _pairs(view, RULES[0], inside=True)]


def find_proximity(view: View) -> list[Find]:
    """Return a find for each pair of a track looked at and a volume it will be in within ``horizon_s``."""
    return [_find(view, k, inside=False) for k in _pairs(view, RULES[1], inside=False)]


def _pairs(view: View, rule: Rule, *, inside: bool) -> list[int]:
    z = view.zones
    if not z.near.volume.size:
        return []
    of = z.near.volume
    is_in = z.entry_s <= 0.0
    wanted = z.wanted(rule)[of] & (is_in if inside else ~is_in & (z.entry_s <= z.horizon_s[of]))
    rows = view.rows[z.near.point]
    friends = view.numbers(z, rule, "spares_friends")[of] > 0
    wanted &= ~(friends & np.isin(view.board.category[rows], (2, 3)))
    return [int(k) for k in np.flatnonzero(wanted)]


def _find(view: View, k: int, *, inside: bool) -> Find:
    z, b = view.zones, view.board
    row = int(view.rows[z.near.point[k]])
    volume = z.index.volumes[z.near.volume[k]]
    rule, number = RULES[0 if inside else 1].name, int(b.number[row])
    if view.quiet((rule, volume.id, number, 0), view.now_ns):
        return Find(rule=rule, area=volume.id, track_no=number)
    lat, lon = view.where(row)
    who, seconds = view.name(row), float(z.entry_s[k])
    if inside:
        return Find(
            rule="apw_intrusion", area=volume.id, track_no=int(b.number[row]), lat_deg=lat, lon_deg=lon,
            reason=f"{who} is in {volume.name} ({volume.kind}) at {level(b.press_m[row])}",
            reason_fr=f"{who} est dans {volume.name} ({volume.kind}) à {level(b.press_m[row])}",
        )  # fmt: skip
    at_ns = view.now_ns + int(seconds * NS_PER_S)
    speed = max(5.0, float(np.hypot(b.ve[row], b.vn[row])))
    return Find(
        rule="apw_proximity", area=volume.id, track_no=int(b.number[row]), predicted_ns=at_ns, lat_deg=lat, lon_deg=lon,
        predicted_sd_s=float(np.hypot(b.pos_sd[row] / max(0.2, z.square[k]), b.vel_sd[row] * seconds)) / speed,
        reason=f"{who} will enter {volume.name} ({volume.kind}) at {clock(at_ns)}, in {seconds:.0f} s",
        reason_fr=f"{who} entrera dans {volume.name} ({volume.kind}) à {clock(at_ns)}, dans {seconds:.0f} s",
    )  # fmt: skip


_SPARES: Final = Param(name="spares_friends", usual=0.0, high=1.0, meaning="1: friends are left out")
RULES: Final = (
    Rule(
        name="apw_intrusion", title="Area intrusion", title_fr="Intrusion dans une zone", severity=WARNING, kinds=KINDS,
        find=find_intrusions, raise_s=2.0, clear_s=6.0, params=(_SPARES,),
        about="A track is inside an active volume: between floor and ceiling, or its height is not known. "
        "Source: EUROCONTROL Guidelines for Area Proximity Warning, part I.",
    ),
    Rule(
        name="apw_proximity", title="Area proximity", title_fr="Proximité d'une zone", severity=CAUTION, kinds=KINDS,
        find=find_proximity, raise_s=3.0, clear_s=6.0,
        about="A track will enter an active volume within the horizon, flying on as it does.",
        params=(
            Param(name="horizon_s", usual=60.0, meaning="how far ahead it looks, s", low=5.0, high=600.0),
            Param(name="margin_m", usual=0.0, meaning="floor and ceiling are widened by this, m", high=3000.0),
            _SPARES,
        ),
    ),
)  # fmt: skip
