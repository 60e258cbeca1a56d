/** Sprites being written one after the other into arrays that grow and are reused; see map/spritelayer.ts. */
import type { Atlas, Frame } from "../map/atlas";
import type { Rgb } from "../look/palette";
import type { SpriteData } from "../map/spritelayer";

/** Height of a line's sprite: one pixel of line between two soft edges. */
const STROKE = 2.4;

export class SpriteBuffer {
  length = 0;
  private positions: Float64Array;
  private rects: Float32Array;
  private frames: Float32Array;
  private colors: Uint8ClampedArray;
  private angles: Float32Array;

  constructor(private capacity: number) {
    this.positions = new Float64Array(2 * capacity);
    this.rects = new Float32Array(4 * capacity);
    this.frames = new Float32Array(4 * capacity);
    this.colors = new Uint8ClampedArray(4 * capacity);
    this.angles = new Float32Array(capacity);
  }

  /** One sprite; x, y is its corner from the anchor in pixels. */
  put(
    frame: Frame, lon: number, lat: number, x: number, y: number, w: number, h: number, angle: number, rgb: Rgb,
    alpha: number,
  ): void {
    if (this.length === this.capacity) this.grow();
    const i = this.length++;
    this.positions[2 * i] = lon;
    this.positions[2 * i + 1] = lat;
    const at = 4 * i;
    this.rects[at] = x;
    this.rects[at + 1] = y;
    this.rects[at + 2] = w;
    this.rects[at + 3] = h;
    this.frames[at] = frame.x;
    this.frames[at + 1] = frame.y;
    this.frames[at + 2] = frame.w;
    this.frames[at + 3] = frame.h;
    this.colors[at] = rgb[0];
    this.colors[at + 1] = rgb[1];
    this.colors[at + 2] = rgb[2];
    this.colors[at + 3] = alpha;
    this.angles[i] = angle;
  }

  /** A sprite at its natural size, its anchor on the position. */
  mark(frame: Frame, lon: number, lat: number, rgb: Rgb, alpha: number): void {
    this.put(frame, lon, lat, -frame.anchorX, -frame.anchorY, frame.cssW, frame.cssH, 0, rgb, alpha);
  }

  /** Characters codes[from..to) with the first cell's upper left corner at x, y. */
  text(
    atlas: Atlas, lon: number, lat: number, x: number, y: number, codes: Uint8Array, from: number, to: number, rgb: Rgb,
    alpha: number,
  ): void {
    for (let k = from; k < to; k++) {
      if (codes[k] === 32) continue;
      const frame = atlas.glyphs[codes[k]];
      const left = x + (k - from) * atlas.cellW - frame.anchorX;
      this.put(frame, lon, lat, left, y - frame.anchorY, frame.cssW, frame.cssH, 0, rgb, alpha);
    }
  }

  /** A line of one pixel from a point at an angle; its edges are soft, so that it is smooth at every angle. */
  line(
    atlas: Atlas, lon: number, lat: number, x: number, y: number, length: number, angle: number, rgb: Rgb, alpha: number,
  ): void {
    const half = STROKE / 2;
    const left = x + Math.sin(angle) * half;
    const top = y - Math.cos(angle) * half;
    this.put(atlas.stroke, lon, lat, left, top, length, STROKE, angle, rgb, alpha);
  }

  plate(
    atlas: Atlas, lon: number, lat: number, x: number, y: number, w: number, h: number, rgb: Rgb, alpha: number,
  ): void {
    this.put(atlas.dot, lon, lat, x, y, w, h, 0, rgb, alpha);
  }

  /** What has been written, as layer data. */
  data(): SpriteData {
    const n = this.length;
    return {
      length: n,
      attributes: {
        instancePositions: { value: this.positions.subarray(0, 2 * n), size: 2 },
        instanceRects: { value: this.rects.subarray(0, 4 * n), size: 4 },
        instanceFrames: { value: this.frames.subarray(0, 4 * n), size: 4 },
        instanceColors: { value: this.colors.subarray(0, 4 * n), size: 4 },
        instanceAngles: { value: this.angles.subarray(0, n), size: 1 },
      },
    };
  }

  private grow(): void {
    this.capacity *= 2;
    const wider = <T extends Float64Array | Float32Array | Uint8ClampedArray>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.positions = wider(this.positions, new Float64Array(2 * this.capacity));
    this.rects = wider(this.rects, new Float32Array(4 * this.capacity));
    this.frames = wider(this.frames, new Float32Array(4 * this.capacity));
    this.colors = wider(this.colors, new Uint8ClampedArray(4 * this.capacity));
    this.angles = wider(this.angles, new Float32Array(this.capacity));
  }
}
