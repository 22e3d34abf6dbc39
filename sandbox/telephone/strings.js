/** Which language the page speaks, and each sentence in it. */

import { LANGUAGES, SENTENCES } from "./sentences.js";

const REMEMBERED = "telephone-language";

let spoken = remembered() ?? preferred();

/** Returns a sentence in the language of the page. */
export function say(key, ...values) {
  const sentence = SENTENCES[spoken][key];
  return typeof sentence === "function" ? sentence(...values) : sentence;
}

/** Returns the language of the page, as a BCP 47 tag. */
export const language = () => spoken;

/** Speaks another language from now on, in this browser. */
export function speak(chosen) {
  spoken = chosen;
  try {
    localStorage.setItem(REMEMBERED, chosen);
  } catch {
    // A browser that keeps nothing still changes the language of this visit.
  }
}

function remembered() {
  try {
    const kept = localStorage.getItem(REMEMBERED);
    return kept in LANGUAGES ? kept : null;
  } catch {
    return null;
  }
}

function preferred() {
  for (const wished of navigator.languages) {
    const match = Object.keys(LANGUAGES).find((tag) => tag.slice(0, 2) === wished.slice(0, 2).toLowerCase());
    if (match !== undefined) return match;
  }
  return "en";
}
