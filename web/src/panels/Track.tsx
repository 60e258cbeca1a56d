import { useValue } from "../look/value";
import { rangeBearing } from "../map/geo";
import { answers, isEmergency } from "../picture/identity";
import {
  ABSENT_MODE3A, FLAG_ON_GROUND, FLAG_SIMULATED, FLAG_SPI, FLAG_TEST, type Tracks,
} from "../picture/tracks";
import { courseDeg, feetPerMinute, flightLevel, knots, latLonText, M_PER_FT, M_PER_NMI } from "../picture/units";
import { nameOf } from "../picture/words";
import { useApp, useWords, type Translate } from "./hooks";
import { Who } from "./Who";

/** All that is known of the selected track. */
export function Track() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const no = useValue(app.selected);
  const site = useValue(app.hello)?.site;
  const { tracks } = app.store;
  const slot = no === 0 ? -1 : tracks.slotOf(no);
  return (
    <section class="panel" data-testid="track" aria-label={t("track.title")}>
      <h2>
        {t("track.title")}
        {no !== 0 && (
          <button type="button" class="quiet small" onClick={() => app.select(0, false)}>
            {t("track.close")}
          </button>
        )}
      </h2>
      {slot < 0 ? (
        <p class="empty">{t(no === 0 ? "track.none" : "track.gone")}</p>
      ) : (
        <>
          <p class="track-name" data-testid="track-name">
            {nameOf(tracks, slot)}
            <span class={`chip status-${tracks.status[slot]}`}>{t(`status.${tracks.status[slot]}`)}</span>
            {remarks(tracks, slot, t).map((text) => (
              <span key={text} class="chip">
                {text}
              </span>
            ))}
            {isEmergency(tracks, slot) && <span class="chip alarm">{t("track.emergency")}</span>}
          </p>
          <Who trackNo={no} />
          <dl class="facts">
            {facts(tracks, slot, t, site === undefined ? null : [site.lat_deg, site.lon_deg], sensorNames()).map(
              ([name, value]) => (
                <div key={name}>
                  <dt>{name}</dt>
                  <dd>{value}</dd>
                </div>
              ),
            )}
          </dl>
        </>
      )}
    </section>
  );

  function sensorNames(): string {
    const low = tracks.sensorsLow[slot];
    const high = tracks.sensorsHigh[slot];
    const bit = (id: number): boolean => (((id & 63) < 32 ? low >>> (id & 31) : high >>> (id & 31)) & 1) === 1;
    return (site?.sensors ?? []).filter((s) => bit(s.id)).map((s) => s.name).join(", ") || "—";
  }
}

function remarks(tracks: Tracks, slot: number, t: Translate): string[] {
  const flags = tracks.flags[slot];
  const texts = [answer(tracks, slot, t)];
  if ((flags & FLAG_SIMULATED) !== 0) texts.push(t("track.simulated"));
  if ((flags & FLAG_TEST) !== 0) texts.push(t("track.test"));
  if ((flags & FLAG_SPI) !== 0) texts.push(t("track.spi"));
  if ((flags & FLAG_ON_GROUND) !== 0) texts.push(t("track.ground"));
  return texts;
}

/** What the aircraft itself says of who it is. */
function answer(tracks: Tracks, slot: number, t: Translate): string {
  if (answers(tracks, slot)) return t("track.answers");
  return t(tracks.mode3a[slot] === ABSENT_MODE3A ? "track.silent" : "track.codeOnly");
}

function facts(
  tracks: Tracks, slot: number, t: Translate, centre: [number, number] | null, sensors: string,
): [string, string][] {
  const value = (x: number, unit: string, show = (n: number): string => n.toString()): string =>
    Number.isNaN(x) ? "—" : t(`unit.${unit}`, { value: show(x) });
  const lon = tracks.lonLat[2 * slot];
  const lat = tracks.lonLat[2 * slot + 1];
  const east = tracks.vEast[slot];
  const north = tracks.vNorth[slot];
  const code = tracks.mode3a[slot];
  const address = tracks.icao24[slot];
  const press = tracks.pressAlt[slot];
  const away = centre === null ? null : rangeBearing(centre[0], centre[1], lat, lon);
  const course = courseDeg(east, north);
  return [
    [t("track.number"), tracks.trackNo[slot].toString()],
    [t("track.code"), code === ABSENT_MODE3A ? "—" : `A${code.toString(8).padStart(4, "0")}`],
    [t("track.address"), address === 0 ? "—" : address.toString(16).toUpperCase().padStart(6, "0")],
    [t("track.level"), Number.isNaN(press) ? "—" : `FL${flightLevel(press).toString().padStart(3, "0")}`],
    [t("track.height"), value(tracks.geoAlt[slot], "ft", (m) => (Math.round(m / M_PER_FT / 10) * 10).toString())],
    [t("track.climb"), value(tracks.climb[slot], "fpm", (v) => feetPerMinute(v).toString())],
    [t("track.speed"), value(Math.hypot(east, north), "kt", (v) => knots(v).toString())],
    [t("track.course"), value(course, "deg", (d) => d.toString().padStart(3, "0"))],
    [t("track.position"), latLonText(lat, lon)],
    [
      t("track.from"),
      away === null
        ? "—"
        : `${t("unit.nmi", { value: (away.rangeM / M_PER_NMI).toFixed(1) })} / ${courseDeg(Math.sin(away.bearingRad), Math.cos(away.bearingRad)).toString().padStart(3, "0")}°`,
    ],
    [t("track.accuracy"), value(tracks.posMajor[slot], "m", (m) => m.toFixed(0))],
    [t("track.age"), value((tracks.nowMs[slot] - tracks.toaMs[slot]) / 1000, "s", (s) => s.toFixed(1))],
    [t("track.sensors"), sensors],
  ];
}
