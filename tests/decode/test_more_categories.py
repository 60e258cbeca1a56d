"""Categories 004, 008, 011, 015, 017, 025, 205 through the decoder: plots, bearings, service rows and weather."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.decode.recordings import make_frames
from tests.wire.asterix.records import random_record
from vigie.decode.decoder import Decoded, Decoder
from vigie.sensors.site import parse_site
from vigie.terms.tables import FLAG_COASTED, FLAG_SIMULATED, FLAG_TENTATIVE, STATUS_NOGO
from vigie.terms.units import M_PER_NMI
from vigie.wire.asterix import columns, spec
from vigie.wire.asterix.encode import encode_records

SITE = parse_site(
    """
    [centre]
    name = "T"
    lat_deg = 13.0
    lon_deg = 2.0
    exercise = true
    [[sensor]]
    id = 3
    name = "finder"
    kind = "observer"
    sac = 1
    sic = 3
    lat_deg = 13.0
    lon_deg = 2.0
    [[sensor]]
    id = 4
    name = "radar"
    kind = "radar"
    sac = 1
    sic = 4
    lat_deg = 13.0
    lon_deg = 2.0
    [[sensor]]
    id = 5
    name = "system"
    kind = "external"
    sac = 1
    sic = 5
    lat_deg = 13.0
    lon_deg = 2.0
    """,
    file="t.toml",
)
NOW_S = 3600.0
HALF_TURN = math.pi


def decoded(category: int, sic: int, **values: list[float]) -> Decoded:
    """Decode records given as item paths (``_`` for ``/``, a leading ``i``) and their values."""
    n = len(next(iter(values.values())))
    table = {"010/SAC": np.full(n, 1), "010/SIC": np.full(n, sic)}
    table |= {k[1:].replace("_", "/"): np.array(v, np.float64) for k, v in values.items()}
    octets, starts = encode_records(category, None, table)
    body = octets[: starts[-1]].tobytes()
    block = bytes([category]) + (3 + len(body)).to_bytes(2, "big") + body
    decoder = Decoder(SITE)
    out = decoder.step(make_frames([(int(NOW_S * 1e9), block)]))
    assert decoder.ledger.balances
    assert not len(out.rejects)
    return out


def test_direction_finders_bearings_are_plots_of_kind_8() -> None:
    out = decoded(
        205, 3, i000=[2, 5, 1], i030=[NOW_S] * 3, i050_LAT=[13.5] * 3, i050_LON=[2.5] * 3,
        i070=[np.nan, 90.0, np.nan], i080=[45.0, 91.0, np.nan], i110=[np.nan, np.nan, 300.0], i160=[7] * 3,
        i200=[np.nan, 2.0, np.nan],
    )  # fmt: skip
    plots = out.plots
    assert plots["kind"].tolist() == [8, 8, 9]
    assert plots["azimuth_rad"][:2] == pytest.approx([math.radians(45), math.radians(90)])
    assert np.isnan(plots["lat_deg"][:2]).all()  # the place of the finder is no target
    assert (plots["lat_deg"][2], plots["lon_deg"][2]) == pytest.approx((13.5, 2.5), abs=1e-5)
    assert plots["pos_sd_m"][2] == 300.0
    assert plots["elevation_rad"][1] == pytest.approx(math.radians(2.0))
    assert plots["source_track_no"].tolist() == [7, 7, 7]
    assert plots["sensor_id"].tolist() == [3, 3, 3]


def test_tracks_of_a_movement_guidance_system() -> None:
    out = decoded(
        11, 5, i000=[1], i140=[NOW_S], i041_LAT=[13.48], i041_LON=[2.17], i202_VX=[5.0], i202_VY=[-3.0],
        i060_MOD3A=[0o4321], i380_ADR=[0x123456], i161_FTN=[99], i500_APC_X=[3.0], i500_APC_Y=[4.0],
        i170_CNF=[1], i170_SIM=[1],
    )  # fmt: skip
    plot = out.plots[0]
    assert (plot["kind"], plot["source_track_no"], plot["icao24"], plot["mode3a"]) == (9, 99, 0x123456, 0o4321)
    assert (plot["lat_deg"], plot["lon_deg"]) == pytest.approx((13.48, 2.17), abs=1e-7)
    assert (plot["v_east_mps"], plot["v_north_mps"]) == (5.0, -3.0)
    assert (plot["pos_sd_m"], plot["pos_minor_sd_m"]) == (4.0, 3.0)
    assert plot["flags"] == FLAG_TENTATIVE | FLAG_SIMULATED
    assert decoded(11, 5, i000=[2], i140=[NOW_S]).services["category"].tolist() == [11]


def test_passive_radars_reports_are_plots() -> None:
    out = decoded(
        15, 4, i000_MT=[3, 2], i000_RG=[0, 0], i145=[NOW_S] * 2, i161=[5, 6], i170_CNF=[np.nan, 0],
        i170_CSTP=[np.nan, 1], i170_BIZ=[np.nan, 0], i170_BAZ=[np.nan, 0], i170_TUR=[np.nan, 0],
        i170_CSTH=[np.nan, 0], i600_P84_LATITUDE=[np.nan, 13.2], i600_P84_LONGITUDE=[np.nan, 2.2],
        i602_HV_X=[np.nan, 100.0], i602_HV_Y=[np.nan, 50.0], i601_GH=[np.nan, 1234.5], i604_VV=[np.nan, -2.5],
        i625_R=[20_000.0, np.nan], i627_AZ=[180.0, np.nan], i628_EL=[5.0, np.nan], i625_RR=[-30.0, np.nan],
    )  # fmt: skip
    a, b = out.plots
    assert (a["kind"], a["range_m"], a["range_rate_mps"]) == (1, 20_000.0, -30.0)
    assert (a["azimuth_rad"], a["elevation_rad"]) == pytest.approx((HALF_TURN, math.radians(5)), abs=1e-4)
    assert (b["geo_alt_m"], b["climb_mps"]) == (1234.5, -2.5)
    assert b["flags"] & FLAG_COASTED
    assert (b["v_east_mps"], b["v_north_mps"]) == (100.0, 50.0)


def test_drones_identification_reports_are_plots_of_kind_7() -> None:
    site = parse_site(
        """
        [centre]
        name = "T"
        lat_deg = 13.0
        lon_deg = 2.0
        [[sensor]]
        id = 9
        name = "gateway"
        kind = "remoteid"
        sac = 0
        sic = 0
        lat_deg = 13.0
        lon_deg = 2.0
        """,
        file="t.toml",
    )
    octets, _ = encode_records(
        129, "1.2",
        {
            "010/SAC": np.zeros(1), "010/SIC": np.zeros(1), "020": np.array(["VIG"]), "040/SN1": np.array(["SERIAL"]),
            "040/SN2": np.array(["000001"]), "050": np.array(["NE"]), "070": np.array([NOW_S]),
            "080/LAT": np.array([13.48]), "080/LON": np.array([-2.17]), "090": np.array([-12.5]),
            "110": np.array([4.0]), "185/HVX": np.array([3.25]), "185/HVY": np.array([-8.5]),
            "220/VV": np.array([-1.5]),
        },
    )  # fmt: skip
    block = b"\x81" + (3 + len(octets)).to_bytes(2, "big") + octets.tobytes()
    out = Decoder(site).step(make_frames([(int(NOW_S * 1e9), block)]))
    assert not len(out.rejects)
    plot = out.plots[0]
    assert (plot["kind"], plot["sensor_id"], plot["geo_alt_m"], plot["pos_sd_m"]) == (7, 9, -12.5, 4.0)
    assert (plot["lat_deg"], plot["lon_deg"]) == pytest.approx((13.48, -2.17), abs=2e-7)
    assert (plot["v_east_mps"], plot["v_north_mps"], plot["climb_mps"]) == (3.25, -8.5, -1.5)
    assert spec.load(129).unverified
    assert not spec.load(48).unverified


def test_services_of_the_other_categories() -> None:
    out = decoded(4, 5, i000=[1], i020=[NOW_S])
    assert (out.services["kind"].tolist(), out.services["category"].tolist()) == ([11], [4])
    assert out.services["toa_ns"].tolist() == [int(NOW_S * 1e9)]
    track = decoded(17, 4, i000=[10], i140=[NOW_S], i045_LAT=[13.1], i045_LON=[2.1], i220=[0xABCDEF]).plots[0]
    assert (track["kind"], track["icao24"]) == (9, 0xABCDEF)
    assert decoded(17, 4, i000=[0], i140=[NOW_S]).services["category"].tolist() == [17]
    assert columns.BITS["25"]["100/NOGO"] == {1: STATUS_NOGO}


def weather_block(*records: bytes) -> bytes:
    body = b"".join(records)
    return b"\x08" + (3 + len(body)).to_bytes(2, "big") + body


def test_a_weather_picture_has_its_place_on_the_map() -> None:
    form = spec.edition(8)
    made = []
    for text in (
        {"010": b"\x01\x04", "000": b"\xfe", "090": b"\x07\x08\x00", "100": b"\x30\0\0"},
        {"010": b"\x01\x04", "000": b"\x01", "020": b"\x20", "034": b"\x02\x08\x10\x40\x00\x20\x30\x80\x00"},
        {"010": b"\x01\x04", "000": b"\x03", "040": b"\x34\x07", "050": b"\x01\x0a\xf6"},
        {"010": b"\x01\x04", "000": b"\xff"},
    ):
        profile = next(iter(form.profiles.values()))
        used = [i for i, name in enumerate(profile) if name in text]
        fspec = bytearray(used[-1] // 7 + 1)
        for i in used:
            fspec[i // 7] |= 128 >> i % 7
        for i in range(len(fspec) - 1):
            fspec[i] |= 1
        made.append(bytes(fspec) + b"".join(text[profile[i]] for i in used))
    decoder = Decoder(SITE)
    out = decoder.step(make_frames([(int(NOW_S * 1e9), weather_block(*made))]))
    assert not len(out.rejects)
    assert out.services["kind"].tolist() == [13] * 4
    w = out.weather
    assert w["kind"].tolist() == [1, 1, 3]
    assert w["picture"].tolist() == [1, 1, 1]
    assert w["intensity"].tolist() == [2, 2, 3]
    assert w["x1_m"][0] == pytest.approx(8 * M_PER_NMI)  # F = 6: one step is one mile; azimuth 90 degrees
    assert w["x2_m"][0] == pytest.approx(16 * M_PER_NMI)
    assert w["y2_m"][1] == pytest.approx(-48 * M_PER_NMI)
    assert (w["x1_m"][2], w["y1_m"][2]) == pytest.approx((10 * M_PER_NMI, -10 * M_PER_NMI))
    assert w["lat2_deg"][1] == pytest.approx(13.0 - 48 / 60, abs=0.02)
    assert w["contour"].tolist() == [0, 0, 7]


@pytest.mark.parametrize("category", [4, 8, 9, 11, 15, 16, 17, 18, 25, 32, 129, 205, 247])
def test_random_records_are_decoded_or_rejected_by_name(category: int) -> None:
    rng = np.random.default_rng(category)
    for edition in spec.load(category).editions.values():
        decoder = Decoder(None, discover=True, editions={category: edition.name})
        records = [random_record(rng, edition, 0.3) for _ in range(20)]
        blocks = [bytes([category]) + (3 + len(r)).to_bytes(2, "big") + r for r in records]
        out = decoder.step(make_frames([(i, b) for i, b in enumerate(blocks)]))
        assert decoder.ledger.balances
        assert decoder.ledger.records == 20
        assert len(out.plots) + len(out.services) == decoder.ledger.decoded > 0
