/** Lines in the ground's own measure: speed vectors and the uncertainty ellipse. */
import { TENTATIVE, type Tracks } from "../picture/tracks";
import type { Rgb } from "../look/palette";
import { destination } from "./geo";

/** A vector reaches where the track will be after this long. */
export const VECTOR_S = 60;

export const M_PER_DEG = 111_195;
const ELLIPSE_POINTS = 48;
/** The claimed 1-sigma ellipse is drawn at two sigma: the place where the aircraft is nine times in ten (86 %). */
export const ELLIPSE_SIGMAS = 2;

export interface LineData {
  length: number;
  attributes: Record<string, { value: Float64Array | Uint8ClampedArray; size: number }>;
}

let from = new Float64Array(0);
let to = new Float64Array(0);
let colors = new Uint8ClampedArray(0);

export function writeVectors(tracks: Tracks, rgb: Rgb): LineData {
  if (from.length < 2 * tracks.count) {
    from = new Float64Array(4 * tracks.count);
    to = new Float64Array(4 * tracks.count);
    colors = new Uint8ClampedArray(8 * tracks.count);
  }
  let n = 0;
  for (let slot = 0; slot < tracks.count; slot++) {
    const east = tracks.vEast[slot];
    const north = tracks.vNorth[slot];
    if (tracks.hidden[slot] === 1 || tracks.status[slot] === TENTATIVE || !(east * east + north * north > 4)) continue;
    const lon = tracks.lonLat[2 * slot];
    const lat = tracks.lonLat[2 * slot + 1];
    from[2 * n] = lon;
    from[2 * n + 1] = lat;
    to[2 * n] = lon + (east * VECTOR_S) / (M_PER_DEG * Math.cos((lat * Math.PI) / 180));
    to[2 * n + 1] = lat + (north * VECTOR_S) / M_PER_DEG;
    colors[4 * n] = rgb[0];
    colors[4 * n + 1] = rgb[1];
    colors[4 * n + 2] = rgb[2];
    colors[4 * n + 3] = 200;
    n += 1;
  }
  return lineData(n, from, to, colors);
}

/** The first `n` lines of the buffers, as a layer takes them. */
export function lineData(n: number, from: Float64Array, to: Float64Array, colors: Uint8ClampedArray): LineData {
  return {
    length: n,
    attributes: {
      getSourcePosition: { value: from.subarray(0, 2 * n), size: 2 },
      getTargetPosition: { value: to.subarray(0, 2 * n), size: 2 },
      getColor: { value: colors.subarray(0, 4 * n), size: 4 },
    },
  };
}

/** The uncertainty ellipse of one track as a closed line. */
export function ellipse(tracks: Tracks, slot: number): LineData {
  const lon = tracks.lonLat[2 * slot];
  const lat = tracks.lonLat[2 * slot + 1];
  const major = ELLIPSE_SIGMAS * tracks.posMajor[slot];
  const minor = ELLIPSE_SIGMAS * tracks.posMinor[slot];
  const turn = tracks.posOrient[slot];
  const starts = new Float64Array(2 * ELLIPSE_POINTS);
  const ends = new Float64Array(2 * ELLIPSE_POINTS);
  const known = major >= 0 && minor >= 0 && turn === turn;
  for (let k = 0; known && k <= ELLIPSE_POINTS; k++) {
    const t = (2 * Math.PI * k) / ELLIPSE_POINTS;
    const along = major * Math.cos(t);
    const across = minor * Math.sin(t);
    const point = destination(lat, lon, Math.hypot(along, across), turn + Math.atan2(across, along));
    if (k < ELLIPSE_POINTS) starts.set(point, 2 * k);
    if (k > 0) ends.set(point, 2 * (k - 1));
  }
  return {
    length: known ? ELLIPSE_POINTS : 0,
    attributes: {
      getSourcePosition: { value: starts, size: 2 },
      getTargetPosition: { value: ends, size: 2 },
    },
  };
}
