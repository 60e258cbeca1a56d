"""Link addresses: how a sensor's bytes reach us, as one line of text.

``udp://GROUP-OR-HOST:PORT[?interface=NAME&source=ADDR]``, ``tcp://HOST:PORT`` (we call), ``tcp-listen://HOST:PORT``
(we are called), ``file:PATH``, ``capture://INTERFACE`` (radio frames of a Wi-Fi card in monitor mode). IPv6 hosts in
brackets. Nothing is opened here.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from vigie.terms.errors import LinkTextError

SCHEMES: Final = ("udp", "tcp", "tcp-listen", "file", "nats", "capture")


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """One link: scheme, host and port, or the path of a file; ``text`` is what the person wrote."""

    scheme: str
    host: str = ""
    port: int = 0
    path: str = ""
    interface: str = ""
    text: str = ""

    @property
    def is_multicast(self) -> bool:
        """Whether the host is a multicast group."""
        try:
            return ipaddress.ip_address(self.host).is_multicast
        except ValueError:
            return False


def parse_link(text: str, *, base: Path | None = None) -> LinkAddress:
    """Return the link that ``text`` names; ``base`` is the folder of the site file, for relative ``file:`` paths.

    Raises
    ------
    LinkTextError
        With what was found and what a link looks like.
    """
    if text.startswith("file:"):
        path = text.removeprefix("file://") if text.startswith("file:///") else text.removeprefix("file:")
        if not path:
            raise LinkTextError(f"link {text!r} names no file; expected file:PATH")
        full = os.path.normpath(path if os.path.isabs(path) or base is None else base / path)
        return LinkAddress("file", path=full, text=text)
    if text.startswith("capture://"):
        interface = text.removeprefix("capture://")
        if not interface or not all(c.isalnum() or c in "-_." for c in interface):
            raise LinkTextError(f"link {text!r} names no interface; expected capture://INTERFACE")
        return LinkAddress("capture", interface=interface, text=text)
    parts = urlsplit(text)
    if parts.scheme not in SCHEMES:
        raise LinkTextError(f"link {text!r} has an unknown kind; expected udp://HOST:PORT, tcp://HOST:PORT, "
                        "tcp-listen://HOST:PORT, file:PATH or capture://INTERFACE")  # fmt: skip
    try:
        port = parts.port
    except ValueError:
        port = None
    if not parts.hostname or not port:
        raise LinkTextError(
            f"link {text!r} lacks a host or a port from 1 to 65535; expected {parts.scheme}://HOST:PORT"
        )
    options = dict(parse_qsl(parts.query))
    unknown = sorted(set(options) - {"interface"})
    if unknown:
        raise LinkTextError(f"link {text!r} has the unknown option {unknown[0]!r}; known: interface")
    return LinkAddress(parts.scheme, parts.hostname, port, interface=options.get("interface", ""), text=text)
