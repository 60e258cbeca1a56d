from __future__ import annotations

import math

import numpy as np
import pytest

from tests.simulate.skies import circle, flight, sky, system, table
from tests.simulate.test_sensors import flown
from vigie.decode.decoder import Decoder
from vigie.simulate.run import Simulation
from vigie.terms.tables import FLAG_SIMULATED
from vigie.terms.units import NS_PER_S

NEAR = "\n".join(
    flight(f"N{k}", [f"13{20 + 3 * k:02d}N0020{k}E", "1500N00400E"], level_fl=100 + 10 * k) for k in range(8)
)
MLAT = system(5, "mlat", 4005, max_range_nmi=60, detection_probability=0.8, toa_sd_ns=30)
STATION = system(6, "adsb", 4006, format="asterix", max_range_nmi=200, detection_probability=0.95)
NEIGHBOUR = system(7, "external", 4007, period_s=4.0, max_range_nmi=400, pos_sd_m=150)


def errors(plots: np.ndarray, truth: dict[int, np.ndarray]) -> np.ndarray:
    """East and north of each report less the truth at its time, m."""
    out = np.full((len(plots), 2), np.nan)
    for k, row in enumerate(plots):
        rows = truth[int(row["icao24"])]
        if rows["t_ns"][0] <= row["toa_ns"] <= rows["t_ns"][-1]:
            lat, lon = (np.interp(row["toa_ns"], rows["t_ns"], rows[c]) for c in ("lat_deg", "lon_deg"))
            out[k] = (row["lon_deg"] - lon) * 111_320 * math.cos(math.radians(lat)), (row["lat_deg"] - lat) * 110_600
    return out


def test_multilateration_errs_as_its_geometry_says() -> None:
    plots, truth = flown(Simulation(sky(NEAR, MLAT)), 240)
    assert set(plots["kind"]) == {6}
    assert len(plots) == pytest.approx(240 * 8 * 0.8, rel=0.04)
    off = errors(plots, truth)
    stated = np.hypot(plots["pos_sd_m"], plots["pos_minor_sd_m"])
    size = np.hypot(off[:, 0], off[:, 1])
    known = np.isfinite(size)
    stated, size = stated[known], size[known]
    near = stated < np.median(stated)
    for some in (near, ~near):
        assert np.sqrt((size[some] ** 2).mean()) == pytest.approx(np.sqrt((stated[some] ** 2).mean()), rel=0.1)
    assert size[near].mean() < size[~near].mean()


def test_a_neighbours_tracks_wander_smoothly_about_the_truth() -> None:
    plots, truth = flown(Simulation(sky(NEAR, NEIGHBOUR)), 400)
    assert set(plots["kind"]) == {9}
    off = errors(plots, truth)
    assert np.sqrt(np.nanmean((off**2).sum(axis=1))) == pytest.approx(150, rel=0.3)
    assert len(set(plots["source_track_no"])) == 8
    one = errors(plots[plots["icao24"] == plots["icao24"][0]], truth)
    assert np.nanmax(np.abs(np.diff(one, axis=0))) < 150


def test_the_decoder_reads_back_reports_of_systems_and_their_status() -> None:
    simulation = Simulation(sky(NEAR, circle(5), MLAT, STATION, NEIGHBOUR))
    decoder = Decoder(simulation.site())
    said = decoder.step(simulation.step(simulation.start_ns + 40 * NS_PER_S))
    assert not said.rejects.size
    assert decoder.ledger.balances
    measured = simulation.plots()
    assert len(measured) == len(said.plots)
    order = [np.lexsort((r["icao24"], r["toa_ns"], r["sensor_id"])) for r in (measured, said.plots)]
    a, b = measured[order[0]], said.plots[order[1]]
    assert {5, 6, 7} == set(a["sensor_id"])
    for name in ("toa_ns", "rx_ns", "sensor_id", "kind", "icao24", "mode3a", "callsign", "nic", "nac_p"):
        assert (a[name] == b[name]).all(), name
    assert (b["flags"] & FLAG_SIMULATED).all()
    assert np.abs(a["lat_deg"] - b["lat_deg"]).max() < 6e-6
    assert np.abs(a["lon_deg"] - b["lon_deg"]).max() < 6e-6
    assert np.nanmax(np.abs(a["press_alt_m"] - b["press_alt_m"])) < 4
    moving = a["kind"] != 6
    assert np.abs(a["v_east_mps"] - b["v_east_mps"])[moving].max() < 0.4
    assert set(said.services["sensor_id"]) == {5, 6, 7}


def test_a_silenced_system_is_silent_and_a_mute_one_lives() -> None:
    faults = (
        table("fault", kind="silence", sensor=5, from_s=10, to_s=20),
        table("fault", kind="no_plots", sensor=6, from_s=10, to_s=20),
    )
    simulation = Simulation(sky(NEAR, MLAT, STATION, *faults))
    frames = simulation.step(simulation.start_ns + 30 * NS_PER_S)
    t = (frames.rows["rx_ns"] - simulation.start_ns) / NS_PER_S
    inside = (t > 11.3) & (t < 20)
    first = {frames.payload(int(i))[0] for i in np.flatnonzero(inside)}
    assert first == {23}
    assert {frames.payload(int(i))[0] for i in np.flatnonzero(t > 22)} == {19, 20, 21, 23}
