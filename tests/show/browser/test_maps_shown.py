"""The operator's own maps in a real browser: drawn, switched, told when damaged, in both languages, from this host."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest
import rasterio
from PIL import Image

from tests.browser import Screen
from tests.show.browser.axe import serious
from tests.show.browser.conftest import Served
from tests.show.mapfiles import MVT, png, square, town, write_pmtiles

pytestmark = pytest.mark.browser

SLOPE = (400, 340)
"""Where the sensors of the feeder are, between the rings."""
GREEN = (40, 220, 40)
SITE = """
[centre]
name = "Maps"
lat_deg = 13.5
lon_deg = 2.1
[[map]]
id = "chart"
title = "Chart <b>1</b>"
file = "chart.pmtiles"
attribution = "Survey of Somewhere"
opacity = 1.0
shown = true
[[map]]
id = "roads"
title = "Roads"
file = "roads.pmtiles"
order = 1
[[map]]
id = "photo"
title = "Photo"
file = "photo.tif"
order = 2
[[map]]
id = "gone"
title = "Gone"
file = "gone.pmtiles"
[[map]]
id = "torn"
title = "Torn"
file = "torn.pmtiles"
shown = true
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    world = {(z, x, y): png(GREEN) for z in range(3) for x in range(1 << z) for y in range(1 << z)}
    write_pmtiles(tmp_path / "chart.pmtiles", world)
    write_pmtiles(tmp_path / "roads.pmtiles", {(0, 0, 0): square("roads")}, kind=MVT, layers=("roads",))
    # All of Niger and more, in magenta.
    with rasterio.open(
        tmp_path / "photo.tif", "w", driver="GTiff", width=200, height=200, count=3, dtype="uint8", crs="EPSG:4326",
        transform=rasterio.Affine(0.2, 0.0, -10.0, 0.0, -0.2, 30.0),
    ) as out:  # fmt: skip
        out.write(np.stack([np.full((200, 200), v, np.uint8) for v in (220, 20, 220)]))
    torn = write_pmtiles(tmp_path / "torn.pmtiles", {(0, 0, 0): square("a")}, kind=MVT, layers=("a",))
    torn.write_bytes(torn.read_bytes()[:-9])
    (tmp_path / "site.toml").write_text(SITE, "utf-8")
    return tmp_path / "site.toml"


def colour(shown: Screen, x: int = 500, y: int = 120, wide: int = 24, high: int = 24) -> tuple[int, ...]:
    """Return the mean colour of a part of the screen."""
    clip = {"x": x, "y": y, "width": wide, "height": high}
    image = Image.open(io.BytesIO(shown.page.screenshot(clip=clip))).convert("RGB").resize((1, 1), Image.Resampling.BOX)
    found = image.getpixel((0, 0))
    assert isinstance(found, tuple)
    return tuple(int(v) for v in found)


def becomes(shown: Screen, wanted: Callable[[tuple[int, ...]], bool], *where: int) -> tuple[int, ...]:
    """Wait until a part of the map has a wanted colour (tiles come when they come) and return it."""
    for _ in range(300):
        found = colour(shown, *where)
        if wanted(found):
            return found
        shown.page.wait_for_timeout(100)
    pytest.fail(f"after 30 s the map still has the colour {found}")


def test_maps_are_drawn_switched_and_told(
    feeder: Callable[..., Served], screen: Callable[..., Screen], site: Path
) -> None:
    served = feeder(20, "--site", str(site))
    shown = screen(served.address)
    page = shown.page
    shown.until("vigie.tracks === 20 && vigie.maps.includes('chart')")
    page.get_by_test_id("map-credits").get_by_text("Survey of Somewhere").wait_for()
    assert page.get_by_test_id("map-chart").locator("label").inner_text() == "Chart <b>1</b>"  # text as text
    _, green, _ = becomes(shown, lambda c: c[1] > 60 and c[1] > 2 * max(c[0], c[2]))
    assert green < 180  # at night its white is dimmed
    assert "not there" in page.get_by_test_id("map-gone").inner_text()
    assert page.get_by_test_id("map-gone").get_by_role("checkbox").is_disabled()
    shown.keep("maps-night")
    assert serious(shown) == []

    page.get_by_test_id("map-chart").get_by_role("checkbox").uncheck()
    ground = becomes(shown, lambda c: max(c) < 60)
    page.get_by_test_id("map-roads").get_by_role("checkbox").check()
    becomes(shown, lambda c: min(a - b for a, b in zip(c, ground, strict=True)) >= 4)  # the square of the vector tile
    shown.until("!vigie.maps.includes('chart') && vigie.maps.includes('roads-fill-0')")
    assert page.get_by_test_id("map-credits").count() == 0
    page.get_by_test_id("map-photo").get_by_role("checkbox").check()
    becomes(shown, lambda c: min(c[0], c[2]) > 60 and c[1] < 40)
    page.get_by_test_id("map-photo").get_by_role("checkbox").uncheck()
    page.get_by_test_id("language").click()
    page.get_by_test_id("theme").click()
    shown.until("vigie.maps.includes('roads-fill-0')")  # another palette is another style
    assert "n'existe pas" in page.get_by_test_id("map-gone").inner_text()
    assert "endommagé" in page.get_by_test_id("map-torn").inner_text()
    becomes(shown, lambda c: min(c) > 150)
    assert serious(shown) == []
    shown.keep("maps-day")
    page.reload()
    shown.until("window.vigie && vigie.maps.includes('roads-fill-0') && !vigie.maps.includes('chart')")  # remembered
    own = urlparse(served.address).netloc
    assert any("/api/maps/roads/" in url for url in shown.asked)
    assert not [u for u in shown.asked if not u.startswith(("blob:", "data:")) and urlparse(u).netloc != own]


def test_towns_have_their_names_and_a_saved_view_brings_its_maps_back(
    feeder: Callable[..., Served], screen: Callable[..., Screen], site: Path
) -> None:
    """The names need no letters from elsewhere; the place is in the middle of Niger."""
    tile = town("places", (2139, 1889), name="Tanout <b>", name__fr="Tanout la Française")
    write_pmtiles(site.parent / "roads.pmtiles", {(0, 0, 0): tile}, kind=MVT, layers=("places",))
    served = feeder(20, "--site", str(site))
    shown = screen(served.address)
    page = shown.page
    shown.until("vigie.tracks === 20 && vigie.maps.includes('chart')")
    assert shown.say("vigie.mapNames.length") == 0
    page.get_by_test_id("map-chart").get_by_role("checkbox").uncheck()
    page.get_by_test_id("map-roads").get_by_role("checkbox").check()
    shown.until("vigie.mapNames.includes('Tanout <b>')")
    shown.keep("maps-names-en")
    page.get_by_test_id("language").click()
    shown.until("vigie.mapNames.length === 1")
    shown.keep("maps-names-fr")
    page.get_by_test_id("filter").locator(".panel-fold").click()
    page.get_by_test_id("view-name").fill("towns")
    page.keyboard.press("Enter")
    page.get_by_test_id("map-roads").get_by_role("checkbox").uncheck()
    page.get_by_test_id("map-chart").get_by_role("checkbox").check()
    shown.until("vigie.maps.includes('chart') && vigie.mapNames.length === 0")
    page.get_by_test_id("view").get_by_role("button").first.click()
    shown.until("!vigie.maps.includes('chart') && vigie.mapNames.length === 1")
    own = urlparse(served.address).netloc
    assert not [u for u in shown.asked if not u.startswith(("blob:", "data:")) and urlparse(u).netloc != own]


def test_the_technician_reads_what_is_wrong_with_a_map(
    feeder: Callable[..., Served], screen: Callable[..., Screen], site: Path
) -> None:
    shown = screen(feeder(20, "--role", "technician", "--site", str(site)).address)
    table = shown.page.get_by_test_id("ledger-maps")
    table.wait_for()
    assert "Gone" in table.inner_text()
    assert "The file is not there." in table.inner_text()
    assert "Torn" in table.inner_text()


def test_the_terrain_is_shaded_at_night_and_by_day(
    feeder: Callable[..., Served], screen: Callable[..., Screen], tmp_path: Path
) -> None:
    row, column = np.mgrid[0:600, 0:1000] / 100.0
    heights = 1500.0 * (row + column)  # all of it rises to the south-east: it faces the light
    heights += 900.0 * np.exp(-(((row - 3) ** 2 + (column - 7) ** 2) / 0.3))
    with rasterio.open(
        tmp_path / "ground.tif", "w", driver="GTiff", width=1000, height=600, count=1, dtype="int16", crs="EPSG:4326",
        transform=rasterio.Affine(0.01, 0.0, 0.0, 0.0, -0.01, 18.0),
    ) as out:  # fmt: skip
        out.write(heights.astype(np.int16), 1)
    (tmp_path / "site.toml").write_text(
        '[centre]\nname = "T"\nlat_deg = 15.0\nlon_deg = 5.0\n[terrain]\ntiles = "ground.tif"\n', "utf-8"
    )
    served = feeder(20, "--site", str(tmp_path / "site.toml"))
    shown = screen(served.address)
    page = shown.page
    row_of = page.get_by_test_id("map-terrain")
    row_of.get_by_text("Terrain shading").wait_for()
    shown.until("vigie.fineBorders")
    before = colour(shown, *SLOPE)
    assert not shown.say("vigie.maps.length")  # off until a person wants it
    row_of.get_by_role("checkbox").check()
    shown.until("vigie.maps.includes('terrain')")
    becomes(shown, lambda c: min(a - b for a, b in zip(c, before, strict=True)) >= 10, *SLOPE)
    shown.keep("terrain-night")
    row_of.get_by_role("checkbox").uncheck()
    becomes(shown, lambda c: max(a - b for a, b in zip(c, before, strict=True)) <= 5, *SLOPE)
    row_of.get_by_role("checkbox").check()
    assert serious(shown) == []
    page.get_by_test_id("theme").click()
    page.get_by_test_id("language").click()
    row_of.get_by_text("Ombrage du relief").wait_for()
    shown.until("vigie.maps.includes('terrain')")
    becomes(shown, lambda c: min(c) > 100, *SLOPE)
    shown.keep("terrain-day")
    assert serious(shown) == []
    row_of.get_by_role("checkbox").uncheck()
    shown.until("vigie.maps.length === 0")
    own = urlparse(served.address).netloc
    assert any("/api/maps/terrain/" in url for url in shown.asked)
    assert not [u for u in shown.asked if not u.startswith(("blob:", "data:")) and urlparse(u).netloc != own]
