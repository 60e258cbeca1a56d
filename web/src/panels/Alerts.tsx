import { useState } from "preact/hooks";
import { useValue } from "../look/value";
import { ACKNOWLEDGED, CLEARED, RAISED, type Alert } from "../picture/alerts";
import { clockUtc } from "../picture/units";
import { nameOf } from "../picture/words";
import { setSilent, silent, sound } from "../tools/sound";
import { language } from "../words/words";
import { Fold } from "./Fold";
import { useApp, useWords } from "./hooks";

const MOST_ROWS = 60;
const SHELF_S = 900;

/** Every open alert with its reason in words; acknowledged one by one or as a burst, shelved with a reason. */
export function Alerts() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  useValue(app.position);
  const quiet = useValue(silent);
  const { alerts } = app.store;
  const listed = alerts.sorted();
  const waiting = listed.filter((a) => a.state === RAISED && a.shelvedUntilMs === 0).length;
  return (
    <Fold id="alerts" title={t("alerts.title")} note={waiting > 0 ? t("alerts.waiting", { n: waiting }) : undefined} alarm={waiting > 0}>
      <p class="buttons">
        <button type="button" class="quiet small" data-testid="sound-test" onClick={() => sound(4, true)}>{t("alerts.test")}</button>
        <button type="button" class="quiet small" data-testid="sound-off" aria-pressed={quiet} onClick={() => setSilent(!quiet)}>
          {t(quiet ? "alerts.soundOff" : "alerts.soundOn")}
        </button>
      </p>
      {listed.length === 0 && <p class="empty">{t("alerts.none")}</p>}
      <ol class="alerts" aria-live="polite">
        {listed.slice(0, MOST_ROWS).map((alert) => <Row key={alert.no} alert={alert} />)}
      </ol>
      {listed.length > MOST_ROWS && <p class="empty">{t("alerts.more", { n: listed.length - MOST_ROWS })}</p>}
    </Fold>
  );
}

function Row(props: { alert: Alert }) {
  const app = useApp();
  const t = useWords();
  const { alert } = props;
  const [why, setWhy] = useState<string | null>(null);
  const slot = app.store.tracks.slotOf(alert.trackNo);
  const name = slot < 0 ? alert.area : nameOf(app.store.tracks, slot);
  const state = alert.shelvedUntilMs > 0 ? "shelved" : alert.state === ACKNOWLEDGED ? "acknowledged" : alert.state === CLEARED ? "cleared" : "raised";
  const shelve = (event: Event): void => {
    event.preventDefault();
    void app.acts.do("alert.shelve", { subject: String(alert.no), value: String(SHELF_S), reason: why ?? "" });
    setWhy(null);
  };
  return (
    <li class={`alert severity-${alert.severity} alert-${state}`} data-testid="alert" data-rule={alert.rule} data-state={state}>
      <button type="button" class="alert-row" onClick={() => (alert.trackNo !== 0 ? app.select(alert.trackNo, true) : undefined)}>
        <span class="alert-head">
          <span class="alert-mark" aria-hidden="true">{"▲".repeat(Math.max(1, alert.severity - 1))}</span>
          {clockUtc(alert.raisedMs)} {t(`rule.${alert.rule}`, { defaultValue: alert.rule })}
          <strong>{name}</strong>
          <span class="dim">{t(`severity.${alert.severity}`)} · {t(`alerts.${state}`)}{alert.by !== "" && ` ${alert.by}`}</span>
        </span>
        <span>{language.get() === "fr" && alert.reason.fr !== "" ? alert.reason.fr : alert.reason.en}</span>
      </button>
      {why !== null ? (
        <form onSubmit={shelve}>
          <input class="search" value={why} required placeholder={t("alerts.why")} aria-label={t("alerts.why")} ref={(i) => i?.focus()}
            onInput={(event) => setWhy(event.currentTarget.value)} />
        </form>
      ) : (
        <span class="buttons">
          {(state === "raised" || state === "cleared") && app.may("alert.acknowledge") && (
            <button type="button" class="tool" data-testid="acknowledge"
              onClick={() => void app.acts.do("alert.acknowledge", { subject: alert.groupNo !== 0 ? `group:${alert.groupNo}` : String(alert.no) })}>
              {t(alert.groupNo !== 0 ? "alerts.acknowledgeGroup" : "alerts.acknowledge")}
            </button>
          )}
          {state !== "shelved" && app.may("alert.shelve") && (
            <button type="button" class="quiet small" onClick={() => setWhy("")}>{t("alerts.shelve", { minutes: SHELF_S / 60 })}</button>
          )}
        </span>
      )}
    </li>
  );
}
