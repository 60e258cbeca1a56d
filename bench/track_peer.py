"""Stone Soup on the plots of one radar, in an environment of its own: prints plots per second as JSON.

usage: .peers/bin/python bench/track_peer.py PLOTS.npz
``PLOTS.npz`` holds t_s, range_m, azimuth_rad, turn. Extended Kalman filter, constant velocity in the plane, global
nearest neighbour within a gate, tracks begun from single plots and ended after three turns without one: the least that
is a tracker. Plots of one turn are one scan, as its tracker takes them.
"""

from __future__ import annotations

import datetime
import json
import sys
import time

import numpy as np
from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
from stonesoup.deleter.time import UpdateTimeStepsDeleter
from stonesoup.hypothesiser.distance import DistanceHypothesiser
from stonesoup.initiator.simple import SimpleMeasurementInitiator
from stonesoup.measures import Mahalanobis
from stonesoup.models.measurement.nonlinear import CartesianToBearingRange
from stonesoup.models.transition.linear import CombinedLinearGaussianTransitionModel, ConstantVelocity
from stonesoup.predictor.kalman import ExtendedKalmanPredictor
from stonesoup.tracker.simple import MultiTargetTracker
from stonesoup.types.angle import Bearing
from stonesoup.types.detection import Detection
from stonesoup.types.state import GaussianState
from stonesoup.updater.kalman import ExtendedKalmanUpdater


def main() -> None:
    """Run the tracker over all scans and print how many plots a second it carried."""
    held = np.load(sys.argv[1])
    model = CartesianToBearingRange(ndim_state=4, mapping=(0, 2), noise_covar=np.diag([0.0014**2, 50.0**2]))
    begin = datetime.datetime(2026, 1, 1)
    scans = []
    for turn in np.unique(held["turn"]):
        rows = np.flatnonzero(held["turn"] == turn)
        at = begin + datetime.timedelta(seconds=float(held["t_s"][rows].mean()))
        scans.append((at, {
            Detection(np.array([[Bearing(np.pi / 2 - held["azimuth_rad"][k])], [held["range_m"][k]]]), timestamp=at,
                      measurement_model=model) for k in rows
        }))  # fmt: skip
    moves = CombinedLinearGaussianTransitionModel([ConstantVelocity(5.0), ConstantVelocity(5.0)])
    predictor, updater = ExtendedKalmanPredictor(moves), ExtendedKalmanUpdater(model)
    guess = DistanceHypothesiser(predictor, updater, Mahalanobis(), missed_distance=4.0)
    tracker = MultiTargetTracker(
        initiator=SimpleMeasurementInitiator(
            GaussianState(np.zeros((4, 1)), np.diag([0.0, 200.0**2, 0.0, 200.0**2])), model
        ),
        deleter=UpdateTimeStepsDeleter(3), detector=scans, data_associator=GNNWith2DAssignment(guess), updater=updater,
    )  # fmt: skip
    begun, tracks = time.process_time(), 0
    for _, now in tracker:
        tracks = len(now)
    seconds = time.process_time() - begun
    print(json.dumps({"plots_per_s": len(held["turn"]) / seconds, "seconds": seconds, "tracks": tracks}))


if __name__ == "__main__":
    main()
