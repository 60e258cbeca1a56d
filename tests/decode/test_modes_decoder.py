"""What the Mode S decoder makes of single situations: plots, rejects with reason and place, a ledger that balances."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vigie.decode.modes import ModesDecoder
from vigie.sensors.link import parse_link
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS, Frames
from vigie.terms.ledger import REASONS, Ledger
from vigie.terms.tables import FRAME, PLOT, REJECT, SERVICE, Rows
from vigie.terms.utc import DAY_NS
from vigie.wire.modes import encode, framing
from vigie.wire.modes.sbs import sbs_line

T0 = 1_800_000_000 * 10**9
SECOND = 10**9
HERE = (46.9, 7.5)
ICAO = 0x4B1805


def sensor(number: int = 4, link: str = "", **more: Any) -> Sensor:
    values = {**sensor_defaults("adsb"), "delay_s": 0.25, "lat_deg": HERE[0], "lon_deg": HERE[1], **more}
    return Sensor(id=number, name=f"receiver {number}", kind="adsb", link=parse_link(link) if link else None, **values)


def site(*sensors: Sensor, exercise: bool = False) -> Site:
    chosen = sensors or (sensor(),)
    return make_site(name="test", lat_deg=HERE[0], lon_deg=HERE[1], sensors=chosen, exercise=exercise)


class Bench:
    """A decoder that is fed messages at given seconds and checks its ledger after each."""

    def __init__(self, where: Site | None = None, **more: Any) -> None:
        self.ledger = Ledger()
        self.decoder = ModesDecoder(where or site(), ledger=self.ledger, **more)
        self.seq = 0

    def octets(self, data: bytes, t_s: float = 0.0, kind: int = FORMAT_BEAST, link: int = 0) -> tuple[Rows, Rows, Rows]:
        row = FRAME.empty(1)
        row["rx_ns"], row["seq"], row["link"] = T0 + round(t_s * SECOND), self.seq, link
        row["format"], row["length"] = kind, len(data)
        self.seq += 1
        out = self.decoder.step(Frames(row, np.frombuffer(data, np.uint8)))
        assert self.ledger.balances
        assert [o.dtype for o in out] == [PLOT.dtype, SERVICE.dtype, REJECT.dtype]
        return out

    def send(self, message: np.ndarray, t_s: float = 0.0, *, stamp: int = 0, signal: int = 0, link: int = 0) -> Rows:
        stream, _ = framing.beast_frames(message, message.shape[1], stamp, signal)
        return self.octets(stream.tobytes(), t_s, link=link)[0]

    def pair(self, lat: float, lon: float, t_s: float = 0.0, icao: int = ICAO, **more: Any) -> Rows:
        self.send(encode.df17_position(icao, lat, lon, 3000.0, 0, **more), t_s)
        return self.send(encode.df17_position(icao, lat, lon, 3000.0, 1, **more), t_s + 0.5)

    def reasons(self, data: bytes, kind: int = FORMAT_BEAST) -> list[str]:
        return [REASONS[r] for r in self.octets(data, kind=kind)[2]["reason"]]


def beast(message: np.ndarray, length: int | None = None) -> bytes:
    return framing.beast_frames(message, length or message.shape[1], 0)[0].tobytes()


def test_a_position_plot_carries_what_is_known_of_its_aircraft() -> None:
    bench = Bench()
    bench.send(encode.df17_identification(ICAO, b"SWR12A"), 0.0)
    bench.send(encode.df17_velocity(ICAO, 120.0, -60.0, 5.0, geo_minus_press_m=60.96, nac_v=2), 0.1)
    bench.send(encode.df17_airspeed(ICAO, 1.5, 120.0, 5.0, nac_v=2), 0.2)
    bench.send(encode.df17_operational_status(ICAO, nac_p=8, sil=3), 0.3)
    bench.send(encode.df17_target_state(ICAO, 10_000.0, nac_p=8, sil=3), 0.4)
    bench.send(encode.df5(ICAO, 0o1234), 0.5)
    assert not len(bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 0.6))
    plots = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 1), 1.1, signal=128)
    assert len(plots) == 1
    plot = plots[0]
    assert plot["lat_deg"] == pytest.approx(47.0, abs=5e-5)
    assert plot["lon_deg"] == pytest.approx(8.0, abs=7e-5)
    assert plot["rx_ns"] == T0 + 1_100_000_000
    assert plot["toa_ns"] == plot["rx_ns"] - 250_000_000
    assert (plot["sensor_id"], plot["kind"], plot["icao24"], plot["mode3a"]) == (4, 5, ICAO, 0o1234)
    assert plot["callsign"] == b"SWR12A"
    assert plot["press_alt_m"] == pytest.approx(3000.0, abs=4)
    assert plot["geo_alt_m"] - plot["press_alt_m"] == pytest.approx(60.96, abs=4)
    assert plot["v_east_mps"] == pytest.approx(120.0, abs=0.3)
    assert plot["v_north_mps"] == pytest.approx(-60.0, abs=0.3)
    assert plot["climb_mps"] == pytest.approx(5.0, abs=0.2)
    assert plot["heading_rad"] == pytest.approx(1.5, abs=0.004)
    assert plot["ias_mps"] == pytest.approx(120.0, abs=0.3)
    assert plot["selected_alt_m"] == pytest.approx(10_000.0, abs=5)
    assert [plot[k] for k in ("nic", "nac_p", "nac_v", "sil", "adsb_version", "emergency")] == [8, 8, 2, 3, 2, 255]
    assert plot["pos_sd_m"] == pytest.approx(92.6 / 2.4477, rel=1e-4)
    assert plot["signal_dbfs"] == pytest.approx(20 * np.log10(128 / 255), abs=1e-3)
    assert plot["flags"] == 64
    assert plot["frame_no"] == 7
    assert np.isnan([plot[k] for k in ("range_m", "azimuth_rad", "elevation_rad", "azimuth_sd_rad")]).all()
    assert bench.ledger.by_category == {"DF5": 1, "DF17": 7}


def test_velocity_and_status_are_not_carried_for_ever() -> None:
    bench = Bench()
    bench.send(encode.df17_velocity(ICAO, 100.0, 0.0, 0.0), 0.0)
    bench.send(encode.df17_operational_status(ICAO), 0.0)
    bench.send(encode.df17_identification(ICAO, b"SWR12A"), 0.0)
    assert bench.pair(47.0, 8.0, 4.0)["v_east_mps"] == pytest.approx(100.0, abs=0.3)
    late = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 5.2)[0]
    assert np.isnan(late["v_east_mps"])
    assert late["adsb_version"] == 2
    for k in range(60):
        late = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, k % 2), 6.0 + k)[0]
    assert late["adsb_version"] == 255
    assert late["callsign"] == b"SWR12A"
    assert len(bench.pair(47.0, 8.0, 400.0)) == 1
    again = bench.pair(47.0, 8.0, 800.0)[0]
    assert again["callsign"] == b""


def test_a_position_without_quality_takes_the_accuracy_its_type_promises() -> None:
    assert Bench().pair(47.0, 8.0, type_code=11)[0]["pos_sd_m"] == pytest.approx(0.05 * 1852 / 2.4477, rel=1e-4)
    bench = Bench()
    bench.send(encode.df17_operational_status(ICAO, version=2, nac_p=0))
    assert bench.pair(47.0, 8.0, type_code=12)[0]["pos_sd_m"] == pytest.approx(185.2 / 2.4477, rel=1e-4)


@pytest.mark.parametrize(
    ("version", "type_code", "a", "b", "nic"),
    [(2, 9, 0, 0, 11), (2, 11, 1, 1, 9), (2, 11, 0, 0, 8), (2, 13, 0, 1, 6), (2, 16, 1, 1, 3), (2, 16, 0, 0, 2),
     (1, 11, 1, 0, 9), (1, 16, 1, 0, 3), (1, 18, 0, 0, 0)],
)  # fmt: skip
def test_integrity_follows_type_and_supplements(version: int, type_code: int, a: int, b: int, nic: int) -> None:
    bench = Bench()
    bench.send(encode.df17_operational_status(ICAO, version=version, nic_a=a))
    assert bench.pair(47.0, 8.0, type_code=type_code, nic_b=b)[0]["nic"] == nic


def test_a_height_above_the_ellipsoid_is_no_pressure_altitude() -> None:
    bench = Bench()
    plot = bench.pair(47.0, 8.0, type_code=20)[0]
    assert plot["geo_alt_m"] == pytest.approx(3000.0, abs=4)
    assert np.isnan(plot["press_alt_m"])


def test_surface_positions_need_a_reference_and_carry_the_ground_flag() -> None:
    bench = Bench()
    args = (ICAO, 46.91, 7.51, 3.0, 4.0)
    assert not len(bench.send(encode.df17_surface(*args, 0), 0.0))
    plot = bench.send(encode.df17_surface(*args, 1), 1.0)[0]
    assert plot["lat_deg"] == pytest.approx(46.91, abs=2e-5)
    assert plot["lon_deg"] == pytest.approx(7.51, abs=3e-5)
    assert plot["flags"] & 32
    assert np.hypot(plot["v_east_mps"], plot["v_north_mps"]) == pytest.approx(5.0, abs=0.3)
    assert np.isnan(plot["press_alt_m"])
    blind = Bench(None, discover=True)
    blind.decoder._site = None
    blind.send(encode.df17_surface(*args, 0), 0.0)
    assert not len(blind.send(encode.df17_surface(*args, 1), 1.0))
    assert blind.decoder.unplaced == 2


def test_old_halves_make_no_pair() -> None:
    bench = Bench()
    bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 0.0)
    assert not len(bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 1), 10.5))
    assert len(bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 11.0)) == 1


def test_a_first_position_out_of_reach_of_the_receiver_is_none() -> None:
    assert len(Bench().pair(-20.0, 100.0)) == 0
    bench = Bench(None, discover=True)
    bench.decoder._site = None
    assert len(bench.pair(-20.0, 100.0)) == 1


def test_one_jump_is_not_told_and_moves_nothing() -> None:
    """F47: a position 50 NM off in one report."""
    bench = Bench()
    bench.pair(47.0, 8.0, 0.0)
    assert not len(bench.send(encode.df17_position(ICAO, 47.83, 8.0, 3000.0, 0), 1.0))
    assert bench.decoder.unplaced == 2
    plot = bench.send(encode.df17_position(ICAO, 47.001, 8.0, 3000.0, 1), 1.5)[0]
    assert plot["lat_deg"] == pytest.approx(47.001, abs=5e-5)


def test_two_senders_of_one_address_each_get_their_positions() -> None:
    """F51: the same address, two aircraft 100 NM apart, in any order of messages."""
    rng = np.random.default_rng(5)
    bench = Bench()
    told: list[list[float]] = [[], []]
    for k in range(120):
        who = int(rng.integers(0, 2))
        lat = (46.2, 47.9)[who]
        plots = bench.send(encode.df17_position(ICAO, lat, 8.0, 3000.0, int(rng.integers(0, 2))), 0.5 * k)
        for plot in plots:
            near = 0 if abs(plot["lat_deg"] - 46.2) < abs(plot["lat_deg"] - 47.9) else 1
            told[near].append(float(plot["lat_deg"]))
    for lat, values in zip((46.2, 47.9), told, strict=True):
        assert len(values) > 20
        # At most the very first fix may be a mixture of the two.
        assert sum(abs(v - lat) > 1e-3 for v in values) <= 1


def test_emergencies_and_spi_are_flagged() -> None:
    bench = Bench()
    bench.send(encode.df17_emergency(ICAO, 5, 0o7500))
    plot = bench.pair(47.0, 8.0)[0]
    assert (plot["emergency"], plot["mode3a"]) == (5, 0o7500)
    assert plot["flags"] & 8
    assert Bench().pair(47.0, 8.0, surveillance_status=3)[0]["flags"] & 4
    assert Bench().pair(47.0, 8.0, surveillance_status=1)[0]["flags"] & 8
    bench = Bench()
    bench.send(encode.df11(ICAO))
    bench.send(encode.df5(ICAO, 0o7700, flight_status=4))
    assert bench.pair(47.0, 8.0)[0]["flags"] & 12 == 12


def test_replies_are_taken_from_known_addresses_only() -> None:
    bench = Bench()
    assert bench.reasons(beast(encode.df4(ICAO, 1000.0))) == ["unknown_address"]
    assert bench.reasons(beast(encode.df11(ICAO, interrogator=5))) == ["unknown_address"]
    bench.send(encode.df11(ICAO))
    assert bench.reasons(beast(encode.df4(ICAO, 1000.0))) == []
    assert bench.reasons(beast(encode.df11(ICAO, interrogator=5))) == []
    assert bench.reasons(beast(encode.df11(ICAO, interrogator=5) ^ np.uint8([[0, 0, 0, 0, 1, 0, 0]]))) == ["bad_crc"]
    register = encode.register_20("ABC123")
    for message in (encode.df0(ICAO, 0.0), encode.df16(ICAO, 0.0, register), encode.df21(ICAO, 1, register)):
        assert bench.reasons(beast(message)) == []
    plot = bench.pair(47.0, 8.0)[0]
    assert plot["callsign"] == b"ABC123"
    # Five minutes after the last clean message the address counts as unknown again.
    data = beast(encode.df4(ICAO, 1000.0))
    assert REASONS[bench.octets(data, 302.0)[2]["reason"][0]] == "unknown_address"


def test_wrong_frames_are_rejected_with_reason_and_place() -> None:
    """F11, and formats that do not exist."""
    bench = Bench()
    good = beast(encode.df11(0x111111))
    squitter = encode.df17_identification(ICAO, b"A")
    assert bench.reasons(beast(squitter, 7)) == ["bad_length"]
    assert bench.reasons(beast(squitter ^ np.uint8(1))) == ["bad_crc"]
    assert bench.reasons(beast(np.full((1, 14), 0x10, np.uint8))) == ["bad_format"]
    _, _, rejects = bench.octets(good + beast(squitter ^ np.uint8(1)) + good)
    assert len(rejects) == 1
    assert rejects["offset"][0] == len(good)
    assert rejects["length"][0] == len(beast(squitter ^ np.uint8(1)))
    assert (rejects["sensor_id"][0], rejects["frame_no"][0]) == (4, 3)
    assert bench.ledger.rejected == {"bad_length": 1, "bad_crc": 2, "bad_format": 1}
    assert bench.ledger.decoded == 2


def test_a_short_message_in_a_long_frame_is_read_by_its_own_length() -> None:
    bench = Bench()
    long = np.full((1, 14), 0xAA, np.uint8)
    long[0, :7] = encode.df11(ICAO)[0]
    assert bench.reasons(beast(long)) == []
    assert bench.ledger.by_category == {"DF11": 1}


def test_a_repaired_frame_needs_a_known_address_and_is_flagged() -> None:
    for bit in (8, 40, 60, 111):
        bench = Bench(repair=True)
        good = encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0)
        bad = good.copy()
        bad[0, bit // 8] ^= 0x80 >> (bit % 8)
        assert bench.reasons(beast(bad)) == ["bad_crc"]
        bench.pair(47.0, 8.0)
        plots = bench.send(bad, 1.0)
        assert len(plots) == 1
        assert plots["flags"][0] & 128
        assert plots["lat_deg"][0] == pytest.approx(47.0, abs=5e-5)
    off = Bench()
    off.pair(47.0, 8.0)
    assert off.reasons(beast(bad)) == ["bad_crc"]


def test_a_callsign_with_illegal_codes_is_kept_with_a_placeholder() -> None:
    """F09."""
    bench = Bench()
    text = encode.callsign_field(b"XAB") & np.uint64(2**42 - 1) | np.uint64(0x3F) << np.uint64(42)
    body = np.uint64(4) << np.uint64(51) | text
    bench.send(encode.extended_squitter(ICAO, body))
    plot = bench.pair(47.0, 8.0)[0]
    assert plot["callsign"] == b"?AB"
    assert bench.ledger.filtered == {"bad_callsign": 1}


def test_ground_station_reports_are_told_apart() -> None:
    bench = Bench()
    plots = bench.pair(47.0, 8.0, control=6)
    assert (plots["kind"][0], plots["icao24"][0]) == (5, ICAO)
    assert plots["source_track_no"][0] != 0
    plots = bench.pair(47.0, 8.0, control=2)
    assert (plots["kind"][0], plots["icao24"][0]) == (9, ICAO)
    plots = bench.pair(47.0, 8.0, control=5)
    assert (plots["kind"][0], plots["icao24"][0]) == (9, 0)
    plots = bench.pair(47.0, 8.0, control=1)
    assert (plots["kind"][0], plots["icao24"][0]) == (5, 0)
    plots = bench.pair(47.0, 8.0, control=0)
    assert (plots["kind"][0], plots["icao24"][0], plots["source_track_no"][0]) == (5, ICAO, 0)
    assert len(bench.pair(47.0, 8.0, control=3)) == 0
    assert bench.ledger.by_category == {"DF18": 12}


def test_gps_stamps_give_the_time_of_the_message() -> None:
    bench = Bench()
    bench.pair(47.0, 8.0)
    for k in range(12):
        t_s = 1.0 + k / 2
        tod = (T0 + round((t_s - 0.1) * SECOND)) % DAY_NS
        plots = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, k % 2), t_s, stamp=int(framing.gps_stamp(tod)))
        if k >= 8:
            assert plots["toa_ns"][0] == T0 + round((t_s - 0.1) * SECOND)
            assert plots["flags"][0] & 64 == 0
    late = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 8.0, stamp=int(framing.gps_stamp(5)))
    assert late["toa_ns"][0] == T0 + 7_750_000_000
    assert late["flags"][0] & 64


def test_a_receiver_that_tells_of_its_gps_clock_is_believed_at_once() -> None:
    bench = Bench()
    status = b"\x1a4" + bytes(7) + b"\x10" + bytes(13)
    _, services, _ = bench.octets(status)
    assert (services["kind"][0], services["sensor_id"][0]) == (8, 4)
    stamp = int(framing.gps_stamp((T0 + SECOND // 2) % DAY_NS))
    bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 0.6, stamp=stamp)
    plots = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 1), 0.7, stamp=stamp)
    assert plots["toa_ns"][0] == T0 + SECOND // 2
    assert bench.ledger.by_category == {"DF17": 2, "STATUS": 1}


def test_links_are_sensors_and_do_not_mix() -> None:
    where = site(sensor(4, "tcp://a:1"), sensor(9, "tcp://b:2", simulated=True), exercise=True)
    bench = Bench(where)
    bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 0.0, link=1)
    assert not len(bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 1), 0.5, link=2))
    first = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 1), 0.5, link=1)
    second = bench.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 0.6, link=2)
    assert (first["sensor_id"][0], first["flags"][0] & 1) == (4, 0)
    assert (second["sensor_id"][0], second["flags"][0] & 1) == (9, 1)
    _, _, rejects = bench.octets(beast(encode.df11(1)), link=7)
    assert REASONS[rejects["reason"][0]] == "no_link"
    found = Bench(where, discover=True, first_id=20)
    found.octets(beast(encode.df11(1)), link=7)
    found.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 1), 0.5, link=7)
    assert found.send(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, 0), 0.6, link=7)["sensor_id"][0] == 20


def test_rows_of_several_links_come_in_the_order_received() -> None:
    where = site(sensor(4, "tcp://a:1"), sensor(9, "tcp://b:2"))
    bench = Bench(where)
    rows = FRAME.empty(6)
    pieces = []
    for k in range(6):
        pieces.append(beast(encode.df17_position(ICAO, 47.0, 8.0, 3000.0, k // 2 % 2)))
        rows[k]["rx_ns"], rows[k]["seq"], rows[k]["link"] = T0 + k // 2 * SECOND // 2, k, 1 + k % 2
        rows[k]["offset"], rows[k]["length"], rows[k]["format"] = sum(map(len, pieces[:-1])), len(pieces[-1]), 2
    plots, _, _ = bench.decoder.step(Frames(rows, np.frombuffer(b"".join(pieces), np.uint8)))
    assert plots["frame_no"].tolist() == [2, 3, 4, 5]


def test_frames_of_other_formats_are_left_alone() -> None:
    bench = Bench()
    bench.octets(b"\x30\x00\x03", kind=FORMAT_ASTERIX)
    assert bench.ledger.frames == bench.ledger.records == 0


def test_basestation_lines_become_plots() -> None:
    bench = Bench()
    for line in (
        sbs_line(1, ICAO, callsign="SWR12A"),
        sbs_line(4, ICAO, speed_kt="400", track_deg="90", climb_fpm="-640"),
        sbs_line(6, ICAO, squawk="7700"),
    ):
        assert not len(bench.octets(line, kind=FORMAT_SBS)[0])
    plot = bench.octets(sbs_line(3, ICAO, alt_ft="10000", lat_deg="47", lon_deg="8"), 1.0, FORMAT_SBS)[0][0]
    assert (plot["icao24"], plot["mode3a"], plot["callsign"], plot["kind"]) == (ICAO, 0o7700, b"SWR12A", 5)
    assert plot["press_alt_m"] == pytest.approx(3048.0)
    assert plot["v_east_mps"] == pytest.approx(400 * 1852 / 3600, rel=1e-6)
    assert plot["climb_mps"] == pytest.approx(-3.2512, rel=1e-5)
    assert plot["flags"] == 64 | 8
    assert plot["toa_ns"] == T0 + 750_000_000
    assert np.isnan(plot["pos_sd_m"])
    plot = bench.octets(sbs_line(2, ICAO, lat_deg="47", lon_deg="8", ground="-1"), 2.0, FORMAT_SBS)[0][0]
    assert plot["flags"] & 32
    assert np.isnan(plot["press_alt_m"])
    assert bench.ledger.by_category == {"MSG1": 1, "MSG2": 1, "MSG3": 1, "MSG4": 1, "MSG6": 1}


def test_bad_basestation_values_name_the_place() -> None:
    """F13, for a feed of text lines."""
    bench = Bench()
    good = sbs_line(3, ICAO, alt_ft="10000", lat_deg="47", lon_deg="8")
    bad = good.replace(b",47,", b",NaN,")
    plots, _, rejects = bench.octets(good + bad + good, kind=FORMAT_SBS)
    assert len(plots) == 2
    assert REASONS[rejects["reason"][0]] == "bad_value"
    assert rejects["item"][0] == 15
    assert rejects["offset"][0] == len(good) + bad.index(b"NaN")
    assert bench.reasons(beast(encode.df11(ICAO)).replace(b"\x1a", b"z"), FORMAT_BEAST) == []
    assert bench.reasons(b"rubbish\n", FORMAT_AVR) == ["bad_text"]


def test_what_is_left_at_the_end_is_read_or_rejected() -> None:
    bench = Bench()
    bench.octets(framing.avr_lines(encode.df11(ICAO), 7)[:-2], kind=FORMAT_AVR)
    assert bench.ledger.records == 0
    bench.decoder.finish()
    assert bench.ledger.by_category == {"DF11": 1}
    bench = Bench()
    bench.octets(beast(encode.df11(ICAO))[:-3])
    _, _, rejects = bench.decoder.finish()
    assert REASONS[rejects["reason"][0]] == "record_truncated"
    assert bench.ledger.balances
    assert [len(rows) for rows in bench.decoder.finish()] == [0, 0, 0]


def test_a_lost_link_leaves_nothing_half_read() -> None:
    bench = Bench()
    data = beast(encode.df11(ICAO))
    bench.octets(data[:-3])
    bench.decoder.link_lost(0)
    assert bench.reasons(data) == []
    assert bench.ledger.decoded == 1


def test_many_aircraft_find_room_and_leave_it() -> None:
    bench = Bench()
    stream = framing.beast_frames(encode.df11(1 + np.arange(40_000)), 7, 0)[0].tobytes()
    bench.octets(stream)
    assert bench.ledger.by_category == {"DF11": 40_000}
    assert bench.reasons(beast(encode.df4(777, 1000.0))) == []
    memory = bench.decoder._memory[0]
    assert memory is not None
    assert len(memory.aircraft) == 40_000
    stream = framing.beast_frames(encode.df11(100_000 + np.arange(90_000)), 7, 0)[0].tobytes()
    bench.octets(stream, 1000.0)
    assert bench.ledger.by_category == {"DF4": 1, "DF11": 130_000}
    assert len(memory.aircraft) <= 131_072
    assert REASONS[bench.octets(beast(encode.df4(777, 1000.0)), 1001.0)[2]["reason"][0]] == "unknown_address"
