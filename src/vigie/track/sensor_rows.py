"""The sensors' rows at the start, and the filter of their biases: what the site file says, in the tracker's numbers."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.sensors.measure import sensor_frame
from vigie.sensors.site import Sensor
from vigie.terms.units import RAD_PER_DEG
from vigie.track.kernels.registration import STATES
from vigie.track.state import (
    N_ASD,
    N_BA,
    N_BR,
    N_BT,
    N_DELAY,
    N_ELSD,
    N_HEIGHT,
    N_ID,
    N_KIND,
    N_LAMBDA,
    N_LATSIN,
    N_LOSS,
    N_MAXR,
    N_PD,
    N_PERIOD,
    N_PFACTOR,
    N_PSD,
    N_REF,
    N_RRSD,
    N_RSD,
    N_UNAMB,
    N_VA,
    N_VR,
    N_VT,
    N_WIDTH,
    Floats,
    Ints,
)

BIAS_SD: Final = (80.0, 0.25 * RAD_PER_DEG, 0.3, 2e-4)
"""How far range (m), azimuth (rad), time (s) and range scale of a radar are off before anything is known: 1-sigma."""


def sensor_table(sensors: tuple[Sensor, ...]) -> Floats:
    """Return the sensors' rows (n, N_WIDTH), at least one, with no bias known."""
    table = np.zeros((max(1, len(sensors)), N_WIDTH))
    kinds = {"radar": 0, "adsb": 1, "mlat": 1, "remoteid": 1, "sapient": 1, "observer": 2, "acoustic": 2, "external": 3}
    for row, s in zip(table, sensors, strict=False):
        row[:12] = sensor_frame(s.lat_deg * RAD_PER_DEG, s.lon_deg * RAD_PER_DEG, s.height_m)
        row[N_RSD] = s.range_sd_m if s.range_sd_m > 0 else 100.0
        row[N_ASD] = s.azimuth_sd_rad if s.azimuth_sd_rad > 0 else 0.0015
        row[N_PSD] = s.pos_sd_m if s.pos_sd_m > 0 else 50.0
        row[N_PD] = min(s.detection_probability, 0.98)
        row[N_LOSS] = math.log(1.0 - min(row[N_PD], 0.9))
        row[N_PERIOD] = s.period_s
        row[N_MAXR] = s.max_range_m
        row[N_DELAY] = s.delay_s
        row[N_ID] = s.id
        row[N_KIND] = kinds[s.kind]
        row[N_HEIGHT] = s.height_m
        row[N_REF] = float(s.kind == "adsb" or s.registration_reference)
        row[N_PFACTOR] = 1.0
        row[N_RRSD] = s.range_rate_sd_mps if s.range_rate_sd_mps > 0 else 3.0
        row[N_ELSD] = s.elevation_sd_rad if s.elevation_sd_rad > 0 else 0.3 * RAD_PER_DEG
        row[N_UNAMB] = s.unambiguous_m
        row[N_LATSIN] = math.sin(s.lat_deg * RAD_PER_DEG)
        # false reports a turn before anything is learned: 50 in a radar's cover (per m2); bearings per radian
        radar, bearing = 50.0 / (math.pi * s.max_range_m**2), 0.1
        row[N_LAMBDA] = radar if s.kind == "radar" else bearing if row[N_KIND] == 2.0 else 1e-13
        row[[N_BR, N_BA, N_BT, N_VR, N_VA, N_VT]] = 0.0
    return table


def bias_filter(sensors: tuple[Sensor, ...]) -> tuple[Ints, Floats, Floats]:
    """Return where each sensor's biases stand, the biases, and their covariance; nothing where nothing can compare."""
    at = np.full(max(1, len(sensors)), -1, np.int64)
    radars = [k for k, s in enumerate(sensors) if s.kind == "radar"]
    if len(radars) + sum(s.kind in ("adsb", "mlat") or s.registration_reference for s in sensors) < 2:
        radars = []  # nothing to compare with
    for n, k in enumerate(radars):
        at[k] = STATES * n
    return at, np.zeros(STATES * len(radars)), np.diag(np.tile(np.square(BIAS_SD), len(radars)))


GAIN_PER_HEIGHT: Final = 3.5e-3
"""How much range gain a wrong scale of all heights looks like: 4 % of height, 1.4e-4 of range (a simulated sky)."""


def gain_sd(p: Floats, height_scale_sd: float) -> float:
    """Return how uncertain a range gain is: by its covariance ``p`` (4, 4), and by the heights it was found with."""
    return math.hypot(math.sqrt(max(p[3, 3], 0.0)), GAIN_PER_HEIGHT * height_scale_sd)


def gain_shows(b: Floats, p: Floats, height_scale_sd: float, *, applied: bool) -> bool:
    """Return whether a sensor's targets lie so that its range gain is surely seen: four sigma, and 5 m in 100 km.

    ``b``, ``p``: its four biases and their covariance; ``height_scale_sd``: how well it is known what pressure altitude
    is as height, a share. What is ``applied`` goes on until it is within two sigma.
    """
    sd = gain_sd(p, height_scale_sd)
    least = max((2.0 if applied else 4.0) * sd, 2e-5 if applied else 5e-5)
    return bool(math.sqrt(max(p[3, 3], 0.0)) < 0.5 * BIAS_SD[3] and abs(b[3]) > least)
