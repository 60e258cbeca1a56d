"""How aircraft fly, by type: ``types.toml`` read once into frozen records in SI units."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from vigie.terms.units import M_PER_FL, MPS_PER_FPM, MPS_PER_KT, RAD_PER_DEG

TRANSPONDERS: Final = ("none", "ac", "s", "adsb")


@dataclass(frozen=True, slots=True, kw_only=True)
class AircraftType:
    """One row of the table, in SI units; calibrated airspeeds are named ``_cas_mps``."""

    name: str
    family: str
    approach_cas_mps: float
    low_cas_mps: float
    climb_cas_mps: float
    mach: float
    cruise_mps: float
    climb_mps: float
    climb_top_mps: float
    descent_mps: float
    ceiling_m: float
    level_m: float
    bank_rad: float
    accel_mps2: float
    max_g: float
    rcs_m2: float
    transponder: int
    category: int
    """ADS-B emitter category: set A to D is 4 to 1 (the type code) times 8, plus the number."""


@cache
def aircraft_types() -> dict[str, AircraftType]:
    """Return every aircraft type of the table by its designator."""
    tree = tomllib.loads((files(__package__) / "types.toml").read_text("utf-8"))
    found = {}
    for row in tree["type"]:
        r = tree["defaults"] | row
        found[r["name"]] = AircraftType(
            name=r["name"], family=r["class"],
            approach_cas_mps=r["approach_kt"] * MPS_PER_KT, low_cas_mps=r["low_kt"] * MPS_PER_KT,
            climb_cas_mps=r["climb_kt"] * MPS_PER_KT, mach=float(r["mach"]), cruise_mps=r["cruise_kt"] * MPS_PER_KT,
            climb_mps=r["roc_fpm"] * MPS_PER_FPM, climb_top_mps=r["roc_top_fpm"] * MPS_PER_FPM,
            descent_mps=r["rod_fpm"] * MPS_PER_FPM, ceiling_m=r["ceiling_fl"] * M_PER_FL,
            level_m=r["level_fl"] * M_PER_FL, bank_rad=r["bank_deg"] * RAD_PER_DEG, accel_mps2=float(r["accel_mps2"]),
            max_g=float(r["max_g"]), rcs_m2=float(r["rcs_m2"]), transponder=TRANSPONDERS.index(r["transponder"]),
            category=(4 - "ABCD".index(r["category"][0])) * 8 + int(r["category"][1]),
        )  # fmt: skip
    return found
