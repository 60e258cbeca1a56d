"""VGP1: tables as binary columns, the one form in which pictures and the core's updates travel.

Octets 0-3 ``VGP1``; 4-7 the header's length H (u32, little-endian); H octets of JSON, padded with blanks so that the
body begins at a multiple of 8; then one blob per column, little-endian, each at a multiple of 8 from the body's start.
The header's ``tables`` says where: ``{"track": {"rows": n, "columns": {"track_no": ["u4", 0], ...}}, ...}``.
A browser lays typed arrays over the body without copying; ``numpy.frombuffer`` does the same here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from vigie.terms.errors import WireError
from vigie.terms.tables import ALERT, HEALTH, IDENTITY, PLOT, TRACK, WEATHER, Rows

Column = npt.NDArray[Any]
Columns = Mapping[str, Column]
"""One contiguous array per column name, all of the same length."""

MAGIC: Final = b"VGP1"
MODES: Final = ("live", "replay", "demo")
ALIGN: Final = 8
_START: Final = 8  # magic and length

TRACK_COLUMNS: Final = tuple(c.name for c in TRACK.columns)
PLOT_COLUMNS: Final = (
    "rx_ns", "toa_ns", "sensor_id", "kind", "lat_deg", "lon_deg", "range_m", "azimuth_rad", "press_alt_m", "icao24",
    "mode3a", "flags",
)  # fmt: skip
WEATHER_COLUMNS: Final = (
    "rx_ns", "sensor_id", "picture", "kind", "intensity", "contour", "point",
    "lat1_deg", "lon1_deg", "lat2_deg", "lon2_deg",
)  # fmt: skip
HEALTH_COLUMNS: Final = tuple(c.name for c in HEALTH.columns)
SHOWN: Final[dict[str, tuple[str, ...]]] = {
    "track": TRACK_COLUMNS, "plot": PLOT_COLUMNS, "health": HEALTH_COLUMNS,
    "identity": tuple(c.name for c in IDENTITY.columns), "alert": tuple(c.name for c in ALERT.columns),
    "weather": WEATHER_COLUMNS,
}  # fmt: skip
"""The columns a screen gets of each table."""

DTYPES: Final[dict[str, dict[str, np.dtype[Any]]]] = {
    table.name: {name: table.dtype[name] for name in SHOWN[table.name]}
    for table in (TRACK, PLOT, HEALTH, IDENTITY, ALERT, WEATHER)
}

_NUMBERS: Final = frozenset({"i8", "u8", "i4", "u4", "i2", "u2", "u1", "f8", "f4"})


def no_rows(table: str) -> dict[str, Column]:
    """Return empty columns of one of the shown tables."""
    return {name: np.zeros(0, dtype) for name, dtype in DTYPES[table].items()}


def encode(
    header: Mapping[str, Any], tables: Mapping[str, Rows | Columns], columns: Mapping[str, tuple[str, ...]] = SHOWN
) -> bytes:
    """Return one VGP1 message.

    ``header`` is any JSON object without ``tables``; ``tables`` holds structured rows or columns; ``columns`` names
    the subset of each table, a table it does not name goes whole. Raises WireError for a type that has no code or
    for columns of different length.
    """
    pieces: list[Any] = []
    described: dict[str, Any] = {}
    offset = 0
    for name, table in tables.items():
        rows = -1
        places: dict[str, tuple[str, int]] = {}
        for column in columns.get(name) or _names(table):
            values = np.ascontiguousarray(table[column])
            if rows not in (-1, values.size):
                raise WireError(f"column {name}.{column} has {values.size} rows, the columns before it {rows}")
            rows = values.size
            places[column] = (_code(values.dtype), offset)
            pieces.append(values)
            padding = -values.nbytes % ALIGN
            if padding:
                pieces.append(bytes(padding))
            offset += values.nbytes + padding
        described[name] = {"rows": max(rows, 0), "columns": places}
    text = msgspec.json.encode({**header, "tables": described})
    text += b" " * (-(_START + len(text)) % ALIGN)
    return b"".join([MAGIC, len(text).to_bytes(4, "little"), text, *pieces])


def decode(octets: bytes | bytearray | memoryview) -> tuple[dict[str, Any], dict[str, dict[str, Column]]]:
    """Return the header (without ``tables``) and the columns of each table, as views over ``octets``.

    Raises WireError, and nothing else, for octets that are not a whole, well-formed message.
    """
    if len(octets) < _START or bytes(octets[:4]) != MAGIC:
        raise WireError("not a VGP1 message: it does not begin with VGP1")
    body = _START + int.from_bytes(octets[4:8], "little")
    if body > len(octets) or body % ALIGN:
        raise WireError(f"VGP1 header of {body - _START} octets does not fit a message of {len(octets)}")
    try:
        header = msgspec.json.decode(octets[_START:body], type=dict[str, Any])
        described = msgspec.convert(header.pop("tables", {}), type=dict[str, _Described])
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as why:
        raise WireError(f"VGP1 header is not understood: {why}") from why
    tables: dict[str, dict[str, Column]] = {}
    for name, table in described.items():
        tables[name] = {}
        for column, (code, offset) in table.columns.items():
            dtype = _dtype(code)
            end = body + offset + table.rows * dtype.itemsize
            if offset < 0 or offset % ALIGN or table.rows < 0 or end > len(octets):
                raise WireError(f"column {name}.{column} at {offset} with {table.rows} rows lies outside the message")
            tables[name][column] = np.frombuffer(octets, dtype, table.rows, body + offset)
    return header, tables


class _Described(msgspec.Struct):
    rows: int
    columns: dict[str, tuple[str, int]]


def _names(table: Rows | Columns) -> tuple[str, ...]:
    if isinstance(table, np.ndarray):
        return table.dtype.names or ()
    return tuple(table)


def _code(dtype: np.dtype[Any]) -> str:
    if dtype.kind == "S":
        return f"text{dtype.itemsize}"
    code = f"{dtype.kind}{dtype.itemsize}"
    if code not in _NUMBERS or dtype.byteorder == ">":
        raise WireError(f"a column of type {dtype} has no code in VGP1")
    return code


def _dtype(code: str) -> np.dtype[Any]:
    if code in _NUMBERS:
        return np.dtype("<" + code)
    width = code.removeprefix("text")
    if width != code and width.isascii() and width.isdigit() and 0 < len(width) < 5 and int(width):
        return np.dtype(f"S{int(width)}")
    raise WireError(f"VGP1 has no column type {code[:20]!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What the core tells the picture server after a tick.

    ``now_ns`` is the tick (0: none, the update brings facts only and the picture stays what it is), ``progress`` the
    number of ticks the core has applied: the heartbeat. ``tracks`` may hold
    any subset of the live tracks (rows of status 4 end one); ``health`` is None where none was sent. ``status`` holds
    facts for ``Hub.tell``. ``restart`` says that nothing told before holds any longer, as after a jump in a replay.
    """

    now_ns: int
    progress: int
    mode: str
    tracks: Columns
    plots: Columns
    health: Columns | None
    status: dict[str, Any]
    restart: bool = False
    identities: Columns | None = None
    """IDENTITY rows that changed."""
    alerts: Columns | None = None
    """ALERT rows that changed."""
    weather: Columns | None = None
    """WEATHER rows that came in."""


def encode_update(
    now_ns: int,
    progress: int,
    mode: str,
    tracks: Rows | Columns | None = None,
    plots: Rows | Columns | None = None,
    health: Rows | Columns | None = None,
    status: Mapping[str, Any] | None = None,
    *,
    restart: bool = False,
    identities: Rows | Columns | None = None,
    alerts: Rows | Columns | None = None,
    weather: Rows | Columns | None = None,
) -> bytes:
    """Return the octets of one update; what is None or has no rows is not sent.

    ``plots`` should have been through ``place.place_plots``.
    """
    header: dict[str, Any] = {"type": "update", "now_ns": now_ns, "progress": progress, "mode": mode}
    if status:
        header["status"] = status
    if restart:
        header["restart"] = True
    given = {
        "track": (tracks, "track_no"), "plot": (plots, "rx_ns"), "health": (health, "sensor_id"),
        "identity": (identities, "track_no"), "alert": (alerts, "alert_no"),
        "weather": (weather, "sensor_id"),
    }  # fmt: skip
    return encode(header, {n: rows for n, (rows, key) in given.items() if rows is not None and rows[key].size})


def decode_update(octets: bytes | bytearray | memoryview) -> Update:
    """Return the update in ``octets``, its columns as views over them; WireError for anything that is not one."""
    header, tables = decode(octets)
    if header.get("type") != "update" or header.get("mode") not in MODES:
        raise WireError("VGP1 message is not an update of a known mode")
    now_ns, progress, status = header.get("now_ns"), header.get("progress"), header.get("status", {})
    if not (isinstance(now_ns, int) and isinstance(progress, int) and isinstance(status, dict)):
        raise WireError("VGP1 update: now_ns and progress are whole numbers, status is an object")
    return Update(
        now_ns=now_ns,
        progress=progress,
        mode=header["mode"],
        tracks=_expected("track", tables.get("track")),
        plots=_expected("plot", tables.get("plot")),
        health=_expected("health", tables["health"]) if "health" in tables else None,
        status=status,
        restart=header.get("restart") is True,
        identities=_expected("identity", tables["identity"]) if "identity" in tables else None,
        alerts=_expected("alert", tables["alert"]) if "alert" in tables else None,
        weather=_expected("weather", tables["weather"]) if "weather" in tables else None,
    )


def _expected(table: str, found: Mapping[str, Column] | None) -> dict[str, Column]:
    """Return the columns this build shows, in its types: core and picture server are of one build."""
    wanted = DTYPES[table]
    if found is None:
        return {name: np.zeros(0, dtype) for name, dtype in wanted.items()}
    for name, dtype in wanted.items():
        if name not in found or found[name].dtype != dtype:
            raise WireError(f"VGP1 update: column {table}.{name} is absent or not of type {dtype}")
    return {name: found[name] for name in wanted}
