/** Hooks that panels share. */
import { createContext } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import type { App } from "../app";
import { useValue } from "../look/value";
import { language, words } from "../words/words";

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error("a panel outside the application");
  return app;
}

export type Translate = (key: string, values?: Record<string, string | number>) => string;

/** The words, drawn again when the language changes. */
export function useWords(): Translate {
  useValue(language);
  return (key, values) => words.t(key, values ?? {});
}

/** What an act is called, by its name in the table of permissions. */
export function didName(t: Translate, act: string): string {
  return t(`did.${act.replace(".", "_")}`, { defaultValue: act });
}


/** What `path` answers, asked for now and every `everyMs` until the panel is gone or the path another; none for no path.
 *
 * An answer that cannot be had is `failed`, and what came before stays; `read` is one and the same function always. */
export function useAgain<T>(path: string, everyMs: number, read: (answer: unknown) => T): { told: T | null; failed: boolean } {
  const [told, setTold] = useState<T | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (path === "") return undefined;
    let gone = false;
    setTold(null);
    const load = async (): Promise<void> => {
      try {
        const answer = await fetch(path);
        const fresh = answer.ok ? read(await answer.json()) : null;
        if (gone) return;
        setFailed(fresh === null);
        if (fresh !== null) setTold(fresh);
      } catch {
        if (!gone) setFailed(true);
      }
    };
    void load();
    const timer = setInterval(() => void load(), everyMs);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [path, everyMs, read]);
  return { told, failed };
}
