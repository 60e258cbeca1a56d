"""Which field of which category goes into which column: the mapping, as data.

``VALUES``: field path -> slot; the resolution comes from the definition, the unit is turned into SI by the compiler.
``BITS``: field path -> {value: what it means}; all such fields of one octet become one table of 256 meanings. A path
``"a..b"`` takes the bits from field a to field b together; ``RE/`` begins fields of the published expansion. Paths that
an edition lacks are skipped, so one list serves all editions of a category whose names agree; where they do not, the
key carries the edition's first part.
"""

from __future__ import annotations

from typing import Final

from vigie.terms.tables import (
    FLAG_COASTED,
    FLAG_EMERGENCY,
    FLAG_ENDED,
    FLAG_GARBLED,
    FLAG_ON_GROUND,
    FLAG_SIMULATED,
    FLAG_SPI,
    FLAG_TENTATIVE,
    FLAG_TEST,
    PLOT_KIND,
    STATUS_DISCONNECTED,
    STATUS_NOGO,
    STATUS_OVERLOAD,
    STATUS_TIME_INVALID,
)
from vigie.wire.asterix import slots as s
from vigie.wire.asterix.slots import KIND_SHIFT, PLOT_BIT, SERVICE_BIT

Bits = dict[int, int]

RADAR, MLAT, ADSB, SYSTEM, FINDER, DRONES, OTHER = range(7)
FAMILY: Final = {
    1: RADAR, 2: RADAR, 34: RADAR, 48: RADAR, 10: MLAT, 19: MLAT, 20: MLAT, 21: ADSB, 23: ADSB,
    62: SYSTEM, 63: SYSTEM, 65: SYSTEM, 4: SYSTEM, 11: SYSTEM, 32: SYSTEM, 205: FINDER, 129: DRONES, 25: ADSB,
    8: RADAR, 9: RADAR, 15: RADAR, 16: RADAR, 17: RADAR, 18: RADAR, 247: RADAR,
}  # fmt: skip
"""One SAC/SIC may carry several systems: the family of the category tells which one speaks."""

DEFAULT_CLASS: Final = {
    1: PLOT_BIT, 10: PLOT_BIT, 20: PLOT_BIT, 21: PLOT_BIT, 48: PLOT_BIT, 62: PLOT_BIT,
    11: PLOT_BIT, 15: PLOT_BIT, 129: PLOT_BIT, 205: PLOT_BIT,
    2: SERVICE_BIT, 19: SERVICE_BIT, 23: SERVICE_BIT, 34: SERVICE_BIT, 63: SERVICE_BIT, 65: SERVICE_BIT,
    4: SERVICE_BIT, 8: SERVICE_BIT, 9: SERVICE_BIT, 16: SERVICE_BIT, 17: SERVICE_BIT, 18: SERVICE_BIT, 25: SERVICE_BIT,
    32: SERVICE_BIT, 247: SERVICE_BIT,
}  # fmt: skip
"""What a record of the category becomes when no field says otherwise; other categories have no mapping yet."""

DEFAULT_KIND: Final = {
    10: PLOT_KIND["mlat"], 20: PLOT_KIND["mlat"], 21: PLOT_KIND["adsb"], 62: PLOT_KIND["track"],
    11: PLOT_KIND["track"], 15: PLOT_KIND["psr"], 129: PLOT_KIND["remote_id"],
    205: PLOT_KIND["bearing"],
}  # fmt: skip
"""The kind of a record in which no field states one."""


def _kind(number: int, more: int = 0) -> int:
    return number << KIND_SHIFT | more


def _service(number: int) -> int:
    return SERVICE_BIT | number << KIND_SHIFT


def _yes(meaning: int) -> Bits:
    return {1: meaning}


_DOUBT: Final[Bits] = {1: FLAG_GARBLED, 2: FLAG_GARBLED, 3: FLAG_GARBLED}  # V (not validated) and G (garbled) together
_TYP: Final[Bits] = {
    0: _kind(0, FLAG_COASTED), 1: _kind(1), 2: _kind(2), 3: _kind(3), 4: _kind(4), 5: _kind(4), 6: _kind(4), 7: _kind(4)
}  # fmt: skip
_FLIGHT_STATUS: Final[Bits] = {1: FLAG_ON_GROUND, 3: FLAG_ON_GROUND, 4: FLAG_SPI, 5: FLAG_SPI}
_EMERGENCY: Final[Bits] = dict.fromkeys((1, 3, 4, 5, 6), FLAG_EMERGENCY)  # 2 is a medical flight, 7 says nothing
_PRIORITY: Final[Bits] = dict.fromkeys(range(9, 16), FLAG_EMERGENCY)  # of version 3: the bit "populated", then 1 to 7

VALUES: Final[dict[str, dict[str, int]]] = {
    "1": {
        "141": s.TOD_SHORT, "040/RHO": s.RHO, "040/THETA": s.THETA, "070/MODE3A": s.MODE3A, "090/HGT": s.LEVEL,
        "161": s.TRACK_NO, "200/GSP": s.SPEED, "200/HDG": s.COURSE, "120": s.DOPPLER,
    },
    "2": {"030": s.TOD, "020": s.SECTOR, "041": s.PERIOD},
    "10": {
        "140": s.TOD, "040/RHO": s.RHO, "040/TH": s.THETA, "041/LAT": s.LAT, "041/LON": s.LON, "042/X": s.X,
        "042/Y": s.Y, "060/MODE3A": s.MODE3A, "090/FL": s.LEVEL, "161/TRK": s.TRACK_NO, "200/GSP": s.SPEED,
        "200/TRA": s.COURSE, "202/VX": s.VX, "202/VY": s.VY, "220": s.ICAO, "245/CHR": s.CALLSIGN,
        "500/DEVX": s.SDX, "500/DEVY": s.SDY, "500/COVXY": s.COV,
    },
    "4": {"020": s.TOD},
    "8": {"090": s.TOD},
    "11": {
        "140": s.TOD, "041/LAT": s.LAT, "041/LON": s.LON, "042/X": s.X, "042/Y": s.Y, "202/VX": s.VX, "202/VY": s.VY,
        "060/MOD3A": s.MODE3A, "090": s.LEVEL, "093/CTBA": s.LEVEL2, "092": s.GEO, "215": s.CLIMB,
        "245/TID": s.CALLSIGN, "380/ADR": s.ICAO, "161/FTN": s.TRACK_NO, "500/APC/X": s.SDX, "500/APC/Y": s.SDY,
    },
    "15": {
        "145": s.TOD, "161": s.TRACK_NO, "600/P84/LATITUDE": s.LAT, "600/P84/LONGITUDE": s.LON,
        "600/HPP/SDHPX": s.SDX, "600/HPP/SDHPY": s.SDY, "601/GH": s.GEO, "602/HV/X": s.VX, "602/HV/Y": s.VY,
        "604/VV": s.CLIMB, "625/R": s.RHO, "625/RR": s.DOPPLER, "627/AZ": s.THETA, "628/EL": s.ELEVATION,
    },
    "16": {"140": s.TOD},
    "17": {
        "140": s.TOD, "045/LAT": s.LAT, "045/LON": s.LON, "070/MODE3A": s.MODE3A, "050/ALT": s.LEVEL,
        "200/GSP": s.SPEED, "200/HDG": s.COURSE, "220": s.ICAO,
    },
    "18": {"002": s.TOD},
    "19": {"140": s.TOD},
    "20": {
        "140": s.TOD, "041/LAT": s.LAT, "041/LON": s.LON, "042/X": s.X, "042/Y": s.Y, "070/MODE3A": s.MODE3A,
        "090/FL": s.LEVEL, "105": s.GEO, "161/TRN": s.TRACK_NO, "202/VX": s.VX, "202/VY": s.VY, "220": s.ICAO,
        "245/CHR": s.CALLSIGN, "500/SDP/X": s.SDX, "500/SDP/Y": s.SDY,
    },
    "21:0": {
        "030": s.TOD, "130/LAT": s.LAT, "130/LON": s.LON, "080": s.ICAO, "140": s.GEO, "145": s.LEVEL, "090/PA": s.NIC,
        "095": s.NAC_V, "155": s.CLIMB, "157": s.CLIMB2, "160/GS": s.SPEED, "160/TA": s.COURSE, "170": s.CALLSIGN,
        "200": s.EMERGENCY, "152": s.HEADING, "150/IM..150/AS": s.IAS_OR_MACH, "146/ALT": s.SELECTED,
        "148/ALT": s.SELECTED2,
    },
    "21": {
        "071": s.TOD, "073": s.TOD2, "075": s.TOD3, "077": s.TOD4, "130/LAT": s.LAT, "130/LON": s.LON,
        "131/LAT": s.LAT_FINE, "131/LON": s.LON_FINE, "080": s.ICAO, "140": s.GEO, "145": s.LEVEL,
        "070/MODE3A": s.MODE3A, "090/NUCRNACV": s.NAC_V, "090/NUCPNIC": s.NIC, "090/NACP": s.NAC_P, "090/SIL": s.SIL,
        "210/VN": s.VERSION, "155/BVR": s.CLIMB, "157/GVR": s.CLIMB2, "160/GS": s.SPEED, "160/TA": s.COURSE,
        "161/TRNUM": s.TRACK_NO, "170": s.CALLSIGN, "200/PS": s.EMERGENCY, "152": s.HEADING,
        "150/IM..150/AS": s.IAS_OR_MACH, "146/ALT": s.SELECTED, "148/ALT": s.SELECTED2,
        "RE/SGV/STP..RE/SGV/HRD": s.SURFACE, "RE/SGV/GSS": s.SURFACE_SPEED, "RE/SGV/HGT": s.SURFACE_ANGLE,
        "RE/STA/PS3/EP..RE/STA/PS3/VAL": s.PRIORITY,
    },
    "23": {"070": s.TOD},
    "25": {"070": s.TOD},
    "32": {"020": s.TOD},
    "34": {"030": s.TOD, "020": s.SECTOR, "041": s.PERIOD},
    "48": {
        "140": s.TOD, "040/RHO": s.RHO, "040/THETA": s.THETA, "070/MODE3A": s.MODE3A, "090/FL": s.LEVEL,
        "110/3DH": s.GEO2, "120/CAL/CAL": s.DOPPLER, "161/TRN": s.TRACK_NO, "200/GSP": s.SPEED, "200/HDG": s.COURSE,
        "220": s.ICAO, "240": s.CALLSIGN,
        "RE/MD5/POS/LAT": s.LAT, "RE/MD5/POS/LON": s.LON, "RE/MD5/GA/GA": s.GEO,
        "RE/M5N/POS/LAT": s.LAT, "RE/M5N/POS/LON": s.LON, "RE/M5N/GA/GA": s.GEO, "RE/ERR": s.FAR_RHO,
    },
    "62": {
        "070": s.TOD, "105/LAT": s.LAT, "105/LON": s.LON, "185/VX": s.VX, "185/VY": s.VY, "060/MODE3A": s.MODE3A,
        "136": s.LEVEL, "135/CTB": s.LEVEL2, "130": s.GEO, "220": s.CLIMB, "245/CHR": s.CALLSIGN, "040": s.TRACK_NO,
        "380/ADR": s.ICAO, "380/MHG": s.HEADING, "380/IAR": s.IAS, "380/IAS/IM..380/IAS/IAS": s.IAS_OR_MACH,
        "380/SAL/ALT": s.SELECTED, "380/FSS/ALT": s.SELECTED2, "080/EMS": s.EMERGENCY,
        "500/APC/X": s.SDX, "500/APC/Y": s.SDY, "500/COV": s.COV, "500/APW/LAT": s.SD_LAT, "500/APW/LON": s.SD_LON,
        "RE/TVS/VX": s.VX, "RE/TVS/VY": s.VY, "RE/V3/PS3/EP..RE/V3/PS3/VAL": s.PRIORITY,
    },
    "63": {"030": s.TOD},
    "65": {"030": s.TOD},
    # Accuracy is the radius of half of all positions, 1.18 standard deviations; the height is above mean sea level.
    "129": {
        "070": s.TOD, "080/LAT": s.LAT, "080/LON": s.LON, "090": s.GEO2, "110": s.SDX, "185/HVX": s.VX,
        "185/HVY": s.VY, "220/VV": s.CLIMB,
    },
    # The positions of I205/060 are left out: range and azimuth would follow from them.
    "205": {
        "030": s.TOD, "050/LAT": s.LAT, "050/LON": s.LON, "070": s.THETA, "080": s.THETA2, "110": s.SDX,
        "160": s.TRACK_NO, "200": s.ELEVATION,
    },
    "247": {"140": s.TOD},
}  # fmt: skip

BITS: Final[dict[str, dict[str, Bits]]] = {
    "1": {
        "020/SSRPSR": {0: _kind(0, FLAG_COASTED), 1: _kind(1), 2: _kind(2), 3: _kind(3)},
        "020/SIM": _yes(FLAG_SIMULATED), "020/TST": _yes(FLAG_TEST), "020/RAB": _yes(FLAG_TEST),
        "020/SPI": _yes(FLAG_SPI), "020/ME": _yes(FLAG_EMERGENCY),
        "020/DS1DS2": {1: FLAG_EMERGENCY, 2: FLAG_EMERGENCY, 3: FLAG_EMERGENCY},
        "070/V..070/G": _DOUBT, "090/V..090/G": _DOUBT,
        "170/CON": _yes(FLAG_TENTATIVE), "170/TRE": _yes(FLAG_ENDED),
    },
    "2": {"000": {1: _service(1), 2: _service(2), 8: _service(3), 9: _service(3)}},
    "10": {
        "000": {2: _service(10), 3: _service(11), 4: _service(12)},
        "020/TYP": {0: _kind(6), 1: _kind(6), 2: _kind(5), 3: _kind(1), 5: _kind(6)},
        "020/GBS": _yes(FLAG_ON_GROUND), "020/SIM": _yes(FLAG_SIMULATED), "020/TST": _yes(FLAG_TEST),
        "020/RAB": _yes(FLAG_TEST), "020/SPI": _yes(FLAG_SPI),
        "060/V..060/G": _DOUBT, "090/V..090/G": _DOUBT,
        "170/CNF": _yes(FLAG_TENTATIVE), "170/TRE": _yes(FLAG_ENDED),
        "170/CST": {1: FLAG_COASTED, 2: FLAG_COASTED, 3: FLAG_COASTED},
        "550/NOGO": {2: STATUS_NOGO}, "550/OVL": _yes(STATUS_OVERLOAD), "550/TSV": _yes(STATUS_TIME_INVALID),
    },
    "4": {"000": {1: _service(11)}},
    "8": {"000": {n: _service(13) for n in (1, 2, 3, 4, 254, 255)}},
    "11": {
        "000": dict.fromkeys(range(2, 8), SERVICE_BIT),
        "170/GBS": _yes(FLAG_ON_GROUND), "170/CNF": _yes(FLAG_TENTATIVE), "170/SIM": _yes(FLAG_SIMULATED),
        "170/TSE": _yes(FLAG_ENDED), "170/ME": _yes(FLAG_EMERGENCY), "170/SPI": _yes(FLAG_SPI),
        "170/CST": _yes(FLAG_COASTED), "380/COMACAS/STAT": _FLIGHT_STATUS,
    },
    "15": {
        "000/MT": {5: FLAG_ENDED}, "020/TTAX": {1: FLAG_TEST, 2: FLAG_SIMULATED, 3: FLAG_SIMULATED},
        "170/TUR": _yes(FLAG_ENDED), "170/CNF": _yes(FLAG_TENTATIVE), "170/CSTP": _yes(FLAG_COASTED),
    },
    "17": {
        "000": {10: _kind(PLOT_KIND["track"], PLOT_BIT)}, "070/V..070/G": _DOUBT, "050/V..050/G": _DOUBT,
        "240/CST": _yes(FLAG_COASTED),
    },
    "19": {
        "000": {1: _service(10), 2: _service(11), 3: _service(12)},
        "550/NOGO": {2: STATUS_NOGO}, "550/OVL": _yes(STATUS_OVERLOAD), "550/TSV": _yes(STATUS_TIME_INVALID),
    },
    "20": {
        "020/GBS": _yes(FLAG_ON_GROUND), "020/SIM": _yes(FLAG_SIMULATED), "020/TST": _yes(FLAG_TEST),
        "020/RAB": _yes(FLAG_TEST), "020/SPI": _yes(FLAG_SPI),
        "070/V..070/G": _DOUBT, "090/V..090/G": _DOUBT, "230/STAT": _FLIGHT_STATUS,
        "170/CNF": _yes(FLAG_TENTATIVE), "170/TRE": _yes(FLAG_ENDED), "170/CST": _yes(FLAG_COASTED),
    },
    "21:0": {
        "040/GBS": _yes(FLAG_ON_GROUND), "040/SIM": _yes(FLAG_SIMULATED), "040/TST": _yes(FLAG_TEST),
        "040/RAB": _yes(FLAG_TEST), "040/SPI": _yes(FLAG_SPI), "200": _EMERGENCY,
    },
    "21": {
        "040/GBS": _yes(FLAG_ON_GROUND), "040/SIM": _yes(FLAG_SIMULATED), "040/TST": _yes(FLAG_TEST),
        "040/RAB": _yes(FLAG_TEST), "040/CL": {1: FLAG_GARBLED}, "200/PS": _EMERGENCY, "200/SS": {3: FLAG_SPI},
        "RE/STA/PS3/EP..RE/STA/PS3/VAL": _PRIORITY,
    },
    "23": {
        "000": {1: _service(8), 2: _service(9)},
        "100/NOGO": _yes(STATUS_NOGO), "100/ODP": _yes(STATUS_OVERLOAD), "100/OXT": _yes(STATUS_OVERLOAD),
        "100/TSV": _yes(STATUS_TIME_INVALID), "110/STAT": {1: STATUS_NOGO, 2: STATUS_NOGO},
    },
    "25": {
        "000/RTYP": {1: _service(9), 2: _service(9), 3: _service(11)}, "100/NOGO": _yes(STATUS_NOGO),
        "100/OPS": {2: STATUS_NOGO}, "100/SSTAT": {1: STATUS_NOGO, 5: STATUS_NOGO},
    },
    "34": {
        "000": {n: _service(n) for n in range(1, 8)},
        "050/COM/NOGO": _yes(STATUS_NOGO), "050/COM/OVLRDP": _yes(STATUS_OVERLOAD),
        "050/COM/OVLXMT": _yes(STATUS_OVERLOAD), "050/COM/MSC": _yes(STATUS_DISCONNECTED),
        "050/COM/TSV": _yes(STATUS_TIME_INVALID), "050/PSR/OVL": _yes(STATUS_OVERLOAD),
        "050/PSR/MSC": _yes(STATUS_DISCONNECTED), "050/SSR/OVL": _yes(STATUS_OVERLOAD),
        "050/SSR/MSC": _yes(STATUS_DISCONNECTED), "050/MDS/OVLSUR": _yes(STATUS_OVERLOAD),
        "050/MDS/MSC": _yes(STATUS_DISCONNECTED), "050/MDS/OVLSCF": _yes(STATUS_OVERLOAD),
        "050/MDS/OVLDLF": _yes(STATUS_OVERLOAD),
    },
    "48": {
        "020/TYP": _TYP, "020/SIM": _yes(FLAG_SIMULATED), "020/SPI": _yes(FLAG_SPI), "020/RAB": _yes(FLAG_TEST),
        "020/TST": _yes(FLAG_TEST), "020/ME": _yes(FLAG_EMERGENCY),
        "070/V..070/G": _DOUBT, "090/V..090/G": _DOUBT, "230/STAT": _FLIGHT_STATUS,
        "170/CNF": _yes(FLAG_TENTATIVE), "170/TRE": _yes(FLAG_ENDED),
    },
    "62": {
        "080/SPI": _yes(FLAG_SPI), "080/CNF": _yes(FLAG_TENTATIVE), "080/SIM": _yes(FLAG_SIMULATED),
        "080/TSE": _yes(FLAG_ENDED), "080/ME": _yes(FLAG_EMERGENCY), "080/CST": _yes(FLAG_COASTED),
        "080/EMS": _EMERGENCY, "060/V..060/G": _DOUBT, "380/SAB/GBS": _yes(FLAG_ON_GROUND),
        "380/COM/STAT": _FLIGHT_STATUS, "RE/V3/PS3/EP..RE/V3/PS3/VAL": _PRIORITY,
    },
    "63": {
        "060/CON": {0: _service(11), 1: _service(11), 2: _service(11), 3: _service(11) | STATUS_NOGO},
        "060/ODP": _yes(STATUS_OVERLOAD), "060/OXT": _yes(STATUS_OVERLOAD), "060/TSV": _yes(STATUS_TIME_INVALID),
    },
    "65": {
        "000": {1: _service(11), 2: _service(10), 3: _service(9)},
        "040/NOGO": {2: STATUS_NOGO}, "040/OVL": _yes(STATUS_OVERLOAD), "040/TSV": _yes(STATUS_TIME_INVALID),
    },
    # A position found by direction finders is another system's track; a bearing starts at the sensor's own place.
    "205": {"000": {1: _kind(9), 2: _kind(8), 3: _kind(9), 4: _service(12), 5: _kind(8)}},
}  # fmt: skip

REGISTER_ITEMS: Final = {"10": "250", "20": "250", "21": "250", "48": "250", "62": "380/BDSDATA"}
"""Items that repeat Comm-B registers: 56 bits of message, then the register's number."""

REGISTERS: Final[tuple[tuple[int, int, int, int, int, float, str], ...]] = (
    # register, status bit, first bit, width, slot, step, unit
    (0x40, 1, 2, 12, s.BDS_SELECTED, 16.0, "ft"),
    (0x50, 12, 13, 11, -s.BDS_COURSE, 90.0 / 512.0, "°"),
    (0x50, 24, 25, 10, s.BDS_SPEED, 2.0, "kt"),
    (0x60, 1, 2, 11, -s.BDS_HEADING, 90.0 / 512.0, "°"),
    (0x60, 13, 14, 10, s.BDS_IAS, 1.0, "kt"),
    (0x60, 35, 36, 10, -s.BDS_CLIMB, 32.0, "ft/min"),
)
"""Fields of Comm-B registers that become columns, bits counted from 1; a negative slot is a signed number.

Source: ICAO Doc 9871, tables A-2-64, A-2-80 and A-2-96.
"""

COVARIANCE_IS_ROOT: Final = {62}
"""Categories whose covariance item is the signed square root of the covariance (I062/500), not itself."""


def key(category: int, edition: str, table: dict[str, dict[str, int]] | dict[str, dict[str, Bits]]) -> str:
    """Return the key of a category's mapping, by the edition's first part where the category has several."""
    special = f"{category}:{edition.partition('.')[0]}"
    return special if special in table else str(category)
