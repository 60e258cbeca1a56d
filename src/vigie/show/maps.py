"""The maps under the picture: opened in a thread, looked at again every minute, served tile by tile.

A map whose file is missing or damaged is told with a sentence (log, status, list of maps) and stops nothing; as soon as
its file is well it is served again. Tiles are made in threads, a few at a time: the picture comes first.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vigie.sensors.maps import TERRAIN, MapFile
from vigie.show.hub import Hub
from vigie.show.mapsheet import MapError, Source, Tile
from vigie.show.pmtiles import PmTiles
from vigie.show.shade import Shade

_log = logging.getLogger("vigie.show")

SHADE_OPACITY: Final = 0.5
"""Hills are seen in a dark room, and stay far below the tracks."""
AGAIN_S: Final = 60.0
AT_A_TIME: Final = 2
MOST_WAITING: Final = 200
"""Tiles asked for and not begun; beyond it the answer is 503 and the display asks again."""

MOST_KEPT: Final = 48 << 20
"""Octets of tiles that are kept, the newest: several screens ask for the same."""


def _geotiff(path: Path) -> Source:
    from vigie.show.geotiff import GeoTiff  # noqa: PLC0415  (GDAL is loaded only where there is such a file)

    return GeoTiff(path)


OPENERS: Final[dict[str, Callable[[Path], Source]]] = {".pmtiles": PmTiles, ".tif": _geotiff, ".tiff": _geotiff}


@dataclass(slots=True)
class _Sheet:
    """One map: what the site file says, and how its file stands."""

    about: MapFile
    source: Source | None = None
    problem: MapError | None = None
    seen: tuple[int, int] | None = None
    """Time of change (ns) and size of the file that was opened."""


class MapShelf:
    """All maps of a centre, and the shading of its terrain.

    ``facts`` and ``tile`` may be called before the first ``look``: no file is shown yet.
    """

    def __init__(self, files: Sequence[MapFile] = (), shade: Shade | None = None) -> None:
        self._sheets = {f.id: _Sheet(f) for f in files}
        if shade is not None:  # below all others; the page has its title, in both languages
            about = MapFile(id=TERRAIN, title="", file="", opacity=SHADE_OPACITY)
            self._sheets = {TERRAIN: _Sheet(about, shade, seen=(shade.digest, shade.cells)), **self._sheets}
        self._lock = threading.Lock()
        self._threads = asyncio.Semaphore(AT_A_TIME)
        self._waiting = 0
        self._kept: OrderedDict[tuple[Source, int, int, int], Tile | None] = OrderedDict()
        self._octets = 0

    async def keep(self, hub: Hub) -> None:
        """Look at the files now and every minute, and tell the display; a source of the server."""
        while self._sheets:
            await asyncio.to_thread(self.look)
            hub.tell(self.told())
            await asyncio.sleep(AGAIN_S)

    def look(self) -> None:
        """Open what is new or was mended; note what is missing or damaged. Runs in a thread."""
        for sheet in self._sheets.values():
            if sheet.about.file == "":
                continue  # made of what the centre knows already
            try:
                seen = _state(Path(sheet.about.file))
                if seen == sheet.seen and (sheet.source is not None or sheet.problem is not None):
                    continue
                source = OPENERS[Path(sheet.about.file).suffix.lower()](Path(sheet.about.file))
            except MapError as why:
                self._set(sheet, None, why)
                sheet.seen = None
            else:
                self._set(sheet, source, None)
                sheet.seen = seen

    def told(self) -> dict[str, Any]:
        """Return what the status message says: a version that changes when the list does, and what is wrong."""
        listed = self.facts()
        version = hashlib.sha256(repr(listed).encode()).hexdigest()[:12]
        wrong = [{"title": m["title"], "problem": m["problem"], "detail": m["detail"]} for m in listed if m["problem"]]
        return {"maps": {"version": version, "problems": wrong}}

    def facts(self) -> list[dict[str, Any]]:
        """Return every map for the display, the lowest first; one with a ``problem`` has no face."""
        out = []
        for sheet in self._sheets.values():
            about, problem, source = sheet.about, sheet.problem, sheet.source
            if problem is None and source is None:
                continue  # not looked at yet
            one: dict[str, Any] = {
                "id": about.id, "title": about.title, "attribution": about.attribution, "opacity": about.opacity,
                "shown": about.shown, "problem": problem.code if problem else "",
                "detail": problem.detail if problem else "", "file": Path(about.file).name,
            }  # fmt: skip
            if source is not None:
                one |= {**source.face.facts(), "version": "-".join(f"{n:x}" for n in sheet.seen or ())}
            out.append(one)
        return out

    async def tile(self, name: str, z: int, x: int, y: int) -> Tile | None:
        """Return a tile; None where there is none, also where the file turned out to be damaged (which is told).

        Raises
        ------
        KeyError
            Where no map has this name, or its file cannot be used.
        BlockingIOError
            Where too many tiles are being asked for.
        """
        sheet = self._sheets[name]
        source = sheet.source
        if source is None:
            raise KeyError(name)
        face = source.face
        if not face.min_zoom <= z <= face.max_zoom or not (0 <= x < 1 << z and 0 <= y < 1 << z):
            return None
        if self._waiting >= MOST_WAITING:
            raise BlockingIOError(f"{self._waiting} tiles are waited for")
        key = (source, z, x, y)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        self._waiting += 1
        try:
            async with self._threads:
                made = await asyncio.to_thread(source.tile, z, x, y)
            self._keep(key, made)
            return made
        except MapError as why:
            self._set(sheet, sheet.source, why)
            return None
        finally:
            self._waiting -= 1

    def _keep(self, key: tuple[Source, int, int, int], tile: Tile | None) -> None:
        """Keep a tile, and let the oldest go; those of a file that was replaced are never asked for and go in turn."""
        if key not in self._kept:
            self._octets += _weight(tile)
        self._kept[key] = tile
        while self._octets > MOST_KEPT:
            self._octets -= _weight(self._kept.popitem(last=False)[1])

    def _set(self, sheet: _Sheet, source: Source | None, problem: MapError | None) -> None:
        with self._lock:
            before = str(sheet.problem or "")
            if sheet.source is not source and sheet.source is not None:
                sheet.source.close()
            sheet.source, sheet.problem = source, problem
        if problem is not None and str(problem) != before:
            _log.warning("map %r: the file %s %s", sheet.about.id, sheet.about.file, problem)
        elif problem is None and before:
            _log.info("map %r: the file %s is well again", sheet.about.id, sheet.about.file)


def _weight(tile: Tile | None) -> int:
    return 500 + (len(tile.octets) if tile is not None else 0)


def _state(path: Path) -> tuple[int, int]:
    try:
        held = path.stat()
    except FileNotFoundError as why:
        raise MapError("missing") from why
    except OSError as why:
        raise MapError("closed", why.strerror or "") from why
    if not path.is_file():
        raise MapError("foreign", "it is no file")
    return held.st_mtime_ns, held.st_size
