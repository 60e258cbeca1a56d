/** Past positions: a ring of points per slot, one every few seconds of picture time. */

export const RING = 32;
const SPACING_MS = 7500;

export class Trails {
  private points: Float32Array;
  private head: Uint8Array;
  private length: Uint8Array;
  private lastMs: Float64Array;

  constructor(capacity: number) {
    this.points = new Float32Array(2 * RING * capacity);
    this.head = new Uint8Array(capacity);
    this.length = new Uint8Array(capacity);
    this.lastMs = new Float64Array(capacity);
  }

  grow(capacity: number): void {
    const points = new Float32Array(2 * RING * capacity);
    points.set(this.points);
    this.points = points;
    const head = new Uint8Array(capacity);
    head.set(this.head);
    this.head = head;
    const length = new Uint8Array(capacity);
    length.set(this.length);
    this.length = length;
    const lastMs = new Float64Array(capacity);
    lastMs.set(this.lastMs);
    this.lastMs = lastMs;
  }

  clear(slot: number): void {
    this.length[slot] = 0;
    this.head[slot] = 0;
    this.lastMs[slot] = -Infinity;
  }

  move(from: number, to: number): void {
    this.points.copyWithin(2 * RING * to, 2 * RING * from, 2 * RING * (from + 1));
    this.head[to] = this.head[from];
    this.length[to] = this.length[from];
    this.lastMs[to] = this.lastMs[from];
  }

  /** Keep the slot's position (lon, lat interleaved) if enough picture time has passed since the last one kept. */
  push(slot: number, nowMs: number, lonLat: Float64Array): void {
    const since = nowMs - this.lastMs[slot];
    if (since < 0) this.clear(slot); // a replay was set back: these points are of the future
    else if (since < SPACING_MS) return;
    this.lastMs[slot] = nowMs;
    const at = this.head[slot];
    const to = 2 * (RING * slot + at);
    this.points[to] = lonLat[2 * slot];
    this.points[to + 1] = lonLat[2 * slot + 1];
    this.head[slot] = (at + 1) % RING;
    if (this.length[slot] < RING) this.length[slot] += 1;
  }

  /** Points kept for one slot. */
  lengthOf(slot: number): number {
    return this.length[slot];
  }

  /** Write the newest `most` points of the slots and their opacity; returns how many were written. */
  write(slots: Uint32Array, most: number, lonLat: Float32Array, colors: Uint8ClampedArray, rgb: readonly number[]): number {
    let n = 0;
    for (const slot of slots) {
      const length = Math.min(most, this.length[slot]);
      const head = this.head[slot];
      for (let k = 1; k <= length; k++) {
        const from = 2 * (RING * slot + ((head - k + RING) % RING));
        lonLat[2 * n] = this.points[from];
        lonLat[2 * n + 1] = this.points[from + 1];
        colors[4 * n] = rgb[0];
        colors[4 * n + 1] = rgb[1];
        colors[4 * n + 2] = rgb[2];
        colors[4 * n + 3] = 55 + Math.round((170 * (length - k + 1)) / length);
        n += 1;
      }
    }
    return n;
  }
}
