"""What stands on the command line turned into batches: files, dates, editions, sensors."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vigie.app.files import read_table
from vigie.receive.files import Input, merge_inputs, open_input, ticks
from vigie.record.reader import open_recording
from vigie.sensors.site import Sensor, Site, load_site, make_site, parse_site, sensor_defaults
from vigie.terms.batch import Batch
from vigie.terms.errors import UsageError
from vigie.terms.rows import chosen, joined
from vigie.terms.tables import PLOT, Rows
from vigie.terms.utc import TICK_NS, parse_date, tick_at_or_after
from vigie.terms.words import tr

log = logging.getLogger("vigie.app")


def parse_editions(pairs: Sequence[str]) -> dict[int, str]:
    """Return {category: edition} from texts like ``48=1.30``; UsageError says what is wrong."""
    editions = {}
    for pair in pairs:
        category, equals, edition = pair.partition("=")
        if not equals or not category.isdigit() or not 0 < int(category) < 256 or not edition:
            raise UsageError(f"--edition {pair!r}: expected CATEGORY=EDITION, for example 48=1.30")
        editions[int(category)] = edition
    return editions


def parse_place(text: str) -> tuple[float, float]:
    """Return latitude and longitude in degrees from ``LAT,LON``."""
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as why:
        raise UsageError(f"--at {text!r}: expected LAT,LON in degrees, for example 13.48,2.17") from why
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise UsageError(f"--at {text!r}: latitude from -90 to 90, longitude from -180 to 180")
    return lat, lon


def with_editions(site: Site, editions: dict[int, str]) -> Site:
    """Return the site with the command line's editions in place of each sensor's own."""
    if not editions:
        return site
    sensors = tuple(replace(s, editions=tuple(sorted({**dict(s.editions), **editions}.items()))) for s in site.sensors)
    return replace(site, sensors=sensors)


def load_for_files(path: Path) -> Site:
    """Return the site for input from files: its own links are set aside, sensors are matched by SAC, SIC, category."""
    site = load_site(path)
    if not site.sensors:
        raise UsageError(f"{path}: has no [[sensor]]; at least one is needed to place plots")
    sensors = tuple(replace(s, link=None) for s in site.sensors)
    return replace(site, sensors=sensors, links=())


def is_recording(path: Path) -> bool:
    """Whether a path is a recording of ours: a folder, or a SQLite file."""
    if path.is_dir():
        return True
    return _first_octets(path, 16) == b"SQLite format 3\0"


def site_for(paths: Sequence[Path], site: Path | None) -> Site:
    """Return the site for tracking or replaying ``paths``: the one given, else the one our recording carries.

    For a recording of ours the links stay as they were recorded; for capture files they are set aside.
    """
    ours = [is_recording(path) for path in paths]
    if site is not None and all(ours):
        return load_site(site)
    if site is not None:
        return _as_received(load_for_files(site), paths)
    if all(ours):
        text = open_recording(paths[0]).configuration.site_text
        if text:
            return parse_site(text, file=str(paths[0]))
    raise UsageError(f"{paths[0]}: carries no site; give one with --site SITE.toml")


def known_for(paths: Sequence[Path], site: Path | None, now_ns: int = 0) -> str:
    """Return what is known of areas and flights: by the site file given, else as our recording carries it."""
    from vigie.app.known import known_text  # 25 MB of airspace, shapes and rules that decoding a file does not need

    if site is not None:
        return known_text(load_site(site) if all(map(is_recording, paths)) else load_for_files(site), now_ns)
    return open_recording(paths[0]).configuration.known_text if all(map(is_recording, paths)) else ""


def _as_received(site: Site, paths: Sequence[Path]) -> Site:
    """Return the site without its sensors' usual delays where receive times were made from the times of applicability.

    A raw file has no capture clock: its plots come, by construction, at the very moment they state. Held against the
    usual delay they would look like a clock that runs ahead.
    """
    plots = [path for path in paths if is_plots(path)]
    if plots:
        rows = joined([read_table(path, PLOT) for path in plots])
        made = len(rows) > 0 and bool((rows["rx_ns"] == np.maximum.accumulate(rows["toa_ns"])).all())
    else:
        made = any(not _has_clock(path) for path in paths)
    return replace(site, sensors=tuple(replace(s, delay_s=0.0) for s in site.sensors)) if made else site


def _has_clock(path: Path) -> bool:
    opened = open_input(str(path))
    opened.close()
    return opened.has_clock


def site_at(link: str, place: str, name: str = "Vigie") -> Site:
    """Return a site of one sensor on one link, for a start without a site file."""
    from vigie.sensors.link import parse_link

    lat, lon = parse_place(place)
    address = parse_link(link)
    kind = "remoteid" if address.scheme == "capture" else "adsb" if address.scheme.startswith("tcp") else "radar"
    sensor = Sensor(id=1, name=address.text, kind=kind, lat_deg=lat, lon_deg=lon, link=address, **sensor_defaults(kind))
    return make_site(name=name, lat_deg=lat, lon_deg=lon, sensors=(sensor,))


def is_plots(path: Path) -> bool:
    """Whether a file is Parquet, told by its first four octets."""
    return not path.is_dir() and _first_octets(path, 4) == b"PAR1"


def _first_octets(path: Path, n: int) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(n)
    except OSError as why:
        raise UsageError(f"{path}: cannot be read: {why.strerror}. Give the path of a file.") from why


def open_inputs(paths: Sequence[Path], *, form: str | None, date: str | None) -> list[Input]:
    """Open files or recordings of bytes; says loudly when a file without a clock is dated 1970-01-01."""
    day_ns = parse_date(date) if date else None
    inputs = [open_input(str(path), format=form, day_ns=day_ns) for path in paths]
    for path, found in zip(paths, inputs, strict=True):
        if date is None and not found.has_clock:
            log.warning(tr("{file}: has no capture clock and no --date was given: dated 1970-01-01").format(file=path))
    return inputs


def batches_of(paths: Sequence[Path], *, form: str | None, date: str | None) -> Iterator[Batch]:
    """Yield the batches of a recording of ours as recorded, or of capture files merged and cut into ticks."""
    ours = [is_recording(path) for path in paths]
    if all(ours):
        if len(paths) > 1:
            raise UsageError("recordings of several centres cannot be merged: give one folder or file of ours")
        return open_recording(paths[0]).batches()
    if any(ours):
        raise UsageError("a recording of ours and capture files cannot be mixed in one call")
    return ticks(merge_inputs(open_inputs(paths, form=form, date=date)))


def plot_ticks(paths: Sequence[Path]) -> Iterator[tuple[int, Rows]]:
    """Yield (now_ns, PLOT rows) of every tick of one or more ``plots.parquet``, in order of receive time."""
    rows = joined([read_table(path, PLOT) for path in paths])
    rows = chosen(rows, np.argsort(rows["rx_ns"], kind="stable"))
    if not len(rows):
        return
    rx_ns = np.ascontiguousarray(rows["rx_ns"])
    first, last = tick_at_or_after(int(rx_ns[0])), tick_at_or_after(int(rx_ns[-1]))
    marks = np.arange(first, last + 1, TICK_NS, dtype=np.int64)
    ends = np.searchsorted(rx_ns, marks, side="right")
    start = 0
    for now_ns, end in zip(marks.tolist(), ends.tolist(), strict=True):
        yield now_ns, rows[start:end]
        start = end
