import { useState } from "preact/hooks";
import { Value, useValue } from "../look/value";
import { AREA_KINDS, areaValue, CORRIDOR_HALF_M, markValue, type FormKind, type LonLat } from "../tools/forms";
import { M_PER_NMI } from "../picture/units";
import { useApp, useWords } from "./hooks";

/** The form that was just drawn and waits for its words. */
export const drawn = new Value<{ kind: FormKind; points: readonly LonLat[] } | null>(null);

/** Asks for the text of a drawn form and puts it on the shared board. */
export function Drawn() {
  const app = useApp();
  const t = useWords();
  const form = useValue(drawn);
  const [text, setText] = useState("");
  const [halfNmi, setHalfNmi] = useState(String(CORRIDOR_HALF_M / M_PER_NMI));
  const [kind, setKind] = useState("");
  const [floor, setFloor] = useState("");
  const [ceiling, setCeiling] = useState("");
  if (form === null) return null;
  const close = (): void => {
    setText("");
    drawn.set(null);
  };
  const encloses = form.kind !== "point" && form.kind !== "line";
  const place = (event: Event): void => {
    event.preventDefault();
    const mark = markValue(form.kind, form.points, text, (Number(halfNmi) || 5) * M_PER_NMI);
    const area = kind === "" ? null : areaValue(mark, kind, floor, ceiling);
    if (area !== null) void app.acts.do("area.edit", { subject: text.trim(), value: JSON.stringify(area) });
    else void app.acts.do("mark.place", { value: JSON.stringify(mark) });
    setKind("");
    close();
  };
  return (
    <form class="drawn" data-testid="drawn" aria-label={t("draw.title")} onSubmit={place}>
      <strong>{t(`draw.${form.kind}`)}</strong>
      <input
        class="search" data-testid="drawn-text" maxLength={200} value={text} placeholder={t("draw.text")} aria-label={t("draw.text")}
        ref={(input) => input?.focus()} onInput={(event) => setText(event.currentTarget.value)}
      />
      {form.kind === "corridor" && (
        <label>
          {t("draw.half")}
          <input class="search" type="number" min="0.1" step="0.1" value={halfNmi} onInput={(event) => setHalfNmi(event.currentTarget.value)} />
        </label>
      )}
      {encloses && app.may("area.edit") && (
        <label>
          {t("draw.as")}
          <select class="search" data-testid="drawn-as" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
            <option value="">{t("draw.mark")}</option>
            {AREA_KINDS.map((k) => <option key={k} value={k}>{t(`areaKind.${k}`)}</option>)}
          </select>
        </label>
      )}
      {kind !== "" && (
        <span class="line">
          <input class="search" data-testid="drawn-floor" value={floor} placeholder={t("draw.floor")} aria-label={t("draw.floor")}
            onInput={(event) => setFloor(event.currentTarget.value)} />
          <input class="search" data-testid="drawn-ceiling" value={ceiling} placeholder={t("draw.ceiling")} aria-label={t("draw.ceiling")}
            onInput={(event) => setCeiling(event.currentTarget.value)} />
        </span>
      )}
      <span class="buttons">
        <button type="submit" class="tool" disabled={kind === "" ? !app.may("mark.place") : text.trim() === ""}>
          {t(kind === "" ? "draw.place" : "draw.guard")}
        </button>
        <button type="button" class="tool" onClick={close}>{t("draw.cancel")}</button>
      </span>
    </form>
  );
}
