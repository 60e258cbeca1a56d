import { useValue } from "../look/value";
import { Fold } from "./Fold";
import { useApp, useWords, type Translate } from "./hooks";

/** What is wrong with a map's file: our sentence, then what the file or the system says. */
export function mapProblem(t: Translate, map: { problem: string; detail: string }): string {
  return t(`maps.problem.${map.problem}`) + (map.detail === "" ? "" : ` (${map.detail})`);
}

/** The operator's own maps: each can be switched, and says what is wrong with it. */
export function Maps() {
  const app = useApp();
  const t = useWords();
  const list = useValue(app.sheets.list);
  const torn = useValue(app.sheets.torn);
  useValue(app.sheets.chosen);
  if (list.length === 0) return null;
  const wrong = list.filter((map) => map.problem !== "").length;
  return (
    <Fold id="maps" title={t("maps.title")} open={true} alarm={wrong > 0}>
      <ul class="plain maps">
        {list.toReversed().map((map) => (
          <li key={map.id} data-testid={`map-${map.id}`}>
            <label>
              <input type="checkbox" checked={app.sheets.isOn(map)} disabled={map.kind === undefined} onChange={() => app.sheets.turn(map)} />
              {map.title === "" ? t("maps.terrain") : map.title}
            </label>
            {map.problem !== "" && <p class="maps-note maps-wrong" role="status">{map.file}: {mapProblem(t, map)}</p>}
            {map.problem === "" && torn.has(map.id) && <p class="maps-note maps-wrong" role="status">{t("maps.problem.tiles")}</p>}
            {map.attribution !== "" && <p class="maps-note">{map.attribution}</p>}
          </li>
        ))}
      </ul>
    </Fold>
  );
}
