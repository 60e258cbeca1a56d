import { useEffect, useRef, useState } from "preact/hooks";
import type { Series } from "../look/chart";
import { palette } from "../look/theme";
import { useValue } from "../look/value";
import { reasonsOf } from "../picture/reasons";
import { NEVER } from "../picture/picture";
import { useAgain, useApp, useWords, type Translate } from "./hooks";
import { LedgerTables, linkState } from "./Ledgers";
import { ageText } from "./Sensors";

const AGAIN_MS = 5000;
const DEGREES = 180 / Math.PI;
const SPANS = ["hour", "watch"] as const;

type Column = readonly (number | null)[];

/** Samples of one sensor, as `/api/sensors/history` says them. */
interface History {
  readonly sensor: number;
  readonly step_s: number;
  readonly now_ms: readonly number[];
  readonly rotation_s: Column;
  readonly range_bias_m: Column;
  readonly range_bias_sd_m: Column;
  readonly azimuth_bias_rad: Column;
  readonly azimuth_bias_sd_rad: Column;
  readonly time_bias_s: Column;
  readonly clock_offset_s: Column;
  readonly plots_per_scan: Column;
}

const readHistory = (answer: unknown): History => answer as History;
const scaled = (column: Column, by: number): Column => column.map((v) => (v === null ? null : v * by));
const edge = (column: Column, sd: Column, sign: number): Column =>
  column.map((v, i) => {
    const s = sd[i];
    return v === null || s === null ? null : v + sign * s;
  });

/** One sensor in full: how it is, what it sent, and its rotation, errors and clock over the last hours. */
export function SensorPage() {
  const app = useApp();
  const t = useWords();
  const id = useValue(app.sensorPage);
  const sensors = useValue(app.hello)?.site.sensors ?? [];
  const status = useValue(app.status);
  useValue(app.beat);
  const [span, setSpan] = useState<(typeof SPANS)[number]>("hour");
  const { told: history, failed } = useAgain(id === 0 ? "" : `/api/sensors/history?sensor=${id}&span=${span}`, AGAIN_MS, readHistory);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (id !== 0) box.current?.focus();
  }, [id]);
  const sensor = sensors.find((s) => s.id === id);
  if (sensor === undefined) return null;
  const health = app.store.health.get(id);
  const link = (status?.links ?? []).find((l) => l.number === sensor.link);
  const facts: [string, string][] = [
    [t("sensors.age"), ageText(health?.lastDataMs ?? 0, app.store.nowMs, t)],
    [t("sensorPage.plots"), String(health?.plots ?? 0)],
    [t("sensorPage.services"), String(health?.services ?? 0)],
    [t("sensorPage.rejects"), String(health?.rejects ?? 0)],
    ...(link === undefined ? [] : [
      [t("sensorPage.link"), `${link.text} · ${linkState(t, link.state)}`] as [string, string],
      [t("sensorPage.frames"), String(link.frames)] as [string, string],
      [t("sensorPage.drops"), link.kernel_drops === null ? t("sensorPage.unknown") : String(link.kernel_drops)] as [string, string],
    ]),
  ];
  return (
    <div class="help sensor-page" role="dialog" aria-modal="true" aria-label={t("sensorPage.title")} data-testid="sensor-page" tabIndex={-1} ref={box}>
      <h1>
        <span>{sensor.name}</span>
        <button type="button" class="tool" data-testid="sensor-page-close" onClick={() => app.sensorPage.set(0)}>{t("track.close")}</button>
      </h1>
      <p class="line">
        <select class="search" data-testid="sensor-page-sensor" aria-label={t("sensors.title")} value={String(id)}
          onChange={(event) => app.sensorPage.set(Number(event.currentTarget.value))}>
          {sensors.map((s) => <option key={s.id} value={String(s.id)}>{s.name}</option>)}
        </select>
        {SPANS.map((name) => (
          <button key={name} type="button" class="tool" data-testid={`sensor-page-${name}`} aria-pressed={span === name} onClick={() => setSpan(name)}>
            {t(`sensorPage.span.${name}`)}
          </button>
        ))}
      </p>
      <p data-testid="sensor-page-state">
        {t(`kind.${sensor.kind}`)} · {t(`sensorState.${health?.state ?? NEVER}`)}
        {reasonsOf(health?.reasons ?? 0).map((name) => ` · ${t(`sensorReason.${name}`)}`)}
      </p>
      <dl class="sensor-account">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {failed && <p class="empty" role="alert">{t("sensorPage.failed")}</p>}
      {history !== null && <Charts key={`${id}.${span}`} history={history} periodS={sensor.period_s} t={t} />}
      <h2>{t("ledgers.title")}</h2>
      <div class="ledgers-wide"><LedgerTables /></div>
    </div>
  );
}

function Charts(props: { history: History; periodS: number; t: Translate }) {
  const { history: h, periodS, t } = props;
  const azimuth = scaled(h.azimuth_bias_rad, DEGREES);
  const azimuthSd = scaled(h.azimuth_bias_sd_rad, DEGREES);
  const main = (values: Column): Series => ({ label: "", values, aside: false });
  const aside = (values: Column): Series => ({ label: "", values, aside: true });
  const expected: Column = h.now_ms.map(() => (periodS > 0 ? periodS : null));
  const charts: readonly [string, readonly Series[], number, string][] = [
    ["rotation", [main(h.rotation_s), ...(periodS > 0 ? [aside(expected)] : [])], 2, "s"],
    ["azimuth", [main(azimuth), aside(edge(azimuth, azimuthSd, 1)), aside(edge(azimuth, azimuthSd, -1))], 2, "°"],
    ["range", [main(h.range_bias_m), aside(edge(h.range_bias_m, h.range_bias_sd_m, 1)), aside(edge(h.range_bias_m, h.range_bias_sd_m, -1))], 0, "m"],
    ["clock", [main(h.clock_offset_s)], 2, "s"],
    ["time", [main(h.time_bias_s)], 3, "s"],
    ["perScan", [main(h.plots_per_scan)], 0, ""],
  ];
  return (
    <div class="charts">
      {charts.map(([name, series, digits, unit]) => (
        <Chart key={name} name={name} history={h} series={series} digits={digits} unit={unit} t={t} />
      ))}
    </div>
  );
}

function Chart(props: { name: string; history: History; series: readonly Series[]; digits: number; unit: string; t: Translate }) {
  const { name, history, series, digits, unit, t } = props;
  const box = useRef<HTMLDivElement>(null);
  const theme = useValue(palette);
  const known = series[0].values.filter((v) => v !== null);
  const times = history.now_ms.map((ms) => ms / 1000);
  useEffect(() => {
    const element = box.current;
    if (element === null || known.length === 0) return undefined;
    let away: (() => void) | null = null;
    let gone = false;
    void import("../look/chart").then((module) => {
      if (!gone) away = module.draw(element, times, series, history.step_s, digits);
    });
    return () => {
      gone = true;
      away?.();
    };
  }, [history, theme, known.length === 0]);
  const said = (value: number): string => `${value.toFixed(digits).replace("-", "−")}${unit === "" ? "" : ` ${unit}`}`;
  const last = known.at(-1);
  const range = last === undefined ? t("sensorPage.notKnown")
    : t("sensorPage.range", { last: said(last), least: said(Math.min(...known)), most: said(Math.max(...known)) });
  return (
    <figure class="chart" data-testid={`chart-${name}`} data-points={known.length}>
      <figcaption>
        <span>{t(`sensorPage.chart.${name}`)}</span>
        <span class="chart-range">{range}</span>
      </figcaption>
      <div ref={box} role="img" aria-label={`${t(`sensorPage.chart.${name}`)}: ${range}`} class={last === undefined ? "chart-none" : "chart-box"} />
    </figure>
  );
}
