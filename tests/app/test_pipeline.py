"""The chain: what was shed live is shed in a replay, and the digest tells the two pictures apart."""

from __future__ import annotations

import numpy as np

from vigie.app.biases import ToldBiases
from vigie.app.pipeline import State, step
from vigie.monitor.reasons import DEGRADED, OK, reason_names
from vigie.sensors.site import Sensor, make_site
from vigie.terms.batch import FORMAT_ASTERIX, Batch, Event, Frames
from vigie.terms.tables import FRAME, HEALTH
from vigie.track.tracker import Bias

NOW_NS = 1_800_000_000_000_000_000
NORTH = bytes.fromhex("22000bf001020220000008")  # CAT034: SAC 1, SIC 2, sector crossing


def batch(events: tuple[Event, ...] = ()) -> Batch:
    row = FRAME.empty(1)
    row["rx_ns"], row["format"], row["length"], row["seq"] = NOW_NS - 1, FORMAT_ASTERIX, len(NORTH), 1
    frames = Frames(row, np.frombuffer(NORTH, np.uint8))
    return Batch(now_ns=NOW_NS, mono_ns=NOW_NS, frames=frames, events=events)


def state() -> State:
    radar = Sensor(id=1, name="radar", kind="radar", lat_deg=13.5, lon_deg=2.2, sac=1, sic=2)
    return State(make_site(name="test", lat_deg=13.5, lon_deg=2.2, sensors=(radar,)))


def test_frames_that_the_record_says_were_shed_are_not_decoded() -> None:
    taken, shed = state(), state()
    out = step(taken, batch())
    kept_out = step(shed, batch((Event(rx_ns=NOW_NS, kind="shed", value=1),)))
    assert len(out.services) == 1
    assert len(kept_out.services) == 0
    assert taken.digest != shed.digest
    assert taken.ledgers_balance()
    assert shed.ledgers_balance()


def test_the_same_batches_give_the_same_digest() -> None:
    first, second = state(), state()
    for one in (first, second):
        step(one, batch())
    assert first.digest == second.digest
    assert first.steps == 1


def test_a_bias_beyond_its_limit_is_told_and_one_within_it_is_not() -> None:
    health = HEALTH.empty(3)
    health["sensor_id"], health["state"] = (1, 2, 3), OK
    found = {1: Bias(azimuth_rad=-0.04), 2: Bias(range_m=400.0, time_s=9.0), 3: Bias(time_s=11.0)}
    ToldBiases().write(health, found, {2: "ana", 3: "ana"})
    assert [reason_names(int(bits)) for bits in health["reasons"]] == [["bias_limit"], [], ["bias_beyond"]]
    assert health["state"].tolist() == [DEGRADED, OK, DEGRADED]
