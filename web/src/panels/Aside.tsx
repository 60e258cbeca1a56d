import { useValue } from "../look/value";
import { clockUtc } from "../picture/units";
import { Fold } from "./Fold";
import { didName, useAgain, useApp, useWords, type Translate } from "./hooks";

const AGAIN_MS = 2000;
const USUAL = "nothing";

/** One kind of thing that was set aside, as `/api/aside` says it; what is absent does not apply to it. */
interface Entry {
  readonly what: string;
  readonly do: string;
  readonly count: number;
  readonly at_ms: number | null;
  readonly reason?: string;
  readonly why?: string;
  readonly link?: number;
  readonly sensor?: number;
  readonly category?: number;
  readonly item?: number;
  readonly frame?: number;
  readonly offset?: number;
  readonly stage?: string;
  readonly track?: number;
  readonly act?: string;
  readonly subject?: string;
  readonly who?: string;
}

const readEntries = (answer: unknown): readonly Entry[] => (answer as { entries: readonly Entry[] }).entries;

/** What was set aside, newest first: what, where, why, and what to do; the usual is folded away. */
export function Aside() {
  const app = useApp();
  const t = useWords();
  const { told, failed } = useAgain("/api/aside", AGAIN_MS, readEntries);
  const entries = told ?? [];
  const places = usePlaces(app);
  const open = entries.filter((e) => e.do !== USUAL);
  const usual = entries.filter((e) => e.do === USUAL);
  return (
    <Fold id="aside" title={t("aside.title")} note={open.length > 0 ? String(open.length) : undefined}>
      {failed && <p class="empty" role="alert">{t("aside.failed")}</p>}
      {!failed && open.length === 0 && <p class="empty">{t("aside.none")}</p>}
      {open.length > 0 && <List entries={open} places={places} t={t} />}
      {usual.length > 0 && (
        <details>
          <summary data-testid="aside-usual">{t("aside.usual", { n: usual.length })}</summary>
          <List entries={usual} places={places} t={t} />
        </details>
      )}
    </Fold>
  );
}

interface Places {
  readonly link: (number: number) => string;
  readonly sensor: (id: number) => string;
}

function usePlaces(app: ReturnType<typeof useApp>): Places {
  const links = useValue(app.status)?.links ?? [];
  const sensors = useValue(app.hello)?.site.sensors ?? [];
  return {
    link: (number) => links.find((l) => l.number === number)?.text ?? "",
    sensor: (id) => sensors.find((s) => s.id === id)?.name ?? "",
  };
}

function List(props: { entries: readonly Entry[]; places: Places; t: Translate }) {
  const { entries, places, t } = props;
  return (
    <ol class="log aside" data-testid="aside-list" tabIndex={0} aria-label={t("aside.title")}>
      {entries.map((entry) => (
        <li key={JSON.stringify([entry.what, entry.reason, entry.why, entry.link, entry.sensor, entry.category, entry.item, entry.stage, entry.track, entry.act])}
          data-what={entry.what} data-reason={entry.reason ?? ""}>
          <span class="log-head">
            {entry.at_ms === null ? t("aside.since") : clockUtc(entry.at_ms)} · {t(`aside.what.${entry.what}`, { track: entry.track ?? "", act: didName(t, entry.act ?? ""), who: entry.who ?? "" })}
            {entry.count > 1 && ` × ${entry.count}`}
          </span>
          {where(entry, places, t) !== "" && <span class="dim">{where(entry, places, t)}</span>}
          <span class="aside-why">{why(entry, t)}</span>
          <span class="aside-do">→ {t(`aside.do.${entry.do}`)}</span>
        </li>
      ))}
    </ol>
  );
}

function why(entry: Entry, t: Translate): string {
  if (entry.what === "connection") return t("aside.why.tls", { why: entry.why ?? "" });
  return entry.what === "act" ? `${entry.subject ?? ""} ${entry.why ?? ""}`.trim() : t(`aside.why.${entry.reason ?? ""}`, { defaultValue: entry.reason ?? "" });
}

function where(entry: Entry, places: Places, t: Translate): string {
  const category = entry.category === undefined || entry.category === 0 ? "" : `CAT${String(entry.category).padStart(3, "0")}`;
  const item = category === "" || (entry.item ?? 0) === 0 ? "" : `I${category.slice(3)}/${String(entry.item).padStart(3, "0")}`;
  const parts = [
    places.sensor(entry.sensor ?? 0), places.link(entry.link ?? 0), category, item,
    entry.frame === undefined ? "" : t("aside.place", { offset: entry.offset ?? 0, frame: entry.frame }),
    entry.stage === undefined ? "" : t(`ledgers.stage.${entry.stage}`, { defaultValue: entry.stage }),
  ];
  return parts.filter((part) => part !== "").join(" · ");
}
