"""Terrain: tiles of three formats into one grid, and what a ridge hides over an earth of 4/3."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path

import numpy as np
import pytest
import rasterio
import rasterio.shutil

from vigie.earth.terrain import RANGE_STEP_M, Terrain, height_at, horizon_of, is_clear, is_hidden
from vigie.earth.tiles import load_terrain
from vigie.terms.errors import UsageError

FLAT = Terrain(np.zeros((401, 401), np.float32), 12.0, 1.0, 0.005)
R43_M = 6371008.8 * 4 / 3


def ridge(height_m: float, west_deg: float = 2.3, wide_deg: float = 0.02) -> Terrain:
    heights = FLAT.heights.copy()
    lon = FLAT.west_deg + FLAT.step_deg * np.arange(401)
    heights[:, (lon >= west_deg - 1e-9) & (lon <= west_deg + wide_deg)] = height_m
    return Terrain(heights, *FLAT.frame)


def write_tile(path: Path, heights: np.ndarray, west: float, north: float, step: float, **more: object) -> None:
    profile = {
        "width": heights.shape[1], "height": heights.shape[0], "count": 1, "dtype": "int16", "crs": "EPSG:4326",
        "transform": rasterio.Affine(step, 0.0, west, 0.0, -step, north), "nodata": -32768,
    } | more  # fmt: skip
    with rasterio.open(path, "w", **profile) as out:
        out.write(heights.astype(np.int16), 1)


def test_on_a_flat_earth_the_horizon_is_where_four_thirds_say() -> None:
    distance = math.sqrt(2 * R43_M * 100.0) + math.sqrt(2 * R43_M * 400.0)  # antenna at 100 m, target at 400 m
    for share, clear in ((0.96, True), (1.04, False)):
        lon = 1.2 + math.degrees(share * distance / (6378137 * math.cos(math.radians(13))))
        assert is_clear(FLAT.heights, FLAT.frame, 13.0, 1.2, 100.0, 13.0, lon, 400.0) is clear


def test_a_ridge_hides_what_lies_below_its_line_and_nothing_else() -> None:
    hill = ridge(400.0)
    from_place = (13.0, 2.0, 50.0)
    d_hill, d_target = (0.3, 0.9)
    scale = math.radians(1) * 6378137 * math.cos(math.radians(13))
    slope = (400.0 - 50.0) / (d_hill * scale) - d_hill * scale / (2 * R43_M)
    grazing = 50.0 + slope * d_target * scale + (d_target * scale) ** 2 / (2 * R43_M)
    mask = horizon_of(hill, *from_place, 150_000.0)
    for above, clear in ((60.0, True), (-60.0, False)):
        assert is_clear(hill.heights, hill.frame, *from_place, 13.0, 2.9, grazing + above) is clear
        tan = (grazing + above - 50.0) / (d_target * scale) - d_target * scale / (2 * R43_M)
        assert is_hidden(mask, math.pi / 2, d_target * scale, tan) is not clear
    assert not is_hidden(mask, -math.pi / 2, 50_000.0, 0.0)  # behind the antenna there is no ridge
    assert not is_hidden(mask, math.pi / 2, 20_000.0, 0.0)  # nor before it
    assert not is_hidden(np.zeros((0, 0), np.float32), 0.0, 1e5, -1.0)


@pytest.mark.parametrize("kind", ["dt0", "dt1"])
def test_a_dted_cell_is_read_with_its_peak_and_its_unknown_points(tmp_path: Path, kind: str) -> None:
    """MIL-PRF-89020B: one degree by one, posts on the edges, 30 or 3 seconds apart; -32767 is unknown."""
    posts = {"dt0": 121, "dt1": 1201}[kind]
    step = 1 / (posts - 1)
    heights = np.broadcast_to(400.0 - 100.0 * np.linspace(0, 1, posts)[:, None], (posts, posts)).copy()
    heights[posts // 2, posts // 2] = 2500
    heights[2:6, 2:6] = -32767
    plain = tmp_path / "plain.tif"
    write_tile(plain, heights, 2 - step / 2, 14 + step / 2, step, nodata=-32767)
    folder = tmp_path / "tiles"
    folder.mkdir()
    rasterio.shutil.copy(plain, folder / f"n13.{kind}", driver="DTED")
    assert (folder / f"n13.{kind}").read_bytes().startswith(b"UHL1")
    got = load_terrain(
        folder, south_deg=13.0, west_deg=2.0, north_deg=14.0, east_deg=3.0, undulation_m=20.0, step_deg=step
    )
    for lat in (13.25, 13.8):
        assert height_at(got.heights, got.frame, lat, 2.3) == pytest.approx(320.0 + 100.0 * (lat - 13.0), abs=2.0)
    assert np.nanmax(got.heights) == 2520.0
    assert math.isnan(height_at(got.heights, got.frame, 14 - 4 * step, 2 + 4 * step))


@pytest.mark.parametrize("kind", ["hgt", "tif"])
def test_tiles_become_one_grid_with_the_geoid_added(tmp_path: Path, kind: str) -> None:
    step = 1 / 1200
    rows = np.arange(1201)[:, None]
    for west in (2, 3):
        heights = np.broadcast_to(1200 - rows + 100 * west, (1201, 1201)).copy()  # higher to the north
        heights[600, 600] = 3000
        heights[5, 5] = -32768
        place = (west - step / 2, 14 + step / 2, step)
        if kind == "hgt":
            (tmp_path / f"N13E00{west}.hgt").write_bytes(heights.astype(">i2").tobytes())
        else:
            write_tile(tmp_path / f"t{west}.tif", heights, *place)
    got = load_terrain(tmp_path, south_deg=13.2, west_deg=2.1, north_deg=13.8, east_deg=3.7, undulation_m=23.0)
    for lat, lon in ((13.3, 2.5), (13.7, 2.3), (13.4, 3.4)):
        expected = (lat - 13.0) * 1200 + 100 * math.floor(lon) + 23.0
        assert height_at(got.heights, got.frame, lat, lon) == pytest.approx(expected, abs=5.0)
    assert np.nanmax(got.heights) == 3023.0  # a peak of one point is kept
    assert math.isnan(height_at(got.heights, got.frame, 15.0, 2.5))
    assert RANGE_STEP_M == 1000.0


@pytest.mark.shared
def test_real_srtm_tiles_hold_the_heights_their_owner_prints(shared: Path, tmp_path: Path) -> None:
    for name, low, high in (("N49E011", 234, 920), ("N43E007", -11, 2064)):
        with zipfile.ZipFile(shared / f"data/terrain/{name}.hgt.zip") as archive:
            inside = next(n for n in archive.namelist() if n.endswith(".hgt"))
            (tmp_path / f"{name}.hgt").write_bytes(archive.read(inside))
        lat, lon = float(name[1:3]), float(name[4:7])
        got = load_terrain(tmp_path, south_deg=lat, west_deg=lon, north_deg=lat + 1, east_deg=lon + 1, undulation_m=0.0)
        assert np.nanmax(got.heights) == high
        assert np.nanmin(got.heights) >= low
        assert np.isfinite(got.heights).mean() > 0.99
        mask = horizon_of(got, lat + 0.5, lon + 0.5, height_at(got.heights, got.frame, lat + 0.5, lon + 0.5) + 20, 4e4)
        assert -0.02 < mask[:, -1].min() < mask[:, -1].max() < 0.6


def test_a_folder_without_tiles_a_broken_one_and_one_elsewhere_are_told(tmp_path: Path) -> None:
    box = {"south_deg": 13.0, "west_deg": 2.0, "north_deg": 14.0, "east_deg": 3.0, "undulation_m": 0.0}
    with pytest.raises(UsageError, match="holds no tile"):
        load_terrain(tmp_path, **box)
    with pytest.raises(UsageError, match="cannot be read"):
        load_terrain(tmp_path / "nowhere", **box)
    write_tile(tmp_path / "far.tif", np.zeros((10, 10)), 50.0, 60.0, 0.1)
    with pytest.raises(UsageError, match="no tile lies between"):
        load_terrain(tmp_path, **box)
    (tmp_path / "bad.tif").write_bytes(b"not a tile")
    with pytest.raises(UsageError, match=r"bad\.tif"):
        load_terrain(tmp_path, **box)
