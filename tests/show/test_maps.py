"""Maps under the picture: PMTiles read where they lie, damaged files told and never fatal, tiles behind the role."""

from __future__ import annotations

import logging
import os
import random
from pathlib import Path
from typing import Any

import httpx
import pytest

from vigie.sensors.maps import MapFile
from vigie.sensors.site import parse_site
from vigie.show.maps import MapShelf
from vigie.show.mapsheet import MapError
from vigie.show.pmtiles import PmTiles, tile_number
from vigie.terms.errors import SiteError

from .live import KEY, app_for, in_loop, named_hub
from .mapfiles import MVT, number_of, png, square, write_pmtiles

CENTRE = '[centre]\nname = "C"\nlat_deg = 13.5\nlon_deg = 2.1\n'
RED, BLUE = (200, 10, 10), (10, 10, 200)


def test_tiles_are_numbered_as_the_specification_says() -> None:
    given = {
        (0, 0, 0): 0,
        (1, 0, 0): 1,
        (1, 0, 1): 2,
        (1, 1, 1): 3,
        (1, 1, 0): 4,
        (2, 0, 0): 5,
        (12, 3423, 1763): 19078479,
    }
    assert {where: tile_number(*where) for where in given} == given
    for z in range(5):
        for x in range(1 << z):
            for y in range(1 << z):
                assert tile_number(z, x, y) == number_of(z, x, y)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("leaf", [True, False])
def test_every_tile_comes_out_as_it_went_in(tmp_path: Path, packed: bool, leaf: bool) -> None:
    tiles = {
        (z, x, y): f"tile {z} {x} {y}".encode() for z in range(4) for x in range(1 << z) for y in range(0, 1 << z, 2)
    }
    source = PmTiles(
        write_pmtiles(tmp_path / "a.pmtiles", tiles, kind=MVT, packed=packed, leaf=leaf, layers=("roads",))
    )
    assert (source.face.kind, source.face.layers, source.face.min_zoom, source.face.max_zoom) == (
        "vector",
        ("roads",),
        0,
        3,
    )
    for where, octets in tiles.items():
        found = source.tile(*where)
        assert found is not None
        assert (found.octets, found.type) == (octets, "application/vnd.mapbox-vector-tile")
    assert source.tile(3, 0, 1) is None
    source.close()


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_a_map_error_and_nothing_else(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    tiles = {(2, x, y): square("roads") for x in range(4) for y in range(4)}
    path = write_pmtiles(
        tmp_path / "a.pmtiles", tiles, kind=MVT, packed=seed % 2 == 0, leaf=seed % 3 == 0, layers=("roads",)
    )
    octets = bytearray(path.read_bytes())
    for _ in range(1 + seed % 9):
        octets[chance.randrange(len(octets) if seed % 4 else 127)] = chance.randrange(256)
    if seed % 5 == 0:
        del octets[chance.randrange(len(octets)) :]
    path.write_bytes(octets)
    try:
        source = PmTiles(path)
        for x in range(4):
            for y in range(4):
                source.tile(2, x, y)
        source.close()
    except MapError:
        return


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (b"", "foreign"), (b"GIF89a" + bytes(200), "foreign"), (b"PMTiles\x02" + bytes(119), "unknown"),
        (b"PMTiles\x03" + bytes(119), "unknown"),
    ],
)  # fmt: skip
def test_what_is_no_map_is_told_with_its_kind_of_wrong(tmp_path: Path, octets: bytes, code: str) -> None:
    (tmp_path / "a.pmtiles").write_bytes(octets)
    with pytest.raises(MapError) as told:
        PmTiles(tmp_path / "a.pmtiles")
    assert told.value.code == code


def test_a_part_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = write_pmtiles(tmp_path / "a.pmtiles", {(0, 0, 0): bytes(9 << 20)}, kind=MVT, layers=("roads",))
    assert path.stat().st_size < 20_000
    with pytest.raises(MapError) as told:
        PmTiles(path).tile(0, 0, 0)
    assert told.value.code == "large"


def test_no_descriptor_stays_open_behind_a_file_that_is_refused(tmp_path: Path) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("no /proc on this machine")
    (tmp_path / "a.pmtiles").write_bytes(bytes(300))
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(MapError):
            PmTiles(tmp_path / "a.pmtiles")
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_missing_file_is_told_once_and_served_when_it_is_there(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "chart.pmtiles"
    shelf = MapShelf([MapFile(id="chart", title="Chart", file=str(path))])
    with caplog.at_level(logging.INFO, "vigie.show"):
        shelf.look()
        shelf.look()
        (listed,) = shelf.facts()
        assert (listed["problem"], listed["file"], "kind" in listed) == ("missing", "chart.pmtiles", False)
        assert [r.getMessage() for r in caplog.records] == [f"map 'chart': the file {path} is not there"]
        before = shelf.told()["maps"]
        assert before["problems"] == [{"title": "Chart", "problem": "missing", "detail": ""}]
        write_pmtiles(path, {(0, 0, 0): png(RED)})
        shelf.look()
        after = shelf.told()["maps"]
        assert after["problems"] == []
        assert after["version"] != before["version"]
        assert shelf.facts()[0]["kind"] == "raster"
        assert "well again" in caplog.records[-1].getMessage()


def test_a_file_that_is_replaced_is_read_anew(tmp_path: Path) -> None:
    path = write_pmtiles(tmp_path / "chart.pmtiles", {(0, 0, 0): png(RED)})
    shelf = MapShelf([MapFile(id="chart", title="Chart", file=str(path))])
    shelf.look()
    first = shelf.told()
    write_pmtiles(path, {(0, 0, 0): png(BLUE), (1, 0, 0): png(BLUE)})
    shelf.look()
    tile = in_loop(shelf.tile("chart", 0, 0, 0))
    assert tile is not None
    assert tile.octets == png(BLUE)
    assert shelf.told() != first


def test_a_damaged_tile_leaves_the_others_and_is_told(tmp_path: Path) -> None:
    path = write_pmtiles(
        tmp_path / "chart.pmtiles", {(1, 0, 0): square("a"), (1, 1, 1): square("a")}, kind=MVT, layers=("a",)
    )
    octets = bytearray(path.read_bytes())
    octets[-12:] = bytes(12)  # the end of the last tile
    path.write_bytes(octets)
    shelf = MapShelf([MapFile(id="chart", title="Chart", file=str(path))])
    shelf.look()
    assert in_loop(shelf.tile("chart", 1, 1, 1)) is None
    assert in_loop(shelf.tile("chart", 1, 0, 0)) is not None
    assert shelf.facts()[0]["problem"] == "broken"


def get(shelf: MapShelf, path: str, role: str = "viewer", *, enter: bool = True) -> httpx.Response:
    async def go() -> httpx.Response:
        transport = httpx.ASGITransport(app_for(named_hub(), role, maps=shelf))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
            if enter:
                await client.get("/enter", params={"key": KEY})
            return await client.get(path)

    return in_loop(go())


def test_tiles_are_served_to_who_sees_the_picture(tmp_path: Path) -> None:
    path = write_pmtiles(tmp_path / "c.pmtiles", {(1, 0, 0): png(RED)})
    shelf = MapShelf([MapFile(id="a b", title="T", file=str(path), attribution="(c) us", opacity=0.4)])
    shelf.look()
    answer = get(shelf, "/api/maps/a%20b/1/0/0?v=1")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", png(RED))
    assert "private" in answer.headers["cache-control"]
    assert get(shelf, "/api/maps/a%20b/1/1/0").status_code == 204
    for odd in ("a%20b/7/0/0", "a%20b/1/2/0", "a%20b/1/-1/0"):
        assert get(shelf, f"/api/maps/{odd}").status_code == 204
    for odd in ("b/1/0/0", "a%20b/1/0/x", "..%2Fc/1/0/0"):
        assert get(shelf, f"/api/maps/{odd}").status_code == 404
    assert get(shelf, "/api/maps/a%20b/1/0/0", enter=False).status_code == 403
    assert get(shelf, "/api/maps/a%20b/1/0/0", role="admin").status_code == 403
    (listed,) = get(shelf, "/api/maps").json()
    assert (listed["title"], listed["attribution"], listed["opacity"], listed["max_zoom"]) == ("T", "(c) us", 0.4, 1)
    assert str(tmp_path) not in get(shelf, "/api/maps").text  # where files lie on the server is nobody's business


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('file = "a.png"', "expected a file .pmtiles"), ('file = "a.pmtiles"\nopacity = 2', "0.05 to 1"),
        ('file = "a.pmtiles"\nid = "terrain"', "taken"), ('title = "x"', "is missing"),
        ('file = "a.pmtiles"\nidd = "x"', "did you mean 'id'"),
        ('file = "b.pmtiles"\n[[map]]\nfile = "x/b.pmtiles"', "taken"),
    ],
)  # fmt: skip
def test_a_wrong_map_in_the_site_file_is_refused_with_its_line(row: str, said: str) -> None:
    with pytest.raises(SiteError, match=said) as told:
        parse_site(f"{CENTRE}[[map]]\n{row}\n", file="s.toml")
    assert "s.toml:" in str(told.value)


def test_maps_of_the_site_file_lie_in_their_order_and_beside_it() -> None:
    rows = '[[map]]\nfile = "a.pmtiles"\norder = 2\nshown = true\n[[map]]\nfile = "m/b.pmtiles"\ntitle = "B"\n'
    maps: Any = parse_site(CENTRE + rows, file="/etc/v/site.toml").maps
    assert [(m.id, m.title, m.file, m.shown) for m in maps] == [
        ("b", "B", "/etc/v/m/b.pmtiles", False), ("a", "a", "/etc/v/a.pmtiles", True)
    ]  # fmt: skip
