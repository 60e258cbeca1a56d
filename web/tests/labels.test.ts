import { describe, expect, it } from "vitest";
import { HIDDEN, layout, offsetX, offsetY, pack, type LayoutRequest } from "../src/labels/layout";

/** A small generator, so that failures repeat. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function scene(n: number, seed: number, width = 1400, height = 900): LayoutRequest {
  const next = random(seed);
  const boxes = new Float32Array(4 * n);
  const symbols = new Float32Array(2 * n);
  for (let i = 0; i < n; i++) {
    const x = next() * width;
    const y = next() * height;
    boxes.set([x, y, 66, 28], 4 * i);
    symbols.set([x, y], 2 * i);
  }
  return { width, height, boxes, symbols, previous: new Int32Array(n).fill(HIDDEN), fixed: new Float32Array(0) };
}

function overlaps(request: LayoutRequest, places: Int32Array): number {
  const rects = [...places].flatMap((p, i) => {
    if (p === HIDDEN) return [];
    const [x, y, w, h] = request.boxes.subarray(4 * i, 4 * i + 4);
    return [[x + offsetX(p), y + offsetY(p), w, h]];
  });
  let count = 0;
  rects.forEach((a, i) => {
    for (const b of rects.slice(i + 1)) {
      if (a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3]) count += 1;
    }
  });
  return count;
}

describe("layout", () => {
  it("packs offsets both ways", () => {
    for (const [x, y] of [[0, 0], [-200, 84], [300, -312]] as const) {
      expect([offsetX(pack(x, y)), offsetY(pack(x, y))]).toEqual([x, y]);
    }
  });

  it.each([1, 2, 3])("places 200 labels of a busy sky without overlap (seed %i)", (seed) => {
    const request = scene(200, seed);
    const places = layout(request);
    expect(overlaps(request, places)).toBe(0);
    expect([...places].filter((p) => p === HIDDEN).length).toBeLessThan(8);
  });

  it("keeps labels where they are while traffic moves a little", () => {
    const request = scene(200, 4);
    const before = layout(request);
    const next = random(9);
    for (let i = 0; i < 200; i++) {
      const dx = 4 * next() - 2;
      const dy = 4 * next() - 2;
      request.boxes[4 * i] += dx;
      request.boxes[4 * i + 1] += dy;
      request.symbols[2 * i] += dx;
      request.symbols[2 * i + 1] += dy;
    }
    const after = layout({ ...request, previous: before });
    const moved = [...after].filter((p, i) => {
      if (p === HIDDEN || before[i] === HIDDEN) return p !== before[i];
      return Math.hypot(offsetX(p) - offsetX(before[i]), offsetY(p) - offsetY(before[i])) > 20;
    });
    expect(moved.length).toBeLessThanOrEqual(10); // 5 %
    expect(overlaps(request, after)).toBe(0);
  });

  it("leaves out the lesser label where there is room for one only", () => {
    const request = scene(40, 5, 60, 60);
    const places = layout(request);
    expect(places[0]).not.toBe(HIDDEN);
    expect(overlaps(request, places)).toBe(0);
  });

  it("keeps off fixed text", () => {
    const request = { ...scene(1, 6), fixed: Float32Array.of(0, 0, 1400, 900) };
    expect(layout({ ...request, boxes: Float32Array.of(700, 450, 60, 28), symbols: Float32Array.of(700, 450) })[0]).toBe(HIDDEN);
  });
});
