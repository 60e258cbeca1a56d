"""Site files: what is read, and how each wrong one is refused."""

from pathlib import Path

import pytest

from vigie.sensors.link import parse_link
from vigie.sensors.site import load_site, parse_site
from vigie.terms.errors import LinkError, SiteError

GOOD = """
[centre]
name = "Niamey"
lat_deg = 13.4815
lon_deg = 2.1836

[[sensor]]
id = 1
name = "Niamey MSSR"
kind = "radar"
sac = 226
sic = 232
lat_deg = 13.48
lon_deg = 2.17
height_m = 240.0
azimuth_sd_deg = 0.08
max_range_nmi = 250
link = "udp://239.1.1.1:4001"
editions = { "48" = "1.30" }

[[sensor]]
id = 2
name = "Niamey ADS-B"
kind = "adsb"
lat_deg = 13.48
lon_deg = 2.17
link = "tcp://127.0.0.1:30005"
"""


def test_a_good_site_comes_out_in_si() -> None:
    site = parse_site(GOOD, file="niamey.toml")
    radar, adsb = site.sensors
    assert radar.max_range_m == 250 * 1852
    assert radar.azimuth_sd_rad == pytest.approx(0.001396263, rel=1e-6)
    assert radar.editions == ((48, "1.30"),)
    assert radar.period_s == 4.0
    assert site.link_number(radar) == 1
    assert site.link_number(adsb) == 2
    assert radar.link is not None
    assert radar.link.is_multicast


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("lat_deg = 13.4815", "lat_deg = 950", r"x.toml:4: \[centre\] lat_deg: found 950, expected a latitude"),
        ("height_m", "heigth_m", r"x.toml:15: \[sensor\] heigth_m: unknown key; did you mean 'height_m'"),
        ('kind = "adsb"', 'kind = "sonar"', r"x.toml:24: \[sensor\] kind: found 'sonar', expected one of radar"),
        ("id = 2", "id = 1", r"x.toml:22: \[sensor\] id: found 1 again, already the id of 'Niamey MSSR'"),
        ("id = 2", "id = true", r"x.toml:22: \[sensor\] id: found True, expected a whole number"),
        ('name = "Niamey"\n', "", r"x.toml:2: \[centre\] name: is missing"),
        ("tcp://127.0.0.1:30005", "tcp://127.0.0.1", r"x.toml:27: \[sensor\] link: .*lacks a host or a port"),
        ("[centre]", "[center]", r"unknown table; did you mean 'centre'"),
        ("lat_deg = 13.4815", "lat_deg = nan", r"x.toml:4: \[centre\] lat_deg"),
        ("sac = 226", "sac = ", r"x.toml: not valid TOML: .*line 11"),
    ],
)
def test_a_wrong_site_names_file_line_key(old: str, new: str, expected: str) -> None:
    with pytest.raises(SiteError, match=expected):
        parse_site(GOOD.replace(old, new, 1), file="x.toml")


def test_every_problem_is_said_at_once() -> None:
    text = GOOD.replace("lat_deg = 13.4815", "lat_deg = 91").replace('kind = "adsb"', 'kind = "x"')
    with pytest.raises(SiteError) as caught:
        parse_site(text, file="x.toml")
    assert len(caught.value.problems) == 2


def test_missing_and_binary_files(tmp_path: Path) -> None:
    with pytest.raises(SiteError, match="cannot be read"):
        load_site(tmp_path / "none.toml")
    (tmp_path / "bin.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SiteError, match="not UTF-8"):
        load_site(tmp_path / "bin.toml")


def test_file_links_are_relative_to_the_site_file() -> None:
    assert parse_link("file:../a/b.pcap", base=Path("/data/sites")).path == "/data/a/b.pcap"
    assert parse_link("udp://[ff02::1]:4001?interface=eth0").interface == "eth0"
    assert parse_link("udp://[ff02::1]:4001").is_multicast
    for bad in ("http://x:1", "udp://:5", "tcp://h:99999", "udp://h:1?speed=2", "file:"):
        with pytest.raises(LinkError, match=r"expected|unknown"):
            parse_link(bad)


def test_the_sites_of_the_recordings_load(shared: Path) -> None:
    for path in sorted((shared / "data/sites").glob("*.toml")):
        assert load_site(path).sensors
