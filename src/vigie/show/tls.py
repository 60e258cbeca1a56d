"""TLS of the page's port: 1.2 or newer with forward secrecy, and a word for each handshake that fails.

asyncio drops a failed handshake without a sound. Here each is counted by the reason that OpenSSL gives (plain text, a
protocol that is too old, a peer that does not trust the certificate), logged when its count doubles, so that a scanner
cannot fill the log, and told to who wants to show it. Source: RFC 9325 (recommendations for TLS), sections 3 and 4.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from typing import Any, Final

_log = logging.getLogger("vigie.show")

MAX_REASONS: Final = 50
_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2; those of 1.3 are all good

Told = Callable[[dict[str, int]], None]
"""Takes the failed handshakes since the start, by reason."""


def nobody_told(_: dict[str, int]) -> None:
    """Show nothing."""


class _Context(ssl.SSLContext):
    """A server's context that counts what it refuses."""

    refused: dict[str, int]
    told: Told

    def note(self, why: ssl.SSLError) -> None:
        """Count one failed handshake, and say so the first time, the second, the fourth, and so on."""
        reason = str(why.reason or type(why).__name__)
        if reason not in self.refused and len(self.refused) >= MAX_REASONS:
            reason = "other"
        count = self.refused[reason] = self.refused.get(reason, 0) + 1
        if count & (count - 1) == 0:
            _log.warning("TLS: a connection was refused: %s (%d times since the start)", reason, count)
        self.told(dict(self.refused))


class _Handshake(ssl.SSLObject):
    def do_handshake(self) -> None:
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise  # it goes on when more octets have come
        except ssl.SSLError as why:
            context: Any = self.context
            context.note(why)
            raise


def server_context(certificate: str, key: str, told: Told = nobody_told) -> ssl.SSLContext:
    """Return the context of the page's port; OSError or ssl.SSLError if the files cannot be used."""
    context = _Context(ssl.PROTOCOL_TLS_SERVER)
    context.refused, context.told = {}, told
    context.sslobject_class = _Handshake
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.load_cert_chain(certificate, key)
    return context
