"""Small constant tables that the decoders share: character set, turns, accuracy categories."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from vigie.terms.units import M_PER_NMI

RAYLEIGH_95: Final = math.sqrt(-2.0 * math.log(0.05))
"""A circle that holds 95 % of a circular normal distribution has this many standard deviations as radius."""

NACP_EPU_M: Final = (
    math.nan, 10 * M_PER_NMI, 4 * M_PER_NMI, 2 * M_PER_NMI, M_PER_NMI, 0.5 * M_PER_NMI, 0.3 * M_PER_NMI,
    0.1 * M_PER_NMI, 0.05 * M_PER_NMI, 30.0, 10.0, 3.0,
)  # fmt: skip
"""95 % bound of the position error by NACp. Source: DO-260B table 2-68 (2.2.3.2.7.1.3.8)."""

NUCP_EPU_M: Final = (
    math.nan, 10 * M_PER_NMI, 5 * M_PER_NMI, M_PER_NMI, 0.5 * M_PER_NMI, 0.25 * M_PER_NMI, 0.1 * M_PER_NMI,
    0.05 * M_PER_NMI, 10.0, 3.0,
)  # fmt: skip
"""95 % bound of the position error by NUCp (version 0). Source: DO-260 table 2-11; ICAO Doc 9871 table A-2-16."""


def _alphabet() -> npt.NDArray[np.uint8]:
    table = np.zeros(64, np.uint8)
    table[1:27] = np.arange(ord("A"), ord("Z") + 1)
    table[32] = ord(" ")
    table[48:58] = np.arange(ord("0"), ord("9") + 1)
    return table


ALPHABET: Final = _alphabet()
"""The 6-bit characters of aircraft identification, 0 where a code is illegal. Source: ICAO Annex 10 IV table 3-9."""


@cache
def turns() -> npt.NDArray[np.float64]:
    """Return sin and cos, shape (512, 2), of i/256 turns (rows 0 to 255) and of i/65536 turns (rows 256 to 511)."""
    angle = np.concatenate([np.arange(256) / 256.0, np.arange(256) / 65536.0]) * (2.0 * math.pi)
    return np.stack([np.sin(angle), np.cos(angle)], axis=1)


@cache
def accuracy() -> npt.NDArray[np.float64]:
    """Return 1-sigma (m) by NACp (row 0) and by NUCp (row 1), shape (2, 16), NaN where nothing is claimed."""
    out = np.full((2, 16), np.nan)
    out[0, : len(NACP_EPU_M)] = NACP_EPU_M
    out[1, : len(NUCP_EPU_M)] = NUCP_EPU_M
    return out / RAYLEIGH_95
