/**
 * What is written beside a track: identification, level and climb, speed.
 *
 * Hot: up to 400 labels are written anew at every update, so the text goes as character codes into a caller's array.
 */
import { ABSENT_MODE3A, type Tracks } from "./tracks";
import { flightLevel, knots } from "./units";

/** Codes below the printable ones are the atlas's own signs. */
export const UP = 1;
export const DOWN = 2;
export const LEVEL = 3;

/** The longest line that the functions here can write. */
export const LINE = 16;

const CLIMBING_MPS = 1.5; // 300 ft/min: below it a track counts as level
const HEX = "0123456789ABCDEF";
const ZERO = 48;

/** Identification: call sign, else A and the code, else the address, else the track's number. Returns the end. */
export function writeName(tracks: Tracks, slot: number, out: Uint8Array, at: number): number {
  const from = 8 * slot;
  let end = at;
  for (let k = 0; k < 8; k++) {
    const code = tracks.callsign[from + k];
    if (code === 0) break;
    out[end++] = code >= 32 && code < 127 ? code : 63;
  }
  while (end > at && out[end - 1] === 32) end -= 1;
  if (end > at) return end;
  const mode3a = tracks.mode3a[slot];
  if (mode3a !== ABSENT_MODE3A) {
    out[at] = 65;
    for (let k = 0; k < 4; k++) out[at + 1 + k] = ZERO + ((mode3a >> (9 - 3 * k)) & 7);
    return at + 5;
  }
  const icao24 = tracks.icao24[slot];
  if (icao24 !== 0) {
    for (let k = 0; k < 6; k++) out[at + k] = HEX.charCodeAt((icao24 >> (20 - 4 * k)) & 15);
    return at + 6;
  }
  out[at] = 35;
  return writeNumber(tracks.trackNo[slot], 1, out, at + 1);
}

/** Level (F of pressure altitude, else G of geometric height, in hundreds of feet), climb arrow, speed in knots. */
export function writeMotion(tracks: Tracks, slot: number, out: Uint8Array, at: number): number {
  let end = at;
  const press = tracks.pressAlt[slot];
  const geo = tracks.geoAlt[slot];
  if (press === press || geo === geo) {
    const level = flightLevel(press === press ? press : geo);
    out[end++] = press === press ? 70 : 71;
    if (level < 0) out[end++] = 45;
    end = writeNumber(Math.abs(level), level < 0 ? 2 : 3, out, end);
    const climb = tracks.climb[slot];
    out[end++] = climb > CLIMBING_MPS ? UP : climb < -CLIMBING_MPS ? DOWN : 32;
  } else {
    out[end++] = 45;
    out[end++] = 45;
    out[end++] = 45;
    out[end++] = 32;
    out[end++] = 32;
  }
  const speed = knots(Math.hypot(tracks.vEast[slot], tracks.vNorth[slot]));
  if (speed === speed) end = writeNumber(speed, 3, out, end);
  return end;
}

export function writeNumber(value: number, digits: number, out: Uint8Array, at: number): number {
  let width = digits;
  while (10 ** width <= value) width += 1;
  let rest = value;
  for (let k = width - 1; k >= 0; k--) {
    out[at + k] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  }
  return at + width;
}

const SCRATCH = new Uint8Array(2 * LINE);

/** The identification as a string, for panels and one track at a time. */
export function nameOf(tracks: Tracks, slot: number): string {
  return String.fromCharCode(...SCRATCH.subarray(0, writeName(tracks, slot, SCRATCH, 0)));
}
