"""Sessions: who is calling. Nothing here makes a secret or reads a clock; both are given.

Only digests of tokens are kept, and every comparison goes through all of them in constant time, so that neither a
memory dump nor a stop-watch gives a session away. Tokens of sessions that were closed are remembered for a while: one
that is shown again is a replay, and worth an entry in the audit chain.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
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


@dataclass(slots=True)
class Opened:
    """An open session as its owner and an administrator see it; ``id`` names it and does not open it.

    Times are seconds of the clock that the caller gives; ``origin`` is where it was opened from.
    """

    id: str
    user: User
    origin: str
    opened_s: float
    used_s: float
    until_s: float


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
        self._open: dict[bytes, Opened] = {}  # digest of the token -> whose it is, since when and until when
        self._closed: deque[bytes] = deque(maxlen=_REMEMBERED)

    def __len__(self) -> int:
        """Return how many sessions are kept, expired ones included until their room is wanted."""
        return len(self._open)

    def enter(self, key: str, token: str, now_s: float, origin: str = "") -> bool:
        """Open a session of the local user under ``token`` if ``key`` is right.

        ``token`` is fresh randomness of the caller, ``now_s`` any clock that never goes back.
        """
        if not hmac.compare_digest(_digest(key), self._key) or len(token) < MIN_SECRET:
            return False
        self.open(self._local, token, now_s, origin)
        return True

    def open(self, user: User, token: str, now_s: float, origin: str = "") -> None:
        """Open a session of somebody whose word was checked already."""
        _known_role(user)
        if len(token) < MIN_SECRET:
            raise UsageError(f"a session token has at least {MIN_SECRET} characters, this one has {len(token)}")
        self._open = {digest: held for digest, held in self._open.items() if held.until_s > now_s}
        while len(self._open) >= self._limit:
            del self._open[min(self._open, key=lambda digest: self._open[digest].until_s)]
        digest = _digest(token)
        self._open[digest] = Opened(_id(digest), user, origin, now_s, now_s, now_s + self._life_s)

    def user(self, token: str, now_s: float) -> User | None:
        """Return whose session ``token`` is, or None: unknown, expired or left. Asking is a use of it."""
        asked = _digest(token)
        found: Opened | None = None
        for digest, held in self._open.items():
            if hmac.compare_digest(asked, digest) and held.until_s > now_s:
                found = held
        if found is None:
            return None
        found.used_s = now_s
        return found.user

    def opened(self, now_s: float, user: User | None = None) -> list[Opened]:
        """Return the open sessions, of all people or of ``user``, the one used last first."""
        listed = [
            replace(held) for held in self._open.values()
            if held.until_s > now_s and (user is None or _same(held.user, user))
        ]  # fmt: skip
        return sorted(listed, key=lambda held: held.used_s, reverse=True)

    def id_of(self, token: str) -> str:
        """Return the name of the session that ``token`` opens, as ``opened`` gives it."""
        return _id(_digest(token))

    def end(self, id: str, user: User) -> bool:
        """Close one session of ``user`` by its name; return whether there was one. Those of others are left alone."""
        return self._close(lambda held: held.id == id and _same(held.user, user)) == 1

    def end_others(self, token: str, user: User) -> int:
        """Close every session of ``user`` but the one of ``token``; return how many there were."""
        kept = self.id_of(token)
        return self._close(lambda held: held.id != kept and _same(held.user, user))

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
        return self._close(lambda held: held.user.name.lower() == name.lower())

    def _close(self, wanted: Callable[[Opened], bool]) -> int:
        gone = [digest for digest, held in self._open.items() if wanted(held)]
        for digest in gone:
            del self._open[digest]
            self._closed.append(digest)
        return len(gone)


def _same(one: User, other: User) -> bool:
    """Return whether two sessions are of one person; a name with a password is another one than the same without."""
    return one.name.lower() == other.name.lower() and (one.version == LOCAL) == (other.version == LOCAL)


def _known_role(user: User) -> None:
    if user.role not in ROLES:
        raise UsageError(f"role {user.role!r} is not known; roles are {', '.join(ROLES)}")


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _id(digest: bytes) -> str:
    return hashlib.sha256(b"session" + digest).hexdigest()[:16]
