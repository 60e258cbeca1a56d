"""Alerts to neighbours as category 004: what a picture update says of alerts, in datagrams to the links of the site.

Sent when an alert is raised and when it ends; nothing that is shelved. What category 004 has no type for is left out.
Source: EUROCONTROL-SPEC-0149-4 (CAT004, safety net messages), edition 1.13.
"""

from __future__ import annotations

import logging
import math
import socket
from collections.abc import Sequence
from typing import Final

from vigie.sensors.places import Row
from vigie.sensors.site import Site
from vigie.terms.errors import WireError
from vigie.terms.tables import ALERT_CLEARED, ALERT_CLOSED, Rows
from vigie.terms.units import NS_PER_S
from vigie.wire.asterix.messages import SafetyAlert, alert_blocks

log = logging.getLogger("vigie.alerts")

KINDS: Final = {
    "stca": "stca", "msaw": "msaw", "apw_intrusion": "apw", "apw_proximity": "apw", "off_route": "route_heading",
    "off_level": "clam", "lost_track": "lost_track", "border_crossing": "infringement", "adiz_crossing": "infringement",
    "unauthorised": "infringement",
}  # fmt: skip
"""Rule -> kind of safety net message."""
_AREA: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ")
_MOST_TOLD: Final = 20_000


class AlertsOut:
    """ALERT rows in, data blocks out: each alert once when it begins, once when it ends."""

    def __init__(self, site: Site) -> None:
        keys = site.policy.get("alerts", Row("", {})).keys
        self.links: tuple[str, ...] = tuple(keys.get("send_to", ()))
        self._sac, self._sic = keys.get("sac", 0), keys.get("sic", 0)
        self._rules = frozenset(keys.get("send_rules", KINDS)) & KINDS.keys()
        self._told: dict[int, None] = {}
        self.sent = 0
        self.lost = 0

    def blocks(self, alerts: Rows) -> list[bytes]:
        """Return the data blocks that tell what began and what ended; WireError never: what does not fit is lost."""
        messages = [m for row in alerts if (m := self._message(row)) is not None]
        try:
            out = alert_blocks(messages, sac=self._sac, sic=self._sic)
        except WireError as why:
            self.lost += len(messages)
            log.warning("%d alerts cannot be told as category 004: %s", len(messages), why)
            return []
        self.sent += len(messages)
        return out

    def _message(self, row: Rows) -> SafetyAlert | None:
        rule, number = bytes(row["rule"]).decode(), int(row["alert_no"])
        if rule not in self._rules or int(row["shelved_until_ns"]):
            return None
        ends = int(row["state"]) in (ALERT_CLEARED, ALERT_CLOSED)
        if ends == (number not in self._told):
            return None
        if ends:
            del self._told[number]
        else:
            self._told[number] = None
            if len(self._told) > _MOST_TOLD:
                del self._told[next(iter(self._told))]
        now_ns, predicted_ns = int(row["now_ns"]), int(row["predicted_ns"])
        ahead_s = (predicted_ns - now_ns) / NS_PER_S if predicted_ns > now_ns and not ends else math.nan
        area = bytes(row["area"]).decode("utf-8", "replace").upper()
        return SafetyAlert(
            kind="end" if ends else KINDS[rule], time_ns=now_ns, alert_no=number % 65536,
            track_1=int(row["track_no"]) % 65536, track_2=int(row["other_no"]) % 65536,
            to_conflict_s=ahead_s, area="".join(c if c in _AREA else " " for c in area)[:8].strip(),
            lat_deg=float(row["lat_deg"]), lon_deg=float(row["lon_deg"]),
        )  # fmt: skip


class Sender:
    """Datagrams to the links; one that cannot be sent is counted and told once a kind."""

    def __init__(self, links: Sequence[str]) -> None:
        self._to: list[tuple[str, int]] = []
        self.failed = 0
        for link in links:
            host, _, port = link.removeprefix("udp://").partition("?")[0].rpartition(":")
            self._to.append((host.strip("[]"), int(port)))
        self._sockets = {6 if ":" in host else 4: _udp(":" in host) for host, _ in self._to}

    def send(self, blocks: Sequence[bytes]) -> None:
        """Send each block as a datagram to each link; never waits."""
        for block in blocks:
            for place in self._to:
                try:
                    self._sockets[6 if ":" in place[0] else 4].sendto(block, place)
                except OSError as why:
                    if not self.failed:
                        log.warning("alerts cannot be sent to %s:%d: %s", *place, why)
                    self.failed += 1

    def close(self) -> None:
        """Let go of the sockets."""
        for one in self._sockets.values():
            one.close()


def sender_of(site: Site) -> Sender | None:
    """Return who sends a site's alerts; None where the site file names no link."""
    links = site.policy.get("alerts", Row("", {})).keys.get("send_to", ())
    return Sender(links) if links else None


def _udp(six: bool) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 16)
    return made
