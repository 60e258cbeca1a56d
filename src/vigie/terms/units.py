"""Conversion factors between field units and SI, each exact by definition.

Field units (ft, NM, kt, flight levels) are used only at the edges: wire, show, settings, exercises.
Source: ICAO Annex 5 (units), ISO 80000.
"""

import math
from typing import Final

M_PER_FT: Final = 0.3048
M_PER_NMI: Final = 1852.0
M_PER_FL: Final = 100.0 * M_PER_FT
MPS_PER_KT: Final = M_PER_NMI / 3600.0
MPS_PER_FPM: Final = M_PER_FT / 60.0
RAD_PER_DEG: Final = math.pi / 180.0
DEG_PER_RAD: Final = 180.0 / math.pi
NS_PER_S: Final = 1_000_000_000
C_MPS: Final = 299_792_458.0
STANDARD_GRAVITY_MPS2: Final = 9.80665
