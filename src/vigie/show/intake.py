"""The form by which a person brings flight messages, notices and lists: a page without a script.

The text is cut at message or row boundaries into acts of a bounded size. Each act passes the desk like any other: role,
position, record. What the text holds that cannot be used is said at once, with its field; the core counts it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response

from vigie.flights import lists
from vigie.show.forms import page_of
from vigie.show.messages import MAX_LONG
from vigie.show.pagefiles import wanted_language
from vigie.terms.words import tr
from vigie.wire.flightplan.fixm import read_fixm
from vigie.wire.flightplan.reader import read_messages, split_messages
from vigie.wire.notam.reader import read_notices, split_notices

MAX_TEXT: Final = 262_144
MAX_PIECES: Final = 100
_LISTS: Final = {
    "permits": lists.read_permits, "register": lists.read_register, "known": lists.read_known,
    "repetitive": lists.read_repetitive,
}  # fmt: skip
KINDS: Final = ("flight.message", "notice.message", *_LISTS)


async def read_form(request: Request) -> tuple[str, str] | None:
    """Return what the text is and the text; None if the form is none of ours or too large."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > 3 * MAX_TEXT:
            return None
    try:
        fields = parse_qs(body.decode(), max_num_fields=4)
    except (UnicodeDecodeError, ValueError):
        return None
    what, text = fields.get("what", [""])[-1], fields.get("text", [""])[-1]
    return (what, text) if what in KINDS and text.strip() and len(text) <= MAX_TEXT else None


def acts_of(what: str, text: str) -> list[tuple[str, str, str]]:
    """Return (act, subject, value) of each piece of a text, none longer than an act may be but for one message."""
    if what == "flight.message":
        if text.lstrip().startswith("<"):
            return [(what, "", text)]
        return [(what, "", piece) for piece in _packed(p for _, _, p in split_messages(text))] or [(what, "", text)]
    if what == "notice.message":
        return [(what, "", piece) for piece in _packed(p for _, p in split_notices(text))]
    header, _, rows = text.strip().partition("\n")
    packed = _packed((row for row in rows.splitlines() if row.strip()), room=MAX_LONG - len(header) - 2)
    return [("flight.list", what, f"{header}\n{piece}") for piece in packed]


def _packed(parts: Iterator[str], *, room: int = MAX_LONG) -> list[str]:
    """Return parts joined by lines into as few pieces as their size allows."""
    pieces: list[str] = []
    for part in parts:
        if pieces and len(pieces[-1]) + len(part) + 1 <= room:
            pieces[-1] += "\n" + part
        else:
            pieces.append(part)
    return pieces


def set_aside_in(what: str, text: str) -> list[str]:
    """Return what of a text cannot be read, each with its line and field."""
    if what == "flight.message":
        read = read_fixm if text.lstrip().startswith("<") else read_messages
        return [f"{why.source}: {why}" for why in read(text.encode(), "text")[1]]
    if what == "notice.message":
        return [f"{why.source}: {why}" for why in read_notices(text, "text")[1]]
    return [str(problem) for problem in _LISTS[what](text, "text")[1]]


def intake_page(
    request: Request, status: int, lines: list[str] | None = None, *, what: str = "", text: str = ""
) -> Response:
    """Return the form; ``lines`` say what became of what was sent, ``what`` and ``text`` are shown again."""
    language = wanted_language(request)
    words = {
        "flight.message": tr("Flight messages (ICAO or FIXM)", language),
        "notice.message": tr("Notices (NOTAM)", language),
        "permits": tr("Permits (CSV)", language), "register": tr("Aircraft register (CSV)", language),
        "known": tr("Known aircraft (CSV)", language), "repetitive": tr("Repetitive plans (CSV)", language),
    }  # fmt: skip
    options = "".join(
        f'<option value="{k}"{" selected" if k == what else ""}>{escape(words[k])}</option>' for k in KINDS
    )
    title, what_is, send = tr("Bring flights and notices", language), tr("What it is", language), tr("Send", language)
    words_text, back = tr("Text", language), tr("Back", language)
    said = "".join(f"<p class='said' role='status'>{escape(line)}</p>" for line in (lines or [])[:50])
    form = (
        f'{said}<form method="post" action="/intake"><label>{escape(what_is)}'
        f'<select name="what">{options}</select></label><label>{escape(words_text)}'
        f'<textarea name="text" rows="16" cols="72" required maxlength="{MAX_TEXT}" spellcheck="false">{escape(text)}'
        f'</textarea></label><button type="submit">{escape(send)}</button></form>'
        f'<p><a href="/">{escape(back)}</a></p>'
    )
    return page_of(status, title, language, form)
