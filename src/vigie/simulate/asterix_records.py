"""Plots and radar messages as columns of the wire room's encoder: which value goes into which item.

Rows of several radars go in one call, since SAC and SIC are columns like the others.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from vigie.terms.tables import (
    ABSENT_MODE3A,
    FLAG_GARBLED,
    FLAG_ON_GROUND,
    FLAG_SIMULATED,
    FLAG_SPI,
    FLAG_TEST,
    Rows,
)
from vigie.terms.units import DEG_PER_RAD, M_PER_FL, M_PER_NMI, NS_PER_S
from vigie.terms.utc import DAY_NS
from vigie.wire.asterix.encode import encode_records
from vigie.wire.modes.encode import callsign_field

Ints = npt.NDArray[np.int64]
Octets = npt.NDArray[np.uint8]
Columns = dict[str, npt.NDArray[Any]]

CAT048_EDITION: Final = "1.30"
CAT034_EDITION: Final = "1.29"

SSR_BIT: Final = 2
MODE_S_BIT: Final = 4
PSR_BIT: Final = 1


def time_of_day_s(t_ns: Ints) -> npt.NDArray[np.float64]:
    """Return the time of day in whole steps of 1/128 s."""
    steps = (t_ns % DAY_NS * 128 + NS_PER_S // 2) // NS_PER_S
    day_s: npt.NDArray[np.float64] = steps % (86_400 * 128) / 128.0
    return day_s


def encode_plots(sac: Ints, sic: Ints, typ: Ints, rows: Rows) -> tuple[Octets, Ints]:
    """Return PLOT rows as CAT048 records, and where each begins (n + 1); ``typ`` is I048/020 TYP."""
    flags = rows["flags"]
    coded = rows["mode3a"] != ABSENT_MODE3A
    selective = rows["icao24"] > 0
    level = rows["press_alt_m"] / M_PER_FL
    garbled = (flags & FLAG_GARBLED > 0).astype(np.int64)
    columns: Columns = {
        "010/SAC": sac, "010/SIC": sic, "140": time_of_day_s(rows["toa_ns"]), "020/TYP": typ,
        "020/SIM": (flags & FLAG_SIMULATED > 0).astype(np.int64), "020/SPI": (flags & FLAG_SPI > 0).astype(np.int64),
        "020/TST": (flags & FLAG_TEST > 0).astype(np.int64),
        "040/RHO": rows["range_m"] / M_PER_NMI, "040/THETA": rows["azimuth_rad"] * DEG_PER_RAD,
        "070/G": garbled, "070/MODE3A": np.where(coded, rows["mode3a"], 0).astype(np.int64),
        "090/FL": level, "220": rows["icao24"].astype(np.int64),
        "240": callsign_field(rows["callsign"]).astype(np.int64),
        # Communications capability: Comm-A and B; heights in 25 ft; flight status 1 on the ground, 5 SPI.
        "230/COM": np.ones(len(rows), np.int64), "230/MSSC": np.ones(len(rows), np.int64),
        "230/ARC": np.ones(len(rows), np.int64), "230/AIC": np.ones(len(rows), np.int64),
        "230/STAT": np.where(flags & FLAG_ON_GROUND > 0, 1, np.where(flags & FLAG_SPI > 0, 5, 0)),
    }  # fmt: skip
    present = {
        "070": coded, "090": np.isfinite(level), "220": selective, "240": selective, "230": selective
    }  # fmt: skip
    return encode_records(48, CAT048_EDITION, columns, present=present)


def encode_services(
    *, sac: Ints, sic: Ints, north: npt.NDArray[np.bool_], toa_ns: Ints, azimuth_rad: npt.NDArray[np.float64],
    period_s: npt.NDArray[np.float64], nogo: npt.NDArray[np.bool_], modes: Ints,
) -> tuple[Octets, Ints]:  # fmt: skip
    """Return CAT034 records: north markers with period and status, else sector crossings; and where each begins."""
    status = {
        "050/COM/NOGO": nogo.astype(np.int64), "050/PSR/CHAB": np.ones(len(sac), np.int64),
        "050/SSR/CHAB": np.ones(len(sac), np.int64), "050/MDS/CHAB": np.ones(len(sac), np.int64),
    }  # fmt: skip
    columns: Columns = {
        "010/SAC": sac, "010/SIC": sic, "000": np.where(north, 1, 2), "030": time_of_day_s(toa_ns),
        "020": azimuth_rad * DEG_PER_RAD, "041": period_s, **status,
    }  # fmt: skip
    present = {
        "020": ~north, "041": north, "050/COM": north, "050/PSR": north & (modes & PSR_BIT > 0),
        "050/SSR": north & (modes & SSR_BIT > 0) & (modes & MODE_S_BIT == 0),
        "050/MDS": north & (modes & MODE_S_BIT > 0),
    }  # fmt: skip
    return encode_records(34, CAT034_EDITION, columns, present=present)
