import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

/** A panel with a head that opens and closes it; which ones are open is remembered for the position. */
export function Fold(props: {
  id: string; title: string; note?: string | undefined; open?: boolean; grow?: boolean; alarm?: boolean; children: ComponentChildren;
}) {
  const key = `vigie.open.${props.id}`;
  const stored = localStorage.getItem(key);
  const [open, setOpen] = useState(stored === null ? (props.open ?? true) : stored === "yes");
  const turn = (): void => {
    localStorage.setItem(key, open ? "no" : "yes");
    setOpen(!open);
  };
  const classes = `panel${open && props.grow === true ? " grow" : ""}${props.alarm === true ? " panel-alarm" : ""}`;
  return (
    <section class={classes} data-testid={props.id} aria-label={props.title}>
      <h2>
        <button type="button" class="panel-fold" aria-expanded={open} onClick={turn}>
          <span class="fold-sign" aria-hidden="true">{open ? "▾" : "▸"}</span>
          {props.title}
        </button>
        <span class="panel-note">{props.note}</span>
      </h2>
      {open && props.children}
    </section>
  );
}
