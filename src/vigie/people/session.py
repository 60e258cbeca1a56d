"""Sessions: who is calling. Nothing here makes a secret or reads a clock; both are given.

Only digests of tokens are kept, and every comparison goes through all of them in constant time, so that neither a
memory dump nor a stop-watch gives a session away.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

from vigie.people.permissions import ROLES
from vigie.terms.errors import UsageError

MAX_SESSIONS: Final = 64
"""Most sessions at a time; the one that expires first makes room for a new one."""
LIFE_S: Final = 12 * 3600.0
"""A watch of eight hours and its handover."""
MIN_SECRET: Final = 32
"""Fewest characters of a key or token: 128 bits written in hexadecimal."""


@dataclass(frozen=True, slots=True)
class User:
    """A person as the server knows them: a name for the log, a role for ``allowed``."""

    name: str
    role: str


class Sessions:
    """The open sessions of one local user, entered with the key that was printed at start."""

    def __init__(self, key: str, user: User, *, life_s: float = LIFE_S, limit: int = MAX_SESSIONS) -> None:
        if len(key) < MIN_SECRET:
            raise UsageError(f"a session key has at least {MIN_SECRET} characters, this one has {len(key)}")
        if user.role not in ROLES:
            raise UsageError(f"role {user.role!r} is not known; roles are {', '.join(ROLES)}")
        self._key = _digest(key)
        self._user = user
        self._life_s = life_s
        self._limit = limit
        self._open: dict[bytes, float] = {}  # digest of the token -> when it expires

    def __len__(self) -> int:
        """Return how many sessions are kept, expired ones included until their room is wanted."""
        return len(self._open)

    def enter(self, key: str, token: str, now_s: float) -> bool:
        """Open a session under ``token`` if ``key`` is right.

        ``token`` is fresh randomness of the caller, ``now_s`` any clock that never goes back.
        """
        if not hmac.compare_digest(_digest(key), self._key) or len(token) < MIN_SECRET:
            return False
        self._open = {held: until for held, until in self._open.items() if until > now_s}
        while len(self._open) >= self._limit:
            del self._open[min(self._open, key=self._open.__getitem__)]
        self._open[_digest(token)] = now_s + self._life_s
        return True

    def user(self, token: str, now_s: float) -> User | None:
        """Return whose session ``token`` is, or None: unknown, expired or left."""
        asked = _digest(token)
        found = False
        for held, until in self._open.items():
            found |= hmac.compare_digest(asked, held) and until > now_s
        return self._user if found else None

    def leave(self, token: str) -> None:
        """Close the session; a replayed cookie is then nobody's."""
        self._open.pop(_digest(token), None)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
