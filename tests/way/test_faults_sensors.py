"""Rows F45 to F49 of the fault catalogue through the whole chain, fresh values from a seed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from vigie.app.pipeline import Outputs, State, step_plots
from vigie.earth.wgs84 import ecef_to_enu, enu_to_slant, geodetic_to_ecef
from vigie.sensors.site import Sensor, make_site, sensor_defaults
from vigie.terms.tables import PLOT, TRACK_CONFIRMED, Rows

S = 1_000_000_000
T0 = 1_764_000_000 * S
EARTH = 6_371_008.8


def radar(number: int, lat: float, lon: float) -> Sensor:
    given = {**sensor_defaults("radar"), "detection_probability": 0.97, "period_s": 4.0}
    return Sensor(id=number, name=f"R{number}", kind="radar", lat_deg=lat, lon_deg=lon, height_m=250.0, **given)


class Flight:
    """A straight flight at 9,000 m: place at ``t`` seconds, anywhere on the Earth."""

    def __init__(self, lat: float, lon: float, course_deg: float, speed_mps: float, icao24: int) -> None:
        self.lat, self.lon, self.icao24 = lat, lon, icao24
        self.u, self.v = speed_mps * math.sin(math.radians(course_deg)), speed_mps * math.cos(math.radians(course_deg))

    def at(self, t: float) -> tuple[float, float]:
        lat = self.lat + math.degrees(self.v * t / EARTH)
        lon = self.lon + math.degrees(self.u * t / (EARTH * math.cos(math.radians((lat + self.lat) / 2))))
        return lat, (lon + 180.0) % 360.0 - 180.0


def plot_of(sensor: Sensor, flight: Flight, t: float, random: np.random.Generator, height_m: float = 9000.0) -> Rows:
    """What a Mode S radar says of a flight at ``t``; empty in the cone over its head."""
    lat, lon = flight.at(t)
    a, o = math.radians(sensor.lat_deg), math.radians(sensor.lon_deg)
    d = np.array(geodetic_to_ecef(math.radians(lat), math.radians(lon), height_m))
    d -= np.array(geodetic_to_ecef(a, o, sensor.height_m))
    far, azimuth, elevation = enu_to_slant(*ecef_to_enu(*d, a, o))
    if elevation > math.radians(50.0) or random.random() > 0.97 or far > 400_000.0:
        return PLOT.empty()
    row = PLOT.empty(1)
    row["kind"], row["sensor_id"], row["icao24"], row["press_alt_m"] = 4, sensor.id, flight.icao24, height_m
    row["range_m"] = far + random.normal(0, 50)
    row["azimuth_rad"] = (azimuth + random.normal(0, 0.0014)) % (2 * math.pi)
    row["toa_ns"] = T0 + round(t * S)
    row["rx_ns"] = row["toa_ns"] + S // 4
    return row


def fly(chain: State, plots: list[Rows], seconds: int) -> list[Outputs]:
    """Step the chain twice a second and a little before it (the tracker commits at 400 ms)."""
    rows = np.concatenate([PLOT.empty(), *plots])
    rows = rows[np.argsort(rows["rx_ns"], kind="stable")]
    outs = []
    at = 0
    for tick in range(1, seconds * 10 + 1):
        now_ns = T0 + tick * S // 10
        end = int(np.searchsorted(rows["rx_ns"], now_ns, "right"))
        outs.append(step_plots(chain, rows[at:end], now_ns))
        at = end
    return outs


def confirmed(outs: list[Outputs]) -> Rows:
    tracks = np.concatenate([o.tracks for o in outs if len(o.tracks)])
    return tracks[tracks["status"] == TRACK_CONFIRMED]


def chain_of(*sensors: Sensor, **more: Any) -> State:
    return State(make_site(name="T", lat_deg=sensors[0].lat_deg, lon_deg=sensors[0].lon_deg, sensors=sensors, **more))


def test_f45_a_flight_over_the_antimeridian_under_two_radars_is_one_track() -> None:
    random = np.random.default_rng(45)
    west, east = radar(1, -17.0, 179.2), radar(2, -17.3, -179.3)
    flight = Flight(-17.1 + random.uniform(-0.2, 0.2), 179.85, 90.0, random.uniform(200, 250), 0x400045)
    plots = [plot_of(r, flight, 4.0 * k + r.id, random) for k in range(30) for r in (west, east)]
    rows = confirmed(fly(chain_of(west, east), plots, 120))
    assert len(np.unique(rows["track_no"])) == 1
    assert rows["lon_deg"].max() > 179.8
    assert rows["lon_deg"].min() < -179.8


def test_f47_a_jump_of_fifty_miles_in_one_report_leaves_the_track_where_it_is() -> None:
    random = np.random.default_rng(47)
    sensor = radar(1, 13.5, 2.2)
    flight = Flight(14.3, 2.0, 80.0, 220.0, 0x400047)
    plots = [plot_of(sensor, flight, 4.0 * k + 1, random) for k in range(25)]
    wild = [p for p in plots if len(p)][12]
    wild["range_m"] += 50 * 1852.0
    chain = chain_of(sensor)
    rows = confirmed(fly(chain, plots, 100))
    number = int(rows["track_no"][0])
    mine = rows[rows["track_no"] == number]
    for row in mine[5:]:
        lat, lon = flight.at((int(row["now_ns"]) - T0) / S)
        assert math.hypot(row["lat_deg"] - lat, row["lon_deg"] - lon) < 0.03
    assert chain.tracker.ledger.balances


def test_f49_over_the_radars_head_a_track_coasts_and_keeps_its_number() -> None:
    random = np.random.default_rng(49)
    sensor = radar(1, 13.5, 2.2)
    flight = Flight(13.5, 1.97, 90.0, 230.0, 0x400049)
    plots = [plot_of(sensor, flight, 4.0 * k + 1, random, 3500.0) for k in range(55)]
    gap = sum(not len(p) for p in plots)
    assert gap >= 5
    outs = fly(chain_of(sensor), plots, 215)
    rows = confirmed(outs)
    assert len(np.unique(rows["track_no"])) == 1
    last_lon = flight.at(214.0)[1]
    assert abs(float(rows["lon_deg"][-1]) - last_lon) < 0.02
