/** Where the display begins: the parts are made, joined and set going. Read link/, picture/, map/, panels/ in that order. */
import { render } from "preact";
import "./look/look.css";
import { Acts } from "./acts";
import type { App } from "./app";
import { publish } from "./debug";
import { onKeys } from "./keys";
import type { Picture } from "./link/decode";
import type { Hello, Status, TextMessage } from "./link/messages";
import { Link, type LinkState } from "./link/socket";
import type { Verdict } from "./link/watch";
import { palette, startTheme } from "./look/theme";
import { Value } from "./look/value";
import { Ground } from "./map/base";
import { CoverLayer } from "./map/cover";
import { Overlay, SHOWN_FIRST, type Shown } from "./map/overlay";
import { onPointer } from "./map/pointer";
import { drawn } from "./panels/Drawn";
import { Room } from "./panels/Room";
import { PictureStore } from "./picture/picture";
import { ALL, hide, type Filter } from "./tools/filter";
import { halted } from "./tools/replay";
import { loudness, sound } from "./tools/sound";
import { Toolbox } from "./tools/tools";
import { language, startWords, suggestLanguage, words } from "./words/words";

const LABEL_FONT = '"B612 Mono"';
const PANEL_EVERY_MS = 250;
const SHOWN = "vigie.shown";
const POSITION = "vigie.position";

async function start(): Promise<void> {
  startTheme();
  // The letters of the labels are drawn once into a texture: their font must be there before.
  await Promise.all([startWords(), document.fonts.load(`12px ${LABEL_FONT}`), document.fonts.load('12px "B612"')]);

  const mapElement = element("map");
  const store = new PictureStore();
  const ground = new Ground(mapElement, palette.get());
  const toolbox = new Toolbox((kind, points) => {
    // The text is asked for beside the map; the form waits in the panel until then.
    drawn.set({ kind, points });
  });
  const overlay = new Overlay(ground.map, store, palette.get(), LABEL_FONT, () => ground.camera(), toolbox);
  const script = { totalMs: 0, updates: 0 };

  const app: App = {
    store,
    hello: new Value<Hello | null>(null),
    status: new Value<Status | null>(null),
    link: new Value<{ state: LinkState; attempt: number }>({ state: "connecting", attempt: 0 }),
    stale: new Value<Verdict>({ stale: false, ageMs: 0 }),
    beat: new Value(0),
    selected: new Value(0),
    shown: new Value<Shown>(readShown()),
    metresPerPixel: new Value(0),
    pointer: new Value<readonly [number, number] | null>(null),
    fault: new Value(""),
    position: new Value(""),
    acts: new Acts((message) => link.send(message), () => words.t("acts.unsent")),
    toolbox,
    filter: new Value<Filter>(ALL),
    hidden: new Value(0),
    coverLevel: new Value(100),
    sheets: ground.sheets,
    help: new Value(false),
    sensorPage: new Value(0),
    counts: () => ({ labels: overlay.labelsDrawn, inView: overlay.labels.inView }),
    select(trackNo, centre) {
      app.selected.set(trackNo);
      const slot = store.tracks.slotOf(trackNo);
      if (centre && slot >= 0) ground.centre(store.tracks.lonLat[2 * slot], store.tracks.lonLat[2 * slot + 1]);
    },
    fit: () => ground.fit(),
    zoom: (step) => ground.zoomBy(step),
    may(act) {
      const hello = app.hello.get();
      const seat = hello?.positions.find((p) => p.id === app.position.get());
      return hello !== null && hello.user.acts.includes(act) && (seat === undefined || seat.acts.includes(act));
    },
    sit(position) {
      localStorage.setItem(POSITION, position);
      app.position.set(position);
      link.send({ type: "position", position });
    },
    view: (name) => ({ name, ...ground.place(), shown: app.shown.get(), filter: app.filter.get(), maps: ground.sheets.held() }),
    look(view) {
      ground.go(view.lon, view.lat, view.zoom);
      app.shown.set({ ...SHOWN_FIRST, ...view.shown });
      app.filter.set(view.filter);
      ground.sheets.choose(view.maps);
    },
  };

  const sift = (): void => {
    app.hidden.set(hide(store.tracks, app.filter.get(), (no) => no === app.selected.get() || store.alerts.tracks.has(no)));
  };
  app.filter.subscribe(() => {
    sift();
    overlay.arrange();
    overlay.refresh();
  });
  const sketched = (): void => overlay.refresh();
  toolbox.tool.subscribe((tool) => {
    mapElement.dataset["tool"] = tool;
    sketched();
  });
  toolbox.points.subscribe(sketched);
  toolbox.measures.subscribe(sketched);
  app.pointer.subscribe((at) => {
    overlay.pointer = at;
    if (toolbox.tool.get() !== "none") sketched();
  });

  app.selected.subscribe((no) => {
    toolbox.chosen(no);
    sift();
    overlay.selected = no;
    overlay.refresh();
    overlay.arrange();
  });
  app.shown.subscribe((shown) => {
    localStorage.setItem(SHOWN, JSON.stringify(shown));
    overlay.shown = shown;
    ground.showGaps(shown.cover);
    overlay.arrange();
    overlay.refresh();
  });
  overlay.shown = app.shown.get();
  ground.showGaps(overlay.shown.cover);
  const cover = new CoverLayer(app.coverLevel, (found) => ground.setCover(found));
  palette.subscribe((chosen) => {
    ground.setPalette(chosen);
    overlay.setPalette(chosen);
  });
  language.subscribe(() => mapElement.setAttribute("aria-label", words.t("map")));
  mapElement.setAttribute("aria-label", words.t("map"));

  const measure = (): void => app.metresPerPixel.set(ground.metresPerPixel());
  ground.map.on("move", measure);
  measure();

  const watch = new Worker(new URL("./link/watch.worker.ts", import.meta.url), { type: "module" });
  let verdict: Verdict = app.stale.get();
  let stood = false;
  // A replay that was stopped, or is over, is not stale: the picture says so itself. A cut line always is.
  const judge = (): void => {
    const stands = halted(app.status.get()) && app.link.get().state === "open";
    if (stood && !stands && app.link.get().state === "open") {
      verdict = { stale: false, ageMs: 0 };
      watch.postMessage("progress"); // from now on it is expected to move again
    }
    stood = stands;
    app.stale.set(stands ? { stale: false, ageMs: 0 } : verdict);
    document.documentElement.dataset["stale"] = String(app.stale.get().stale);
  };
  watch.onmessage = (event: MessageEvent<Verdict>) => {
    verdict = event.data;
    judge();
  };

  let healthShown = -1;
  let panelsDue = 0;
  const drawPanels = (): void => {
    if (panelsDue !== 0) return;
    panelsDue = window.setTimeout(() => {
      panelsDue = 0;
      app.beat.set(app.beat.get() + 1);
    }, PANEL_EVERY_MS);
  };

  let sounds: Record<string, string> = {};
  const take = (picture: Picture): boolean => {
    const begun = performance.now();
    if (!store.apply(picture)) return false;
    if (store.healthVersion !== healthShown) {
      healthShown = store.healthVersion;
      ground.setHealth(store.health);
      cover.setHealth(store.health);
    }
    const loud = loudness(store.raised, sounds);
    if (loud > 0) sound(loud);
    sift();
    overlay.update();
    drawPanels();
    // The heartbeat goes on only from here, after the last step: a step that throws, or a map that cannot be drawn,
    // leaves the picture stale.
    app.fault.set(overlay.fault);
    if (store.advanced(picture) && overlay.fault === "") watch.postMessage("progress");
    script.totalMs += performance.now() - begun;
    script.updates += 1;
    return true;
  };

  const hear = (message: TextMessage): void => {
    if (message.type === "hello") {
      app.hello.set(message);
      suggestLanguage(message.language);
      sounds = message.site.sounds ?? {};
      ground.setSite(message.site);
      overlay.setSite(message.site);
      takeSeat(app, message);
    } else if (message.type === "status") {
      app.status.set(message);
      ground.areas.set(message.airspace);
      ground.sheets.set(message.maps?.version);
      app.acts.refusedLater(message.refused ?? [], app.hello.get()?.user.name ?? "");
      judge();
      overlay.marksOnMap = message.board?.marks ?? [];
    } else app.acts.hear(message);
  };

  const link = new Link(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`, {
    picture: take,
    text: hear,
    state(state, attempt) {
      app.link.set({ state, attempt });
      judge();
      if (state === "closed") app.acts.cut();
    },
    fault: (text) => app.fault.set(text),
  });

  // A graphics driver may take its memory back after hours; a fresh page has a picture again within seconds.
  mapElement.addEventListener("webglcontextlost", () => location.reload(), { capture: true });

  render(<Room app={app} />, element("app"));
  onKeys(app, ground);
  onPointer(app, ground, mapElement);
  publish(app, ground, overlay, script);
  link.open();
}

/** Sit where the person sat last, if their role still allows it, else at the first seat the server offers. */
function takeSeat(app: App, hello: Hello): void {
  const seats = hello.positions.map((p) => p.id);
  const last = localStorage.getItem(POSITION);
  const seat = last !== null && seats.includes(last) ? last : seats.at(0);
  if (seat !== undefined) app.sit(seat);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

function readShown(): Shown {
  const shown: Shown = { ...SHOWN_FIRST };
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(SHOWN) ?? "{}");
    if (typeof stored === "object" && stored !== null) {
      for (const key of Object.keys(shown) as (keyof Shown)[]) {
        const value = (stored as Record<string, unknown>)[key];
        if (typeof value === "boolean") shown[key] = value;
      }
    }
  } catch (why) {
    if (!(why instanceof SyntaxError)) throw why;
    localStorage.removeItem(SHOWN); // written by another hand: begin anew
  }
  return shown;
}

void start();
