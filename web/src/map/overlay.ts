/**
 * What moves on the map: deck.gl layers fed with arrays straight from the store.
 *
 * refresh() rewrites the arrays after an update of the picture; the camera needs nothing from here (the graphics card
 * moves everything), except that labels are laid out anew.
 */
import type { Device, Texture } from "@luma.gl/core";
import type { Layer } from "@deck.gl/core";
import { LineLayer, ScatterplotLayer } from "@deck.gl/layers";
import { MapboxOverlay } from "@deck.gl/mapbox";
import type { Map as GroundMap } from "maplibre-gl";
import { Labels, nearest, WorkerLayouter, type FixedText } from "../labels/labels";
import { SpriteBuffer } from "../labels/spritebuffer";
import type { Mark, Site } from "../link/messages";
import type { Palette } from "../look/palette";
import { affiliationOf, isEmergency, phaseOf } from "../picture/identity";
import { OK, type PictureStore } from "../picture/picture";
import { PLOT_LIFE_MS } from "../picture/plots";
import { COASTING, TENTATIVE } from "../picture/tracks";
import { RING } from "../picture/trails";
import { EMERGENCY_PHASE, makeAtlas, type Atlas } from "./atlas";
import { writeAhead, writeEllipses, writeWeather } from "./ahead";
import { ellipse, writeVectors, type LineData } from "./lines";
import { mercatorX, mercatorY, type Camera } from "./mercator";
import { Sketch } from "./sketch";
import { SpriteLayer } from "./spritelayer";
import type { Toolbox } from "../tools/tools";

/** What the operator chose to see. */
export interface Shown {
  vectors: boolean;
  trails: boolean;
  plots: boolean;
  labels: boolean;
  /** Uncertainty ellipses of all tracks. */
  ellipses: boolean;
  /** Positions to come. */
  ahead: boolean;
  weather: boolean;
  /** Hatching where no sensor of the centre could see. Cover that was lost is hatched whatever this says. */
  cover: boolean;
}

export const SHOWN_FIRST: Shown = {
  labels: true, vectors: true, trails: true, plots: true, ellipses: false, ahead: false, weather: true, cover: true,
};

/** Dots of trails on the screen at most: with more traffic each track shows fewer. */
const MOST_TRAIL_DOTS = 9_000;
/** Longest wait of an update for the places of its labels. */
const LAYOUT_PATIENCE_MS = 80;
const NAME_LENGTH = 24;
const NAME_DX = 10;
const EQUATOR_M = 40_075_016.7;
const SAME_PLACE_DEG = 0.25;

export class Overlay {
  readonly labels: Labels;
  frames = 0;
  /** What went wrong with the last drawing; empty while drawing works. */
  fault = "";
  symbolsDrawn = 0;
  /** Script time spent in handing pictures over, all in all. */
  drawMs = 0;
  private due = 0;
  private patience = 0;
  plotsDrawn = 0;
  /** Lines of ellipses and dots of positions to come. */
  ellipsesDrawn = 0;
  aheadDrawn = 0;
  private near = 0;
  private rain: { version: number; palette: Palette; data: LineData } | null = null;
  private readonly overlay: MapboxOverlay;
  private device: Device | null = null;
  private texture: Texture | null = null;
  private atlas: Atlas;
  private site: Site | null = null;
  private readonly symbols = new SpriteBuffer(1024);
  private readonly plots = new SpriteBuffer(1024);
  private readonly marks = new SpriteBuffer(64);
  /** Where sensor names stand: Mercator x, y and width; labels keep off them. */
  private names: FixedText[] = [];
  private trailSlots = new Uint32Array(0);
  private trailPoints = new Float32Array(0);
  private trailColors = new Uint8ClampedArray(0);
  private readonly line = new Uint8Array(64);
  /** What people drew: tools in hand, measures, and the marks of the shared board. */
  readonly sketch = new Sketch();
  marksOnMap: readonly Mark[] = [];
  pointer: readonly [number, number] | null = null;
  minuteWord = "min";
  selected = 0;
  shown: Shown = SHOWN_FIRST;

  constructor(
    map: GroundMap,
    private readonly store: PictureStore,
    private palette: Palette,
    private readonly font: string,
    private readonly camera: () => Camera,
    private readonly toolbox: Toolbox,
  ) {
    this.atlas = makeAtlas(palette, devicePixelRatio, font);
    this.labels = new Labels(new WorkerLayouter(), () => this.refresh());
    this.overlay = new MapboxOverlay({
      interleaved: false,
      layers: [],
      pickingRadius: 0,
      // Sprites and lines smooth their own edges; multisampling would cost a machine without graphics card a lot.
      deviceProps: { type: "webgl", webgl: { antialias: false } },
      onDeviceInitialized: (device: Device) => {
        this.device = device;
        this.upload();
        this.refresh();
      },
      onAfterRender: () => {
        this.frames += 1;
        this.fault = "";
      },
      onError: (why: Error) => (this.fault = why.message),
    });
    map.addControl(this.overlay);
    map.on("move", () => this.arrange());
    map.on("resize", () => this.arrange());
  }

  setSite(site: Site): void {
    this.site = site;
    this.names = site.sensors.map((sensor, k) => {
      // Sensors on one hill: their names stand one below the other.
      const row = site.sensors
        .slice(0, k)
        .filter((s) => Math.hypot(s.lat_deg - sensor.lat_deg, s.lon_deg - sensor.lon_deg) < SAME_PLACE_DEG).length;
      const width = NAME_DX + Math.min(NAME_LENGTH, sensor.name.length) * this.atlas.cellW;
      return { x: mercatorX(sensor.lon_deg), y: mercatorY(sensor.lat_deg), width, row };
    });
    this.refresh();
  }

  setPalette(palette: Palette): void {
    if (palette === this.palette) return;
    this.palette = palette;
    this.atlas = makeAtlas(palette, devicePixelRatio, this.font);
    this.upload();
    this.refresh();
  }

  /** Lay the labels out anew, as soon as the pace allows. */
  arrange(): void {
    if (!this.shown.labels) return;
    this.labels.arrange({
      tracks: this.store.tracks, camera: this.camera, selected: this.selected, atlas: this.atlas,
      fixed: [...this.names, ...this.sketch.places(this.atlas)],
      alerted: this.store.alerts.tracks,
    });
  }

  /** Labels on the screen. */
  get labelsDrawn(): number {
    return this.shown.labels ? this.labels.drawn : 0;
  }

  /** A label's box from its symbol, in pixels; null where the track has none. */
  labelBox(trackNo: number): { x: number; y: number; w: number; h: number } | null {
    return this.shown.labels ? this.labels.boxOf(this.store.tracks, trackNo, this.atlas) : null;
  }

  /** The picture has changed: lay out its labels, and draw once with both, or without new places if they take long. */
  update(): void {
    this.arrange();
    clearTimeout(this.patience);
    if (this.shown.labels && this.labels.busy) this.patience = window.setTimeout(() => this.refresh(), LAYOUT_PATIENCE_MS);
    else this.refresh();
  }

  /** Draw the picture as it is, with the next frame. */
  refresh(): void {
    clearTimeout(this.patience);
    if (this.due !== 0) return;
    this.due = requestAnimationFrame(() => {
      this.due = 0;
      this.draw();
    });
  }

  /** Hand the picture to the graphics card. */
  private draw(): void {
    if (this.texture === null) return;
    const begun = performance.now();
    try {
      this.overlay.setProps({ layers: this.layers(this.texture) });
    } catch (why) {
      this.fault = String(why); // no heartbeat goes on from here: the picture becomes stale
      throw why;
    }
    this.drawMs += performance.now() - begun;
  }

  private upload(): void {
    if (this.device === null) return;
    const old = this.texture;
    this.texture = this.device.createTexture({
      format: "rgba8unorm",
      width: this.atlas.width,
      height: this.atlas.height,
      sampler: {
        minFilter: "linear", magFilter: "linear", addressModeU: "clamp-to-edge", addressModeV: "clamp-to-edge",
      },
    });
    this.texture.writeData(this.atlas.pixels, { width: this.atlas.width, height: this.atlas.height });
    if (old !== null) setTimeout(() => old.destroy(), 1000); // layers of the last frame may still hold it
  }

  private layers(texture: Texture): Layer[] {
    this.writeSymbols();
    this.writeMarks();
    const halo = this.palette.halo.map((v) => v / 255) as [number, number, number];
    const sprites = { texture, pickable: false };
    const layers: Layer[] = [];
    if (this.shown.weather && this.store.weather.count > 0) layers.push(this.weather());
    if (this.shown.trails || this.shown.ellipses || this.shown.ahead) this.findNear();
    const near = this.trailSlots.subarray(0, this.near);
    if (this.shown.trails) layers.push(this.trails(near));
    if (this.shown.ellipses) layers.push(this.ellipses(near));
    if (this.shown.ahead) layers.push(this.ahead(near));
    if (this.shown.plots) {
      this.writePlots();
      layers.push(new SpriteLayer({ id: "plots", data: this.plots.data(), ...sprites }));
    }
    const slot = this.store.tracks.slotOf(this.selected);
    if (slot >= 0) {
      layers.push(
        new LineLayer({
          id: "ellipse", data: ellipse(this.store.tracks, slot), getWidth: 1.2, widthUnits: "pixels",
          antialiasing: true, getColor: [...this.palette.selected, 170], pickable: false,
        }),
      );
    }
    this.sketch.write(
      this.toolbox, this.marksOnMap, this.store.tracks, this.palette, this.pointer, this.minuteWord,
    );
    layers.push(
      new LineLayer({
        id: "sketch", data: this.sketch.data(), getWidth: 1.4, widthUnits: "pixels", antialiasing: true, pickable: false,
      }),
    );
    this.sketch.spell(this.atlas, this.marks);
    layers.push(new SpriteLayer({ id: "marks", data: this.marks.data(), snap: true, halo, ...sprites }));
    layers.push(new SpriteLayer({ id: "symbols", data: this.symbols.data(), snap: true, ...sprites }));
    if (this.shown.vectors) {
      layers.push(
        new LineLayer({
          id: "vectors", data: writeVectors(this.store.tracks, this.palette.vector), getWidth: 1.2,
          widthUnits: "pixels", antialiasing: true, pickable: false,
        }),
      );
    }
    if (this.shown.labels) {
      this.labels.write(this.store.tracks, this.atlas, this.palette, this.selected);
      layers.push(new SpriteLayer({ id: "labels", data: this.labels.sprites.data(), snap: true, halo, ...sprites }));
    }
    return layers;
  }

  private writeSymbols(): void {
    const { tracks } = this.store;
    const white = [255, 255, 255] as const;
    const frames = this.atlas.symbols[sizeClass(this.labels.inView)];
    this.symbols.length = 0;
    for (let slot = 0; slot < tracks.count; slot++) {
      if (tracks.hidden[slot] === 1) continue;
      const phase = isEmergency(tracks, slot) ? EMERGENCY_PHASE : phaseOf(tracks, slot);
      const frame = frames[4 * affiliationOf(tracks, slot) + phase];
      const status = tracks.status[slot];
      const alpha = status === TENTATIVE ? 190 : status === COASTING ? 225 : 255;
      this.symbols.mark(frame, tracks.lonLat[2 * slot], tracks.lonLat[2 * slot + 1], white, alpha);
    }
    this.symbolsDrawn = this.symbols.length;
  }

  private writePlots(): void {
    const { plots, nowMs } = this.store;
    this.plots.length = 0;
    for (let i = 0; i < plots.capacity; i++) {
      const age = nowMs - plots.rxMs[i];
      if (!(age < PLOT_LIFE_MS)) continue;
      const rgb = this.palette.plots[plots.sensor[i] % this.palette.plots.length];
      const alpha = Math.round(220 - (170 * Math.max(0, age)) / PLOT_LIFE_MS);
      const frame = this.atlas.plots[Math.min(plots.kind[i], this.atlas.plots.length - 1)];
      this.plots.mark(frame, plots.lonLat[2 * i], plots.lonLat[2 * i + 1], rgb, alpha);
    }
    this.plotsDrawn = this.plots.length;
  }

  /** Radars' weather; its colours change only with the weather or the light. */
  private weather(): Layer {
    const { weather } = this.store;
    if (this.rain?.version !== weather.version || this.rain.palette !== this.palette) {
      this.rain = { version: weather.version, palette: this.palette, data: writeWeather(weather, this.palette.weather) };
    }
    return new LineLayer({ id: "weather", data: this.rain.data, getWidth: 5, widthUnits: "pixels", pickable: false });
  }

  private ellipses(near: Uint32Array): Layer {
    const { worldPx, y } = this.camera();
    const metresPerPx = EQUATOR_M / (worldPx * Math.cosh(Math.PI * (1 - 2 * y)));
    const data = writeEllipses(this.store.tracks, near, metresPerPx, this.palette.vector, this.palette.coasting);
    this.ellipsesDrawn = data.length;
    return new LineLayer({ id: "ellipses", data, getWidth: 1, widthUnits: "pixels", antialiasing: true, pickable: false });
  }

  private ahead(near: Uint32Array): Layer {
    const data = writeAhead(this.store.tracks, near, this.palette.vector);
    this.aheadDrawn = data.length;
    return new ScatterplotLayer({ id: "ahead", data, getRadius: 2, radiusUnits: "pixels", antialiasing: false, pickable: false });
  }

  /** Finds the tracks in view, and as far beyond as the operator can pan before the next update. */
  private findNear(): void {
    const { tracks } = this.store;
    const view = this.camera();
    const reachX = view.width / view.worldPx;
    const reachY = view.height / view.worldPx;
    const slots = this.trailSlots.length < tracks.count ? new Uint32Array(2 * tracks.count) : this.trailSlots;
    this.trailSlots = slots;
    let near = 0;
    for (let slot = 0; slot < tracks.count; slot++) {
      if (tracks.hidden[slot] === 1) continue;
      const dx = Math.abs(nearest(tracks.mercator[2 * slot], view.x) - view.x);
      const dy = Math.abs(tracks.mercator[2 * slot + 1] - view.y);
      if (dx < reachX && dy < reachY) slots[near++] = slot;
    }
    this.near = near;
  }

  private trails(slots: Uint32Array): Layer {
    const { tracks } = this.store;
    const near = slots.length;
    const each = Math.min(RING, Math.floor(MOST_TRAIL_DOTS / Math.max(1, near)));
    const room = each * near;
    if (this.trailPoints.length < 2 * room) {
      this.trailPoints = new Float32Array(4 * room);
      this.trailColors = new Uint8ClampedArray(8 * room);
    }
    const n = tracks.trails.write(slots, each, this.trailPoints, this.trailColors, this.palette.trail);
    return new ScatterplotLayer({
      id: "trails",
      data: {
        length: n,
        attributes: {
          getPosition: { value: this.trailPoints.subarray(0, 2 * n), size: 2 },
          getFillColor: { value: this.trailColors.subarray(0, 4 * n), size: 4 },
        },
      },
      getRadius: 1.4,
      radiusUnits: "pixels",
      antialiasing: false,
      pickable: false,
    });
  }

  /** Sensor sites with their names, and the brackets round the selected track. */
  private writeMarks(): void {
    this.marks.length = 0;
    for (const [index, sensor] of (this.site?.sensors ?? []).entries()) {
      const ok = this.store.health.get(sensor.id)?.state === OK;
      const color = ok ? this.palette.sensorOk : this.palette.sensorBad;
      this.marks.mark(this.atlas.sensor, sensor.lon_deg, sensor.lat_deg, color, 255);
      const length = Math.min(NAME_LENGTH, sensor.name.length);
      for (let k = 0; k < length; k++) {
        const code = sensor.name.charCodeAt(k);
        this.line[k] = code < 32 || code > 255 ? 63 : code;
      }
      const y = this.names[index].row * this.atlas.cellH - 6;
      this.marks.text(this.atlas, sensor.lon_deg, sensor.lat_deg, NAME_DX, y, this.line, 0, length, color, 200);
    }
    const { tracks } = this.store;
    for (const no of this.store.alerts.tracks) {
      const at = tracks.slotOf(no);
      if (at < 0 || no === this.selected) continue;
      this.marks.mark(this.atlas.ring, tracks.lonLat[2 * at], tracks.lonLat[2 * at + 1], this.palette.emergency, 235);
    }
    const slot = tracks.slotOf(this.selected);
    if (slot < 0) return;
    this.marks.mark(this.atlas.ring, tracks.lonLat[2 * slot], tracks.lonLat[2 * slot + 1], this.palette.selected, 255);
  }
}

/** Which of the atlas's symbol sizes suits so many tracks in view. */
const sizeClass = (inView: number): number => (inView < 500 ? 0 : inView < 1500 ? 1 : 2);
