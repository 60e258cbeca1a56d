/** Range and bearing between two ends, each a track (it moves) or a point; closest approach where both move. */
import { rangeBearing } from "../map/geo";
import type { Tracks } from "../picture/tracks";

/** A track by number, or a point of the ground. */
export type End = { readonly track: number } | { readonly lon: number; readonly lat: number };

export interface Measure {
  readonly id: number;
  readonly a: End;
  readonly b: End;
}

export interface Measured {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
  readonly rangeM: number;
  readonly bearingRad: number;
  /** Distance and time (s from now) of the closest approach in straight flight; null where nothing moves or it is past. */
  readonly closest: { readonly rangeM: number; readonly inS: number } | null;
}

interface Moving {
  readonly lon: number;
  readonly lat: number;
  readonly east: number;
  readonly north: number;
}

/** Where an end is and how it moves; null where its track has ended. */
export function resolve(end: End, tracks: Tracks): Moving | null {
  if (!("track" in end)) return { lon: end.lon, lat: end.lat, east: 0, north: 0 };
  const slot = tracks.slotOf(end.track);
  if (slot < 0) return null;
  return {
    lon: tracks.lonLat[2 * slot], lat: tracks.lonLat[2 * slot + 1], east: tracks.vEast[slot] || 0,
    north: tracks.vNorth[slot] || 0,
  };
}

/** The measure as it stands now; null where one of its tracks has ended. */
export function measured(measure: Measure, tracks: Tracks): Measured | null {
  const a = resolve(measure.a, tracks);
  const b = resolve(measure.b, tracks);
  if (a === null || b === null) return null;
  const { rangeM, bearingRad } = rangeBearing(a.lat, a.lon, b.lat, b.lon);
  // Over the distances at which an approach matters the plane at the first end is exact enough.
  const x = rangeM * Math.sin(bearingRad);
  const y = rangeM * Math.cos(bearingRad);
  const vx = b.east - a.east;
  const vy = b.north - a.north;
  const square = vx * vx + vy * vy;
  const inS = square > 1 ? -(x * vx + y * vy) / square : -1;
  const closest = inS > 0 ? { rangeM: Math.hypot(x + vx * inS, y + vy * inS), inS } : null;
  return { from: [a.lon, a.lat], to: [b.lon, b.lat], rangeM, bearingRad, closest };
}
