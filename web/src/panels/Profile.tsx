import { useValue } from "../look/value";
import { rangeBearing } from "../map/geo";
import { flightLevel, M_PER_NMI } from "../picture/units";
import { nameOf } from "../picture/words";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

const WIDTH = 290;
const HEIGHT = 150;
const REACH_NMI = 40;
const TOP_FL = 450;
const MOST = 40;

/** The vertical picture round the selected track: who flies above and below it, ahead (right) and behind (left). */
export function Profile() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const no = useValue(app.selected);
  const { tracks } = app.store;
  const own = tracks.slotOf(no);
  const x = (nmi: number): number => WIDTH / 2 + (nmi / REACH_NMI) * (WIDTH / 2 - 6);
  const y = (level: number): number => HEIGHT - 12 - (Math.max(0, Math.min(TOP_FL, level)) / TOP_FL) * (HEIGHT - 20);
  const near: { slot: number; along: number; level: number }[] = [];
  if (own >= 0) {
    const course = Math.atan2(tracks.vEast[own], tracks.vNorth[own]);
    for (let slot = 0; slot < tracks.count && near.length < MOST; slot++) {
      const press = tracks.pressAlt[slot];
      if (Number.isNaN(press) || tracks.hidden[slot] === 1) continue;
      const away = rangeBearing(tracks.lonLat[2 * own + 1], tracks.lonLat[2 * own], tracks.lonLat[2 * slot + 1], tracks.lonLat[2 * slot]);
      if (away.rangeM > REACH_NMI * M_PER_NMI) continue;
      near.push({ slot, along: (away.rangeM / M_PER_NMI) * Math.cos(away.bearingRad - course), level: flightLevel(press) });
    }
  }
  return (
    <Fold id="profile" title={t("profile.title")}>
      {own < 0 ? (
        <p class="empty">{t("track.none")}</p>
      ) : (
        <svg class="profile" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={t("profile.title")}>
          {[100, 200, 300, 400].map((level) => (
            <g key={level}>
              <line x1="0" x2={WIDTH} y1={y(level)} y2={y(level)} class="profile-line" />
              <text x="2" y={y(level) - 2}>{level}</text>
            </g>
          ))}
          <line x1={WIDTH / 2} x2={WIDTH / 2} y1="0" y2={HEIGHT} class="profile-line" />
          {near.map(({ slot, along, level }) => (
            <g key={tracks.trackNo[slot]} class={slot === own ? "profile-own" : ""}>
              <circle cx={x(along)} cy={y(level)} r="2.5" />
              <text x={x(along) + 5} y={y(level) + 3}>{nameOf(tracks, slot)}</text>
            </g>
          ))}
        </svg>
      )}
    </Fold>
  );
}
