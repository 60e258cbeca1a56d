import { useState } from "preact/hooks";
import { useValue } from "../look/value";
import { clockUtc } from "../picture/units";
import { BACK_MS, endOf, loopStep, nextSpeed, seekTo, SPEEDS, speedOf, toggled } from "../tools/replay";
import { useApp, useWords } from "./hooks";

const ARROW_MS = 10_000;
const PAGE_MS = 60_000;
const MOVES: Readonly<Record<string, number>> = {
  ArrowLeft: -ARROW_MS, ArrowDown: -ARROW_MS, ArrowRight: ARROW_MS, ArrowUp: ARROW_MS, PageDown: -PAGE_MS, PageUp: PAGE_MS,
};

/** The second time base: where in a recording the picture stands, and how it goes on. Only a replay has one. */
export function TimeBar() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  useValue(app.position);
  const replay = useValue(app.status)?.replay;
  const [aim, setAim] = useState<number | null>(null);
  const [begun, setBegun] = useState<number | null>(null);
  if (replay === undefined) return null;
  const may = app.may("replay.control");
  const free = may && !replay.fixed;
  const nowMs = app.store.nowMs > 0 && !replay.seeking ? app.store.nowMs : replay.now_ms;
  const last = endOf(replay, nowMs);
  const shownMs = aim ?? nowMs;
  const ask = (...values: string[]): void => values.forEach((value) => void app.acts.do("replay.control", { value }));
  const seek = (ms: number): void => ask(seekTo(Math.min(Math.max(ms, replay.first_ms), last)));
  const move = (event: KeyboardEvent): void => {
    const target = event.key === "Home" ? replay.first_ms : event.key === "End" ? last : event.key in MOVES ? nowMs + MOVES[event.key] : null;
    if (target === null) return;
    event.preventDefault();
    seek(target);
  };
  const percent = (ms: number): string => `${(100 * (ms - replay.first_ms)) / (last - replay.first_ms)}%`;
  const loop = (): void => {
    const next = loopStep(replay, begun, nowMs);
    setBegun(next.begun);
    if (next.ask !== "") ask(next.ask);
  };
  const marked = replay.loop ?? (begun === null ? null : [begun, Math.max(begun, nowMs)] as const);
  const speeds = SPEEDS.includes(replay.speed) ? SPEEDS : [...SPEEDS, replay.speed];
  const state = replay.seeking ? "seeking" : replay.ended ? "ended" : replay.paused ? "paused" : "playing";
  return (
    <section class="timebar" data-testid="timebar" data-state={state} aria-label={t("time.title")}>
      <button type="button" class="tool" data-testid="time-back" title={t("time.backHow")} disabled={!free} onClick={() => seek(nowMs - BACK_MS)}>
        −10 s
      </button>
      <button type="button" class="tool play" data-testid="time-play" disabled={!may} onClick={() => ask(...toggled(replay))}>
        {t(replay.paused || replay.ended ? "time.play" : "time.pause")}
      </button>
      <button type="button" class="tool" data-testid="time-step" title={t("time.stepHow")} disabled={!may} onClick={() => ask("step 1")}>
        +1 s
      </button>
      <span class="time-edge">{clockUtc(replay.first_ms)}</span>
      <span class="time-way">
        {marked !== null && <span class="time-loop" style={{ left: percent(marked[0]), width: `calc(${percent(marked[1])} - ${percent(marked[0])})` }} />}
        <input
          type="range" data-testid="time-slider" aria-label={t("time.slider")} aria-valuetext={`${clockUtc(shownMs)} UTC`} disabled={!free}
          min={replay.first_ms} max={last} step="100" value={shownMs} onKeyDown={move}
          onInput={(event) => setAim(Number(event.currentTarget.value))}
          onChange={(event) => {
            setAim(null);
            seek(Number(event.currentTarget.value));
          }}
        />
      </span>
      <span class="time-edge">{replay.last_ms === null ? "…" : clockUtc(replay.last_ms)}</span>
      <output class="time-now" data-testid="time-now">{clockUtc(shownMs)}</output>
      <select class="search" data-testid="time-speed" aria-label={t("time.speed")} disabled={!may} value={String(replay.speed ?? "max")}
        onChange={(event) => ask(`speed ${event.currentTarget.value}`)}>
        {speeds.map((s) => <option key={String(s)} value={String(s ?? "max")}>{s === null ? t("time.max") : `${s} ×`}</option>)}
      </select>
      <button type="button" class="tool" data-testid="time-loop" aria-pressed={replay.loop !== null} disabled={!free} onClick={loop}>
        {t(replay.loop !== null ? "time.loopOff" : begun === null ? "time.loopFrom" : "time.loopTo")}
      </button>
      {replay.fixed && <span class="dim">{t("time.fixed")}</span>}
    </section>
  );
}

/** The keys of a replay; false where there is none to steer. */
export function timeKey(app: ReturnType<typeof useApp>, key: string): boolean {
  const replay = app.status.get()?.replay;
  if (replay === undefined || !app.may("replay.control")) return false;
  const values: Readonly<Record<string, () => string[]>> = {
    " ": () => toggled(replay),
    ".": () => ["step 1"],
    ",": () => (replay.fixed ? [] : [seekTo(Math.max(replay.first_ms, app.store.nowMs - BACK_MS))]),
    "]": () => [speedOf(nextSpeed(replay.speed, 1))],
    "[": () => [speedOf(nextSpeed(replay.speed, -1))],
  };
  const made = values[key] as (() => string[]) | undefined;
  for (const value of made?.() ?? []) void app.acts.do("replay.control", { value });
  return made !== undefined;
}
