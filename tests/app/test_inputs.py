"""Arguments of the command line: each wrong one is a sentence, each right one a value."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from vigie.app.commands.replay import parse_speed
from vigie.app.files import TableFile, read_table, write_json
from vigie.app.inputs import parse_editions, parse_place, plot_ticks, site_at
from vigie.app.start import check_port, free_ports, parse_listen
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.tables import PLOT
from vigie.terms.utc import TICK_NS


def test_editions_places_speeds_and_addresses() -> None:
    assert parse_editions(["048=1.30", "21=0.23"]) == {48: "1.30", 21: "0.23"}
    assert parse_place("13.48, 2.17") == (13.48, 2.17)
    assert parse_speed("max") == math.inf
    assert parse_speed("4") == 4.0
    assert parse_listen("[::1]:80") == ("::1", 80)
    for wrong in (lambda: parse_editions(["48"]), lambda: parse_editions(["x=1"]), lambda: parse_place("95,2"),
                  lambda: parse_place("here"), lambda: parse_speed("fast"), lambda: parse_speed("nan"),
                  lambda: parse_listen("8080")):  # fmt: skip
        with pytest.raises(UsageError, match=r"expected|latitude"):
            wrong()


def test_a_site_without_a_file() -> None:
    adsb = site_at("tcp://127.0.0.1:30005", "13.48,2.17").sensors[0]
    assert adsb.kind == "adsb"
    assert adsb.period_s == 1.0
    assert site_at("udp://239.1.1.1:4001", "13.48,2.17").sensors[0].kind == "radar"


def test_plots_are_cut_into_every_tick_between_first_and_last(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    rows = PLOT.empty(500)
    rows["rx_ns"] = rng.integers(0, 30 * TICK_NS, 500)
    rows["icao24"] = np.arange(500) + 1
    with TableFile(tmp_path / "p.parquet", PLOT) as file:
        file.append(rows[:200])
        file.append(rows[200:])
    ticks = list(plot_ticks([tmp_path / "p.parquet"]))
    nows = [now for now, _ in ticks]
    assert np.diff(nows).tolist() == [TICK_NS] * (len(nows) - 1)
    assert sum(len(r) for _, r in ticks) == 500
    for now_ns, plots in ticks:
        assert (plots["rx_ns"] <= now_ns).all()
        assert (plots["rx_ns"] > now_ns - TICK_NS).all()


def test_the_same_rows_give_the_same_octets_however_they_came(tmp_path: Path) -> None:
    rows = PLOT.empty(300_000)
    rows["range_m"] = np.random.default_rng(1).normal(size=len(rows))
    for name, cuts in (("a", [0, 300_000]), ("b", [0, 7, 100_000, 299_999, 300_000])):
        with TableFile(tmp_path / name, PLOT) as file:
            for start, stop in itertools.pairwise(cuts):
                file.append(rows[start:stop])
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert pq.ParquetFile(tmp_path / "a").metadata.num_row_groups == 19, "16,384 rows each"
    assert read_table(tmp_path / "a", PLOT)["range_m"].tobytes() == rows["range_m"].tobytes()


def test_files_that_cannot_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        TableFile(tmp_path / "no" / "p.parquet", PLOT)
    with pytest.raises(UsageError, match="cannot be written"):
        write_json(tmp_path / "no" / "l.json", {})
    (tmp_path / "x").write_text("hello")
    with pytest.raises(VigieError, match="cannot be read as a Parquet file"):
        read_table(tmp_path / "x", PLOT)


def test_a_port_in_use_is_said_before_anything_starts() -> None:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        with pytest.raises(VigieError, match=r"cannot listen on .*--listen"):
            check_port("127.0.0.1", held.getsockname()[1])
    ports = free_ports(["radar", "adsb", "radar"])
    assert len(set(ports)) == 3


def test_decoding_a_file_loads_no_rules_no_airspace_and_no_shapes() -> None:
    code = "import sys, vigie.app.commands.decode; print(*sorted({'.'.join(m.split('.')[:2]) for m in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "vigie.decode" in loaded
    assert not {"vigie.watch", "vigie.airspace", "vigie.identify", "shapely", "pyproj", "lxml"} & set(loaded)


def test_a_long_file_has_larger_groups_however_its_rows_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, size in (("_GROUP_ROWS", 10), ("_LONG_ROWS", 40), ("_LONG_GROUP_ROWS", 20)):
        monkeypatch.setattr(f"vigie.app.files.{name}", size)
    rows = PLOT.empty(115)
    rows["toa_ns"] = np.arange(115)
    for number, pieces in enumerate(([115], [7] * 16 + [3], [1] * 115, [33, 82])):
        with TableFile(tmp_path / f"{number}.parquet", PLOT) as file:
            for piece in np.split(rows, np.cumsum(pieces)[:-1]):
                file.append(piece)
        written = pq.ParquetFile(tmp_path / f"{number}.parquet")
        groups = [written.metadata.row_group(i).num_rows for i in range(written.num_row_groups)]
        assert groups == [10, 10, 10, 10, 20, 20, 20, 15]
        assert (tmp_path / f"{number}.parquet").read_bytes() == (tmp_path / "0.parquet").read_bytes()
        assert (read_table(tmp_path / f"{number}.parquet", PLOT)["toa_ns"] == rows["toa_ns"]).all()
