"""Sessions: who is calling. Nothing here makes a secret or reads a clock; both are given.

Only digests of tokens are kept, and every comparison goes through all of them in constant time, so that neither a
memory dump nor a stop-watch gives a session away. Tokens of sessions that were closed are remembered for a while: one
that is shown again is a replay, and worth an entry in the audit chain.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from dataclasses import dataclass
from typing import Final

from vigie.people.permissions import ROLES
from vigie.terms.errors import UsageError

MAX_SESSIONS: Final = 256
"""Most sessions at a time; the one that expires first makes room for a new one."""
LIFE_S: Final = 12 * 3600.0
"""A watch of eight hours and its handover."""
MIN_SECRET: Final = 32
"""Fewest characters of a key or token: 128 bits written in hexadecimal."""
_REMEMBERED: Final = 1024
LOCAL: Final = -1


@dataclass(frozen=True, slots=True)
class User:
    """A person as the server knows them: a name for the log, a role for ``allowed``.

    ``version`` is the version of the account the session was opened with; LOCAL for who entered with the key that was
    printed at start, and for a name that an identity provider vouches for.
    """

    name: str
    role: str
    version: int = LOCAL


class Sessions:
    """The open sessions: of the one local user, entered with the key printed at start, and of people with accounts."""

    def __init__(self, key: str, user: User, *, life_s: float = LIFE_S, limit: int = MAX_SESSIONS) -> None:
        if len(key) < MIN_SECRET:
            raise UsageError(f"a session key has at least {MIN_SECRET} characters, this one has {len(key)}")
        _known_role(user)
        self._key = _digest(key)
        self._local = user
        self._life_s = life_s
        self._limit = limit
        self._open: dict[bytes, tuple[float, User]] = {}  # digest of the token -> when it expires, whose it is
        self._closed: deque[bytes] = deque(maxlen=_REMEMBERED)

    def __len__(self) -> int:
        """Return how many sessions are kept, expired ones included until their room is wanted."""
        return len(self._open)

    def enter(self, key: str, token: str, now_s: float) -> bool:
        """Open a session of the local user under ``token`` if ``key`` is right.

        ``token`` is fresh randomness of the caller, ``now_s`` any clock that never goes back.
        """
        if not hmac.compare_digest(_digest(key), self._key) or len(token) < MIN_SECRET:
            return False
        self.open(self._local, token, now_s)
        return True

    def open(self, user: User, token: str, now_s: float) -> None:
        """Open a session of somebody whose word was checked already."""
        _known_role(user)
        if len(token) < MIN_SECRET:
            raise UsageError(f"a session token has at least {MIN_SECRET} characters, this one has {len(token)}")
        self._open = {held: (until, who) for held, (until, who) in self._open.items() if until > now_s}
        while len(self._open) >= self._limit:
            del self._open[min(self._open, key=lambda held: self._open[held][0])]
        self._open[_digest(token)] = (now_s + self._life_s, user)

    def user(self, token: str, now_s: float) -> User | None:
        """Return whose session ``token`` is, or None: unknown, expired or left."""
        asked = _digest(token)
        found: User | None = None
        for held, (until, who) in self._open.items():
            if hmac.compare_digest(asked, held) and until > now_s:
                found = who
        return found

    def was_closed(self, token: str) -> bool:
        """Return whether ``token`` belonged to a session that was left or ended."""
        return _digest(token) in self._closed

    def leave(self, token: str) -> None:
        """Close the session; a replayed cookie is then nobody's."""
        digest = _digest(token)
        if self._open.pop(digest, None) is not None:
            self._closed.append(digest)

    def end_of(self, name: str) -> int:
        """Close every session of an account, as after a new password; return how many there were."""
        gone = [held for held, (_, who) in self._open.items() if who.name.lower() == name.lower()]
        for held in gone:
            del self._open[held]
            self._closed.append(held)
        return len(gone)


def _known_role(user: User) -> None:
    if user.role not in ROLES:
        raise UsageError(f"role {user.role!r} is not known; roles are {', '.join(ROLES)}")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
