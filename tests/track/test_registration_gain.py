"""A radar whose range counter runs fast or slow: its range gain is found, told with its uncertainty, and taken off."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
import pytest
from tests.simulate.skies import ADSB, circle, radar, sky
from tests.simulate.test_sensors import flown
from tests.track.test_tracker import run

from vigie.app.biases import ToldBiases
from vigie.monitor.report import health_json
from vigie.simulate.run import Simulation
from vigie.simulate.site import site_of
from vigie.terms.tables import HEALTH, Rows
from vigie.track.altimeter import altimeter
from vigie.track.state import N_GAIN
from vigie.track.tracker import BIAS_LIMIT, Tracker

EXERCISE = sky(circle(40), radar("mode_s", range_bias_m=120), ADSB)
# The sky of an exercise is the standard one: a height that is 4 % wrong would be read as an error of range.
SITE = dataclasses.replace(site_of(EXERCISE), temperature_c=15.1)


@functools.cache
def seen() -> Rows:
    plots, _ = flown(Simulation(EXERCISE), 240)
    return plots


def registered(gain: float) -> Tracker:
    plots = seen().copy()
    mine = plots["sensor_id"] == 1
    plots["range_m"][mine] += gain * (plots["range_m"][mine] - 120.0)
    return run(SITE, plots)[1]


@pytest.mark.parametrize("gain", [6e-4, -4e-4])
def test_the_gain_of_a_radars_range_is_found_told_and_taken_off(gain: float) -> None:
    tracker = registered(gain)
    found = tracker.biases()[1]
    assert found.gain == pytest.approx(gain, abs=6e-5)
    assert 5e-5 < found.gain_sd < 1e-4  # the heights are not known better than 2 %
    assert found.range_m == pytest.approx(120.0, abs=15.0)  # what is left where the range is nought
    assert tracker._sensors[0, N_GAIN] == found.gain
    health = HEALTH.empty(1)
    health["sensor_id"] = 1
    ToldBiases().write(health, tracker.biases(), {})
    told = health_json(SITE, health)["1"]
    assert told["range_gain_ppm"] == pytest.approx(1e6 * gain, abs=60.0)
    assert 50.0 < told["range_gain_sd_ppm"] < 100.0
    assert told["reasons"] == []


def test_where_there_is_no_gain_none_is_taken_off() -> None:
    tracker = registered(0.0)
    found = tracker.biases()[1]
    assert tracker._sensors[0, N_GAIN] == 0.0
    assert abs(found.gain) < 5e-5
    assert found.range_m == pytest.approx(120.0, abs=12.0)


def test_a_gain_beyond_its_limit_is_corrected_up_to_it_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    low = (*BIAS_LIMIT[:3], 3e-4)
    monkeypatch.setattr("vigie.track.tracker.BIAS_LIMIT", low)
    monkeypatch.setattr("vigie.app.biases.BIAS_LIMIT", low)
    tracker = registered(6e-4)
    assert tracker._sensors[0, N_GAIN] == 3e-4
    health = HEALTH.empty(1)
    health["sensor_id"] = 1
    ToldBiases().write(health, tracker.biases(), {})
    assert health_json(SITE, health)["1"]["reasons"] == ["bias_limit"]
    assert tracker.release_bias(1, beyond=True)
    tracker._settle_biases()
    assert tracker._sensors[0, N_GAIN] > 5e-4


def test_a_wrong_temperature_is_no_range_gain_once_reports_carry_both_heights() -> None:
    # 12 degrees too warm stretches every Mode C height by 4 %. Pressure alone cannot tell, and it looks like a gain: of
    # less than is sure then. With the geometric height beside it (broadcast as a difference in steps of 25 ft) the line
    # is learned instead.
    wrong = dataclasses.replace(SITE, temperature_c=27.3)
    blind = run(wrong, seen())[1]
    assert blind._sensors[0, N_GAIN] == 0.0
    assert blind.biases()[1].gain == pytest.approx(1.4e-4, abs=4e-5)
    assert 5e-5 < blind.biases()[1].gain_sd < 1e-4
    plots = seen().copy()
    told = plots["sensor_id"] == 3
    scale, shift = altimeter(SITE)[:2]
    press = plots["press_alt_m"][told]
    plots["geo_alt_m"][told] = press + np.rint((scale * press + shift - press) / 7.62) * 7.62
    tracker = run(wrong, plots)[1]
    assert tracker._alt[0] == pytest.approx(scale, abs=2e-3)
    assert tracker._sensors[0, N_GAIN] == 0.0
    assert tracker.biases()[1].range_m == pytest.approx(120.0, abs=12.0)
