"""The HTML of "My account" and of the list of accounts: tables and small forms, no script; all text is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from vigie.people.accounts import Account
from vigie.people.permissions import ROLES, allowed
from vigie.people.positions import positions_of
from vigie.people.session import LOCAL, Opened, User
from vigie.show.forms import page_of, said
from vigie.show.pagefiles import wanted_language
from vigie.terms.utc import iso
from vigie.terms.words import tr

OTHERS: Final = "others"
"""What the form sends in place of a session's name to end all but the one that asks."""
GIVEN: Final = tuple(role for role in ROLES if role != "service")
"""The roles an account may have."""


def role_words(role: str, language: str) -> str:
    """Return the name of a role in words."""
    words = {
        "viewer": tr("viewer", language), "operator": tr("operator", language),
        "supervisor": tr("supervisor", language), "technician": tr("technician", language),
        "releaser": tr("releaser", language), "auditor": tr("auditor", language),
        "admin": tr("administrator", language), "trainer": tr("instructor", language),
    }  # fmt: skip
    return words.get(role, role)


def position_words(position: str, language: str) -> str:
    """Return the name of a working position in words."""
    words = {
        "surveillance": tr("surveillance", language), "identification": tr("identification", language),
        "controller": tr("airspace control", language), "supervisor": tr("supervisor", language),
        "technician": tr("technician", language), "analyst": tr("analyst", language),
        "instructor": tr("instructor", language), "trainee": tr("trainee", language),
        "viewer": tr("viewer", language),
    }  # fmt: skip
    return words.get(position, position)


def account_page(
    request: Request, status: int, user: User, sessions: list[Opened], own: str, now_s: float, now_ns: int,
    text: str = "",
) -> Response:  # fmt: skip
    """Return "My account": who it is, what may be done, the open sessions; ``own`` names the one that asks.

    ``now_s`` is the sessions' clock and ``now_ns`` the same instant in UTC.
    """
    language = wanted_language(request)
    seats = ", ".join(position_words(p.id, language) for p in positions_of(user.role))
    entered = (
        tr("without an account: the address printed at start, or the identity provider", language)
        if user.version == LOCAL else tr("with an account of this centre", language)
    )  # fmt: skip
    facts = (
        (tr("Name", language), user.name), (tr("Role", language), role_words(user.role, language)),
        (tr("Positions", language), seats or tr("none: this role sees no picture", language)),
        (tr("Came in", language), entered),
    )  # fmt: skip
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return page_of(
        status, tr("My account", language), language, said(text), f"<dl>{listed}</dl>",
        _own_sessions(sessions, own, now_s, now_ns, language), _ways(user, language),
    )  # fmt: skip


def _own_sessions(sessions: list[Opened], own: str, now_s: float, now_ns: int, language: str) -> str:
    heads = (tr("Opened", language), tr("Last used", language), tr("From", language), tr("End", language))
    end, this = tr("End", language), tr("this session", language)
    rows = ""
    for held in sessions:
        opened = _when(held.opened_s, now_s, now_ns)
        named = escape(tr("End the session opened {when} from {place}", language).format(when=opened, place=_at(held)))
        mark = f" <strong>({escape(this)})</strong>" if held.id == own else ""
        rows += _row(
            escape(opened) + mark, escape(_when(held.used_s, now_s, now_ns)), escape(_at(held)),
            _form("/account", {"end": held.id}, end, named),
        )  # fmt: skip
    others = tr("End all other sessions", language)
    return (
        _table(tr("My open sessions", language), heads, rows)
        + (_form("/account", {"end": OTHERS}, others, escape(others)) if len(sessions) > 1 else "")
    )  # fmt: skip


def _ways(user: User, language: str) -> str:
    links = []
    if user.version != LOCAL:
        links.append(("/password", tr("Change the password; this ends all other sessions", language)))
    if allowed(user.role, "account.read"):
        links.append(("/accounts", tr("All accounts", language)))
    if allowed(user.role, "picture.read"):
        links.append(("/", tr("Back to the display", language)))
    listed = "".join(f'<li><a href="{to}">{escape(words)}</a></li>' for to, words in links)
    leave = tr("Leave", language)
    return f"<ul>{listed}</ul>" + _form("/logout", {}, leave, escape(leave))


def accounts_page(
    request: Request, status: int, user: User, accounts: list[Account], sessions: list[Opened],
    waits: dict[str, list[tuple[str, int, float]]], now_s: float, now_ns: int, *, text: str = "", secret: str = "",
) -> Response:  # fmt: skip
    """Return the list of accounts with what holds each back and its sessions; who may edit gets the forms.

    ``waits`` are the tries that must wait, by account name; ``secret`` is a fresh password, shown this once.
    """
    language, edits = wanted_language(request), allowed(user.role, "account.edit")
    heads = [tr("Name", language), tr("Role", language), tr("State", language), tr("Sessions", language)]
    heads += [tr("Change", language)] if edits else []
    rows = ""
    for account in accounts:
        mine = [s for s in sessions if s.user.version != LOCAL and s.user.name.lower() == account.name.lower()]
        state = "; ".join(_state(account, waits.get(account.name, []), language))
        cells = [
            f"<b>{escape(account.name)}</b>", escape(role_words(account.role, language)), escape(state),
            _sessions_of(mine, now_s, now_ns, language),
        ]  # fmt: skip
        rows += _row(*cells, *([_changes(account, user, language)] if edits else []))
    strangers = [s for s in sessions if s.user.version == LOCAL]
    shown = f'<p class="secret"><output>{escape(secret)}</output></p>' if secret else ""
    back = tr("Back to my account", language)
    return page_of(
        status, tr("All accounts", language), language, said(text), shown,
        _table(tr("Accounts", language), heads, rows), _strangers(strangers, edits, now_s, now_ns, language),
        _add(language) if edits else "", f'<p><a href="/account">{escape(back)}</a></p>',
    )  # fmt: skip


def _state(account: Account, waits: list[tuple[str, int, float]], language: str) -> list[str]:
    state = [tr("closed", language) if account.disabled else tr("open", language)]
    if account.must_change:
        state.append(tr("password to be changed", language))
    wait = tr("waits {seconds} s after {failures} wrong passwords from {place}", language)
    return state + [wait.format(seconds=round(s), failures=n, place=place or "?") for place, n, s in waits]


def _sessions_of(sessions: list[Opened], now_s: float, now_ns: int, language: str) -> str:
    if not sessions:
        return escape(tr("none", language))
    line = tr("since {opened} from {place}, last used {used}", language)
    return "<br>".join(
        escape(line.format(opened=_when(s.opened_s, now_s, now_ns), place=_at(s), used=_when(s.used_s, now_s, now_ns)))
        for s in sessions
    )


def _changes(account: Account, user: User, language: str) -> str:
    name, own = account.name, account.name.lower() == user.name.lower()
    offered = [("password", tr("New password", language)), ("sessions", tr("End sessions", language))]
    if not own:
        offered.append(("enable", tr("Open", language)) if account.disabled else ("disable", tr("Close", language)))
    forms = "".join(
        _form("/accounts", {"do": do, "name": name}, words, escape(f"{words}: {name}")) for do, words in offered
    )
    if own:
        return forms
    role, give = tr("Role", language), escape(tr("Give", language))
    label = escape(f"{role}: {name}")
    return (
        f'{forms}<form method="post" action="/accounts" class="line"><input type="hidden" name="do" value="role">'
        f'<input type="hidden" name="name" value="{escape(name)}"><select name="role" aria-label="{label}">'
        f'{_options(account.role, language)}</select><button type="submit" aria-label="{give} {label}">{give}</button>'
        "</form>"
    )


def _strangers(sessions: list[Opened], edits: bool, now_s: float, now_ns: int, language: str) -> str:
    if not sessions:
        return ""
    by_name: dict[str, list[Opened]] = {}
    for held in sessions:
        by_name.setdefault(held.user.name, []).append(held)
    end = tr("End sessions", language)
    rows = "".join(
        _row(
            f"<b>{escape(name)}</b>", escape(role_words(held[0].user.role, language)),
            _sessions_of(held, now_s, now_ns, language),
            *([_form("/accounts", {"do": "sessions", "name": name}, end, escape(f"{end}: {name}"))] if edits else []),
        )
        for name, held in by_name.items()
    )  # fmt: skip
    heads = [tr("Name", language), tr("Role", language), tr("Sessions", language)]
    heads += [tr("Change", language)] if edits else []
    return _table(tr("Sessions without an account of this centre", language), heads, rows)


def _add(language: str) -> str:
    title, name, role = tr("New account", language), tr("Name", language), tr("Role", language)
    make = tr("Make", language)
    return (
        f'<h3>{escape(title)}</h3><form method="post" action="/accounts" class="line">'
        f'<input type="hidden" name="do" value="add"><label>{escape(name)}<input name="name" required maxlength="64" '
        f'autocomplete="off" spellcheck="false"></label><label>{escape(role)}<select name="role">'
        f'{_options("operator", language)}</select></label><button type="submit">{escape(make)}'
        "</button></form>"
    )


def _options(chosen: str, language: str) -> str:
    return "".join(
        f'<option value="{role}"{" selected" if role == chosen else ""}>{escape(role_words(role, language))}</option>'
        for role in GIVEN
    )


def _form(action: str, fields: dict[str, str], words: str, label: str) -> str:
    """Return a form of one button; ``label``, escaped, is what a screen reader says."""
    hidden = "".join(f'<input type="hidden" name="{k}" value="{escape(v)}">' for k, v in fields.items())
    return (
        f'<form method="post" action="{action}" class="line">{hidden}'
        f'<button type="submit" aria-label="{label}">{escape(words)}</button></form>'
    )


def _table(caption: str, heads: Iterable[str], rows: str) -> str:
    headed = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{headed}</tr></thead><tbody>{rows}</tbody></table>"


def _row(*cells: str) -> str:
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _when(then_s: float, now_s: float, now_ns: int) -> str:
    """Return an instant of the sessions' clock as UTC to the second."""
    return iso(now_ns - round((now_s - then_s) * 1e9))[:19].replace("T", " ") + " UTC"


def _at(held: Opened) -> str:
    return held.origin or "?"
