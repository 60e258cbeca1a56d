import { useValue } from "../look/value";
import { CATEGORIES } from "../picture/identities";
import { RAISED } from "../picture/alerts";
import { clockUtc } from "../picture/units";
import { nameOf } from "../picture/words";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

const MOST = 40;

/** For the instructor: what the crew did, and how long after the alert that asked for it. */
export function Exercise() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const { alerts, identities, tracks } = app.store;
  const open = [...alerts.open.values()];
  const waiting = open.filter((a) => a.state === RAISED && a.shelvedUntilMs === 0).length;
  const name = (no: number): string => (tracks.slotOf(no) < 0 ? `#${no}` : nameOf(tracks, tracks.slotOf(no)));
  const taken = open
    .filter((a) => a.by !== "" && a.acknowledgedMs > 0)
    .map((a) => ({
      key: `a${a.no}`, atMs: a.acknowledgedMs, who: a.by, seconds: Math.round((a.acknowledgedMs - a.raisedMs) / 1000),
      what: `${t(`rule.${a.rule}`, { defaultValue: a.rule })} ${a.trackNo === 0 ? a.area : name(a.trackNo)}`,
    }));
  const decided = [...identities.held.values()]
    .filter((i) => i.decidedBy !== "")
    .map((i) => ({
      key: `i${i.trackNo}`, atMs: i.decidedMs, who: i.decidedBy, seconds: -1,
      what: `${name(i.trackNo)}: ${t(`category.${CATEGORIES[i.category] ?? "unknown"}`)}`,
    }));
  const done = [...taken, ...decided].sort((a, b) => b.atMs - a.atMs).slice(0, MOST);
  return (
    <Fold id="exercise" title={t("crew.title")} note={waiting > 0 ? t("alerts.waiting", { n: waiting }) : undefined} alarm={waiting > 0}>
      {done.length === 0 && <p class="empty">{t("crew.none")}</p>}
      <ol class="log">
        {done.map((deed) => (
          <li key={deed.key}>
            <span class="log-head">{clockUtc(deed.atMs)} {deed.who}{deed.seconds >= 0 && ` · ${t("crew.after", { seconds: deed.seconds })}`}</span>
            <span>{deed.what}</span>
          </li>
        ))}
      </ol>
    </Fold>
  );
}
