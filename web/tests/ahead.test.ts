import { describe, expect, it } from "vitest";
import type { Column, TableView } from "../src/link/decode";
import { writeAhead, writeEllipses, writeWeather } from "../src/map/ahead";
import { Tracks } from "../src/picture/tracks";
import { Weather } from "../src/picture/weather";

const table = (rows: number, columns: Record<string, Column>): TableView => ({ rows, columns: new Map(Object.entries(columns)) });

function tracks(more: Record<"lat" | "lon" | "east" | "north" | "turn" | "major" | "minor" | "orient", number[]>): Tracks {
  const made = new Tracks();
  made.merge(table(1, {
    track_no: new Uint32Array([1]), status: new Uint8Array([2]), lat_deg: new Float64Array(more.lat),
    lon_deg: new Float64Array(more.lon), v_east_mps: new Float32Array(more.east), v_north_mps: new Float32Array(more.north),
    turn_radps: new Float32Array(more.turn), pos_major_m: new Float32Array(more.major),
    pos_minor_m: new Float32Array(more.minor), pos_orient_rad: new Float32Array(more.orient),
  }), [], true);
  return made;
}
const ONE = new Uint32Array([0]);
const base = { lat: [0], lon: [10], east: [0], north: [200], turn: [0], major: [1000], minor: [200], orient: [Math.PI / 2] };

describe("where tracks may be and will be", () => {
  it("draws the ellipse with its long axis where it points, closed, and leaves out what is too small to see", () => {
    const data = writeEllipses(tracks(base), ONE, 10, [1, 2, 3], [4, 5, 6]);
    const ends = data.attributes["getTargetPosition"].value;
    const starts = data.attributes["getSourcePosition"].value;
    expect(ends[2 * data.length - 2]).toBeCloseTo(starts[0], 12);
    expect(ends[2 * data.length - 1]).toBeCloseTo(starts[1], 12);
    let [x, y] = [0, 0];
    for (let k = 0; k < data.length; k++) {
      x = Math.max(x, Math.abs(starts[2 * k] - 10) * 111_195);
      y = Math.max(y, Math.abs(starts[2 * k + 1]) * 111_195);
    }
    expect(x).toBeCloseTo(2000, 0);
    expect(y).toBeCloseTo(400, 0);
    expect(writeEllipses(tracks(base), ONE, 1000, [1, 2, 3], [4, 5, 6]).length).toBe(0);
    expect(writeEllipses(tracks({ ...base, major: [NaN] }), ONE, 10, [1, 2, 3], [4, 5, 6]).length).toBe(0);
  });

  it("goes straight on, and round for the first minute of a turn to the right", () => {
    const straight = writeAhead(tracks(base), ONE, [1, 2, 3]);
    expect(straight.length).toBe(5);
    const at = straight.attributes["getPosition"].value;
    expect(at[9] * 111_195).toBeCloseTo(200 * 300, -1);
    const turning = writeAhead(tracks({ ...base, turn: [Math.PI / 120] }), ONE, [1, 2, 3]).attributes["getPosition"].value;
    expect(turning[0]).toBeGreaterThan(10);
    expect(turning[8] - turning[6]).toBeCloseTo((200 * 60) / 111_195, 3); // then due east
    expect(writeAhead(tracks({ ...base, north: [0] }), ONE, [1, 2, 3]).length).toBe(0);
  });
});

describe("the weather", () => {
  it("is vectors as they are and contours joined within their own, never without a place", () => {
    const weather = new Weather();
    weather.merge(table(5, {
      sensor_id: new Uint16Array([1, 1, 1, 1, 1]), picture: new Uint32Array([1, 1, 1, 1, 1]), contour: new Uint8Array([0, 4, 4, 5, 0]),
      kind: new Uint8Array([1, 3, 3, 3, 1]), intensity: new Uint8Array([2, 3, 3, 3, 9]), lat1_deg: new Float64Array([1, 5, 6, 7, NaN]),
      lon1_deg: new Float64Array([2, 5, 6, 7, 1]), lat2_deg: new Float64Array([3, NaN, NaN, NaN, 1]),
      lon2_deg: new Float64Array([4, NaN, NaN, NaN, 1]),
    }), true);
    expect(weather.count).toBe(2);
    expect([...weather.from.subarray(0, 4)]).toEqual([2, 1, 5, 5]);
    expect([...weather.to.subarray(0, 4)]).toEqual([4, 3, 6, 6]);
    const scale = [[0, 0, 0], [1, 1, 1], [2, 2, 2], [3, 3, 3]] as const;
    expect(writeWeather(weather, scale).attributes["getColor"].value[4]).toBe(3);
    weather.merge(undefined, false);
    expect(weather.count).toBe(2);
    weather.merge(undefined, true);
    expect(weather.count).toBe(0);
  });
});
