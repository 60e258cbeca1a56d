"""The slots into which the machine puts the numbers of one record, before they become columns.

One record fills a few of them with raw integers; ``NOTHING`` marks the rest. Times have four, in order of preference.
"""

from __future__ import annotations

from typing import Final

NOTHING: Final = -(2**63)

TOD, TOD2, TOD3, TOD4, TOD_SHORT = 0, 1, 2, 3, 4  # time of day; TOD_SHORT counts modulo 512 s (category 001)
RHO, THETA, DOPPLER, X, Y = 5, 6, 7, 8, 9
LAT, LON, LAT_FINE, LON_FINE = 10, 11, 12, 13
LEVEL, LEVEL2, GEO, GEO2 = 14, 15, 16, 17  # flight level measured, then calculated; geometric height
VX, VY, SPEED, COURSE, CLIMB, CLIMB2 = 18, 19, 20, 21, 22, 23  # COURSE: whole turns / 65536
SDX, SDY, COV, SD_LAT, SD_LON = 24, 25, 26, 27, 28
ICAO, MODE3A, CALLSIGN, TRACK_NO = 29, 30, 31, 32
NIC, NAC_P, NAC_V, SIL, VERSION, EMERGENCY = 33, 34, 35, 36, 37, 38
HEADING, IAS, IAS_OR_MACH, SELECTED, SELECTED2 = 40, 41, 42, 43, 44
BDS_SELECTED, BDS_COURSE, BDS_SPEED, BDS_HEADING, BDS_IAS, BDS_CLIMB = 45, 46, 47, 48, 49, 50
SECTOR, PERIOD = 51, 52
ELEVATION, THETA2 = 53, 54  # THETA2: a bearing in the grid of the system, where no local one is told
SLOTS: Final = 56  # a multiple of the 8 numbers of a 512-bit register

# What only expansion fields (RE) tell, behind the slots of a record's own items: range beyond 256 NM, priority status
# (populated, 3 bits of value), surface vector (stopped, valid, track, magnetic; speed; angle).
FAR_RHO, PRIORITY, SURFACE, SURFACE_SPEED, SURFACE_ANGLE = 56, 57, 58, 59, 60
ALL_SLOTS: Final = 64

NAMES: Final = {n: v for n, v in globals().items() if isinstance(v, int) and 0 <= v < ALL_SLOTS and n != "SLOTS"}

# What the bits of one octet mean together: PLOT flags or SERVICE status in the low half, then kind and class.
KIND_SHIFT: Final = 24
KIND_MASK: Final = 15
SERVICE_BIT: Final = 1 << 28
PLOT_BIT: Final = 1 << 29
