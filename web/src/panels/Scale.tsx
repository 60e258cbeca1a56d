import { useValue } from "../look/value";
import { rangeBearing } from "../map/geo";
import { courseDeg, latLonText, M_PER_NMI } from "../picture/units";
import { useApp, useWords } from "./hooks";

const WIDEST_PX = 160;
const STEPS = [1, 2, 5];

/** The scale of the map, and where the mouse is: position, range and bearing from the centre. */
export function Scale() {
  const app = useApp();
  const t = useWords();
  const metres = useValue(app.metresPerPixel);
  const pointer = useValue(app.pointer);
  const credits = useValue(app.sheets.credits);
  const site = useValue(app.hello)?.site;
  if (!(metres > 0)) return null;
  const nmi = roundLength((WIDEST_PX * metres) / M_PER_NMI);
  const width = Math.round((nmi * M_PER_NMI) / metres);
  const away = pointer === null || site === undefined ? null : rangeBearing(site.lat_deg, site.lon_deg, pointer[1], pointer[0]);
  return (
    <section class="scale" data-testid="scale" aria-label={t("scale.title")}>
      {credits !== "" && <span class="credits" data-testid="map-credits">{credits}</span>}
      {pointer !== null && <span data-testid="pointer">{latLonText(pointer[1], wrapped(pointer[0]))}</span>}
      {away !== null && (
        <span>
          {t("unit.nmi", { value: (away.rangeM / M_PER_NMI).toFixed(1) })} /{" "}
          {courseDeg(Math.sin(away.bearingRad), Math.cos(away.bearingRad)).toString().padStart(3, "0")}°
        </span>
      )}
      <span class="scale-bar" style={{ width: `${width}px` }}>
        {t("unit.nmi", { value: nmi })}
      </span>
    </section>
  );
}

/** The greatest 1, 2 or 5 times a power of ten that is not above the given length. */
function roundLength(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return power * (STEPS.findLast((s) => s * power <= most) ?? 1);
}

const wrapped = (lon: number): number => lon - 360 * Math.round(lon / 360);
