"""Who may speak: the sensors of a site as the tables that the kernel searches."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.decode.lookup import (
    F8,
    I4,
    I8,
    L_LAST,
    L_LEARNED,
    L_RUN,
    L_TRAILER,
    N_SENSORS,
    S_ALLOW0,
    S_ALLOW1,
    S_DELAY_NS,
    S_FAMILIES,
    S_ID,
    S_LINK,
    S_SAC,
    S_SIC,
    S_SIMULATED,
    U1,
    U4,
)  # fmt: skip
from vigie.earth.wgs84 import geodetic_to_ecef
from vigie.sensors.site import Sensor, Site
from vigie.terms.units import NS_PER_S, RAD_PER_DEG
from vigie.wire.asterix.columns import ADSB, DRONES, FINDER, MLAT, OTHER, RADAR, SYSTEM

FAMILIES: Final = OTHER + 1
DISCOVERABLE: Final = 4096
KINDS_OF_FAMILY: Final = {
    RADAR: ("radar",),
    MLAT: ("mlat", "radar"),  # a surface movement radar speaks category 010 too
    ADSB: ("adsb",),
    SYSTEM: ("external",),
    FINDER: ("observer", "acoustic"),
    DRONES: ("remoteid",),
}
"""Which kinds of sensor a family of categories may come from, the likeliest first."""


@dataclass(slots=True)
class SensorTables:
    """The sensor rows (see the column numbers in ``decode.asterix``) and the chains by which they are found."""

    sensors: I8
    places: F8
    program_of: I4
    heads: I4
    chain: I4
    allow: U4
    links: I4
    seen: U1


def build(
    site: Site | None, programs: Mapping[tuple[int, str], int], trailers: Mapping[int, int], counters: I8
) -> SensorTables:
    """Return the tables of a site (or empty ones with room for sensors to be discovered)."""
    sensors = () if site is None else site.sensors
    room = max(1, len(sensors)) if site is not None else DISCOVERABLE
    links = np.zeros((65536, 4), np.int32)
    links[:, L_LEARNED] = -1
    links[:, L_LAST] = links[:, L_RUN] = 0
    tables = SensorTables(
        sensors=np.zeros((room, 9), np.int64),
        places=np.full((room, 6), np.nan),
        program_of=np.full((room, 256), -1, np.int32),
        heads=np.zeros(FAMILIES * 65536, np.int32),
        chain=np.zeros(FAMILIES * room, np.int32),
        allow=np.zeros((0, 2), np.uint32),
        links=links,
        seen=np.zeros((room, 256), np.uint8),
    )
    for link, size in trailers.items():
        links[link, L_TRAILER] = size
    nets: list[tuple[int, int]] = []
    for row, sensor in enumerate(sensors):
        assert site is not None
        link = site.link_number(sensor)
        if sensor.trailer_bytes is not None:
            links[link, L_TRAILER] = sensor.trailer_bytes
        first = len(nets)
        nets.extend(_networks(sensor))
        rules = tables.sensors[row]
        rules[[S_ID, S_LINK, S_DELAY_NS]] = sensor.id, link, round(sensor.delay_s * NS_PER_S)
        rules[[S_SIMULATED, S_SAC, S_SIC]] = int(sensor.simulated), sensor.sac, sensor.sic
        rules[[S_ALLOW0, S_ALLOW1]] = first, len(nets)
        rules[S_FAMILIES] = sum(1 << f for f, kinds in KINDS_OF_FAMILY.items() if sensor.kind in kinds)
        lat, lon = sensor.lat_deg * RAD_PER_DEG, sensor.lon_deg * RAD_PER_DEG
        tables.places[row] = lat, lon, sensor.height_m, *geodetic_to_ecef(lat, lon, sensor.height_m)
        for category, edition in sensor.editions:
            tables.program_of[row, category] = programs.get((category, edition), -2)
    tables.allow = np.array(nets, np.uint32).reshape(-1, 2)
    _chain(tables, sensors, room)
    counters[N_SENSORS] = len(sensors)
    return tables


def _chain(tables: SensorTables, sensors: tuple[Sensor, ...], room: int) -> None:
    """Hang each sensor under its (family, SAC, SIC), the likeliest kinds first, then in the order of the site file."""
    for family, kinds in KINDS_OF_FAMILY.items():
        known = [r for r, sensor in enumerate(sensors) if sensor.kind in kinds and sensor.sac >= 0 and sensor.sic >= 0]
        for row in sorted(known, key=lambda r: (kinds.index(sensors[r].kind), r), reverse=True):
            head = family * 65536 + sensors[row].sac * 256 + sensors[row].sic
            tables.chain[family * room + row] = tables.heads[head]
            tables.heads[head] = row + 1


def _networks(sensor: Sensor) -> list[tuple[int, int]]:
    """Return the allowed IPv4 senders as (network, mask); frames carry no IPv6 senders, the link checks those."""
    out = []
    for text in sensor.allow_from:
        try:
            net = ipaddress.ip_network(text, strict=False)
        except ValueError:  # a host name: the link resolves and checks it
            continue
        if net.version == 4:
            out.append((int(net.network_address), int(net.netmask)))
    return out
