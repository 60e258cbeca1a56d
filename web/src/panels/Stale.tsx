import { useValue } from "../look/value";
import { clockUtc } from "../picture/units";
import { useApp, useWords } from "./hooks";
import { Kernels } from "./Kernels";

/** The banner over everything while the picture makes no progress, or is not there yet. */
export function Stale() {
  const app = useApp();
  const t = useWords();
  const { stale, ageMs } = useValue(app.stale);
  const link = useValue(app.link);
  const kernels = useValue(app.status)?.kernels;
  // Before the first picture of a fresh start there is nothing that could be stale: say what is being made ready.
  if (kernels !== undefined && !kernels.ready && app.store.nowMs === 0 && link.state === "open") {
    return (
      <div class="preparing" role="status" data-testid="preparing">
        <strong>{t("preparing.title")}</strong>
        <Kernels kernels={kernels} />
        <span class="stale-why">{t("preparing.why")}</span>
      </div>
    );
  }
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
