import { useValue } from "../look/value";
import type { SensorSite } from "../link/messages";
import { NEVER, NOGO, OK, type Health } from "../picture/picture";
import { reasonsOf } from "../picture/reasons";
import { Fold } from "./Fold";
import { useApp, useWords, type Translate } from "./hooks";

/** Bits of HEALTH.reasons: an error beyond what is corrected, and that a supervisor lets it be corrected all the same. */
const OFF_BEYOND = 1 << 15;
const LET_BEYOND = 1 << 16;

/** Every sensor with its state and the age of its last data. */
export function Sensors() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const stale = useValue(app.stale);
  const sensors = useValue(app.hello)?.site.sensors ?? [];
  const { health, nowMs } = app.store;
  // While the picture is stale its sensors' data grows old by our own clock.
  const now = nowMs + (stale.stale ? stale.ageMs : 0);
  const healthy = sensors.filter((s) => health.get(s.id)?.state === OK).length;
  return (
    <Fold id="sensors" title={t("sensors.title")} note={sensors.length > 0 ? t("sensors.ok", { n: healthy, of: sensors.length }) : undefined}>
      {sensors.length === 0 && <p class="empty">{t("sensors.none")}</p>}
      <ul class="sensors">
        {sensors.map((sensor) => (
          <Sensor key={sensor.id} page={() => app.sensorPage.set(sensor.id)} sensor={sensor} health={health.get(sensor.id)} now={now} t={t}
            release={app.may("registration.release") ? (value) => void app.acts.do("registration.release", { subject: String(sensor.id), value, reason: t("sensors.byHand") }) : null}
            use={app.may("sensor.use") ? (value) => void app.acts.do("sensor.use", { subject: String(sensor.id), value, reason: t("sensors.byHand") }) : null} />
        ))}
      </ul>
    </Fold>
  );
}

function Sensor(props: {
  sensor: SensorSite; health: Health | undefined; now: number; t: Translate; use: ((value: string) => void) | null;
  release: ((value: string) => void) | null; page: () => void;
}) {
  const { sensor, health, now, t, use, release, page } = props;
  const reasons = health?.reasons ?? 0;
  const state = health?.state ?? NEVER;
  return (
    <li class={`sensor state-${state}`} data-testid="sensor" data-sensor={sensor.id} data-state={state}>
      <span class="lamp" aria-hidden="true" />
      <span class="sensor-name">{sensor.name}</span>
      <span class="sensor-age" data-testid="sensor-age" title={t("sensors.age")}>
        {ageText(health?.lastDataMs ?? 0, now, t)}
      </span>
      <span class="sensor-facts">
        {t(`kind.${sensor.kind}`)} · {t(`sensorState.${state}`)}
      </span>
      {reasons !== 0 && (
        <span class="sensor-facts" data-testid="sensor-reasons">
          {reasonsOf(reasons).map((name) => t(`sensorReason.${name}`)).join(" · ")}
        </span>
      )}
      <span class="sensor-facts sensor-numbers">{numbers(health, t)}</span>
      <span class="sensor-buttons">
        <button type="button" class="quiet small" data-testid="sensor-page-open" aria-label={`${t("sensorPage.open")}: ${sensor.name}`} onClick={page}>
          {t("sensorPage.open")}
        </button>
      {release !== null && (reasons & (OFF_BEYOND | LET_BEYOND)) !== 0 && (
        <button type="button" class="quiet small" data-testid="sensor-release"
          onClick={() => release((reasons & LET_BEYOND) !== 0 ? "within" : "beyond")}>
          {t((reasons & LET_BEYOND) !== 0 ? "sensors.within" : "sensors.beyond")}
        </button>
      )}
      {use !== null && (
        <button type="button" class="quiet small" data-testid="sensor-use" onClick={() => use(state === NOGO ? "in" : "out")}>
          {t(state === NOGO ? "sensors.useIn" : "sensors.useOut")}
        </button>
      )}
      </span>
    </li>
  );
}

function numbers(health: Health | undefined, t: Translate): string {
  if (health === undefined) return "";
  const parts: string[] = [];
  if (health.rotationS > 0) parts.push(`${t("sensors.rotation")} ${health.rotationS.toFixed(2)} s`);
  if (!Number.isNaN(health.clockOffsetS)) parts.push(`${t("sensors.clock")} ${signed(health.clockOffsetS)} s`);
  if (!Number.isNaN(health.azimuthBiasRad)) parts.push(`${t("sensors.azimuthBias")} ${signed((health.azimuthBiasRad * 180) / Math.PI)}°`);
  if (!Number.isNaN(health.rangeBiasM)) parts.push(`${t("sensors.rangeBias")} ${signed(health.rangeBiasM)} m`);
  return parts.join(" · ");
}

const signed = (x: number): string => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(Math.abs(x) < 100 ? 2 : 0)}`;

/** The age in seconds, minutes or hours: the operator reads "how old", not a number to divide. */
export function ageText(lastMs: number, nowMs: number, t: Translate): string {
  if (!(lastMs > 0)) return t("sensors.never");
  const seconds = Math.max(0, (nowMs - lastMs) / 1000);
  if (seconds < 10) return t("unit.s", { value: seconds.toFixed(1) });
  if (seconds < 120) return t("unit.s", { value: Math.round(seconds) });
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
