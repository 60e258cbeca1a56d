/**
 * The tracks as the display holds them: one array per column, one slot per track, no object per track.
 *
 * Slots 0..count-1 are always in use (a removed track's slot is filled with the last one), so the arrays go to the
 * graphics card as they are. Positions are interleaved (lon, lat) for the same reason.
 */
import { column, nanosToMs, type TableView } from "../link/decode";
import { mercatorX, mercatorY } from "../map/mercator";
import { Trails } from "./trails";

export const TENTATIVE = 1;
export const CONFIRMED = 2;
export const COASTING = 3;
export const ABSENT_MODE3A = 0xffff;
export const FLAG_SIMULATED = 1;
export const FLAG_TEST = 2;
export const FLAG_SPI = 4;
export const FLAG_EMERGENCY = 8;
export const FLAG_ON_GROUND = 32;

const FIRST_CAPACITY = 1024;
const CALLSIGN = 8;

const FLOATS = {
  geo_alt_m: "geoAlt",
  press_alt_m: "pressAlt",
  v_east_mps: "vEast",
  v_north_mps: "vNorth",
  climb_mps: "climb",
  turn_radps: "turn",
  pos_major_m: "posMajor",
  pos_minor_m: "posMinor",
  pos_orient_rad: "posOrient",
  vel_sd_mps: "velSd",
} as const;

export class Tracks {
  count = 0;
  trackNo = new Uint32Array(FIRST_CAPACITY);
  status = new Uint8Array(FIRST_CAPACITY);
  nowMs = new Float64Array(FIRST_CAPACITY);
  toaMs = new Float64Array(FIRST_CAPACITY);
  /** lon, lat in degrees, interleaved. */
  lonLat = new Float64Array(2 * FIRST_CAPACITY);
  /** Web Mercator 0..1, interleaved x, y (y down): what screen positions are made of. */
  mercator = new Float64Array(2 * FIRST_CAPACITY);
  geoAlt = new Float32Array(FIRST_CAPACITY);
  pressAlt = new Float32Array(FIRST_CAPACITY);
  vEast = new Float32Array(FIRST_CAPACITY);
  vNorth = new Float32Array(FIRST_CAPACITY);
  climb = new Float32Array(FIRST_CAPACITY);
  turn = new Float32Array(FIRST_CAPACITY);
  posMajor = new Float32Array(FIRST_CAPACITY);
  posMinor = new Float32Array(FIRST_CAPACITY);
  posOrient = new Float32Array(FIRST_CAPACITY);
  velSd = new Float32Array(FIRST_CAPACITY);
  /** The sensors' bit set as two words: ids modulo 64. */
  sensorsLow = new Uint32Array(FIRST_CAPACITY);
  sensorsHigh = new Uint32Array(FIRST_CAPACITY);
  icao24 = new Uint32Array(FIRST_CAPACITY);
  mode3a = new Uint16Array(FIRST_CAPACITY);
  callsign = new Uint8Array(CALLSIGN * FIRST_CAPACITY);
  flags = new Uint32Array(FIRST_CAPACITY);
  /** What identification says: category (255: nothing yet) and trust in the position it states. */
  category = new Uint8Array(FIRST_CAPACITY).fill(255);
  trust = new Uint8Array(FIRST_CAPACITY);
  /** 1: hidden by the operator's filter. */
  hidden = new Uint8Array(FIRST_CAPACITY);
  private seen = new Uint32Array(FIRST_CAPACITY);
  private round = 0;
  private scratch = new Float64Array(FIRST_CAPACITY);
  readonly trails = new Trails(FIRST_CAPACITY);
  private readonly slots = new Map<number, number>();

  /** The slot of a track, or -1. */
  slotOf(trackNo: number): number {
    return this.slots.get(trackNo) ?? -1;
  }

  /** Merge rows; with `whole` the table is all there is and every other track is removed. */
  merge(table: TableView | undefined, ended: readonly number[], whole: boolean): void {
    for (const no of ended) this.remove(no);
    const numbers = table === undefined ? undefined : column(table, "track_no", Uint32Array);
    if (table === undefined || numbers === undefined) {
      if (whole) this.clear();
      return;
    }
    this.round += 1;
    const rows = table.rows;
    const slots = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) {
      const slot = this.slots.get(numbers[i]) ?? this.add(numbers[i]);
      slots[i] = slot;
      this.seen[slot] = this.round;
    }
    this.copy(table, slots);
    for (let i = 0; i < rows; i++) this.trails.push(slots[i], this.nowMs[slots[i]], this.lonLat);
    if (whole) {
      for (let slot = this.count - 1; slot >= 0; slot--) {
        if (this.seen[slot] !== this.round) this.remove(this.trackNo[slot]);
      }
    }
  }

  clear(): void {
    this.count = 0;
    this.slots.clear();
  }

  private add(no: number): number {
    if (this.count === this.trackNo.length) this.grow();
    const slot = this.count++;
    this.slots.set(no, slot);
    this.trackNo[slot] = no;
    this.trails.clear(slot);
    this.hidden[slot] = 0;
    this.category[slot] = 255;
    this.trust[slot] = 0;
    return slot;
  }

  private remove(no: number): void {
    const slot = this.slots.get(no);
    if (slot === undefined) return;
    this.slots.delete(no);
    const last = --this.count;
    if (slot === last) return;
    for (const array of this.arrays()) array[slot] = array[last];
    for (const array of [this.lonLat, this.mercator]) array.copyWithin(2 * slot, 2 * last, 2 * last + 2);
    this.callsign.copyWithin(CALLSIGN * slot, CALLSIGN * last, CALLSIGN * (last + 1));
    this.trails.move(last, slot);
    this.slots.set(this.trackNo[slot], slot);
  }

  private copy(table: TableView, slots: Uint32Array): void {
    const rows = slots.length;
    const lat = column(table, "lat_deg", Float64Array);
    const lon = column(table, "lon_deg", Float64Array);
    if (lat !== undefined && lon !== undefined) {
      for (let i = 0; i < rows; i++) {
        const at = 2 * slots[i];
        this.lonLat[at] = lon[i];
        this.lonLat[at + 1] = lat[i];
        this.mercator[at] = mercatorX(lon[i]);
        this.mercator[at + 1] = mercatorY(lat[i]);
      }
    }
    for (const [name, key] of Object.entries(FLOATS)) {
      const from = table.columns.get(name);
      if (from instanceof Float64Array || from instanceof Float32Array) {
        const to = this[key];
        for (let i = 0; i < rows; i++) to[slots[i]] = from[i];
      }
    }
    this.copyTimes(table, slots);
    scatter(column(table, "status", Uint8Array), this.status, slots);
    scatter(column(table, "icao24", Uint32Array), this.icao24, slots);
    scatter(column(table, "mode3a", Uint16Array), this.mode3a, slots);
    scatter(column(table, "flags", Uint32Array), this.flags, slots);
    const sensors = column(table, "sensors", BigUint64Array);
    if (sensors !== undefined) {
      const halves = new Uint32Array(sensors.buffer, sensors.byteOffset, 2 * rows);
      for (let i = 0; i < rows; i++) {
        this.sensorsLow[slots[i]] = halves[2 * i];
        this.sensorsHigh[slots[i]] = halves[2 * i + 1];
      }
    }
    const text = column(table, "callsign", Uint8Array);
    if (text !== undefined) {
      for (let i = 0; i < rows; i++) {
        const to = CALLSIGN * slots[i];
        for (let k = 0; k < CALLSIGN; k++) this.callsign[to + k] = text[CALLSIGN * i + k];
      }
    }
  }

  private copyTimes(table: TableView, slots: Uint32Array): void {
    if (this.scratch.length < slots.length) this.scratch = new Float64Array(this.trackNo.length);
    for (const [name, to] of [
      ["now_ns", this.nowMs],
      ["toa_ns", this.toaMs],
    ] as const) {
      const from = column(table, name, BigInt64Array);
      if (from === undefined) continue;
      const ms = nanosToMs(from, this.scratch);
      for (let i = 0; i < slots.length; i++) to[slots[i]] = ms[i];
    }
  }

  private arrays(): (Uint32Array | Uint16Array | Uint8Array | Float64Array | Float32Array)[] {
    return [
      this.trackNo, this.status, this.nowMs, this.toaMs, this.geoAlt, this.pressAlt, this.vEast, this.vNorth,
      this.climb, this.turn, this.posMajor, this.posMinor, this.posOrient, this.velSd, this.sensorsLow,
      this.sensorsHigh, this.icao24, this.mode3a, this.flags, this.category,
      this.trust, this.hidden, this.seen,
    ];
  }

  private grow(): void {
    const n = 2 * this.trackNo.length;
    this.trackNo = wider(this.trackNo, new Uint32Array(n));
    this.status = wider(this.status, new Uint8Array(n));
    this.nowMs = wider(this.nowMs, new Float64Array(n));
    this.toaMs = wider(this.toaMs, new Float64Array(n));
    this.lonLat = wider(this.lonLat, new Float64Array(2 * n));
    this.mercator = wider(this.mercator, new Float64Array(2 * n));
    for (const key of Object.values(FLOATS)) this[key] = wider(this[key], new Float32Array(n));
    this.sensorsLow = wider(this.sensorsLow, new Uint32Array(n));
    this.sensorsHigh = wider(this.sensorsHigh, new Uint32Array(n));
    this.icao24 = wider(this.icao24, new Uint32Array(n));
    this.mode3a = wider(this.mode3a, new Uint16Array(n));
    this.callsign = wider(this.callsign, new Uint8Array(CALLSIGN * n));
    this.flags = wider(this.flags, new Uint32Array(n));
    this.category = wider(this.category, new Uint8Array(n).fill(255));
    this.trust = wider(this.trust, new Uint8Array(n));
    this.hidden = wider(this.hidden, new Uint8Array(n));
    this.seen = wider(this.seen, new Uint32Array(n));
    this.scratch = new Float64Array(n);
    this.trails.grow(n);
  }
}

function scatter<T extends Uint32Array | Uint16Array | Uint8Array>(from: T | undefined, to: T, slots: Uint32Array): void {
  if (from === undefined) return;
  for (let i = 0; i < slots.length; i++) to[slots[i]] = from[i];
}

function wider<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
