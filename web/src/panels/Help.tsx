import { useEffect, useRef } from "preact/hooks";
import { useValue } from "../look/value";
import { useApp, useWords } from "./hooks";

const KEYS = ["arrows", "zoom", "fit", "search", "alerts", "track", "log", "graphs", "measure", "circle", "corridor", "polygon", "enter", "escape", "help", "time"] as const;
const CHAPTERS = ["picture", "symbols", "honesty", "alerts", "tools", "time", "second"] as const;

/** The manual, for the position in which it is opened. */
export function Help() {
  const app = useApp();
  const t = useWords();
  const open = useValue(app.help);
  const position = useValue(app.position);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (open) box.current?.focus();
  }, [open]);
  if (!open) return null;
  return (
    <div class="help" role="dialog" aria-modal="true" aria-label={t("help.title")} data-testid="help" tabIndex={-1} ref={box}>
      <h1>
        {t("help.title")}
        <button type="button" class="tool" onClick={() => app.help.set(false)}>{t("track.close")}</button>
      </h1>
      {position !== "" && (
        <>
          <h2>{t(`position.${position}`)}</h2>
          <p>{t(`help.position.${position}`)}</p>
        </>
      )}
      <h2>{t("help.keys")}</h2>
      <dl class="keys">
        {KEYS.map((key) => (
          <div key={key}>
            <dt>{t(`help.key.${key}`)}</dt>
            <dd>{t(`help.does.${key}`)}</dd>
          </div>
        ))}
      </dl>
      {CHAPTERS.map((chapter) => (
        <div key={chapter}>
          <h2>{t(`help.chapter.${chapter}`)}</h2>
          <p>{t(`help.text.${chapter}`)}</p>
        </div>
      ))}
    </div>
  );
}
