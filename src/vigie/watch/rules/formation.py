"""Formation split: aircraft that flew together part."""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.units import NS_PER_S
from vigie.watch.kernels.pairs import Cells
from vigie.watch.rule import CAUTION, Find, Param, Rule
from vigie.watch.view import View, distance_m
from vigie.watch.words import miles


def find_splits(view: View) -> list[Find]:
    """Return a find for each pair that flew together long enough and has parted; looked at once a second."""
    b, rule = view.board, RULES[0]
    together: dict[tuple[int, int], tuple[int, int]] = view.notes.setdefault("together", {})
    n = b.used
    everyone = np.flatnonzero(b.known())
    if everyone.size < 2 and not together:
        return []
    flying = b.known() & (np.hypot(b.ve[:n], b.vn[:n]) > view.value(rule, "least_speed_mps"))
    cells = view.notes.setdefault("formations", Cells())
    cells.sort(everyone, flying, b.lat[:n], b.lon[:n], b.amsl_m[:n], b.ve[:n], b.vn[:n], b.climb[:n],
               np.zeros(n, bool), 0.0)  # fmt: skip
    pair, _ = cells.search(
        everyone, flying, b.lat[:n], b.lon[:n], b.amsl_m[:n], b.other_amsl_m[:n], np.zeros(n, bool), b.ve[:n], b.vn[:n],
        b.climb[:n], horizontal_m=view.value(rule, "together_m"), vertical_m=300.0, horizon_s=0.5, most_climb=0.0,
    )  # fmt: skip
    now_near = set()
    for i, j in pair.tolist():
        same = np.hypot(b.ve[i] - b.ve[j], b.vn[i] - b.vn[j]) < view.value(rule, "same_mps")
        key = (int(min(b.number[i], b.number[j])), int(max(b.number[i], b.number[j])))
        if same or key in together:
            first, _ = together.get(key, (view.now_ns, view.now_ns))
            together[key] = (first, view.now_ns)
            now_near.add(key)
    finds = []
    for key in sorted(together):
        first, last = together[key]
        if key in now_near:
            continue
        rows = b.at(np.array(key)).tolist()
        long_enough = last - first >= view.value(rule, "for_s") * NS_PER_S
        if min(rows) < 0 or not long_enough or view.now_ns - last > 300 * NS_PER_S:
            del together[key]
            continue
        apart = float(distance_m(b.lat[rows[:1]], b.lon[rows[:1]], b.lat[rows[1]], b.lon[rows[1]])[0])
        if apart < view.value(rule, "apart_m"):
            continue
        lat, lon = view.where(rows[0])
        who = f"{view.name(rows[0])}, {view.name(rows[1])}"
        finds.append(Find(
            rule="formation_split", track_no=key[0], other_no=key[1], lat_deg=lat, lon_deg=lon, at_once=True,
            reason=f"{who} flew together and part, {miles(apart)}",
            reason_fr=f"{who} volaient ensemble et se séparent, {miles(apart)}",
        ))  # fmt: skip
        del together[key]
    return finds


RULES: Final = (
    Rule(
        name="formation_split", title="Formation splits", title_fr="La formation se sépare", severity=CAUTION,
        find=find_splits, when="second", raise_s=0.0, clear_s=60.0, about="Two tracks flew together and have parted.",
        params=(
            Param(name="together_m", usual=2_500.0, meaning="together: nearer than this, m", high=20_000.0),
            Param(name="same_mps", usual=15.0, meaning="together: velocities differ less than this, m/s", high=100.0),
            Param(name="for_s", usual=60.0, meaning="together: so long, s", high=3600.0),
            Param(name="apart_m", usual=5_000.0, meaning="parted: farther than this, m", high=50_000.0),
            Param(name="least_speed_mps", usual=40.0, meaning="slower tracks are left out, m/s", high=200.0),
        ),
    ),
)  # fmt: skip
