"""Ledgers: every input is accounted for, and a ledger that does not balance is itself an alarm.

``records == decoded + sum(rejected)`` in ``decode``; ``plots == associated + started + held + filtered + shed +
in_flight`` in ``track``. Reasons come from one fixed, documented list; "other" would be a bug.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

REASONS: Final[tuple[str, ...]] = (
    "none",
    # ASTERIX
    "block_truncated",  # the block says more octets than are present
    "bad_length",  # a length that cannot be (block under 3 octets, Mode S frame of the wrong size)
    "record_truncated",  # a record runs past the end of its block
    "bad_fspec",  # field specification longer than the category's table, or naming a spare field
    "bad_item",  # an item's extent, repetition or length octet cannot be right
    "trailing_bytes",  # octets after the last block of a frame
    "unknown_category",  # no table for the category
    "unknown_edition",  # the site file pins an edition we have no table for
    "unknown_sensor",  # SAC/SIC (and category) of no configured sensor
    "illegal_time",  # time of day at or beyond 24 h
    "no_source",  # no data source identifier, and the link does not tell the sensor
    "simulated_refused",  # simulated or test data on a live site
    "edition_suspect",  # records that only another edition explains
    # Mode S and text feeds
    "bad_crc",
    "bad_format",  # a downlink format or line type that does not exist
    "bad_text",  # a line that is not what its feed promises
    "not_a_position",  # a message that is valid but says nothing of where or who
    "unknown_address",  # address known only by parity overlay, never seen in a clean frame
    "bad_value",  # NaN, infinite or out of range
    # containers
    "not_udp",
    "ip_fragment",
    "cut_packet",
    "unknown_link_type",
    "no_link",  # traffic for an address that no sensor of the site listens on
    # track
    "duplicate",
    "late",
    "absurd_value",
    "no_position",
    "nogo",
    "outside_range",
    "source_refused",  # the datagram's sender is not on the sensor's allow list
    "buffer_limit",  # a message longer than any legal one: the stream was resynchronised
    "bad_callsign",  # counted only: the record is kept and shown with a placeholder
    "unknown_payload",  # a datagram of a capture that is none of the formats we read
    "empty_datagram",  # a datagram without payload
    "tcp_control",  # a TCP segment without payload: handshake, acknowledgement, end
    # track: echoes of an aircraft that is tracked
    "split_plot",  # the extractor made two plots of one target
    "reflection",  # its reply by way of a surface: other direction, longer way
    "second_time_around",  # its reply to the pulse before: same direction, nearer
    "no_remote_id",  # a radio frame that carries no Remote ID
)

REASON: Final[dict[str, int]] = {name: number for number, name in enumerate(REASONS)}


@dataclass(slots=True)
class Ledger:
    """The decoder's account, as written by ``--ledger`` (interfaces: ledger)."""

    frames: int = 0
    bytes: int = 0
    records: int = 0
    decoded: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    filtered: dict[str, int] = field(default_factory=dict)
    by_category: dict[str, int] = field(default_factory=dict)

    def reject(self, reason: str, n: int = 1) -> None:
        """Count ``n`` records that were not decoded; the reason must be on the fixed list."""
        if n:
            assert reason in REASON, reason
            self.rejected[reason] = self.rejected.get(reason, 0) + n
            self.records += n

    def accept(self, n: int, category: str | None = None) -> None:
        """Count ``n`` decoded records, under their category where there is one."""
        if n:
            self.decoded += n
            self.records += n
            if category is not None:
                self.by_category[category] = self.by_category.get(category, 0) + n

    def filter(self, reason: str, n: int = 1) -> None:
        """Count ``n`` inputs that were set aside on purpose before they were records."""
        if n:
            assert reason in REASON, reason
            self.filtered[reason] = self.filtered.get(reason, 0) + n

    def count_rejects(self, reasons: Iterable[int]) -> None:
        """Count the ``reason`` column of REJECT rows."""
        numbers, counts = np.unique(np.fromiter(reasons, np.int64), return_counts=True)
        for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
            self.reject(REASONS[number], count)

    @property
    def balances(self) -> bool:
        """Whether every record is either decoded or rejected with a reason."""
        return self.records == self.decoded + sum(self.rejected.values())

    def as_json(self) -> dict[str, Any]:
        """The ledger as written to files and shown on the display."""
        return {
            "frames": self.frames,
            "bytes": self.bytes,
            "records": self.records,
            "decoded": self.decoded,
            "rejected": dict(sorted(self.rejected.items())),
            "filtered": dict(sorted(self.filtered.items())),
            "by_category": dict(sorted(self.by_category.items(), key=lambda kv: (len(kv[0]), kv[0]))),
        }


@dataclass(slots=True)
class TrackLedger:
    """The tracker's account: each plot counted once, at any instant."""

    plots: int = 0
    associated: int = 0
    started: int = 0
    held: int = 0
    filtered: dict[str, int] = field(default_factory=dict)
    shed: dict[str, int] = field(default_factory=dict)
    in_flight: int = 0

    def filter(self, reason: str, n: int = 1) -> None:
        """Count ``n`` plots that were set aside with a reason."""
        if n:
            assert reason in REASON, reason
            self.filtered[reason] = self.filtered.get(reason, 0) + n

    @property
    def balances(self) -> bool:
        """Whether every plot is accounted for."""
        kept = self.associated + self.started + self.held + self.in_flight
        return self.plots == kept + sum(self.filtered.values()) + sum(self.shed.values())

    def as_json(self) -> dict[str, Any]:
        """The ledger as shown on the display."""
        return {
            "plots": self.plots,
            "associated": self.associated,
            "started": self.started,
            "held": self.held,
            "filtered": dict(sorted(self.filtered.items())),
            "shed": dict(sorted(self.shed.items())),
            "in_flight": self.in_flight,
        }
