"""The archive made from the recording: the same pipeline, its outputs written by day, and the summaries of each day."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from vigie import __version__
from vigie.airspace.aerodromes import Aerodrome
from vigie.airspace.reference import reference_aerodromes, reference_volumes
from vigie.airspace.volume import Volume
from vigie.app.known import Known, known_from
from vigie.app.pipeline import Outputs, State, step
from vigie.app.snapshots import go_on, newest_snapshot
from vigie.history.flights import flights
from vigie.history.places import cells, names
from vigie.history.store import DayWriter, day_name
from vigie.history.tables import ACT, CROSSING
from vigie.record.reader import Recording
from vigie.sensors.site import Site
from vigie.terms.batch import Batch
from vigie.terms.rows import chosen, joined
from vigie.terms.tables import PLOT, TRACK, TRACK_COASTING, TRACK_CONFIRMED, Rows, Table
from vigie.terms.texts import text_octets
from vigie.terms.units import NS_PER_S
from vigie.terms.utc import DAY_NS, parse_instant

_HEALTH_EVERY_NS: Final = 10 * NS_PER_S
_SEEN_COLUMNS: Final = ("toa_ns", "kind", "icao24", "mode3a")
_SEEN_PLOTS: Final = Table(
    "plot", "What flights need of plots.", tuple(c for c in PLOT.columns if c.name in _SEEN_COLUMNS)
)


def build(recording: Recording, site: Site, archive: Path, *, until_ns: int | None = None,
          progress: Callable[[int], None] | None = None) -> list[str]:  # fmt: skip
    """Make the days of ``archive`` from a recording, replacing those that are there; return their names."""
    known = known_from(recording.configuration.known_text)
    state = State(site, known=known)
    made, facts = _made(recording, state)
    return archive_outputs(
        ((batch, step(state, batch)) for batch in recording.batches(until_ns=until_ns)), archive, known, made, progress,
        facts=facts,
    )  # fmt: skip


def _made(recording: Recording, state: State) -> tuple[dict[str, Any], Callable[[], dict[str, Any]]]:
    """Return from what days are made, and what tells at the end of a day what was counted until then."""
    chain = hashlib.sha256()
    for segment in recording.segments:
        chain.update(segment.path.name.encode())
    held = recording.configuration
    made = {
        "software": __version__, "recorded_with": held.software, "recording": chain.hexdigest(),
        "segments": len(recording.segments), "site_text": held.site_text,
    }  # fmt: skip

    def facts() -> dict[str, Any]:
        """What was counted from the recording's beginning to the end of the day."""
        return {
            "decode": state.decoder.ledger.as_json(), "track": state.tracker.ledger.as_json(),
            "balances": state.ledgers_balance(), "digest": state.digest.hex(), "missing_rows": recording.missing_rows,
        }  # fmt: skip

    return made, facts


def build_day(recording: Recording, site: Site, archive: Path, day: str, *, own_site: bool = True,
              over: bool = True, stop: Callable[[], bool] = bool) -> bool:  # fmt: skip
    """Make one day of ``archive`` from the newest snapshot before it, else from the recording's beginning.

    ``over``: all of the day is in the recording. Return whether there was anything of that day; False as well when
    ``stop`` said so on the way.
    """
    from_ns = parse_instant(f"{day}T00:00:00Z", 0)
    known = known_from(recording.configuration.known_text)
    state = State(site, known=known)
    snapshot = newest_snapshot(recording, from_ns - 1) if own_site else None
    after_ns = None
    if snapshot is not None and snapshot.software == __version__:
        go_on(state, snapshot)
        after_ns = snapshot.now_ns + 1

    def steps() -> Iterator[tuple[Batch, Outputs]]:
        for batch in recording.batches(after_ns, from_ns + DAY_NS):
            if stop():
                raise _Stopped
            out = step(state, batch)
            if out.now_ns >= from_ns:
                yield batch, out

    made, facts = _made(recording, state)
    try:
        return bool(archive_outputs(steps(), archive, known, made | {"over": over}, facts=facts))
    except _Stopped:
        return False


class _Stopped(Exception):  # noqa: N818 - it is no error: somebody asked
    """The making of a day was broken off; nothing of it is left."""


def places_of(known: Known) -> Sequence[Aerodrome]:
    """Return the centre's own aerodromes, and those of the reference (not for operations) it does not name itself."""
    own = tuple(known.ground.aerodromes)
    names = {a.icao for a in own}
    return (*own, *(a for a in reference_aerodromes() if a.icao not in names))


def archive_outputs(
    steps: Iterable[tuple[Batch, Outputs]], archive: Path, known: Known, made: dict[str, Any],
    progress: Callable[[int], None] | None = None, *, facts: Callable[[], dict[str, Any]] = dict,
) -> list[str]:  # fmt: skip
    """Write the outputs of a chain by day, and the summaries of each day when it is over."""
    writer: DayWriter | None = None
    day, done = "", []
    for batch, out in steps:
        name = day_name(out.now_ns)
        if writer is None or name != day:
            if writer is not None:
                _finish(writer, known, made | facts())
                done.append(day)
            writer, day = DayWriter(archive, name), name
            if progress is not None:
                progress(out.now_ns)
        writer.add("tracks", out.tracks)
        writer.add("plots", out.plots)
        writer.add("identities", out.identities)
        writer.add("alerts", out.alerts)
        if batch.acts:
            writer.add("acts", _acts(batch))
        if out.now_ns % _HEALTH_EVERY_NS == 0:
            writer.add("health", out.health.copy())
    if writer is not None:
        _finish(writer, known, made | facts())
        done.append(day)
    return done


def _finish(writer: DayWriter, known: Known, made: dict[str, Any]) -> None:
    tracks, plots = writer.rows("tracks", TRACK), writer.rows("plots", _SEEN_PLOTS)
    writer.add("flights", flights(tracks, plots, places_of(known)))
    own = tuple(known.ground.volumes)
    writer.add("crossings", crossings(tracks, own or reference_volumes()))
    writer.add("cells", cells(tracks))
    writer.add("names", names(tracks))
    writer.close(made)


def crossings(tracks: Rows, volumes: Sequence[Volume]) -> Rows:
    """Return CROSSING rows: each stay of a track within the outline of a volume, whatever its levels say."""
    live = chosen(tracks, (tracks["status"] == TRACK_CONFIRMED) | (tracks["status"] == TRACK_COASTING))
    live = chosen(live, np.isfinite(live["lat_deg"]))
    live = chosen(live, np.lexsort((live["now_ns"], live["track_no"])))
    if not len(live):
        return CROSSING.empty()
    heights = np.where(np.isfinite(live["press_alt_m"]), live["press_alt_m"], live["geo_alt_m"])
    found = []
    for volume in volumes:
        outline = shapely.Polygon()
        for ring in volume.rings:
            if len(ring) >= 3:
                outline = outline.symmetric_difference(shapely.Polygon(ring).buffer(0))
        shapely.prepare(outline)
        inside = shapely.contains_xy(outline, live["lon_deg"], live["lat_deg"])
        first = np.ones(len(live), bool)
        first[1:] = live["track_no"][1:] != live["track_no"][:-1]
        starts = np.flatnonzero(inside & (first | np.concatenate([[True], ~inside[:-1]])))
        last = np.ones(len(live), bool)
        last[:-1] = first[1:]
        ends = np.flatnonzero(inside & (last | np.concatenate([~inside[1:], [True]])))
        rows = CROSSING.empty(len(starts))
        rows["entered_ns"], rows["left_ns"] = live["now_ns"][starts], live["now_ns"][ends]
        rows["track_no"], rows["from_inside"] = live["track_no"][starts], first[starts]
        rows["area"] = volume.id.encode("ascii", "replace")[:40]
        for i, (a, b) in enumerate(zip(starts, ends, strict=True)):
            known = heights[a : b + 1][np.isfinite(heights[a : b + 1])]
            if len(known):
                rows["min_alt_m"][i], rows["max_alt_m"][i] = known.min(), known.max()
        found.append(rows)
    rows = joined(found) if found else CROSSING.empty()
    return chosen(rows, np.lexsort((rows["track_no"], rows["entered_ns"])))


def _acts(batch: Batch) -> Rows:
    rows = ACT.empty(len(batch.acts))
    for i, act in enumerate(batch.acts):
        rows["now_ns"][i] = batch.now_ns
        for name in ("who", "role", "act", "subject", "value", "reason"):
            rows[name][i] = text_octets(str(getattr(act, name)), rows.dtype[name].itemsize)
    return rows
