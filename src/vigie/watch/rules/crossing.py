"""Border and ADIZ: who will cross, who has crossed, where and when; with the uncertainty of the time."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from vigie.terms.units import NS_PER_S
from vigie.watch.rule import CAUTION, INFORMATION, Find, Param, Rule
from vigie.watch.view import View, distance_m
from vigie.watch.words import clock, level

BORDER: Final = frozenset({"BORDER", "FIR", "UIR"})
ADIZ: Final = frozenset({"ADIZ"})
UNKNOWN: Final = -1
NO_CODE: Final = 65535
BY_HAND: Final = 4_000_000_000
"""Tracks that people start have numbers above this."""
NEAR_M: Final = 8_000.0
"""Two tracks of one address within this distance are one aircraft: the surer of its place is told."""


def _memory(view: View) -> tuple[Any, Any, Any]:
    count = max(1, len(view.fences.index.volumes))
    return (
        view.board.remember("fence_in", np.int8, UNKNOWN, (count,)),
        view.board.remember("fence_m", np.float64, math.nan, (count,)),
        view.board.remember("fence_ns", np.int64, 0, (count,)),
    )


def note_fences(view: View) -> None:
    """Work out which tracks looked at are inside which fence, and who went in or out since the last look."""
    view.crossed = []
    fences = view.fences
    if not fences.index.volumes:
        return
    inside, distance, when = _memory(view)
    rows, near = view.rows, fences.near
    now_in = np.zeros((rows.size, inside.shape[1]), np.int8)
    now_m = np.full((rows.size, inside.shape[1]), math.inf)
    within = (near.distance_m <= 0.0) & ~(near.vertical_m > 0.0)
    now_in[near.point, near.volume] = within
    now_m[near.point, near.volume] = near.distance_m
    before = inside[rows]
    told = view.board.known()[rows] & ~_vague(view, rows)
    doubles = _doubles(view)
    told &= ~np.isin(rows, [worse for worse, _ in doubles])
    active = fences.index.active.astype(bool)
    changed = (before != UNKNOWN) & (before != now_in) & told[:, None] & active[None, : before.shape[1]]
    for point, fence in np.argwhere(changed).tolist():
        row = int(rows[point])
        d0, d1 = float(distance[row, fence]), float(now_m[point, fence])
        t0 = int(when[row, fence])
        share = d0 / (d0 - d1) if math.isfinite(d0) and math.isfinite(d1) and d0 != d1 else 1.0
        at_ns = t0 + int((view.now_ns - t0) * min(1.0, max(0.0, share)))
        view.crossed.append((row, fence, bool(now_in[point, fence]), at_ns))
    first = view.board.known()[rows][:, None] & (before == UNKNOWN)
    inside[rows] = np.where(told[:, None] | first, now_in, before)
    distance[rows], when[rows] = now_m, view.now_ns
    for worse, better in doubles:  # should the better one end, the other goes on where it was
        inside[worse], distance[worse], when[worse] = inside[better], distance[better], when[better]


def _vague(view: View, rows: Any) -> Any:
    """Return which tracks stand on primary echoes alone and are not sure of their place: clutter makes such tracks."""
    b = view.board
    nameless = (b.icao24[rows] == 0) & (b.mode3a[rows] == NO_CODE) & (b.number[rows] < BY_HAND)
    return nameless & (b.pos_sd[rows] > view.value(RULES[0], "most_sd_m"))


def _doubles(view: View) -> list[tuple[int, int]]:
    """Return (row, better row) of each second track of one aircraft: same address, near; paired every second."""
    b = view.board
    if view.second or "doubles" not in view.notes:
        known = np.flatnonzero(b.known() & (b.icao24[: b.used] != 0))
        known = known[np.lexsort((b.pos_sd[known], b.icao24[known]))]
        same = np.flatnonzero(b.icao24[known[1:]] == b.icao24[known[:-1]])
        pairs: dict[int, int] = {}
        for k in same.tolist():
            better, worse = int(known[k]), int(known[k + 1])
            away = distance_m(b.lat[[worse]], b.lon[[worse]], b.lat[better], b.lon[better])
            if away[0] < NEAR_M:
                pairs[int(b.number[worse])] = pairs.get(int(b.number[better]), int(b.number[better]))
        view.notes["doubles"] = pairs
    held: dict[int, int] = view.notes["doubles"]
    if not held:
        return []
    rows = b.at(np.array([*held.keys(), *held.values()], np.int64)).reshape(2, -1)
    return [(w, g) for w, g in rows.T.tolist() if w >= 0 and g >= 0]


def find_crossed(view: View) -> list[Find]:
    """Return a find for each track that went over a border since it was last looked at."""
    return _crossings(view, RULES[0])


def find_adiz(view: View) -> list[Find]:
    """Return the same for air defence identification zones."""
    return _crossings(view, RULES[1])


def _crossings(view: View, rule: Rule) -> list[Find]:
    finds = []
    for row, fence, into, at_ns in view.crossed:
        volume = view.fences.index.volumes[fence]
        if view.fences.wanted(rule)[fence] and (into or view.value(rule, "out", volume.id)):
            finds.append(_crossed(view, rule, row, volume, into, at_ns))
    return finds


def _crossed(view: View, rule: Rule, row: int, volume: Any, into: bool, at_ns: int) -> Find:
    lat, lon = _back(view, row, at_ns)
    who, b = view.name(row), view.board
    verb, verbe = ("entered", "est entré dans") if into else ("left", "a quitté")
    speed = max(5.0, float(np.hypot(b.ve[row], b.vn[row])))
    en, fr = _leave(view, row)
    return Find(
        rule=rule.name, area=volume.id, track_no=int(b.number[row]), predicted_ns=at_ns, lat_deg=lat, lon_deg=lon,
        at_once=True, predicted_sd_s=float(b.pos_sd[row]) / speed,
        severity=int(view.value(rule, "severity", volume.id)) if view.may_be_here(row) else CAUTION,
        reason=f"{who} {verb} {volume.name} at {clock(at_ns)}, {level(b.press_m[row])}{en}",
        reason_fr=f"{who} {verbe} {volume.name} à {clock(at_ns)}, {level(b.press_m[row])}{fr}",
    )  # fmt: skip


def _leave(view: View, row: int) -> tuple[str, str]:
    """Return what is said of its leave to be there; nothing where no plans or permits are known at all."""
    if view.may_be_here(row):
        return "", ""
    return "; no plan, no permit", " ; ni plan ni autorisation"


def _back(view: View, row: int, at_ns: int) -> tuple[float, float]:
    """Return where the track was at a time a moment ago, degrees."""
    b, dt = view.board, (at_ns - view.now_ns) * 1e-9
    lat, lon = view.where(row)
    north = float(np.nan_to_num(b.vn[row])) * dt / 111_200.0
    east = float(np.nan_to_num(b.ve[row])) * dt / (111_200.0 * max(0.01, math.cos(math.radians(lat))))
    return lat + north, (lon + east + 180.0) % 360.0 - 180.0


def find_approaches(view: View) -> list[Find]:
    """Return a find for each track that will enter a fence within the horizon: predicted place and time."""
    f, b = view.fences, view.board
    rule = RULES[2]
    of = f.near.volume
    ahead = f.wanted(rule)[of] & (f.entry_s > 0.0) & (f.entry_s <= f.horizon_s[of])
    finds = []
    for k in np.flatnonzero(ahead).tolist():
        row = int(view.rows[f.near.point[k]])
        volume, seconds = f.index.volumes[int(of[k])], float(f.entry_s[k])
        at_ns = view.now_ns + int(seconds * NS_PER_S)
        lat, lon = _back(view, row, at_ns)
        speed = max(5.0, float(np.hypot(b.ve[row], b.vn[row])))
        sd = float(np.hypot(b.pos_sd[row] / max(0.2, f.square[k]), b.vel_sd[row] * seconds)) / speed
        en, fr = _leave(view, row)
        who = view.name(row)
        finds.append(Find(
            rule=rule.name, area=volume.id, track_no=int(b.number[row]), predicted_ns=at_ns, predicted_sd_s=sd,
            lat_deg=lat, lon_deg=lon, severity=0 if view.may_be_here(row) else CAUTION,
            reason=f"{who} will enter {volume.name} at {clock(at_ns)} (sd {sd:.0f} s), {level(b.press_m[row])}{en}",
            reason_fr=f"{who} entrera dans {volume.name} à {clock(at_ns)} (σ {sd:.0f} s), {level(b.press_m[row])}{fr}",
        ))  # fmt: skip
    return finds


_OUT: Final = Param(name="out", usual=0.0, high=1.0, meaning="1: leaving is told as well")
RULES: Final = (
    Rule(
        name="border_crossing", title="Border crossed", title_fr="Frontière franchie", severity=INFORMATION,
        kinds=BORDER, find=find_crossed, clear_s=60.0, escalate_s=0.0,
        params=(
            _OUT,
            Param(name="most_sd_m", usual=300.0, high=1e5,
                  meaning="tracks of primary echoes alone that know their place worse than this are not told yet, m"),
        ),
        about="A track went into the state's airspace: place and time of entry, interpolated between two looks. "
        "A caution where it has neither plan nor permit.",
    ),
    Rule(
        name="adiz_crossing", title="ADIZ entered", title_fr="Entrée dans l'ADIZ", severity=INFORMATION, kinds=ADIZ,
        find=find_adiz, clear_s=60.0, escalate_s=0.0, params=(_OUT,),
        about="A track went into an air defence identification zone: place and time of entry.",
    ),
    Rule(
        name="border_approach", title="Border or ADIZ ahead", title_fr="Frontière ou ADIZ devant",
        severity=INFORMATION, kinds=BORDER | ADIZ, find=find_approaches, raise_s=5.0, clear_s=10.0, escalate_s=0.0,
        about="A track will enter within the horizon: predicted place and time with the uncertainty of the time.",
        params=(Param(name="horizon_s", usual=180.0, meaning="how far ahead it looks, s", low=10.0, high=900.0),),
    ),
)  # fmt: skip
