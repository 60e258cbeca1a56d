import { useValue } from "../look/value";
import { flightLevel, knots } from "../picture/units";
import { nameOf } from "../picture/words";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

const MOST = 80;

/** Flight strips: the tracks that a plan or a permit was coupled with, and those for which several fit. */
export function Plans() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const selected = useValue(app.selected);
  const { tracks, identities } = app.store;
  const strips = [...identities.held.values()]
    .filter((i) => (i.plan !== "" || i.permit !== "" || i.candidates > 1) && tracks.slotOf(i.trackNo) >= 0)
    .sort((a, b) => a.plan.localeCompare(b.plan));
  return (
    <Fold id="plans" title={t("plans.title")} note={strips.length > 0 ? String(strips.length) : undefined}>
      {strips.length === 0 && <p class="empty">{t("plans.none")}</p>}
      <ul class="strips">
        {strips.slice(0, MOST).map((strip) => {
          const slot = tracks.slotOf(strip.trackNo);
          const press = tracks.pressAlt[slot];
          return (
            <li key={strip.trackNo}>
              <button type="button" class="strip" data-testid="strip" aria-pressed={strip.trackNo === selected} onClick={() => app.select(strip.trackNo, true)}>
                <strong>{nameOf(tracks, slot)}</strong>
                <span>{strip.plan || (strip.candidates > 1 ? t("who.ambiguous", { n: strip.candidates }) : "—")}</span>
                <span class="dim">{strip.permit}</span>
                <span>{Number.isNaN(press) ? "—" : `F${flightLevel(press).toString().padStart(3, "0")}`}</span>
                <span>{knots(Math.hypot(tracks.vEast[slot], tracks.vNorth[slot])) || "—"}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </Fold>
  );
}
