import { useState } from "preact/hooks";
import { useValue } from "../look/value";
import { ALL, isAll, type Filter } from "../tools/filter";
import { forgetView, saveView, views } from "../tools/views";
import { FRIEND, HOSTILE, NEUTRAL, SUSPECT, UNKNOWN } from "../picture/identity";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

const COVER_LEVELS = [10, 30, 50, 100, 200, 300, 400] as const;
const KINDS = [UNKNOWN, NEUTRAL, FRIEND, SUSPECT, HOSTILE] as const;

/** What is hidden by choice, and views by name. */
export function FilterPanel() {
  const app = useApp();
  const t = useWords();
  const filter = useValue(app.filter);
  const hidden = useValue(app.hidden);
  const coverLevel = useValue(app.coverLevel);
  const sensors = useValue(app.hello)?.site.sensors ?? [];
  const saved = useValue(views);
  const [name, setName] = useState("");
  const set = (part: Partial<Filter>): void => app.filter.set({ ...filter, ...part });
  const level = (text: string, absent: number): number => (text === "" ? absent : Math.max(0, Math.min(999, Number(text) || 0)));
  const save = (event: Event): void => {
    event.preventDefault();
    if (name.trim() === "") return;
    saveView(app.view(name.trim()));
    setName("");
  };
  return (
    <Fold id="filter" title={t("filter.title")} note={isAll(filter) ? undefined : t("filter.hidden", { n: hidden })} open={false} alarm={!isAll(filter)}>
      <div class="filter">
        <label>{t("filter.from")}
          <input class="search" type="number" min="0" max="999" data-testid="filter-low" value={filter.lowest === 0 ? "" : filter.lowest}
            onInput={(event) => set({ lowest: level(event.currentTarget.value, 0) })} />
        </label>
        <label>{t("filter.to")}
          <input class="search" type="number" min="0" max="999" data-testid="filter-high" value={filter.highest === 999 ? "" : filter.highest}
            onInput={(event) => set({ highest: level(event.currentTarget.value, 999) })} />
        </label>
        <label>{t("filter.cover")}
          <select class="search" data-testid="cover-level" value={String(coverLevel)} onChange={(event) => app.coverLevel.set(Number(event.currentTarget.value))}>
            {COVER_LEVELS.map((fl) => <option key={fl} value={String(fl)}>FL{fl.toString().padStart(3, "0")}</option>)}
          </select>
        </label>
        <label>{t("filter.sensor")}
          <select class="search" data-testid="filter-sensor" value={String(filter.sensor)} onChange={(event) => set({ sensor: Number(event.currentTarget.value) })}>
            <option value="0">{t("filter.all")}</option>
            {sensors.map((s) => <option key={s.id} value={String(s.id)}>{s.name}</option>)}
          </select>
        </label>
        {KINDS.map((kind) => (
          <label key={kind} class="check">
            <input type="checkbox" data-testid={`filter-kind-${kind}`} checked={!filter.without.includes(kind)}
              onChange={() => set({ without: filter.without.includes(kind) ? filter.without.filter((k) => k !== kind) : [...filter.without, kind] })} />
            {t(`affiliation.${kind}`)}
          </label>
        ))}
        <label class="check">
          <input type="checkbox" checked={filter.tentative} onChange={() => set({ tentative: !filter.tentative })} />
          {t("filter.tentative")}
        </label>
        <label class="check">
          <input type="checkbox" data-testid="filter-silent" checked={filter.silentOnly} onChange={() => set({ silentOnly: !filter.silentOnly })} />
          {t("filter.silentOnly")}
        </label>
        <button type="button" class="tool" data-testid="filter-clear" disabled={isAll(filter)} onClick={() => app.filter.set(ALL)}>{t("filter.clear")}</button>
      </div>
      <form onSubmit={save}>
        <input class="search" data-testid="view-name" maxLength={40} value={name} placeholder={t("views.save")} aria-label={t("views.save")}
          onInput={(event) => setName(event.currentTarget.value)} />
      </form>
      <ul class="plain">
        {saved.map((view) => (
          <li key={view.name} data-testid="view">
            <button type="button" class="quiet" onClick={() => app.look(view)}>{view.name}</button>
            <button type="button" class="quiet small" aria-label={t("views.forget")} onClick={() => forgetView(view.name)}>×</button>
          </li>
        ))}
      </ul>
    </Fold>
  );
}
