import { useValue } from "../look/value";
import { didName, useApp, useWords } from "./hooks";

/** The server's answers to what a person did, and what waits for a second person. */
export function Notices() {
  const app = useApp();
  const t = useWords();
  const notices = useValue(app.acts.notices);
  const proposals = useValue(app.status)?.proposals ?? [];
  const me = useValue(app.hello)?.user.name.toLowerCase();
  return (
    <div class="notices" data-testid="notices" role="status" aria-live="polite">
      {proposals.map((p) => (
        <div key={`p${p.id}`} class="notice notice-waiting" data-testid="proposal">
          <span>{t("second.asks", { who: p.by, what: didName(t, p.act), subject: p.subject, value: p.value, why: p.reason })}</span>
          {p.by.toLowerCase() !== me && app.may(p.act) && (
            <button type="button" class="tool" onClick={() => void app.acts.do("act.confirm", { subject: String(p.id) })}>
              {t("second.confirm")}
            </button>
          )}
        </div>
      ))}
      {notices.map((notice) => (
        <div key={notice.id} class={`notice notice-${notice.kind}`} data-testid="notice">
          <span>{notice.text}</span>
          <button type="button" class="quiet small" aria-label={t("notice.close")} onClick={() => app.acts.dismiss(notice.id)}>
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
