"""What is on a link or in a file: senders, categories, probable editions, rotation, clock offset, addresses.

The same rooms as the pipeline do the work: ``decode`` with discovery, ``monitor`` over what it found.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from vigie.decode.decoder import Decoder
from vigie.monitor.monitor import Monitor
from vigie.receive.sniff import sniff as link_facts
from vigie.sensors.link import LinkAddress
from vigie.sensors.site import Sensor, Site, make_site, sensor_defaults
from vigie.terms.batch import FORMAT_ASTERIX, FORMAT_REMOTEID, FORMATS, Frames, no_frames
from vigie.terms.tables import HEALTH, PLOT, PLOT_KIND, REJECT, SERVICE, Rows
from vigie.terms.units import M_PER_NMI
from vigie.terms.utc import TICK_NS, iso, tick_at_or_after
from vigie.wire.asterix import spec
from vigie.wire.asterix.times import guess_editions

_SAMPLE_FRAMES: Final = 5_000
"""How many frames are decoded once more with each other edition; enough to meet every item a sender uses."""

_KIND_OF_CATEGORY: Final = {
    **dict.fromkeys((1, 2, 34, 48), "radar"), **dict.fromkeys((10, 19, 20), "mlat"), **dict.fromkeys((21, 23), "adsb"),
    **dict.fromkeys((4, 11, 32, 62, 63, 65), "external"), **dict.fromkeys((8, 9, 15, 16, 17, 18), "radar"),
    129: "remoteid", 205: "observer",
}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Sender:
    """One sender found: who, what it sends, and how it behaves."""

    id: int
    kind: str
    sac: int
    sic: int
    format: str
    categories: dict[str, int] = field(default_factory=dict)
    """Blocks of the sample by category."""
    editions: dict[str, str] = field(default_factory=dict)
    plots: int = 0
    addresses: int = 0
    rotation_s: float | None = None
    clock_offset_s: float | None = None
    max_range_nmi: float | None = None


@dataclass(slots=True, kw_only=True)
class Report:
    """What ``sniff`` says."""

    frames: int
    octets: int
    first: str
    last: str
    senders: list[Sender]
    rejected: dict[str, int]
    endpoints: dict[str, int]
    sources: dict[str, int]
    """Frames of the sample by who sent them."""
    trailer_bytes: int
    """Octets that a gateway adds behind the blocks of nearly every datagram."""


def sniff(chunks: Iterable[Frames], endpoints: dict[str, int]) -> Report:
    """Decode everything given with discovery, and say what was found; ``endpoints`` counts datagrams by address."""
    chunks = iter(chunks)
    head = next((frames for frames in chunks if len(frames)), no_frames())
    # With a wrong edition the rest of a block reads as noise, and noise as further senders: guess before decoding.
    asterix = head.rows[head.rows["format"] == FORMAT_ASTERIX]
    offsets, lengths = asterix["offset"].astype(np.int64), asterix["length"].astype(np.int32)
    decoder = Decoder(None, discover=True, editions=guess_editions(head.data, offsets, lengths))
    kept: list[Frames] = []
    plots, services = [PLOT.empty()], [SERVICE.empty()]
    first_ns = last_ns = 0
    frames_seen = 0
    for frames in itertools.chain((head,), chunks):
        if not len(frames):
            continue
        decoded = decoder.step(frames)
        plots.append(decoded.plots.copy())
        services.append(decoded.services.copy())
        if frames_seen < _SAMPLE_FRAMES:
            kept.append(Frames(frames.rows.copy(), frames.data.copy()))
        frames_seen += len(frames)
        first_ns = first_ns or int(frames.rows["rx_ns"][0])
        last_ns = max(last_ns, int(frames.rows["rx_ns"].max()))
    all_plots, all_services = np.concatenate(plots), np.concatenate(services)
    senders = [_sender(entry, all_plots) for entry in decoder.sensors_seen if entry[1] >= 0]
    streams = {entry[0] for entry in decoder.sensors_seen if entry[1] < 0} - {s.id for s in senders}
    senders += _streams(all_plots, streams, kept)
    rejected = _editions(senders, kept)
    if frames_seen > sum(len(frames) for frames in kept):
        rejected = dict(decoder.ledger.rejected)
    _behaviour(senders, all_plots, all_services, first_ns, last_ns)
    facts = link_facts(kept)
    for sender in senders:
        for category in sender.categories:
            key = (int(category), sender.sac, sender.sic)
            sender.categories[category] = sum(link.identities[key] for link in facts)
    return Report(
        frames=decoder.ledger.frames, octets=decoder.ledger.bytes, first=iso(first_ns), last=iso(last_ns),
        senders=senders, rejected=rejected, endpoints=endpoints,
        sources=dict(sum((link.sources for link in facts), Counter())),
        trailer_bytes=max((link.trailer_bytes for link in facts), default=0),
    )  # fmt: skip


def site_of(report: Report, *, name: str, lat_deg: float, lon_deg: float, link: LinkAddress | None) -> Site:
    """Return a site with one sensor for each sender found, all standing at one place until a person knows better."""
    sensors = []
    for sender in report.senders:
        values = sensor_defaults(sender.kind)
        if sender.rotation_s is not None:
            values["period_s"] = round(sender.rotation_s, 3)
        title = f"{sender.kind} {sender.sac}/{sender.sic}" if sender.sac >= 0 else f"{sender.kind} ({sender.format})"
        sensors.append(
            Sensor(
                id=sender.id, name=title, kind=sender.kind, lat_deg=lat_deg, lon_deg=lon_deg, sac=sender.sac,
                sic=sender.sic, link=link, editions=tuple(sorted((int(c), e) for c, e in sender.editions.items())),
                **values,
            )
        )  # fmt: skip
    return make_site(name=name, lat_deg=lat_deg, lon_deg=lon_deg, sensors=tuple(sensors))


def starter_site(report: Report, link: str, at: tuple[float, float] | None) -> str:
    """Return the text of a starter site file; what a person must still say is marked."""
    lat, lon = at if at is not None else (0.0, 0.0)
    todo = "" if at is not None else "  # put the true place here"
    lines = ["# Found by vigie sniff. Check every position, then: vigie check THIS-FILE", "", "[centre]",
             'name = "New centre"', f"lat_deg = {lat}{todo}", f"lon_deg = {lon}{todo}"]  # fmt: skip
    for sender in report.senders:
        lines += ["", "[[sensor]]", f"id = {sender.id}", f'name = "{sender.kind} {sender.sac}/{sender.sic}"',
                  f'kind = "{sender.kind}"']  # fmt: skip
        if sender.sac >= 0:
            lines += [f"sac = {sender.sac}", f"sic = {sender.sic}"]
        lines += [f"lat_deg = {lat}{todo}", f"lon_deg = {lon}{todo}", f"height_m = 0.0{todo}"]
        if sender.rotation_s is not None:
            lines.append(f"period_s = {sender.rotation_s:.3f}")
        if sender.max_range_nmi is not None:
            lines.append(f"max_range_nmi = {max(10.0, np.ceil(sender.max_range_nmi / 10) * 10):.1f}")
        lines.append(f'link = "{link}"')
        if report.trailer_bytes:
            lines.append(f"trailer_bytes = {report.trailer_bytes}")
        if sender.editions:
            pairs = ", ".join(f'"{c}" = "{e}"' for c, e in sorted(sender.editions.items(), key=lambda p: int(p[0])))
            lines.append(f"editions = {{ {pairs} }}")
    return "\n".join(lines) + "\n"


def _sender(entry: tuple[int, int, int, set[int]], plots: Rows) -> Sender:
    number, sac, sic, categories = entry
    mine = plots[plots["sensor_id"] == number]
    kind = next((_KIND_OF_CATEGORY[c] for c in sorted(categories) if c in _KIND_OF_CATEGORY), "radar")
    if kind == "mlat" and len(mine) and (mine["kind"] < PLOT_KIND["mode_s"]).mean() > 0.5:
        kind = "radar"  # a surface movement radar speaks the airport's category too
    sender = Sender(id=number, kind=kind, sac=sac, sic=sic, format="asterix")
    sender.categories = dict.fromkeys(map(str, sorted(categories)), 0)
    _count(sender, mine)
    return sender


def _streams(plots: Rows, numbers: set[int], kept: list[Frames]) -> list[Sender]:
    """Return the senders that are no ASTERIX: one for each further sensor id."""
    formats = {int(f) for frames in kept for f in np.unique(frames.rows["format"])} - {FORMAT_ASTERIX}
    names = {number: name for name, number in FORMATS.items()}
    found = []
    for number in sorted(numbers):
        mine = plots[plots["sensor_id"] == number]
        if (mine["kind"] == PLOT_KIND["remote_id"]).any() or (not len(mine) and FORMAT_REMOTEID in formats):
            sender = Sender(id=int(number), kind="remoteid", sac=-1, sic=-1, format="remoteid")
        else:
            left = formats - {FORMAT_REMOTEID}
            kind_of = names.get(min(left), "beast") if left else "beast"
            sender = Sender(id=int(number), kind="adsb", sac=-1, sic=-1, format=kind_of)
        _count(sender, mine)
        found.append(sender)
    return found


def _count(sender: Sender, mine: Rows) -> None:
    sender.plots = len(mine)
    names = "source_track_no" if sender.kind == "remoteid" else "icao24"
    sender.addresses = len(np.unique(mine[names][mine[names] > 0]))
    reach = mine["range_m"][np.isfinite(mine["range_m"])]
    if reach.size:
        sender.max_range_nmi = round(float(reach.max()) / M_PER_NMI, 1)


def _editions(senders: list[Sender], kept: list[Frames]) -> dict[str, int]:
    """Name, for each category, the newest edition that rejects the fewest records of the sample; return what is left.

    Returned are the records of the sample that even the best editions reject, by reason.
    """
    best_of: dict[int, str] = {}
    categories = sorted({int(c) for s in senders for c in s.categories})
    for category in categories:
        editions = list(spec.load(category).editions)
        failures = {}
        for edition in editions:
            trial = Decoder(None, discover=True, editions={category: edition})
            for frames in kept:
                trial.step(frames)
            failures[edition] = sum(trial.ledger.rejected.values())
        best = min(failures.values())
        chosen = best_of[category] = [e for e in editions if failures[e] == best][-1]
        for sender in senders:
            if str(category) in sender.categories:
                sender.editions[str(category)] = chosen
    final = Decoder(None, discover=True, editions=best_of)
    for frames in kept:
        final.step(frames)
    return dict(final.ledger.rejected)


def _behaviour(senders: list[Sender], plots: Rows, services: Rows, first_ns: int, last_ns: int) -> None:
    """Let the monitor watch the senders over the whole time."""
    if not senders:
        return
    sensors = tuple(
        Sensor(id=s.id, name=str(s.id), kind=s.kind, lat_deg=0.0, lon_deg=0.0, sac=s.sac, sic=s.sic,
               **sensor_defaults(s.kind) | {"delay_s": 0.0}) for s in senders
    )  # fmt: skip
    monitor = Monitor(make_site(name="sniff", lat_deg=0.0, lon_deg=0.0, sensors=sensors))
    plots, services = (rows[np.argsort(rows["rx_ns"], kind="stable")] for rows in (plots, services))
    ticks = np.arange(tick_at_or_after(first_ns), tick_at_or_after(last_ns) + 1, TICK_NS)
    plot_ends, service_ends = (np.searchsorted(rows["rx_ns"], ticks, side="right") for rows in (plots, services))
    health, p, s = HEALTH.empty(), 0, 0
    for now_ns, p_end, s_end in zip(ticks.tolist(), plot_ends.tolist(), service_ends.tolist(), strict=True):
        health = monitor.step(plots[p:p_end], services[s:s_end], REJECT.empty(), now_ns, now_ns)
        p, s = p_end, s_end
    by_id = {int(row["sensor_id"]): row for row in health}
    for sender in senders:
        row = by_id[sender.id]
        if np.isfinite(row["rotation_s"]) and sender.kind == "radar":
            sender.rotation_s = round(float(row["rotation_s"]), 3)
        if np.isfinite(row["clock_offset_s"]):
            sender.clock_offset_s = round(float(row["clock_offset_s"]), 3)


def words(report: Report) -> str:
    """Return the report as lines for people."""
    lines = [f"{report.frames} frames, {report.octets} octets, {report.first} to {report.last}"]
    for endpoint, count in sorted(report.endpoints.items(), key=lambda kv: -kv[1])[:20]:
        lines.append(f"  {endpoint}: {count} datagrams")
    if report.trailer_bytes:
        lines.append(f"every datagram ends with {report.trailer_bytes} octets that are no ASTERIX (trailer_bytes)")
    for s in report.senders:
        who = f"SAC/SIC {s.sac}/{s.sic}" if s.sac >= 0 else s.format
        lines.append(f"{who}: {s.kind}, {s.plots} plots, {s.addresses} addresses")
        if s.editions:
            lines.append("  " + ", ".join(f"CAT{int(c):03d} ed. {e}" for c, e in s.editions.items()))
        if s.rotation_s is not None:
            lines.append(f"  rotation {s.rotation_s:.3f} s")
        if s.clock_offset_s is not None:
            lines.append(f"  clock {s.clock_offset_s:+.1f} s against ours")
        if s.max_range_nmi is not None:
            lines.append(f"  farthest plot {s.max_range_nmi:.0f} NM")
    lines += [f"rejected {reason}: {n}" for reason, n in report.rejected.items()]
    return "\n".join(lines)


def as_json(report: Report) -> dict[str, Any]:
    """Return the report as plain data."""
    return {
        "frames": report.frames, "bytes": report.octets, "first": report.first, "last": report.last,
        "endpoints": report.endpoints, "sources": report.sources, "trailer_bytes": report.trailer_bytes,
        "rejected": report.rejected,
        "senders": [{name: getattr(s, name) for name in Sender.__slots__} for s in report.senders],
    }  # fmt: skip
