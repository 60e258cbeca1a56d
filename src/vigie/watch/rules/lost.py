"""A track ends: in the air where sensors should see it (lost), or low and sinking where nobody may land."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.earth.wgs84 import ecef_to_enu, enu_to_slant, geodetic_to_ecef
from vigie.terms.tables import FLAG_ON_GROUND, TRACK_COASTING, TRACK_CONFIRMED
from vigie.terms.units import M_PER_NMI, NS_PER_S
from vigie.watch.rule import CAUTION, WARNING, Find, Param, Rule
from vigie.watch.view import View, distance_m
from vigie.watch.words import clock, feet, level

OK: Final = (1, 2)
NO_CODE: Final = 65535
NEAR_M: Final = 15_000.0


def seen_by(view: View, row: int) -> list[int]:
    """Return the sensors that should see a track where it is now: healthy, in range, over the horizon, not overhead."""
    b = view.board
    height = b.amsl_m[row] + view.board.undulation_m
    if math.isnan(height):
        return []
    at = geodetic_to_ecef(float(b.lat[row]), float(b.lon[row]), float(height))
    state = dict(zip(view.health["sensor_id"].tolist(), view.health["state"].tolist(), strict=True))
    out = []
    for s in view.site.sensors:
        if s.kind not in ("radar", "mlat") or state.get(s.id, 1) not in OK:
            continue
        lat, lon = math.radians(s.lat_deg), math.radians(s.lon_deg)
        x, y, z = geodetic_to_ecef(lat, lon, s.height_m)
        far_m, _, elevation = enu_to_slant(*ecef_to_enu(at[0] - x, at[1] - y, at[2] - z, lat, lon))
        # The ray bends: of the Earth's curve a quarter is gained (4/3 earth).
        elevation += far_m / (8.0 * 6_371_000.0)
        if far_m < 0.9 * s.max_range_m and math.radians(0.6) < elevation < math.radians(40.0):
            out.append(s.id)
    return out


def _ended(view: View) -> list[tuple[int, int]]:
    """Return (row, number) of each confirmed track that ended in this step or has coasted long."""
    b = view.board
    memory = b.remember("lost_told", np.int8)
    after_ns = int(view.value(RULES[0], "after_s") * NS_PER_S)
    age_ns = int(view.value(RULES[0], "known_s") * NS_PER_S)
    n = b.used
    late = (b.number[:n] > 0) & (b.status[:n] == TRACK_COASTING) & (view.now_ns - b.toa_ns[:n] > after_ns)
    late &= (memory[:n] == 0) & (b.toa_ns[:n] - b.first_ns[:n] > age_ns)
    back = (b.status[:n] == TRACK_CONFIRMED) & (memory[:n] == 1)
    memory[:n][back] = 0
    rows = np.flatnonzero(late)
    ended = [(r, no) for r, no in b.ended if memory[r] == 0 and b.toa_ns[r] - b.first_ns[r] > age_ns]
    return [(int(r), int(b.number[r])) for r in rows] + ended


def _goes_on(view: View, row: int) -> bool:
    """Return whether a younger report of the same aircraft is in another track: it is not lost, its number changed."""
    b = view.board
    others = np.flatnonzero(b.known() & (b.toa_ns[: b.used] > b.toa_ns[row]))
    others = others[others != row]
    if b.icao24[row] != 0 and bool((b.icao24[others] == b.icao24[row]).any()):
        return True
    coded = others[(b.mode3a[others] == b.mode3a[row]) & (b.mode3a[row] != NO_CODE)]
    return bool((distance_m(b.lat[coded], b.lon[coded], b.lat[row], b.lon[row]) < NEAR_M).any())


def _still_turns(view: View, row: int, number: int, seeing: list[int]) -> bool:
    """Return whether a track that coasts may only have been missed by chance: the fastest sensor has few turns yet."""
    if int(view.board.number[row]) != number:  # the tracker has given it up
        return False
    period_s = min(s.period_s for s in view.site.sensors if s.id in seeing)
    return bool(view.now_ns - view.board.toa_ns[row] < view.value(RULES[0], "turns") * period_s * NS_PER_S)


def _near_field(view: View, row: int) -> bool:
    far, _ = view.height_over_field(np.array([row]))
    return bool(far[0] < view.value(RULES[1], "field_m"))


def _landing(view: View, row: int) -> bool:
    b = view.board
    up = float(view.above_ground(np.array([row]))[0])
    low = up < view.value(RULES[1], "low_m")
    slow = float(np.hypot(b.ve[row], b.vn[row])) < view.value(RULES[1], "slow_mps")
    return low and (slow or bool(b.climb[row] < -0.5) or bool(b.flags[row] & FLAG_ON_GROUND))


def find_lost(view: View) -> list[Find]:
    """Return a find for each track whose reports stopped in cover, away from aerodromes; and those not seen again."""
    b = view.board
    memory = b.remember("lost_told", np.int8)
    finds = []
    for row, number in _ended(view):
        if _near_field(view, row) or _landing(view, row):
            continue
        seeing = seen_by(view, row)
        if not seeing or _still_turns(view, row, number, seeing) or _goes_on(view, row):
            continue
        memory[row] = 1
        lat, lon = view.where(row)
        names = ", ".join(s.name for s in view.site.sensors if s.id in seeing)
        at, fl = clock(int(b.toa_ns[row])), level(b.press_m[row])
        finds.append(Find(
            rule="lost_track", track_no=number, lat_deg=lat, lon_deg=lon, at_once=True,
            reason=f"{view.name(row)} lost at {fl} in cover of {names}; last seen {at}",
            reason_fr=f"{view.name(row)} perdu à {fl} dans la couverture de {names} ; vu en dernier à {at}",
        ))  # fmt: skip
    return finds


def find_landed(view: View) -> list[Find]:
    """Return a find for each track that went down where there is no aerodrome."""
    b = view.board
    memory = b.remember("lost_told", np.int8)
    finds = []
    for row, number in _ended(view):
        if not len(view.fields) or _near_field(view, row) or not _landing(view, row):
            continue
        memory[row] = 1
        lat, lon = view.where(row)
        up = feet(float(view.above_ground(np.array([row]))[0]))
        finds.append(Find(
            rule="landing_nowhere", track_no=number, lat_deg=lat, lon_deg=lon, at_once=True,
            reason=f"{view.name(row)} went down where there is no aerodrome; last seen {up} above ground",
            reason_fr=f"{view.name(row)} est descendu loin de tout aérodrome ; vu en dernier à {up} du sol",
        ))  # fmt: skip
    return finds


RULES: Final = (
    Rule(
        name="lost_track", title="Lost in cover", title_fr="Perdu dans la couverture", severity=WARNING, find=find_lost,
        when="second", raise_s=0.0, clear_s=120.0, about="The reports of a track stopped in the air where healthy "
        "sensors should see it (range and 4/3-earth horizon), away from aerodromes.",
        params=(
            Param(name="after_s", usual=15.0, meaning="no report for so long, s", low=3.0, high=600.0),
            Param(name="turns", usual=5.0, meaning="and so many turns of the fastest sensor there", high=100.0),
            Param(name="known_s", usual=30.0, meaning="only tracks that lived so long, s", high=3600.0),
        ),
    ),
    Rule(
        name="landing_nowhere", title="Landing off aerodromes", title_fr="Atterrissage hors aérodrome",
        severity=CAUTION, find=find_landed, when="second", raise_s=0.0, clear_s=300.0,
        about="A track ended low, slow or sinking, farther from every aerodrome than allowed.",
        params=(
            Param(name="low_m", usual=450.0, meaning="this near to the ground counts as low, m", high=3000.0),
            Param(name="slow_mps", usual=50.0, meaning="slower than this counts as slow, m/s", high=200.0),
            Param(name="field_m", usual=8 * M_PER_NMI, meaning="so near an aerodrome's edge it landed, m", high=1e5),
        ),
    ),
)  # fmt: skip
