"""What a rule is: its words, its numbers, and one function that looks at a step and says what it finds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final

INFORMATION: Final = 1
CAUTION: Final = 2
WARNING: Final = 3
ALARM: Final = 4

Key = tuple[str, str, int, int]
"""What makes two finds the same alert: rule, area, track number, second track number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One number of a rule, in SI, with the limits a person may set it within."""

    name: str
    usual: float
    meaning: str
    low: float = 0.0
    high: float = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """One thing a rule found in this step. ``key`` tells whether it is the alert of the step before."""

    rule: str
    area: str = ""
    track_no: int = 0
    other_no: int = 0
    severity: int = 0
    predicted_ns: int = 0
    predicted_sd_s: float = float("nan")
    lat_deg: float = float("nan")
    lon_deg: float = float("nan")
    reason: str = ""
    reason_fr: str = ""
    risk: float = float("nan")
    at_once: bool = False
    """Raised without waiting ``raise_s``: an event, not a state that may flicker."""

    def differs(self, other: Find) -> bool:
        """Return whether anything is told anew; what is absent in both (NaN) is the same."""
        mine, theirs = _VALUES(self), _VALUES(other)
        return any(a != b and not (a != a and b != b) for a, b in zip(mine, theirs, strict=True))  # noqa: PLR0124

    @property
    def key(self) -> Key:
        """Return rule, area and tracks."""
        return self.rule, self.area, self.track_no, self.other_no


_VALUES: Final = attrgetter(*(one.name for one in fields(Find)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. ``kinds``: the kinds of volume it usually applies to; ``scope``: ``track`` or ``system``.

    A find is raised when it has lasted ``raise_s`` and cleared when it has been absent ``clear_s``: parameters of
    every rule, as are ``escalate_s`` (unacknowledged so long, its severity rises by one; 0 never) and ``on``.
    """

    name: str
    title: str
    title_fr: str
    about: str
    severity: int
    find: Callable[[Any], list[Find]]
    """What looks at a step (``view.View``)."""
    params: tuple[Param, ...] = ()
    kinds: frozenset[str] = frozenset()
    scope: str = "track"
    when: str = "rows"
    """``rows``: where tracks are looked at or plots came; ``second``: at whole seconds; system rules: always."""
    raise_s: float = 2.0
    clear_s: float = 6.0
    escalate_s: float = 60.0
    usual_on: bool = True
    parameters: tuple[Param, ...] = field(init=False)
    usuals: dict[str, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        life = (
            Param(name="on", usual=float(self.usual_on), meaning="1 where the rule applies, 0 where not", high=1.0),
            Param(name="raise_s", usual=self.raise_s, meaning="a cause must last so long to be raised, s", high=3600.0),
            Param(name="clear_s", usual=self.clear_s, meaning="it must be gone so long to be cleared, s", high=3600.0),
            Param(name="escalate_s", usual=self.escalate_s, high=86_400.0,
                  meaning="unacknowledged so long, its severity rises by one; 0 never, s"),
            Param(name="severity", usual=float(self.severity), low=1.0, high=4.0,
                  meaning="1 information, 2 caution, 3 warning, 4 alarm"),
        )  # fmt: skip
        object.__setattr__(self, "parameters", life + self.params)
        object.__setattr__(self, "usuals", {p.name: p.usual for p in self.parameters})


Settings = dict[tuple[str, str, str], float]
"""Numbers that people set: (rule, area, parameter) -> value; area empty: everywhere."""


def usual(rule: Rule, name: str) -> float:
    """Return the value a parameter has where nobody set it."""
    return rule.usuals[name]


def setting(settings: Settings, rule: Rule, area: str, name: str) -> float:
    """Return a parameter's value: as set for the area, else for the rule, else the usual one."""
    if not settings:
        return rule.usuals[name]
    value = settings.get((rule.name, area, name)) if area else None
    if value is None:
        value = settings.get((rule.name, "", name))
    return usual(rule, name) if value is None else value
