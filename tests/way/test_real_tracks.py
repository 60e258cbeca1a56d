"""Real recordings through ``vigie track``, judged by another system that saw the same aircraft.

Saenz Pena: one radar against the operational centre's multi-radar tracks. Barcelona: airport multilateration against
the aircraft's own ADS-B of the same hour. The figures are those that a reader of these recordings can expect.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
import pytest

from tests.way.command import vigie
from vigie.earth.wgs84 import ecef_to_enu, geodetic_to_ecef, geodetic_to_ecef_many
from vigie.terms.tables import ABSENT_MODE3A, PLOT, TRACK, TRACK_COASTING, TRACK_CONFIRMED, Rows
from vigie.terms.units import NS_PER_S

pytestmark = pytest.mark.shared
Floats = npt.NDArray[np.float64]

RADAR = "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"
CENTRE = "data/asterix/ar_fds_20260429_part1_cat062.pcap"
RADAR_LAT, RADAR_LON = math.radians(-26.750555), math.radians(-60.481666)
MLAT = "data/asterix/lebl_20160510_2200-2300_mlat.ast"
LEAST_PLOTS = 20


def ground(rows: Rows) -> Floats:
    """Return places on the ellipsoid, ECEF, shape (n, 3)."""
    return geodetic_to_ecef_many(np.radians(rows["lat_deg"]), np.radians(rows["lon_deg"]), np.zeros(len(rows)))


def at_times(path: Rows, t_ns: npt.NDArray[np.int64], longest_gap_s: float) -> Floats:
    """Return a path's places at times, NaN outside it and in gaps."""
    path = path[np.argsort(path["toa_ns"], kind="stable")]
    path = path[np.diff(path["toa_ns"], prepend=-1) > 0]
    if len(path) < 2:
        return np.full((len(t_ns), 3), np.nan)
    k = np.clip(np.searchsorted(path["toa_ns"], t_ns), 1, len(path) - 1)
    step = path["toa_ns"][k] - path["toa_ns"][k - 1]
    share = (t_ns - path["toa_ns"][k - 1]) / step
    places = ground(path)
    found = places[k - 1] + share[:, None] * (places[k] - places[k - 1])
    found[(share < 0) | (share > 1) | (step > longest_gap_s * NS_PER_S)] = np.nan
    return found


def nearest_of_same_code(rows: Rows, picture: Rows) -> tuple[Floats, Floats]:
    """Return places of rows and of the picture's track with their code; two tracks may share a code: the nearer."""
    ours, theirs = [], []
    for code in np.unique(rows["mode3a"]):
        mine = rows[rows["mode3a"] == code]
        here = ground(mine)
        best, least = np.full((len(mine), 3), np.nan), np.full(len(mine), np.inf)
        for number in np.unique(picture["source_track_no"][picture["mode3a"] == code]):
            path = picture[(picture["mode3a"] == code) & (picture["source_track_no"] == number)]
            there = at_times(path, mine["now_ns"], 12.0)
            d = np.linalg.norm(there - here, axis=1)
            nearer = d < least
            best[nearer], least[nearer] = there[nearer], d[nearer]
        same = least < 30_000.0  # farther apart it is another aircraft with the same code
        ours.append(here[same])
        theirs.append(best[same])
    return np.concatenate(ours), np.concatenate(theirs)


def polar(xyz: Floats) -> tuple[Floats, Floats]:
    """Return distance and azimuth from the radar."""
    x0, y0, z0 = geodetic_to_ecef(RADAR_LAT, RADAR_LON, 0.0)
    enu = np.array([ecef_to_enu(x - x0, y - y0, z - z0, RADAR_LAT, RADAR_LON) for x, y, z in xyz])
    return np.linalg.norm(enu, axis=1), np.arctan2(enu[:, 0], enu[:, 1])


@pytest.fixture(scope="module")
def saenz_pena(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("saenzpena")
    sites = shared / "data/sites"
    vigie("track", shared / RADAR, "--site", sites / "saenzpena.toml", "--to", folder / "radar.parquet")
    with_centre = sites / "saenzpena_with_fds.toml"
    vigie(
        "track", shared / RADAR, shared / CENTRE, "--site", with_centre, "--to", folder / "both.parquet",
        "--health", folder / "both.json",
    )  # fmt: skip
    vigie("decode", shared / RADAR, "--site", sites / "saenzpena.toml", "--to", folder / "plots.parquet")
    vigie("decode", shared / CENTRE, "--site", with_centre, "--to", folder / "picture.parquet")
    return folder


def test_the_azimuth_bias_is_found_from_the_centres_tracks(saenz_pena: Path) -> None:
    radar = json.loads((saenz_pena / "both.json").read_text("utf-8"))["1"]
    assert radar["azimuth_bias_deg"] == pytest.approx(0.53, abs=0.05)
    assert 0.0 < radar["azimuth_bias_sd_deg"] < 0.05


def confirmed(path: Path) -> Rows:
    rows = TRACK.from_arrow(pq.read_table(path))
    return rows[(rows["status"] == TRACK_CONFIRMED) & (rows["mode3a"] != ABSENT_MODE3A)]


@pytest.mark.parametrize("feeds", ["radar", "both"])
def test_the_radars_tracks_stand_where_the_centre_sees_the_aircraft(saenz_pena: Path, feeds: str) -> None:
    """The radar alone cannot see its own bias: one constant range and azimuth is taken out, as for the bare plots."""
    picture = PLOT.from_arrow(pq.read_table(saenz_pena / "picture.parquet"))
    ours, theirs = nearest_of_same_code(confirmed(saenz_pena / f"{feeds}.parquet"), picture)
    assert len(ours) > 10_000
    (range_m, azimuth), (true_range_m, true_azimuth) = polar(ours), polar(theirs)
    turn = float(np.median((azimuth - true_azimuth + math.pi) % (2 * math.pi) - math.pi))
    longer_m = float(np.median(range_m - true_range_m))
    assert math.degrees(turn) == pytest.approx(0.53 if feeds == "radar" else 0.0, abs=0.05)
    range_m, azimuth = range_m - longer_m, azimuth - turn
    east = range_m * np.sin(azimuth) - true_range_m * np.sin(true_azimuth)
    north = range_m * np.cos(azimuth) - true_range_m * np.cos(true_azimuth)
    apart_m = np.hypot(east, north)
    assert np.median(apart_m) <= 205.0
    assert np.quantile(apart_m, 0.95) <= 700.0


def test_every_aircraft_that_the_radar_heard_is_found(saenz_pena: Path) -> None:
    codes = PLOT.from_arrow(pq.read_table(saenz_pena / "plots.parquet"))["mode3a"]
    known, count = np.unique(codes[codes != ABSENT_MODE3A], return_counts=True)
    heard = set(known[count >= LEAST_PLOTS].tolist())
    assert len(heard) > 10
    assert heard <= set(confirmed(saenz_pena / "radar.parquet")["mode3a"].tolist())


@pytest.fixture(scope="module")
def barcelona(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lebl")
    site, date = shared / "data/sites/lebl.toml", ("--date", "2016-05-10")
    vigie("track", shared / MLAT, "--site", site, *date, "--to", folder / "tracks.parquet")
    vigie("decode", shared / MLAT, "--site", site, *date, "--to", folder / "plots.parquet")
    adsb = shared / "data/asterix/lebl_20160510_2200-2300_adsb_v023.ast"
    vigie("decode", adsb, "--edition", "21=0.23", *date, "--to", folder / "adsb.parquet")
    return folder


def from_adsb(rows: Rows, t_ns: npt.NDArray[np.int64], adsb: Rows) -> Floats:
    """Return the distances of rows within 10 km of the airport from the aircraft's own reports."""
    out = []
    airport = np.array(geodetic_to_ecef(math.radians(41.29707), math.radians(2.07846), 0.0))
    here = ground(rows)
    near = np.linalg.norm(here - airport, axis=1) < 10_000.0
    for address in np.unique(rows["icao24"][rows["icao24"] > 0]):
        mine = near & (rows["icao24"] == address)
        d = np.linalg.norm(at_times(adsb[adsb["icao24"] == address], t_ns[mine], 3.0) - here[mine], axis=1)
        out.append(d[d < 10_000.0])
    return np.concatenate(out)


def test_airport_multilateration_agrees_with_adsb_plot_by_plot(barcelona: Path) -> None:
    adsb = PLOT.from_arrow(pq.read_table(barcelona / "adsb.parquet"))
    plots = PLOT.from_arrow(pq.read_table(barcelona / "plots.parquet"))
    plots = plots[np.isfinite(plots["lat_deg"])]
    apart_m = from_adsb(plots, plots["toa_ns"], adsb[np.isfinite(adsb["lat_deg"])])
    assert len(apart_m) > 10_000
    assert np.median(apart_m) <= 8.0
    assert np.quantile(apart_m, 0.95) <= 85.0


def test_the_airports_tracks_stand_where_aircraft_say_they_are(barcelona: Path) -> None:
    """Tracks at the picture's own seconds, between plots: as near to ADS-B as the bare plots at theirs."""
    adsb = PLOT.from_arrow(pq.read_table(barcelona / "adsb.parquet"))
    adsb = adsb[np.isfinite(adsb["lat_deg"])]
    plots = PLOT.from_arrow(pq.read_table(barcelona / "plots.parquet"))
    rows = TRACK.from_arrow(pq.read_table(barcelona / "tracks.parquet"))
    rows = rows[rows["status"] == TRACK_CONFIRMED]
    bare_m = from_adsb(plots, plots["toa_ns"], adsb)
    apart_m = from_adsb(rows, rows["now_ns"], adsb)
    assert len(apart_m) > 10_000
    assert np.median(apart_m) <= 8.0
    assert np.quantile(apart_m, 0.95) <= np.quantile(bare_m, 0.95)


def test_no_address_at_the_airport_has_a_second_track(barcelona: Path) -> None:
    rows = TRACK.from_arrow(pq.read_table(barcelona / "tracks.parquet"))
    rows = rows[np.isin(rows["status"], [TRACK_CONFIRMED, TRACK_COASTING]) & (rows["icao24"] > 0)]
    at = np.stack([rows["now_ns"], rows["icao24"].astype(np.int64)], 1)
    assert len(rows) > 40_000
    assert len(np.unique(at, axis=0)) == len(rows)


def test_every_address_at_the_airport_has_its_track(barcelona: Path) -> None:
    plots = PLOT.from_arrow(pq.read_table(barcelona / "plots.parquet"))
    known, count = np.unique(plots["icao24"][plots["icao24"] > 0], return_counts=True)
    heard = set(known[count >= LEAST_PLOTS].tolist())
    rows = TRACK.from_arrow(pq.read_table(barcelona / "tracks.parquet"))
    assert len(heard) > 20
    assert heard <= set(rows["icao24"][rows["status"] == TRACK_CONFIRMED].tolist())
