"""Plots that are no aircraft's own echo, and aircraft that are hidden: each judged by its numbers, fixed seeds."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import rasterio

from tests.simulate.skies import ADSB, HEAD, circle, flight, radar, sky, system, table
from tests.simulate.test_sensors import flown
from vigie.decode.decoder import Decoder
from vigie.simulate.exercise import parse_exercise
from vigie.simulate.rows import Exercise
from vigie.simulate.run import Simulation
from vigie.terms.errors import ExerciseError
from vigie.terms.tables import FLAG_GARBLED
from vigie.terms.units import C_MPS, M_PER_NMI, NS_PER_S

EMPTY = flight("ONE", ["DRRN", "DRZA"], depart_s=5000)


def truth_of(exercise: Exercise) -> dict[bytes, int]:
    """Addresses by callsign."""
    simulation = Simulation(exercise)
    return {bytes(r["callsign"]): int(r["icao24"]) for r in simulation.truth_rows(simulation.start_ns + NS_PER_S)}


def tiles(folder: Path, ridge_m: int) -> None:
    """Two degrees of flat ground about Niamey with a ridge from north to south at 2.5 degrees east."""
    heights = np.zeros((801, 1001), np.int16)
    heights[:, 330:340] = ridge_m
    profile = {"width": 1001, "height": 801, "count": 1, "dtype": "int16", "crs": "EPSG:4326", "nodata": -32768}
    place = rasterio.Affine(0.0025, 0.0, 1.67, 0.0, -0.0025, 14.5)
    with rasterio.open(folder / "tile.tif", "w", driver="GTiff", transform=place, **profile) as out:
        out.write(heights, 1)


def test_a_ridge_hides_who_flies_low_behind_it_from_every_radar_mode(tmp_path: Path) -> None:
    slow = {"type": "DRNM", "speed_kt": 20, "transponder": "adsb"}
    parts = (
        flight("BEHIND", ["1329N00240E", "1329N00241E"], level_fl=25, **slow),
        flight("ABOVE", ["1329N00246E", "1329N00247E"], level_fl=200, **slow),
        flight("OTHER", ["1329N00140E", "1329N00139E"], level_fl=25, **slow),
        radar("psr+mode_s", psr_range_nmi=200),
        ADSB,
        system(5, "mlat", 4005, max_range_nmi=60),
    )
    smooth, _ = flown(Simulation(sky(*parts)), 60)
    tiles(tmp_path, 1500)
    head = HEAD + 'terrain = "tile.tif"\n'
    hilly = parse_exercise(head + "\n".join(parts), file=str(tmp_path / "e.toml"))
    plots, _ = flown(Simulation(hilly), 60)
    assert {bytes(n) for n in smooth["callsign"]} - {b""} == {b"BEHIND", b"ABOVE", b"OTHER"}
    assert {bytes(n) for n in plots["callsign"]} - {b""} == {b"ABOVE", b"OTHER"}
    middle = np.median(smooth["range_m"][smooth["callsign"] == b"BEHIND"])
    near = np.abs(plots["range_m"] - middle) < 2000
    assert (plots["azimuth_rad"][near] > math.pi).all()  # nor its skin echo: what is left is the one in the west
    heard, reported = (set(plots["icao24"][plots["sensor_id"] == k].tolist()) for k in (3, 5))
    high, low = (int(truth_of(hilly)[name]) for name in (b"ABOVE", b"BEHIND"))
    assert high in heard & reported
    assert low not in heard | reported
    for name in (b"ABOVE", b"OTHER"):  # who is not hidden is seen as before, plot by plot
        assert (plots["callsign"] == name).sum() == (smooth["callsign"] == name).sum()


def test_terrain_that_is_not_there_is_a_problem_of_the_file() -> None:
    with pytest.raises(ExerciseError, match=r"e\.toml:\d+: \[exercise\] terrain: found 'nowhere'"):
        parse_exercise(HEAD + 'terrain = "nowhere"\n' + EMPTY, file="e.toml")


def test_a_reflector_shows_aircraft_a_second_time_along_the_broken_way() -> None:
    target = flight("ONE", ["1430N00210E", "1430N00215E"], type="DRNM", level_fl=200, speed_kt=5, transponder="s")
    # A surface 3 NM east that turns what comes from the west to the north: it faces north-west.
    mirror = table("reflector", sensor=1, azimuth_deg=90, range_nmi=3.0, faces_deg=315, width_deg=20, share=0.5)
    plots, truth = flown(Simulation(sky(target, radar(), mirror)), 400)
    east = np.abs(plots["azimuth_rad"] - math.pi / 2) < 0.5
    real, false = plots[~east], plots[east]
    assert len(real) == pytest.approx(100 * 0.9, abs=8)
    assert len(false) == pytest.approx(100 * 0.9 * 0.5, abs=15)
    assert set(false["icao24"]) == set(real["icao24"]) == set(truth)
    assert np.degrees(false["azimuth_rad"]) == pytest.approx(90, abs=0.3)
    way = 3 * M_PER_NMI + np.hypot(np.median(real["range_m"]), 3 * M_PER_NMI)
    assert false["range_m"] == pytest.approx(way, abs=600)
    away, _ = flown(Simulation(sky(target, radar(), mirror.replace("315", "225"))), 100)
    assert (np.abs(away["azimuth_rad"] - math.pi / 2) > 0.5).all()  # a surface that faces elsewhere shows nothing


def test_an_extractor_splits_as_many_plots_as_asked_by_as_much_as_asked() -> None:
    plots, truth = flown(Simulation(sky(circle(20), radar(split_share=0.2, split_deg=2.0))), 200)
    whole, _ = flown(Simulation(sky(circle(20), radar())), 200)
    assert len(plots) / len(whole) == pytest.approx(1.2, abs=0.02)
    apart = []
    for address in truth:
        rows = plots[plots["icao24"] == address]
        rows = rows[np.argsort(rows["toa_ns"])]
        pairs = np.flatnonzero(np.diff(rows["toa_ns"]) < NS_PER_S // 2)
        step = (rows["azimuth_rad"][pairs + 1] - rows["azimuth_rad"][pairs]) % (2 * math.pi)
        apart += np.degrees(step).tolist()
        assert (np.abs(rows["range_m"][pairs + 1] - rows["range_m"][pairs]) < 8).all()
    assert np.median(apart) == pytest.approx(2.0, abs=0.02)


def test_echoes_from_beyond_the_pulse_rate_come_a_pulse_too_near() -> None:
    prf_hz = 1000.0
    reach_m = C_MPS / 2 / prf_hz
    far = flight("FAR", ["1328N00345E", "1328N00335E"], type="DRNM", level_fl=240, speed_kt=20, rcs_m2=4000)
    near = flight("NEAR", ["1328N00240E", "1328N00250E"], type="DRNM", level_fl=100, speed_kt=20, transponder="s")
    parts = (far, near, radar("psr+mode_s", psr_range_nmi=60, prf_hz=prf_hz).replace("= 250", "= 80"))
    plots, truth = flown(Simulation(sky(*parts)), 200)
    names = {bytes(t["callsign"][0]).strip(): t for t in truth.values()}
    east_m = (names[b"FAR"]["lon_deg"].mean() - 2.17) * 111_320 * math.cos(math.radians(13.47))
    assert east_m > 80 * M_PER_NMI
    ghost = plots[plots["kind"] == 1]
    ghost = ghost[np.abs(ghost["range_m"] - (np.hypot(east_m, 11_000) - reach_m)) < 3000]
    assert len(ghost) > 40
    assert set(ghost["mode3a"]) == {65535}
    assert {bytes(c).strip() for c in plots["callsign"][plots["kind"] == 4]} == {b"NEAR"}
    plain, _ = flown(Simulation(sky(far, parts[2].replace("prf_hz = 1000.0", ""))), 60)
    assert not len(plain)


def test_fruit_garbles_and_swallows_replies_as_its_rate_says() -> None:
    lone = [flight(f"F{k}", [f"1{1 + k % 5}{10 * (k % 6):02d}N00{3 + k % 3}{7 * k % 60:02d}E", "2000N00900E"],
                   transponder="ac", level_fl=150 + 7 * k) for k in range(20)]  # fmt: skip
    plots, _ = flown(Simulation(sky(*lone, radar("ssr", fruit_hz=12000.0))), 300)
    clean, _ = flown(Simulation(sky(*lone, radar("ssr"))), 300)
    p = 1 - math.exp(-2 * 12000 * 20.3e-6)
    chance = [math.comb(8, k) * p**k * (1 - p) ** (8 - k) for k in range(9)]
    garbled = ((plots["flags"] & FLAG_GARBLED) > 0).mean() - ((clean["flags"] & FLAG_GARBLED) > 0).mean()
    assert len(plots) / len(clean) == pytest.approx(1 - chance[8], abs=0.004)
    assert garbled == pytest.approx(sum(chance[4:8]), abs=0.04)


def test_a_shower_drifts_with_its_wind_and_rains_as_many_plots_as_asked() -> None:
    shower = table("shower", lat_deg=13.8, lon_deg=2.5, radius_nmi=8, plots_per_scan=25, course_deg=90, speed_kt=120,
                   from_s=0, to_s=800)  # fmt: skip
    plots, _ = flown(Simulation(sky(EMPTY, radar("psr+ssr"), shower)), 1000)
    t = (plots["toa_ns"] - plots["toa_ns"][0]) / NS_PER_S
    assert t.max() < 805
    assert len(plots) == pytest.approx(25 * 800 / 4, rel=0.05)
    east = plots["range_m"] * np.sin(plots["azimuth_rad"]) / M_PER_NMI
    north = plots["range_m"] * np.cos(plots["azimuth_rad"]) / M_PER_NMI
    drift = np.polyfit(t, east, 1)[0] * 3600
    assert drift == pytest.approx(120, abs=6)
    assert np.polyfit(t, north, 1)[0] * 3600 == pytest.approx(0, abs=6)
    assert np.std(north) == pytest.approx(8 / 2, rel=0.1)  # of a disc: half its radius
    assert not len(flown(Simulation(sky(EMPTY, radar("ssr"), shower)), 60)[0])  # a secondary radar sees no rain


def test_standing_clutter_stands_and_blinks_as_often_as_asked() -> None:
    zone = table("clutter", sensor=1, from_deg=300, to_deg=20, from_nmi=5, to_nmi=15, points=12, share=0.4)
    plots, _ = flown(Simulation(sky(EMPTY, radar("psr+ssr"), zone)), 800)
    assert len(plots) == pytest.approx(12 * 0.4 * 200, rel=0.08)
    degrees = np.degrees(plots["azimuth_rad"])
    assert ((degrees > 299.5) | (degrees < 20.5)).all()
    spots = Counter(zip((degrees / 2).astype(int), (plots["range_m"] / 1000).astype(int), strict=True))
    assert sum(n for _, n in spots.most_common(24)) > 0.85 * len(plots)  # few places, again and again
    assert (plots["range_m"] > 4.8 * M_PER_NMI).all()
    assert (plots["range_m"] < 15.2 * M_PER_NMI).all()


def test_all_of_it_is_bytes_that_the_decoder_takes() -> None:
    exercise = sky(
        circle(20), radar("psr+mode_s", split_share=0.1, fruit_hz=8000.0, prf_hz=300.0, clutter_per_scan=5),
        table("reflector", sensor=1, azimuth_deg=10, range_nmi=2.0, faces_deg=200, width_deg=90),
        table("shower", lat_deg=13.8, lon_deg=2.5, radius_nmi=8, plots_per_scan=15),
        table("clutter", sensor=1, from_nmi=5, to_nmi=15, points=12),
    )  # fmt: skip
    one, two = Simulation(exercise), Simulation(exercise)
    whole = one.step(one.start_ns + 40 * NS_PER_S)
    cut = [two.step(two.start_ns + k * NS_PER_S // 3) for k in range(1, 121)]
    assert whole.data.tobytes() == b"".join(f.data.tobytes() for f in cut)
    decoder = Decoder(one.site())
    said = decoder.step(whole)
    assert not said.rejects.size
    assert len(said.plots) == len(one.plots())


@pytest.mark.parametrize(
    ("more", "key", "said"),
    [
        (table("reflector", sensor=1, azimuth_deg=10, range_nmi=2.0), "faces_deg", "is missing"),
        (table("reflector", sensor=7, azimuth_deg=10, range_nmi=2.0, faces_deg=1), "sensor", "id of a radar"),
        (table("shower", lat_deg=13, lon_deg=2, radius_nmi=0, plots_per_scan=1), "radius_nmi", "a radius"),
        (table("shower", lat_deg=13, lon_deg=2, radius_nmi=2, plots_per_scan=1, from_s=9, to_s=3), "to_s", "more than"),
        (table("clutter", sensor=1, from_nmi=9, to_nmi=2, points=3), "to_nmi", "more than"),
        (table("clutter", sensor=1, from_nmi=9, to_nmi=12, point=3), "point", "did you mean 'points'"),
    ],
)
def test_a_wrong_echo_names_its_key(more: str, key: str, said: str) -> None:
    with pytest.raises(ExerciseError) as caught:
        sky(EMPTY, radar(), more)
    assert any(f"] {key}: " in p and said in p for p in caught.value.problems), caught.value.problems


def test_a_pulse_rate_that_does_not_reach_is_told() -> None:
    with pytest.raises(ExerciseError, match="prf_hz: found 1000, whose echoes are unambiguous to 81 NM only"):
        sky(EMPTY, radar(prf_hz=1000.0))
