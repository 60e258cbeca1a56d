"""What the site file says of alerts, identity and terrain, as the steps take it; wrong names are told with place."""

from __future__ import annotations

import base64
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from vigie.earth.wgs84 import Floats
from vigie.identify.codes import CodeBook
from vigie.identify.evidence import WORDS, Policy
from vigie.sensors.places import Row
from vigie.sensors.policy import SOUNDS
from vigie.sensors.site import Site
from vigie.terms.errors import SiteError, UsageError
from vigie.terms.tables import CATEGORIES
from vigie.terms.units import M_PER_NMI
from vigie.watch.kernels.ground import NO_TERRAIN, Terrain
from vigie.watch.rule import Settings
from vigie.watch.rules import RULES
from vigie.watch.settings import setting_key, why_not

_UNKNOWN_M: Final = -32768
_RADIUS_NMI: Final = 200.0
_STEP_DEG: Final = 0.01
"""About a kilometre, the highest ground in each cell: what a warning of seconds ahead can use."""
_LIMITS: Final = ("pending_s", "friend", "assumed_friend", "neutral", "suspect", "margin", "civil")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a centre wants it: numbers of rules, words before reasons, sounds by rule, identification, codes to give."""

    settings: Settings
    texts: dict[str, tuple[str, str]]
    sounds: dict[str, int]
    identity: Policy
    codes: CodeBook


def wanted_of(site: Site, own_state: str = "") -> Wanted:
    """Return what a site file asks for; SiteError names every rule, parameter and evidence that is not known."""
    alerts, identity = (site.policy.get(name, Row("", {})) for name in ("alerts", "identity"))
    wrong: list[str] = []
    settings = _settings(alerts, wrong)
    names = {r.name for r in RULES}
    for key in ("texts", "sounds", "send_rules"):
        unknown = sorted(set(alerts.keys.get(key, ())) - names)
        wrong += [f"{alerts.where}: [alerts] {key}: no rule {name!r} is known." for name in unknown]
    keys = identity.keys
    where = f"{identity.where}: [identity]"
    strange = sorted(set(keys.get("categories", ())) - set(CATEGORIES))
    wrong += [f"{where} categories: {name!r} is none of {', '.join(CATEGORIES)}." for name in strange]
    unheard = sorted(set(keys.get("weights", ())) - WORDS.keys())
    wrong += [f"{where} weights: no evidence {name!r} is known." for name in unheard]
    if wrong:
        raise SiteError(wrong)
    used = frozenset(CATEGORIES.index(n) for n in keys["categories"]) if "categories" in keys else frozenset(range(7))
    policy = Policy(
        own_state=own_state, used=used, weights={k: float(v) for k, v in keys.get("weights", {}).items()},
        **{k: keys[k] for k in _LIMITS if k in keys},
    )  # fmt: skip
    return Wanted(
        settings=settings, identity=policy,
        texts={k: (v.get("en", v.get("fr", "")), v.get("fr", v.get("en", "")))
               for k, v in alerts.keys.get("texts", {}).items()},
        sounds={k: SOUNDS[v] for k, v in alerts.keys.get("sounds", {}).items()},
        codes=CodeBook(ranges=[(int(r[:4], 8), int(r[5:], 8)) for r in keys.get("codes", ())]),
    )  # fmt: skip


def _settings(alerts: Row, wrong: list[str]) -> Settings:
    out: Settings = {}
    asked = {f"{name}.on": 0.0 for name in alerts.keys.get("off", ())} | alerts.keys.get("parameters", {})
    for subject, value in asked.items():
        key = setting_key(RULES, subject)
        why = f"no parameter {subject!r} is known" if key is None else why_not(RULES, key, float(value))
        if why:
            wrong.append(f"{alerts.where}: [alerts] parameters {subject}: {why}.")
        elif key is not None:
            out[key] = float(value)
    return out


def terrain_of(site: Site) -> Terrain:
    """Return the ground of the operator's tiles round the centre; none where the site file names none.

    Raises
    ------
    SiteError
        Where the tiles cannot be read or lie elsewhere.
    """
    row = site.policy.get("terrain")
    if row is None:
        return NO_TERRAIN
    # GDAL is loaded only where there are tiles.
    from vigie.earth.tiles import load_terrain

    keys = row.keys
    high = keys.get("radius_nmi", _RADIUS_NMI) * M_PER_NMI / 111_000.0
    wide = high / max(math.cos(math.radians(site.lat_deg)), 0.05)
    step = keys.get("step_deg", _STEP_DEG)
    base = Path(site.file).parent if site.file else Path()
    try:
        found = load_terrain(
            base / keys["tiles"], south_deg=site.lat_deg - high, west_deg=site.lon_deg - wide,
            north_deg=site.lat_deg + high, east_deg=site.lon_deg + wide, undulation_m=0.0, step_deg=step,
        )  # fmt: skip
    except UsageError as why:
        raise SiteError([f"{row.where}: [terrain] tiles: {why}"]) from why
    heights: Floats = np.rint(found.heights.astype(np.float64))
    return Terrain(lat0_deg=found.south_deg, lon0_deg=found.west_deg, step_deg=step, heights_m=heights)


def terrain_text(terrain: Terrain) -> dict[str, Any]:
    """Return a ground as plain values, whole metres, so that a recording can carry it."""
    if terrain.heights_m.size == 0:
        return {}
    whole = np.where(np.isnan(terrain.heights_m), _UNKNOWN_M, terrain.heights_m).astype("<i2")
    return {
        "lat0_deg": terrain.lat0_deg, "lon0_deg": terrain.lon0_deg, "step_deg": terrain.step_deg,
        "shape": list(whole.shape), "heights": base64.b64encode(zlib.compress(whole.tobytes(), 9)).decode(),
    }  # fmt: skip


def terrain_from(held: dict[str, Any]) -> Terrain:
    """Return the ground that ``terrain_text`` told."""
    if not held:
        return NO_TERRAIN
    octets = zlib.decompress(base64.b64decode(held["heights"]))
    whole = np.frombuffer(octets, "<i2").reshape(held["shape"]).astype(np.float64)
    whole[whole == _UNKNOWN_M] = np.nan
    return Terrain(lat0_deg=held["lat0_deg"], lon0_deg=held["lon0_deg"], step_deg=held["step_deg"], heights_m=whole)
