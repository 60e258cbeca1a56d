"""Where everything stands in a track's row, a waiting plot's row and a sensor's row.

A track is one row of float64 (``S``) and one of int64 (``I``): all it is, so that saving and restoring it is one copy.
Its horizontal state is east, north, their speeds and height in a tangent frame at an anchor on the ellipsoid; the
anchor follows the track. Five motion models share the frame; each has its own mean and covariance.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# --- track row, floats -------------------------------------------------------------------------------------------
NM: Final = 5  # motion models
NX: Final = 5  # east, north, v_east, v_north, height
NP: Final = 15  # upper triangle of the covariance, row by row
MX: Final = 0  # in a model's block: the mean
MP: Final = 5  # the covariance
MU: Final = 20  # the model's probability
STRIDE: Final = 21
ANCHOR: Final = NM * STRIDE  # ECEF of the anchor (3), east (3), north (3), up (3) unit vectors
LAT: Final = ANCHOR + 12
LON: Final = ANCHOR + 13
VH: Final = ANCHOR + 14  # vertical filter: height, climb, and their covariance
VV: Final = ANCHOR + 15
VHH: Final = ANCHOR + 16
VHV: Final = ANCHOR + 17
VVV: Final = ANCHOR + 18
VT: Final = ANCHOR + 19  # time of the vertical state, s
T: Final = ANCHOR + 20  # time of the horizontal state, s
T_HIT: Final = ANCHOR + 21  # newest time of applicability used
T_START: Final = ANCHOR + 22
LLR: Final = ANCHOR + 23  # log odds of existence
CX: Final = ANCHOR + 24  # combined mean (5) and position covariance (3), velocity variance (1)
CP: Final = ANCHOR + 29
NIS: Final = ANCHOR + 33  # running mean of the normalised innovation squared
SPEED_MEMO: Final = ANCHOR + 34
PFACTOR: Final = ANCHOR + 35  # variance of its positions of unstated accuracy, over what the sensor's would be
SLOTS: Final = ANCHOR + 36  # last plot of up to four sensors
SLOT_N: Final = 4
SLOT_SENSOR: Final = 0  # sensor index, -1 empty
SLOT_T: Final = 1
SLOT_XYZ: Final = 2  # ECEF of the plot (3), uncorrected for the biases of its sensor
SLOT_RAW: Final = 5  # its time as stated
SLOT_HITS: Final = 7
SLOT_VAR: Final = 8  # covariance of the plot's position in the track's frame: east, cross, north
SLOT_JAC: Final = 11  # how its position answers to range (e, n) and azimuth (e, n) errors
SLOT_STRIDE: Final = 15
T_BESIDE: Final = SLOTS + SLOT_N * SLOT_STRIDE  # when it last got a plot in the same look as one that flies beside it
TUNE_CONFIRM: Final = T_BESIDE + 1  # of the tuning area it is in: log odds asked for above the usual
TUNE_COAST: Final = T_BESIDE + 2  # how long it lives without a plot, s; 0 as usual
TUNE_SET: Final = T_BESIDE + 3  # 1 + the set of motion models; 0 as evidence tells
WIDTH: Final = TUNE_SET + 1

# --- track row, integers -----------------------------------------------------------------------------------------
I_NO: Final = 0  # track number, 0: the row is free
I_STATUS: Final = 1
I_ICAO: Final = 2
I_CODE: Final = 3
I_CALLSIGN: Final = 4  # eight octets as one number
I_FLAGS: Final = 5
I_HITS: Final = 6
I_SET: Final = 7  # which set of motion models
I_HKNOWN: Final = 8
I_CODE_VOTE: Final = 9  # evidence for the code held
I_CODE_NEXT: Final = 10  # the other code seen lately
I_TOUCH: Final = 11  # last batch in which it was updated
I_CLASS: Final = 12  # bits: 1 has been seen by a cooperative sensor, 2 by primary
I_CELL: Final = 13
I_NEXT: Final = 14  # next track in the same cell of the spatial index
I_ICAO_NEXT: Final = 15  # another address seen lately
I_RIVAL: Final = 16  # tentative, and another track wears its address
I_BOTH: Final = 17  # how often both were heard at once
I_ICAO_VOTE: Final = 18  # how often running the other address was seen
I_CODE_MATE: Final = 19  # the next track that wears its code
I_WIDTH: Final = 20

# --- waiting plot, floats ----------------------------------------------------------------------------------------
Z_T: Final = 0  # time used, s since the tracker's epoch, corrected for the sensor's clock
Z_RX: Final = 1
Z_RANGE: Final = 2
Z_AZ: Final = 3
Z_H: Final = 4  # height above the ellipsoid, NaN unknown
Z_HSD: Final = 5
Z_X: Final = 6  # ECEF, of the report or at the height assumed (3)
Z_VE: Final = 9
Z_VN: Final = 10
Z_CLIMB: Final = 11
Z_SD: Final = 12  # range sd, or position sd
Z_AZSD: Final = 13
Z_TRAW: Final = 14  # time as stated
Z_PRESS: Final = 15
Z_LLR: Final = 16  # log of clutter density where it lies (per square metre)
Z_DOPPLER: Final = 17
Z_VVAR: Final = 18  # variance of the velocity told, an axis
Z_WIDTH: Final = 19

# --- waiting plot, integers --------------------------------------------------------------------------------------
ZI_SENSOR: Final = 0  # index in the sensor table
ZI_TYPE: Final = 1  # 0 range and azimuth, 1 position, 2 bearing, 3 another system's track
ZI_KIND: Final = 2
ZI_ICAO: Final = 3
ZI_CODE: Final = 4
ZI_CALLSIGN: Final = 5
ZI_FLAGS: Final = 6
ZI_SELF: Final = 7  # 1: the report states no accuracy of its own
ZI_TRACK: Final = 8  # the row it went to, -1 none
ZI_SRC: Final = 9
ZI_VTOLD: Final = 10  # 1: the aircraft itself tells its velocity
ZI_WIDTH: Final = 11

TYPE_RADAR: Final = 0
TYPE_POSITION: Final = 1
TYPE_BEARING: Final = 2
TYPE_TRACK: Final = 3

# --- sensor row --------------------------------------------------------------------------------------------------
N_XYZ: Final = 0  # ECEF (3), east (3), north (3), up (3)
N_RSD: Final = 12
N_ASD: Final = 13
N_PSD: Final = 14
N_PD: Final = 15
N_PERIOD: Final = 16
N_MAXR: Final = 17
N_DELAY: Final = 18
N_ID: Final = 19
N_KIND: Final = 20  # 0 radar, 1 position, 2 bearing, 3 external
N_HEIGHT: Final = 21
N_BR: Final = 22  # biases applied: range, azimuth, time (reported minus true)
N_BA: Final = 23
N_BT: Final = 24
N_VR: Final = 25  # their variances
N_VA: Final = 26
N_VT: Final = 27
N_CLK_N: Final = 28  # clock watch: plots seen, running median of rx - toa
N_CLK_MED: Final = 29
N_CLK_FAR: Final = 30  # 1: beyond ten seconds, receive time is used
N_REF: Final = 31  # 1: its reports may calibrate other sensors
N_T0: Final = 32  # time of its first plot
N_LAMBDA: Final = 33  # mean clutter per square metre
N_CLK_SEED: Final = 34  # 1: the clock watch has given a time bias, 2: registration has taken it
N_LATSIN: Final = 35
N_LOSS: Final = 36  # log odds lost to a turn without a plot
N_PFACTOR: Final = 37  # variance of its positions of unstated accuracy, over N_PSD squared
N_RRSD: Final = 38  # range rate sd, m/s
N_ELSD: Final = 39  # elevation sd, rad
N_FREE: Final = 40  # 1: corrected beyond the limits, by a supervisor's act
N_UNAMB: Final = 41  # range that its pulse rate leaves unambiguous, m; 0 not told
N_GAIN: Final = 42  # scale error of range applied (reported over true, less 1), beside N_BR at the range N_MIDDLE
N_MIDDLE: Final = 43  # mean range of the plots that registration used, m
N_MIDDLE_N: Final = 44  # how many, up to a thousand
N_WIDTH: Final = 45

# --- counters of one run, see ``TrackLedger`` ----------------------------------------------------------------------
C_PLOTS: Final = 0
C_ASSOCIATED: Final = 1
C_STARTED: Final = 2
C_HELD: Final = 3
C_NEXT_NO: Final = 4
C_PENDING: Final = 5
C_TRACKS: Final = 6  # rows in use or once used (high-water mark)
C_FREE: Final = 7  # length of the free list
C_BATCH: Final = 8
C_SETASIDE: Final = 9  # tracks set aside because their numbers went bad
C_BEARINGS: Final = 10  # bearings that ever waited
C_WIDTH: Final = 16
