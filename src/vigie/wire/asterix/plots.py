"""PLOT and SERVICE rows as records: the mapping of ``columns`` read backwards (SI to the units of each category)."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.errors import WireError
from vigie.terms.tables import (
    ABSENT_MODE3A,
    ABSENT_U1,
    FLAG_ON_GROUND,
    FLAG_SIMULATED,
    FLAG_SPI,
    FLAG_TEST,
    STATUS_NOGO,
    STATUS_OVERLOAD,
    STATUS_TIME_INVALID,
    Rows,
)  # fmt: skip
from vigie.terms.units import DEG_PER_RAD, M_PER_FL, M_PER_FT, M_PER_NMI, MPS_PER_FPM, NS_PER_S
from vigie.terms.utc import DAY_NS
from vigie.wire.asterix.encode import I8, U1, encode_records

Columns = dict[str, npt.NDArray[Any]]
_SECTOR_MESSAGE: Final = 2


def encode_plots(category: int, edition: str | None, plots: Rows, *, sac: int, sic: int) -> tuple[U1, I8]:
    """Return PLOT rows as records of category 048, 021 (2.x), 062 or 010, and where each begins (int64, n + 1).

    Absent columns become absent items. Times are sent as time of day of ``toa_ns``. Values are rounded to the item's
    resolution, so a decoder gives them back within half a step.

    Raises
    ------
    WireError
        For another category, or a value that does not fit its item.
    """
    makers = {48: _cat048, 21: _cat021, 62: _cat062, 10: _cat010}
    if category not in makers:
        known = ", ".join(f"{c:03d}" for c in sorted(makers))
        raise WireError(f"plots cannot be encoded as category {category:03d}; known: {known}")
    n = len(plots)
    columns = {"010/SAC": np.full(n, sac), "010/SIC": np.full(n, sic)} | makers[category](plots)
    return encode_records(category, edition, columns)


def encode_services(category: int, edition: str | None, services: Rows, *, sac: int, sic: int) -> tuple[U1, I8]:
    """Return SERVICE rows as records of category 034 and where each begins (int64, n + 1).

    North markers (kind 1) carry the rotation period and the system status, sector crossings (kind 2) their sector.

    Raises
    ------
    WireError
        For another category.
    """
    if category != 34:
        raise WireError(f"service messages cannot be encoded as category {category:03d}; known: 034")
    n = len(services)
    status = services["status"].astype(np.int64)
    north = services["kind"] == 1
    sector = np.where(services["kind"] == _SECTOR_MESSAGE, services["azimuth_rad"], np.nan) * (256.0 / (2.0 * math.pi))
    columns: Columns = {
        "010/SAC": np.full(n, sac),
        "010/SIC": np.full(n, sic),
        "000": services["kind"].astype(np.int64),
        "030": _time_of_day(services["toa_ns"]),
        "020": np.rint(sector) % 256.0 * (360.0 / 256.0),
        "041": services["period_s"].astype(np.float64),
        "050/COM/NOGO": np.where(north, (status & STATUS_NOGO) != 0, np.nan),
        "050/COM/OVLRDP": np.where(north, (status & STATUS_OVERLOAD) != 0, np.nan),
        "050/COM/TSV": np.where(north, (status & STATUS_TIME_INVALID) != 0, np.nan),
    }
    return encode_records(category, edition, columns)


def _time_of_day(t_ns: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return seconds since midnight, rounded to 1/128 s so that the last instant of a day stays on its day."""
    steps = np.floor(t_ns % DAY_NS / (NS_PER_S / 128.0) + 0.5)
    return np.minimum(steps, 86_400 * 128 - 1) / 128.0


def _flag(plots: Rows, bit: int) -> npt.NDArray[np.int64]:
    there: npt.NDArray[np.bool_] = plots["flags"] & bit != 0
    return there.astype(np.int64)


def _some(values: npt.NDArray[Any], absent: int) -> npt.NDArray[np.float64]:
    """Return numbers with NaN where absent."""
    return np.where(values == absent, np.nan, values.astype(np.float64))


def _names(plots: Rows) -> npt.NDArray[np.float64]:
    """Return call signs as their 48 bits, NaN where there is none."""
    letters = np.ascontiguousarray(plots["callsign"]).view(np.uint8).reshape(len(plots), 8)
    codes = np.full(256, -1, np.int64)
    codes[0] = codes[32] = 32
    codes[65:91] = np.arange(1, 27)
    codes[48:58] = np.arange(48, 58)
    six = codes[letters]
    if (six < 0).any():
        worst = plots["callsign"][(six < 0).any(axis=1)][0]
        raise WireError(f"call sign {worst!r} has a character that 6 bits cannot carry")
    words = np.zeros(len(plots), np.int64)
    for i in range(8):
        words = words << 6 | six[:, i]
    return np.where(plots["callsign"] == b"", np.nan, words)


def _polar_velocity(plots: Rows) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return ground speed in NM/s and course in degrees."""
    east, north = plots["v_east_mps"].astype(np.float64), plots["v_north_mps"].astype(np.float64)
    return np.hypot(east, north) / M_PER_NMI, np.arctan2(east, north) * DEG_PER_RAD


def _cat048(plots: Rows) -> Columns:
    speed, course = _polar_velocity(plots)
    names = _names(plots)
    kinds = np.array([0, 1, 2, 3, 5, 0, 0, 0, 0, 0])  # Mode S roll call stands for kind 4
    return {
        "140": _time_of_day(plots["toa_ns"]),
        "020/TYP": kinds[np.minimum(plots["kind"], 9)],
        "020/SIM": _flag(plots, FLAG_SIMULATED),
        "020/SPI": _flag(plots, FLAG_SPI),
        "020/TST": _flag(plots, FLAG_TEST),
        "040/RHO": plots["range_m"] / M_PER_NMI,
        "040/THETA": plots["azimuth_rad"] * DEG_PER_RAD,
        "070/MODE3A": _some(plots["mode3a"], ABSENT_MODE3A),
        "090/FL": plots["press_alt_m"] / M_PER_FL,
        "220": _some(plots["icao24"], 0),
        "240": names,
        "161/TRN": _some(plots["source_track_no"] & 4095, 0),
        "200/GSP": speed,
        "200/HDG": course,
    }


def _cat021(plots: Rows) -> Columns:
    speed, course = _polar_velocity(plots)
    climb = plots["climb_mps"].astype(np.float64) / MPS_PER_FPM
    return {
        "040/ATP": np.zeros(len(plots), np.int64),
        "040/GBS": _flag(plots, FLAG_ON_GROUND),
        "040/SIM": _flag(plots, FLAG_SIMULATED),
        "040/TST": _flag(plots, FLAG_TEST),
        "071": _time_of_day(plots["toa_ns"]),
        "131/LAT": plots["lat_deg"],
        "131/LON": plots["lon_deg"],
        "080": plots["icao24"].astype(np.int64),
        "140": plots["geo_alt_m"] / M_PER_FT,
        "145": plots["press_alt_m"] / M_PER_FL,
        "070/MODE3A": _some(plots["mode3a"], ABSENT_MODE3A),
        "090/NUCRNACV": _some(plots["nac_v"], ABSENT_U1),
        "090/NUCPNIC": _some(plots["nic"], ABSENT_U1),
        "090/SIL": _some(plots["sil"], ABSENT_U1),
        "090/NACP": _some(plots["nac_p"], ABSENT_U1),
        "210/VN": _some(plots["adsb_version"], ABSENT_U1),
        "155/BVR": climb,
        "160/GS": speed,
        "160/TA": course,
        "161/TRNUM": _some(plots["source_track_no"] & 4095, 0),
        "170": _names(plots),
        "200/PS": _some(plots["emergency"], ABSENT_U1),
    }


def _cat062(plots: Rows) -> Columns:
    names = _names(plots)
    return {
        "070": _time_of_day(plots["toa_ns"]),
        "040": plots["source_track_no"].astype(np.int64),
        "080/SPI": _flag(plots, FLAG_SPI),
        "080/SIM": _flag(plots, FLAG_SIMULATED),
        "105/LAT": plots["lat_deg"],
        "105/LON": plots["lon_deg"],
        "185/VX": plots["v_east_mps"].astype(np.float64),
        "185/VY": plots["v_north_mps"].astype(np.float64),
        "060/MODE3A": _some(plots["mode3a"], ABSENT_MODE3A),
        "136": plots["press_alt_m"] / M_PER_FL,
        "130": plots["geo_alt_m"] / M_PER_FT,
        "220": plots["climb_mps"].astype(np.float64) / MPS_PER_FPM,
        "245/CHR": names,
        "380/ADR": _some(plots["icao24"], 0),
    }


def _cat010(plots: Rows) -> Columns:
    speed, course = _polar_velocity(plots)
    kinds = np.array([7, 3, 0, 0, 1, 2, 1, 7, 7, 7])
    n = len(plots)
    return {
        "000": np.ones(n, np.int64),
        "020/TYP": kinds[np.minimum(plots["kind"], 9)],
        "020/GBS": _flag(plots, FLAG_ON_GROUND),
        "020/SIM": _flag(plots, FLAG_SIMULATED),
        "140": _time_of_day(plots["toa_ns"]),
        "041/LAT": plots["lat_deg"],
        "041/LON": plots["lon_deg"],
        "040/RHO": plots["range_m"],
        "040/TH": plots["azimuth_rad"] * DEG_PER_RAD,
        "060/MODE3A": _some(plots["mode3a"], ABSENT_MODE3A),
        "090/FL": plots["press_alt_m"] / M_PER_FL,
        "161/TRK": _some(plots["source_track_no"] & 4095, 0),
        "200/GSP": speed,
        "200/TRA": course,
        "220": _some(plots["icao24"], 0),
        "245/CHR": _names(plots),
    }
