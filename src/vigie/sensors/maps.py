"""The operator's own maps in a site file: files of tiles or pictures that lie under the picture on the display.

Here the keys are only checked; ``show.maps`` opens the files, and a file that cannot be used stops no centre.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vigie.sensors.keys import Checker, KeyRule
from vigie.sensors.places import AREA_KEYS

SUFFIXES: Final = (".pmtiles", ".tif", ".tiff")
MOST: Final = 32
"""Most maps of a centre: each is a source and some layers of the display."""
TERRAIN: Final = "terrain"
"""The name of the shading made of ``[terrain]``; no map of the operator may have it."""
_NUMBER: Final = (int, float)

MAP_KEYS: Final[dict[str, KeyRule]] = {
    "id": AREA_KEYS["id"],
    "title": KeyRule((str,), "a text of 1 to 60 characters (else the id)", lambda v: 0 < len(v) <= 60),
    "file": KeyRule(
        (str,), "a file " + " ".join(SUFFIXES), lambda v: len(v) <= 400 and v.lower().endswith(SUFFIXES), required=True
    ),
    "attribution": KeyRule((str,), "a text of at most 200 characters, shown while the map is", lambda v: len(v) <= 200),
    "opacity": KeyRule(_NUMBER, "a number from 0.05 to 1 (else 0.7)", lambda v: 0.05 <= v <= 1),
    "order": KeyRule((int,), "a whole number from -100 to 100; higher lies above", lambda v: -100 <= v <= 100),
    "shown": KeyRule((bool,), "true where it is shown until a person switches it off"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapFile:
    """One map of the operator."""

    id: str
    title: str
    file: str
    attribution: str = ""
    opacity: float = 0.7
    order: int = 0
    shown: bool = False


def read_maps(tree: dict[str, Any], check: Checker, folder: Path) -> tuple[MapFile, ...]:
    """Return the maps of a parsed site file, in their order; ``folder`` is what their paths are relative to."""
    rows = tree.get("map", [])
    if not isinstance(rows, list):
        check.say("map", 0, "map", "is a single table, expected [[map]] with two brackets")
        return ()
    if len(rows) > MOST:
        check.say("map", MOST, "map", f"found {len(rows)} maps, expected {MOST} at most")
    found: list[MapFile] = []
    for index, row in enumerate(rows):
        keys = check.table(row, "map", index, MAP_KEYS)
        if "file" not in keys:
            continue  # already reported
        name = keys.get("id") or Path(keys["file"]).stem[:60]
        if name == TERRAIN or any(name == held.id for held in found):
            check.say("map", index, "id", f"found {name!r}, which is taken; give each map an id of its own")
        more = {key: keys[key] for key in ("attribution", "opacity", "order", "shown") if key in keys}
        found.append(MapFile(id=name, title=keys.get("title", name), file=str(folder / keys["file"]), **more))
    return tuple(sorted(found, key=lambda m: m.order))
