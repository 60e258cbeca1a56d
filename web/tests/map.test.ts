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
