/**
 * Where labels go: a label keeps its place beside its symbol while that is free, otherwise takes the cheapest free one of
 * a few round it, and is left out where there is none.
 *
 * Pure: arrays in, arrays out; it runs in a worker. Labels come in order of importance and are placed in that order,
 * so a label never gives way to a lesser one.
 */

/** No place: the label is not drawn. */
export const HIDDEN = -1;

const BIAS = 512;

/** An offset of the label's upper left corner from its symbol, in pixels, as one number. */
export const pack = (dx: number, dy: number): number => ((dx + BIAS) << 10) | (dy + BIAS);
export const offsetX = (packed: number): number => (packed >> 10) - BIAS;
export const offsetY = (packed: number): number => (packed & 1023) - BIAS;

const GAPS = [12, 30, 54, 84, 116];
const CELL = 64;
/** Half the room a symbol takes. */
const SYMBOL = 9;
const MARGIN = 2;
const NUDGES = [[0, -6], [0, 6], [-6, 0], [6, 0], [0, -12], [0, 12], [-12, 0], [12, 0]] as const;
const MOST_DRIFT = 96;
const CROWD = 600;

/** Whether a label at an offset would cover its own symbol. */
const touches = (dx: number, dy: number, w: number, h: number): boolean =>
  dx < SYMBOL && dx + w > -SYMBOL && dy < SYMBOL && dy + h > -SYMBOL;

export interface LayoutRequest {
  /** Size of the view in pixels. */
  width: number;
  height: number;
  /** Label by label, most important first: x, y of its symbol, then its width and height. */
  boxes: Float32Array;
  /** The packed offset each label had, or HIDDEN. */
  previous: Int32Array;
  /** x, y of every symbol in view: to be covered only where there is no better place. */
  symbols: Float32Array;
  /** x0, y0, x1, y1 of what must not be covered at all. */
  fixed: Float32Array;
}

class Grid {
  private readonly columns: number;
  private readonly rows: number;
  private readonly first: Int32Array;
  private next: Int32Array;
  private item: Int32Array;
  private used = 0;
  constructor(width: number, height: number, room: number) {
    this.columns = Math.max(1, Math.ceil(width / CELL) + 2);
    this.rows = Math.max(1, Math.ceil(height / CELL) + 2);
    this.first = new Int32Array(this.columns * this.rows).fill(-1);
    this.next = new Int32Array(room);
    this.item = new Int32Array(room);
  }

  column(x: number): number {
    return Math.max(0, Math.min(this.columns - 1, Math.floor(x / CELL) + 1));
  }

  row(y: number): number {
    return Math.max(0, Math.min(this.rows - 1, Math.floor(y / CELL) + 1));
  }

  add(item: number, x0: number, y0: number, x1: number, y1: number): void {
    for (let r = this.row(y0); r <= this.row(y1); r++) {
      for (let c = this.column(x0); c <= this.column(x1); c++) {
        if (this.used === this.next.length) {
          this.next = grown(this.next);
          this.item = grown(this.item);
        }
        const cell = r * this.columns + c;
        this.item[this.used] = item;
        this.next[this.used] = this.first[cell];
        this.first[cell] = this.used++;
      }
    }
  }

  /** Count the items whose `test` holds near a box, at most `enough`. */
  count(x0: number, y0: number, x1: number, y1: number, enough: number, test: (item: number) => boolean): number {
    let n = 0;
    for (let r = this.row(y0); r <= this.row(y1); r++) {
      for (let c = this.column(x0); c <= this.column(x1); c++) {
        for (let at = this.first[r * this.columns + c]; at >= 0; at = this.next[at]) {
          if (test(this.item[at]) && ++n >= enough) return n;
        }
      }
    }
    return n;
  }
}

function grown(from: Int32Array): Int32Array {
  const to = new Int32Array(2 * from.length);
  to.set(from);
  return to;
}

/** Place the labels; returns the packed offset of each, or HIDDEN. */
export function layout(request: LayoutRequest): Int32Array {
  const { width, height, boxes, previous, symbols, fixed } = request;
  const n = previous.length;
  const out = new Int32Array(n).fill(HIDDEN);
  const corners = new Float32Array(4 * n + fixed.length);
  corners.set(fixed, 4 * n);
  const labels = new Grid(width, height, 8 * n + 16);
  const marks = new Grid(width, height, symbols.length / 2 + 16);
  for (let k = 0; 2 * k < symbols.length; k++) marks.add(k, symbols[2 * k], symbols[2 * k + 1], symbols[2 * k], symbols[2 * k + 1]);

  for (let k = n; 4 * k < corners.length; k++) {
    labels.add(k, corners[4 * k], corners[4 * k + 1], corners[4 * k + 2], corners[4 * k + 3]);
  }

  const free = (x0: number, y0: number, x1: number, y1: number): boolean =>
    labels.count(x0, y0, x1, y1, 1, (j) => {
      const at = 4 * j;
      return corners[at] < x1 && corners[at + 2] > x0 && corners[at + 1] < y1 && corners[at + 3] > y0;
    }) === 0;
  const covered = (x0: number, y0: number, x1: number, y1: number): number =>
    marks.count(x0 - SYMBOL, y0 - SYMBOL, x1 + SYMBOL, y1 + SYMBOL, 4, (k) => {
      const x = symbols[2 * k];
      const y = symbols[2 * k + 1];
      return x > x0 - SYMBOL && x < x1 + SYMBOL && y > y0 - SYMBOL && y < y1 + SYMBOL;
    });

  // In a crowd a label far from its symbol says less than it hides: only the near places are tried.
  const crowd = symbols.length / 2 > CROWD;
  const rings = crowd ? 2 : GAPS.length;
  const drift = crowd ? GAPS[1] : MOST_DRIFT;
  for (let i = 0; i < n; i++) {
    const [x, y, w, h] = boxes.subarray(4 * i, 4 * i + 4);
    let best = HIDDEN;
    let bestCost = Infinity;
    const consider = (dx: number, dy: number, cost: number, margin = MARGIN): void => {
      if (cost >= bestCost) return;
      const x0 = x + dx - margin;
      const y0 = y + dy - margin;
      const x1 = x + dx + w + margin;
      const y1 = y + dy + h + margin;
      if (!free(x0, y0, x1, y1)) return;
      const out = x0 < 0 || y0 < 0 || x1 > width || y1 > height ? 14 : 0;
      const total = cost + 9 * covered(x0, y0, x1, y1) + out;
      if (total >= bestCost) return;
      bestCost = total;
      best = pack(dx, dy);
    };
    // The bonus of the old place keeps labels still: they move only when it is taken or has become clearly worse.
    // It needs no margin there, and where it is pushed it first tries to give way by a few pixels.
    if (previous[i] !== HIDDEN) {
      const dx = offsetX(previous[i]);
      const dy = offsetY(previous[i]);
      consider(dx, dy, -12, 0);
      for (const [nudgeX, nudgeY] of NUDGES) {
        const farX = Math.max(-dx - w, dx, 0);
        const farY = Math.max(-dy - h, dy, 0);
        // A label that gave way again and again would drift off or onto its symbol: then it looks for a new place.
        if (farX > drift || farY > drift || touches(dx + nudgeX, dy + nudgeY, w, h)) continue;
        consider(dx + nudgeX, dy + nudgeY, -8);
      }
    }
    for (let ring = 0; ring < rings && bestCost > 10 * ring; ring++) {
      const gap = GAPS[ring];
      const diagonal = Math.round(gap * 0.75);
      const cost = 10 * ring;
      const middleX = -Math.round(w / 2);
      const middleY = -Math.round(h / 2);
      consider(diagonal, -diagonal - h + 4, cost);
      consider(gap, middleY, cost + 1);
      consider(diagonal, diagonal - 4, cost + 2);
      consider(-diagonal - w, -diagonal - h + 4, cost + 3);
      consider(-diagonal - w, diagonal - 4, cost + 4);
      consider(-gap - w, middleY, cost + 4);
      consider(middleX, -gap - h, cost + 5);
      consider(middleX, gap, cost + 5);
    }
    out[i] = best;
    if (best === HIDDEN) continue;
    const x0 = x + offsetX(best);
    const y0 = y + offsetY(best);
    corners.set([x0, y0, x0 + w, y0 + h], 4 * i);
    labels.add(i, x0, y0, x0 + w, y0 + h);
  }
  return out;
}
