/** Forms drawn on the map: what the pointer has given so far, and the lines that show it. */
import { circle, destination, rangeBearing } from "../map/geo";

export type FormKind = "point" | "circle" | "corridor" | "line" | "polygon";
export type LonLat = readonly [number, number];

/** How many points complete a form by themselves; the others end with Enter or a double click. */
export const ENOUGH: Readonly<Record<FormKind, number>> = { point: 1, circle: 2, corridor: Infinity, line: Infinity, polygon: Infinity };
export const LEAST: Readonly<Record<FormKind, number>> = { point: 1, circle: 2, corridor: 2, line: 2, polygon: 3 };
export const CORRIDOR_HALF_M = 9260;

/** The value of a `mark.place` act: latitude before longitude, metres. */
export interface MarkValue {
  kind: FormKind;
  points: [number, number][];
  radius_m: number;
  text: string;
}

/** A drawn form as an act carries it. For a circle the second point gives the radius. */
export function markValue(kind: FormKind, points: readonly LonLat[], text: string, halfM = CORRIDOR_HALF_M): MarkValue {
  const latLon = points.map(([lon, lat]): [number, number] => [round(lat), round(wrap(lon))]);
  if (kind !== "circle") return { kind, points: latLon, radius_m: kind === "corridor" ? halfM : 0, text };
  const [[lon1, lat1], [lon2, lat2]] = points;
  return { kind, points: [latLon[0]], radius_m: Math.round(rangeBearing(lat1, lon1, lat2, lon2).rangeM), text };
}

/** Kinds of area that a hand-drawn one may be. */
export const AREA_KINDS = ["R", "P", "D", "TSA", "PROTECTED", "ALERT"] as const;

/** What an act `area.edit` carries for a form that becomes an area; levels in words, empty from the ground up. */
export function areaValue(
  form: MarkValue, kind: string, floor: string, ceiling: string,
): Record<string, unknown> | null {
  const levels = { ...(floor.trim() === "" ? {} : { floor: floor.trim() }), ...(ceiling.trim() === "" ? {} : { ceiling: ceiling.trim() }) };
  const [first] = form.points;
  switch (form.kind) {
    case "circle":
      return { kind, lat_deg: first[0], lon_deg: first[1], radius_m: form.radius_m, ...levels };
    case "corridor":
      return { kind, centreline_deg: form.points, width_m: 2 * form.radius_m, ...levels };
    case "polygon":
      return { kind, outline_deg: form.points, ...levels };
    default:
      return null; // a point and a line enclose nothing
  }
}

/** The outline of a form as (lon, lat) lines. */
export function outline(kind: string, points: readonly LonLat[], radiusM: number): LonLat[][] {
  switch (kind) {
    case "circle":
      return points.length === 0 ? [] : [circle(points[0][1], points[0][0], radiusM)];
    case "polygon":
      return points.length < 2 ? [] : [[...points, points[0]]];
    case "corridor":
      return corridor(points, radiusM);
    case "line":
      return [[...points]];
    default:
      return points.map(([lon, lat]) => cross(lon, lat)).flat();
  }
}

/** Both sides of a corridor and its ends; sides meet on the bisector of each bend. */
export function corridor(points: readonly LonLat[], halfM: number): LonLat[][] {
  if (points.length < 2) return [];
  const sides: [LonLat[], LonLat[]] = [[], []];
  for (let i = 0; i < points.length; i++) {
    const into = i > 0 ? bearing(points[i - 1], points[i]) : bearing(points[0], points[1]);
    const out = i < points.length - 1 ? bearing(points[i], points[i + 1]) : into;
    const bend = Math.atan2(Math.sin(out - into), Math.cos(out - into)) / 2;
    const reach = halfM / Math.max(0.3, Math.cos(bend)); // a sharp bend is cut, not drawn to infinity
    const [lon, lat] = points[i];
    sides[0].push(destination(lat, lon, reach, into + bend - Math.PI / 2));
    sides[1].push(destination(lat, lon, reach, into + bend + Math.PI / 2));
  }
  return [[...sides[0], ...[...sides[1]].reverse(), sides[0][0]]];
}

function bearing(a: LonLat, b: LonLat): number {
  return rangeBearing(a[1], a[0], b[1], b[0]).bearingRad;
}

function cross(lon: number, lat: number): LonLat[][] {
  const arm = 0.02;
  return [
    [[lon - arm, lat], [lon + arm, lat]],
    [[lon, lat - arm], [lon, lat + arm]],
  ];
}

const round = (deg: number): number => Math.round(deg * 1e5) / 1e5;
const wrap = (lon: number): number => ((((lon + 180) % 360) + 360) % 360) - 180;
