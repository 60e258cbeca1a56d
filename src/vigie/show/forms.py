"""The few pages that a person meets before the display: plain HTML without a script, styled by ``forms.css``."""

from __future__ import annotations

from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from vigie.show.pagefiles import wanted_language
from vigie.terms.words import tr

_FRAME: Final = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"><title>{title}</title>'
    '<link rel="stylesheet" href="/login.css"><link rel="icon" href="data:,"></head><body><main><h1>Vigie</h1>'
    "<h2>{title}</h2>{body}</main></body></html>"
)


def login_page(request: Request, status: int, text: str = "", *, password: bool, provider: bool) -> Response:
    """Return the page that asks who it is; ``text`` says what went wrong before."""
    language = wanted_language(request)
    parts = [said(text)]
    if password:
        parts.append(
            '<form method="post" action="/login">'
            + _field("name", tr("Name", language), "text", "username", first=True)
            + _field("password", tr("Password", language), "password", "current-password")
            + _button(tr("Enter", language))
        )
    if provider:
        words = escape(tr("Sign in with the organisation's account", language))
        parts.append(f'<p><a class="button" href="/oidc/start">{words}</a></p>')
    return page_of(status, tr("Sign in", language), language, *parts)


def password_page(request: Request, status: int, text: str = "") -> Response:
    """Return the page on which a password is changed."""
    language = wanted_language(request)
    form = (
        '<form method="post" action="/password">'
        + _field("old", tr("Old password", language), "password", "current-password")
        + _field("new", tr("New password, at least 12 characters", language), "password", "new-password")
        + _field("again", tr("New password again", language), "password", "new-password")
        + _button(tr("Change", language))
    )
    return page_of(status, tr("Change the password", language), language, said(text), form)


def waiting_page(request: Request, seconds: int, to: str = "/login") -> Response:
    """Return the answer to who tries too often; ``to`` is where the page leads back to."""
    language = wanted_language(request)
    text = tr("Too many tries with this name from here. Try again in {seconds} s.", language).format(seconds=seconds)
    back = escape(tr("Back", language))
    page = page_of(429, tr("Sign in", language), language, said(text), f'<p><a href="{to}">{back}</a></p>')
    page.headers["Retry-After"] = str(seconds)
    return page


def page_of(status: int, title: str, language: str, *parts: str) -> Response:
    """Return a page of the frame that all forms share."""
    return HTMLResponse(_FRAME.format(language=language, title=escape(title), body="".join(parts)), status)


def said(text: str) -> str:
    """Return a sentence of ours in a frame, nothing for no sentence."""
    return f'<p class="said" role="alert">{escape(text)}</p>' if text else ""


def _button(words: str) -> str:
    return f'<button type="submit">{escape(words)}</button></form>'


def _field(name: str, words: str, kind: str, fill: str, *, first: bool = False) -> str:
    here = " autofocus" if first else ""
    return (
        f'<label>{escape(words)}<input name="{name}" type="{kind}" autocomplete="{fill}" required maxlength="256"'
        f"{here}></label>"
    )
