"""Working positions: what a person sits at. Each is a set of acts and a layout of the screen, as data.

A role says what a person may do at all (``permissions.py``); a position narrows that to one task and lays the screen
out for it. A person changes position without leaving; the server holds them to both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from vigie.people.permissions import ACTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """One kind of seat: who may take it, what can be done there, and how its screen is laid out.

    ``panels`` are open at the start, in order; ``label`` names the fields of a track's data block; ``first`` is what
    the map shows before anything else.
    """

    id: str
    roles: frozenset[str]
    acts: frozenset[str]
    panels: tuple[str, ...]
    label: tuple[str, ...]
    first: str = "traffic"


_READS: Final = frozenset(act for act in ACTS if act.endswith(".read")) | {
    "server.ping", "session.enter", "session.leave", "session.end", "page.open", "password.change",
}  # fmt: skip


def _family(*names: str) -> frozenset[str]:
    return frozenset(act for act in ACTS if act.partition(".")[0] in names)


_TEAM: Final = _family("mark", "alert") | {"track.handover", "track.accept", "log.write", "act.confirm"}
_FULL: Final = ("identity", "level", "speed", "trust", "age")
_SHORT: Final = ("identity", "level", "speed")


def _position(id: str, roles: str, acts: frozenset[str], panels: str, label: tuple[str, ...], **more: str) -> Position:
    return Position(
        id=id, roles=frozenset(roles.split()), acts=_READS | (acts & frozenset(ACTS)), panels=tuple(panels.split()),
        label=label, **more,
    )  # fmt: skip


POSITIONS: Final[dict[str, Position]] = {
    p.id: p
    for p in (
        _position("surveillance", "operator supervisor", _TEAM | _family("track") - {"track.identify"},
                  "sensors tracks alerts log", _FULL),
        _position("identification", "operator supervisor", _TEAM | _family("track"),
                  "tracks plans alerts log", _FULL),
        _position("controller", "operator supervisor",
                  _TEAM | {"track.name", "track.couple", "code.assign", "code.release"},
                  "plans tracks alerts profile log", _SHORT),
        _position("supervisor", "supervisor", frozenset(ACTS) - {"account.edit", "key.edit", "release.edit"},
                  "alerts sensors tracks log", _FULL),
        _position("technician", "technician",
                  frozenset({"sensor.configure", "link.configure", "log.write", "log.read"}),
                  "sensors aside ledgers log", _SHORT, first="sensors"),
        _position("analyst", "auditor supervisor", frozenset({"replay.control", "log.read", "audit.read"}),
                  "time tracks alerts log", _FULL),
        _position("instructor", "trainer", frozenset({"exercise.control", "replay.control", "log.write"}),
                  "exercise tracks alerts sensors log", _FULL),
        _position("trainee", "operator", _TEAM | _family("track"), "tracks alerts sensors log", _FULL),
        _position("viewer", "viewer operator supervisor technician releaser trainer", frozenset(), "tracks", _SHORT),
    )
}  # fmt: skip
"""All positions by id, the most used first."""


def positions_of(role: str) -> tuple[Position, ...]:
    """Return the positions that ``role`` may take, the first one being where it begins."""
    found = [p for p in POSITIONS.values() if role in p.roles]
    # An operator begins at surveillance; a supervisor, a technician, an instructor at their own desk.
    return tuple(sorted(found, key=lambda p: p.id != role))


def permits(position: str, act: str) -> bool:
    """Return whether ``act`` can be done at ``position``; an empty position is none and narrows nothing."""
    if not position:
        return True
    held = POSITIONS.get(position)
    return held is not None and act in held.acts


def layout(position: Position) -> dict[str, Any]:
    """Return what the screen is told of a position."""
    return {
        "id": position.id, "panels": list(position.panels), "label": list(position.label), "first": position.first,
        "acts": sorted(position.acts),
    }  # fmt: skip
