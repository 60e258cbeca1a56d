import { useValue } from "../look/value";
import { clockUtc } from "../picture/units";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

/** The marks that all positions share, and the measures of this screen. */
export function Marks() {
  const app = useApp();
  const t = useWords();
  const marks = useValue(app.status)?.board?.marks ?? [];
  const measures = useValue(app.toolbox.measures);
  useValue(app.position);
  const areas = useValue(app.status)?.airspace?.drawn ?? [];
  const count = marks.length + measures.length + areas.length;
  return (
    <Fold id="marks" title={t("marks.title")} note={count > 0 ? String(count) : undefined} open={false}>
      {count === 0 && <p class="empty">{t("marks.none")}</p>}
      <ul class="plain">
        {marks.map((mark) => (
          <li key={mark.id} data-testid="mark">
            <span>{t(`draw.${mark.kind}`)} {mark.text} <span class="dim">{mark.by} {clockUtc(mark.at_ms)}</span></span>
            {app.may("mark.remove") && (
              <button type="button" class="quiet small" aria-label={t("marks.remove")}
                onClick={() => void app.acts.do("mark.remove", { subject: String(mark.id) })}>×</button>
            )}
          </li>
        ))}
        {areas.map(({ properties }) => (
          <li key={`a${properties.id}`} data-testid="drawn-area">
            <span>{properties.name} <span class="dim">{properties.kind} {properties.floor} – {properties.ceiling}</span></span>
            {app.may("area.edit") && (
              <button type="button" class="quiet small" aria-label={t("marks.remove")}
                onClick={() => void app.acts.do("area.edit", { subject: properties.id, value: "remove", reason: t("marks.remove") })}>×</button>
            )}
          </li>
        ))}
        {measures.map((m) => (
          <li key={`m${m.id}`} data-testid="measure">
            <span>{t("tool.measure")} {m.id}</span>
            <button type="button" class="quiet small" aria-label={t("marks.remove")} onClick={() => app.toolbox.forget(m.id)}>×</button>
          </li>
        ))}
      </ul>
    </Fold>
  );
}
