"""Mode S against other implementations: rs1090 on recordings and on made messages, PROJ for distances."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vigie.decode.modes import ModesDecoder
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.batch import FORMAT_AVR, FORMAT_BEAST, FORMAT_SBS, Frames
from vigie.terms.ledger import Ledger
from vigie.terms.tables import FRAME, Rows
from vigie.wire.modes import encode, framing

rs1090 = pytest.importorskip("rs1090")
pyproj = pytest.importorskip("pyproj")
GEOD = pyproj.Geod(ellps="WGS84")
M_PER_FT = 0.3048
MPS_PER_KT = 1852 / 3600


def site(lat: float, lon: float) -> Site:
    defaults = {**sensor_defaults("adsb"), "delay_s": 0.0}
    sensor = Sensor(id=3, name="receiver", kind="adsb", lat_deg=lat, lon_deg=lon, **defaults)
    return make_site(name="test", lat_deg=lat, lon_deg=lon, sensors=(sensor,))


def one_frame(octets: bytes, kind: int) -> Frames:
    row = FRAME.empty(1)
    row["rx_ns"], row["format"], row["length"] = 10**18, kind, len(octets)
    return Frames(row, np.frombuffer(octets, np.uint8))


def as_frames(texts: list[str], rx_ns: np.ndarray) -> Frames:
    """One Beast frame for each hexadecimal message, numbered from 0."""
    messages, lengths = encode.from_hex(texts)
    octets, offsets = framing.beast_frames(messages, lengths, 0)
    rows = FRAME.empty(len(texts))
    rows["rx_ns"], rows["seq"], rows["format"] = rx_ns, np.arange(len(texts)), FORMAT_BEAST
    rows["offset"], rows["length"] = offsets[:-1], np.diff(offsets)
    return Frames(rows, octets)


def decoded(octets: bytes, kind: int) -> tuple[Rows, Ledger]:
    ledger = Ledger()
    decoder = ModesDecoder(None, ledger=ledger, discover=True)
    plots, _, _ = decoder.step(one_frame(octets, kind))
    decoder.finish()
    assert ledger.balances
    return plots, ledger


def metres(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> np.ndarray:
    return np.asarray(GEOD.inv(lon1, lat1, lon2, lat2)[2])


@pytest.fixture(scope="module")
def flight(shared: Path) -> list[dict[str, Any]]:
    with gzip.open(shared / "data/modes/rs1090_full_flight_part1.jsonl.gz", "rt") as file:
        return [json.loads(line) for line in file]


@pytest.mark.shared
def test_avr_recording_has_the_counts_of_its_readme(shared: Path) -> None:
    plots, ledger = decoded((shared / "data/modes/dump1090_modes1.avr.txt").read_bytes(), FORMAT_AVR)
    assert ledger.records == ledger.decoded == 217
    assert ledger.by_category["DF17"] == 120
    assert ledger.by_category["DF11"] == 63
    assert len(plots) == 50


@pytest.mark.shared
def test_basestation_recording_has_the_counts_of_its_readme(shared: Path) -> None:
    plots, ledger = decoded((shared / "data/modes/sbs_from_modes1_and_pymodes.txt").read_bytes(), FORMAT_SBS)
    kinds = {"MSG1": 105, "MSG3": 996, "MSG4": 1019, "MSG5": 11, "MSG6": 13, "MSG7": 10, "MSG8": 63}
    assert ledger.by_category == kinds
    assert ledger.rejected == {}
    assert set(plots["icao24"].tolist()) == {0x4D2023, 0x406B90}


@pytest.mark.shared
def test_comm_b_recording_has_the_parity_of_its_readme(shared: Path) -> None:
    text = (shared / "data/modes/pymodes_sample_data_commb_df20.csv").read_text("utf-8-sig")
    rows = [row for row in csv.reader(text.splitlines()) if row]
    messages, lengths = encode.from_hex([row[2] for row in rows])
    assert (lengths == 14).all()
    listed = np.array([int(row[1], 16) for row in rows], np.uint32)
    assert len(rows) == 5000
    assert int((encode.parity(messages) == listed).sum()) == 4997


@pytest.mark.shared
def test_one_aircraft_recording_reads_as_rs1090_reads_it(shared: Path) -> None:
    rows = list(csv.reader((shared / "data/modes/pymodes_sample_data_adsb.csv").read_text().splitlines()))
    times = np.array([int(row[0]) for row in rows])
    # The file has whole seconds; the messages are spread over them in their order.
    spread = times * 10**9 + np.arange(len(rows)) % 100
    ledger = Ledger()
    plots, _, _ = ModesDecoder(None, ledger=ledger, discover=True).step(as_frames([row[1] for row in rows], spread))
    assert ledger.by_category == {"DF17": 2000}
    assert Counter(row[3] for row in rows) == {"4": 98, "11": 937, "19": 965}
    assert set(plots["icao24"].tolist()) == {0x406B90}
    assert len(plots) >= 930
    theirs = rs1090.decode([row[1] for row in rows], [float(t) for t in times])
    at = plots["frame_no"]
    lat = np.array([theirs[i].get("latitude") or np.nan for i in at])
    lon = np.array([theirs[i].get("longitude") or np.nan for i in at])
    both = np.isfinite(lat)
    assert both.sum() > 700
    assert metres(plots["lat_deg"][both], plots["lon_deg"][both], lat[both], lon[both]).max() < 1.0
    feet = np.array([theirs[i]["altitude"] for i in at])
    assert plots["press_alt_m"] == pytest.approx(feet * M_PER_FT)


@pytest.mark.shared
def test_whole_flight_positions_are_those_of_rs1090(flight: list[dict[str, Any]]) -> None:
    """All 28,896 frames decode; of rs1090's 4,295 positions all but its first two, which it takes from one message."""
    rx = np.array([round(r["timestamp"] * 1e9) for r in flight])
    ledger = Ledger()
    decoder = ModesDecoder(site(47.0, 2.0), ledger=ledger)
    plots, _, rejects = decoder.step(as_frames([r["frame"] for r in flight], rx))
    assert len(rejects) == 0
    assert ledger.by_category == {f"DF{k}": n for k, n in Counter(r["df"] for r in flight).items()}
    assert ledger.decoded == 28896
    theirs = {i: r for i, r in enumerate(flight) if r.get("latitude") is not None}
    assert set(theirs) - set(plots["frame_no"].tolist()) == {0, 9}
    assert set(plots["frame_no"].tolist()) <= set(theirs)
    lat = [theirs[i]["latitude"] for i in plots["frame_no"].tolist()]
    lon = [theirs[i]["longitude"] for i in plots["frame_no"].tolist()]
    assert metres(plots["lat_deg"], plots["lon_deg"], lat, lon).max() < 1.0
    ground = np.array([theirs[i]["bds"] == "06" for i in plots["frame_no"].tolist()])
    assert np.array_equal(plots["flags"] & 32 > 0, ground)
    assert set(plots["sensor_id"].tolist()) == {3}
    assert (plots["toa_ns"] == plots["rx_ns"]).all()


@pytest.mark.shared
def test_whole_flight_fields_are_those_of_rs1090(flight: list[dict[str, Any]]) -> None:
    """After each message the aircraft's row holds what rs1090 reads in that message."""
    decoder = ModesDecoder(site(47.0, 2.0), ledger=Ledger())
    seen: Counter[str] = Counter()
    frames = as_frames([r["frame"] for r in flight], np.array([round(r["timestamp"] * 1e9) for r in flight]))
    chosen = [i for i, r in enumerate(flight) if i % 4 == 0 or r.get("bds") in {"08", "09", "06"}]
    rx = frames.rows["rx_ns"]
    for i in [0, *chosen]:
        said = flight[i]
        decoder.step(frames.take(i, i + 1))
        memory = decoder._memory[0]
        assert memory is not None
        row = memory.aircraft.rows[0]
        t = int(rx[i])
        if "altitude" in said and said["altitude"] is not None and row["press_ns"] == t:
            assert row["press_alt_m"] == pytest.approx(said["altitude"] * M_PER_FT), said
            seen["altitude"] += 1
        if "squawk" in said:
            assert row["squawk"] == int(said["squawk"], 8), said
            seen["squawk"] += 1
        if said["df"] != "17":
            continue
        if said["bds"] == "08":
            text = int(row["callsign"]).to_bytes(8, "little").rstrip(b"\0").decode()
            assert text == said["callsign"], said
            seen["callsign"] += 1
        if said["bds"] == "09" and said.get("groundspeed") is not None:
            speed = np.hypot(row["v_east"], row["v_north"]) / MPS_PER_KT
            track = np.degrees(np.arctan2(row["v_east"], row["v_north"])) % 360
            assert speed == pytest.approx(said["groundspeed"], abs=0.01), said
            assert (track - said["track"] + 180) % 360 - 180 == pytest.approx(0, abs=0.01), said
            assert row["nac_v"] == said["NACv"]
            if said.get("vertical_rate") is not None:
                assert row["climb"] / (M_PER_FT / 60) == pytest.approx(said["vertical_rate"], abs=0.01)
            if said.get("geo_minus_baro") is not None:
                assert row["offset_m"] / M_PER_FT == pytest.approx(said["geo_minus_baro"], abs=0.01)
            seen["velocity"] += 1
        if said["bds"] == "06" and row["velocity_ns"] == t and said.get("track") is not None:
            movement = int.from_bytes(bytes.fromhex(said["frame"])[4:11], "big") >> 44 & 127
            speed = np.hypot(row["v_east"], row["v_north"]) / MPS_PER_KT
            # rs1090 0.7.0 reads codes 14 to 38 in steps of 0.25 kt and jumps from 8.25 to 15 kt; the document has
            # steps of 0.5 kt there.
            expected = 2.0 + 0.5 * (movement - 13) if 13 < movement < 39 else said["groundspeed"]
            assert speed == pytest.approx(expected, abs=0.01), said
            seen["surface"] += 1
    assert seen["altitude"] > 3000
    assert seen["squawk"] > 1000
    assert seen["callsign"] > 200
    assert seen["velocity"] > 2000
    assert seen["surface"] > 500


def test_positions_all_over_the_globe_are_those_of_rs1090() -> None:
    """Even and odd pairs at seeded places, poles and antimeridian among them, airborne, one aircraft each."""
    rng = np.random.default_rng(8)
    n = 400
    lat = np.degrees(np.arcsin(rng.uniform(-1, 1, n)))
    lat[-8:] = (86.99, 87.01, -87.0, 89.9, -89.9, 0.0, 0.0, 5.0)
    lon = np.concatenate([rng.uniform(-180, 180, n - 3), [179.9999, -180.0, 0.0]])
    icao = 0x500000 + np.arange(n)
    even = encode.df17_position(icao, lat, lon, 3000.0, 0)
    odd = encode.df17_position(icao, lat, lon, 3000.0, 1)
    texts = [row.tobytes().hex() for pair in zip(even, odd, strict=True) for row in pair]
    rx = 1_700_000_000 * 10**9 + np.arange(2 * n) * 10**6
    plots, _, _ = ModesDecoder(None, ledger=Ledger(), discover=True).step(as_frames(texts, rx))
    # Where the two halves fall in different zones there is no position, with rs1090 as with us.
    assert len(plots) >= n - 6
    who = plots["icao24"].astype(int) - 0x500000
    off = metres(plots["lat_deg"], plots["lon_deg"], lat[who], lon[who])
    assert off[np.abs(lat[who]) < 86.0].max() < 5.2
    assert off.max() < 10.0
    theirs = rs1090.decode(texts, (rx / 1e9).tolist())
    compared = 0
    for plot in plots:
        said = theirs[int(plot["frame_no"])]
        if said.get("latitude") is not None:
            assert metres(plot["lat_deg"], plot["lon_deg"], said["latitude"], said["longitude"]) < 1.0
            compared += 1
    assert compared > n * 0.9


@pytest.mark.parametrize("seed", range(3))
def test_made_messages_read_as_rs1090_reads_them(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 60
    icao = rng.integers(1, 1 << 24, n)
    level = rng.uniform(-200, 15000, n)
    code = rng.integers(0, 4096, n)
    letters = np.array(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
    names = ["".join(rng.choice(letters, rng.integers(1, 9))) for _ in range(n)]
    nac_p = rng.integers(0, 12, n)
    sil = rng.integers(0, 4, n)
    state = rng.integers(0, 7, n)
    register = encode.register_20(np.array(names, "S8"))
    for i in range(n):
        assert rs1090.decode(encode.df4(icao[i], level[i])[0].tobytes().hex())["altitude"] == pytest.approx(
            level[i] / M_PER_FT, abs=13
        )
        assert int(rs1090.decode(encode.df5(icao[i], code[i])[0].tobytes().hex())["squawk"], 8) == code[i]
        said = rs1090.decode(encode.df17_identification(icao[i], names[i].encode())[0].tobytes().hex())
        assert said["callsign"] == names[i]
        assert int(said["icao24"], 16) == icao[i]
        said = rs1090.decode(encode.df17_operational_status(icao[i], nac_p=nac_p[i], sil=sil[i])[0].tobytes().hex())
        assert (said["NACp"], said["SIL"]) == (nac_p[i], sil[i])
        said = rs1090.decode(encode.df17_emergency(icao[i], state[i], code[i])[0].tobytes().hex())
        assert int(said["squawk"], 8) == code[i]
        said = rs1090.decode(encode.df20(icao[i], level[i], register[i : i + 1])[0].tobytes().hex())
        assert said["bds20"]["callsign"] == names[i]
