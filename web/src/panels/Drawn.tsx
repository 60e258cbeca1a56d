import { useState } from "preact/hooks";
import { Value, useValue } from "../look/value";
import { CORRIDOR_HALF_M, markValue, type FormKind, type LonLat } from "../tools/forms";
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
  if (form === null) return null;
  const close = (): void => {
    setText("");
    drawn.set(null);
  };
  const place = (event: Event): void => {
    event.preventDefault();
    const value = markValue(form.kind, form.points, text, (Number(halfNmi) || 5) * M_PER_NMI);
    void app.acts.do("mark.place", { value: JSON.stringify(value) });
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
      <span class="buttons">
        <button type="submit" class="tool" disabled={!app.may("mark.place")}>{t("draw.place")}</button>
        <button type="button" class="tool" onClick={close}>{t("draw.cancel")}</button>
      </span>
    </form>
  );
}
