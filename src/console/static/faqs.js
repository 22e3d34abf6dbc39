/** The FAQs that a person pastes, drops or uploads, and what the server understands of them. */

import { byId, element } from "./dom.js";
import { readText } from "./files.js";
import { lacksKey, preview, Refused } from "./server.js";
import { showResult, showSentence } from "./understood.js";
import { say } from "./words.js";

const PAUSE = 300; // ms without typing before the server is asked

const area = byId("faqs");
const place = byId("understood");
const chosen = byId("chosen-file");
let fileName = null;
let timer;
let asking = new AbortController();

/** Returns {faqs, errors} of the text as it stands now. Throws `Refused`, or TypeError without a connection. */
export async function understand() {
  clearTimeout(timer);
  asking.abort();
  asking = new AbortController();
  const { signal } = asking;
  const result = await preview(area.value, fileName, signal);
  showResult(place, result, goTo);
  return result;
}

/** Returns true when nothing is written. */
export const isEmpty = () => area.value.trim() === "";

/** Puts a text in the place of what is written, with the name of its file if it has one. */
export function write(text, name = null) {
  area.value = text;
  nameFile(name);
  refresh();
}

/** Begins to watch the field, the file button and files that are dropped. */
export function watch() {
  area.addEventListener("input", () => {
    if (isEmpty()) nameFile(null);
    soon();
  });
  byId("file").addEventListener("change", (event) => {
    take(event.target.files[0]);
    event.target.value = "";
  });
  area.addEventListener("dragover", (event) => {
    event.preventDefault();
    area.classList.add("dropping");
  });
  area.addEventListener("dragleave", () => area.classList.remove("dropping"));
  area.addEventListener("drop", (event) => {
    area.classList.remove("dropping");
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  // A browser may bring back what was written before a reload.
  refresh();
}

function soon() {
  clearTimeout(timer);
  asking.abort();
  timer = setTimeout(refresh, PAUSE);
}

async function refresh() {
  if (isEmpty()) return showSentence(place, "nothing_yet");
  if (lacksKey()) return showSentence(place, "need_key");
  try {
    await understand();
  } catch (error) {
    if (error.name === "AbortError") return;
    showSentence(place, !(error instanceof Refused) ? "unreachable" : error.problem.status === 401 ? "wrong_key" : "not_here");
  }
}

/** Asks again, such as when the key was typed. */
export const again = soon;

async function take(file) {
  if (file === undefined) return;
  try {
    write(await readText(file), file.name);
  } catch (error) {
    showSentence(place, error.message === "too_large" ? "too_large" : "unreadable");
  }
}

function nameFile(name) {
  fileName = name;
  chosen.hidden = name === null;
  if (name === null) return;
  chosen.replaceChildren(
    element("span", {}, say("from_file", { name })),
    element("button", { type: "button", "aria-label": say("forget_file", { name }), click: () => { write(""); area.focus(); } }, "×"),
  );
}

function goTo(line) {
  const lines = area.value.split("\n");
  const begins = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  area.focus();
  area.setSelectionRange(begins, begins + (lines[line - 1]?.length ?? 0));
  area.scrollTop = (area.scrollHeight / lines.length) * Math.max(0, line - 3);
}
