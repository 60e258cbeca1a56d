"""The API: the same picture as the display's, for other programs; described by OpenAPI from its own types."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from vigie.people.permissions import ROUTES
from vigie.show.api import openapi
from vigie.show.columns import encode_update
from vigie.show.hub import Hub
from vigie.terms.tables import TRACK, Rows

from .live import KEY, app_for, in_loop, named_hub

BASE = "http://127.0.0.1:8080"
NOW_NS = 1_900_000_000_000_000_000


def rows() -> Rows:
    held = TRACK.empty(3)
    held["now_ns"], held["toa_ns"], held["status"] = NOW_NS, NOW_NS - 2_000_000_000, (2, 3, 1)
    held["track_no"] = (7, 8, 9)
    held["lat_deg"], held["lon_deg"] = (13.5, 14.0, 15.0), (2.1, 2.2, -179.9)
    held["geo_alt_m"], held["press_alt_m"] = (3048.0, float("nan"), float("nan")), (3048.0, 0.0, float("nan"))
    held["v_east_mps"], held["v_north_mps"], held["climb_mps"] = 100.0, 0.0, 5.08
    held["icao24"], held["mode3a"], held["callsign"] = (
        (0x062ABC, 0, 0),
        (0o7700, 65535, 0o1234),
        (b"NIG7", b"", b"<b>x"),
    )
    return held


def filled() -> Hub:
    hub = named_hub()
    hub.apply(encode_update(NOW_NS, 1, "live", tracks=rows()))
    return hub


def get(path: str, hub: Hub, role: str = "viewer") -> httpx.Response:
    async def go() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app_for(hub, role)), base_url=BASE) as client:
            await client.get("/enter", params={"key": KEY})
            return await client.get(path)

    return in_loop(go())


def test_the_picture_whole_and_as_a_difference() -> None:
    hub = filled()
    whole: dict[str, Any] = get("/api/picture", hub).json()
    assert (whole["base"], [t["track_no"] for t in whole["tracks"]]) == (0, [7, 8, 9])
    first = whole["tracks"][0]
    assert (first["icao24"], first["mode3a"], first["callsign"], first["status"]) == (
        "062ABC",
        "7700",
        "NIG7",
        "confirmed",
    )
    assert "geo_alt_m" not in whole["tracks"][1]
    assert "mode3a" not in whole["tracks"][1]
    changed = rows()[:2]
    changed["lat_deg"][0] = 13.6
    changed["status"][1] = 4
    hub.apply(encode_update(NOW_NS + 10**9, 2, "live", tracks=changed))
    since = get(f"/api/picture?since={whole['version']}", hub).json()
    assert since["base"] == whole["version"]
    assert [t["track_no"] for t in since["tracks"]] == [7]
    assert since["ended"] == [8]
    for odd in ("-1", "x", "99999999", "1e3", "9" * 40):
        assert get(f"/api/picture?since={odd}", hub).json()["base"] == 0


def test_tracks_as_geojson() -> None:
    answer = get("/api/tracks.geojson", filled())
    assert answer.headers["content-type"] == "application/geo+json"
    features = answer.json()["features"]
    assert features[0]["geometry"] == {"type": "Point", "coordinates": [2.1, 13.5, 3048.0]}
    assert features[1]["geometry"]["coordinates"] == [2.2, 14.0]
    assert features[2]["properties"]["callsign"] == "<b>x"


def test_tracks_as_tar1090_reads_them() -> None:
    told = get("/data/aircraft.json", filled()).json()
    first, second, _ = told["aircraft"]
    assert told["now"] == NOW_NS / 1e9
    assert (first["hex"], first["flight"], first["squawk"]) == ("062abc", "NIG7    ", "7700")
    assert (first["alt_baro"], first["alt_geom"], first["baro_rate"]) == (10_000, 10_000, 1_000)
    assert (first["gs"], first["track"], first["seen"]) == (194.4, 90.0, 2.0)
    assert second["hex"] == "~000008"
    assert "squawk" not in second
    assert second["alt_baro"] == 0
    receiver = get("/data/receiver.json", filled()).json()
    assert receiver["refresh"] == 1000
    assert abs(receiver["lat"]) <= 90


def test_an_answer_is_made_once_for_each_version() -> None:
    hub = filled()
    assert get("/api/tracks.geojson", hub).content == get("/api/tracks.geojson", hub).content
    hub.apply(encode_update(NOW_NS + 10**9, 2, "live", tracks=rows()[:1]))
    assert get("/data/aircraft.json", hub).json()["now"] == (NOW_NS + 10**9) / 1e9


def test_the_description_names_every_route_of_the_api_and_its_types() -> None:
    told = openapi()
    assert told["openapi"].startswith("3.1")
    paths = {(method.upper(), path) for path, methods in told["paths"].items() for method in methods}
    assert paths == {(m, p) for m, p in ROUTES if p.startswith(("/api/", "/data/"))}
    assert {"PictureOut", "TrackOut", "ActIn", "ActOut"} <= set(told["components"]["schemas"])
    assert get("/api/openapi.json", filled()).json() == told


@pytest.mark.parametrize("path", ["/api/picture", "/api/tracks.geojson", "/data/aircraft.json"])
def test_who_may_not_see_the_picture_gets_none_of_it(path: str) -> None:
    answer = get(path, filled(), "admin")
    assert answer.status_code == 403
    assert "NIG7" not in answer.text
