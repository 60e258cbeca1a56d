import { useState } from "preact/hooks";
import { useValue } from "../look/value";
import { clockUtc } from "../picture/units";
import { endOf } from "../tools/replay";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

/** Which time base the picture has, from when to when a recording goes, and a way to a time that is typed. */
export function Time() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  useValue(app.position);
  const replay = useValue(app.status)?.replay;
  const [wanted, setWanted] = useState("");
  const { nowMs } = app.store;
  const go = (event: Event): void => {
    event.preventDefault();
    void app.acts.do("replay.control", { value: `seek ${wanted.trim()}` });
    setWanted("");
  };
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  return (
    <Fold id="time" title={t("time.panel")} note={nowMs > 0 ? clockUtc(nowMs) : undefined}>
      {replay === undefined ? (
        <p class="empty">{t("time.live")}</p>
      ) : (
        <>
          <dl class="facts">
            <div><dt>{t("time.first")}</dt><dd>{day(replay.first_ms)} {clockUtc(replay.first_ms)}</dd></div>
            <div><dt>{t("time.last")}</dt><dd>{replay.last_ms === null ? "…" : `${day(endOf(replay, nowMs))} ${clockUtc(endOf(replay, nowMs))}`}</dd></div>
            {replay.loop !== null && <div><dt>{t("time.loop")}</dt><dd>{clockUtc(replay.loop[0])} – {clockUtc(replay.loop[1])}</dd></div>}
          </dl>
          {app.may("replay.control") && !replay.fixed && (
            <form onSubmit={go} class="line">
              <input class="search" data-testid="time-goto" required pattern="[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?" value={wanted} placeholder={t("time.goto")}
                aria-label={t("time.goto")} onInput={(event) => setWanted(event.currentTarget.value)} />
              <button type="submit" class="tool">{t("time.go")}</button>
            </form>
          )}
        </>
      )}
    </Fold>
  );
}
