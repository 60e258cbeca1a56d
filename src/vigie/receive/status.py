"""What is known of a link at this moment, and the rules of who may send on it."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vigie.sensors.link import LinkAddress
from vigie.sensors.site import Site
from vigie.terms.batch import FORMAT_REMOTEID, FORMATS
from vigie.terms.errors import LinkError

STATES: Final = ("up", "connecting", "listening", "down", "ended")
"""What a link may be; the display has a word for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """One link as the display shows it.

    ``state``: "up" (octets come, or may come), "connecting", "listening" (nobody has called), "down" (the next attempt
    is due), "ended" (a file is at its end). ``octets`` and ``frames`` are what was kept. ``kernel_drops``: lost before
    us; ``shed``: read and dropped because the buffer was full; ``refused``: from a source that is not allowed;
    ``empty``: datagrams without payload.
    """

    number: int
    text: str
    state: str
    reason: str
    frames: int
    octets: int
    kernel_drops: int
    shed: int
    refused: int
    empty: int
    last_rx_ns: int
    peers: tuple[str, ...]


class Sources:
    """Who may send on a link: everyone, or the addresses and networks named."""

    def __init__(self, allowed: Sequence[str] | None, link: str) -> None:
        self._known: dict[str, bool] = {}
        self._networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] | None = None
        if allowed is None:
            return
        try:
            self._networks = [ipaddress.ip_network(text, strict=False) for text in allowed]
        except ValueError as why:
            raise LinkError(f"link {link}: allow_from: {why}; expected addresses or networks") from why

    def admits(self, host: str) -> bool:
        """Whether datagrams of this source are taken."""
        if self._networks is None:
            return True
        known = self._known.get(host)
        if known is None:
            address = ipaddress.ip_address(host.partition("%")[0])
            mapped = getattr(address, "ipv4_mapped", None)
            known = any((mapped or address) in network for network in self._networks)
            if len(self._known) < 4096:  # a flood of made-up sources must not fill the memory
                self._known[host] = known
        return known


def link_rules(site: Site, number: int, link: LinkAddress) -> tuple[int, Sources]:
    """Return (FORMAT number, 0 told by content; who may send) of one link from the sensors that use it."""
    sensors = [sensor for sensor in site.sensors if site.link_number(sensor) == number]
    formats = {sensor.format for sensor in sensors if sensor.format}
    if len(formats) > 1:
        raise LinkError(f"link {link.text}: its sensors name the formats {', '.join(sorted(formats))}; expected one")
    form = FORMATS[formats.pop()] if formats else 0
    if not form and sensors and all(sensor.kind == "remoteid" for sensor in sensors):
        form = FORMAT_REMOTEID
    open_to_all = not sensors or any(not sensor.allow_from for sensor in sensors)
    allowed = None if open_to_all else [address for sensor in sensors for address in sensor.allow_from]
    return form, Sources(allowed, link.text)
