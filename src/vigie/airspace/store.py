"""What is known of the airspace at one moment, and how a notice or a supervisor's switch changes it.

``State`` is never changed: a function takes one and returns the next. A volume counts when a switch says so, else when
a notice that names it says so, else by its own times. A notice with an outline of its own is a volume for its time.
Source: ICAO Annex 15, appendix 3; Doc 8126 (NOTAM code: second and third letters the subject, fourth and fifth the
condition).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from vigie.airspace.shapes import circle, clean_ring
from vigie.airspace.volume import Ring, Volume
from vigie.terms.levels import Level
from vigie.terms.messages import Notice, SetAside
from vigie.terms.units import NS_PER_S
from vigie.terms.windows import Window

MOST_NOTICES: Final = 50_000
_KIND_OF_SUBJECT: Final = {
    "RA": "R", "RD": "D", "RM": "MIL", "RO": "R", "RP": "P", "RR": "R", "RT": "R", "WU": "UAS",
    "AC": "CTR", "AD": "ADIZ", "AF": "FIR", "AT": "TMA", "AZ": "ATZ",
}  # fmt: skip
_CLOSING: Final = frozenset({"CD", "CN", "XX"})
"""Conditions that put an area out of use: deactivated, cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """All that is known: volumes by id, notices by number, and what a supervisor switched by hand."""

    volumes: Mapping[str, Volume] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    by_hand: Mapping[str, bool] = field(default_factory=dict)
    applied: int = 0
    set_aside: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Applied:
    """The next state and why the notice was set aside (None: it was not)."""

    state: State
    set_aside: SetAside | None = None


def state_of(volumes: Iterable[Volume]) -> State:
    """Return the state that knows these volumes; a later one of the same id replaces the earlier."""
    return State(volumes={v.id: v for v in volumes})


def apply(state: State, notice: Notice) -> Applied:
    """Return what is known after a notice. Never raises for what a notice says."""
    notices = dict(state.notices)
    if notice.kind in ("R", "C"):
        if notice.refers_to not in notices:
            if notice.kind == "C":
                return _aside(state, notice, "A", f"cancels {notice.refers_to or 'nothing'}, which is not known")
        else:
            del notices[notice.refers_to]
    if notice.kind == "C":
        return Applied(replace(state, notices=notices, applied=state.applied + 1))
    if notice.number in notices and notices[notice.number] == notice:
        return _aside(state, notice, "A", f"{notice.number} is known already")
    if len(notices) >= MOST_NOTICES:
        return _aside(state, notice, "A", f"more than {MOST_NOTICES:,} notices are known; forget old ones first")
    notices[notice.number] = notice
    return Applied(replace(state, notices=notices, applied=state.applied + 1))


def switch(state: State, volume_id: str, active: bool | None) -> Applied:
    """Return the state with one volume switched on or off by hand, or (None) left to its times again."""
    if volume_id not in state.volumes and volume_id not in {temporary_id(n) for n in state.notices}:
        return Applied(state, SetAside("area", "id", f"no area {volume_id!r} is known"))
    hand = {k: v for k, v in state.by_hand.items() if k != volume_id}
    if active is not None:
        hand[volume_id] = active
    return Applied(replace(state, by_hand=hand))


def put(state: State, volume: Volume) -> State:
    """Return the state with one volume new or replaced."""
    return replace(state, volumes={**state.volumes, volume.id: volume})


def temporary_id(number: str) -> str:
    """Return the id of the volume that a notice makes."""
    return f"NOTAM {number}"


def all_volumes(state: State) -> tuple[Volume, ...]:
    """Return every volume: those known, then one for each notice that has an outline and names no known volume."""
    made = [v for n in state.notices.values() if (v := temporary_volume(state, n)) is not None]
    return (*state.volumes.values(), *made)


def temporary_volume(state: State, notice: Notice) -> Volume | None:
    """Return the volume a notice makes of its own outline, None where it makes none."""
    subject, condition = notice.q_code[1:3], notice.q_code[3:5]
    if condition in _CLOSING or (subject[:1] not in ("R", "W") and subject not in _KIND_OF_SUBJECT):
        return None
    if named_volumes(state, notice):
        return None
    rings: tuple[Ring, ...] = tuple(r for r in map(clean_ring, notice.rings) if len(r) > 2)
    if not rings and notice.circle is not None:
        lon, lat, radius_m = notice.circle
        rings = (circle((lon, lat), radius_m),)
    if not rings:
        return None
    note = "outline from the Q line: the area of influence, not its exact edge. " if notice.circle_of_q else ""
    return Volume(
        id=temporary_id(notice.number), name=notice.number, kind=_KIND_OF_SUBJECT.get(subject, "ALERT"), rings=rings,
        floor=notice.floor, ceiling=notice.ceiling, times=notice.times, remarks=note + notice.body[:500],
        source=notice.source,
    )  # fmt: skip


def folded_volumes(state: State) -> tuple[Volume, ...]:
    """Return every volume with the times that notices give it, for whoever asks only ``Volume.active_at``.

    A notice that puts a named area out of use cannot be folded in: ``active_ids`` alone knows it.
    """
    more: dict[str, tuple[Window, ...]] = {}
    for notice in state.notices.values():
        if notice.q_code[3:5] not in _CLOSING:
            for volume_id in named_volumes(state, notice):
                more[volume_id] = (*more.get(volume_id, ()), *notice.times)
    return tuple(
        replace(v, times=(*(() if v.by_notice else v.times), *more[v.id]), by_notice=False)
        if v.id in more and (v.by_notice or v.times) else v
        for v in all_volumes(state)
    )  # fmt: skip


def named_volumes(state: State, notice: Notice) -> tuple[str, ...]:
    """Return the ids of known volumes that a notice names: by id, or by name in its words."""
    named = {_plain(a) for a in notice.areas} - {""}
    return tuple(i for i, v in state.volumes.items() if {_plain(v.id), _plain(v.name), _uuid(v)} & named)


def active_ids(state: State, volumes: Iterable[Volume], t_ns: int) -> tuple[bool, ...]:
    """Return for each volume whether it counts at ``t_ns``: by hand, else by notice, else by its own times."""
    opened: dict[str, bool] = {}
    for notice in state.notices.values():
        if not any(w.holds(t_ns, *_centre(notice)) for w in notice.times):
            continue
        closing = notice.q_code[3:5] in _CLOSING
        for volume_id in named_volumes(state, notice):
            opened[volume_id] = opened.get(volume_id, False) or not closing  # one that opens outweighs one that closes
    return tuple(state.by_hand.get(v.id, opened.get(v.id, v.active_at(t_ns))) for v in volumes)


def _centre(notice: Notice) -> tuple[float, float]:
    """Return latitude and longitude of where a notice is, for times that follow the sun."""
    lon, lat = notice.circle[:2] if notice.circle else notice.rings[0][0] if notice.rings else (0.0, 0.0)
    return lat, lon


def forget_old(state: State, now_ns: int) -> State:
    """Return the state without notices that ended more than a day ago."""
    kept = {
        k: n for k, n in state.notices.items() if n.to_ns < 0 or n.estimated or n.to_ns > now_ns - 86_400 * NS_PER_S
    }
    return state if len(kept) == len(state.notices) else replace(state, notices=kept)


def snapshot(state: State) -> dict[str, Any]:
    """Return the state as a tree of plain values."""
    return {
        "volumes": [asdict(v) for v in state.volumes.values()],
        "notices": [asdict(n) for n in state.notices.values()],
        "by_hand": dict(state.by_hand),
        "applied": state.applied,
        "set_aside": dict(state.set_aside),
    }


def restore(tree: Mapping[str, Any]) -> State:
    """Return the state that ``snapshot`` told, whatever its lists have become on the way."""
    volumes = [_made(Volume, row) for row in tree["volumes"]]
    notices = [_made(Notice, row) for row in tree["notices"]]
    return State(
        volumes={v.id: v for v in volumes}, notices={n.number: n for n in notices}, by_hand=dict(tree["by_hand"]),
        applied=tree["applied"], set_aside=dict(tree["set_aside"]),
    )  # fmt: skip


def _made(kind: type[Any], row: Mapping[str, Any]) -> Any:
    values = {k: _tuples(v) for k, v in row.items()}
    values["floor"], values["ceiling"] = Level(**row["floor"]), Level(**row["ceiling"])
    values["times"] = tuple(Window(**{k: _tuples(v) for k, v in w.items()}) for w in row["times"])
    return kind(**values)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(v) for v in value) if isinstance(value, (list, tuple)) else value


def _aside(state: State, notice: Notice, item: str, reason: str) -> Applied:
    counts = dict(state.set_aside)
    key = f"NOTAM {item}"
    counts[key] = counts.get(key, 0) + 1
    return Applied(replace(state, set_aside=counts), SetAside("NOTAM", item, reason, notice.text[:2000]))


def _uuid(volume: Volume) -> str:
    """Return the identifier that AIXM gives an area, empty where it has none."""
    return _plain(next((text for key, text in volume.extra if key == "uuid"), ""))


def _plain(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())
