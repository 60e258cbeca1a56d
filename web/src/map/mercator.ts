/** Web Mercator in units of the whole world (0..1, y down), and the camera's way from there to pixels. */

const MAX_LAT = 85.051129;

export const mercatorX = (lonDeg: number): number => lonDeg / 360 + 0.5;

export function mercatorY(latDeg: number): number {
  const lat = Math.max(-MAX_LAT, Math.min(MAX_LAT, latDeg)) * (Math.PI / 180);
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + lat / 2)) / (2 * Math.PI);
}

export const lonOfX = (x: number): number => (x - 0.5) * 360;

export function latOfY(y: number): number {
  return ((2 * Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) - Math.PI / 2) * 180) / Math.PI;
}

/** A north-up camera: centre in Mercator units, pixels to the world, size of the view. */
export interface Camera {
  readonly x: number;
  readonly y: number;
  readonly worldPx: number;
  readonly width: number;
  readonly height: number;
  readonly zoom: number;
}

export const screenX = (camera: Camera, x: number): number => (x - camera.x) * camera.worldPx + camera.width / 2;
export const screenY = (camera: Camera, y: number): number => (y - camera.y) * camera.worldPx + camera.height / 2;
