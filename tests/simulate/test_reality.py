"""The radar model against a real radar: one estimator for both, applied to a recording and to a fitted simulation."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.decode.recordings import datagrams, make_frames
from tests.simulate.skies import flight, sky, table
from vigie.decode.decoder import Decoder
from vigie.simulate.run import Simulation
from vigie.terms.tables import Rows
from vigie.terms.units import NS_PER_S

RECORDING = "data/asterix/ar_saenzpena_20260429_part1_cat034_048.pcap"
QUANTILES = (0.25, 0.5, 0.75)


def noise_and_gaps(plots: Rows, period_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Range (m) and azimuth (rad) noise by second differences of three plots in a row, and turns between plots.

    Aircraft fly straight for most of three turns; codes tell them apart. The factor makes the deviation of the middle
    plot from its neighbours' mean that of one plot.
    """
    in_range, in_azimuth, gaps = [], [], []
    for code in np.unique(plots["mode3a"][plots["mode3a"] != 65535]):
        rows = plots[plots["mode3a"] == code]
        rows = rows[np.argsort(rows["toa_ns"])]
        turns = np.diff(rows["toa_ns"]) / NS_PER_S / period_s
        whole = np.abs(turns - np.rint(turns)) < 0.1
        gaps.append(np.rint(turns[whole]))
        a, r = rows["azimuth_rad"], rows["range_m"]
        x, y = r * np.sin(a), r * np.cos(a)
        k = np.flatnonzero((np.abs(turns[:-1] - 1) < 0.1) & (np.abs(turns[1:] - 1) < 0.1)) + 1
        dx, dy = x[k] - (x[k - 1] + x[k + 1]) / 2, y[k] - (y[k - 1] + y[k + 1]) / 2
        in_range.append((dx * np.sin(a[k]) + dy * np.cos(a[k])) / math.sqrt(1.5))
        in_azimuth.append((dx * np.cos(a[k]) - dy * np.sin(a[k])) / r[k] / math.sqrt(1.5))
    return np.concatenate(in_range), np.concatenate(in_azimuth), np.concatenate(gaps)


def detection(gaps: np.ndarray) -> float:
    """Share of turns with a plot, inside the runs of each aircraft."""
    near = gaps[(gaps >= 1) & (gaps <= 5)]
    return float(near.size / near.sum())


def rotation(services: Rows) -> float:
    """Seconds a turn, from north marker to north marker."""
    north = np.sort(services["toa_ns"][services["kind"] == 1])
    return float(np.median(np.diff(north))) / NS_PER_S


@pytest.mark.shared
def test_a_fitted_radar_gives_the_noise_detection_and_rotation_of_the_recording(shared: Path) -> None:
    real = Decoder(None, discover=True).step(make_frames(datagrams(shared / RECORDING)))
    period_s = rotation(real.services)
    real_range, real_azimuth, real_gaps = noise_and_gaps(real.plots, period_s)
    assert len(real_range) > 1500
    step_m = 1852.0 / 256.0  # the range's own step adds its share to what is measured
    range_sd_m = math.sqrt(max((1.4826 * np.median(np.abs(real_range))) ** 2 - step_m**2 / 12.0, 0.25))
    azimuth_sd_deg = math.degrees(1.4826 * np.median(np.abs(real_azimuth)))

    flights = "\n".join(
        flight(f"F{k}", [f"{22 + k % 10}{10 + 3 * k:02d}S0{57 + 2 * (k % 4)}30W", f"{31 - k % 8}00S0{64 - k % 6}00W"],
               level_fl=340 + 10 * (k % 8), transponder="ac") for k in range(14)
    )  # fmt: skip
    fitted = table(
        "sensor", id=1, name="fitted", kind="radar", modes="ssr", sac=226, sic=232, lat_deg=-26.750555,
        lon_deg=-60.481666, height_m=92, period_s=period_s, range_sd_m=range_sd_m, azimuth_sd_deg=azimuth_sd_deg,
        detection_probability=detection(real_gaps), max_range_nmi=270, min_elevation_deg=-0.5,
        link="udp://127.0.0.1:4001",
    )  # fmt: skip
    simulation = Simulation(sky(flights, fitted))
    said = Decoder(simulation.site()).step(simulation.step(simulation.start_ns + 1500 * NS_PER_S))
    made_range, made_azimuth, made_gaps = noise_and_gaps(said.plots, period_s)
    assert len(made_range) > 1000
    assert rotation(said.services) == pytest.approx(period_s, abs=0.008)
    assert detection(made_gaps) == pytest.approx(detection(real_gaps), abs=0.015)
    for made, found in ((made_range, real_range), (made_azimuth, real_azimuth)):
        assert np.quantile(np.abs(made), QUANTILES) == pytest.approx(np.quantile(np.abs(found), QUANTILES), rel=0.2)
