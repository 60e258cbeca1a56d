"""Every exercise of the library on the wire: tshark reads it, and counts, rates and noise fit the parameters.

In CI the first minute of each; with ``--campaign`` the whole exercise goes through tshark and headless into files.
"""

from __future__ import annotations

import math
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from vigie.decode.decoder import Decoder
from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.sensors.site import load_site
from vigie.simulate.exercise import exercise_names, load_exercise
from vigie.simulate.headless import simulate_to
from vigie.simulate.rows import SensorRow
from vigie.simulate.run import Simulation
from vigie.terms.tables import Rows
from vigie.terms.units import M_PER_NMI, NS_PER_S, RAD_PER_DEG

SECONDS = 60
R_M = 6371008.8
NAMES = exercise_names()


@dataclass(frozen=True)
class Heard:
    """One minute of an exercise as the pipeline's decoder heard it, and where everybody was at each second."""

    simulation: Simulation
    plots: Rows
    services: Rows
    xyz: np.ndarray
    """Place of each aircraft at the end of each second, (aircraft, SECONDS + 1, 3), NaN where it is not there."""
    has: np.ndarray
    icao24: np.ndarray
    mode3a: np.ndarray

    def local(self, row: SensorRow, xyz: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Slant range (m), azimuth (rad) and apparent elevation (rad) of places, seen from a sensor."""
        s = row.sensor
        lat, lon = s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG
        sl, cl, so, co = math.sin(lat), math.cos(lat), math.sin(lon), math.cos(lon)
        away = xyz - np.array(geodetic_to_ecef(lat, lon, s.height_m))
        east = away @ np.array([-so, co, 0.0])
        north = away @ np.array([-sl * co, -sl * so, cl])
        up = away @ np.array([cl * co, cl * so, sl])
        r = np.sqrt(east**2 + north**2 + up**2)
        return r, np.arctan2(east, north) % (2 * math.pi), np.arctan2(up, np.hypot(east, north)) + r / (8 * R_M)

    def at(self, who: np.ndarray, toa_ns: np.ndarray) -> np.ndarray:
        """Places of aircraft at the times of their plots, NaN outside the minute."""
        s = (toa_ns - self.simulation.start_ns) / NS_PER_S
        k = np.clip(np.floor(s).astype(int), 0, SECONDS - 1)
        f = (s - k)[:, None]
        out = self.xyz[who, k] * (1 - f) + self.xyz[who, k + 1] * f
        out[(s < 1) | (s > SECONDS - 1)] = np.nan
        return out


@cache
def heard(name: str) -> Heard:
    simulation = Simulation(load_exercise(name))
    decoder = Decoder(simulation.site())
    fleet = simulation.fleet
    xyz = np.full((len(fleet), SECONDS + 1, 3), np.nan)
    plots, services = [], []
    for second in range(1, SECONDS + 1):
        said = decoder.step(simulation.step(simulation.start_ns + second * NS_PER_S))
        assert not said.rejects.size
        plots.append(said.plots)
        services.append(said.services)
        xyz[:, second] = fleet.after[:3].T
    assert decoder.ledger.balances
    who = fleet.who
    return Heard(simulation, np.concatenate(plots), np.concatenate(services), xyz, who.has, who.icao24, who.mode3a)


def binomial_margin(share: float, n: float) -> float:
    """Four deviations of a share of n looks, and half a percent for what the edges of the minute do."""
    return 4.0 * math.sqrt(max(share * (1 - share), 0.01) / max(n, 1.0)) + 0.005


@pytest.mark.parametrize("name", NAMES)
def test_radars_turn_see_and_err_as_their_parameters_say(name: str) -> None:
    h = heard(name)
    rows = [row for row in h.simulation.exercise.sensors if row.kind == "radar"]
    judged_radars: list[int] = []
    for row in rows:
        s, physics = row.sensor, row.physics
        own = h.services[h.services["sensor_id"] == s.id]
        assert (own["kind"] == 1).sum() == pytest.approx(SECONDS / s.period_s, abs=1.2)
        assert (own["kind"] == 2).sum() == pytest.approx(31 * SECONDS / s.period_s, abs=33)
        plots = h.plots[h.plots["sensor_id"] == s.id]
        assert (plots["flags"] & 1).all()
        if row.modes == "psr":
            continue
        selective = "mode_s" in row.modes
        clear = h.has & (4 if selective else 1) > 0
        codes, counts = np.unique(h.mode3a[clear], return_counts=True)
        own_code = np.isin(h.mode3a, codes[counts == 1])
        key = h.icao24 if selective else h.mode3a
        name_of = plots["icao24"] if selective else plots["mode3a"]
        wanted = np.flatnonzero(clear & (own_code | selective))
        order = wanted[np.argsort(key[wanted])]
        place = np.minimum(np.searchsorted(key[order], name_of), max(len(order) - 1, 0))
        known = (key[order[place]] == name_of) & (plots["kind"] != 1) if len(order) else np.zeros(len(plots), bool)
        who, plots = order[place[known]] if len(order) else order, plots[known]

        def fair(r: np.ndarray, el: np.ndarray, row: SensorRow = row) -> np.ndarray:
            low = row.physics.get("min_elevation_deg", 0.2) * RAD_PER_DEG + 0.006
            near = row.physics.get("min_range_nmi", 0.5) * M_PER_NMI + 2000
            return (r > near) & (r < 0.92 * row.sensor.max_range_m) & (el > low) & (el < math.radians(43))

        r, azimuth, elevation = h.local(row, h.at(who, plots["toa_ns"]))
        mirrored = [k for k in h.simulation.exercise.reflectors if k["sensor"] == s.id]
        good = fair(r, elevation)
        if mirrored:  # what a surface shows a second time is no plot of the aircraft
            good &= np.abs(plots["range_m"] - r) < 3000
        looks_r, _, looks_el = h.local(row, h.xyz[order, 2:SECONDS])
        looks = fair(looks_r, looks_el).sum() / s.period_s
        if looks < 30:
            continue
        share = good.sum() / looks
        assert share == pytest.approx(s.detection_probability, abs=binomial_margin(s.detection_probability, looks))
        n = good.sum()
        error_m = plots["range_m"][good] - r[good] - physics.get("range_bias_m", 0.0)
        error_rad = (plots["azimuth_rad"][good] - azimuth[good] + math.pi) % (2 * math.pi) - math.pi
        error_rad -= physics.get("azimuth_bias_deg", 0.0) * RAD_PER_DEG
        for error, sd in (
            (error_m, math.hypot(s.range_sd_m, M_PER_NMI / 256 / math.sqrt(12))),
            (error_rad, math.hypot(s.azimuth_sd_rad, 2 * math.pi / 65536 / math.sqrt(12))),
        ):
            assert np.std(error) == pytest.approx(sd, rel=4.5 / math.sqrt(2 * n) + 0.02)
            assert abs(np.mean(error)) < 4.5 * sd / math.sqrt(n) + 0.04 * sd
        judged_radars.append(s.id)
    # The secondary part; the primary is judged in test_sensors. A quiet sky holds too few looks in a minute.
    assert judged_radars or name in ("quiet_night", "night_transport", "airport_drone")


@pytest.mark.parametrize("name", NAMES)
def test_receivers_and_systems_report_as_often_as_their_parameters_say(name: str) -> None:
    h = heard(name)
    judged_sensors: list[int] = []
    for row in h.simulation.exercise.sensors:
        s = row.sensor
        plots = h.plots[h.plots["sensor_id"] == s.id]
        if row.kind in ("radar", "observer", "acoustic", "remoteid"):
            continue
        least = row.physics.get("min_elevation_deg", 0.0) * RAD_PER_DEG + 0.003
        r, _, elevation = h.local(row, h.xyz[:, 2:SECONDS])
        wanted = h.has & {"mlat": 4, "adsb": 8, "external": 1}[row.kind] > 0
        inside = wanted[:, None] & (r < 0.8 * s.max_range_m) & (elevation > least)
        if row.is_beast:
            reached = ((h.has[:, None] & 4 > 0) & (r < s.max_range_m)).sum() * 6.6 / (SECONDS - 2)
            rate = 2.0 * (1 - row.physics.get("loss", 0.1)) * math.exp(-2 * 120e-6 * reached)
        else:
            rate = s.detection_probability / s.period_s if row.kind != "external" else 1.0 / s.period_s
        expected = inside.sum() * rate
        if expected < 60:
            continue
        t = (plots["toa_ns"] - h.simulation.start_ns) / NS_PER_S
        chosen = {int(a) for a in h.icao24[inside.all(axis=1)]} - {0}
        whole = inside.all(axis=1)
        counted = np.isin(plots["icao24"], list(chosen)) & (t > 2) & (t < SECONDS)
        expected = whole.sum() * (SECONDS - 2) * rate
        if row.kind == "mlat" or expected < 60:  # what a fix far outside the ring is worth is judged in test_systems
            continue
        assert counted.sum() == pytest.approx(expected, rel=4.0 / math.sqrt(expected) + 0.05)
        judged_sensors.append(s.id)
    assert judged_sensors, "no sensor had enough to be judged"


def tshark_of() -> str:
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed: the frames are not judged by it")
    return tshark


def judged(folder: Path, name: str) -> tuple[dict[str, int], str]:
    """What tshark counts by category in the frames of an exercise, and what it finds wrong."""
    ports = [r.sensor.link.port for r in load_exercise(name).sensors if r.sensor.sac >= 0 and r.sensor.link]
    base = [tshark_of(), "-r", str(folder / "frames.pcap")]
    base += [arg for port in ports for arg in ("-d", f"udp.port=={port},asterix")]
    seen = subprocess.run([*base, "-T", "fields", "-e", "asterix.category"], capture_output=True, text=True, check=True)
    words = seen.stdout.replace(",", " ").split()
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    wrong = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0 "
    wrong += "|| tcp.analysis.flags || _ws.expert.severity >= 0x600000"
    bad = subprocess.run([*base, *checks, "-Y", wrong], capture_output=True, text=True, check=True)
    return {word: words.count(word) for word in set(words)}, bad.stdout


@pytest.mark.parametrize("name", NAMES)
def test_tshark_finds_no_error_in_any_exercise(name: str, tmp_path: Path) -> None:
    tshark_of()
    simulate_to(name, tmp_path, duration_s=8)
    counts, bad = judged(tmp_path, name)
    assert bad == ""
    kinds = {row.kind for row in load_exercise(name).sensors}
    assert counts["34"] > 40
    assert counts["48"] > 0
    assert ("20" in counts) == ("mlat" in kinds)
    assert ("62" in counts) == ("external" in kinds)
    assert ("205" in counts) == bool(kinds & {"observer", "acoustic"})


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", NAMES)
def test_exercises_run_headless_to_their_end(name: str, tmp_path: Path, campaign: bool) -> None:
    exercise = load_exercise(name)
    seconds = round(exercise.duration_s) if campaign else 3
    simulate_to(exercise, tmp_path, duration_s=seconds)
    truth = pq.read_table(tmp_path / "truth.parquet", columns=["t_ns"])["t_ns"].to_numpy()
    assert len(np.unique(truth)) == seconds
    assert load_site(tmp_path / "site.toml").exercise
    if campaign:
        counts, bad = judged(tmp_path, name)
        assert bad == ""
        assert counts["48"] > seconds / 10
