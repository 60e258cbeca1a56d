"""The list of what was set aside, as the technician's page gets it: what, where, why, and what to do about it.

The core's entries come as they are (``app/aside.py``); what the links' own lists of senders refused and which TLS
handshakes failed is added here. ``do`` names an advice, whose words the page has in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

ADVICE: Final[dict[str, str]] = {
    # the edition that the sensor sends is another than the one it is read by
    **dict.fromkeys(("bad_fspec", "bad_item", "unknown_category", "unknown_edition", "edition_suspect"), "edition"),
    # the site file does not know who sends
    **dict.fromkeys(("unknown_sensor", "no_source", "no_link", "source_refused"), "site"),
    # octets were damaged or lost on their way
    **dict.fromkeys(
        ("block_truncated", "bad_length", "record_truncated", "trailing_bytes", "bad_crc", "bad_format", "bad_text",
         "buffer_limit", "ip_fragment", "cut_packet", "empty_datagram"), "line"),
    **dict.fromkeys(("illegal_time", "late"), "clock"),
    "simulated_refused": "simulated",
    **dict.fromkeys(("bad_value", "absurd_value", "bad_callsign", "no_position"), "sensor"),
    **dict.fromkeys(("not_udp", "unknown_link_type", "unknown_payload", "no_remote_id"), "capture"),
    # what the air and the sensors bring every day
    **dict.fromkeys(
        ("not_a_position", "unknown_address", "duplicate", "nogo", "outside_range", "tcp_control", "split_plot",
         "reflection", "second_time_around"), "nothing"),
    "not_finite": "track",
}  # fmt: skip
"""Reason -> what to do."""


def aside_json(entries: list[dict[str, Any]], status: Mapping[str, Any], now_ms: float) -> dict[str, Any]:
    """Return the entries newest first, each with its advice; those that say no time come last."""
    found = [{**entry, "do": "message" if entry["what"] == "act" else ADVICE.get(entry["reason"], "ask")}
             for entry in entries]  # fmt: skip
    found += [
        {"what": "datagrams", "reason": "source_refused", "link": link["number"], "count": link["refused"],
         "at_ms": None, "do": "site"}
        for link in status.get("links") or [] if link.get("refused")
    ]  # fmt: skip
    found += [
        {"what": "connection", "why": reason, "count": count, "at_ms": None, "do": "tls"}
        for reason, count in (status.get("tls_refused") or {}).items()
    ]
    return {"now_ms": now_ms, "entries": found}
