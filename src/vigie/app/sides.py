"""The two sides of a comparison: a recording through this version's chain, or what another version wrote."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from vigie.app.against import Second, seconds
from vigie.app.files import read_table
from vigie.app.inputs import batches_of, is_plots, known_for, site_for
from vigie.app.known import known_from
from vigie.app.pipeline import State, step
from vigie.terms.errors import UsageError
from vigie.terms.tables import ALERT, IDENTITY, TRACK, Rows

_TRACKS, _ALERTS, _IDENTITIES = "tracks.parquet", "alerts.parquet", "identities.parquet"


def side_of(
    paths: list[Path], site: Path | None, *, form: str | None = None, date: str | None = None
) -> Iterator[Second]:
    """Yield the seconds of recordings or captures through the chain, or of outputs of ``vigie track``.

    ``tracks.parquet`` (or the folder that holds it) stands for an output; ``alerts.parquet`` and
    ``identities.parquet`` beside it belong to it.
    """
    tracks = output_of(paths)
    if tracks is not None:
        return seconds(_written(tracks))
    state = State(site_for(paths, site), known=known_from(known_for(paths, site)))
    return seconds(_run(state, paths, form, date))


def output_of(paths: list[Path]) -> Path | None:
    """Return the file of tracks where ``paths`` is an output, else None."""
    if len(paths) != 1:
        return None
    path = paths[0] / _TRACKS if (paths[0] / _TRACKS).is_file() else paths[0]
    if path.is_dir() or not is_plots(path):  # is_plots: any Parquet, told by its first octets
        return None
    if not {"track_no", "v_east_mps"} <= set(pq.read_schema(path).names):
        raise UsageError(f"{path}: holds no tracks. Give a recording, or the tracks.parquet that vigie track wrote.")
    return path


def _run(state: State, paths: list[Path], form: str | None, date: str | None) -> Iterator[tuple[int, Rows, Rows, Rows]]:
    for batch in batches_of(paths, form=form, date=date):
        out = step(state, batch)
        yield out.now_ns, out.tracks, out.alerts, out.identities


def _written(path: Path) -> Iterator[tuple[int, Rows, Rows, Rows]]:
    """Yield the rows of files by output time; groups of rows are read one at a time."""
    alerts, identities = (
        read_table(path.with_name(name), table) if path.with_name(name).is_file() else table.empty()
        for name, table in ((_ALERTS, ALERT), (_IDENTITIES, IDENTITY))
    )
    at = [0, 0]

    def until(k: int, rows: Rows, now_ns: int) -> Rows:
        start, at[k] = at[k], int(np.searchsorted(rows["now_ns"], now_ns, "right"))
        return rows[start : at[k]]

    file = pq.ParquetFile(path)
    for group in range(file.num_row_groups):
        rows = TRACK.from_arrow(file.read_row_group(group))
        times, starts = np.unique(rows["now_ns"], return_index=True)
        ends = [*starts[1:].tolist(), len(rows)][: len(starts)]
        for now_ns, start, end in zip(times.tolist(), starts.tolist(), ends, strict=True):
            yield now_ns, rows[start:end], until(0, alerts, now_ns), until(1, identities, now_ns)
    last = max((int(rows["now_ns"].max()) for rows in (alerts, identities) if len(rows)), default=0)
    if last:
        yield last, TRACK.empty(), until(0, alerts, last), until(1, identities, last)


def rows_of_output(path: Path) -> tuple[Rows, Rows]:
    """Return all TRACK rows of an output and the IDENTITY rows beside it (none where there is no such file)."""
    found = output_of([path])
    if found is None:
        raise UsageError(f"{path}: holds no tracks. Give the tracks.parquet that vigie track wrote.")
    beside = found.with_name(_IDENTITIES)
    return read_table(found, TRACK), read_table(beside, IDENTITY) if beside.is_file() else IDENTITY.empty()
