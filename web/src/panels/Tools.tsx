import { useValue } from "../look/value";
import type { Shown } from "../map/overlay";
import { useApp, useWords } from "./hooks";

const TOOLS = ["measure", "circle", "corridor", "polygon"] as const;
const LAYERS: readonly (keyof Shown)[] = ["labels", "vectors", "trails", "plots", "ellipses", "ahead", "weather", "cover"];

/** What is shown on the map, and the camera's buttons. */
export function Tools() {
  const app = useApp();
  const t = useWords();
  const shown = useValue(app.shown);
  const tool = useValue(app.toolbox.tool);
  return (
    <nav class="tools" data-testid="tools" aria-label={t("show.title")}>
      {LAYERS.map((layer) => (
        <button
          type="button"
          key={layer}
          class="tool"
          data-testid={`show-${layer}`}
          aria-pressed={shown[layer]}
          onClick={() => app.shown.set({ ...shown, [layer]: !shown[layer] })}
        >
          {t(`show.${layer}`)}
        </button>
      ))}
      {TOOLS.map((kind) => (
        <button
          type="button"
          key={kind}
          class="tool"
          data-testid={`tool-${kind}`}
          aria-pressed={tool === kind}
          title={t(`tool.how.${kind}`)}
          onClick={() => app.toolbox.take(kind, app.selected.get())}
        >
          {t(`tool.${kind}`)}
        </button>
      ))}
      <button type="button" class="tool" title={t("show.fitLabel")} onClick={() => app.fit()}>
        {t("show.fit")}
      </button>
      <button type="button" class="tool square" aria-label={t("show.nearer")} onClick={() => app.zoom(1)}>
        +
      </button>
      <button type="button" class="tool square" aria-label={t("show.farther")} onClick={() => app.zoom(-1)}>
        −
      </button>
    </nav>
  );
}
