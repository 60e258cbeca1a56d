"""Position reports and status messages as columns of the wire room's encoder: CAT019, 020, 021, 023, 062, 065."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.simulate.asterix_records import time_of_day_s
from vigie.terms.tables import ABSENT_MODE3A, FLAG_EMERGENCY, FLAG_ON_GROUND, FLAG_SIMULATED, Rows
from vigie.terms.units import DEG_PER_RAD, M_PER_FL, M_PER_FT, M_PER_NMI, MPS_PER_FPM
from vigie.wire.asterix.encode import encode_records
from vigie.wire.modes.encode import callsign_field

Octets = npt.NDArray[np.uint8]
Ints = npt.NDArray[np.int64]
Columns = dict[str, npt.NDArray[Any]]

EDITIONS: Final = {19: "1.3", 20: "1.11", 21: "2.7", 23: "1.3", 62: "1.21", 65: "1.6"}


def encode_system(category: int, sac: int, sic: int, rows: Rows) -> tuple[Octets, Ints]:
    """Return PLOT rows as records of category 20, 21 or 62, and where each begins (n + 1)."""
    n = len(rows)
    columns: Columns = {"010/SAC": np.full(n, sac), "010/SIC": np.full(n, sic)}
    present: dict[str, npt.NDArray[np.bool_]] = {}
    make = {20: _cat020, 21: _cat021, 62: _cat062}[category]
    make(rows, columns, present)
    return encode_records(category, EDITIONS[category], columns, present=present)


def _bit(rows: Rows, flag: int) -> Ints:
    bits: Ints = (rows["flags"] & flag > 0).astype(np.int64)
    return bits


def _cat020(rows: Rows, columns: Columns, present: dict[str, npt.NDArray[np.bool_]]) -> None:
    # The ellipse as deviations to the east and the north; how they go together has no agreed scale and is left out.
    major, minor, angle = (rows[c].astype(np.float64) for c in ("pos_sd_m", "pos_minor_sd_m", "pos_orient_rad"))
    east2 = (major * np.sin(angle)) ** 2 + (minor * np.cos(angle)) ** 2
    north2 = (major * np.cos(angle)) ** 2 + (minor * np.sin(angle)) ** 2
    columns |= {
        "020/MS": np.ones(len(rows), np.int64), "020/SIM": _bit(rows, FLAG_SIMULATED),
        "020/GBS": _bit(rows, FLAG_ON_GROUND), "140": time_of_day_s(rows["toa_ns"]),
        "041/LAT": rows["lat_deg"], "041/LON": rows["lon_deg"], "161/TRN": rows["source_track_no"].astype(np.int64),
        "070/MODE3A": np.minimum(rows["mode3a"], 4095).astype(np.int64), "090/FL": rows["press_alt_m"] / M_PER_FL,
        "220": rows["icao24"].astype(np.int64), "245/CHR": callsign_field(rows["callsign"]).astype(np.int64),
        "500/SDP/X": np.sqrt(east2), "500/SDP/Y": np.sqrt(north2),
    }  # fmt: skip
    present |= {"070": rows["mode3a"] != ABSENT_MODE3A}


def _cat021(rows: Rows, columns: Columns, present: dict[str, npt.NDArray[np.bool_]]) -> None:
    east, north = rows["v_east_mps"].astype(np.float64), rows["v_north_mps"].astype(np.float64)
    columns |= {
        "040/GBS": _bit(rows, FLAG_ON_GROUND), "040/SIM": _bit(rows, FLAG_SIMULATED),
        "071": time_of_day_s(rows["toa_ns"]), "131/LAT": rows["lat_deg"], "131/LON": rows["lon_deg"],
        "080": rows["icao24"].astype(np.int64), "140": rows["geo_alt_m"] / M_PER_FT,
        "145": rows["press_alt_m"] / M_PER_FL, "090/NUCPNIC": rows["nic"].astype(np.int64),
        "090/NACP": rows["nac_p"].astype(np.int64), "090/SIL": rows["sil"].astype(np.int64),
        "210/VN": rows["adsb_version"].astype(np.int64), "155/BVR": rows["climb_mps"].astype(np.float64) / MPS_PER_FPM,
        "160/GS": np.hypot(east, north) / M_PER_NMI, "160/TA": np.arctan2(east, north) * DEG_PER_RAD % 360.0,
        "161/TRNUM": rows["source_track_no"].astype(np.int64), "170": callsign_field(rows["callsign"]).astype(np.int64),
        "200/PS": rows["emergency"].astype(np.int64),
        "070/MODE3A": np.minimum(rows["mode3a"], 4095).astype(np.int64),
    }  # fmt: skip
    present |= {"070": rows["mode3a"] != ABSENT_MODE3A}


def _cat062(rows: Rows, columns: Columns, present: dict[str, npt.NDArray[np.bool_]]) -> None:
    selective = rows["icao24"] > 0
    columns |= {
        "070": time_of_day_s(rows["toa_ns"]), "040": rows["source_track_no"].astype(np.int64),
        "080/SIM": _bit(rows, FLAG_SIMULATED), "105/LAT": rows["lat_deg"], "105/LON": rows["lon_deg"],
        "185/VX": rows["v_east_mps"].astype(np.float64), "185/VY": rows["v_north_mps"].astype(np.float64),
        "060/MODE3A": np.minimum(rows["mode3a"], 4095).astype(np.int64), "136": rows["press_alt_m"] / M_PER_FL,
        "220": rows["climb_mps"].astype(np.float64) / MPS_PER_FPM, "380/ADR": rows["icao24"].astype(np.int64),
        "245/CHR": callsign_field(rows["callsign"]).astype(np.int64),
    }  # fmt: skip
    emergency = _bit(rows, FLAG_EMERGENCY)
    columns["080/SPI"] = 0 * emergency
    present |= {"060": rows["mode3a"] != ABSENT_MODE3A, "380/ADR": selective, "245": selective}


def encode_status(category: int, sac: int, sic: int, toa_ns: int, period_s: float) -> tuple[Octets, Ints]:
    """Return one status record: CAT019 periodic status, CAT023 station status, CAT065 status of the tracker."""
    tod = time_of_day_s(np.array([toa_ns], np.int64))
    values: Columns = {"010/SAC": np.array([sac]), "010/SIC": np.array([sic])}
    if category == 19:
        values |= {"000": np.array([2]), "140": tod, "550/NOGO": np.array([0])}
    elif category == 23:
        values |= {
            "000": np.array([1]), "015/SID": np.array([0]), "015/STYP": np.array([1]), "070": tod,
            "100/NOGO": np.array([0]),
        }  # fmt: skip
    else:
        values |= {"000": np.array([1]), "030": tod, "040/NOGO": np.array([0]), "040/PSS": np.array([1])}
    return encode_records(category, EDITIONS[category], values)
