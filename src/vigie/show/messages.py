"""The text messages of the protocol: what a client may say, and what it is told besides pictures."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from vigie.terms.batch import Act
from vigie.terms.errors import WireError
from vigie.terms.words import tr

MAX_MESSAGE: Final = 16_384
"""Longest message a client may send, in octets."""
MAX_LONG: Final = 12_000
_LONG_ACTS: Final = frozenset({"flight.message", "notice.message", "flight.list"})
"""Acts whose value is a text as it came from elsewhere: a plan with a long field 18, a notice, rows of a list."""
_LIMITS: Final = {"act": 64, "subject": 200, "value": 2_000, "reason": 2_000}


class Have(msgspec.Struct, tag="have", tag_field="type", frozen=True):
    """The client has applied the picture of this version (0: it wants the full one)."""

    version: int


class Sit(msgspec.Struct, tag="position", tag_field="type", frozen=True):
    """The person takes a position (empty: none); what it does not allow is refused from now on."""

    position: str


class ActMessage(msgspec.Struct, tag="act", tag_field="type", frozen=True):
    """A person did something; ``ref`` comes back with the answer."""

    act: str
    ref: int
    subject: str = ""
    value: str = ""
    reason: str = ""

    def too_long(self) -> str:
        """Return the name of the first text beyond its limit, or an empty text."""
        limits = {**_LIMITS, "value": MAX_LONG} if self.act in _LONG_ACTS else _LIMITS
        return next((name for name, limit in limits.items() if len(getattr(self, name)) > limit), "")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act: refused, waiting for a second person, accepted, or durable.

    ``then`` brings the next state where one will follow.
    """

    state: Literal["refused", "waiting", "accepted", "durable"]
    text: str = ""
    then: Awaitable[Outcome] | None = None

    def said(self, language: str) -> str:
        """Return the text in the language of who asked, where it is one of ours and not said in it already."""
        return tr(self.text, language) if self.text else ""  # an empty text is a catalogue's own head


Submit = Callable[[Act], Awaitable[Outcome]]
"""Takes a person's act to the front door. Its ``seq`` and ``rx_ns`` are 0: the door stamps them."""

_CLIENT: Final[msgspec.json.Decoder[Have | Sit | ActMessage]] = msgspec.json.Decoder(Have | Sit | ActMessage)


def read_client(text: str) -> Have | Sit | ActMessage:
    """Return what a client said; WireError for anything that the protocol does not know."""
    try:
        return _CLIENT.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as why:
        raise WireError(f"message not understood: {why}") from why


def say(kind: str, **fields: Any) -> str:
    """Return one text message of the server."""
    return msgspec.json.encode({"type": kind, **fields}).decode()
