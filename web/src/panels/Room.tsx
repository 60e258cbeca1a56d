import type { App } from "../app";
import { useValue } from "../look/value";
import { Drawn } from "./Drawn";
import { FilterPanel } from "./FilterPanel";
import { Foot } from "./Foot";
import { Head } from "./Head";
import { Help } from "./Help";
import { AppContext } from "./hooks";
import { Maps } from "./Maps";
import { Marks } from "./Marks";
import { Notices } from "./Notices";
import { FIRST_PANELS, PANELS } from "./positions";
import { Scale } from "./Scale";
import { SensorPage } from "./SensorPage";
import { Stale } from "./Stale";
import { TimeBar } from "./TimeBar";
import { Tools } from "./Tools";
import { Track } from "./Track";

/** Everything on the screen but the map itself, laid out for the position. */
export function Room(props: { app: App }) {
  const position = useValue(props.app.position);
  const hello = useValue(props.app.hello);
  const layout = hello?.positions.find((p) => p.id === position);
  const [first, ...rest] = (layout?.panels ?? FIRST_PANELS).filter((name) => name in PANELS);
  const First = first in PANELS ? PANELS[first] : null;
  return (
    <AppContext.Provider value={props.app}>
      <Head />
      <Stale />
      <TimeBar />
      <Tools />
      <Scale />
      <Notices />
      <aside class="side">
        <Drawn />
        {First !== null && <First />}
        <Track />
        {rest.map((name) => {
          const Panel = PANELS[name];
          return <Panel key={name} />;
        })}
        <FilterPanel />
        <Maps />
        <Marks />
      </aside>
      <Foot />
      <SensorPage />
      <Help />
    </AppContext.Provider>
  );
}
