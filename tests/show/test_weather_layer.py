"""The weather layer: whole pictures only, per sensor, bounded, and gone when old; in the message of the picture."""

from __future__ import annotations

import numpy as np

from vigie.show.columns import decode, decode_update, encode_update
from vigie.show.picture import Picture
from vigie.show.weatherlayer import LIFE_NS, MOST_ROWS, SETTLED_NS, WeatherLayer
from vigie.terms.tables import WEATHER, Rows

S = 1_000_000_000
T = 1_777_482_000 * S


def rain(sensor: int, picture: int, n: int, at_ns: int) -> Rows:
    rows = WEATHER.empty(n)
    rows["sensor_id"], rows["picture"], rows["rx_ns"], rows["intensity"] = sensor, picture, at_ns, 3
    rows["point"] = np.arange(n) % 65536
    rows["lat1_deg"], rows["lon1_deg"], rows["lat2_deg"], rows["lon2_deg"] = 13.0, 2.0, 13.1, 2.1
    return rows


def test_a_picture_is_shown_once_it_is_whole_and_replaces_the_one_before() -> None:
    layer = WeatherLayer()
    assert not layer.apply(rain(1, 1, 5, T), T, 1)
    assert not layer.rows()["rx_ns"].size
    assert not layer.apply(rain(1, 1, 5, T + S), T + S, 2)
    assert layer.apply(None, T + S + SETTLED_NS, 3)
    assert layer.rows()["rx_ns"].size == 10
    assert layer.version == 3
    layer.apply(rain(1, 2, 4, T + 60 * S), T + 60 * S, 4)
    assert layer.rows()["rx_ns"].size == 10
    assert layer.apply(rain(1, 3, 1, T + 61 * S), T + 61 * S, 5)  # the third begins: the second is whole
    assert layer.rows()["picture"].tolist() == [2] * 4


def test_sensors_are_apart_old_weather_goes_and_no_picture_grows_without_bound() -> None:
    layer = WeatherLayer()
    layer.apply(np.concatenate([rain(1, 1, 3, T), rain(2, 9, MOST_ROWS + 7, T)]), T, 1)
    layer.apply(None, T + SETTLED_NS, 2)
    assert layer.rows()["rx_ns"].size == 3 + MOST_ROWS
    assert layer.dropped == 7
    assert layer.apply(None, T + LIFE_NS + S, 3)
    assert not layer.rows()["rx_ns"].size


def test_the_picture_carries_weather_to_who_has_not_got_it() -> None:
    picture = Picture()
    picture.apply(decode_update(encode_update(T, 1, "live", weather=rain(1, 1, 3, T))))
    picture.apply(decode_update(encode_update(T + 4 * S, 2, "live")))
    held = picture.version
    assert decode(picture.difference(0))[1]["weather"]["intensity"].tolist() == [3] * 3
    picture.apply(decode_update(encode_update(T + 5 * S, 3, "live")))
    assert "weather" not in decode(picture.difference(held))[1]
    picture.apply(decode_update(encode_update(T + 6 * S, 4, "live", restart=True)))
    assert not decode(picture.difference(held))[1]["weather"]["intensity"].size
