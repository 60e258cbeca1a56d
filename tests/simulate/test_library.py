"""The exercises that come with the project: each contains its story, and what is on the wire fits its parameters."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.simulate.skies import HEAD, flight
from tests.simulate.test_sensors import flown, polar_truth
from vigie.simulate import fly
from vigie.simulate.events import Script
from vigie.simulate.exercise import load_exercise, parse_exercise
from vigie.simulate.fleet import Fleet
from vigie.simulate.run import Simulation
from vigie.terms.units import NS_PER_S

RUNWAY = (13.4815, 2.1836, 91.0)
"""Niamey: the middle of the runway and its direction (deg)."""


class Story:
    """An exercise flown without its sensors: when each of its own flights takes off and lands, and where."""

    def __init__(self, name: str, seconds: int | None = None) -> None:
        self.exercise = load_exercise(name)
        self.fleet = Fleet(self.exercise, self.exercise.seed)
        script = Script(self.exercise.events, self.fleet)
        count = len(self.exercise.flights)
        self.off: dict[str, int] = {}
        self.landed: dict[str, tuple[int, float, float]] = {}
        self.codes: dict[str, list[int]] = {}
        self.present = 0
        phase = self.fleet.mode[fly.PHASE, :count].copy()
        for second in range(int(seconds or self.exercise.duration_s)):
            script.advance(float(second))
            self.fleet.next_block()
            now = self.fleet.mode[fly.PHASE, :count]
            for i in np.flatnonzero(now != phase).tolist():
                called = self.fleet.rows[i].callsign
                if now[i] == fly.ROLLOUT:
                    lat, lon = np.degrees(self.fleet.state[[fly.LAT, fly.LON], i])
                    self.landed[called] = (second, float(lat), float(lon))
                elif now[i] == fly.FLYING and phase[i] == fly.GROUND:
                    self.off[called] = second
            phase = now.copy()
            self.present = max(self.present, int(self.fleet.present.sum()))

    def on_runway(self, called: str) -> bool:
        """Whether a flight touched down before the middle of Niamey's runway, on its axis."""
        _, lat, lon = self.landed[called]
        north = (lat - RUNWAY[0]) * 110_600
        east = (lon - RUNWAY[1]) * 111_320 * math.cos(math.radians(RUNWAY[0]))
        a = math.radians(RUNWAY[2])
        along, across = east * math.sin(a) + north * math.cos(a), east * math.cos(a) - north * math.sin(a)
        return 150 < abs(along) < 1000 and abs(across) < 60


def test_the_night_transport_goes_dark_and_lands_at_niamey() -> None:
    story = Story("night_transport")
    second, _, _ = story.landed["GHOST1"]
    assert 3000 < second < 4500
    assert story.on_runway("GHOST1")
    assert story.fleet.who.has[0] == 0  # its transponder is off
    assert story.fleet.rows[0].type == "IL76"


@pytest.mark.parametrize(
    ("name", "landed", "least_present"),
    [
        ("busy_noon", ["VBW310", "CALIB1"], 75),  # VBW310 after a go-around
        ("joint_day", ["UNO842"], 45),
        ("quiet_night", ["AFR546"], 6),
        ("radio_loss", ["DAH4102"], 20),
        ("gnss_interference", ["VBW310"], 35),
        ("radar_failure", [], 40),
    ],
)
def test_every_sky_is_as_full_as_its_story_and_flights_land_at_niamey(
    name: str, landed: list[str], least_present: int
) -> None:
    story = Story(name, 4000)
    assert story.present >= least_present
    assert all(story.on_runway(called) for called in landed)


def test_the_summits_twelve_delegations_land_within_the_hour() -> None:
    story = Story("summit_arrivals", 4500)
    states = [f"STATE{k}" for k in range(1, 13)]
    times = [story.landed[s][0] for s in states]
    assert max(times) - min(times) <= 3660
    assert min(np.diff(sorted(times))) > 150
    assert all(story.on_runway(s) for s in states)
    assert {"ESC1", "ESC2"} <= story.off.keys()
    assert {"ESC1", "ESC2"} <= story.landed.keys()


def test_the_drone_is_in_the_air_when_the_turboprop_lands() -> None:
    story = Story("airport_drone", 1115)
    assert story.on_runway("NJR204")
    drone, birds = (story.fleet.number[name] for name in ("DRONE1", "BIRDS"))
    for i in (drone, birds):
        lat, lon = np.degrees(story.fleet.state[[fly.LAT, fly.LON], i])
        assert story.fleet.mode[fly.PHASE, i] == fly.FLYING
        assert math.hypot((lat - RUNWAY[0]) * 60, (lon - RUNWAY[1]) * 58) < 8


def test_the_low_flyer_stays_low_and_lands_where_no_list_has_a_runway() -> None:
    story = Story("border_low_flyer", 4300)
    assert "LOW1" in story.landed
    _, lat, lon = story.landed["LOW1"]
    assert math.hypot(lat - 12.9, lon - 2.15) < 0.01
    fleet = Fleet(story.exercise, 1)
    script = Script(story.exercise.events, fleet)
    heights = []
    for second in range(0, 3000):
        script.advance(float(second))
        fleet.next_block()
        heights.append(fleet.state[fly.ALT, 0])
    above_ground_ft = (np.array(heights[200:]) - fleet.press_alt(720 * 0.3048)) / 0.3048
    assert 350 < above_ground_ft.min() <= above_ground_ft.max() < 700


def test_radar_failure_tells_its_story_on_the_wire(request: pytest.FixtureRequest) -> None:
    """Wrong north, blind sector, silence, a clock that drifts, doubled datagrams, lost squitters: each in its time.

    Twenty times as fast as written; with ``--campaign`` as it is written.
    """
    fast = 1.0 if request.config.getoption("--campaign") else 20.0
    written = load_exercise("radar_failure")
    faults = tuple(replace(f, from_s=f.from_s / fast, to_s=f.to_s / fast) for f in written.faults)
    simulation = Simulation(replace(written, faults=faults))
    site = simulation.site()
    link = {s.id: site.link_number(s) for s in site.sensors}
    truth: dict[int, list[np.void]] = {}
    heard: dict[int, list[float]] = {1: [], 2: []}
    doubled: list[float] = []
    for second in range(1, round(4900 / fast)):
        frames = simulation.step(simulation.start_ns + second * NS_PER_S)
        for row in simulation.truth_rows(simulation.start_ns + second * NS_PER_S):
            truth.setdefault(int(row["icao24"]), []).append(row)
        for sensor, number in link.items():
            if sensor in heard:
                mine = np.flatnonzero(frames.rows["link"] == number)
                heard[sensor] += [second * fast] * mine.size
                if sensor == 2:
                    doubled += [second * fast] * (mine.size - len({frames.payload(int(i)) for i in mine}))
    times = {sensor: np.array(t) for sensor, t in heard.items()}

    def count(t: np.ndarray, first: float, last: float) -> float:
        return float(((t > first + fast) & (t < last - fast)).sum()) / (last - first)

    assert count(times[1], 2700, 3300) == 0.0
    assert min(count(times[1], *part) for part in ((2450, 2700), (3350, 3900))) > 0.0
    before, during = count(np.array(doubled), 3200, 3700), count(np.array(doubled), 3700, 4200)
    assert before == 0.0
    assert during == pytest.approx(count(times[2], 3700, 4200) / 2, rel=0.1)

    plots = simulation.plots()
    at = (plots["rx_ns"] - simulation.start_ns) / NS_PER_S * fast
    squitters = at[plots["sensor_id"] == 3]
    assert count(squitters, 4200, 4800) == pytest.approx(0.3 / 0.85 * count(squitters, 3700, 4200), rel=0.25)
    mssr = site.sensor(1)
    assert mssr is not None
    own = (plots["sensor_id"] == 1) & np.isin(plots["icao24"], list(truth)) & (plots["icao24"] != 0)
    azimuth = polar_truth(plots[own], {k: np.array(v) for k, v in truth.items()}, mssr.lat_deg, mssr.lon_deg,
                          mssr.height_m)[:, 1]  # fmt: skip
    wrong = np.degrees((plots["azimuth_rad"][own] - azimuth + math.pi) % (2 * math.pi) - math.pi)
    t = at[own]
    assert np.nanmedian(wrong[(t > 700) & (t < 1400)]) == pytest.approx(1.5, abs=0.03)
    assert np.nanmedian(wrong[(t > 1600) & (t < 2600)]) == pytest.approx(0.0, abs=0.03)
    blind = (np.degrees(plots["azimuth_rad"][own]) > 22) & (np.degrees(plots["azimuth_rad"][own]) < 78)
    assert not blind[(t > 1850) & (t < 2380)].any()
    assert blind[(t > 1550) & (t < 1800)].any()
    far = plots["sensor_id"] == 2
    ahead = (plots["toa_ns"] - plots["rx_ns"])[far] / NS_PER_S
    t = at[far]
    drift = np.polyfit(t[(t > 950) & (t < 3550)] / fast, ahead[(t > 950) & (t < 3550)], 1)[0]
    assert drift == pytest.approx(2000e-6, rel=0.15)


def test_a_landing_is_seen_on_the_ground_with_falling_speed_and_a_standstill() -> None:
    radars = [r for r in load_exercise("night_transport").sensors if r.sensor.id == 4]
    heavy = flight("HEAVY", ["1330N00300E", "DRRN"], type="IL76", transponder="none", level_fl=60, speed_kt=250)
    exercise = replace(parse_exercise(HEAD + heavy, file="e.toml"), sensors=tuple(radars))
    plots, truth = flown(Simulation(exercise), 900)
    (true,) = truth.values()
    speed = np.hypot(true["v_east_mps"], true["v_north_mps"])
    assert (speed < 1).sum() > 50  # it stands for a minute
    down_ns = true["t_ns"][np.argmin(np.abs(speed - 60))]
    east, north = (plots["range_m"] * f(plots["azimuth_rad"]) for f in (np.sin, np.cos))
    real = plots["kind"] == 1
    roll = real & (plots["toa_ns"] > down_ns) & (plots["toa_ns"] < down_ns + 60 * NS_PER_S)
    roll &= np.hypot(east, north) < 1500
    assert roll.sum() >= 10  # of 15 turns in the minute after it has touched down
    t = (plots["toa_ns"][roll] - down_ns) / NS_PER_S
    order = np.argsort(t)
    x = east[roll][order]
    early = abs(np.polyfit(t[order][t[order] < 12], x[t[order] < 12], 1)[0])
    late = abs(np.polyfit(t[order][t[order] > 35], x[t[order] > 35], 1)[0])
    assert early > 35
    assert late < 5
