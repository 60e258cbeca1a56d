/** Circles and points on the sphere, for range rings, hatched discs and vectors (display only; metres on the mean sphere). */

const EARTH_M = 6_371_008.8;
const RAD = Math.PI / 180;

/** The point `distance_m` from a point on a bearing; longitudes are not wrapped, so that shapes stay in one piece. */
export function destination(lat: number, lon: number, distanceM: number, bearingRad: number): [number, number] {
  const d = distanceM / EARTH_M;
  const p = lat * RAD;
  const sinP2 = Math.sin(p) * Math.cos(d) + Math.cos(p) * Math.sin(d) * Math.cos(bearingRad);
  const dl = Math.atan2(Math.sin(bearingRad) * Math.sin(d) * Math.cos(p), Math.cos(d) - Math.sin(p) * sinP2);
  return [lon + dl / RAD, Math.asin(sinP2) / RAD];
}

/** A closed circle of (lon, lat). */
export function circle(lat: number, lon: number, radiusM: number, points = 96): [number, number][] {
  const ring: [number, number][] = [];
  for (let k = 0; k <= points; k++) ring.push(destination(lat, lon, radiusM, (2 * Math.PI * (k % points)) / points));
  return ring;
}

/** Great-circle distance in metres and initial bearing in radians. */
export function rangeBearing(lat1: number, lon1: number, lat2: number, lon2: number): { rangeM: number; bearingRad: number } {
  const p1 = lat1 * RAD;
  const p2 = lat2 * RAD;
  const dl = (lon2 - lon1) * RAD;
  const h = Math.sin((p2 - p1) / 2) ** 2 + Math.cos(p1) * Math.cos(p2) * Math.sin(dl / 2) ** 2;
  const bearing = Math.atan2(
    Math.sin(dl) * Math.cos(p2),
    Math.cos(p1) * Math.sin(p2) - Math.sin(p1) * Math.cos(p2) * Math.cos(dl),
  );
  return {
    rangeM: 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h))),
    bearingRad: (bearing + 2 * Math.PI) % (2 * Math.PI),
  };
}
