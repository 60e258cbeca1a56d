"""Bad input: each fault of the catalogue's decoding rows becomes a counted row, and its neighbours are decoded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.decode.recordings import make_frames
from vigie.decode.decoder import Decoded, Decoder
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.ledger import REASONS
from vigie.terms.tables import (
    FLAG_COASTED,
    FLAG_EMERGENCY,
    FLAG_GARBLED,
    FLAG_SIMULATED,
    FLAG_TEST,
    FLAG_TIME_ASSUMED,
    PLOT,
)
from vigie.wire.asterix.encode import blocks, encode_records
from vigie.wire.asterix.plots import encode_plots

T0 = 1_777_481_640_000_000_000  # 2026-04-29 16:54:00
TOD0 = 16 * 3600 + 54 * 60


def cat048(n: int = 1, **columns: object) -> bytes:
    """Return one block of n plain reports from 226/232; columns override."""
    base: dict[str, object] = {
        "010/SAC": 226, "010/SIC": 232, "140": np.full(n, float(TOD0)), "020/TYP": 2, "040/RHO": 100.0,
        "040/THETA": 45.0, "070/MODE3A": 0o1234,
    }  # fmt: skip
    return block(48, base | columns)


def block(category: int, columns: dict[str, object]) -> bytes:
    values = {k: np.asarray(v) for k, v in columns.items() if v is not None}
    records, starts = encode_records(category, None, values)
    data, _ = blocks(category, records, starts, per_block=10_000)
    return data.tobytes()


def radar(**more: object) -> Sensor:
    values = sensor_defaults("radar") | {
        "id": 7, "name": "Radar", "kind": "radar", "lat_deg": -26.0, "lon_deg": -60.0, "sac": 226, "sic": 232
    }  # fmt: skip
    return Sensor(**(values | more))


def site(*sensors: Sensor, exercise: bool = False) -> Site:
    return make_site(name="Test", lat_deg=0.0, lon_deg=0.0, sensors=sensors, exercise=exercise)


def decode(
    *payloads: bytes, of: Site | None = None, link: int = 0, decoder: Decoder | None = None
) -> tuple[Decoded, Decoder]:
    decoder = decoder or Decoder(of, discover=of is None)
    decoded = decoder.step(make_frames([(T0 + i * 10**8, p) for i, p in enumerate(payloads)], link=link))
    assert decoder.ledger.balances
    assert decoder.ledger.frames >= len(payloads)
    assert len(decoded.rejects) <= sum(decoder.ledger.rejected.values())
    return decoded, decoder


def reasons(decoded: Decoded) -> list[str]:
    return [REASONS[r] for r in decoded.rejects["reason"].tolist()]


def test_f01_a_truncated_block_keeps_its_count_and_harms_nobody() -> None:
    whole = bytes([48]) + (1039).to_bytes(2, "big") + b"\x00" * 1019
    decoded, decoder = decode(cat048(), whole, cat048())
    assert reasons(decoded) == ["block_truncated"]
    assert decoded.rejects["length"][0] == 1022
    assert decoded.rejects["frame_no"][0] == 1
    assert decoded.plots["frame_no"].tolist() == [0, 2]
    assert decoder.ledger.records == 3


def test_f03_a_strange_block_and_two_octets() -> None:
    decoded, _ = decode(bytes.fromhex("f00004800101"))
    assert reasons(decoded) == ["unknown_category", "trailing_bytes"]
    assert decoded.rejects["length"].tolist() == [4, 2]
    assert decoded.rejects["offset"].tolist() == [0, 4]


@pytest.mark.parametrize("category", [1, 2, 10, 19, 20, 21, 23, 34, 48, 62, 63, 65])
def test_f05_a_field_specification_of_sixty_octets(category: int) -> None:
    bad = bytes([category, 0, 63]) + b"\xff" * 60
    decoded, _ = decode(bad, cat048())
    assert reasons(decoded) == ["bad_fspec"]
    assert decoded.rejects["category"][0] == category
    assert decoded.rejects["offset"][0] <= 3 + 9
    assert len(decoded.plots) == 1


def test_f07_an_unknown_category_mixed_with_good_blocks() -> None:
    strange = bytes([255, 0, 10]) + bytes(7)
    decoded, decoder = decode(*[p for _ in range(20) for p in (strange + cat048(), cat048() + strange)])
    assert decoder.ledger.rejected == {"unknown_category": 40}
    assert decoder.ledger.by_category == {"48": 40}
    assert set(decoded.rejects["category"].tolist()) == {255}
    assert set(decoded.rejects["length"].tolist()) == {10}


@pytest.mark.parametrize(
    ("bits", "shown", "bad"),
    [
        ([1, 6, 18, 51, 52, 26, 7, 32], b"AFR34ZG", 0),
        ([1, 6, 18, 51, 52, 32, 32, 32], b"AFR34", 0),
        ([1, 27, 18, 63, 52, 32, 32, 32], b"A?R?4", 1),
        ([33, 34, 35, 36, 37, 38, 39, 40], b"????????", 1),
        ([0] * 8, b"", 0),
        ([32] * 8, b"", 0),
    ],
)
def test_f09_an_illegal_call_sign_keeps_the_report(bits: list[int], shown: bytes, bad: int) -> None:
    word = sum(code << 6 * (7 - i) for i, code in enumerate(bits))
    decoded, decoder = decode(cat048(**{"240": np.array([word], np.int64)}))
    assert decoded.plots["callsign"].tolist() == [shown]
    assert decoder.ledger.filtered.get("bad_callsign", 0) == bad
    assert decoder.ledger.rejected == {}


def test_a_record_that_runs_past_its_block_says_item_and_place() -> None:
    good = cat048()
    for cut in range(4, len(good) - 1):
        short = bytes([48]) + cut.to_bytes(2, "big") + good[3:cut]
        decoded, _ = decode(short)
        assert reasons(decoded) in (["record_truncated"], ["no_source"])
        assert decoded.rejects["offset"][0] <= cut
    decoded, _ = decode(bytes([48, 0, 8]) + good[3:8])
    assert decoded.rejects["item"].tolist() == [140]


def test_good_records_before_a_bad_one_are_kept() -> None:
    body = cat048(3)[3:] + b"\xff\xff\xff\xff\xff\xff"
    decoded, decoder = decode(bytes([48]) + (len(body) + 3).to_bytes(2, "big") + body)
    assert len(decoded.plots) == 3
    assert decoded.rejects["record_no"].tolist() == [3]
    assert decoder.ledger.records == 4


def test_an_illegal_time_of_day_is_rejected() -> None:
    decoded, _ = decode(cat048(2, **{"140": np.array([86399.99, 86400.0])}))
    assert len(decoded.plots) == 1
    assert reasons(decoded) == ["illegal_time"]
    assert decoded.rejects["item"].tolist() == [140]


def test_f31_midnight() -> None:
    midnight = T0 - T0 % (86_400 * 10**9)
    times = [midnight - 50_000_000, midnight + 50_000_000]
    late, early = cat048(**{"140": np.array([86399.9375])}), cat048(**{"140": 0.0})
    frames = make_frames([(times[0] + 10**8, late), (times[1] + 10**8, early)])
    plots = Decoder(None, discover=True).step(frames).plots
    assert plots["toa_ns"].tolist() == [midnight - 62_500_000, midnight]


def test_f37_no_time_item() -> None:
    decoded, _ = decode(cat048(**{"140": None}), of=site(radar(delay_s=1.5)))
    assert decoded.plots["toa_ns"].tolist() == [T0 - 1_500_000_000]
    assert decoded.plots["flags"][0] & FLAG_TIME_ASSUMED


def test_unknown_senders_and_silent_ones() -> None:
    decoded, _ = decode(cat048(**{"010/SIC": 9}), of=site(radar()))
    assert reasons(decoded) == ["unknown_sensor"]
    nameless = cat048(**{"010/SAC": None, "010/SIC": None})
    decoded, _ = decode(nameless, of=site(radar()))
    assert reasons(decoded) == ["no_source"]
    linked = site(radar(link=parse("udp://239.1.1.1:4001")))
    decoded, _ = decode(nameless, of=linked, link=1)
    assert decoded.plots["sensor_id"].tolist() == [7]


def test_f25_the_same_source_on_another_link_or_from_another_host() -> None:
    two = site(radar(link=parse("udp://239.1.1.1:4001")), radar(id=8, sic=9, link=parse("udp://239.1.1.1:4002")))
    decoded, _ = decode(cat048(), of=two, link=1)
    assert decoded.plots["sensor_id"].tolist() == [7]
    decoded, _ = decode(cat048(), of=two, link=2)
    assert reasons(decoded) == ["source_refused"]
    assert decoded.rejects["sensor_id"].tolist() == [7]
    guarded = Decoder(site(radar(allow_from=("192.0.2.0/24",))))
    frames = make_frames([(T0, cat048()), (T0, cat048()), (T0, cat048())])
    frames.rows["src_addr"] = [0xC0000205, 0xC6336401, 0]
    decoded = guarded.step(frames)
    assert decoded.plots["frame_no"].tolist() == [0, 2]
    assert reasons(decoded) == ["source_refused"]


def test_one_source_with_two_systems() -> None:
    both = site(radar(id=1, kind="mlat", sac=0, sic=107), radar(id=2, kind="adsb", sac=0, sic=107))
    mlat = block(10, {"010/SAC": 0, "010/SIC": 107, "000": 1, "020/TYP": 1, "140": np.array([float(TOD0)])})
    adsb = block(21, {"010/SAC": 0, "010/SIC": 107, "080": 5, "071": np.array([float(TOD0)])})
    decoded, decoder = decode(mlat, adsb, of=both)
    assert decoded.plots["sensor_id"].tolist() == [1, 2]
    assert decoded.plots["kind"].tolist() == [6, 5]
    assert decoder.sensors_seen == [(1, 0, 107, {10}), (2, 0, 107, {21})]
    decoded, decoder = decode(adsb, mlat)
    assert decoder.sensors_seen == [(1, 0, 107, {21}), (2, 0, 107, {10})]


def test_simulated_data_needs_an_exercise() -> None:
    simulated = cat048(**{"020/SIM": 1})
    decoded, _ = decode(simulated, of=site(radar()))
    assert reasons(decoded) == ["simulated_refused"]
    decoded, _ = decode(simulated, of=site(radar(), exercise=True))
    assert decoded.plots["flags"].tolist() == [FLAG_SIMULATED]
    decoded, _ = decode(cat048(), of=site(radar(simulated=True), exercise=True))
    assert decoded.plots["flags"].tolist() == [FLAG_SIMULATED]
    decoded, _ = decode(cat048(), of=site(radar(simulated=True)))
    assert reasons(decoded) == ["simulated_refused"]


def test_flags_and_kinds() -> None:
    decoded, _ = decode(
        cat048(
            5,
            **{
                "020/TYP": np.array([0, 1, 3, 5, 2]),
                "020/RAB": np.array([0, 0, 0, 0, 1]),
                "070/V": np.array([0, 1, 0, 0, 0]),
                "090/G": np.array([0, 0, 1, 0, 0]),
                "070/MODE3A": np.array([0o1234, 0o1234, 0o1234, 0o7700, 0o1234]),
            },
        )
    )
    assert decoded.plots["kind"].tolist() == [0, 1, 3, 4, 2]
    assert decoded.plots["flags"].tolist() == [FLAG_COASTED, FLAG_GARBLED, FLAG_GARBLED, FLAG_EMERGENCY, FLAG_TEST]
    assert np.isnan(decoded.plots["range_m"][0])  # nothing was detected, so nothing was measured


def test_an_edition_without_table_is_said() -> None:
    decoded, _ = decode(cat048(), of=site(radar(editions=((48, "9.9"),))))
    assert reasons(decoded) == ["unknown_edition"]
    decoded, _ = decode(cat048(), of=site(radar(editions=((48, "1.27"),))))
    assert len(decoded.plots) == 1


def test_trailing_octets_once_are_rejected_and_always_are_a_trailer() -> None:
    tails = [cat048() + b"\x40\x02\x20\x0a" + bytes([n]) for n in range(5)]
    decoded, decoder = decode(*tails)
    assert len(decoded.plots) == 5
    assert decoder.ledger.rejected == {"trailing_bytes": 2}
    assert decoder.ledger.filtered == {"trailing_bytes": 3}
    told = Decoder(None, discover=True, trailers={0: 5})
    decoded, _ = decode(*tails, decoder=told)
    assert told.ledger.rejected == {}
    configured = site(radar(trailer_bytes=5))
    decoded, decoder = decode(*tails, of=configured)
    assert decoder.ledger.rejected == {}


def test_empty_and_tiny_frames() -> None:
    decoded, decoder = decode(b"", b"\x30", b"\x30\x00", b"\x30\x00\x02", b"\x30\x00\x03", cat048())
    assert reasons(decoded) == ["bad_length"] * 4
    assert len(decoded.plots) == 1
    assert decoder.ledger.records == 5


def parse(text: str) -> object:
    from vigie.sensors.link import parse_link

    return parse_link(text)


@settings(max_examples=300, derandomize=True)
@given(st.lists(st.binary(max_size=120), min_size=1, max_size=5), st.integers(0, 2**32 - 1))
def test_random_octets_never_raise_and_always_balance(payloads: list[bytes], seed: int) -> None:
    decode(*payloads)
    rng = np.random.default_rng(seed)
    spoiled = bytearray(cat048(4))
    for at in rng.integers(0, len(spoiled), 3).tolist():
        spoiled[at] ^= 1 << int(rng.integers(8))
    decoded, decoder = decode(bytes(spoiled), cat048())
    assert decoded.plots["frame_no"].tolist().count(1) == 1 or decoder.ledger.records > 1


@settings(max_examples=40, derandomize=True)
@given(st.integers(0, 2**32 - 1))
def test_plots_survive_the_wire(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 20
    plots = PLOT.empty(n)
    plots["toa_ns"] = T0 + np.arange(n) * 10**9
    plots["kind"] = 4
    plots["range_m"] = rng.uniform(100.0, 400_000.0, n)
    plots["azimuth_rad"] = rng.uniform(0.0, 6.28, n)
    plots["mode3a"] = rng.integers(0, 0o7500, n)
    plots["press_alt_m"] = rng.uniform(-300.0, 15_000.0, n)
    plots["icao24"] = rng.integers(1, 2**24, n)
    plots["callsign"] = rng.choice([b"AFR34ZG", b"", b"N1"], n)
    plots["v_east_mps"], plots["v_north_mps"] = rng.uniform(-300, 300, (2, n))
    records, starts = encode_plots(48, None, plots, sac=1, sic=2)
    data, ends = blocks(48, records, starts)
    frames = make_frames(
        [(int(t), data[a:b].tobytes()) for t, a, b in zip(plots["toa_ns"], ends[:-1], ends[1:], strict=True)]
    )
    back = Decoder(None, discover=True).step(frames).plots
    for name in ("kind", "mode3a", "icao24", "callsign"):
        assert back[name].tolist() == plots[name].tolist()
    assert np.abs(back["toa_ns"] - plots["toa_ns"]).max() <= 3_906_250
    assert np.abs(back["range_m"] - plots["range_m"]).max() <= 1852 / 512 + 1e-6
    assert np.abs(back["azimuth_rad"] - plots["azimuth_rad"]).max() <= np.pi / 65536 + 1e-12
    assert np.abs(back["press_alt_m"] - plots["press_alt_m"]).max() <= 3.81 + 1e-6
    assert np.abs(back["v_east_mps"] - plots["v_east_mps"]).max() < 0.1


def test_a_random_field_sequence_is_walked() -> None:
    fspec = bytes([0b10000001, 0b00000001, 0b00000010])  # I001/010, then the random field sequence (bit 21)
    good = fspec + bytes([226, 232]) + bytes([2, 3, 0x10, 0x00, 0x20, 0x00, 4, 0x02, 0x34])
    decoded, _ = decode(bytes([1]) + (3 + len(good)).to_bytes(2, "big") + good)
    assert decoded.plots["range_m"].tolist() == [32 * 1852.0]
    assert decoded.plots["mode3a"].tolist() == [0o1064]
    wrong = good[:6] + bytes([21]) + good[7:]  # the sequence inside itself
    decoded, _ = decode(bytes([1]) + (3 + len(wrong)).to_bytes(2, "big") + wrong)
    assert reasons(decoded) == ["bad_item"]


def test_a_truncated_time_of_day_is_unrolled() -> None:
    tod = (TOD0 % 512) * 128
    record = bytes([0b10000010, 226, 232]) + tod.to_bytes(2, "big")
    decoded, _ = decode(bytes([1]) + (3 + len(record)).to_bytes(2, "big") + record)
    assert decoded.plots["toa_ns"].tolist() == [T0]


def test_local_x_and_y_become_latitude_and_longitude() -> None:
    place = site(radar(id=3, kind="mlat", sac=0, sic=107, lat_deg=41.297, lon_deg=2.078, height_m=50.0))
    report = block(
        10,
        {
            "010/SAC": 0, "010/SIC": 107, "000": 1, "020/TYP": 1, "140": np.array([float(TOD0)]),
            "042/X": 3000.0, "042/Y": 4000.0,
        },
    )  # fmt: skip
    decoded, _ = decode(report, of=place)
    plot = decoded.plots[0]
    assert plot["range_m"] == 5000.0
    assert plot["azimuth_rad"] == pytest.approx(np.arctan2(3.0, 4.0))
    assert plot["lat_deg"] == pytest.approx(41.297 + 4000 / 111_070, abs=2e-5)
    assert plot["lon_deg"] == pytest.approx(2.078 + 3000 / (111_320 * np.cos(np.radians(41.3))), abs=1e-4)
