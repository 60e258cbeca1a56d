"""Remote ID both ways: fields survive the octets, and every carrier is found again in the radio frames."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigie.terms.errors import WireError
from vigie.terms.ledger import REASON
from vigie.wire.remoteid import dji, encode, fields
from vigie.wire.remoteid.air import messages_of
from vigie.wire.remoteid.layout import (
    BEACON,
    BLE4,
    BLE5,
    DJI_BEACON,
    DJI_FLIGHT,
    L_BLE_PHDR,
    L_RADIOTAP,
    L_WIFI,
    M_CARRIER,
    M_COUNTER,
    M_OFFSET,
    M_REASON,
    M_SENDER,
    M_SIGNAL,
    M_TYPE,
    MESSAGE_OCTETS,
    NAN,
    NETWORK,
    NO_SIGNAL,
)

MAC = bytes.fromhex("020304050607")
NOW_NS = 1_790_000_123_400_000_000


def found_in(*frames: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = np.frombuffer(bytearray(b"".join(frames)), np.uint8)
    lengths = np.array([len(f) for f in frames], np.int64)
    rows, count = messages_of(data, np.cumsum(lengths) - lengths, lengths)
    return rows, count, data


def one_location(**changes: float) -> bytes:
    values = {"lat": 13.48, "lon": 2.17, "geo": 300.0, "east": 3.0, "north": -4.0, "up": 1.5} | changes
    a = {k: np.array([v]) for k, v in values.items()}
    m = encode.locations(
        a["lat"], a["lon"], time_ns=np.array([NOW_NS]), geo_alt_m=a["geo"], v_east_mps=a["east"],
        v_north_mps=a["north"], climb_mps=a["up"],
    )  # fmt: skip
    return m[0].tobytes()


PACK = encode.pack(
    [
        encode.basic_id("1581F5FJD229C00DJ3NX"),
        one_location(),
        encode.system(13.5, 2.2, time_ns=NOW_NS, operator_geo_alt_m=210.0, eu_category=1, eu_class=3),
        encode.operator_id("FIN87astrdge12k8"),
        encode.self_id("Survey of the bridge"),
    ]
)


@pytest.mark.parametrize(
    ("link", "frame", "carrier", "types"),
    [
        (L_RADIOTAP, encode.wifi_beacon(MAC, PACK, 7, ssid="drone", signal_dbm=-61), BEACON, [0, 1, 4, 5, 3]),
        (L_RADIOTAP, encode.wifi_nan(MAC, PACK, 7, signal_dbm=-61), NAN, [0, 1, 4, 5, 3]),
        (L_BLE_PHDR, encode.bluetooth4(MAC, one_location(), 7, signal_dbm=-61), BLE4, [1]),
        (L_BLE_PHDR, encode.bluetooth5(MAC, PACK, 7, signal_dbm=-61), BLE5, [0, 1, 4, 5, 3]),
    ],
)
def test_every_carrier_is_found_again(link: int, frame: bytes, carrier: int, types: list[int]) -> None:
    rows, count, _ = found_in(encode.envelope(link, frame))
    assert rows[:, M_TYPE].tolist() == types
    assert count.tolist() == [len(types)]
    assert set(rows[:, M_CARRIER].tolist()) == {carrier}
    assert set(rows[:, M_SENDER].tolist()) == {int.from_bytes(MAC, "big")}
    assert set(rows[:, M_SIGNAL].tolist()) == {-61}
    assert set(rows[:, M_COUNTER].tolist()) == {7}
    assert not rows[:, M_REASON].any()


def test_a_gateway_may_send_bare_packs_and_messages() -> None:
    rows, count, _ = found_in(PACK, one_location())
    assert count.tolist() == [5, 1]
    assert set(rows[:, M_CARRIER].tolist()) == {NETWORK}
    assert set(rows[:, M_SIGNAL].tolist()) == {NO_SIGNAL}


def test_a_frame_without_a_radio_header_and_one_without_remote_id() -> None:
    beacon = encode.wifi_beacon(MAC, PACK, 0)[8:]
    plain = beacon[:38]
    rows, count, _ = found_in(encode.envelope(L_WIFI, beacon), encode.envelope(L_WIFI, plain))
    assert count.tolist() == [5, 0]
    assert len(rows) == 5


def test_a_damaged_frame_counts_once() -> None:
    frame = bytearray(encode.envelope(L_BLE_PHDR, encode.bluetooth5(MAC, PACK, 7)))
    frame[4 + 9] |= 0x04  # the check sequence was looked at ...
    rows, count, _ = found_in(bytes(frame))
    assert (rows[:, M_REASON].tolist(), count.tolist()) == ([REASON["bad_crc"]], [1])
    frame[4 + 10 + 5 + 2] = 60  # ... and the length of the extended header is wrong too
    assert found_in(bytes(frame))[0][:, M_REASON].tolist() == [REASON["bad_crc"]]
    empty = bytearray(encode.envelope(L_BLE_PHDR, encode.bluetooth5(MAC, b"", 0)[:30]))
    empty[4 + 9] |= 0x04
    assert found_in(bytes(empty[:24]))[1].tolist() == [-1]


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (PACK[:-1], "record_truncated"),
        (bytes([PACK[0], 26, *PACK[2:]]), "bad_length"),
        (bytes([PACK[0], 25, 10, *PACK[3:]]), "bad_length"),
        (b"\x72" + bytes(24), "bad_format"),
        (b"\x12\x00", "record_truncated"),
    ],
)
def test_what_is_wrong_is_named(octets: bytes, reason: str) -> None:
    rows, _, _ = found_in(octets)
    assert rows[-1, M_REASON] == REASON[reason]


@given(
    st.floats(-90, 90), st.floats(-180, 180), st.floats(-999, 31_000), st.floats(-120, 120), st.floats(-120, 120),
    st.floats(-62, 62), st.integers(0, 2**61),
)  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_a_location_survives_its_octets(
    lat: float, lon: float, geo: float, east: float, north: float, up: float, at_ns: int
) -> None:
    m = encode.locations(
        np.array([lat]), np.array([lon]), time_ns=np.array([at_ns]), geo_alt_m=np.array([geo]),
        v_east_mps=np.array([east]), v_north_mps=np.array([north]), climb_mps=np.array([up]), horizontal_m=8.0,
    )  # fmt: skip
    got = fields.locations(m)
    if abs(lat) > 1e-6 or abs(lon) > 1e-6:
        assert abs(got.lat_deg[0] - lat) <= 0.51e-7
        assert abs(got.lon_deg[0] - lon) <= 0.51e-7
    assert abs(got.geo_alt_m[0] - geo) <= 0.251
    speed = math.hypot(east, north)
    assert abs(got.speed_mps[0] - speed) <= 0.376
    if speed > 1.0:
        turn = (got.course_rad[0] - math.atan2(east, north) + math.pi) % (2 * math.pi) - math.pi
        assert abs(turn) <= math.radians(0.51)
    assert abs(got.climb_mps[0] - up) <= 0.251
    assert got.horizontal_m[0] == 10.0
    back = int(fields.unroll_hour(got.tenths, np.array([at_ns]))[0])
    assert abs(back - at_ns) <= 50_000_000
    again = encode.locations(
        got.lat_deg, got.lon_deg, time_ns=np.array([back]), geo_alt_m=got.geo_alt_m,
        v_east_mps=got.speed_mps * np.sin(got.course_rad), v_north_mps=got.speed_mps * np.cos(got.course_rad),
        climb_mps=got.climb_mps, horizontal_m=8.0,
    )  # fmt: skip
    assert (again == m).all() or speed < 0.13 or abs(lat) + abs(lon) < 1e-6


def test_the_other_messages_survive_their_octets() -> None:
    m = np.frombuffer(PACK[3:], np.uint8).reshape(-1, MESSAGE_OCTETS)
    kinds, aircraft, names = fields.basic_ids(m[:1])
    assert (kinds[0], aircraft[0], names[0]) == (1, 2, b"1581F5FJD229C00DJ3NX")
    s = fields.systems(m[2:3])
    assert (s.operator_lat_deg[0], s.operator_lon_deg[0], s.operator_geo_alt_m[0]) == (13.5, 2.2, 210.0)
    assert (s.eu_category[0], s.eu_class[0], s.area_count[0]) == (1, 3, 1)
    assert s.time_ns[0] == NOW_NS // 10**9 * 10**9
    assert fields.text(m[3:4], 2, 22)[0] == b"FIN87astrdge12k8"
    assert fields.as_items(m[4].tobytes())["text"] == "Survey of the bridge"
    signature = bytes(range(100))
    pages = [fields.auth_page(p) for p in encode.authentication(signature, kind=1, time_ns=NOW_NS)]
    assert fields.auth_octets(pages[::-1]) == signature
    assert fields.auth_octets(pages[:-1]) is None


def test_unknown_values_are_absent() -> None:
    m = np.frombuffer(one_location(lat=math.nan, geo=math.nan, east=math.nan, up=math.nan), np.uint8).reshape(1, -1)
    got = fields.locations(m)
    for column in (got.lat_deg, got.geo_alt_m, got.press_alt_m, got.height_m, got.speed_mps, got.climb_mps):
        assert math.isnan(column[0])
    assert math.isnan(got.course_rad[0])


def test_a_droneid_record_survives_its_octets() -> None:
    record = dji.flight_record(
        "0M6TG9M0010001", 46.83, 7.66, amsl_m=89, height_m=22.8, v_north_mps=3.6, v_east_mps=-3.4, climb_mps=1.0,
        yaw_rad=1.0, app_lat_deg=46.84, app_lon_deg=7.67, home_lat_deg=46.85, home_lon_deg=-7.68, product=41, uuid="99",
    )  # fmt: skip
    rows, _, data = found_in(encode.envelope(L_RADIOTAP, dji.beacon(MAC, record)))
    assert rows[:, [M_TYPE, M_CARRIER]].tolist() == [[DJI_FLIGHT, DJI_BEACON]]
    f = dji.flights(data, rows[:, M_OFFSET], np.array([len(record)]))
    assert (f.good[0], f.serial[0], f.uuid[0], f.product[0]) == (1, b"0M6TG9M0010001", b"99", 41)
    told = (f.lat_deg[0], f.lon_deg[0], f.app_lat_deg[0], f.app_lon_deg[0], f.home_lat_deg[0], f.home_lon_deg[0])
    assert told == pytest.approx((46.83, 7.66, 46.84, 7.67, 46.85, -7.68), abs=6e-6)
    assert (f.v_north_mps[0], f.v_east_mps[0], f.climb_mps[0], f.amsl_m[0], f.height_m[0]) == (3.6, -3.4, 1, 89, 22.8)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(WireError, match="at most 20"):
        encode.basic_id("x" * 21)
    with pytest.raises(WireError, match="up to 9 messages"):
        encode.pack([bytes(25)] * 10)
    with pytest.raises(WireError, match="255"):
        encode.authentication(bytes(256), kind=0, time_ns=NOW_NS)


@given(st.binary(max_size=300), st.sampled_from([0, L_WIFI, L_RADIOTAP, 251, L_BLE_PHDR, 272, 999]))
@settings(max_examples=300, deadline=None)
def test_random_octets_never_raise_and_stay_inside(octets: bytes, link: int) -> None:
    frame = octets if link == 0 else encode.envelope(link, octets)
    rows, _, data = found_in(frame)
    assert (rows[:, M_OFFSET] <= len(data)).all()
    good = rows[rows[:, M_REASON] == 0]
    assert (good[:, M_OFFSET] >= 0).all()
