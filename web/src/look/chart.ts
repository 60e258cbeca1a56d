/** A line over time (uPlot), loaded only when somebody looks at one. Axes in UTC, colours of the page. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface Series {
  readonly label: string;
  /** null where nothing is known: the line has a gap there. */
  readonly values: readonly (number | null)[];
  /** A bound or an expectation: thin and dashed. */
  readonly aside: boolean;
}

const HEIGHT_PX = 132;
/** A gap longer than so many steps is drawn as one: no line pretends that something was measured in it. */
const GAP_STEPS = 3;

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Times of an axis; with seconds where its marks are closer than a minute, so that no two read the same. */
function clocks(seconds: readonly number[]): string[] {
  const fine = seconds.length > 1 && seconds[1] - seconds[0] < 60;
  return seconds.map((s) => new Date(s * 1000).toISOString().slice(11, fine ? 19 : 16));
}

/** Put a gap where samples are missing, so that a line does not bridge it. */
export function withGaps(
  times: readonly number[], series: readonly Series[], stepS: number,
): (number | null)[][] {
  const columns: (number | null)[][] = [[], ...series.map(() => [])];
  times.forEach((at, i) => {
    if (i > 0 && at - times[i - 1] > GAP_STEPS * stepS) {
      columns[0].push((at + times[i - 1]) / 2);
      series.forEach((_, k) => columns[k + 1].push(null));
    }
    columns[0].push(at);
    series.forEach((one, k) => columns[k + 1].push(one.values[i]));
  });
  return columns;
}

/** Draw into `box` and return what takes it away again. */
export function draw(
  box: HTMLElement, times: readonly number[], series: readonly Series[], stepS: number, digits: number,
): () => void {
  const text = colour("--text-dim");
  const grid = { stroke: colour("--line"), width: 1 };
  const font = '11px "B612 Mono"';
  const plot = new uPlot(
    {
      width: Math.max(200, box.clientWidth),
      height: HEIGHT_PX,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: true },
        // A constant line stands in the middle of its scale instead of on an edge.
        y: { range: (_, low, high) => around(low, high, 10 ** -digits) },
      },
      axes: [
        { stroke: text, grid, font, size: 26, space: 70, values: (_, ticks) => clocks(ticks) },
        { stroke: text, grid, font, size: 64, values: (_, ticks) => ticks.map((v) => v.toFixed(digits).replace("-", "−")) },
      ],
      series: [
        {},
        ...series.map((one) => ({
          label: one.label,
          stroke: one.aside ? colour("--text-dim") : colour("--accent"),
          width: one.aside ? 1 : 1.6,
          ...(one.aside ? { dash: [4, 4] } : {}),
          points: { show: !one.aside && times.length < 60 },
        })),
      ],
    },
    withGaps(times, series, stepS) as uPlot.AlignedData,
    box,
  );
  const watched = new ResizeObserver(() => plot.setSize({ width: Math.max(200, box.clientWidth), height: HEIGHT_PX }));
  watched.observe(box);
  return () => {
    watched.disconnect();
    plot.destroy();
  };
}

function around(low: number | null, high: number | null, least: number): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [-least, least];
  const room = Math.max((high - low) * 0.12, least * 2);
  return [low - room, high + room];
}
