"""Tuning areas: what a site file may say, where it holds, and what changes there and nowhere else."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.way.test_faults_of_time import seen, traffic
from tests.way.test_faults_sensors import T0, Flight, S, chain_of, confirmed, fly, plot_of, radar

from vigie.sensors.site import parse_site
from vigie.sensors.tuning import TuningArea
from vigie.terms.errors import SiteError
from vigie.terms.tables import TRACK_ENDED, Rows
from vigie.track.models import SET_FAST
from vigie.track.state import I_NO, I_SET
from vigie.track.tuning import inside, tuning_table

SITE = '[centre]\nname = "T"\nlat_deg = 13.5\nlon_deg = 2.2\n[[tuning]]\nid = "A"\n'
WIDE = TuningArea(id="all", outline_deg=((13.5, 2.2),), radius_m=400_000.0)


def where(area: TuningArea, lat: float, lon: float) -> bool:
    numbers, points = tuning_table([area])
    return bool(inside(math.radians(lat), math.radians(lon), points, 0, int(numbers[0, 1]), area.radius_m))


def test_a_site_file_says_where_and_what() -> None:
    text = SITE + "outline_deg = [[13, 2], [14, 2], [14, 3]]\nfloor_fl = 50\nceiling_fl = 100\ncoast_s = 90\n"
    (area,) = parse_site(text, file="s.toml").tuning
    assert (area.id, area.coast_s, area.models, area.confirm_odds) == ("A", 90.0, "", 0.0)
    assert area.floor_m == pytest.approx(50 * 30.48)
    assert area.ceiling_m == pytest.approx(100 * 30.48)
    assert parse_site(SITE.partition("[[tuning")[0], file="s.toml").tuning == ()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("lat_deg = 13\nlon_deg = 2\nradius_m = 1000\n", "changes nothing"),
        ("coast_s = 90\n", "give either an outline"),
        ("lat_deg = 13\nlon_deg = 2\ncoast_s = 90\n", "give either an outline"),
        ("lat_deg = 13\nlon_deg = 2\nradius_m = 1000\ncoast_s = 1000\n", "found 1000, expected how long"),
        ("lat_deg = 13\nlon_deg = 2\nradius_m = 1000\nmodels = \"jets\"\n", "expected one of traffic, fast, slow"),
        ("lat_deg = 13\nlon_deg = 2\nradius_m = 1000\ncoats_s = 90\n", "did you mean 'coast_s'"),
        ("lat_deg = 13\nlon_deg = 2\nradius_m = 1000\ncoast_s = 90\nfloor_fl = 90\nceiling_fl = 10\n", "more than"),
    ],
)  # fmt: skip
def test_a_wrong_one_is_named_with_its_line(keys: str, words: str) -> None:
    with pytest.raises(SiteError) as told:
        parse_site(SITE + keys, file="s.toml")
    assert words in str(told.value)
    assert "s.toml:" in str(told.value)


def test_places_in_outlines_and_circles_also_over_the_antimeridian() -> None:
    square = TuningArea(id="s", outline_deg=((13, 2), (14, 2), (14, 3), (13, 3)))
    assert where(square, 13.5, 2.5)
    assert not where(square, 13.5, 3.1)
    assert not where(square, 14.01, 2.5)
    over = TuningArea(id="o", outline_deg=((-18, 179), (-16, 179), (-16, -179), (-18, -179)))
    assert where(over, -17, 179.9)
    assert where(over, -17, -179.9)
    assert not where(over, -17, 178.9)
    assert not where(over, -17, 0.0)
    circle = TuningArea(id="c", outline_deg=((-17, 179.95),), radius_m=30_000.0)
    assert where(circle, -17, -179.9)
    assert not where(circle, -17, -179.7)
    r = np.random.default_rng(7)
    bent = TuningArea(id="b", outline_deg=((0, 0), (4, 1), (1, 2), (4, 4), (0, 4), (0.5, 2)))
    from shapely.geometry import Point, Polygon

    shape = Polygon([(lon, lat) for lat, lon in bent.outline_deg])
    for lat, lon in r.uniform(-1, 5, (500, 2)):
        assert where(bent, lat, lon) is shape.contains(Point(lon, lat))


def lived_s(area: TuningArea | None) -> float:
    """How long a track lives after its last plot."""
    random = np.random.default_rng(3)
    sensor = radar(1, 13.5, 2.2)
    flight = Flight(14.3, 2.0, 80.0, 220.0, 0x400071)
    plots = [plot_of(sensor, flight, 4.0 * k + 1, random) for k in range(20)]
    outs = fly(chain_of(sensor, tuning=(area,) if area else ()), plots, 200)
    rows = np.concatenate([o.tracks for o in outs])
    ended = rows[rows["status"] == TRACK_ENDED]
    return float(ended["now_ns"][0] - plots[-1]["toa_ns"][0]) / S if len(ended) else math.inf


def test_a_track_coasts_as_long_as_its_area_says() -> None:
    usual = lived_s(None)
    assert usual < 45
    assert 80 < lived_s(replace(WIDE, coast_s=90.0)) < 95
    assert lived_s(replace(WIDE, coast_s=10.0)) < 15
    elsewhere = TuningArea(id="x", outline_deg=((20, 10),), radius_m=50_000.0, coast_s=90.0)
    assert lived_s(elsewhere) == usual
    above = replace(WIDE, coast_s=90.0, floor_m=12_000.0)
    assert lived_s(above) == usual


def test_more_odds_are_asked_for_where_the_area_says_so() -> None:
    sensor = radar(1, 13.5, 2.2)
    plots = seen((sensor,), traffic(72, 8), 60, 72)
    plots["icao24"], plots["mode3a"], plots["kind"] = 0, 65535, 1
    plots["press_alt_m"] = math.nan

    def first_s(*areas: TuningArea) -> float:
        rows: Rows = confirmed(fly(chain_of(sensor, tuning=areas), [plots], 64))
        _, first = np.unique(rows["track_no"], return_index=True)
        return float(np.median(rows["now_ns"][first] - T0)) / S if len(rows) else math.inf

    assert first_s(replace(WIDE, confirm_odds=8.0)) > first_s() + 3.9  # a turn later at least


def test_the_area_chooses_the_motion_models() -> None:
    sensor = radar(1, 13.5, 2.2)
    plots = seen((sensor,), traffic(73, 6), 60, 73)
    for area, want in ((replace(WIDE, models="fast"), SET_FAST), (replace(WIDE, models="traffic"), 0)):
        chain = chain_of(sensor, tuning=(area,))
        fly(chain, [plots], 60)
        s, i, used, _ = chain.tracker.filtered()
        live = i[:used, I_NO] != 0
        assert live.sum() >= 6
        assert set(i[:used, I_SET][live].tolist()) == {want}
        assert len(s)
