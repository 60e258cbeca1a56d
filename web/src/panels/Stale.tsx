import { useValue } from "../look/value";
import { clockUtc } from "../picture/units";
import { useApp, useWords } from "./hooks";

/** The banner over everything while the picture makes no progress. */
export function Stale() {
  const app = useApp();
  const t = useWords();
  const { stale, ageMs } = useValue(app.stale);
  const link = useValue(app.link);
  if (!stale) return null;
  const seconds = Math.floor(ageMs / 1000);
  const known = app.store.nowMs > 0;
  return (
    <div class="stale" role="alert" data-testid="stale">
      <strong>{t("stale.title")}</strong>
      <span>
        {known
          ? t("stale.since", { seconds, time: clockUtc(app.store.nowMs) })
          : t("stale.never", { seconds })}
      </span>
      <span class="stale-why">
        {link.state === "open" ? t("stale.silent") : t("stale.cut", { attempt: link.attempt })}
      </span>
    </div>
  );
}
