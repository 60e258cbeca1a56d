"""Listening to one link for a while, outside a running centre: for ``sniff``, and for a start without a site file."""

from __future__ import annotations

import time
from collections.abc import Iterator

from vigie.receive.live import LiveLinks
from vigie.sensors.link import LinkAddress
from vigie.sensors.site import Sensor, make_site
from vigie.terms.batch import Frames

_SLICE_S = 0.2


def listen(link: LinkAddress, seconds: float) -> Iterator[Frames]:
    """Yield what comes over ``link``, slice by slice, for at most ``seconds``.

    Raises
    ------
    LinkError
        When the link cannot be opened.
    """
    kind = "remoteid" if link.scheme == "capture" else "adsb" if link.scheme.startswith("tcp") else "radar"
    site = make_site(
        name="sniff", lat_deg=0.0, lon_deg=0.0,
        sensors=(Sensor(id=1, name=link.text, kind=kind, lat_deg=0.0, lon_deg=0.0, link=link),),
    )  # fmt: skip
    ends_s = time.monotonic() + seconds
    with LiveLinks(site) as links:
        while time.monotonic() < ends_s:
            links.poll(_SLICE_S)
            yield links.drain(time.time_ns())
        yield links.drain(time.time_ns() + 1)
