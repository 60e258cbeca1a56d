import { useValue } from "../look/value";
import { palette, toggleTheme } from "../look/theme";
import { clockUtc } from "../picture/units";
import { halted } from "../tools/replay";
import { chooseLanguage, language } from "../words/words";
import { useApp, useWords } from "./hooks";

/** The head line: centre, mode, exercise, picture time, language and colours. */
export function Head() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const hello = useValue(app.hello);
  const status = useValue(app.status);
  const position = useValue(app.position);
  const stale = useValue(app.stale).stale;
  const theme = useValue(palette).name;
  const mode = app.store.mode === "" ? "none" : app.store.mode;
  const time = app.store.nowMs === 0 ? NaN : app.store.nowMs;
  const day = new Date(time);
  return (
    <header class="head" data-testid="head">
      <h1 class="head-centre">{hello?.site.name ?? "Vigie"}</h1>
      <span class={`badge mode-${mode}`} data-testid="mode">
        {t(`mode.${mode}`)}{halted(status) && ` · ${t("time.stands")}`}
      </span>
      {hello?.site.exercise === true && (
        <span class="exercise" data-testid="exercise-badge">
          {t("exercise")}
        </span>
      )}
      {hello !== null && hello.positions.length > 0 && (
        <select class="position" data-testid="position" aria-label={t("position.label")} value={position}
          onChange={(event) => app.sit(event.currentTarget.value)}>
          {hello.positions.map((p) => <option key={p.id} value={p.id}>{t(`position.${p.id}`)}</option>)}
        </select>
      )}
      <span class="head-gap" />
      <span class={stale ? "clock clock-stale" : "clock"} data-testid="clock" title={t("clock.picture")}>
        <span class="clock-day">{Number.isNaN(time) ? "" : day.toISOString().slice(0, 10)}</span>
        <span class="clock-time">{clockUtc(time)}</span>
        <span class="clock-unit">{t("clock.utc")}</span>
      </span>
      <button type="button" class="quiet" data-testid="help-open" aria-label={t("help.title")} onClick={() => app.help.set(true)}>
        ?
      </button>
      {hello !== null && <a class="quiet" href="/account" data-testid="own-account">{t("account")}</a>}
      {hello !== null && !hello.user.local && (
        <form method="post" action="/logout">
          <button type="submit" class="quiet" data-testid="logout">{t("logout")}</button>
        </form>
      )}
      <button
        type="button"
        class="quiet"
        data-testid="language"
        lang={t("language.other")}
        title={t("language.label")}
        onClick={() => chooseLanguage(language.get() === "fr" ? "en" : "fr")}
      >
        {t("language.switch")}
      </button>
      <button type="button" class="quiet" data-testid="theme" title={t("theme.label")} onClick={toggleTheme}>
        {t(theme === "dark" ? "theme.light" : "theme.dark")}
      </button>
    </header>
  );
}
