"""A radar beyond the limits of registration: told, corrected up to the limit, beyond it by a supervisor's act only."""

from __future__ import annotations

import math

import numpy as np

from tests.app.test_hands import act
from tests.way.test_faults_of_time import seen, traffic
from tests.way.test_faults_sensors import T0, S, chain_of, radar
from vigie.app.pipeline import Outputs, State
from vigie.app.pipeline import _think as think
from vigie.monitor.reasons import R_BEYOND, R_BIAS
from vigie.terms.tables import ALERT_CLEARED, ALERT_RAISED, REJECT, SERVICE, Rows
from vigie.track.state import N_BA

NORTH_DEG = 3.0
RELEASED_S, BACK_S, END_S = 100, 180, 220


def fly(chain: State, rows: Rows) -> list[Outputs]:
    rows = rows[np.argsort(rows["rx_ns"], kind="stable")]
    outs, at = [], 0
    for tick in range(1, END_S * 10 + 1):
        now_ns = T0 + tick * S // 10
        end = int(np.searchsorted(rows["rx_ns"], now_ns, "right"))
        script = {RELEASED_S * 10 + 4: "beyond", BACK_S * 10 + 4: "within"}
        acts = (act("registration.release", "R2", script[tick], "north was set wrongly"),) if tick in script else ()
        outs.append(think(chain, rows[at:end], SERVICE.empty(), REJECT.empty(), now_ns, now_ns, acts))
        at = end
    return outs


def test_only_a_supervisors_act_corrects_beyond_the_limit() -> None:
    good, wrong = radar(1, 13.5, 2.2), radar(2, 13.9, 2.9)
    plots = seen((good, wrong), traffic(53, 30), END_S, 53)
    turned = plots["sensor_id"] == 2
    plots["azimuth_rad"][turned] = (plots["azimuth_rad"][turned] + math.radians(NORTH_DEG)) % (2 * math.pi)
    chain = chain_of(good, wrong)
    applied_deg: list[float] = []
    outs = fly_watched(chain, plots, applied_deg)
    at = np.array(applied_deg)
    assert np.abs(at[: RELEASED_S * 10]).max() <= 2.0 + 1e-9
    assert abs(at[RELEASED_S * 10 - 1] - 2.0) < 1e-9  # up to the limit
    assert abs(at[BACK_S * 10 - 1] - NORTH_DEG) < 0.1
    assert abs(at[-1] - 2.0) < 1e-9

    def reasons(second: int) -> int:
        return int(outs[second * 10].health["reasons"][1])

    assert reasons(RELEASED_S - 2) & (R_BIAS | R_BEYOND) == R_BIAS
    assert reasons(RELEASED_S + 3) & (R_BIAS | R_BEYOND) == R_BEYOND
    assert reasons(END_S - 1) & (R_BIAS | R_BEYOND) == R_BIAS
    alerts = np.concatenate([o.alerts for o in outs])
    mine = alerts[alerts["rule"] == b"registration"]
    assert mine["area"].tolist() == [b"R2"] * len(mine)
    first = mine[mine["now_ns"] < T0 + RELEASED_S * S]
    assert first["state"][0] == ALERT_RAISED
    assert b"3.0" in first["reason"][-1] or b"2.9" in first["reason"][-1]
    after = mine[(mine["now_ns"] > T0 + RELEASED_S * S) & (mine["now_ns"] < T0 + BACK_S * S)]
    assert ALERT_CLEARED in after["state"].tolist()
    assert ALERT_RAISED in mine["state"][mine["now_ns"] > T0 + BACK_S * S].tolist()


def fly_watched(chain: State, rows: Rows, applied_deg: list[float]) -> list[Outputs]:
    """As ``fly``; what is applied to the second radar after each tick goes into ``applied_deg``."""
    step = chain.tracker.step

    def watched(*given: object) -> Rows:
        tracks = step(*given)  # type: ignore[arg-type]
        applied_deg.append(math.degrees(float(chain.tracker._sensors[1, N_BA])))
        return tracks

    chain.tracker.step = watched  # type: ignore[method-assign]
    return fly(chain, rows)
