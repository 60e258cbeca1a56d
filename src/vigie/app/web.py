"""The web process: the picture out, acts in. Nothing here knows a plot from a track."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import msgspec

from vigie.app.asking import Asking
from vigie.app.coverage import CoverLayer
from vigie.app.knowledge import knowledge_of
from vigie.app.logs import child_logging
from vigie.app.people import open_gate
from vigie.app.plan import ARCHIVE, Centre, Wires, quiet_child
from vigie.app.ring import Ring
from vigie.show.describe import Areas, no_areas, no_history, site_json
from vigie.show.hub import Hub
from vigie.show.maps import MapShelf
from vigie.show.messages import Outcome
from vigie.show.runner import Server, open_door
from vigie.show.server import make_app
from vigie.show.shade import Shade
from vigie.terms.batch import Act
from vigie.terms.errors import UsageError, VigieError
from vigie.terms.words import tr, use_language
from vigie.watch.kernels.ground import Terrain

log = logging.getLogger("vigie.web")
REPLAY_CONTROL = "replay.control"
_POLL_S = 0.25
_DURABLE_WITHIN_S = 10.0


def web_main(centre: Centre, wires: Wires, acts: Connection) -> None:
    """Serve the page until told to stop."""
    quiet_child()
    child_logging()
    use_language(centre.language)
    door = open_door(centre.host, centre.port)
    web = Web(centre, wires, acts)
    gate = open_gate(centre.site, centre.secret, centre.data_dir, accounts=centre.mode == "live", role=centre.role)
    known = knowledge_of(centre.known_text) if centre.known_text else None
    app = make_app(
        web.hub, site_json(centre.site), gate.keys, submit=web.submit, office=gate.office,
        sources=(web.bring, gate.keep_anchored), hosts=(centre.host, *centre.site.hosts),
        language=centre.site.language, areas=Areas(known.airspace).at if known else no_areas,
        cover=CoverLayer(centre.site).at,
        history=Asking(Path(centre.data_dir) / ARCHIVE).answer if centre.data_dir else no_history,
        maps=MapShelf(centre.site.maps, shade_of(known.terrain) if known else None),
    )  # fmt: skip
    server = Server(
        app, started=wires.ready.set, signals=False, tls=centre.site.tls,
        refused=lambda counts: web.hub.tell({"tls_refused": counts}),
    )  # fmt: skip
    threading.Thread(target=_stop_with, args=(wires, server), daemon=True).start()
    server.run(sockets=[door])
    web.close()


def shade_of(terrain: Terrain) -> Shade | None:
    """Return the shading of a ground, None where there is none."""
    held = terrain.heights_m
    if min(held.shape) < 2:
        return None
    return Shade(held, terrain.lat0_deg, terrain.lon0_deg, terrain.step_deg)


def _stop_with(wires: Wires, server: Server) -> None:
    wires.stop.wait()
    server.stop()


class Web:
    """Brings what the core and the front say to the hub, and takes people's acts to the front door."""

    def __init__(self, centre: Centre, wires: Wires, acts: Connection) -> None:
        self.hub = Hub({s.id: s.name for s in centre.site.sensors}, centre.language)
        self._centre = centre
        self._wires = wires
        self._acts = acts
        self._pictures = Ring(wires.pictures)
        self._news = Ring(wires.news)
        self._act_no = 0
        self._waiting: dict[int, asyncio.Future[None]] = {}

    async def bring(self, hub: Hub) -> None:
        """Take updates and news from the rings, each on a thread of its own, for as long as the server runs."""
        loop = asyncio.get_running_loop()
        hub.tell({"kernels": {"ready": False, "preparing": "", "done": 0, "of": 0}})
        for ring, take in ((self._pictures, hub.apply), (self._news, self._take_news)):
            threading.Thread(target=self._listen, args=(ring, take, loop), daemon=True).start()
        await asyncio.Event().wait()

    async def submit(self, act: Act) -> Outcome:
        """Send an act to the front door; it is durable when the recorder says so, or a replay has done it.

        Refusals are in English: who asked is told in their own language, which is not known here.
        """
        if (act.act == REPLAY_CONTROL) != (self._centre.mode == "replay"):
            if act.act == REPLAY_CONTROL:
                return Outcome(
                    "refused", tr("This centre is live: only a replay can be paused or set to a time.", "en")
                )
            return Outcome("refused", tr("A replay shows what was: nothing in it can be changed.", "en"))
        self._act_no += 1
        number = self._act_no
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = done
        fields = {name: getattr(act, name) for name in Act.__slots__}
        self._acts.send_bytes(msgspec.msgpack.encode({**fields, "seq": number}))
        return Outcome("accepted", then=self._durable(number, done))

    def close(self) -> None:
        """Let go of the rings."""
        self._pictures.close()
        self._news.close()

    async def _durable(self, number: int, done: asyncio.Future[None]) -> Outcome:
        try:
            await asyncio.wait_for(done, _DURABLE_WITHIN_S)
        except TimeoutError:
            return Outcome("refused", tr("The act was not recorded in time.", "en"))
        except VigieError as why:
            return Outcome("refused", str(why))
        finally:
            self._waiting.pop(number, None)
        return Outcome("durable")

    def _listen(self, ring: Ring, take: Callable[[bytes], None], loop: asyncio.AbstractEventLoop) -> None:
        while not self._wires.stop.is_set():
            message = ring.pop(_POLL_S)
            if message is not None and not loop.is_closed():
                loop.call_soon_threadsafe(take, message)

    def _take_news(self, message: bytes) -> None:
        news: dict[str, Any] = msgspec.json.decode(message)
        for number in news.pop("durable_acts"):
            waiting = self._waiting.get(number)
            if waiting is not None and not waiting.done():
                waiting.set_result(None)
        for number, why in news.pop("refused_acts"):
            waiting = self._waiting.get(number)
            if waiting is not None and not waiting.done():
                waiting.set_exception(UsageError(why))
        self.hub.tell(news)
