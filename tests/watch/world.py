"""A small sky for tests of the watch: tracks by a few words, stepped tick by tick."""

from __future__ import annotations

from typing import Any

import numpy as np

from vigie.airspace.volume import Volume
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.batch import Act
from vigie.terms.tables import HEALTH, IDENTITY, PLOT, TRACK, Rows
from vigie.watch.watch import Ground, Watch

S = 1_000_000_000
START = 1_764_000_000 * S
SQUARE = ((2.0, 13.0), (2.0, 14.0), (3.0, 14.0), (3.0, 13.0))


def radar(**more: Any) -> Sensor:
    given = {**sensor_defaults("radar"), **more}
    return Sensor(id=1, name="Radar", kind="radar", lat_deg=13.5, lon_deg=2.5, height_m=250.0, **given)


def site(*sensors: Sensor) -> Site:
    return make_site(name="Test", lat_deg=13.5, lon_deg=2.5, sensors=sensors or (radar(),))


def square(kind: str = "R", **more: Any) -> Volume:
    return Volume(**{"id": "SQ", "name": "Square", "kind": kind, "rings": (SQUARE,), **more})


def track(no: int, lat: float, lon: float, *, kt: float = 300.0, to_deg: float = 90.0, fl: float = 100.0, **more: Any):
    return {"no": no, "lat": lat, "lon": lon, "kt": kt, "to_deg": to_deg, "fl": fl, **more}


class Sky:
    """Flies its tracks straight on and steps a watch; ``rows`` are all ALERT rows so far."""

    def __init__(self, ground: Ground | None = None, *, where: Site | None = None, **more: Any) -> None:
        self.watch = Watch(where or site(), ground, **more)
        self.now_ns = START
        self.tracks: list[dict[str, Any]] = []
        self.rows: list[np.void] = []
        self.health = HEALTH.empty()
        self.acts: list[Act] = []
        self.plots: Rows = PLOT.empty()
        self.identities: Rows = IDENTITY.empty()
        self.events: tuple[Any, ...] = ()
        self.cells: tuple[Any, ...] = ()

    def act(self, name: str, subject: str, value: str = "", reason: str = "") -> None:
        self.acts.append(Act(seq=1, rx_ns=self.now_ns, who="ana", role="supervisor", origin="test", act=name,
                             subject=subject, value=value, reason=reason))  # fmt: skip

    def fly(self, seconds: float) -> None:
        ticks = round(seconds * 10)
        # Two ticks a second show all that ten do, where whole halves are asked for.
        step = 5 if ticks % 5 == 0 and self.now_ns % (S // 2) == 0 else 1
        for _ in range(ticks // step):
            self.now_ns += step * S // 10
            rows = TRACK.empty()
            if self.now_ns % S == 0:
                rows = self._rows()
            out = self.watch.step(
                rows, self.identities, self.plots, self.health, tuple(self.acts), self.now_ns, cells=self.cells,
                events=self.events,
            )  # fmt: skip
            self.acts, self.plots, self.identities, self.events = [], PLOT.empty(), IDENTITY.empty(), ()
            self.rows += list(out)

    def _rows(self) -> Rows:
        rows = TRACK.empty(len(self.tracks))
        for row, t in zip(rows, self.tracks, strict=True):
            u = t["kt"] * 1852 / 3600 * np.sin(np.radians(t["to_deg"]))
            v = t["kt"] * 1852 / 3600 * np.cos(np.radians(t["to_deg"]))
            if not t.get("stopped"):
                t["lat"] += v / 111_000.0
                t["lon"] += u / (111_320.0 * np.cos(np.radians(t["lat"])))
                t["fl"] += t.get("climb", 0.0) / 30.48
                t["toa"] = self.now_ns
            row["now_ns"], row["track_no"], row["status"] = self.now_ns, t["no"], t.get("status", 2)
            row["toa_ns"] = t.get("toa", self.now_ns)
            row["lat_deg"], row["lon_deg"] = t["lat"], t["lon"]
            row["v_east_mps"], row["v_north_mps"], row["climb_mps"], row["turn_radps"] = u, v, t.get("climb", 0.0), 0.0
            row["press_alt_m"] = t["fl"] * 30.48
            row["geo_alt_m"] = t.get("geo_m", t["fl"] * 30.48)
            row["pos_major_m"], row["vel_sd_mps"] = t.get("sd", 50.0), 1.0
            row["mode3a"], row["icao24"] = t.get("code", 0o1234), t.get("icao24", 0)
            row["callsign"], row["flags"] = t.get("callsign", f"T{t['no']}").encode(), t.get("flags", 0)
            row["sensors"] = t.get("sensors", 2)
        return rows

    def of(self, rule: str) -> list[np.void]:
        """All rows of one rule."""
        return [row for row in self.rows if row["rule"] == rule.encode()]

    def raised(self) -> list[tuple[str, str, int, int]]:
        """Rule, area and tracks of every alert ever raised, in order."""
        seen: dict[int, tuple[str, str, int, int]] = {}
        for row in self.rows:
            key = (row["rule"].decode(), row["area"].decode(), int(row["track_no"]), int(row["other_no"]))
            seen.setdefault(int(row["alert_no"]), key)
        return list(seen.values())

    def last(self, rule: str) -> np.void:
        return self.of(rule)[-1]


def health(state: int, sensor_id: int = 1) -> Rows:
    rows = HEALTH.empty(1)
    rows["sensor_id"], rows["state"] = sensor_id, state
    return rows
