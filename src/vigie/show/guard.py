"""The guard before every route: who may be asked for (Host), who may ask (Origin), what a page may do (headers).

A web page of another origin must reach nothing here: a name that was rebound to 127.0.0.1 fails at Host, a foreign
page's socket or form fails at Origin, and the strict content security policy keeps our page from any other host.
Source: OWASP cheat sheets on DNS rebinding, cross-site WebSocket hijacking and content security policy.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_log = logging.getLogger("vigie.show")

LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

# blob: the map library's worker and the images it makes; data: its icons. Inline script and style stay forbidden.
POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "child-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would make browsers send forms with the origin "null", and nobody could sign in.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


class Guard:
    """ASGI middleware: refuses foreign hosts and origins, and puts the security headers on every answer."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = ()) -> None:
        self._app = app
        self._hosts = LOCAL_NAMES | {name.lower() for name in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 400 (Host) or 403 (Origin)."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] in {"http.response.start", "websocket.http.response.start"}:
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self._name(host) not in self._hosts or len(headers.getlist("host")) != 1:
            await self._refuse(scope, receive, send_guarded, 400, "This host name is not served here.")
            return
        asks = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
        if asks and not _same_origin(headers.getlist("origin"), host, scope["scheme"]):
            await self._refuse(scope, receive, send_guarded, 403, "A page of another origin may not ask this.")
            return
        await self._app(scope, receive, send_guarded)

    @staticmethod
    def _name(host: str) -> str:
        try:
            return (urlsplit(f"//{host}").hostname or "").lower()
        except ValueError:
            return ""

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
        _log.warning("refused %s: %s", scope["path"][:200].encode("unicode_escape").decode(), text)
        response = PlainTextResponse(text, status)
        if scope["type"] == "websocket" and "websocket.http.response" not in scope.get("extensions", {}):
            await send({"type": "websocket.close", "code": 1008})
            return
        await response(scope, receive, send)


def _same_origin(origins: list[str], host: str, scheme: str) -> bool:
    """Return whether exactly one Origin is given and it is the very host, port and scheme that was asked."""
    secure = scheme in {"https", "wss"}
    return origins == [f"{'https' if secure else 'http'}://{host}"]
