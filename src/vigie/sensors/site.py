"""The site file: one centre, its sensors, and the links by which they reach it.

A site file is read whole, checked whole, and refused whole: every problem is named with file, line, key, what was
found and what was expected. Source: the project's interface reference, section "Site file".
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from vigie.sensors.keys import CENTRE_KEYS, PEOPLE_KEYS, SENSOR_KEYS, Checker
from vigie.sensors.link import LinkAddress, parse_link
from vigie.sensors.maps import MapFile, read_maps
from vigie.sensors.places import TABLES as PLACE_TABLES
from vigie.sensors.places import Places, Row, read_places
from vigie.sensors.policy import TABLES as POLICY_TABLES
from vigie.sensors.policy import read_policy
from vigie.sensors.tuning import TuningArea, read_tuning
from vigie.terms.errors import LinkError, SiteError
from vigie.terms.units import C_MPS, M_PER_NMI, RAD_PER_DEG

KINDS: Final = ("radar", "adsb", "mlat", "remoteid", "observer", "acoustic", "sapient", "external")

# What an average sensor of each kind does, used where the site file is silent:
# (period s, range sd m, azimuth sd deg, position sd m, detection probability, range NM, usual delay s).
_DEFAULTS: Final = {
    "radar": (4.0, 70.0, 0.08, math.nan, 0.9, 256.0, 0.5),
    "adsb": (1.0, math.nan, math.nan, 30.0, 0.9, 250.0, 0.2),
    "mlat": (1.0, math.nan, math.nan, 30.0, 0.9, 60.0, 0.5),
    "remoteid": (1.0, math.nan, math.nan, 10.0, 0.7, 5.0, 0.5),
    "observer": (2.0, math.nan, 5.0, math.nan, 0.5, 5.0, 2.0),
    "acoustic": (2.0, math.nan, 5.0, math.nan, 0.5, 5.0, 1.0),
    "sapient": (1.0, 10.0, 1.0, 20.0, 0.8, 10.0, 0.5),
    "external": (4.0, math.nan, math.nan, 200.0, 0.95, 1000.0, 1.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """One sensor of the site, in SI units.

    ``sac``/``sic`` are -1 where the sensor sends no ASTERIX. ``height_m`` is the antenna's height above the ellipsoid.
    ``delay_s`` is the usual time from measurement to our door.
    """

    id: int
    name: str
    kind: str
    lat_deg: float
    lon_deg: float
    height_m: float = 0.0
    sac: int = -1
    sic: int = -1
    period_s: float = 4.0
    range_sd_m: float = math.nan
    azimuth_sd_rad: float = math.nan
    pos_sd_m: float = math.nan
    range_rate_sd_mps: float = math.nan
    elevation_sd_rad: float = math.nan
    unambiguous_m: float = 0.0
    """How far a primary echo comes back before the next pulse leaves; 0 where the pulse rate is not told."""
    max_range_m: float = 256 * M_PER_NMI
    detection_probability: float = 0.9
    delay_s: float = 0.5
    link: LinkAddress | None = None
    editions: tuple[tuple[int, str], ...] = ()
    simulated: bool = False
    allow_from: tuple[str, ...] = ()
    trailer_bytes: int | None = None
    format: str = ""
    registration_reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A centre and its sensors. ``file`` is empty for a site made from command-line arguments."""

    name: str
    lat_deg: float
    lon_deg: float
    sensors: tuple[Sensor, ...]
    data_dir: str = ""
    keep_days: float = 0.0
    """Days after which the oldest segments of the recording go; 0: never."""
    keep_gib: float = 0.0
    """Room beyond which the oldest segments go; 0: without limit."""
    archive: str = "daily"
    """When the archive is made in the background: off, daily (when a day is over), hourly."""
    listen: str = "127.0.0.1:8080"
    exercise: bool = False
    qnh_hpa: float = 1013.25
    temperature_c: float = 15.0
    language: str = ""
    tls: tuple[str, str] = ("", "")
    """Files of the operator's certificate (chain) and of its key; empty: plain HTTP, on this machine only."""
    plain_http: bool = False
    """Plain HTTP beyond this machine was asked for: behind a proxy that speaks TLS."""
    hosts: tuple[str, ...] = ()
    """Further names the page may be asked by."""
    people: dict[str, Any] = field(default_factory=dict)
    """The checked keys of ``[people]``: the identity provider, and where the audit chain is anchored."""
    places: Places = field(default_factory=Places)
    """What the file says of areas, protected sites, aerodromes and flights; ``app.knowledge`` reads it."""
    policy: dict[str, Row] = field(default_factory=dict)
    """What the file says of alerts, identity and terrain, by table; ``app.policy`` reads it."""
    tuning: tuple[TuningArea, ...] = ()
    """Volumes in which the tracker does otherwise; of several the later one counts."""
    maps: tuple[MapFile, ...] = ()
    """The operator's own maps for the display, the lowest first."""
    file: str = ""
    links: tuple[LinkAddress, ...] = field(default=())
    """Distinct links in order of first mention; the link number in FRAME rows is the index here plus 1."""

    def link_number(self, sensor: Sensor) -> int:
        """Return the number of the sensor's link in FRAME rows, 0 if it has none."""
        return 0 if sensor.link is None else self.links.index(sensor.link) + 1

    def sensor(self, sensor_id: int) -> Sensor | None:
        """Return the sensor with this id, or None."""
        return next((s for s in self.sensors if s.id == sensor_id), None)


def make_site(*, name: str, lat_deg: float, lon_deg: float, sensors: tuple[Sensor, ...], **more: Any) -> Site:
    """Return a Site whose ``links`` are the distinct links of its sensors, in order of first mention."""
    links: list[LinkAddress] = []
    for sensor in sensors:
        if sensor.link is not None and sensor.link not in links:
            links.append(sensor.link)
    return Site(name=name, lat_deg=lat_deg, lon_deg=lon_deg, sensors=sensors, links=tuple(links), **more)


def sensor_defaults(kind: str) -> dict[str, Any]:
    """Return the SI parameters an average sensor of ``kind`` has."""
    period_s, range_sd_m, azimuth_sd_deg, pos_sd_m, pd, max_nmi, delay_s = _DEFAULTS[kind]
    return {
        "period_s": period_s,
        "range_sd_m": range_sd_m,
        "azimuth_sd_rad": azimuth_sd_deg * RAD_PER_DEG,
        "pos_sd_m": pos_sd_m,
        "detection_probability": pd,
        "max_range_m": max_nmi * M_PER_NMI,
        "delay_s": delay_s,
    }


def load_site(path: str | Path) -> Site:
    """Read and check a site file.

    Raises
    ------
    SiteError
        With every problem found, each as ``file:line: key: found ..., expected ...``.
    """
    path = Path(path)
    try:
        text = path.read_text("utf-8")
    except OSError as why:
        raise SiteError([f"{path}: cannot be read: {why.strerror}. Give the path of a site file (TOML)."]) from why
    except UnicodeDecodeError as why:
        raise SiteError([f"{path}: is not UTF-8 text (octet {why.start}). A site file is TOML text."]) from why
    return parse_site(text, file=str(path))


def parse_site(text: str, *, file: str) -> Site:
    """Check the text of a site file; ``file`` names it in messages and anchors relative ``file:`` links."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise SiteError([f"{file}: not valid TOML: {why}."]) from why
    check = Checker(text, file)
    # "neighbour" is judged by room share: what is wrong there denies that neighbour and does not stop the centre
    alone = ("centre", "sensor", "people", "tuning", "map", "neighbour")
    check.top_level(tree, known=(*alone, *PLACE_TABLES, *POLICY_TABLES))
    centre = check.table(tree.get("centre"), "centre", 0, CENTRE_KEYS)
    people = check.table(tree["people"], "people", 0, PEOPLE_KEYS) if "people" in tree else {}
    rows = tree.get("sensor", [])
    if not isinstance(rows, list):
        check.say("sensor", 0, "sensor", "is a single table, expected [[sensor]] with two brackets")
        rows = []
    sensors = [_sensor(check.table(row, "sensor", i, SENSOR_KEYS), check, i, Path(file)) for i, row in enumerate(rows)]
    _distinct(check, [s for s in sensors if s is not None])
    tls = _tls(centre, check, Path(file))
    places = read_places(tree, check)
    policy = read_policy(tree, check)
    tuning = read_tuning(tree, check)
    maps = read_maps(tree, check, Path(file).parent)
    if check.problems:
        raise SiteError(check.problems)
    return make_site(
        name=centre["name"],
        lat_deg=centre["lat_deg"],
        lon_deg=centre["lon_deg"],
        sensors=tuple(s for s in sensors if s is not None),
        data_dir=centre.get("data_dir", ""),
        keep_days=float(centre.get("keep_days", 0.0)),
        keep_gib=float(centre.get("keep_gib", 0.0)),
        archive=centre.get("archive", "daily"),
        listen=centre.get("listen", "127.0.0.1:8080"),
        exercise=centre.get("exercise", False),
        qnh_hpa=centre.get("qnh_hpa", 1013.25),
        temperature_c=centre.get("temperature_c", 15.0),
        language=centre.get("language", ""),
        tls=tls,
        plain_http=centre.get("plain_http", False),
        hosts=tuple(centre.get("hosts", ())),
        people=people,
        places=places,
        policy=policy,
        tuning=tuning,
        maps=maps,
        file=file,
    )


def _tls(centre: dict[str, Any], check: Checker, file: Path) -> tuple[str, str]:
    """Return the paths of certificate and key, both or neither."""
    given = [centre.get(key, "") for key in ("tls_certificate", "tls_key")]
    if bool(given[0]) != bool(given[1]):
        check.say("centre", 0, "tls_key" if given[0] else "tls_certificate", "is missing: TLS needs both")
    return (str(file.parent / given[0]), str(file.parent / given[1])) if all(given) else ("", "")


def _sensor(row: dict[str, Any], check: Checker, index: int, file: Path) -> Sensor | None:
    if not {"id", "name", "kind", "lat_deg", "lon_deg"} <= row.keys():
        return None  # already reported
    si = sensor_defaults(row["kind"])
    for key, name, factor in (
        ("period_s", "period_s", 1.0),
        ("range_sd_m", "range_sd_m", 1.0),
        ("azimuth_sd_deg", "azimuth_sd_rad", RAD_PER_DEG),
        ("pos_sd_m", "pos_sd_m", 1.0),
        ("range_rate_sd_mps", "range_rate_sd_mps", 1.0),
        ("elevation_sd_deg", "elevation_sd_rad", RAD_PER_DEG),
        ("detection_probability", "detection_probability", 1.0),
        ("max_range_nmi", "max_range_m", M_PER_NMI),
        ("delay_s", "delay_s", 1.0),
    ):
        if key in row:
            si[name] = row[key] * factor
    if "prf_hz" in row:
        si["unambiguous_m"] = C_MPS / (2.0 * row["prf_hz"])
    link = None
    if "link" in row:
        try:
            link = parse_link(row["link"], base=file.parent)
        except LinkError as why:
            check.say("sensor", index, "link", str(why))
    return Sensor(
        id=row["id"], name=row["name"], kind=row["kind"], lat_deg=row["lat_deg"], lon_deg=row["lon_deg"],
        height_m=row.get("height_m", 0.0), sac=row.get("sac", -1), sic=row.get("sic", -1), link=link,
        editions=tuple(sorted((int(k), v) for k, v in row.get("editions", {}).items())),
        simulated=row.get("simulated", False), allow_from=tuple(row.get("allow_from", ())),
        trailer_bytes=row.get("trailer_bytes"), format=row.get("format", ""),
        registration_reference=row.get("registration_reference", False), **si,
    )  # fmt: skip


def _distinct(check: Checker, sensors: list[Sensor]) -> None:
    seen: dict[int, str] = {}
    for index, sensor in enumerate(sensors):
        if sensor.id in seen:
            check.say("sensor", index, "id", f"found {sensor.id} again, already the id of {seen[sensor.id]!r}")
        seen.setdefault(sensor.id, sensor.name)
