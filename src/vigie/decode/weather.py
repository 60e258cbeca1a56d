"""Weather pictures of radars (category 008) as rows of the table WEATHER, for the display.

A picture is a few hundred vectors or contour points once in some minutes: it is read by the people's view of ASTERIX,
not by the kernel. Every number is scaled by the factor that the last start-of-picture message has told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from vigie.decode.lookup import F8, S_ID, S_SAC, S_SIC
from vigie.earth.wgs84 import ecef_to_geodetic, enu_to_ecef
from vigie.terms.batch import Frames
from vigie.terms.tables import WEATHER, Rows
from vigie.terms.units import DEG_PER_RAD, M_PER_NMI, RAD_PER_DEG
from vigie.wire.asterix import spec
from vigie.wire.asterix.items import Node, read_record

CATEGORY: Final = 8
_START: Final = 254
_POLAR, _LENGTH, _CONTOUR, _ENDS = 1, 2, 3, 4
_HEAD: Final = 3
_TOD_LIMIT: Final = 86_400 * 128


class WeatherReader:
    """Reads the weather of a batch; remembers each radar's scale and running picture."""

    def __init__(self) -> None:
        self._exponents: dict[int, int] = {}
        self._pictures: dict[int, int] = {}

    def step(
        self, frames: Frames, services: Rows, places: dict[int, F8], sources: dict[int, tuple[int, int]],
        editions: dict[int, str],
    ) -> Rows:  # fmt: skip
        """Return the rows that the accepted category 008 records of ``services`` hold, in their order.

        ``places``: where each sensor stands, by its id (lat, lon in radians, height, ECEF); ``sources``: its
        SAC and SIC; ``editions``: the one it is pinned to.
        """
        mine = services[services["category"] == CATEGORY]
        if not len(mine):
            return WEATHER.empty()
        frame_of = {int(seq): i for i, seq in enumerate(frames.rows["seq"].tolist())}
        rows: list[dict[str, Any]] = []
        at = 0
        for seq in dict.fromkeys(mine["frame_no"].tolist()):
            octets = frames.payload(frame_of[int(seq)])
            for service, record in _records(octets, mine[at:], int(seq), sources, editions):
                at += 1
                rows += self._rows(service, record, places.get(int(service["sensor_id"])))
        out = WEATHER.empty(len(rows))
        for i, row in enumerate(rows):
            for name, value in row.items():
                out[name][i] = value
        return out

    def _rows(self, service: Any, record: Node, place: F8 | None) -> list[dict[str, Any]]:
        sensor = int(service["sensor_id"])
        parts = {part.name: part for part in record.parts}
        kind = int(record["000"].raw) if "000" in parts else 0
        if kind == _START:
            self._pictures[sensor] = self._pictures.get(sensor, 0) + 1
        if "100" in parts:
            self._exponents[sensor] = int(str(record["100/F"].value))
        step_m = M_PER_NMI * 2.0 ** (self._exponents.get(sensor, 0) - 6)
        head = {
            "rx_ns": service["rx_ns"], "toa_ns": service["toa_ns"], "sensor_id": sensor, "kind": kind,
            "picture": self._pictures.get(sensor, 0), "frame_no": service["frame_no"],
        }  # fmt: skip
        qualifier = "020" if "020" in parts else "040" if "040" in parts else ""
        head["intensity"] = int(record[f"{qualifier}/I"].raw) if qualifier else 0
        shading = int(record["020/S"].raw) * 22.5 * RAD_PER_DEG if "020" in parts else 0.0
        if "040" in parts:
            head["contour"] = int(record["040/CSN"].raw)
        rows = []
        for item in ("034", "036", "038", "050"):
            for number, vector in enumerate(parts[item].parts if item in parts else ()):
                values = {part.name: float(str(part.value)) for part in vector.parts}
                ends = _ends(item, values, step_m, shading)
                row = head | dict(zip(("x1_m", "y1_m", "x2_m", "y2_m"), ends, strict=True)) | {"point": number}
                if place is not None and not math.isnan(place[0]):
                    row["lat1_deg"], row["lon1_deg"] = _geodetic(ends[0], ends[1], place)
                    row["lat2_deg"], row["lon2_deg"] = _geodetic(ends[2], ends[3], place)
                rows.append(row)
        return rows


def _records(
    octets: bytes, services: Rows, seq: int, sources: dict[int, tuple[int, int]], editions: dict[int, str]
) -> Iterator[tuple[Any, Node]]:
    """Yield (service row, record) of the good category 008 records of one frame, as the kernel accepted them.

    A record that it set aside (an impossible time, a sender that is not the site's) has no row: it is passed over.
    """
    number = at = 0
    while at + _HEAD <= len(octets):
        size = int.from_bytes(octets[at + 1 : at + 3], "big")
        if octets[at] == CATEGORY and size > _HEAD:
            place, stop = at + _HEAD, at + size
            while place < stop and number < len(services) and int(services["frame_no"][number]) == seq:
                sensor = int(services["sensor_id"][number])
                record, length, fault = read_record(octets[place:stop], spec.edition(CATEGORY, editions.get(sensor)))
                if fault is not None:
                    break
                place += length
                parts = {part.name for part in record.parts}
                source = (int(record["010/SAC"].raw), int(record["010/SIC"].raw)) if "010" in parts else None
                late = "090" in parts and int(record["090"].raw) >= _TOD_LIMIT
                if late or (source is not None and source != sources.get(sensor, source)):
                    continue
                yield services[number], record
                number += 1
        at += max(size, 1)


def _ends(item: str, v: dict[str, float], step_m: float, shading: float) -> tuple[float, float, float, float]:
    """Return the ends of a vector east and north of the radar (or of the system's centre) in metres."""
    if item == "034":
        a = v["AZ"] * RAD_PER_DEG
        first, last = v["STR"] * step_m, v["ENDR"] * step_m
        return first * math.sin(a), first * math.cos(a), last * math.sin(a), last * math.cos(a)
    if item == "036":
        x, y, length = v["X"] * step_m, v["Y"] * step_m, v["LENGTH"] * step_m
        return x, y, x + length * math.sin(shading), y + length * math.cos(shading)
    x, y = v["X1"] * step_m, v["Y1"] * step_m
    if item == "050":
        return x, y, x, y
    return x, y, v["X2"] * step_m, v["Y2"] * step_m


def _geodetic(x: float, y: float, place: F8) -> tuple[float, float]:
    dx, dy, dz = enu_to_ecef(x, y, 0.0, place[0], place[1])
    lat, lon, _ = ecef_to_geodetic(place[3] + dx, place[4] + dy, place[5] + dz)
    return lat * DEG_PER_RAD, lon * DEG_PER_RAD


def sources_of(sensors: np.ndarray[Any, Any], used: int) -> dict[int, tuple[int, int]]:
    """Return SAC and SIC of each sensor of the decoder's table, by its id."""
    return {int(row[S_ID]): (int(row[S_SAC]), int(row[S_SIC])) for row in sensors[:used]}


def places_of(sensors: np.ndarray[Any, Any], places: F8, used: int) -> dict[int, F8]:
    """Return where each sensor of the decoder's table stands, by its id."""
    return {int(sensors[row, S_ID]): places[row] for row in range(used)}
