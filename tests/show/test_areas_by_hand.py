"""What the screen is told of areas that people drew or switched: only those, with what counts now."""

from __future__ import annotations

from dataclasses import replace

from vigie.airspace.shapes import circle
from vigie.airspace.store import State
from vigie.airspace.volume import Volume
from vigie.show.describe import airspace_facts


def test_drawn_areas_go_whole_and_switched_ones_by_name() -> None:
    ring = circle((2.0, 13.0), 10_000.0)
    volumes = {i: Volume(id=i, name=f"<b>{i}", kind="R", rings=(ring,)) for i in ("kept", "off", "drawn")}
    told = airspace_facts(
        replace(State(), volumes=volumes, by_hand={"off": False}), {"drawn"}, 1_777_482_000_000_000_000
    )
    assert [f["properties"]["id"] for f in told["airspace"]["drawn"]] == ["drawn"]
    assert told["airspace"]["drawn"][0]["properties"]["active"] is True
    assert told["airspace"]["drawn"][0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}
    assert told["airspace"]["active"] == {"off": False}
