"""``vigie simulate``: an exercise flown as fast as it goes, into files.

``truth.parquet`` (every aircraft once a second), ``plots.parquet`` (what the sensors measured), ``site.toml`` (what a
centre is told) and ``frames.pcap`` (what the sensors put on the wire: UDP datagrams, and TCP streams as conversations).
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from vigie.sensors.link import LinkAddress
from vigie.sensors.site import Site
from vigie.simulate.exercise import load_exercise
from vigie.simulate.ground import say_limits
from vigie.simulate.rows import Exercise
from vigie.simulate.run import Simulation
from vigie.terms.batch import Frames
from vigie.terms.errors import UsageError
from vigie.terms.tables import PLOT, TRUTH, Rows, Table
from vigie.terms.units import NS_PER_S
from vigie.wire.pcap import Datagram, TcpConversation, pcap_head, udp_record

_GROUP_ROWS = 200_000


def simulate_to(
    exercise: str | Path | Exercise,
    to: Path,
    *,
    seed: int | None = None,
    duration_s: float | None = None,
    terrain: Path | None = None,
    progress: Callable[[float], None] | None = None,
) -> str:
    """Fly an exercise into the folder ``to`` and return one line that says what was written.

    ``terrain``: other tiles than the exercise's. ``progress`` is called with the share done (0 to 1) after every
    simulated second. Nothing is left half written: the files get their names when all is done. ExerciseError where
    the exercise is wrong, before anything is written.
    """
    flown = exercise if isinstance(exercise, Exercise) else load_exercise(exercise)
    if terrain is not None:
        flown = replace(flown, terrain=str(terrain))
    seconds = round(flown.duration_s if duration_s is None else duration_s)
    if seconds < 1:
        raise UsageError(f"--duration {duration_s:g}: expected at least one second")
    simulation = Simulation(flown, seed)
    say_limits(flown)
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as why:
        raise UsageError(f"{to}: cannot be made a folder: {why.strerror}. Choose another with --to.") from why
    counts = {"truth": 0, "plots": 0, "frames": 0, "bytes": 0}
    with contextlib.ExitStack() as stack:
        truth = stack.enter_context(_parquet(to / "truth.parquet", TRUTH))
        plots = stack.enter_context(_parquet(to / "plots.parquet", PLOT))
        capture = _Capture(stack.enter_context(_replacing(to / "frames.pcap")), simulation.site())
        for second in range(1, seconds + 1):
            now_ns = simulation.start_ns + second * NS_PER_S
            frames = simulation.step(now_ns)
            capture.write(frames)
            rows = simulation.truth_rows(now_ns)
            truth(rows)
            measured = simulation.plots()
            plots(measured)
            counts["truth"] += len(rows)
            counts["plots"] += len(measured)
            counts["frames"] += len(frames)
            counts["bytes"] += frames.data.size
            if progress is not None:
                progress(second / seconds)
        capture.close(simulation.start_ns + seconds * NS_PER_S)
    with _replacing(to / "site.toml") as out:
        out.write(simulation.site_toml().encode())
    return (
        f"{flown.name_en}: {seconds} s, {counts['truth']} truth rows, {counts['plots']} plots, "
        f"{counts['frames']} frames of {counts['bytes']} octets, seed {simulation.seed}"
    )


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the place of ``path`` when it is complete."""
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as out:
            yield out
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextlib.contextmanager
def _parquet(path: Path, table: Table) -> Iterator[Callable[[Rows], None]]:
    """Yield a function that appends rows to a Parquet file, in groups of a good size."""
    waiting: list[pa.Table] = []

    def flush() -> None:
        if waiting:
            writer.write_table(pa.concat_tables(waiting))
            waiting.clear()

    def append(rows: Rows) -> None:
        waiting.append(table.to_arrow(rows))
        if sum(t.num_rows for t in waiting) >= _GROUP_ROWS:
            flush()

    with (
        _replacing(path) as out,
        pq.ParquetWriter(
            out, table.arrow_schema, compression="zstd", compression_level=1, use_dictionary=False
        ) as writer,
    ):
        yield append
        flush()


class _Capture:
    """Writes frames as a capture: the address of a link is where its datagrams go, or whom the centre calls."""

    def __init__(self, out: IO[bytes], site: Site) -> None:
        self._out = out
        self._links = site.links
        self._calls: dict[int, TcpConversation] = {}
        out.write(pcap_head())

    def write(self, frames: Frames) -> None:
        for i in range(len(frames)):
            row = frames.rows[i]
            number, rx_ns = int(row["link"]), int(row["rx_ns"])
            link = self._links[number - 1]
            payload = frames.payload(i)
            if link.scheme == "udp":
                src = (_neighbour(link), 40000 + number)
                self._out.write(udp_record(Datagram(rx_ns=rx_ns, src=src, dst=(link.host, link.port), payload=payload)))
                continue
            call = self._calls.get(number)
            if call is None:
                ends = (link.host, link.port), (_neighbour(link), 40000 + number)
                server, client = ends if link.scheme == "tcp" else ends[::-1]
                call = self._calls[number] = TcpConversation(client=client, server=server)
            self._out.write(call.send(rx_ns, payload, from_server=link.scheme == "tcp"))

    def close(self, rx_ns: int) -> None:
        for number in sorted(self._calls):
            self._out.write(self._calls[number].close(rx_ns))


def _neighbour(link: LinkAddress) -> str:
    """Return the address of the other end: loopback for loopback, else one of the documentation range."""
    if ":" in link.host:
        return "::1" if link.host == "::1" else "2001:db8::1"
    return "127.0.0.1" if link.host.startswith("127.") else "192.0.2.1"
