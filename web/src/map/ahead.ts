/** Where tracks may be and where they will be: the uncertainty ellipses of all in view, and their positions to come. */
import { COASTING, TENTATIVE, type Tracks } from "../picture/tracks";
import type { Rgb } from "../look/palette";
import type { Weather } from "../picture/weather";
import { ELLIPSE_SIGMAS, M_PER_DEG, lineData, type LineData } from "./lines";

const CORNERS = 20;
/** Smaller than this on the screen an ellipse lies under its symbol. */
const LEAST_PX = 5;
/** More than this nobody can read, and drawing them costs every update. */
export const MOST_ELLIPSES = 1500;
const MINUTES = 5;
const MOST_AHEAD = 2000;
/** A turn is not believed for longer than this. */
const TURN_S = 60;
const STEP_S = 20;

const UNIT = Array.from({ length: CORNERS + 1 }, (_, k) => {
  const t = (2 * Math.PI * k) / CORNERS;
  return [Math.cos(t), Math.sin(t)] as const;
});

let from = new Float64Array(0);
let to = new Float64Array(0);
let colors = new Uint8ClampedArray(0);

function room(n: number): void {
  if (from.length >= 2 * n) return;
  from = new Float64Array(2 * n);
  to = new Float64Array(2 * n);
  colors = new Uint8ClampedArray(4 * n);
}

/** The ellipses (two sigma) of the given slots that are large enough to be seen, as lines. */
export function writeEllipses(tracks: Tracks, slots: Uint32Array, metresPerPx: number, rgb: Rgb, coasting: Rgb): LineData {
  const drawn: number[] = [];
  for (const slot of slots) {
    if (ELLIPSE_SIGMAS * tracks.posMajor[slot] >= LEAST_PX * metresPerPx) drawn.push(slot);
    if (drawn.length >= MOST_ELLIPSES) break;
  }
  room(CORNERS * drawn.length);
  let n = 0;
  for (const slot of drawn) {
    const lon = tracks.lonLat[2 * slot];
    const lat = tracks.lonLat[2 * slot + 1];
    const major = ELLIPSE_SIGMAS * tracks.posMajor[slot];
    const minor = ELLIPSE_SIGMAS * tracks.posMinor[slot];
    const sin = Math.sin(tracks.posOrient[slot]);
    const cos = Math.cos(tracks.posOrient[slot]);
    const perLon = M_PER_DEG * Math.cos((lat * Math.PI) / 180);
    const color = tracks.status[slot] === COASTING ? coasting : rgb;
    for (let k = 0; k <= CORNERS; k++) {
      const along = major * UNIT[k][0];
      const across = minor * UNIT[k][1];
      const x = lon + (along * sin + across * cos) / perLon;
      const y = lat + (along * cos - across * sin) / M_PER_DEG;
      if (k > 0) to.set([x, y], 2 * (n - 1));
      if (k === CORNERS) break;
      from.set([x, y], 2 * n);
      colors.set([color[0], color[1], color[2], tracks.status[slot] === TENTATIVE ? 90 : 150], 4 * n);
      n += 1;
    }
  }
  return lineData(n, from, to, colors);
}

export interface DotData {
  length: number;
  attributes: Record<string, { value: Float64Array | Uint8ClampedArray; size: number }>;
}

let dots = new Float64Array(0);
let dotColors = new Uint8ClampedArray(0);

/** Where the given slots will be after one to five minutes: on the turn they are in for a minute, then straight. */
export function writeAhead(tracks: Tracks, slots: Uint32Array, rgb: Rgb): DotData {
  if (dots.length < 2 * MINUTES * MOST_AHEAD) {
    dots = new Float64Array(2 * MINUTES * MOST_AHEAD);
    dotColors = new Uint8ClampedArray(4 * MINUTES * MOST_AHEAD);
  }
  let n = 0;
  for (const slot of slots.subarray(0, MOST_AHEAD)) {
    let east = tracks.vEast[slot];
    let north = tracks.vNorth[slot];
    if (tracks.status[slot] === TENTATIVE || !(east * east + north * north > 4)) continue;
    const turn = tracks.turn[slot] || 0;
    let lon = tracks.lonLat[2 * slot];
    let lat = tracks.lonLat[2 * slot + 1];
    for (let s = STEP_S; s <= 60 * MINUTES; s += STEP_S) {
      if (s <= TURN_S && turn !== 0) {
        const angle = turn * STEP_S; // clockwise, as courses are
        [east, north] = [east * Math.cos(angle) + north * Math.sin(angle), north * Math.cos(angle) - east * Math.sin(angle)];
      }
      lon += (east * STEP_S) / (M_PER_DEG * Math.cos((lat * Math.PI) / 180));
      lat += (north * STEP_S) / M_PER_DEG;
      if (s % 60 !== 0) continue;
      dots[2 * n] = lon;
      dots[2 * n + 1] = lat;
      dotColors.set([rgb[0], rgb[1], rgb[2], 230 - 30 * (s / 60)], 4 * n);
      n += 1;
    }
  }
  return {
    length: n,
    attributes: { getPosition: { value: dots.subarray(0, 2 * n), size: 2 }, getFillColor: { value: dotColors.subarray(0, 4 * n), size: 4 } },
  };
}

/** The weather as lines, coloured by intensity. */
export function writeWeather(weather: Weather, scale: readonly Rgb[]): LineData {
  const shades = new Uint8ClampedArray(4 * weather.count);
  for (let i = 0; i < weather.count; i++) {
    const rgb = scale[Math.min(scale.length - 1, weather.intensity[i])];
    shades.set([rgb[0], rgb[1], rgb[2], 110], 4 * i);
  }
  return lineData(weather.count, weather.from, weather.to, shades);
}
