"""The published numbers of Remote ID: message types, accuracies, radio carriers, and the row of a message found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

Octets = npt.NDArray[np.uint8]
F8 = npt.NDArray[np.float64]
I8 = npt.NDArray[np.int64]

i64: Final = cast(Callable[[Any], int], np.int64)
"""A 64-bit number in kernels (see ``wire.pcap.layout``)."""

MESSAGE_OCTETS: Final = 25
PACK_MESSAGES: Final = 9
"""Most messages of one pack (ASTM F3411-22a; EN 4709-002)."""

BASIC_ID, LOCATION, AUTHENTICATION, SELF_ID, SYSTEM, OPERATOR_ID = range(6)
PACK: Final = 15
DJI_FLIGHT: Final = 16
"""Our own number for a DJI DroneID telemetry record, which is no message of the standard."""
DJI_INFO: Final = 17
"""Our own number for a DJI record of what the operator has typed in."""

TYPE_NAMES: Final = {
    BASIC_ID: "basic_id", LOCATION: "location", AUTHENTICATION: "authentication", SELF_ID: "self_id", SYSTEM: "system",
    OPERATOR_ID: "operator_id", PACK: "pack", DJI_FLIGHT: "dji_flight", DJI_INFO: "dji_info",
}  # fmt: skip

# How a message came.
BEACON, NAN, BLE4, BLE5, NETWORK, DJI_BEACON = range(1, 7)
CARRIERS: Final = {
    BEACON: "wifi beacon", NAN: "wifi nan", BLE4: "bluetooth 4", BLE5: "bluetooth 5", NETWORK: "network",
    DJI_BEACON: "dji beacon",
}  # fmt: skip

# Link types of captures (draft-ietf-opsawg-pcaplinktype).
L_WIFI: Final = 105  # IEEE 802.11 without a radio header
L_RADIOTAP: Final = 127
L_BLE: Final = 251  # Bluetooth LE link layer, from the access address
L_BLE_PHDR: Final = 256  # the same behind ten octets about the reception
L_NORDIC: Final = 272
RADIO_LINKS: Final = (L_WIFI, L_RADIOTAP, L_BLE, L_BLE_PHDR, L_NORDIC)

ENVELOPE: Final = b"RF"
ENVELOPE_OCTETS: Final = 4
"""A radio frame in a FRAME: "RF", the link type as two octets, then the frame as the receiver gave it."""

# One row (int64) for each message or failure found in the radio frames.
M_FRAME: Final = 0  # which frame of those given
M_OFFSET: Final = 1  # where the message's octets begin in the data
M_TYPE: Final = 2
M_CARRIER: Final = 3
M_SENDER: Final = 4  # 48-bit address of the transmitter, 0 unknown
M_SIGNAL: Final = 5  # dBm, NO_SIGNAL unknown
M_COUNTER: Final = 6
M_REASON: Final = 7  # 0 a good message, else a number of terms.ledger.REASONS
M_LENGTH: Final = 8  # octets of the message, or octets given up
M_COLUMNS: Final = 9
NO_SIGNAL: Final = -999

EPOCH_2019_S: Final = 1_546_300_800
"""Seconds from 1970 to 2019-01-01, from which system and authentication messages count."""

UNKNOWN_ALT_M: Final = -1000.0
HOUR_NS: Final = 3_600_000_000_000
NO_TIME: Final = 0xFFFF

HORIZONTAL_M: Final = (
    np.nan, 18_520.0, 7_408.0, 3_704.0, 1_852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0, 1.0,
    np.nan, np.nan, np.nan,
)  # fmt: skip
"""95 % bound of the horizontal error by its code."""
VERTICAL_M: Final = (np.nan, 150.0, 45.0, 25.0, 10.0, 3.0, 1.0, *(np.nan,) * 9)
"""95 % bound of a height's error by its code."""
SPEED_MPS: Final = (np.nan, 10.0, 3.0, 1.0, 0.3, *(np.nan,) * 11)
"""95 % bound of the speed's error by its code."""

STATUS_GROUND, STATUS_AIRBORNE, STATUS_EMERGENCY, STATUS_FAILURE = range(1, 5)
"""Operational status; 0 undeclared; 4: the Remote ID system itself has failed."""

ID_TYPES: Final = ("none", "serial number", "registration", "UTM-assigned", "session ID")
UA_TYPES: Final = (
    "none", "aeroplane", "helicopter or multirotor", "gyroplane", "hybrid lift", "ornithopter", "glider", "kite",
    "free balloon", "captive balloon", "airship", "parachute", "rocket", "tethered", "ground obstacle", "other",
)  # fmt: skip

Messages = Any
"""int64[n, M_COLUMNS]."""
