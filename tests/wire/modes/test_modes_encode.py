"""What the encoders make is judged by another implementation (rs1090) and by the tables' own inverse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vigie.wire.modes import encode, framing
from vigie.wire.modes.tables import ALTITUDE_M, GILLHAM_FIELD, IDENTITY


def judged(message: np.ndarray) -> dict[str, Any]:
    rs1090 = pytest.importorskip("rs1090")
    return dict(rs1090.decode(message.tobytes().hex()))


def test_identification() -> None:
    rows = encode.df17_identification([0x4B1805, 0x393322], [b"SWR12A", b"AFR34ZG"])
    assert [judged(r)["callsign"] for r in rows] == ["SWR12A", "AFR34ZG"]
    assert [judged(r)["icao24"] for r in rows] == ["4b1805", "393322"]


def test_velocity_over_ground() -> None:
    said = judged(encode.df17_velocity(0x4B1805, 120.0, -200.0, -5.5, geo_minus_press_m=60.0)[0])
    assert said["groundspeed"] == pytest.approx(np.hypot(120, 200) / 0.514444, abs=1)
    assert said["track"] == pytest.approx(np.degrees(np.arctan2(120, -200)) % 360, abs=0.2)
    assert said["vertical_rate"] == -1088
    assert said["geo_minus_baro"] == 200


def test_airspeed_and_heading() -> None:
    said = judged(encode.df17_airspeed(1, 1.0, 150.0, 3.0)[0])
    assert said["heading"] == pytest.approx(np.degrees(1.0), abs=0.2)
    assert said["IAS"] == 292


def test_status_messages() -> None:
    said = judged(encode.df17_operational_status(1, nac_p=8, sil=2)[0])
    assert (said["version"], said["NACp"], said["SIL"]) == (2, 8, 2)
    said = judged(encode.df17_emergency(1, 5, 0o7500)[0])
    assert (said["emergency_state"], said["squawk"]) == ("unlawful_interference", "7500")
    said = judged(encode.df17_target_state(1, 10000.0, qnh_hpa=1013.6)[0])
    assert said["selected_altitude"] == 32800
    assert said["barometric_setting"] == pytest.approx(1013.6, abs=0.01)


@pytest.mark.parametrize(("east", "north"), [(3.0, 4.0), (0.0, 0.0), (-40.0, 10.0)])
def test_surface_position(east: float, north: float) -> None:
    said = judged(encode.df17_surface(1, 46.9, 7.5, east, north, 0)[0])
    assert said["groundspeed"] == pytest.approx(np.hypot(east, north) / 0.514444, rel=0.1, abs=0.2)
    assert said["track"] == pytest.approx(np.degrees(np.arctan2(east, north)) % 360, abs=1.5)


def test_replies() -> None:
    register = encode.register_20("ABC123")
    assert judged(encode.df0(0x4B1805, 10000.0)[0])["altitude"] == 32800
    assert judged(encode.df4(0x4B1805, 10000.0)[0])["altitude"] == 32800
    assert judged(encode.df5(0x4B1805, 0o4567)[0])["squawk"] == "4567"
    assert judged(encode.df20(0x4B1805, 17000.0, register)[0])["bds20"]["callsign"] == "ABC123"
    assert judged(encode.df21(0x4B1805, 0o1234, register)[0])["squawk"] == "1234"
    for row in (encode.df4(0x4B1805, 1000.0), encode.df21(0x4B1805, 0o1234, register), encode.df11(0x4B1805)):
        assert judged(row[0])["icao24"] == "4b1805"


def test_parity_and_overlays() -> None:
    assert encode.parity(encode.df17_identification(1, b"A")).tolist() == [0]
    assert encode.parity(encode.df11(0xABCDEF)).tolist() == [0]
    assert encode.parity(encode.df11(0xABCDEF, interrogator=17)).tolist() == [17]
    assert encode.parity(encode.df4(0xABCDEF, 0.0)).tolist() == [0xABCDEF]


def test_altitude_fields_are_inverse_over_the_whole_range() -> None:
    feet = np.arange(-1000.0, 50176.0, 25.0)
    assert ALTITUDE_M[encode.altitude_field(feet * 0.3048)] == pytest.approx(feet * 0.3048)
    high = np.arange(50200.0, 126701.0, 100.0)
    assert ALTITUDE_M[encode.altitude_field(high * 0.3048)] == pytest.approx(high * 0.3048)
    assert encode.altitude_field(np.nan).tolist() == [0]
    assert len(set(GILLHAM_FIELD.tolist())) == 1280


def test_gillham_steps_change_one_bit() -> None:
    """Neighbouring Gillham codes differ in one bit: that is what the code is for."""
    changes = GILLHAM_FIELD[1:] ^ GILLHAM_FIELD[:-1]
    assert {int(c).bit_count() for c in changes} == {1}


def test_identity_fields_are_inverse() -> None:
    codes = np.arange(4096)
    assert np.array_equal(IDENTITY[encode.identity_field(codes)], codes)
    assert encode.identity_field(65535).tolist() == [0]


def test_beast_frames_escape_every_field() -> None:
    message = encode.df17_identification(0x1A1A1A, b"A")
    stream, offsets = framing.beast_frames(message, 14, 0x1A1A1A1A1A1A, 0x1A)
    raw = stream.tobytes()
    assert raw[:2] == b"\x1a3"
    assert raw[2:16] == b"\x1a" * 14
    assert raw[2:].replace(b"\x1a\x1a", b"\x1a") == b"\x1a" * 7 + message.tobytes()
    assert offsets.tolist() == [0, len(raw)]


def test_beast_kinds_and_signal() -> None:
    short, _ = framing.beast_frames(encode.df11(0x123456), 7, 5, framing.signal_octet(-6.0))
    assert short.tobytes()[:2] == b"\x1a2"
    assert short[8] == 128
    code, _ = framing.beast_frames(np.array([[0x20, 0x10]], np.uint8), 2, 5)
    assert code.tobytes() == b"\x1a1\0\0\0\0\0\x05\x80\x20\x10"


def test_avr_lines() -> None:
    row = encode.df11(0x4B1805)
    assert framing.avr_lines(row, 7) == b"*" + row.tobytes().hex().upper().encode() + b";\n"
    assert framing.avr_lines(row, 7, [0x1234]).startswith(b"@000000001234")
