import { useRef, useState } from "preact/hooks";
import { useValue } from "../look/value";
import { isEmergency } from "../picture/identity";
import { ABSENT_MODE3A, type Tracks as TrackStore } from "../picture/tracks";
import { flightLevel, knots } from "../picture/units";
import { nameOf } from "../picture/words";
import { useApp, useWords } from "./hooks";

const ROW_PX = 24;
const SPARE_ROWS = 6;

/** The list of tracks by name; only the rows in sight exist in the page. */
export function Tracks() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const selected = useValue(app.selected);
  const [wanted, setWanted] = useState("");
  const [top, setTop] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const { tracks } = app.store;
  const slots = find(tracks, wanted);
  const first = Math.max(0, Math.floor(top / ROW_PX) - SPARE_ROWS);
  const rows = Math.ceil((box.current?.clientHeight ?? 480) / ROW_PX) + 2 * SPARE_ROWS;
  return (
    <section class="panel grow" data-testid="tracks" aria-label={t("tracks.title")}>
      <h2>
        {t("tracks.title")}
        <span class="panel-note">{tracks.count}</span>
      </h2>
      <input
        type="search"
        class="search"
        data-testid="search"
        value={wanted}
        placeholder={t("tracks.search")}
        aria-label={t("tracks.search")}
        onInput={(event) => setWanted(event.currentTarget.value)}
      />
      <div class="row row-head" aria-hidden="true">
        <span>{t("tracks.name")}</span>
        <span>{t("tracks.level")}</span>
        <span>{t("tracks.speed")}</span>
        <span>{t("tracks.status")}</span>
      </div>
      <div class="list" ref={box} onScroll={(event) => setTop(event.currentTarget.scrollTop)} role="listbox" aria-label={t("tracks.title")}>
        {slots.length === 0 && <p class="empty">{t(tracks.count === 0 ? "tracks.none" : "tracks.nothing")}</p>}
        <div style={{ height: `${slots.length * ROW_PX}px`, position: "relative" }}>
          {slots.slice(first, first + rows).map((slot, k) => {
            const no = tracks.trackNo[slot];
            const press = tracks.pressAlt[slot];
            const speed = knots(Math.hypot(tracks.vEast[slot], tracks.vNorth[slot]));
            return (
              <button
                type="button"
                key={no}
                role="option"
                aria-selected={no === selected}
                class={`row status-${tracks.status[slot]}${isEmergency(tracks, slot) ? " alarm" : ""}`}
                style={{ transform: `translateY(${(first + k) * ROW_PX}px)` }}
                onClick={() => app.select(no, true)}
              >
                <span>{nameOf(tracks, slot)}</span>
                <span>{Number.isNaN(press) ? "—" : flightLevel(press).toString().padStart(3, "0")}</span>
                <span>{Number.isNaN(speed) ? "—" : speed}</span>
                <span>{t(`statusShort.${tracks.status[slot]}`)}</span>
              </button>
            );
          })}
        </div>
      </div>
    </section>
  );
}

/** Slots whose call sign, code, address or number contains the text, emergencies first, then by track number. */
function find(tracks: TrackStore, wanted: string): number[] {
  const text = wanted.trim().toUpperCase();
  const slots: number[] = [];
  for (let slot = 0; slot < tracks.count; slot++) {
    if (text === "" || searchText(tracks, slot).includes(text)) slots.push(slot);
  }
  const rank = (slot: number): number => (isEmergency(tracks, slot) ? 0 : 1e12) + tracks.trackNo[slot];
  return slots.sort((a, b) => rank(a) - rank(b));
}

function searchText(tracks: TrackStore, slot: number): string {
  const code = tracks.mode3a[slot];
  const octal = code === ABSENT_MODE3A ? "" : `A${code.toString(8).padStart(4, "0")}`;
  return `${nameOf(tracks, slot)} ${octal} ${tracks.icao24[slot].toString(16).padStart(6, "0")} #${tracks.trackNo[slot]}`.toUpperCase();
}
