"""The rules, each in its own file; the order here is the order in which they look."""

from __future__ import annotations

from typing import Final

from vigie.watch.rule import Rule
from vigie.watch.rules import (
    apw,
    crossing,
    drone,
    emergency,
    flight,
    formation,
    health,
    loitering,
    lost,
    low_slow,
    msaw,
    site_approach,
    stca,
    transponder,
    trust,
    unauthorised,
)

RULES: Final[tuple[Rule, ...]] = (
    *emergency.RULES, *stca.RULES, *apw.RULES, *crossing.RULES, *unauthorised.RULES, *flight.RULES, *lost.RULES,
    *msaw.RULES, *low_slow.RULES, *loitering.RULES, *formation.RULES, *drone.RULES, *site_approach.RULES,
    *transponder.RULES, *trust.RULES, *health.RULES,
)  # fmt: skip
