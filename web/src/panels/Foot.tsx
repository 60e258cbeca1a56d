import { useValue } from "../look/value";
import type { Status } from "../link/messages";
import { useApp, useWords } from "./hooks";
import { Kernels } from "./Kernels";

type Mode = NonNullable<Status["degraded"]>[number];

/** The status line: connection, recording, ledgers, kernels being prepared, degraded modes, counts. */
export function Foot() {
  const app = useApp();
  const t = useWords();
  useValue(app.beat);
  const link = useValue(app.link);
  const status = useValue(app.status);
  const hello = useValue(app.hello);
  const fault = useValue(app.fault);
  const hidden = useValue(app.hidden);
  const { labels, inView } = app.counts();
  const kernels = status?.kernels;
  const recording = status?.recording?.state;
  const decode = decodeCounts(status);
  const drops = (status?.links ?? []).reduce((sum, l) => sum + (l.kernel_drops ?? 0), 0);
  const modeText = (mode: Mode): string => {
    const sensors = (mode.sensors ?? []).map((id) => hello?.site.sensors.find((s) => s.id === id)?.name ?? `${id}`).join(", ");
    switch (mode.code) {
      case "DEGRADED-SENSOR":
        return t("degraded.DEGRADED-SENSOR", { sensors });
      case "DEGRADED-TIME":
        return sensors === "" ? t("degraded.DEGRADED-CLOCK") : t("degraded.DEGRADED-TIME", { sensors });
      case "DEGRADED-LOAD":
      case "DEGRADED-RECORDING":
      case "FAILED-LEDGER":
      case "FAILED":
        return t(`degraded.${mode.code}`);
      default:
        return mode.text; // a mode this page does not know yet: the server's own words
    }
  };
  return (
    <footer class="foot" data-testid="foot">
      <span class={`lampline link-${link.state}`} data-testid="link">
        <span class="lamp" aria-hidden="true" />
        {t(`link.${link.state}`)}
      </span>
      {kernels !== undefined && !kernels.ready && (
        <span class="kernels" data-testid="kernels">
          <Kernels kernels={kernels} />
        </span>
      )}
      {recording !== undefined && (
        <span class={`lampline recording-${recording}`} data-testid="recording" title={status?.recording?.text}>
          <span class="lamp" aria-hidden="true" />
          {t(`foot.recording.${recording}`)}
        </span>
      )}
      {decode !== null && (
        <span class={decode.balanced ? "" : "alarm-text"} data-testid="ledger">
          {decode.balanced ? t("foot.decode", decode.counts) : t("foot.unbalanced")}
        </span>
      )}
      {drops > 0 && <span class="warn-text">{t("foot.drops", { n: drops })}</span>}
      <span class="degraded" data-testid="degraded">
        {(status?.degraded ?? []).map((mode) => (
          <span key={mode.code + mode.text} class={mode.code.startsWith("FAILED") ? "chip alarm" : "chip warn"} title={`${mode.code}: ${mode.text}`}>
            {modeText(mode)}
          </span>
        ))}
      </span>
      {fault !== "" && <span class="alarm-text">{t("fault", { why: fault })}</span>}
      <span class="head-gap" />
      <span data-testid="counts">
        {t("foot.tracks", { n: app.store.tracks.count })} · {t("foot.labels", { n: labels })}
        {hidden > 0 && <strong class="warn-text" data-testid="hidden"> · {t("filter.hidden", { n: hidden })}</strong>}
        {inView > labels && <> · {t("foot.more", { n: inView - labels })}</>}
      </span>
      {hello !== null && <span>{t("foot.user", { name: hello.user.name, role: t(`role.${hello.user.role}`, { defaultValue: hello.user.role }) })}</span>}
      {hello !== null && <span>{t("foot.version", { version: hello.version })}</span>}
    </footer>
  );
}

function decodeCounts(
  status: Status | null,
): { counts: { records: number; decoded: number; rejected: number }; balanced: boolean } | null {
  const decode = status?.ledger?.["decode"];
  if (decode === undefined) return null;
  const records = Number(decode["records"] ?? 0);
  const decoded = Number(decode["decoded"] ?? 0);
  const reasons = decode["rejected"];
  const rejected =
    typeof reasons === "object" && reasons !== null ? Object.values(reasons).reduce<number>((sum, n) => sum + Number(n), 0) : 0;
  return { counts: { records, decoded, rejected }, balanced: records === decoded + rejected };
}
