"""Scenarios of any seed, after the descriptions of the saved ones, through the tracker: no figure may hang on one seed.

usage: python bench/track_seeds.py [NAME ...] [--seeds 2 3 4] [--data ../shared/data/scenarios]
Each line is one seed: the figures of the judge, and which gates of the saved scenario hold. The generator is another
one than that of the saved scenarios: figures are near theirs, never the same.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from track_scenarios import GATES, SHOWN, feed, scorer
from vigie.sensors.measure import sensor_frame
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.tables import PLOT, TRACK, TRUTH, Rows
from vigie.terms.units import M_PER_NMI, RAD_PER_DEG
from vigie.track.tracker import Tracker

Floats = npt.NDArray[np.float64]
T0 = 1_793_000_000_000_000_000
STEP = 0.5
AIR = 1.045  # warm air: heights are that much above pressure altitudes
LAT, LON = 13.48, 2.17


@dataclass
class Flight:
    """One true path, every half second, and what its transponder says."""

    t: Floats
    lat: Floats
    lon: Floats
    alt: Floats
    ve: Floats
    vn: Floats
    climb: Floats
    code: int = 65535
    icao: int = 0
    press: bool = True
    primary: bool = False


def fly(rng: np.random.Generator, seconds: float, e: float, n: float, speed: float, heading: float, alt: float, *,
        turns: list[tuple[float, float, float]] | None = None, climbs: list[tuple[float, float, float]] | None = None,
        accels: list[tuple[float, float, float]] | None = None, lat0: float = LAT, lon0: float = LON,
        **more: Any) -> Flight:  # fmt: skip
    """Integrate a path: ``turns`` (start s, length s, deg/s), ``climbs`` (m/s), ``accels`` (m/s2)."""
    t = np.arange(0.0, seconds + STEP / 2, STEP)
    w, c, a = np.zeros(t.size), np.zeros(t.size), np.zeros(t.size)
    for series, parts in ((w, turns), (c, climbs), (a, accels)):
        for start, length, rate in parts or []:
            series[(t >= start) & (t < start + length)] = rate
    head = heading + np.cumsum(np.radians(w)) * STEP
    v = np.clip(speed + np.cumsum(a) * STEP, 20.0, 650.0)
    alt_t = np.clip(alt + np.cumsum(c) * STEP, 230.0, 13000.0)
    ve, vn = v * np.sin(head), v * np.cos(head)
    # the mean of the speeds at both ends moves it, on the ellipsoid at its height
    mean_e, mean_n = (np.concatenate([[0.0], 0.5 * (x[1:] + x[:-1]) * STEP]) for x in (ve, vn))
    lat = lat0 + np.degrees((n + np.cumsum(mean_n)) / 6.34e6)
    for _ in range(2):
        w = 1 - 0.0066943799901413165 * np.sin(np.radians(lat)) ** 2
        meridian, normal = 6335439.327 / w**1.5, 6378137.0 / np.sqrt(w)
        lat = lat0 + np.degrees(n / 6.34e6 + np.cumsum(mean_n / (meridian + alt_t)))
    cosine = (normal + alt_t) * np.cos(np.radians(lat))
    lon = lon0 + np.degrees(e / cosine[0] + np.cumsum(mean_e / cosine))
    return Flight(t=t, lat=lat, lon=lon, alt=alt_t, ve=ve, vn=vn, climb=c, **more)


def at(f: Flight, t: Floats) -> tuple[Floats, Floats, Floats]:
    return np.interp(t, f.t, f.lat), np.interp(t, f.t, f.lon), np.interp(t, f.t, f.alt)


def ecef(lat: Floats, lon: Floats, h: Floats) -> Floats:
    la, lo = np.radians(lat), np.radians(lon)
    n = 6378137.0 / np.sqrt(1 - 0.0066943799901413165 * np.sin(la) ** 2)
    return np.stack([(n + h) * np.cos(la) * np.cos(lo), (n + h) * np.cos(la) * np.sin(lo),
                     (n * (1 - 0.0066943799901413165) + h) * np.sin(la)], -1)  # fmt: skip


def slant(frame: Floats, p: Floats) -> tuple[Floats, Floats]:
    d = p - frame[:3]
    return np.linalg.norm(d, axis=1), np.arctan2(d @ frame[3:6], d @ frame[6:9]) % (2 * np.pi)


def radar_plots(rng: np.random.Generator, s: Sensor, flights: list[Flight], seconds: float, *, kind: int = 3,
                bias: tuple[float, float, float] = (0.0, 0.0, 0.0), height_share: float = 0.94) -> Rows:  # fmt: skip
    """Plots of one turning radar: each at the moment the antenna points there, quantised as ASTERIX does."""
    frame = sensor_frame(s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG, s.height_m)
    phase = rng.random() * s.period_s
    parts = []
    for f in flights:
        t = phase + s.period_s * np.arange(-1, math.ceil(seconds / s.period_s) + 1)
        base = t.copy()
        for _ in range(3):
            r, az = slant(frame, ecef(*at(f, t)))
            t = base + az / (2 * np.pi) * s.period_s
        again, az = slant(frame, ecef(*at(f, t)))
        _, _, h = at(f, t)
        seen = (t > 0) & (t < seconds) & (r < s.max_range_m) & (rng.random(t.size) < s.detection_probability)
        seen &= np.abs(base + az / (2 * np.pi) * s.period_s - t) < 0.02  # not two solutions of one turn across north
        r = again
        seen &= r < 4120.0 * (np.sqrt(h) + math.sqrt(max(s.height_m, 10.0)))
        t, r, az, h = t[seen], r[seen], az[seen], h[seen]
        rows = PLOT.empty(t.size)
        rows["range_m"] = r + rng.normal(0, s.range_sd_m, t.size) + bias[0]
        rows["azimuth_rad"] = az + rng.normal(0, s.azimuth_sd_rad, t.size) + bias[1]
        rows["kind"] = kind if not f.primary else 1
        if not f.primary:
            rows["mode3a"] = np.where(rng.random(t.size) < 0.97, f.code, 65535)
            rows["icao24"] = f.icao if kind == 4 else 0
            told = f.press & (rng.random(t.size) < height_share)
            rows["press_alt_m"] = np.where(told, np.round(h / AIR / 7.62) * 7.62, np.nan)
        rows["toa_ns"] = np.round((t + bias[2]) * 128) * (1e9 / 128)
        rows["rx_ns"] = (t + rng.uniform(0.25, 0.75, t.size)) * 1e9
        parts.append(rows)
    return np.concatenate(parts)


def clutter(rng: np.random.Generator, s: Sensor, seconds: float, per_turn: int, *, kind: int = 1, coded: float = 0.0,
            patches: float = 0.0, weather: float = 0.0) -> Rows:  # fmt: skip
    """False plots: uniform over the cover, a share on ground patches, a share in two moving weather cells."""
    n = rng.poisson(per_turn * seconds / s.period_s)
    rows = PLOT.empty(n)
    t = np.sort(rng.random(n) * seconds)
    e, u = s.max_range_m * np.sqrt(rng.random(n)), 2 * np.pi * rng.random(n)
    x, y = e * np.sin(u), e * np.cos(u)
    which = rng.random(n)
    spots = rng.uniform(-0.6, 0.6, (12, 2)) * s.max_range_m
    k = rng.integers(0, 12, n)
    ground = which < patches
    x[ground], y[ground] = (spots[k] + rng.normal(0, 1500, (n, 2)))[ground].T
    cells, drift = rng.uniform(-0.6, 0.6, (2, 2)) * s.max_range_m, rng.uniform(-20, 20, (2, 2))
    wet = (which >= patches) & (which < patches + weather)
    k = rng.integers(0, 2, n)
    x[wet], y[wet] = (cells[k] + drift[k] * t[:, None] + rng.normal(0, 4000, (n, 2)))[wet].T
    rows["range_m"], rows["azimuth_rad"] = np.hypot(x, y) + 100.0, np.arctan2(x, y) % (2 * np.pi)
    t = (np.floor(t / s.period_s) + rows["azimuth_rad"] / (2 * np.pi)) * s.period_s
    rows["kind"] = kind
    some = rng.random(n) < coded
    rows["mode3a"] = np.where(some, rng.integers(0, 4096, n), 65535)
    rows["press_alt_m"] = np.where(some, rng.uniform(0, 12000, n), np.nan)
    rows["toa_ns"] = t * 1e9
    rows["rx_ns"] = (t + rng.uniform(0.25, 0.75, n)) * 1e9
    return rows


def adsb_plots(rng: np.random.Generator, s: Sensor, flights: list[Flight], seconds: float) -> Rows:
    parts = []
    for f in flights:
        t = rng.random() + np.arange(0.0, seconds - 1.0) + rng.uniform(-0.1, 0.1, math.ceil(seconds - 1.0))
        t = t[(rng.random(t.size) < s.detection_probability) & (t > f.t[0]) & (t < f.t[-1])]
        lat, lon, alt = at(f, t)
        sd = rng.uniform(15, 30)
        rows = PLOT.empty(t.size)
        rows["lat_deg"] = lat + np.degrees(rng.normal(0, sd, t.size) / 6_345_000.0)
        rows["lon_deg"] = lon + np.degrees(rng.normal(0, sd, t.size) / (6_379_000.0 * np.cos(np.radians(lat))))
        rows["lon_deg"] = (rows["lon_deg"] + 180.0) % 360.0 - 180.0
        rows["geo_alt_m"], rows["press_alt_m"] = alt + rng.normal(0, 8, t.size), np.round(alt / AIR / 7.62) * 7.62
        rows["v_east_mps"] = np.interp(t, f.t, f.ve) + rng.normal(0, 0.7, t.size)
        rows["v_north_mps"] = np.interp(t, f.t, f.vn) + rng.normal(0, 0.7, t.size)
        rows["pos_sd_m"], rows["icao24"], rows["kind"] = sd, f.icao, 5
        rows["toa_ns"], rows["rx_ns"] = np.round(t * 128) * (1e9 / 128), (t + rng.uniform(0.1, 0.4, t.size)) * 1e9
        parts.append(rows)
    return np.concatenate(parts)


def make(kind: str, number: int, **keys: Any) -> Sensor:
    base = sensor_defaults(kind) | {"lat_deg": LAT, "lon_deg": LON, "height_m": 240.0} | keys
    for key, name, factor in (("max_range_nmi", "max_range_m", M_PER_NMI), ("azimuth_sd_deg", "azimuth_sd_rad",
                              RAD_PER_DEG)):  # fmt: skip
        if key in base:
            base[name] = base.pop(key) * factor
    return Sensor(id=number, name=f"S{number}", kind=kind, **base)


def traffic(rng: np.random.Generator, n: int, seconds: float, radius: float, *, adsb: float = 0.0, uncoded: float = 0.0,
            lat0: float = LAT, lon0: float = LON) -> list[Flight]:  # fmt: skip
    """Airliners: straight or up to three turns of 1-3 deg/s, a fifth climbs, a tenth wears 2000."""
    out = []
    for k in range(n):
        r, a = radius * rng.uniform(0.05, 1.0), 2 * math.pi * rng.random()
        turns = [(rng.uniform(20, seconds - 60), rng.uniform(25, 70), rng.uniform(1, 3) * rng.choice([-1, 1]))
                 for _ in range(rng.integers(1, 4) if rng.random() < 0.5 else 0)]  # fmt: skip
        climbs = [(rng.uniform(0, seconds / 2), 100.0, rng.uniform(-12, 12))] if rng.random() < 0.2 else []
        code = 65535 if rng.random() < uncoded else 1024 if rng.random() < 0.1 else int(rng.integers(1, 4096))
        icao = 0x380000 + k if rng.random() < adsb else 0
        out.append(fly(rng, seconds, r * math.sin(a), r * math.cos(a), rng.uniform(120, 250), 2 * math.pi *
                       rng.random(), rng.uniform(3000, 12000), turns=turns, climbs=climbs, lat0=lat0, lon0=lon0,
                       code=code, icao=icao))  # fmt: skip
    return out


World = tuple[tuple[Sensor, ...], list[Flight], list[Rows]]


def crossing(rng: np.random.Generator) -> World:
    seconds, radar = 360.0, make("radar", 1, range_sd_m=50.0, azimuth_sd_deg=0.08, max_range_nmi=120.0)
    flights = traffic(rng, 30, seconds, 150e3, uncoded=0.33)
    for _ in range(15):  # pairs that meet
        r, a, t = 120e3 * rng.uniform(0.1, 1.0), 2 * math.pi * rng.random(), rng.uniform(80, 280)
        x, y, alt, h0 = r * math.sin(a), r * math.cos(a), rng.uniform(4000, 11500), 2 * math.pi * rng.random()
        for side in (0.0, rng.uniform(0.2, 2.8)):
            v = rng.uniform(130, 245)
            code = 65535 if rng.random() < 0.33 else 1024 if rng.random() < 0.1 else int(rng.integers(1, 4096))
            e, n = x - v * t * math.sin(h0 + side), y - v * t * math.cos(h0 + side)
            flights.append(fly(rng, seconds, e, n, v, h0 + side, alt, code=code))
    return (radar,), flights, [radar_plots(rng, radar, flights, seconds, kind=2),
                               clutter(rng, radar, seconds, 50, kind=2, coded=0.4)]  # fmt: skip


def two_radars(rng: np.random.Generator, n: int, seconds: float, biases: list[tuple[float, float, float]], adsb: float,
               false: int, modes: bool) -> World:  # fmt: skip
    r1 = make("radar", 1, range_sd_m=50.0, azimuth_sd_deg=0.08, max_range_nmi=150.0)
    r2 = make("radar", 2, range_sd_m=50.0, azimuth_sd_deg=0.08, max_range_nmi=150.0, period_s=5.0, lat_deg=13.05,
              lon_deg=3.19)  # fmt: skip
    ads = make("adsb", 3, detection_probability=0.95, max_range_nmi=250.0)
    flights = traffic(rng, n, seconds, 220e3, adsb=adsb)
    parts = [adsb_plots(rng, ads, [f for f in flights if f.icao], seconds)]
    for s, bias in zip((r1, r2), biases, strict=True):
        parts.append(radar_plots(rng, s, flights, seconds, kind=4 if modes and s.id == 2 else 3, bias=bias))
        parts.append(clutter(rng, s, seconds, false))
    for rows, s in zip(parts, (3, 1, 1, 2, 2), strict=True):
        rows["sensor_id"] = s
    return (r1, r2, ads), flights, parts


def dense(rng: np.random.Generator) -> World:
    sign = rng.choice([-1, 1])
    a, b = math.radians(rng.uniform(0.1, 0.2)), math.radians(rng.uniform(0.1, 0.2))
    return two_radars(rng, 500, 240.0, [(sign * rng.uniform(40, 80), -sign * a, 0.0),
                                        (-sign * rng.uniform(40, 80), sign * b, 0.0)], 0.5, 150, False)  # fmt: skip


def late(rng: np.random.Generator) -> World:
    sensors, flights, parts = two_radars(rng, 100, 300.0, [(0.0, 0.0, 0.0), (0.0, 0.0, 1.2)], 0.33, 40, True)
    for k, rows in enumerate(parts):
        behind = rng.random(len(rows)) < 0.1
        rows["rx_ns"][behind] += (rng.uniform(1, 6, int(behind.sum())) * 1e9).astype(np.int64)
        again = rows[rng.random(len(rows)) < 0.02]
        again["rx_ns"] += (rng.uniform(0.05, 2, len(again)) * 1e9).astype(np.int64)
        parts[k] = np.concatenate([rows, again])
    return sensors, flights, parts


def midnight(rng: np.random.Generator, lat: float = LAT, lon: float = LON) -> World:
    seconds, place = 360.0, {"lat_deg": lat, "lon_deg": lon}
    radar = make("radar", 1, range_sd_m=50.0, azimuth_sd_deg=0.08, max_range_nmi=120.0, **place)
    ads = make("adsb", 2, detection_probability=0.95, max_range_nmi=250.0, **place)
    flights = traffic(rng, 80, seconds, 155e3, adsb=0.5, uncoded=0.12, lat0=lat, lon0=lon)
    parts = [radar_plots(rng, radar, flights, seconds), clutter(rng, radar, seconds, 50)]
    told = adsb_plots(rng, ads, [f for f in flights if f.icao], seconds)
    told["sensor_id"] = 2
    return (radar, ads), flights, [*parts, told]


def antimeridian(rng: np.random.Generator) -> World:
    return midnight(rng, -17.0, 179.9)


def primary(rng: np.random.Generator) -> World:
    seconds = 400.0
    radar = make("radar", 1, range_sd_m=80.0, azimuth_sd_deg=0.15, max_range_nmi=60.0, detection_probability=0.8)
    flights = []

    def one(e: float, n: float, v: float, h: float, alt: float, turns: list[tuple[float, float, float]]) -> None:
        flights.append(fly(rng, seconds, e, n, v, h, alt, turns=turns, primary=True))

    def start(radius: float) -> tuple[float, float, float]:
        r, a = radius * math.sqrt(rng.uniform(0.1, 1)), 2 * math.pi * rng.random()
        return r * math.sin(a), r * math.cos(a), a + math.pi + rng.uniform(-1.0, 1.0)

    for k in range(30):
        slow = k < 5
        e, n, h = start(40e3 if slow else 90e3)
        turns = [(rng.uniform(50, 300), rng.uniform(20, 60), rng.uniform(0.5, 3) * rng.choice([-1, 1]))
                 for _ in range(rng.integers(0, 3))]  # fmt: skip
        one(e, n, rng.uniform(25, 60) if slow else rng.uniform(100, 225), h,
            rng.uniform(590, 900) if slow else rng.uniform(3000, 9800), turns)  # fmt: skip
    for _ in range(5):  # formations
        e, n, h = start(80e3)
        v, alt = rng.uniform(120, 220), rng.uniform(3000, 9000)
        gap, a = rng.uniform(1000, 2000), 2 * math.pi * rng.random()
        turns = [(rng.uniform(50, 300), rng.uniform(20, 60), rng.uniform(0.5, 2) * rng.choice([-1, 1]))]
        one(e, n, v, h, alt, turns)
        one(e + gap * math.sin(a), n + gap * math.cos(a), v, h, alt, turns)
    return (radar,), flights, [radar_plots(rng, radar, flights, seconds),
                               clutter(rng, radar, seconds, 400, patches=0.35, weather=0.2)]  # fmt: skip


def fast(rng: np.random.Generator) -> World:
    seconds = 300.0
    r1 = make("radar", 1, range_sd_m=50.0, azimuth_sd_deg=0.08, max_range_nmi=150.0)
    r2 = make("radar", 2, range_sd_m=80.0, azimuth_sd_deg=0.1, max_range_nmi=200.0, period_s=10.0, lat_deg=14.21,
              lon_deg=1.45, height_m=300.0, detection_probability=0.85)  # fmt: skip
    flights = []
    for k in range(20):
        r, a, v = rng.uniform(25e3, 135e3), 2 * math.pi * rng.random(), rng.uniform(250, 600)
        turns = [(rng.uniform(15, 280), rng.uniform(8, 25), math.degrees(rng.uniform(3, 7) * 9.81 / v) *
                  rng.choice([-1, 1])) for _ in range(rng.integers(2, 6))]  # fmt: skip
        climbs = [(rng.uniform(0, 250), rng.uniform(10, 40), rng.uniform(-150, 220)) for _ in range(2)]
        accels = [(rng.uniform(0, 250), rng.uniform(8, 25), rng.uniform(-7.6, 7.6))]
        flights.append(fly(rng, seconds, r * math.sin(a), r * math.cos(a), v, a + math.pi + rng.uniform(-1, 1),
                           rng.uniform(1700, 11000), turns=turns, climbs=climbs, accels=accels,
                           code=int(rng.integers(1, 4096)), primary=k < 8))  # fmt: skip
    parts = []
    for s in (r1, r2):
        for rows in (radar_plots(rng, s, flights, seconds), clutter(rng, s, seconds, 30)):
            rows["sensor_id"] = s.id
            parts.append(rows)
    return (r1, r2), flights, parts


def bearing(rng: np.random.Generator) -> World:
    seconds = 480.0
    grid = [(x, y) for x in np.linspace(-14.5e3, 17e3, 6) for y in np.linspace(-9.4e3, 9.2e3, 4)]
    outside = [(-27e3, -9e3), (-27e3, 3e3), (29e3, -6e3), (29e3, 7e3), (-4e3, 21e3), (8e3, -21e3)]
    places = np.array(grid + outside) + rng.uniform(-600, 600, (30, 2))
    posts = []
    for k, (e, n) in enumerate(places):
        lat = LAT + math.degrees(n / 6_345_000.0)
        lon = LON + math.degrees(e / (6_379_000.0 * math.cos(math.radians(LAT))))
        reach = rng.uniform(5000, 8000) / M_PER_NMI
        posts.append(make("acoustic" if k % 3 else "observer", k + 1, lat_deg=lat, lon_deg=lon, height_m=220.0,
                          azimuth_sd_deg=rng.uniform(3, 8), max_range_nmi=reach, detection_probability=0.8,
                          period_s=2.0))  # fmt: skip
    ads = make("adsb", 31, detection_probability=0.95, max_range_nmi=250.0)
    flights = []
    frames = [sensor_frame(s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG, s.height_m) for s in posts]
    while len(flights) < 12:
        turns = [(rng.uniform(20, 440), rng.uniform(23, 55), rng.uniform(1, 3.6) * rng.choice([-1, 1]))
                 for _ in range(rng.integers(0, 6))]  # fmt: skip
        f = fly(rng, seconds, rng.uniform(-16e3, 18e3), rng.uniform(-11e3, 11e3), rng.uniform(23, 65),
                rng.uniform(0, 2 * math.pi), rng.uniform(280, 460), turns=turns)  # fmt: skip
        p = ecef(f.lat, f.lon, f.alt)
        heard = sum((slant(x, p)[0] < s.max_range_m).astype(int) for x, s in zip(frames, posts, strict=True))
        if np.mean(heard >= 2) > 0.93:
            flights.append(f)
    other = fly(rng, seconds, -20e3, 5e3, 110.0, 1.4, 3000.0, icao=0x123456)
    parts = [adsb_plots(rng, ads, [other], seconds)]
    parts[0]["sensor_id"] = 31
    for s, frame in zip(posts, frames, strict=True):
        t = rng.random() * 2.0 + 2.0 * np.arange(int(seconds / 2) - 1)
        azimuths, times = [], []
        for f in flights:
            r, az = slant(frame, ecef(*at(f, t)))
            heard = (r < s.max_range_m) & (rng.random(t.size) < 0.8)
            azimuths.append(az[heard] + rng.normal(0, s.azimuth_sd_rad, int(heard.sum())))
            times.append(t[heard])
        false = rng.random(t.size) < 0.06
        azimuths.append(2 * np.pi * rng.random(int(false.sum())))
        times.append(t[false])
        when = np.concatenate(times)
        rows = PLOT.empty(when.size)
        rows["azimuth_rad"] = np.concatenate(azimuths) % (2 * np.pi)
        rows["azimuth_sd_rad"], rows["kind"], rows["sensor_id"] = s.azimuth_sd_rad, 8, s.id
        rows["toa_ns"], rows["rx_ns"] = when * 1e9, (when + rng.uniform(0.3, 1.0, when.size)) * 1e9
        parts.append(rows)
    return (*posts, ads), [*flights, other], parts


WORLDS: dict[str, Callable[[np.random.Generator], World]] = {
    "cross": crossing, "dense": dense, "late": late, "midnight": midnight, "antimeridian": antimeridian,
    "primary": primary, "fast": fast, "bearing": bearing,
}  # fmt: skip


def scenario(name: str, seed: int) -> tuple[Any, Rows, Rows]:
    """Return the site, the plots sorted by receive time, and the truth of one scenario."""
    rng = np.random.default_rng([seed, sum(name.encode())])
    sensors, flights, parts = WORLDS[name](rng)
    for rows in parts:
        rows["sensor_id"][rows["sensor_id"] == 0] = 1
        rows["azimuth_rad"] = np.where(np.isfinite(rows["range_m"]) & np.isfinite(rows["azimuth_rad"]),
                                       np.round(rows["azimuth_rad"] % (2 * np.pi) / (2 * np.pi) * 65536) % 65536
                                       * (2 * np.pi / 65536), rows["azimuth_rad"])  # fmt: skip
        rows["range_m"] = np.round(rows["range_m"] / (M_PER_NMI / 256)) * (M_PER_NMI / 256)
        rows["toa_ns"] += T0
        rows["rx_ns"] += T0
    plots = np.concatenate(parts)
    truth = []
    for k, f in enumerate(flights):
        every = slice(None, None, 2)
        rows = TRUTH.empty(len(f.t[every]))
        rows["t_ns"], rows["target_id"] = T0 + (f.t[every] * 1e9).astype(np.int64), k + 1
        rows["lat_deg"], rows["lon_deg"], rows["geo_alt_m"] = f.lat[every], f.lon[every], f.alt[every]
        rows["lon_deg"] = (rows["lon_deg"] + 180.0) % 360.0 - 180.0
        rows["v_east_mps"], rows["v_north_mps"], rows["climb_mps"] = f.ve[every], f.vn[every], f.climb[every]
        seen = np.ones(len(rows), bool)
        if name == "bearing" and not f.icao:  # judged while at least two posts can hear it, as in the saved one
            p, heard = ecef(f.lat[every], f.lon[every], f.alt[every]), np.zeros(len(rows))
            for s in sensors[:-1]:
                frame = sensor_frame(s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG, s.height_m)
                heard += slant(frame, p)[0] < s.max_range_m
            seen = heard >= 2
        elif name != "bearing":
            p = ecef(f.lat[every], f.lon[every], f.alt[every])
            seen = np.zeros(len(rows), bool)
            for s in sensors:
                frame = sensor_frame(s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG, s.height_m)
                seen |= (slant(frame, p)[0] < s.max_range_m) & ((s.kind == "radar") | (f.icao != 0))
        truth.append(rows[seen])
    site = make_site(name=name, lat_deg=sensors[0].lat_deg, lon_deg=sensors[0].lon_deg, sensors=sensors)
    return site, plots[np.argsort(plots["rx_ns"], kind="stable")], np.concatenate(truth)


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__, epilog="example: python bench/track_seeds.py cross --seeds 2 3")
    p.add_argument("names", nargs="*")
    p.add_argument("--seeds", type=int, nargs="*", default=[2, 3, 4])
    p.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data" / "scenarios")
    z = p.parse_args()
    score = scorer(z.data)
    folder = Path(tempfile.mkdtemp())
    for name in z.names or list(WORLDS):
        for seed in z.seeds:
            site, plots, truth = scenario(name, seed)
            tracker = Tracker(site)
            rows = feed(plots, tracker)
            pq.write_table(TRACK.to_arrow(rows), folder / "tracks.parquet")
            pq.write_table(TRUTH.to_arrow(truth), folder / "truth.parquet")
            for gate in [g for g, v in GATES.items() if v[0].split("/")[-1] == name]:
                _, skip, gates, _ = GATES[gate]
                r = score.score(str(folder / "tracks.parquet"), str(folder / "truth.parquet"), skip=float(skip))
                held = all(r[k.lstrip(">")] >= v if k[0] == ">" else r[k] <= v for k, v in gates.items())
                held = held and 0.8 <= r["anees_median"] <= 1.3 and r["anees"] <= 2.0
                print(f"{gate:12} seed {seed} {'held  ' if held else 'MISSED'} "
                      + " ".join(f"{k}={r[k]:.4g}" for k in SHOWN), flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
