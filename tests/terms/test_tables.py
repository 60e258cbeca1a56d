"""The declared tables: dtypes, absent values, Arrow round trip, and the names that interfaces promise."""

import numpy as np
import pytest

from vigie.terms.ledger import REASON, REASONS, Ledger, TrackLedger
from vigie.terms.tables import ABSENT_MODE3A, PLOT, TABLES, TRACK, TRUTH

# Order and names as published; columns may only be appended.
PUBLISHED_PLOT = (
    "toa_ns rx_ns sensor_id kind range_m azimuth_rad elevation_rad range_rate_mps lat_deg lon_deg press_alt_m "
    "geo_alt_m v_east_mps v_north_mps climb_mps pos_sd_m azimuth_sd_rad icao24 mode3a callsign flags frame_no "
    "source_track_no pos_minor_sd_m pos_orient_rad nic nac_p nac_v sil adsb_version emergency signal_dbfs "
    "heading_rad ias_mps selected_alt_m"
).split()
PUBLISHED_TRACK = (
    "now_ns track_no status toa_ns lat_deg lon_deg geo_alt_m press_alt_m v_east_mps v_north_mps climb_mps "
    "turn_radps pos_major_m pos_minor_m pos_orient_rad vel_sd_mps sensors icao24 mode3a callsign"
).split()


def test_published_columns_come_first_and_in_order() -> None:
    assert [c.name for c in PLOT.columns][: len(PUBLISHED_PLOT)] == PUBLISHED_PLOT
    assert [c.name for c in TRACK.columns][: len(PUBLISHED_TRACK)] == PUBLISHED_TRACK


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda t: t.name)
def test_every_column_says_what_it_means_and_rows_are_packed(table) -> None:
    assert all(c.meaning for c in table.columns)
    assert len({c.name for c in table.columns}) == len(table.columns)
    assert table.dtype.itemsize == sum(table.dtype[n].itemsize for n in table.dtype.names)
    assert [f.name for f in table.arrow_schema] == list(table.dtype.names)


def test_empty_rows_hold_absent_values() -> None:
    row = PLOT.empty(1)[0]
    assert np.isnan(row["range_m"])
    assert np.isnan(row["pos_sd_m"])
    assert row["mode3a"] == ABSENT_MODE3A
    assert row["icao24"] == 0
    assert row["callsign"] == b""
    assert row["nic"] == 255


def test_arrow_round_trip_fills_missing_and_ignores_unknown() -> None:
    rows = PLOT.empty(3)
    rows["callsign"] = [b"TUA123  ", b"", b"5UABC"]
    rows["range_m"] = [1.0, np.nan, 3.0]
    rows["icao24"] = [1, 2, 3]
    table = PLOT.to_arrow(rows).drop_columns(["lat_deg"]).append_column("new_one", [[1, 2, 3]])
    back = PLOT.from_arrow(table)
    assert back["callsign"].tolist() == [b"TUA123", b"", b"5UABC"]
    assert np.isnan(back["lat_deg"]).all()
    assert back["icao24"].tolist() == [1, 2, 3]


def test_null_numbers_become_absent() -> None:
    import pyarrow as pa

    back = TRUTH.from_arrow(pa.table({"mode3a": pa.array([None, 7], pa.uint16()), "lat_deg": pa.array([None, 1.0])}))
    assert back["mode3a"].tolist() == [ABSENT_MODE3A, 7]
    assert np.isnan(back["lat_deg"][0])


def test_reasons_are_unique_and_ledgers_balance() -> None:
    assert len(set(REASONS)) == len(REASONS) <= 256
    ledger = Ledger()
    ledger.accept(5, "48")
    ledger.count_rejects([REASON["bad_fspec"], REASON["bad_fspec"], REASON["bad_crc"]])
    assert ledger.balances
    assert ledger.as_json()["rejected"] == {"bad_crc": 1, "bad_fspec": 2}
    ledger.decoded += 1
    assert not ledger.balances
    tracks = TrackLedger(plots=3, associated=1, started=1)
    assert not tracks.balances
    tracks.filter("duplicate")
    assert tracks.balances


def test_texts_reach_arrow_as_they_are_decoded_one_by_one() -> None:
    signs = [
        b"",
        b"AB C ",
        b" x",
        b"a\0b",
        b"\t",
        b"ABCDEFGH",
        b"A\n",
        b"\x1c",
        b"\0\0a",
        b"Q\x7f",
        "é".encode(),
        b"\xff",
    ]
    rng = np.random.default_rng(20261127)
    for among in (signs, signs[:10]):
        for _ in range(50):
            rows = PLOT.empty(int(rng.integers(0, 12)))
            rows["callsign"] = [among[i] for i in rng.integers(0, len(among), len(rows))]
            column = PLOT.to_arrow(rows)["callsign"]
            column.validate(full=True)
            assert column.to_pylist() == [bytes(v).decode("utf-8", "replace").rstrip() for v in rows["callsign"]]
