/**
 * The labels: which tracks have one, where it stands, and the letters as sprites.
 *
 * Choosing and placing happen at most five times a second (the placing in a worker); writing the letters happens at every
 * update of the picture, into arrays that are kept.
 */
import type { Atlas } from "../map/atlas";
import { screenX, screenY, type Camera } from "../map/mercator";
import type { Palette, Rgb } from "../look/palette";
import { isEmergency } from "../picture/identity";
import { COASTING, TENTATIVE, type Tracks } from "../picture/tracks";
import { LINE, writeMotion, writeName } from "../picture/words";
import { HIDDEN, offsetX, offsetY, type LayoutRequest } from "./layout";
import { SpriteBuffer } from "./spritebuffer";

export const MOST_LABELS = 400;
const LAYOUT_EVERY_MS = 200;
/** With more tracks in view than this a label stands on symbols more often than not, and gets a dark plate. */
const CROWD = 500;
const EDGE_PX = 24;
/** Size of the patches over which labels are spread where there are too many. */
const SPREAD_X = 120;
const SPREAD_Y = 56;

export interface Layouter {
  ask(request: LayoutRequest, answer: (places: Int32Array, tookMs: number) => void): void;
}

/** The layout in its worker. */
export class WorkerLayouter implements Layouter {
  private readonly worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });

  ask(request: LayoutRequest, answer: (places: Int32Array, tookMs: number) => void): void {
    this.worker.onmessage = (event: MessageEvent<{ places: Int32Array; tookMs: number }>) =>
      answer(event.data.places, event.data.tookMs);
    this.worker.postMessage(request, [request.boxes.buffer, request.previous.buffer, request.symbols.buffer]);
  }
}

/** Text that stands still beside a point (a sensor's name): labels keep off it. */
export interface FixedText {
  x: number;
  y: number;
  width: number;
  /** Which line below the point, from 0. */
  row: number;
}

/** What a layout is made of. */
export interface Scene {
  tracks: Tracks;
  camera: () => Camera;
  selected: number;
  atlas: Atlas;
  fixed: readonly FixedText[];
  /** Tracks that an unacknowledged alert is about. */
  alerted: ReadonlySet<number>;
}

export class Labels {
  /** Labels drawn at the moment. */
  drawn = 0;
  /** Tracks in view at the last layout, and how many of the chosen labels found no place. */
  inView = 0;
  crowdedOut = 0;
  layoutMs = 0;
  readonly sprites = new SpriteBuffer(4096);
  private readonly places = new Map<number, number>();
  private scene: Scene | null = null;
  /** Whether the worker is at a layout. */
  busy = false;
  private again = false;
  private lastAskMs = -Infinity;
  private timer = 0;
  private keys = new Float64Array(1024);
  private best = new Float64Array(1024);
  private readonly line = new Uint8Array(2 * LINE);

  constructor(
    private readonly layouter: Layouter,
    private readonly changed: () => void,
  ) {}

  /** The offset of a track's label, or HIDDEN. */
  placeOf(trackNo: number): number {
    return this.places.get(trackNo) ?? HIDDEN;
  }

  /** The box of a track's label from its symbol, in pixels; null where it has none. */
  boxOf(tracks: Tracks, trackNo: number, atlas: Atlas): { x: number; y: number; w: number; h: number } | null {
    const place = this.placeOf(trackNo);
    const slot = tracks.slotOf(trackNo);
    if (place === HIDDEN || slot < 0) return null;
    const columns = Math.max(writeName(tracks, slot, this.line, 0), writeMotion(tracks, slot, this.line, 0));
    return { x: offsetX(place), y: offsetY(place), w: columns * atlas.cellW, h: 2 * atlas.cellH };
  }

  /** Ask for a new layout soon: now if the last one is old enough, else as soon as it is. */
  arrange(scene: Scene): void {
    this.scene = scene;
    if (this.busy) {
      this.again = true;
      return;
    }
    const wait = this.lastAskMs + LAYOUT_EVERY_MS - performance.now();
    clearTimeout(this.timer);
    if (wait > 0) {
      this.timer = window.setTimeout(() => this.arrange(this.scene ?? scene), wait);
      return;
    }
    this.lastAskMs = performance.now();
    const { tracks, atlas } = scene;
    const view = scene.camera();
    const slots = this.choose(scene, view);
    const numbers = new Uint32Array(slots.length);
    const boxes = new Float32Array(4 * slots.length);
    const previous = new Int32Array(slots.length);
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i];
      const name = writeName(tracks, slot, this.line, 0);
      const motion = writeMotion(tracks, slot, this.line, 0);
      numbers[i] = tracks.trackNo[slot];
      boxes[4 * i] = screenX(view, nearest(tracks.mercator[2 * slot], view.x));
      boxes[4 * i + 1] = screenY(view, tracks.mercator[2 * slot + 1]);
      boxes[4 * i + 2] = Math.max(name, motion) * atlas.cellW;
      boxes[4 * i + 3] = 2 * atlas.cellH;
      previous[i] = this.placeOf(numbers[i]);
    }
    this.busy = true;
    this.layouter.ask(
      {
        width: view.width, height: view.height, boxes, previous, symbols: this.symbolsInView(tracks, view),
        fixed: fixedBoxes(scene.fixed, view, atlas.cellH),
      },
      (places, tookMs) => {
        this.busy = false;
        this.layoutMs = tookMs;
        this.places.clear();
        this.crowdedOut = 0;
        for (let i = 0; i < numbers.length; i++) {
          if (places[i] === HIDDEN) this.crowdedOut += 1;
          else this.places.set(numbers[i], places[i]);
        }
        this.changed();
        if (this.again) {
          this.again = false;
          this.arrange(this.scene ?? scene);
        }
      },
    );
  }

  /** Write leader lines and letters of all placed labels for the tracks as they are now. */
  write(tracks: Tracks, atlas: Atlas, palette: Palette, selected: number): void {
    const sprites = this.sprites;
    sprites.length = 0;
    this.drawn = 0;
    for (const [no, place] of this.places) {
      const slot = tracks.slotOf(no);
      if (slot < 0 || tracks.hidden[slot] === 1) continue;
      this.drawn += 1;
      const lon = tracks.lonLat[2 * slot];
      const lat = tracks.lonLat[2 * slot + 1];
      const dx = offsetX(place);
      const dy = offsetY(place);
      const color = colorOf(tracks, slot, no === selected, palette);
      const name = writeName(tracks, slot, this.line, 0);
      const end = writeMotion(tracks, slot, this.line, name);
      const width = Math.max(name, end - name) * atlas.cellW;
      const height = 2 * atlas.cellH;
      leader(sprites, atlas, lon, lat, dx, dy, width, height, color);
      const plate = no === selected ? 235 : this.inView > CROWD ? 150 : 0;
      if (plate > 0) sprites.plate(atlas, lon, lat, dx - 2, dy - 1, width + 4, height + 1, palette.plate, plate);
      sprites.text(atlas, lon, lat, dx, dy, this.line, 0, name, color, 255);
      sprites.text(atlas, lon, lat, dx, dy + atlas.cellH, this.line, name, end, color, 225);
    }
  }

  /** The slots to be labelled, most important first. */
  private choose(scene: Scene, view: Camera): Uint32Array {
    const { tracks, selected } = scene;
    if (this.keys.length < tracks.count) this.keys = new Float64Array(2 * tracks.count);
    const keys = this.keys;
    const columns = Math.ceil(view.width / SPREAD_X) + 2;
    const cells = columns * (Math.ceil(view.height / SPREAD_Y) + 2);
    if (this.best.length < cells) this.best = new Float64Array(2 * cells);
    const best = this.best.fill(0, 0, cells);
    const cellOf = (x: number, y: number): number =>
      columns * Math.floor(y / SPREAD_Y + 1) + Math.floor(x / SPREAD_X + 1);
    let n = 0;
    for (let slot = 0; slot < tracks.count; slot++) {
      if (tracks.hidden[slot] === 1) continue;
      const x = screenX(view, nearest(tracks.mercator[2 * slot], view.x));
      const y = screenY(view, tracks.mercator[2 * slot + 1]);
      if (!(x > -EDGE_PX && y > -EDGE_PX && x < view.width + EDGE_PX && y < view.height + EDGE_PX)) continue;
      const no = tracks.trackNo[slot];
      const status = tracks.status[slot];
      // A track that is not yet believed is a mark without words, until somebody asks for them.
      if (status === TENTATIVE && no !== selected && !isEmergency(tracks, slot) && !scene.alerted.has(no)) continue;
      let score = status === COASTING ? 280 : 300;
      // Among equals a number's own, lasting lot decides, so that the choice does not move with the camera.
      score += (Math.imul(no, 0x9e3779b1) >>> 24) / 8;
      if (this.places.has(no)) score += 80; // a label that stands keeps standing: no flicker at the limit
      if (isEmergency(tracks, slot) || scene.alerted.has(no)) score += 5000;
      if (tracks.category[slot] >= 5 || tracks.trust[slot] === 3) score += 2500; // suspect, hostile, contradicted
      if (no === selected) score += 20_000;
      // One number carries score and slot, so that the sort needs no comparison function.
      keys[n++] = -Math.round(score * 16) * 1_048_576 + slot;
      const cell = cellOf(x, y);
      if (keys[n - 1] < best[cell]) best[cell] = keys[n - 1];
    }
    this.inView = n;
    if (n > MOST_LABELS) {
      // More traffic than labels: the first of every patch of the view goes before the second of any other.
      for (let i = 0; i < n; i++) {
        const slot = ((keys[i] % 1_048_576) + 1_048_576) % 1_048_576;
        const x = screenX(view, nearest(tracks.mercator[2 * slot], view.x));
        const y = screenY(view, tracks.mercator[2 * slot + 1]);
        if (best[cellOf(x, y)] === keys[i]) keys[i] -= 3200 * 1_048_576;
      }
    }
    const sorted = keys.subarray(0, n).sort();
    const most = Math.min(n, MOST_LABELS);
    const slots = new Uint32Array(most);
    for (let i = 0; i < most; i++) slots[i] = ((sorted[i] % 1_048_576) + 1_048_576) % 1_048_576;
    return slots;
  }

  private symbolsInView(tracks: Tracks, view: Camera): Float32Array {
    const xy = new Float32Array(2 * this.inView);
    let n = 0;
    for (let slot = 0; slot < tracks.count && n < this.inView; slot++) {
      if (tracks.hidden[slot] === 1) continue;
      const x = screenX(view, nearest(tracks.mercator[2 * slot], view.x));
      const y = screenY(view, tracks.mercator[2 * slot + 1]);
      if (!(x > -EDGE_PX && y > -EDGE_PX && x < view.width + EDGE_PX && y < view.height + EDGE_PX)) continue;
      xy[2 * n] = x;
      xy[2 * n + 1] = y;
      n += 1;
    }
    return xy;
  }
}

function fixedBoxes(texts: readonly FixedText[], view: Camera, height: number): Float32Array {
  const boxes = new Float32Array(4 * texts.length);
  texts.forEach((text, k) => {
    const x = screenX(view, nearest(text.x, view.x));
    const y = screenY(view, text.y) + text.row * height;
    boxes.set([x - 7, y - height / 2, x + text.width, y + height / 2], 4 * k);
  });
  return boxes;
}

/** The copy of a world coordinate that lies nearest to the camera (the world repeats every 1). */
export const nearest = (x: number, centre: number): number => x - Math.round(x - centre);

function colorOf(tracks: Tracks, slot: number, selected: boolean, palette: Palette): Rgb {
  if (selected) return palette.selected;
  if (isEmergency(tracks, slot)) return palette.emergency;
  const status = tracks.status[slot];
  return status === COASTING ? palette.coasting : status === TENTATIVE ? palette.labelDim : palette.label;
}

/** A thin line from the symbol's edge to the nearest point of the label, where there is room for one. */
function leader(
  sprites: SpriteBuffer, atlas: Atlas, lon: number, lat: number, dx: number, dy: number, width: number, height: number,
  color: Rgb,
): void {
  const toX = Math.max(dx - 2, Math.min(0, dx + width + 2));
  const toY = Math.max(dy, Math.min(0, dy + height));
  const length = Math.hypot(toX, toY);
  const start = 10;
  if (length < start + 3) return;
  const angle = Math.atan2(toY, toX);
  sprites.line(atlas, lon, lat, Math.cos(angle) * start, Math.sin(angle) * start, length - start, angle, color, 170);
}
