"""Every route and role as in the table; hosts, origins, headers, the cookie, and the page's files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.routing import Route, WebSocketRoute

from vigie.airspace.store import state_of
from vigie.airspace.volume import Volume
from vigie.people.permissions import NOBODY, ROLES, ROUTES, allowed
from vigie.sensors.maps import MapFile
from vigie.show.describe import Areas
from vigie.show.maps import MapShelf
from vigie.show.pagefiles import TYPES, preferred
from vigie.terms.tables import TABLES

from .live import KEY, app_for, in_loop, named_hub
from .mapfiles import png, write_pmtiles

MEETS = {"/login", "/logout", "/password", "/oidc/start", "/oidc/back", "/api/acts", "/intake", "/api/accounts",
         "/account", "/accounts"}  # fmt: skip
BASE = "http://127.0.0.1:8080"


def ask(method: str, path: str, role: str = "supervisor", *, enter: bool = True, page: Path = Path("/nonexistent"),
        headers: dict[str, str] | None = None, base: str = BASE) -> httpx.Response:  # fmt: skip
    async def go() -> httpx.Response:
        app = app_for(
            named_hub(), role, page=page, history=lambda question, params: '{"rows": []}', maps=shelf_beside(page)
        )
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
            if enter:
                await client.get("/enter", params={"key": KEY})
            return await client.request(method, base + path, headers=headers)

    return in_loop(go())


def shelf_beside(page: Path) -> MapShelf:
    """Return the map that the fixture ``page`` laid beside the page."""
    file = page.parent / "chart.pmtiles"
    shelf = MapShelf([MapFile(id="chart", title="Chart", file=str(file))] if file.is_file() else [])
    shelf.look()
    return shelf


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    (folder / "assets").mkdir()
    (folder / "borders").mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Vigie</title>", "utf-8")
    (folder / "assets" / "main-1234.js").write_text("export {};", "utf-8")
    (folder / "assets" / "main-1234.js.gz").write_bytes(gzip.compress(b"export {};"))
    (folder / "assets" / "odd.exe").write_bytes(b"MZ")
    (folder / "borders" / "world.json").write_text("{}", "utf-8")
    write_pmtiles(folder.parent / "chart.pmtiles", {(0, 0, 0): png((9, 9, 9))})
    (folder.parent / "secret.json").write_text('"out of reach"', "utf-8")
    return folder


def test_every_route_of_the_server_stands_in_the_table_and_the_other_way_round() -> None:
    found = set()
    for route in app_for(named_hub()).routes:
        if isinstance(route, WebSocketRoute):
            found.add(("WS", route.path))
        else:
            assert isinstance(route, Route)
            (method,) = (route.methods or set()) - {"HEAD"}
            found.add((method, route.path))
    assert found == set(ROUTES)


@pytest.mark.parametrize("role", [NOBODY, *(r for r in ROLES)])
@pytest.mark.parametrize(("method", "path"), sorted(key for key in ROUTES if key[0] != "WS"))
def test_each_role_gets_what_the_table_says(method: str, path: str, role: str, page: Path) -> None:
    concrete = {"/assets/{path:path}": "/assets/main-1234.js", "/borders/{path:path}": "/borders/world.json",
                "/api/maps/{sheet}/{z}/{x}/{y}": "/api/maps/chart/0/0/0"}  # fmt: skip
    for verb in (method, "HEAD") if method == "GET" else (method,):
        answer = ask(
            verb, concrete.get(path, path), role if role != NOBODY else "viewer", enter=role != NOBODY, page=page,
            headers={"Origin": BASE},
        )  # fmt: skip
        if path in MEETS:  # what comes behind the table is judged in test_show_doors.py and test_account_pages.py
            table_refusal = "This needs a session" in answer.text
            assert table_refusal is (not allowed(role, ROUTES[method, path])) or verb == "HEAD"
        elif path == "/enter":
            assert answer.status_code == 403  # allowed, but without a key
            assert "key" in answer.text or verb == "HEAD"
        elif allowed(role, ROUTES[method, path]):
            assert answer.status_code == 200
        else:
            assert answer.status_code == 403
            assert "Niamey" not in answer.text


@pytest.mark.parametrize(
    "path", ["/x", "/api", "/api/", "/api/site/", "/api/users", "/assets", "/ws", "/index.html", "//"]
)
@pytest.mark.parametrize("enter", [True, False])
def test_an_unknown_route_is_404_and_says_nothing(path: str, enter: bool) -> None:
    answer = ask("GET", path, enter=enter)
    assert answer.status_code in {404, 307}
    assert len(answer.text) < 20


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_nothing_is_changed_by_another_method(method: str) -> None:
    assert ask(method, "/api/site", headers={"Origin": BASE}).status_code == 405
    assert ask(method, "/api/site").status_code == 403  # no origin
    assert ask(method, "/api/site", headers={"Origin": "http://evil.example"}).status_code == 403


@pytest.mark.parametrize(
    ("host", "served"),
    [
        ("127.0.0.1:8080", True), ("localhost:8080", True), ("LOCALHOST", True), ("[::1]:8080", True),
        ("127.0.0.1", True), ("evil.example", False), ("evil.example:8080", False), ("127.0.0.1.evil.example", False),
        ("localhost.evil.example:8080", False), ("", False), ("[::1", False), ("127.0.0.1:8080@evil.example", False),
    ],
)  # fmt: skip
def test_only_our_names_are_served(host: str, served: bool) -> None:
    answer = ask("GET", "/healthz", enter=False, headers={"Host": host})
    assert answer.status_code == (200 if served else 400)


@pytest.mark.parametrize("path", ["/healthz", "/", "/nowhere", "/api/site", "/enter?key=wrong"])
def test_every_answer_carries_the_strict_headers(path: str) -> None:
    for enter in (True, False):
        headers = ask("GET", path, enter=enter).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
        assert not [v for v in policy.values() if "unsafe" in v or "http" in v or "*" in v]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers
        assert "no-" in headers["cache-control"]


def test_the_key_sets_a_strict_cookie_and_leads_to_the_page() -> None:
    answer = ask("GET", f"/enter?key={KEY}", enter=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    parts = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= parts
    assert KEY not in answer.headers["set-cookie"]


@pytest.mark.parametrize("query", ["", "?key=", "?key=x", f"?key={KEY[:-1]}", f"?kee={KEY}", "?key=%ff%00"])
def test_a_wrong_key_gets_no_cookie(query: str) -> None:
    answer = ask("GET", "/enter" + query, enter=False)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_page_and_its_files(page: Path) -> None:
    index = ask("GET", "/", page=page)
    assert index.headers["content-type"] == "text/html; charset=utf-8"
    assert index.headers["cache-control"] == "private, no-cache"
    script = ask("GET", "/assets/main-1234.js", page=page, headers={"Accept-Encoding": "br, gzip"})
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["content-encoding"] == "gzip"
    assert "immutable" in script.headers["cache-control"]
    assert script.text == "export {};"
    plain = ask("GET", "/assets/main-1234.js", page=page, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["etag"] != script.headers["etag"]
    again = ask(
        "GET", "/assets/main-1234.js", page=page,
        headers={"Accept-Encoding": "identity", "If-None-Match": plain.headers["etag"]},
    )  # fmt: skip
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["../secret.json", "..%2fsecret.json", "%2e%2e/secret.json", "../../secret.json", "/etc/passwd", "odd.exe",
     "none.js", "", "main-1234.js/", "%00.js", "..%5csecret.json"],
)  # fmt: skip
def test_no_other_file_is_reached(path: str, page: Path) -> None:
    for folder in ("assets", "borders"):
        answer = ask("GET", f"/{folder}/{path}", page=page)
        assert answer.status_code == 404
        assert "reach" not in answer.text


def test_types_do_not_depend_on_the_host() -> None:
    assert TYPES[".js"].startswith("text/javascript")
    assert TYPES[".wasm"] == "application/wasm"


@pytest.mark.parametrize(("language", "word"), [("fr-FR,fr;q=0.9,en;q=0.5", "make demo"), ("de", "make demo")])
def test_an_unbuilt_page_says_how_to_build_it(language: str, word: str) -> None:
    answer = ask("GET", "/", headers={"Accept-Language": language})
    assert answer.status_code == 503
    assert word in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("fr-CA,en;q=0.2", "fr"),
        ("de,ha;q=0.9,fr;q=0.5", "fr"),
        ("en-GB,fr", "en"),
        ("*", "en"),
    ],
)
def test_preferred_language(header: str, language: str) -> None:
    assert preferred(header) == language


def test_the_documents() -> None:
    site: dict[str, Any] = ask("GET", "/api/site").json()
    assert [s["name"] for s in site["sensors"]] == ["Niamey MSSR", "Agadez MSSR", "Zinder ADS-B"]
    assert [s["link"] for s in site["sensors"]] == [1, 2, 3]
    tables = ask("GET", "/api/tables").json()
    assert [t["name"] for t in tables] == list(TABLES)
    assert tables[1]["columns"][0] == {
        "name": "toa_ns", "type": "i8", "unit": "ns", "meaning": "time of applicability (UTC)", "source": ""
    }  # fmt: skip
    status = ask("GET", "/api/status").json()
    assert status["progress"] == 0
    assert status["show"]["clients"] == 0
    assert ask("GET", "/healthz", enter=False).json() == {"ok": True}


def test_areas_are_told_with_what_counts_at_the_pictures_time() -> None:
    ring = ((2.0, 13.0), (2.0, 14.0), (3.0, 14.0))
    always = Volume(id="A", name="A", kind="R", rings=(ring,))
    asleep = Volume(id="B", name="B", kind="R", rings=(ring,), by_notice=True)
    told = json.loads(Areas(state_of([always, asleep])).at(0))
    assert [(f["properties"]["id"], f["properties"]["active"]) for f in told["features"]] == [("A", True), ("B", False)]
    assert told["features"][0]["geometry"]["type"] == "Polygon"
    assert json.loads(ask("GET", "/api/areas").text)["features"] == []


def test_cover_is_asked_for_a_level_and_the_sensors_that_are_well() -> None:
    asked: list[tuple[frozenset[int], int]] = []

    def cover(well: frozenset[int], level_fl: int) -> str:
        asked.append((well, level_fl))
        return "{}"

    async def go() -> None:
        app = app_for(named_hub(), cover=cover)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
            await client.get("/enter", params={"key": KEY})
            for query in ("", "?fl=245", "?fl=99999", "?fl=x"):
                assert (await client.get(f"/api/cover{query}")).text == "{}"

    in_loop(go())
    assert asked == [(frozenset(), 100), (frozenset(), 245), (frozenset(), 600), (frozenset(), 0)]
