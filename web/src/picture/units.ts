/** SI inside, the operator's units on the glass: flight levels, knots, nautical miles. */

export const M_PER_FT = 0.3048;
export const M_PER_NMI = 1852;
export const KT_PER_MPS = 3600 / 1852;

/** Flight level (hundreds of feet) of a pressure altitude. */
export const flightLevel = (metres: number): number => Math.round(metres / M_PER_FT / 100);

export const knots = (mps: number): number => Math.round(mps * KT_PER_MPS);

/** Feet a minute, rounded to hundreds. */
export const feetPerMinute = (mps: number): number => Math.round((mps / M_PER_FT) * 0.6) * 100;

/** Course over ground, 1..360 degrees. */
export function courseDeg(east: number, north: number): number {
  const deg = Math.round((Math.atan2(east, north) * 180) / Math.PI);
  return deg <= 0 ? deg + 360 : deg;
}

const two = (n: number): string => n.toString().padStart(2, "0");

/** HH:MM:SS UTC. */
export function clockUtc(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime())
    ? "--:--:--"
    : `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
}

/** 12°34'N 001°23'E, to a tenth of a minute. */
export function latLonText(lat: number, lon: number): string {
  return `${part(lat, 2, "N", "S")} ${part(lon, 3, "E", "W")}`;
}

function part(value: number, width: number, plus: string, minus: string): string {
  if (Number.isNaN(value)) return "--";
  const tenths = Math.round(Math.abs(value) * 600);
  const deg = Math.floor(tenths / 600);
  const min = (tenths - deg * 600) / 10;
  return `${deg.toString().padStart(width, "0")}°${min.toFixed(1).padStart(4, "0")}'${value < 0 ? minus : plus}`;
}
