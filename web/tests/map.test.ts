import { outlineOf } from "../src/map/cover";
import { describe, expect, it } from "vitest";
import { circle, destination, rangeBearing } from "../src/map/geo";
import { latOfY, lonOfX, mercatorX, mercatorY, screenX, screenY } from "../src/map/mercator";
import { hatchImage } from "../src/map/style";
import { DARK } from "../src/look/palette";

describe("geo", () => {
  it("goes there and back", () => {
    for (const [lat, lon, range, bearing] of [[13.5, 2.2, 250_000, 1], [-60, 179.9, 400_000, 4.5], [80, -10, 5_000, 6]] as const) {
      const [lon2, lat2] = destination(lat, lon, range, bearing);
      const back = rangeBearing(lat, lon, lat2, lon2);
      expect(back.rangeM).toBeCloseTo(range, 2);
      expect(back.bearingRad).toBeCloseTo(bearing, 6);
    }
  });

  it("closes circles, in one piece over the date line", () => {
    const ring = circle(0, 179.5, 200_000);
    expect(ring[0]).toEqual(ring.at(-1));
    expect(Math.max(...ring.map((p) => p[0]))).toBeGreaterThan(180);
  });
});

describe("mercator", () => {
  it("inverts", () => {
    expect(lonOfX(mercatorX(2.18))).toBeCloseTo(2.18, 9);
    expect(latOfY(mercatorY(13.48))).toBeCloseTo(13.48, 9);
    expect(mercatorY(90)).toBeCloseTo(0, 4);
  });

  it("puts the camera's centre in the middle of the view", () => {
    const camera = { x: mercatorX(2), y: mercatorY(13), worldPx: 512 * 64, width: 800, height: 600, zoom: 6 };
    expect([screenX(camera, mercatorX(2)), screenY(camera, mercatorY(13))]).toEqual([400, 300]);
    expect(screenX(camera, mercatorX(3)) - 400).toBeCloseTo((512 * 64) / 360, 9);
  });
});

describe("hatch", () => {
  it("repeats without a seam", () => {
    const { width, height, data } = hatchImage(DARK);
    const alpha = (x: number, y: number): number => data[4 * ((y % height) * width + (x % width)) + 3];
    for (let y = 0; y < 2 * height; y++) for (let x = 0; x < width; x++) expect(alpha(x + 1, y)).toBe(alpha(x, y + 1));
  });
});

describe("the outline of cover that comes in rows", () => {
  const box = (w: number, s: number, e: number, n: number): number[][][] => [[[w, s], [e, s], [e, n], [w, n], [w, s]]];
  it("has no edge between rows, and one where a row reaches farther", () => {
    const lines = outlineOf([{ geometry: { coordinates: [box(0, 0, 4, 1), box(1, 1, 6, 2)] } }]);
    const flat = lines.filter(([a, b]) => a[1] === b[1]).map(([a, b]) => [a[1], a[0], b[0]]);
    expect(flat.sort((a, b) => a[0] - b[0] || a[1] - b[1])).toEqual([[0, 0, 4], [1, 0, 1], [1, 4, 6], [2, 1, 6]]);
    expect(lines.length).toBe(8);
    expect(outlineOf([])).toEqual([]);
  });
});
