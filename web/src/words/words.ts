/** The words of the display: English and French, chosen by the person, else by the server, else by the browser. */
import i18next, { type i18n } from "i18next";
import { Value } from "../look/value";
import en from "./en.json";
import fr from "./fr.json";

export type Language = "en" | "fr";

const STORED = "vigie.language";

// Text goes to the page as text, never as markup, so nothing is escaped here (escaping twice would show "&lt;").
export const words: i18n = i18next.createInstance();
export const language = new Value<Language>("en");

function isLanguage(text: unknown): text is Language {
  return text === "en" || text === "fr";
}

export async function startWords(): Promise<void> {
  const stored = localStorage.getItem(STORED);
  const browser = navigator.language.slice(0, 2);
  const first = isLanguage(stored) ? stored : isLanguage(browser) ? browser : "en";
  await words.init({
    lng: first,
    fallbackLng: "en",
    resources: { en: { translation: en }, fr: { translation: fr } },
    interpolation: { escapeValue: false },
  });
  apply(first);
}

/** The server's wish; it counts only where the person has not chosen. */
export function suggestLanguage(wished: string): void {
  if (isLanguage(wished) && !isLanguage(localStorage.getItem(STORED))) apply(wished);
}

export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(STORED, chosen);
  apply(chosen);
}

function apply(chosen: Language): void {
  void words.changeLanguage(chosen);
  document.documentElement.lang = chosen;
  document.title = `Vigie · ${words.t("title")}`;
  language.set(chosen);
}
