"""The front desk: takes people's acts, from the socket and from the API alike.

It asks the table of permissions, the position a person sits at, and, where an act takes safety away, a second person.
Every act and every refusal becomes an entry of the audit chain; what is allowed goes to the front door.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from vigie.people.permissions import allowed, needs_second
from vigie.people.positions import permits
from vigie.people.session import LOCAL, User
from vigie.show.board import read_mark
from vigie.show.messages import ActMessage, Outcome, Submit
from vigie.terms.batch import Act
from vigie.terms.errors import WireError
from vigie.terms.words import tr

_log = logging.getLogger("vigie.show")

PROPOSAL_LIFE_S: Final = 300.0
MAX_PROPOSALS: Final = 50
ALONE: Final = "(alone)"
"""What stands for the second person where a centre has no accounts and one local user is all there is."""


class Chain(Protocol):
    """What writes the audit chain."""

    def __call__(
        self, user: User | None, origin: str, act: str, *, subject: str = "", value: str = "", reason: str = "",
        outcome: str = "done", who: str = "",
    ) -> None:  # fmt: skip
        """Write one entry; ``who`` is a name that was only claimed."""


def no_chain(
    user: User | None, origin: str, act: str, *, subject: str = "", value: str = "", reason: str = "",
    outcome: str = "done", who: str = "",
) -> None:  # fmt: skip
    """Write nothing: for a server that has no folder to write to."""


@dataclass(frozen=True, slots=True)
class _Proposal:
    act: Act
    until_s: float


class Desk:
    """Judges acts; holds those that wait for a second person."""

    def __init__(
        self, submit: Submit | None, *, chain: Chain = no_chain, tell: Callable[[dict[str, Any]], None] | None = None
    ) -> None:
        self._submit = submit
        self._chain = chain
        self._tell = tell
        self._proposals: dict[int, _Proposal] = {}
        self._next = 1

    def take(self, user: User, position: str, origin: str, message: ActMessage, language: str) -> Outcome:
        """Return what becomes of an act: refused, waiting for a second person, or accepted with its way onward."""
        refusal = self._refusal(user, position, message, language)
        if refusal:
            _log.warning("refused act %s of %s (%s)", ascii(message.act), user.name, user.role)
            self._note(user, origin, message, refusal)
            return Outcome("refused", refusal)
        if message.act == "act.confirm":
            return self._confirm(user, origin, message, language)
        act = Act(
            seq=0, rx_ns=0, who=user.name, role=user.role, origin=origin, act=message.act, subject=message.subject,
            value=message.value, reason=message.reason,
        )  # fmt: skip
        if needs_second(act.act, act.value):
            if user.version != LOCAL:
                return self._propose(act, user, origin, message, language)
            act = replace(act, second=ALONE)
        self._note(user, origin, message)
        return self._send(act, language)

    def proposals(self) -> list[dict[str, Any]]:
        """Return what waits for a second person, for the status message."""
        return [
            {"id": number, "by": p.act.who, "act": p.act.act, "subject": p.act.subject, "value": p.act.value,
             "reason": p.act.reason}
            for number, p in self._proposals.items()
        ]  # fmt: skip

    def _refusal(self, user: User, position: str, message: ActMessage, language: str) -> str:
        long = message.too_long()
        if long:
            return tr("The text “{field}” is too long.", language).format(field=long)
        if not allowed(user.role, message.act):
            return tr("The role “{role}” does not allow this act.", language).format(role=user.role)
        if not permits(position, message.act):
            return tr("The position “{position}” does not allow this act.", language).format(position=position)
        if message.act == "mark.place":
            try:
                read_mark(message.value)
            except WireError as why:
                return str(why)
        return "" if self._submit is not None else tr("Nothing here takes acts.", language)

    def _propose(self, act: Act, user: User, origin: str, message: ActMessage, language: str) -> Outcome:
        self._expire()
        if len(self._proposals) >= MAX_PROPOSALS:
            return Outcome("refused", tr("Too many acts wait for a second person.", language))
        self._proposals[self._next] = _Proposal(act, time.monotonic() + PROPOSAL_LIFE_S)
        self._next += 1
        self._note(user, origin, message, "waits for a second person")
        self._told()
        asyncio.get_running_loop().call_later(PROPOSAL_LIFE_S + 1.0, self._expire)
        return Outcome("waiting", tr("This takes safety away: a second person has to confirm it.", language))

    def _confirm(self, user: User, origin: str, message: ActMessage, language: str) -> Outcome:
        self._expire()
        held = self._proposals.get(int(message.subject)) if message.subject.isdecimal() else None
        refusal = ""
        if held is None:
            refusal = tr("Nothing waits under this number any more.", language)
        elif held.act.who.lower() == user.name.lower():
            refusal = tr("The second person must be another one.", language)
        elif not allowed(user.role, held.act.act):
            refusal = tr("The role “{role}” does not allow this act.", language).format(role=user.role)
        if refusal or held is None:
            self._note(user, origin, message, refusal)
            return Outcome("refused", refusal)
        del self._proposals[int(message.subject)]
        self._told()
        self._chain(user, origin, "act.confirm", subject=held.act.act, value=held.act.value,
                    reason=f"{held.act.subject}; asked by {held.act.who}: {held.act.reason}")  # fmt: skip
        return self._send(replace(held.act, second=user.name), language)

    def _send(self, act: Act, language: str) -> Outcome:
        if self._submit is None:
            return Outcome("refused", tr("Nothing here takes acts.", language))
        return Outcome("accepted", then=self._submit(act))

    def _expire(self) -> None:
        now_s = time.monotonic()
        late = [number for number, p in self._proposals.items() if p.until_s <= now_s]
        for number in late:
            del self._proposals[number]
        if late:
            self._told()

    def _told(self) -> None:
        if self._tell is not None:
            self._tell({"proposals": self.proposals()})

    def _note(self, user: User, origin: str, message: ActMessage, refusal: str = "") -> None:
        self._chain(
            user, origin, message.act, subject=message.subject, value=message.value,
            reason=f"{message.reason} [{refusal}]" if refusal else message.reason,
            outcome="refused" if refusal and "waits" not in refusal else "done",
        )  # fmt: skip
