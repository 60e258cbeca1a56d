"""Multilateration on made-up and on real times: near, honest about it, not fooled by one receiver."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from tests.way.command import vigie

from vigie.app.commands.mlat import _rows, only_heard, read_messages, read_network, solve
from vigie.earth.wgs84 import geodetic_to_ecef, radii
from vigie.sensors.mlat import NOISE_M, Fix, ReceiverClocks, air_index
from vigie.terms.tables import PLOT, PLOT_KIND
from vigie.terms.units import C_MPS

CHI2_MEDIAN = 2 * math.log(2)
RECEIVERS = np.radians([[47.0, 8.0], [47.6, 9.6], [48.4, 9.0], [48.1, 7.6], [47.3, 10.6], [46.8, 9.1], [48.6, 10.4]])


class World:
    """Receivers with clocks of their own, and messages from known places."""

    def __init__(self, seed: int, *, offset_m: float = 0.0) -> None:
        self.rng = np.random.default_rng(seed)
        self.heights_m = self.rng.uniform(200, 900, len(RECEIVERS))
        places = zip(RECEIVERS, self.heights_m, strict=True)
        self.xyz = np.array([geodetic_to_ecef(lat, lon, h) for (lat, lon), h in places])
        self.offset_m = self.rng.normal(0, offset_m, len(RECEIVERS)) if offset_m else np.zeros(len(RECEIVERS))

    def message(self, lat: float, lon: float, height_m: float, who: np.ndarray, noise_m: float) -> np.ndarray:
        place = np.array(geodetic_to_ecef(lat, lon, height_m))
        path = np.linalg.norm(self.xyz[who] - place, axis=1)
        path *= [air_index(h, height_m) for h in self.heights_m[who]]
        return (path + self.offset_m[who] + self.rng.normal(0, noise_m, len(who))) / C_MPS + 12.0

    def somewhere(self) -> tuple[float, float, float]:
        lat, lon = np.radians([self.rng.uniform(47.0, 48.5), self.rng.uniform(8.0, 10.2)])
        return float(lat), float(lon), float(self.rng.uniform(3000, 12000))


def miss(fix: Fix, lat: float, lon: float) -> tuple[float, float]:
    """Return the error in metres and the normalised error squared."""
    m, p = radii(fix.lat_rad)
    north, east = (lat - fix.lat_rad) * m, (lon - fix.lon_rad) * p * math.cos(fix.lat_rad)
    sin, cos = math.sin(fix.orient_rad), math.cos(fix.orient_rad)
    along, across = east * sin + north * cos, east * cos - north * sin
    return math.hypot(east, north), (along / fix.major_m) ** 2 + (across / fix.minor_m) ** 2


def campaign(
    world: World, clocks: ReceiverClocks, n: int, *, heard: int = 6, wrong: bool = False, learn: bool = True
) -> tuple[np.ndarray, int]:
    out, caught = [], 0
    for _ in range(n):
        lat, lon, height = world.somewhere()
        who = np.sort(world.rng.choice(len(RECEIVERS), heard, False))
        times = world.message(lat, lon, height, who, NOISE_M)
        bad = int(world.rng.integers(heard))
        if wrong:
            times[bad] += world.rng.choice([-1, 1]) * world.rng.uniform(1500, 6000) / C_MPS
        told = height + world.rng.normal(0, 15)
        fix = clocks.solve(who, world.xyz[who], world.heights_m[who], times, told, 15.0, learn=learn)
        assert fix is not None
        out.append(miss(fix, lat, lon))
        caught += fix.wrong == bad
    return np.array(out), caught


def test_without_noise_the_place_is_exact() -> None:
    world = World(1)
    clocks = ReceiverClocks(len(RECEIVERS), offset_sd_m=0.01)
    for _ in range(20):
        lat, lon, height = world.somewhere()
        who = np.arange(len(RECEIVERS))
        times = world.message(lat, lon, height, who, 0.0)
        fix = clocks.solve(who, world.xyz, world.heights_m, times, height, 0.01, learn=False)
        assert fix is not None
        assert fix.wrong == -1
        assert miss(fix, lat, lon)[0] < 0.01


def test_the_claimed_error_is_honest() -> None:
    world = World(2)
    found, _ = campaign(world, ReceiverClocks(len(RECEIVERS), offset_sd_m=1.0), 300)
    assert np.median(found[:, 0]) < 30.0
    assert 0.7 < np.median(found[:, 1]) / CHI2_MEDIAN < 1.3
    assert np.mean(found[:, 1]) / 2 < 1.3


def test_one_wrong_receiver_is_found_and_left_out() -> None:
    world = World(3)
    found, caught = campaign(world, ReceiverClocks(len(RECEIVERS), offset_sd_m=1.0), 150, wrong=True)
    assert caught > 140
    assert np.median(found[:, 0]) < 45.0
    assert 0.5 < np.median(found[:, 1]) / CHI2_MEDIAN < 2.0


def test_clocks_are_learned_from_redundancy_alone() -> None:
    world = World(4, offset_m=80.0)
    clocks = ReceiverClocks(len(RECEIVERS))
    untaught, _ = campaign(world, clocks, 200, learn=False)
    campaign(world, clocks, 300)
    late, _ = campaign(world, clocks, 200)
    assert np.median(late[:, 0]) < 0.6 * np.median(untaught[:, 0])
    assert 0.5 < np.median(late[:, 1]) / CHI2_MEDIAN < 2.0
    # What all clocks share cannot be seen and cannot matter.
    off = (clocks.offset_m - clocks.offset_m.mean()) - (world.offset_m - world.offset_m.mean())
    assert np.abs(off).max() < 20.0
    assert np.sqrt(np.diag(clocks.cov_m2)).max() < 60.0


def test_three_receivers_give_a_place_two_do_not() -> None:
    world = World(5)
    clocks = ReceiverClocks(len(RECEIVERS), offset_sd_m=1.0)
    lat, lon, height = math.radians(47.7), math.radians(8.9), 9000.0
    three = np.array([0, 1, 2])
    times = world.message(lat, lon, height, three, NOISE_M)
    fix = clocks.solve(three, world.xyz[three], world.heights_m[three], times, height, 15.0)
    assert fix is not None
    assert fix.minor_m <= fix.major_m
    assert miss(fix, lat, lon)[1] < 20.0
    two = three[:2]
    assert clocks.solve(two, world.xyz[two], world.heights_m[two], times[:2], height, 15.0) is None


def test_impossible_times_do_not_raise() -> None:
    world = World(6)
    clocks = ReceiverClocks(len(RECEIVERS))
    who = np.arange(5)
    for times in (np.zeros(5), np.array([0.0, 1.0, 2.0, 3.0, 4.0]), np.array([0.0, 1e-3, 0.0, 5e-3, 0.0])):
        fix = clocks.solve(who, world.xyz[who], world.heights_m[who], times, 9000.0, 15.0)
        assert fix is None or math.isfinite(fix.lat_rad + fix.major_m)
    assert np.isfinite(clocks.offset_m).all()
    one_hill = np.repeat(world.xyz[:1], 4, axis=0)
    who = np.arange(4)
    fix = clocks.solve(who, one_hill, np.full(4, 500.0), np.zeros(4), 9000.0, 15.0)
    assert fix is None or math.isfinite(fix.major_m)


@pytest.mark.shared
@pytest.mark.parametrize(("number", "least_squares_m"), [(1, 48.0), (2, 42.0), (5, 82.0), (6, 99.0)])
def test_real_sets_beat_plain_least_squares(shared: Path, number: int, least_squares_m: float) -> None:
    """Both when the clocks are learned from the whole file first, and when message by message as in live use."""
    folder = shared / "data/mlat"
    refused: dict[str, int] = {}
    network = read_network(folder / "locards_sensors.csv")
    messages = list(read_messages(folder / f"locards_set_{number}.csv", network, refused))
    assert not refused
    network = only_heard(network, messages)
    clocks = ReceiverClocks(len(network.place))
    for learn in (True, False):
        fixes = [solve(clocks, network, m, learn=learn) for m in messages]
        both = zip(messages, fixes, strict=True)
        found = np.array([miss(f, m.true_lat_rad, m.true_lon_rad) for m, f in both if f is not None])
        assert len(found) == len(messages)
        assert np.median(found[:, 0]) <= least_squares_m
        assert 0.5 < np.median(found[:, 1]) / CHI2_MEDIAN < 2.0


@pytest.mark.shared
def test_the_command_writes_plots_that_say_their_error(shared: Path, tmp_path: Path) -> None:
    folder = shared / "data/mlat"
    out = tmp_path / "positions.parquet"
    vigie("mlat", folder / "locards_set_5.csv", "--sensors", folder / "locards_sensors.csv", "--to", out)
    rows = PLOT.from_arrow(pq.read_table(out))
    assert len(rows) == 74
    assert set(rows["kind"]) == {PLOT_KIND["mlat"]}
    assert (rows["pos_sd_m"] >= rows["pos_minor_sd_m"]).all()
    assert np.isfinite(rows["lat_deg"]).all()
    assert (np.diff(rows["rx_ns"]) >= 0).all()


def test_wrong_lines_are_counted_and_wrong_files_told(tmp_path: Path) -> None:
    sensors = tmp_path / "sensors.csv"
    lines = [f"{k},{math.degrees(a)},{math.degrees(b)},400" for k, (a, b) in enumerate(RECEIVERS, 1)]
    sensors.write_text("serial,latitude,longitude,height\n" + "\n".join([*lines, "99,0,0,0"]) + "\n", "utf-8")
    heard = json.dumps([[k, 1000 * k, 50] for k in range(1, 5)]).replace('"', "")
    messages = tmp_path / "messages.csv"
    messages.write_text(
        "id,timeAtServer,aircraft,geoAltitude,baroAltitude,measurements\n"
        f'1,1.0,7,9000,,"{heard}"\n2,2.0,7,9000,,"[[1,5,5],[99,5,5],[2,6,5]]"\n3,3.0,7,,,"{heard}"\n4,4.0,7,9000,,nonsense\n'
        f'5,5.0,7,,9000,"{heard}"\n6,nan,7,9000,,"{heard}"\n',
        "utf-8",
    )
    refused: dict[str, int] = {}
    found = list(read_messages(messages, read_network(sensors), refused))
    assert [m.number for m in found] == [1, 5]
    assert found[1].height_sd_m > found[0].height_sd_m
    assert refused == {"too_few_receivers": 1, "no_height": 1, "unreadable": 2}
    assert [line for line, _ in _rows(messages, {"id"})] == [2, 3, 4, 5, 6, 7]
    vigie("mlat", sensors, "--sensors", sensors, "--to", tmp_path / "p.parquet", expect=2)
    vigie("mlat", messages, "--sensors", messages, "--to", tmp_path / "p.parquet", expect=2)
    vigie("mlat", messages, "--sensors", tmp_path / "none.csv", "--to", tmp_path / "p.parquet", expect=2)
