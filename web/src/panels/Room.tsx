import type { App } from "../app";
import { Foot } from "./Foot";
import { Head } from "./Head";
import { AppContext } from "./hooks";
import { PANELS, POSITIONS } from "./positions";
import { Scale } from "./Scale";
import { Stale } from "./Stale";
import { Tools } from "./Tools";

/** Everything on the screen but the map itself. */
export function Room(props: { app: App; position: string }) {
  const position = POSITIONS[props.position] ?? POSITIONS["surveillance"];
  return (
    <AppContext.Provider value={props.app}>
      <Head />
      <Stale />
      <Tools />
      <Scale />
      <aside class="side">
        {position.side.map((name) => {
          const Panel = PANELS[name];
          return <Panel key={name} />;
        })}
      </aside>
      <Foot />
    </AppContext.Provider>
  );
}
