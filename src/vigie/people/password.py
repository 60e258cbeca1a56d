"""Passwords: hashed with Argon2id, compared in the same time whether the account exists or not.

Source: RFC 9106 section 4 (second recommended option: 64 MiB, three passes), OWASP password storage cheat sheet.
"""

from __future__ import annotations

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vigie.terms.errors import UsageError

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 256
"""A longer text is refused before it is hashed: hashing megabytes would be a way to stop the server."""


class Passwords:
    """Hashes and checks passwords at one cost; 64 MiB and three passes are 0.1 to 0.3 s on a laptop's core."""

    def __init__(self, *, passes: int = 3, memory_kib: int = 65_536) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._nobody = ""

    def hash(self, password: str) -> str:
        """Return the hash of a new password.

        Raises
        ------
        UsageError
            When it is shorter than 12 or longer than 256 characters.
        """
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise UsageError(f"a password has {MIN_LENGTH} to {MAX_LENGTH} characters, this one has {len(password)}")
        return self._hasher.hash(_octets(password))

    def prepare(self) -> None:
        """Make the hash that nobody's password is compared with, so that the first unknown name takes no longer."""
        if not self._nobody:
            self._nobody = self._hasher.hash(secrets.token_urlsafe(24))

    def fits(self, password: str, held: str) -> bool:
        """Return whether ``password`` is the one of the hash ``held``; empty: nobody's, which takes as long."""
        if len(password) > MAX_LENGTH:
            return False
        try:
            self.prepare()
            return self._hasher.verify(held or self._nobody, _octets(password)) and bool(held)
        except (VerificationError, InvalidHashError):
            return False


def _octets(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def fresh_password() -> str:
    """Return a random password of 96 bits, in groups that a person can read aloud."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0, 1
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))
