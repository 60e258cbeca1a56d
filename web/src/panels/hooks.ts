/** Hooks that panels share. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
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
