import { useState } from "preact/hooks";
import { useValue } from "../look/value";
import { clockUtc } from "../picture/units";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

/** The log book of the watch: what people wrote, newest first, for all positions and for a replay. */
export function Log() {
  const app = useApp();
  const t = useWords();
  const entries = useValue(app.status)?.board?.log ?? [];
  const selected = useValue(app.selected);
  useValue(app.position);
  const [text, setText] = useState("");
  const write = (event: Event): void => {
    event.preventDefault();
    if (text.trim() === "") return;
    void app.acts.do("log.write", { value: text.trim(), subject: selected === 0 ? "" : String(selected) });
    setText("");
  };
  return (
    <Fold id="log" title={t("log.title")} note={entries.length > 0 ? String(entries.length) : undefined}>
      {app.may("log.write") && (
        <form onSubmit={write}>
          <input
            class="search" data-testid="log-text" maxLength={2000} value={text} placeholder={t("log.write")} aria-label={t("log.write")}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </form>
      )}
      {entries.length === 0 && <p class="empty">{t("log.none")}</p>}
      <ol class="log">
        {[...entries].reverse().slice(0, 100).map((entry) => (
          <li key={`${entry.at_ms}${entry.by}${entry.text}`}>
            <span class="log-head">{clockUtc(entry.at_ms)} {entry.by}{entry.subject !== "" && ` #${entry.subject}`}</span>
            <span>{entry.text}</span>
          </li>
        ))}
      </ol>
    </Fold>
  );
}
