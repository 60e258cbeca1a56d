"""Questions to the archive, each a pure function of the archive and its arguments; answers are lists of plain rows.

What can be answered from the summaries (flights, crossings) is; rows are read only for tracks and nearest passes, and
then only the row groups of the tracks that the summaries (cells, names) leave. Free SQL sees views of the archive's
tables and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from vigie.flights.blocks import address_blocks
from vigie.history.places import HALF_M, MIDDLE_SQL
from vigie.history.store import DAILY, MADE, days, files
from vigie.history.words import Span
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.tables import ABSENT_MODE3A

Answer = list[dict[str, Any]]
_EMPTY_TYPES: Final = {"i8": "BIGINT", "u8": "UBIGINT", "u4": "UINTEGER", "u2": "USMALLINT", "u1": "UTINYINT",
                       "i4": "INTEGER", "i2": "SMALLINT", "f8": "DOUBLE", "f4": "FLOAT"}  # fmt: skip
_MEMORY: Final = "1GB"
_FAR_SQL: Final = ("2 * 6378137.0 * asin(least(1.0, sqrt(pow(sin(radians({lat} - $1) / 2), 2) + cos(radians({lat})) * "
                   "cos(radians($1)) * pow(sin(radians({lon} - $2) / 2), 2))))")  # fmt: skip
_MOST_TRACKS: Final = 5_000_000
_M_PER_DEG: Final = 111_000.0
"""At most: what is farther apart in latitude is farther away."""


class Archive:
    """The archive in a folder, as views of a time range in a database of its own (in memory, read only)."""

    def __init__(self, folder: Path, span: Span | None = None, *, names: Sequence[str] = tuple(DAILY)) -> None:
        self.folder, self.span = folder, span
        self._db = duckdb.connect(":memory:", config={"memory_limit": _MEMORY, "threads": 2})
        self._files: dict[str, int] = {}
        allowed: list[str] = []
        for name in names:
            table, _ = DAILY[name]
            ends = (span.from_ns, span.until_ns) if span is not None else (None, None)
            found = files(folder, name, *ends, lead=name in ("flights", "crossings"))
            allowed += found
            self._files[name] = len(found)
            if found:
                listed = ", ".join(f"'{_quoted(f)}'" for f in found)
                source = f"read_parquet([{listed}], union_by_name=true, hive_partitioning=false)"
            else:
                columns = ", ".join(
                    f"CAST(NULL AS {_EMPTY_TYPES.get(c.type, 'VARCHAR')}) AS {c.name}" for c in table.columns
                )
                source = f"(SELECT {columns} WHERE false)"
            self._db.execute(f"CREATE VIEW {name} AS SELECT * FROM {source}")
        self._db.execute("SET allowed_paths = $paths", {"paths": allowed}) if allowed else None
        for setting in ("enable_external_access = false", "autoinstall_known_extensions = false",
                        "autoload_known_extensions = false", "lock_configuration = true"):  # fmt: skip
            self._db.execute(f"SET {setting}")

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def sql(self, text: str, parameters: Sequence[Any] = (), *, most: int = 100_000) -> Answer:
        """Return the rows of one SELECT; at most ``most``.

        Raises
        ------
        UsageError
            If it is not one SELECT, reaches for a file or the network, or is wrong.
        """
        try:
            statements = duckdb.extract_statements(text)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise UsageError("only one SELECT at a time is allowed: the archive is read only")
            cursor = self._db.execute(text, list(parameters))
            names = [d[0] for d in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(most)]
        except duckdb.PermissionException as why:
            raise UsageError(f"SQL here reads the archive's tables only, no file and no network: {why}") from why
        except (duckdb.IOException, duckdb.HTTPException) as why:
            raise VigieError(f"{self.folder}: cannot be read: {why}") from why
        except duckdb.Error as why:
            raise UsageError(f"this SQL cannot be answered: {why}") from why

    def table(self, text: str, parameters: Sequence[Any] = ()) -> pa.Table:
        """Return the rows of one SELECT of ours as an Arrow table; VigieError if the files cannot be read."""
        try:
            return self._db.sql(text, params=list(parameters)).to_arrow_table()
        except (duckdb.IOException, duckdb.HTTPException) as why:
            raise VigieError(f"{self.folder}: cannot be read: {why}") from why

    def sums_up(self, name: str) -> bool:
        """Whether each day that has rows of tracks has the summary ``name``: archives of older versions have not."""
        return self._files.get(name, 0) == self._files.get("tracks", -1)

    def made(self) -> list[dict[str, Any]]:
        """Return of each day from what it was made: software, recording, ledgers."""
        ends = (self.span.from_ns, self.span.until_ns) if self.span is not None else (None, None)
        found = [(self.folder / f"day={day}" / MADE).read_text("utf-8") for day in days(self.folder, *ends)]
        return [json.loads(text) for text in found]


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def flights(archive: Archive, span: Span, *, box: tuple[float, float, float, float] | None = None,
            band_m: tuple[float, float] | None = None, area: str = "") -> Answer:  # fmt: skip
    """Return the flights seen in a time range; within a box (south, west, north, east), a level band, an area."""
    where, values = "f.last_ns >= ? AND f.first_ns < ?", [span.from_ns, span.until_ns]
    more: list[Any] = []
    if box is not None:
        where += " AND f.north_deg >= ? AND f.south_deg <= ? AND f.east_deg >= ? AND f.west_deg <= ?"
        more += [box[0], box[2], box[1], box[3]]
    if band_m is not None:
        where += " AND f.max_alt_m >= ? AND f.min_alt_m <= ?"
        more += list(band_m)
    if area:
        where += (
            " AND EXISTS (SELECT 1 FROM crossings c WHERE c.track_no = f.track_no AND c.area = ? AND "
            "c.left_ns >= ? AND c.entered_ns < ? AND c.entered_ns >= f.first_ns AND c.left_ns <= f.last_ns)"
        )
        more += [area, span.from_ns, span.until_ns]
    found = archive.sql(f"SELECT f.* FROM flights f WHERE {where} ORDER BY first_ns, track_no", [*values, *more])
    if box is None and band_m is None:
        return found
    return _really(archive, span, found, box, band_m)


def _really(archive: Archive, span: Span, found: Answer, box: tuple[float, float, float, float] | None,
            band_m: tuple[float, float] | None) -> Answer:  # fmt: skip
    """Keep the flights of which a row lies in the box and the band: a bounding box promises more than it holds."""
    if not found:
        return found
    numbers = ", ".join(str(row["track_no"]) for row in found)
    where, values = f"track_no IN ({numbers}) AND now_ns >= ? AND now_ns < ?", [span.from_ns, span.until_ns]
    more: list[Any] = []
    if box is not None:
        where += " AND lat_deg >= ? AND lat_deg <= ? AND lon_deg >= ? AND lon_deg <= ?"
        more += [box[0], box[2], box[1], box[3]]
    if band_m is not None:
        where += " AND CASE WHEN isnan(press_alt_m) THEN geo_alt_m ELSE press_alt_m END BETWEEN ? AND ?"
        more += list(band_m)
    inside = archive.sql(f"SELECT DISTINCT track_no FROM tracks WHERE {where}", [*values, *more])
    kept = {row["track_no"] for row in inside}
    return [row for row in found if row["track_no"] in kept]


def landed(archive: Archive, span: Span, aerodrome: str) -> Answer:
    """Return the flights that landed at an aerodrome in a time range, with the evidence."""
    return archive.sql("SELECT * FROM flights WHERE to_aerodrome = ? AND landed_ns >= ? AND landed_ns < ? "
                       "ORDER BY landed_ns", [aerodrome.upper(), span.from_ns, span.until_ns])  # fmt: skip


def took_off(archive: Archive, span: Span, aerodrome: str) -> Answer:
    """Return the flights that took off from an aerodrome in a time range, with the evidence."""
    return archive.sql("SELECT * FROM flights WHERE from_aerodrome = ? AND takeoff_ns >= ? AND takeoff_ns < ? "
                       "ORDER BY takeoff_ns", [aerodrome.upper(), span.from_ns, span.until_ns])  # fmt: skip


def who(name: str) -> tuple[str, Any]:
    """Return column and value of a name: ``#12`` a track, 4 octal digits a code, 6 hexadecimal an address."""
    text = name.strip().upper()
    if text.startswith("#") and text[1:].isdigit():
        return "track_no", int(text[1:])
    if len(text) == 4 and all(c in "01234567" for c in text):
        return "mode3a", int(text, 8)
    if len(text) == 6 and all(c in "0123456789ABCDEF" for c in text):
        return "icao24", int(text, 16)
    if 2 <= len(text) <= 8 and text.isalnum():
        return "callsign", text
    raise UsageError(
        f"{name!r}: expected a track (#12), a code (4 octal digits), an address (6 hexadecimal digits) or a callsign"
    )


def seen(archive: Archive, span: Span, name: str) -> Answer:
    """Return each flight of an address, code or callsign in a time range: first and last seen, from and to where."""
    column, value = who(name)
    return archive.sql(f"SELECT * FROM flights WHERE {column} = ? AND last_ns >= ? AND first_ns < ? "
                       "ORDER BY first_ns", [value, span.from_ns, span.until_ns])  # fmt: skip


def track(archive: Archive, span: Span, name: str) -> Answer:
    """Return the rows of a track, address, code or callsign in a time range."""
    column, value = who(name)
    which = ""
    if column != "track_no" and archive.sums_up("names"):
        bore = archive.sql(f"SELECT DISTINCT track_no FROM names WHERE {column} = ? AND last_ns >= ? AND first_ns < ?",
                           [value, span.from_ns, span.until_ns])  # fmt: skip
        which = _among(row["track_no"] for row in bore)
    return archive.sql(f"SELECT * FROM tracks WHERE {column} = ? AND now_ns >= ? AND now_ns < ? AND status IN (2, 3) "
                       f"{which} ORDER BY track_no, now_ns",
                       [value, span.from_ns, span.until_ns], most=1_000_000)  # fmt: skip


def _among(numbers: Iterable[int]) -> str:
    """Return the condition that a row is of one of these tracks."""
    listed = ", ".join(map(str, sorted(set(numbers))))
    return f"AND track_no IN ({listed})" if listed else "AND false"


def nearest(archive: Archive, span: Span, lat_deg: float, lon_deg: float, *, most: int = 20) -> Answer:
    """Return for each track its nearest pass to a point, nearest first; distances on a sphere, 0.5 % error at most.

    The cells that tracks were in say which can have been near: a place in a cell is as far as the cell's middle, give
    or take half a diagonal. Only the rows of those are measured; all rows are where a day has no such summary.
    """
    which = ""
    if archive.sums_up("cells"):
        far = _FAR_SQL.format(lat=f"({MIDDLE_SQL[0]})", lon=f"({MIDDLE_SQL[1]})")
        # Stays that reach beyond the time asked for may have no row within it: they make a candidate, no proof.
        found = archive.sql(
            "SELECT track_no, min(d) AS d, min(d) FILTER (WHERE first_ns >= $3 AND last_ns < $4) AS sure FROM "
            f"(SELECT *, {far} AS d FROM cells WHERE last_ns >= $3 AND first_ns < $4) GROUP BY track_no",
            [lat_deg, lon_deg, span.from_ns, span.until_ns], most=_MOST_TRACKS,
        )  # fmt: skip
        sure = sorted(row["sure"] for row in found if row["sure"] is not None)
        if len(sure) >= most and len(found) < _MOST_TRACKS:
            reach_m = sure[most - 1] + HALF_M
            north_deg = reach_m / _M_PER_DEG
            which = _among(row["track_no"] for row in found if row["d"] - HALF_M <= reach_m)
            which += f" AND lat_deg BETWEEN {lat_deg - north_deg} AND {lat_deg + north_deg}"
    passes = archive.sql(
        f"SELECT track_no, min(d) AS distance_m, arg_min(now_ns, d) AS at_ns, arg_min(press_alt_m, d) AS press_alt_m, "
        "max(icao24) AS icao24, min(mode3a) AS mode3a, max(callsign) AS callsign FROM "
        f"(SELECT *, {_FAR_SQL.format(lat='lat_deg', lon='lon_deg')} AS d FROM tracks "
        f"WHERE now_ns >= $3 AND now_ns < $4 AND status IN (2, 3) {which}) GROUP BY track_no ORDER BY distance_m, "
        "track_no LIMIT $5",
        [lat_deg, lon_deg, span.from_ns, span.until_ns, most],
    )
    if which and archive.sums_up("names"):  # what they were called where they were not near
        called = archive.sql(
            "SELECT track_no, max(icao24) AS icao24, min(mode3a) AS mode3a, max(callsign) AS callsign FROM names WHERE "
            f"last_ns >= ? AND first_ns < ? {_among(row['track_no'] for row in passes)} GROUP BY track_no",
            [span.from_ns, span.until_ns],
        )  # fmt: skip
        by_number = {row["track_no"]: row for row in called}
        passes = [row | by_number.get(row["track_no"], {}) for row in passes]
    return passes


def dark(archive: Archive, span: Span, *, share: float = 0.2) -> Answer:
    """Return the flights without an answering transponder for at least ``share`` of their life."""
    return archive.sql("SELECT * FROM flights WHERE dark_share >= ? AND last_ns >= ? AND first_ns < ? "
                       "ORDER BY first_ns", [share, span.from_ns, span.until_ns])  # fmt: skip


def gaps(archive: Archive, span: Span) -> Answer:
    """Return the times in which a sensor was not well (blind, silent, NOGO, or never heard), from when to when."""
    return archive.sql(
        "WITH h AS (SELECT sensor_id, now_ns, state, state IN (0, 3, 4, 5) AS bad FROM health WHERE now_ns >= ? AND "
        "now_ns < ?), g AS (SELECT *, row_number() OVER (PARTITION BY sensor_id ORDER BY now_ns) - row_number() OVER "
        "(PARTITION BY sensor_id, bad ORDER BY now_ns) AS run FROM h) SELECT sensor_id, min(now_ns) AS from_ns, "
        "max(now_ns) AS until_ns, max(state) AS state FROM g WHERE bad GROUP BY sensor_id, run ORDER BY from_ns, "
        "sensor_id", [span.from_ns, span.until_ns],
    )  # fmt: skip


def counts(archive: Archive, span: Span, by: str) -> Answer:
    """Return counts: ``hour`` of flights by first sight, ``sensor`` of plots, ``state`` of registry by address."""
    if by == "sensor":
        return archive.sql("SELECT sensor_id, count(*) AS plots FROM plots WHERE rx_ns >= ? AND rx_ns < ? GROUP BY "
                           "sensor_id ORDER BY sensor_id", [span.from_ns, span.until_ns])  # fmt: skip
    if by == "hour":
        return archive.sql("SELECT first_ns // 3600000000000 * 3600000000000 AS hour_ns, count(*) AS flights FROM "
                           "flights WHERE first_ns >= ? AND first_ns < ? GROUP BY hour_ns ORDER BY hour_ns",
                           [span.from_ns, span.until_ns])  # fmt: skip
    if by == "state":
        return states_of(archive.sql("SELECT icao24 FROM flights WHERE last_ns >= ? AND first_ns < ?",
                                     [span.from_ns, span.until_ns]))  # fmt: skip
    raise UsageError(f"counts by {by!r}: expected hour, sensor or state")


def states_of(flights: Answer) -> Answer:
    """Return how many flights each state of registry has, by their addresses, the most first."""
    table = address_blocks()
    found = Counter((table.owner(row["icao24"])[0] if row["icao24"] else "") or "unknown" for row in flights)
    return [{"state": s, "flights": n} for s, n in sorted(found.items(), key=lambda x: (-x[1], x[0]))]


def words_of(row: dict[str, Any]) -> str:
    """Return who a flight is: callsign, address, code, or its track number."""
    code = row.get("mode3a")
    parts = [str(row.get("callsign") or "").strip(), f"{row['icao24']:06X}" if row.get("icao24") else "",
             f"{code:04o}" if code is not None and code != ABSENT_MODE3A else ""]  # fmt: skip
    return " ".join([*filter(None, parts), f"#{row['track_no']}"])
