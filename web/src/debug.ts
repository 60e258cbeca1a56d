/** `window.vigie`: what the display is doing, for tests and for the technician at the browser's console. Read only. */
import type { App } from "./app";
import { nearest } from "./labels/labels";
import type { Ground } from "./map/base";
import { screenX, screenY } from "./map/mercator";
import type { Overlay } from "./map/overlay";
import { nameOf } from "./picture/words";
import { sounded } from "./tools/sound";

export interface VigieDebug {
  /** Version and heartbeat of the picture shown. */
  readonly version: number;
  readonly progress: number;
  readonly nowMs: number;
  readonly stale: boolean;
  /** Tracks held, symbols drawn, tracks in view, labels drawn, labels that found no place, plots drawn, plots received. */
  readonly tracks: number;
  readonly symbols: number;
  readonly inView: number;
  readonly labels: number;
  readonly crowdedOut: number;
  readonly plots: number;
  readonly plotsReceived: number;
  /** Sensors whose range is hatched. */
  readonly hatched: number;
  /** Cover: null where the centre computes none, else places that were lost and that no sensor reaches. */
  readonly cover: { readonly lost: number; readonly gap: number } | null;
  /** Layers of the operator's maps that are drawn. */
  readonly maps: readonly string[];
  /** Place names of those maps that found room, as the tiles call them. */
  readonly mapNames: readonly string[];
  /** Areas on the map, and those of them that count now. */
  readonly areas: { readonly all: number; readonly active: number };
  /** Lines of all ellipses, dots of positions to come, lines of the weather. */
  readonly ellipses: number;
  readonly ahead: number;
  readonly weather: number;
  /** Whether the fine coasts and borders have been asked for. */
  readonly fineBorders: boolean;
  /** Frames that deck.gl drew. */
  readonly frames: number;
  /** Script time of the page's thread per picture (ms) and of the last layout in its worker. */
  readonly scriptMs: { readonly mean: number; readonly total: number; readonly updates: number };
  readonly layoutMs: number;
  readonly zoom: number;
  /** Tracks hidden by the filter, open alerts, measures, lines of the sketch, and how often a sound was asked for. */
  readonly hidden: number;
  readonly alerts: number;
  readonly measures: readonly string[];
  readonly sketched: number;
  readonly sounds: number;
  /** Category (255: none yet) and trust of a track. */
  who(trackNo: number): { category: number; trust: number } | null;
  /** Track numbers held. */
  numbers(): number[];
  /** What a track is called on the screen; null if it is not held. */
  name(trackNo: number): string | null;
  /** Where a track's symbol is, in pixels of the map. */
  at(trackNo: number): { x: number; y: number } | null;
  /** Where a track's label is (upper left corner and size), null where it has none. */
  labelBox(trackNo: number): { x: number; y: number; w: number; h: number } | null;
}

declare global {
  interface Window {
    vigie: VigieDebug;
  }
}

export function publish(
  app: App, ground: Ground, overlay: Overlay, script: { totalMs: number; updates: number },
): void {
  const { store } = app;
  const at = (no: number): { x: number; y: number } | null => {
    const slot = store.tracks.slotOf(no);
    if (slot < 0) return null;
    const camera = ground.camera();
    return {
      x: screenX(camera, nearest(store.tracks.mercator[2 * slot], camera.x)),
      y: screenY(camera, store.tracks.mercator[2 * slot + 1]),
    };
  };
  window.vigie = {
    get version() { return store.version; },
    get progress() { return store.progress; },
    get nowMs() { return store.nowMs; },
    get stale() { return app.stale.get().stale; },
    get tracks() { return store.tracks.count; },
    get symbols() { return overlay.symbolsDrawn; },
    get inView() { return overlay.labels.inView; },
    get labels() { return overlay.labelsDrawn; },
    get crowdedOut() { return overlay.labels.crowdedOut; },
    get plots() { return overlay.plotsDrawn; },
    get plotsReceived() { return store.plots.total; },
    get hatched() { return ground.hatchedCount(); },
    get cover() { return ground.coverState(); },
    get areas() { return ground.areas.counts(); },
    get mapNames() { return ground.sheets.names(); },
    get maps() { return ground.sheets.drawn(); },
    get ellipses() { return overlay.ellipsesDrawn; },
    get ahead() { return overlay.aheadDrawn; },
    get weather() { return store.weather.count; },
    get fineBorders() { return ground.fine; },
    get frames() { return overlay.frames; },
    get scriptMs() {
      const total = script.totalMs + overlay.drawMs;
      return { mean: total / Math.max(1, script.updates), total, updates: script.updates };
    },
    get layoutMs() { return overlay.labels.layoutMs; },
    get zoom() { return ground.map.getZoom(); },
    get hidden() { return app.hidden.get(); },
    get alerts() { return store.alerts.open.size; },
    get measures() { return overlay.sketch.texts.map((text) => text.text); },
    get sketched() { return overlay.sketch.data().length; },
    get sounds() { return sounded.count; },
    who(no) {
      const slot = store.tracks.slotOf(no);
      return slot < 0 ? null : { category: store.tracks.category[slot], trust: store.tracks.trust[slot] };
    },
    numbers: () => Array.from(store.tracks.trackNo.subarray(0, store.tracks.count)),
    name: (no) => (store.tracks.slotOf(no) < 0 ? null : nameOf(store.tracks, store.tracks.slotOf(no))),
    at,
    labelBox(no) {
      const symbol = at(no);
      const box = overlay.labelBox(no);
      return box === null || symbol === null ? null : { x: symbol.x + box.x, y: symbol.y + box.y, w: box.w, h: box.h };
    },
  };
}
