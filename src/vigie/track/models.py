"""The numbers of the tracker: motion models and life, each with the reason for it.

Sets of five motion models: straight, and turns to both sides at two rates. Set 0 is traffic, set 1 fast manoeuvring
(up to 7 g), set 2 slow and hovering. A track changes its set on evidence only (speed, residuals).
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.terms.units import RAD_PER_DEG
from vigie.track.state import NM, Floats

SET_TRAFFIC: Final = 0
SET_FAST: Final = 1
SET_SLOW: Final = 2

# Per model: turn rate (deg/s, right positive), process noise (m2/s3), mean stay (s), share of switches into it.
# Standard-rate turns are 3 deg/s, en-route turns about 1 to 2 (bank 25 deg at 250-450 kt).
# 7 g at 400 m/s turns 10 deg/s; 3 g at 250 m/s 6.7. The slow set stands, taxies (12 deg/s: 6 m/s on a radius of 30 m)
# and runs along a runway (2 to 3 m/s2 for tens of seconds: white noise of 6 m2/s3 follows that within 6 m).
_SETS: Final = (
    ((0.0, 0.006, 600.0, 0.0), (1.3, 0.3, 60.0, 1.0), (-1.3, 0.3, 60.0, 1.0), (2.6, 0.3, 60.0, 1.0),
     (-2.6, 0.3, 60.0, 1.0)),
    ((0.0, 2.0, 200.0, 0.0), (5.0, 300.0, 15.0, 1.0), (-5.0, 300.0, 15.0, 1.0), (10.5, 300.0, 15.0, 1.0),
     (-10.5, 300.0, 15.0, 1.0)),
    ((0.0, 0.02, 60.0, 0.0), (0.0, 6.0, 12.0, 1.0), (12.0, 2.0, 10.0, 1.0), (-12.0, 2.0, 10.0, 1.0),
     (0.0, 0.5, 30.0, 1.0)),
)  # fmt: skip

M_OMEGA: Final = 0
M_Q: Final = 1
M_TAU: Final = 2
M_SHARE: Final = 3


def model_table() -> Floats:
    """Return the sets as an array of shape (set, model, 4), turn rates in rad/s."""
    table = np.array(_SETS, np.float64)
    assert table.shape[1] == NM
    table[:, :, M_OMEGA] *= RAD_PER_DEG
    return np.ascontiguousarray(table)


# What an aircraft may do, before anything is known of it.
VELOCITY_SD_MPS: Final = 200.0  # one axis: airliners 120-250 m/s, jets to 650 m/s within 3 sigma
UNKNOWN_HEIGHT_M: Final = 5500.0
UNKNOWN_HEIGHT_SD_M: Final = 3000.0
FAST_CLIMB: Final = 1e5  # m2/s: unknown heights of jets wander like 100 m/s up or down for 5 s (2 sd^2 tau)
SLOW_MPS: Final = 65.0  # 125 kt
SLOW_HEIGHT_M: Final = 900.0
SLOW_HEIGHT_SD_M: Final = 700.0

# The process noise of straight flight is a bound (wind, autopilot), not what each flight does all the time. A filter in
# its steady state owes a quarter of its claimed position variance to that noise: an alpha-beta filter whose gains are
# tuned for it (beta = alpha^2 / 2) has, on truly straight flight, the variance 3/4 alpha R where it claims alpha R
# (Bar-Shalom et al. 2001, section 6.5). The published ellipse of a settled track counts that quarter a fifth only.
SURE: Final = 0.8
# The fast set is kept ready for 7 g, so its straight model is mixed all the time with what a turn would have done: on
# straight flight it claims half as much again. While its plots lie as a calm track's do, it is surer.
SURE_FAST: Final = 0.65
SURE_NIS: Final = 1.6
SETTLED_HITS: Final = 16.0
