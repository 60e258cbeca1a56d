import { useValue } from "../look/value";
import { Fold } from "./Fold";
import { useApp, useWords, type Translate } from "./hooks";
import { mapProblem } from "./Maps";

/** The account of every stage and link: what came, what became of it, and why something was turned away. */
export function Ledgers() {
  const t = useWords();
  return (
    <Fold id="ledgers" title={t("ledgers.title")}>
      <LedgerTables />
    </Fold>
  );
}

export function LedgerTables() {
  const app = useApp();
  const t = useWords();
  const status = useValue(app.status);
  const ledgers = Object.entries(status?.ledger ?? {});
  return (
    <>
      {ledgers.map(([stage, ledger]) => (
        <table key={stage} class="ledger">
          <caption>{t(`ledgers.stage.${stage}`, { defaultValue: stage })}</caption>
          <tbody>
            {Object.entries(ledger).flatMap(([name, value]) =>
              typeof value === "object" && value !== null
                ? Object.entries(value as Record<string, unknown>).map(([reason, n]) => <Line key={`${name}.${reason}`} name={`${t(`ledgers.name.${name}`, { defaultValue: name })}: ${reason}`} value={n} />)
                : [<Line key={name} name={t(`ledgers.name.${name}`, { defaultValue: name })} value={value} />],
            )}
          </tbody>
        </table>
      ))}
      <table class="ledger">
        <caption>{t("ledgers.links")}</caption>
        <tbody>
          {(status?.links ?? []).map((link) => (
            <tr key={link.number}>
              <th scope="row">{link.text}</th>
              <td class="words">{linkState(t, link.state)}</td>
              <td>{link.frames}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {(status?.maps?.problems.length ?? 0) > 0 && (
        <table class="ledger" data-testid="ledger-maps">
          <caption>{t("maps.title")}</caption>
          <tbody>
            {(status?.maps?.problems ?? []).map((map) => (
              <tr key={map.title}>
                <th scope="row">{map.title}</th>
                <td class="words">{mapProblem(t, map)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

/** What the state of a sensor's link is called. */
export function linkState(t: Translate, state: string): string {
  return t(`linkState.${state}`, { defaultValue: state });
}

function Line(props: { name: string; value: unknown }) {
  return (
    <tr>
      <th scope="row">{props.name}</th>
      <td>{String(props.value)}</td>
    </tr>
  );
}
