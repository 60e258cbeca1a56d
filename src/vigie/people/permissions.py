"""The one table of permissions: every route, message and act, and the roles that may use it. Deny by default.

Roles are those of the threat model (least first). A role name that is not listed, an act that is not listed, and any
pair that is not in the table are refused. Tests enumerate this table and the server's routes against each other.
"""

from __future__ import annotations

from typing import Final

NOBODY: Final = "nobody"
"""Who has shown no session: may enter with a key and ask whether the server lives, nothing else."""

UNCHANGED: Final = "unchanged"
"""Whose password is one that somebody else knows: may change it or leave, whatever the role of the account."""

ROLES: Final = ("viewer", "operator", "supervisor", "technician", "releaser", "auditor", "admin", "trainer", "service")

_EVERYONE: Final = frozenset({NOBODY, UNCHANGED, *ROLES})
_AT_A_SCREEN: Final = frozenset(ROLES) - {"service"}  # a service has a certificate and no screen
_SEES_THE_PICTURE: Final = frozenset(
    {"viewer", "operator", "supervisor", "technician", "releaser", "auditor", "trainer"}
)


_WORKS: Final = frozenset({"operator", "supervisor"})


def _only(*roles: str) -> frozenset[str]:
    return frozenset(roles)


ACTS: Final[dict[str, frozenset[str]]] = {
    # doors
    "server.ping": _EVERYONE,
    "session.enter": _EVERYONE,  # the key or the password decides
    "session.leave": _AT_A_SCREEN | {UNCHANGED},
    "password.change": _AT_A_SCREEN | {UNCHANGED},
    "session.read": _AT_A_SCREEN,  # one's own
    "session.end": _AT_A_SCREEN,  # one's own; those of others are ended by account.edit
    "page.open": _AT_A_SCREEN,
    # reading
    "picture.read": _SEES_THE_PICTURE,
    "site.read": _SEES_THE_PICTURE,  # with the sensors' places: an area without cover must be hatched for everyone
    "status.read": _SEES_THE_PICTURE | {"auditor", "admin"},
    "tables.read": _AT_A_SCREEN,
    "recording.read": _only("supervisor", "technician", "auditor"),
    "audit.read": _only("auditor"),
    "log.read": _only("supervisor", "technician", "auditor"),
    "account.read": _only("admin", "auditor"),
    # working on the picture
    "track.name": _WORKS,
    "track.identify": _WORKS,
    "track.radio": _WORKS,
    "track.couple": _WORKS,
    "track.start": _WORKS,
    "track.drop": _WORKS,
    "track.handover": _WORKS,
    "track.accept": _WORKS,
    "mark.place": _WORKS,
    "mark.remove": _WORKS,
    "log.write": _WORKS | {"technician", "trainer"},
    "alert.acknowledge": _WORKS,
    "alert.shelve": _WORKS,
    "act.confirm": _WORKS | {"releaser"},  # the second person; the confirmed act itself is asked for as well
    "code.assign": _WORKS,
    "code.release": _WORKS,
    "flight.message": _WORKS,
    "notice.message": _WORKS,
    "flight.list": _only("supervisor"),
    "area.edit": _only("supervisor"),
    "threshold.edit": _only("supervisor"),
    "sensor.use": _only("supervisor"),
    "registration.release": _only("supervisor"),
    "qnh.set": _only("supervisor"),
    # the machinery behind it
    "sensor.configure": _only("technician"),
    "link.configure": _only("technician"),
    "release.edit": _only("releaser"),
    "account.edit": _only("admin"),
    "key.edit": _only("admin"),
    # what is not live
    "replay.control": _only("operator", "supervisor", "auditor", "trainer"),
    "exercise.control": _only("trainer"),
}
"""Who may do what: act -> roles."""

ROUTES: Final[dict[tuple[str, str], str]] = {
    ("GET", "/healthz"): "server.ping",
    ("GET", "/enter"): "session.enter",
    ("GET", "/login"): "session.enter",
    ("GET", "/login.css"): "session.enter",
    ("POST", "/login"): "session.enter",
    ("POST", "/logout"): "session.leave",
    ("GET", "/password"): "password.change",
    ("POST", "/password"): "password.change",
    ("GET", "/account"): "session.read",
    ("POST", "/account"): "session.end",
    ("GET", "/accounts"): "account.read",
    ("POST", "/accounts"): "account.edit",
    ("GET", "/oidc/start"): "session.enter",
    ("GET", "/oidc/back"): "session.enter",
    ("GET", "/"): "page.open",
    ("GET", "/intake"): "page.open",
    ("POST", "/intake"): "page.open",  # each act is asked for by its own name
    ("GET", "/assets/{path:path}"): "page.open",
    ("GET", "/borders/{path:path}"): "page.open",
    ("GET", "/api/site"): "site.read",
    ("GET", "/api/areas"): "site.read",
    ("GET", "/api/cover"): "site.read",
    ("GET", "/api/maps"): "site.read",
    ("GET", "/api/maps/{sheet}/{z}/{x}/{y}"): "site.read",
    ("GET", "/api/status"): "status.read",
    ("GET", "/api/sensors/history"): "status.read",
    ("GET", "/api/aside"): "log.read",
    ("GET", "/api/tables"): "tables.read",
    ("GET", "/api/openapi.json"): "tables.read",
    ("GET", "/api/picture"): "picture.read",
    ("GET", "/api/tracks.geojson"): "picture.read",
    ("GET", "/data/aircraft.json"): "picture.read",
    ("GET", "/data/receiver.json"): "picture.read",
    ("GET", "/api/history/{question}"): "recording.read",
    ("POST", "/api/acts"): "page.open",  # each act is asked for by its own name
    ("GET", "/api/accounts"): "account.read",
    ("POST", "/api/accounts"): "account.edit",
    ("GET", "/api/audit"): "audit.read",
    ("WS", "/ws"): "picture.read",
}
"""The act that each route of the server is: (method, path) -> act. HEAD counts as GET."""

MESSAGES: Final[dict[str, str]] = {"have": "picture.read", "position": "picture.read"}
"""The act that each client message is; a message of type ``act`` names its own."""

SECOND_PERSON: Final[dict[str, str | tuple[str, ...]]] = {
    "sensor.use": "out",
    "registration.release": "beyond",
    "area.edit": ("off", "remove"),
    "threshold.edit": "",
    "release.edit": "",
}
"""Acts that reduce safety: act -> how its value begins when it does (empty: always). Another person must confirm."""


def needs_second(act: str, value: str) -> bool:
    """Return whether an act takes safety away, so that a second person has to confirm it."""
    begins = SECOND_PERSON.get(act)
    return begins is not None and value.startswith(begins)


def allowed(role: str, act: str) -> bool:
    """Return whether ``role`` may do ``act``: only if the table says so.

    ``service:PEER`` is the role ``service``. Unknown roles and unknown acts are refused.
    """
    return role.partition(":")[0] in ACTS.get(act, ()) if role.startswith("service:") else role in ACTS.get(act, ())


def allowed_acts(role: str) -> tuple[str, ...]:
    """Return what ``role`` may do, sorted: what a display offers. The server asks ``allowed`` all the same."""
    return tuple(sorted(act for act in ACTS if allowed(role, act)))
