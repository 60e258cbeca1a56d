"""``vigie mlat``: arrival times of messages at several receivers (CSV) to positions, with honest errors."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import numpy as np
import typer

from vigie.app.files import TableFile
from vigie.earth.wgs84 import geodetic_to_ecef, radii
from vigie.sensors.mlat import FEWEST, Fix, Floats, Ints, ReceiverClocks
from vigie.terms.errors import UsageError
from vigie.terms.tables import PLOT, PLOT_KIND, Rows
from vigie.terms.units import C_MPS, NS_PER_S
from vigie.terms.words import tr

_GEOMETRIC_SD_M: Final = 15.0  # GNSS height in steps of 25 ft
_PRESSURE_SD_M: Final = 250.0  # pressure altitude taken for a height: QNH and temperature are not known here
_MEDIAN_OF_CHI2: Final = 2.0 * math.log(2.0)


@dataclass(slots=True)
class Network:
    """The receivers of a network: their numbers and places."""

    place: dict[int, int]
    xyz: Floats
    heights_m: Floats


@dataclass(slots=True)
class Message:
    """One message as heard: line in the file, receivers' places in the network, arrival times, height, true place."""

    number: int
    sender: int
    heard_s: float
    who: Ints
    arrival_s: Floats
    height_m: float
    height_sd_m: float
    press_alt_m: float
    true_lat_rad: float
    true_lon_rad: float


def command(
    file: Annotated[Path, typer.Argument(help="CSV: id,timeAtServer,aircraft,...,measurements (LocaRDS)")],
    *,
    sensors: Annotated[Path, typer.Option(help="CSV of receivers: serial,latitude,longitude,height")],
    to: Annotated[Path, typer.Option(help="positions as Parquet, rows as of plots")],
    live: Annotated[
        bool, typer.Option("--live", help="learn clocks as messages come, not from the file first")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="counts, clocks, and errors where the truth is given")
    ] = False,
) -> None:
    """Locate by arrival times. Example: vigie mlat set.csv --sensors sensors.csv --to positions.parquet."""
    network = read_network(sensors)
    refused: dict[str, int] = {}
    messages = list(read_messages(file, network, refused))
    network = only_heard(network, messages)
    clocks = ReceiverClocks(len(network.place))
    if not live:
        # First the clocks from all redundancy of the file, then every message with all that is known of them.
        for message in messages:
            solve(clocks, network, message)
    fixes = [solve(clocks, network, message, learn=live) for message in messages]
    refused["no_solution"] = sum(fix is None for fix in fixes)
    solved = [(m, f) for m, f in zip(messages, fixes, strict=True) if f is not None]
    with TableFile(to, PLOT) as out:
        out.append(as_plots(solved))
    said: dict[str, Any] = {
        "messages": len(messages) + sum(refused.values()) - refused["no_solution"],
        "solved": len(solved),
        "refused": {k: n for k, n in refused.items() if n},
        "claimed_m": round(float(np.median([math.hypot(f.major_m, f.minor_m) for _, f in solved])), 1)
        if solved
        else None,
        **against_truth(solved),
    }
    if as_json:
        said["clocks"] = clock_report(clocks, network)
        typer.echo(json.dumps(said, indent=1))
    typer.echo(
        tr("{messages} messages: {solved} solved, {refused} refused; median claimed error {sd} m").format(
            messages=said["messages"], solved=len(solved), refused=sum(refused.values()), sd=said["claimed_m"]
        ),
        err=True,
    )


def solve(clocks: ReceiverClocks, network: Network, message: Message, *, learn: bool = True) -> Fix | None:
    """Return where one message came from."""
    return clocks.solve(
        message.who, network.xyz[message.who], network.heights_m[message.who], message.arrival_s,
        message.height_m, message.height_sd_m, learn=learn,
    )  # fmt: skip


def as_plots(solved: list[tuple[Message, Fix]]) -> Rows:
    """Return solved messages as PLOT rows: times as the file has them, ``source_track_no`` the file's aircraft."""
    rows = PLOT.empty(len(solved))
    for row, (message, fix) in zip(rows, solved, strict=True):
        row["toa_ns"] = row["rx_ns"] = round(message.heard_s * NS_PER_S)
        row["sensor_id"], row["kind"] = 1, PLOT_KIND["mlat"]
        row["lat_deg"], row["lon_deg"] = math.degrees(fix.lat_rad), math.degrees(fix.lon_rad)
        row["geo_alt_m"], row["press_alt_m"] = message.height_m, message.press_alt_m
        row["pos_sd_m"], row["pos_minor_sd_m"], row["pos_orient_rad"] = fix.major_m, fix.minor_m, fix.orient_rad
        row["frame_no"], row["source_track_no"] = message.number, message.sender
    return rows[np.argsort(rows["rx_ns"], kind="stable")]


def against_truth(solved: list[tuple[Message, Fix]]) -> dict[str, float | int]:
    """Return errors where the file gives true positions: median and p90 in metres, and how honest the claim is.

    ``honesty`` is the median of the normalised error squared over what it should be: 1 is perfect.
    """
    errors, normalised = [], []
    for message, fix in solved:
        if not math.isfinite(message.true_lat_rad + message.true_lon_rad):
            continue
        m, p = radii(fix.lat_rad)
        north = (message.true_lat_rad - fix.lat_rad) * m
        east = (message.true_lon_rad - fix.lon_rad) * p * math.cos(fix.lat_rad)
        sin, cos = math.sin(fix.orient_rad), math.cos(fix.orient_rad)
        along, across = east * sin + north * cos, east * cos - north * sin
        errors.append(math.hypot(east, north))
        normalised.append((along / fix.major_m) ** 2 + (across / fix.minor_m) ** 2)
    if not errors:
        return {}
    return {
        "compared": len(errors),
        "error_median_m": round(float(np.median(errors)), 2),
        "error_p90_m": round(float(np.quantile(errors, 0.9)), 2),
        "honesty": round(float(np.median(normalised)) / _MEDIAN_OF_CHI2, 3),
    }


def clock_report(clocks: ReceiverClocks, network: Network) -> dict[str, dict[str, float]]:
    """Return the learned offset of each receiver that was heard, in nanoseconds with its 1-sigma."""
    ns = 1e9 / C_MPS
    return {
        str(serial): {
            "offset_ns": round(float(clocks.offset_m[k]) * ns, 1),
            "sd_ns": round(math.sqrt(float(clocks.cov_m2[k, k])) * ns, 1),
        }
        for serial, k in network.place.items()
    }


def only_heard(network: Network, messages: list[Message]) -> Network:
    """Return the receivers that heard something; the messages point to their new places."""
    heard = np.unique(np.concatenate([m.who for m in messages])) if messages else np.empty(0, np.int64)
    for message in messages:
        message.who = np.searchsorted(heard, message.who)
    serials = {k: serial for serial, k in network.place.items()}
    place = {serials[k]: i for i, k in enumerate(heard.tolist())}
    return Network(place, network.xyz[heard], network.heights_m[heard])


def read_network(path: Path) -> Network:
    """Return the receivers of a CSV file; those at 0, 0 have no known place and are left out."""
    place: dict[int, int] = {}
    xyz: list[tuple[float, float, float]] = []
    heights_m: list[float] = []
    for line, row in _rows(path, {"serial", "latitude", "longitude", "height"}):
        try:
            serial = int(row["serial"])
            lat, lon, height = float(row["latitude"]), float(row["longitude"]), float(row["height"])
        except ValueError as why:
            raise UsageError(f"{path}: line {line}: a receiver needs numbers: {why}") from why
        if (lat == 0.0 and lon == 0.0) or not math.isfinite(lat + lon + height):
            continue
        if serial in place:
            raise UsageError(f"{path}: line {line}: receiver {serial} stands there twice")
        place[serial] = len(xyz)
        xyz.append(geodetic_to_ecef(math.radians(lat), math.radians(lon), height))
        heights_m.append(height)
    if not xyz:
        raise UsageError(f"{path}: no receiver with a place")
    return Network(place, np.array(xyz), np.array(heights_m))


def read_messages(path: Path, network: Network, refused: dict[str, int]) -> Iterator[Message]:
    """Yield the messages of a CSV file; those that cannot be used are counted by reason in ``refused``."""
    for line, row in _rows(path, {"measurements"}):
        try:
            heard = [(int(m[0]), float(m[1])) for m in json.loads(row["measurements"])]
            number, sender = int(row.get("id") or line), int(row.get("aircraft") or 0)
            heard_s = float(row.get("timeAtServer") or 0.0)
        except (ValueError, TypeError, IndexError, KeyError):
            refused["unreadable"] = refused.get("unreadable", 0) + 1
            continue
        known = {serial: time for serial, time in heard if serial in network.place and math.isfinite(time)}
        if len(known) < FEWEST or not 0 <= sender < 2**32 or not abs(heard_s) < 4e9:
            reason = "too_few_receivers" if len(known) < FEWEST else "unreadable"
            refused[reason] = refused.get(reason, 0) + 1
            continue
        geometric, pressure = _number(row.get("geoAltitude")), _number(row.get("baroAltitude"))
        height, sd = (geometric, _GEOMETRIC_SD_M) if math.isfinite(geometric) else (pressure, _PRESSURE_SD_M)
        if not -1000.0 < height < 40_000.0:
            refused["no_height"] = refused.get("no_height", 0) + 1
            continue
        arrival_ns = np.array(list(known.values()))
        yield Message(
            number, sender, heard_s, np.array([network.place[s] for s in known]),
            (arrival_ns - arrival_ns.min()) / NS_PER_S, height, sd, pressure,
            math.radians(_number(row.get("latitude"))), math.radians(_number(row.get("longitude"))),
        )  # fmt: skip


def _number(text: str | None) -> float:
    try:
        return float(text) if text else math.nan
    except ValueError:
        return math.nan


def _rows(path: Path, needed: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            lacking = needed - set(reader.fieldnames or ())
            if lacking:
                raise UsageError(f"{path}: line 1: the columns {', '.join(sorted(lacking))} are not there")
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError, csv.Error) as why:
        raise UsageError(f"{path}: cannot be read as CSV: {why}") from why
