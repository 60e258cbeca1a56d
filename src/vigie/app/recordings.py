"""What the ``recording`` commands do: cut, merge, import, export. Sources and sinks around the pipeline."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import IO, Final

import numpy as np

from vigie import __version__
from vigie.app.files import TableFile
from vigie.app.inputs import batches_of
from vigie.app.known import known_from
from vigie.app.pipeline import State, step
from vigie.history.formats import csv_table, geojson, gpx, kml
from vigie.record.copy import check_new, write_recording
from vigie.record.heads import signer_of
from vigie.record.reader import Recording, open_recording
from vigie.sensors.site import Site, parse_site
from vigie.terms.batch import Batch, Frames
from vigie.terms.errors import UsageError
from vigie.terms.tables import PLOT, TRACK, TRACK_COASTING, TRACK_CONFIRMED, Rows
from vigie.wire.asterix.encode import blocks
from vigie.wire.asterix.plots import encode_plots
from vigie.wire.pcap import Datagram, TcpConversation, pcap_head, udp_record

FORMATS: Final = ("pcap", "parquet", "plots", "geojson", "kml", "gpx", "csv", "cat062")
_SUFFIXES: Final = {".pcap": "pcap", ".parquet": "parquet", ".geojson": "geojson", ".json": "geojson", ".kml": "kml",
                    ".gpx": "gpx", ".csv": "csv", ".ast": "cat062"}  # fmt: skip
_OUTPUT_NS: Final = 1_000_000_000


def cut(source: Path, to: Path, from_ns: int | None, until_ns: int | None) -> int:
    """Write the batches of a time range as a recording of its own; return how many."""
    recording = open_recording(source)
    rows = f"rows of {source.name}, head of its chain {_chain(recording)}"
    return copy(recording, recording.batches(from_ns, until_ns), to, f"cut: {rows}, by vigie {__version__}")


def copy(recording: Recording, batches: Iterable[Batch], to: Path, origin: str) -> int:
    """Write ``batches`` with the configuration of ``recording`` into ``to``."""
    held = recording.configuration
    return write_recording(to, batches, site_text=held.site_text, known_text=held.known_text, version=held.software,
                           origin=origin, signer=signer_of(to))  # fmt: skip


def _chain(recording: Recording) -> str:
    from vigie.record.segment import last_row

    newest = last_row(recording.segments[-1].path) if recording.segments else None
    return newest.chain.hex() if newest is not None else "empty"


def merge(sources: list[Path], to: Path) -> int:
    """Write several recordings of one centre as one; frames of one tick are put in their one order."""
    recordings = [open_recording(path) for path in sources]
    texts = {r.configuration.site_text for r in recordings}
    if len(texts) > 1:
        raise UsageError(f"{sources[0]} and {sources[-1]}: were made with different site files, their links "
                         "mean different sensors. Only recordings of one centre with one site.")  # fmt: skip
    origin = f"merged: {', '.join(p.name for p in sources)}, by vigie {__version__}"
    ordered = heapq.merge(*(r.batches() for r in recordings), key=lambda b: b.now_ns)
    return copy(recordings[0], _joined(ordered), to, origin)


def _joined(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Join batches of the same tick into one, its frames in order of (rx_ns, link, seq), each frame once."""
    for _, group in groupby(batches, lambda b: b.now_ns):
        same = list(group)
        if len(same) == 1:
            yield same[0]
            continue
        base = 0
        rows, data = [], []
        for batch in same:
            part = batch.frames.rows.copy()
            part["offset"] += base
            base += len(batch.frames.data)
            rows.append(part)
            data.append(batch.frames.data)
        joined, octets = np.concatenate(rows), np.concatenate(data)
        joined = joined[np.lexsort((joined["seq"], joined["link"], joined["rx_ns"]))]
        keep = np.ones(len(joined), bool)
        for i in range(1, len(joined)):  # the same frame in two overlapping recordings counts once
            a, b = joined[i - 1], joined[i]
            if all(a[c] == b[c] for c in ("rx_ns", "link", "seq", "length")):
                pa, pb, n = int(a["offset"]), int(b["offset"]), int(a["length"])
                keep[i] = octets[pa : pa + n].tobytes() != octets[pb : pb + n].tobytes()
        acts = tuple(dict.fromkeys(a for b in same for a in b.acts))
        events = tuple(dict.fromkeys(e for b in same for e in b.events))
        yield replace(same[0], frames=Frames(joined[keep], octets), acts=acts, events=events)


def import_captures(paths: list[Path], to: Path, *, site_text: str, known_text: str, form: str | None,
                    date: str | None) -> int:  # fmt: skip
    """Write capture files as a recording, as if they had been received; return the number of ticks."""
    origin = f"imported: {', '.join(p.name for p in paths)}, by vigie {__version__}"
    check_new(to)
    batches = batches_of(paths, form=form, date=date)
    return write_recording(to, batches, site_text=site_text, known_text=known_text, version=__version__, origin=origin,
                           signer=signer_of(to))  # fmt: skip


def format_of(path: Path, asked: str) -> str:
    """Return the export's format: the one asked for, else by the file's name."""
    found = asked or _SUFFIXES.get(path.suffix.lower(), "")
    if found not in FORMATS:
        raise UsageError(f"{path}: in which format? Give --as, one of {', '.join(FORMATS)}.")
    return found


def export(source: Path, to: Path, form: str, *, site: Site | None, from_ns: int | None, until_ns: int | None) -> int:
    """Write a recording in another format; return the number of packets or rows.

    Tracks are made by the pipeline from the recording's beginning, so that they are those that were shown then.
    """
    recording = open_recording(source)
    if form == "pcap":
        with _create(to) as out:
            return _pcap(recording, site or _site(recording, source), out, from_ns, until_ns)
    if form in ("parquet", "plots"):
        table, name = (TRACK, "tracks") if form == "parquet" else (PLOT, "plots")
        with TableFile(to, table) as file:
            for _, rows in outputs(recording, site, source, name, from_ns, until_ns):
                file.append(rows)
            return file.rows
    shown = [rows for _, rows in outputs(recording, site, source, "tracks", from_ns, until_ns) if len(rows)]
    rows = np.concatenate(shown) if shown else TRACK.empty()
    rows = rows[(rows["status"] == TRACK_CONFIRMED) | (rows["status"] == TRACK_COASTING)]
    with _create(to) as out:
        if form == "cat062":
            return cat062(rows, out)
        text = {"geojson": lambda: geojson(rows), "kml": lambda: kml(rows, source.name),
                "gpx": lambda: gpx(rows, source.name), "csv": lambda: csv_table(TRACK, rows)}[form]()  # fmt: skip
        for piece in text:
            out.write(piece.encode())
    return len(rows)


def outputs(
    recording: Recording, site: Site | None, source: Path, name: str, from_ns: int | None, until_ns: int | None
) -> Iterator[tuple[int, Rows]]:
    """Yield (now_ns, rows of one table) of a recording through the pipeline within a time range."""
    state = State(site or _site(recording, source), known=known_from(recording.configuration.known_text))
    for batch in recording.batches(until_ns=until_ns):
        out = step(state, batch)
        if from_ns is None or out.now_ns >= from_ns:
            yield out.now_ns, getattr(out, name)


def cat062(rows: Rows, out: IO[bytes]) -> int:
    """Write TRACK rows as blocks of ASTERIX category 62, one record a block; return the records."""
    for start in range(0, len(rows), 4096):
        part = rows[start : start + 4096]
        plots = PLOT.empty(len(part))
        for column in ("toa_ns", "lat_deg", "lon_deg", "geo_alt_m", "press_alt_m", "v_east_mps", "v_north_mps",
                       "climb_mps", "icao24", "mode3a", "callsign", "flags"):  # fmt: skip
            plots[column] = part[column]
        plots["toa_ns"] = part["now_ns"]  # the state is valid at the output time
        plots["source_track_no"] = part["track_no"] & 0xFFFF
        records, offsets = encode_plots(62, None, plots, sac=0, sic=0)
        octets, _ = blocks(62, records, offsets)
        out.write(octets.tobytes())
    return len(rows)


def _site(recording: Recording, source: Path) -> Site:
    text = recording.configuration.site_text
    if not text:
        raise UsageError(f"{source}: carries no site; give one with --site SITE.toml")
    return parse_site(text, file=str(source))


def _pcap(recording: Recording, site: Site, out: IO[bytes], from_ns: int | None, until_ns: int | None) -> int:
    """Write frames as packets: datagrams of UDP links to their address, streams as TCP conversations."""
    out.write(pcap_head())
    calls: dict[int, TcpConversation] = {}
    count = last_ns = 0
    for batch in recording.batches(from_ns, until_ns):
        for i, row in enumerate(batch.frames.rows):
            number, rx_ns = int(row["link"]), int(row["rx_ns"])
            link = site.links[number - 1] if 0 < number <= len(site.links) else None
            port = int(row["src_port"]) or 40_000 + number
            src = (_dotted(int(row["src_addr"])), port)
            payload, last_ns = batch.frames.payload(i), rx_ns
            count += 1
            if link is None or link.scheme not in ("tcp", "tcp-listen"):
                host = (
                    link.host if link is not None and link.scheme == "udp" and _is_address(link.host) else "192.0.2.2"
                )
                dst = (host, link.port if link is not None and link.port else 8600)
                out.write(udp_record(Datagram(rx_ns=rx_ns, src=src, dst=dst, payload=payload)))
                continue
            call = calls.setdefault(number, TcpConversation(client=("192.0.2.2", 40_000 + number),
                                                            server=(src[0], link.port)))  # fmt: skip
            out.write(call.send(rx_ns, payload))
    for number in sorted(calls):
        out.write(calls[number].close(last_ns))
    return count


def _dotted(address: int) -> str:
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0)) if address else "192.0.2.1"


def _is_address(host: str) -> bool:
    return all(part.isdigit() and int(part) < 256 for part in host.split(".")) and host.count(".") == 3


def _create(path: Path) -> IO[bytes]:
    try:
        return path.open("xb")
    except FileExistsError as why:
        raise UsageError(f"{path}: exists already; name another file, nothing is overwritten") from why
    except OSError as why:
        raise UsageError(f"{path}: cannot be written: {why.strerror}. Give a file in a folder that exists.") from why


__all__ = ["cat062", "copy", "cut", "export", "format_of", "import_captures", "merge", "outputs"]
