"""The built page's files: found safely, typed by our own list, sent compressed where a ``.gz`` lies beside.

The host's list of types is never asked: on some machines it calls JavaScript plain text, and nosniff then stops it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from vigie.terms.words import tr

TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".topojson": "application/json",
    ".map": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".pbf": "application/x-protobuf",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".txt": "text/plain; charset=utf-8",
}
UNCHANGING: Final = "private, max-age=31536000, immutable"  # the builder puts a hash of the content in these names
ASK_AGAIN: Final = "private, no-cache"


class PageFiles:
    """The folder that the web build wrote, or the explanation that it did not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def index(self, request: Request) -> Response:
        """Return the page itself, or a plain one that says how to build it."""
        found = self.file(request, "index.html", ASK_AGAIN)
        return found if found.status_code != 404 else plain_page(503, tr(
            "The page of the situation display is not built yet: run “make demo” once in the checkout, or install the "
            "wheel, which carries it.", wanted_language(request)))  # fmt: skip

    def file(self, request: Request, name: str, cache: str) -> Response:
        """Return one file of the folder, 304 if the browser has it, 404 for anything else."""
        odd = "\0" in name or name.endswith("/")
        path = self._folder if odd else (self._folder / name).resolve()
        kind = TYPES.get(path.suffix)
        if kind is None or not path.is_relative_to(self._folder) or not path.is_file():
            return Response(status_code=404)
        headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
        packed = path.with_name(path.name + ".gz")
        if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
            path = packed
            headers["Content-Encoding"] = "gzip"
        held = path.stat()
        headers["ETag"] = f'"{held.st_mtime_ns:x}-{held.st_size:x}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(path.read_bytes(), media_type=kind, headers={**headers, "Content-Type": kind})


def plain_page(status: int, sentence: str) -> Response:
    """Return a page of one sentence; ``sentence`` is ours, never a stranger's."""
    return HTMLResponse(
        "<!doctype html><html><head><meta charset=utf-8><title>Vigie</title></head>"
        f"<body><p>{sentence}</p></body></html>",
        status,
    )


def wanted_language(request: Request) -> str:
    """Return ``fr`` or ``en``: what the browser prefers of the two."""
    return preferred(request.headers.get("accept-language", ""))


def preferred(accept_language: str) -> str:
    """Return the first of ``fr`` and ``en`` in an Accept-Language header, ``en`` if it names neither."""
    for part in accept_language.lower().split(","):
        name = part.partition(";")[0].strip().partition("-")[0]
        if name in {"fr", "en"}:
            return name
    return "en"
