"""What every map under the picture is to the display, whatever its file: facts, tiles, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from vigie.terms.errors import VigieError

MOST_ZOOM: Final = 22
PNG: Final = "image/png"

_SAID: Final = {
    "missing": "is not there",
    "closed": "cannot be read",
    "foreign": "is not a map of its kind",
    "broken": "is damaged",
    "unknown": "holds what the display cannot show",
    "nowhere": "does not say where it lies",
    "large": "is too large",
    "empty": "holds no tile",
}
"""By code what a map's file is; the page has its own words for the same codes, in both languages."""


class MapError(VigieError):
    """A map's file cannot be used: ``code`` (one of the list above) and ``detail``, words of the file or the system."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(_SAID[code] + (f": {detail}" if detail else ""))
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """How a map is asked for: ``kind`` raster or vector, its zoom levels, the edge of a tile, and where it lies."""

    kind: str
    min_zoom: int
    max_zoom: int
    bounds_deg: tuple[float, float, float, float]
    """West, south, east, north."""
    tile_px: int = 256
    layers: tuple[str, ...] = ()
    """Names of the layers of vector tiles."""

    def facts(self) -> dict[str, Any]:
        """Return the face as JSON values."""
        return {
            "kind": self.kind, "min_zoom": self.min_zoom, "max_zoom": self.max_zoom,
            "bounds_deg": list(self.bounds_deg), "tile_px": self.tile_px, "layers": list(self.layers),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tile:
    """Octets of a tile and their media type."""

    octets: bytes
    type: str = field(default=PNG)


class Source(Protocol):
    """A map that was opened. Its methods may be called from several threads."""

    face: Face

    def tile(self, z: int, x: int, y: int) -> Tile | None:
        """Return a tile, None where the map has none; MapError says what is wrong with the file."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
