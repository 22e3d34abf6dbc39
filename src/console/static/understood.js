/** Shows what was understood of the FAQs: how many, the first few as a chat, or what to mend and where. */

import { element } from "./dom.js";
import { say, sayCount, sayProblem } from "./words.js";

const SHOWN_FAQS = 3;
const SHOWN_ERRORS = 6;
const LONGEST = 220;

/** Shows one quiet sentence. */
export function showSentence(place, key) {
  place.replaceChildren(element("p", { class: "quiet" }, say(key)));
}

/** Shows {faqs, errors}; `goTo` is called with a line that a person wants to see. */
export function showResult(place, { faqs, errors }, goTo) {
  place.replaceChildren(...(errors.length > 0 ? mistakes(errors, goTo) : questions(faqs)));
}

function questions(faqs) {
  const rest = faqs.length - SHOWN_FAQS;
  return [
    element("p", { class: "count", "data-testid": "count" }, sayCount("understood", faqs.length)),
    element("ol", { class: "chat" }, ...faqs.slice(0, SHOWN_FAQS).map((faq) =>
      element("li", {},
        element("p", { class: "bubble own" }, cut(faq.q)),
        element("p", { class: "bubble theirs" }, cut(faq.a))))),
    rest > 0 && element("p", { class: "quiet" }, sayCount("and_more", rest)),
  ].filter(Boolean);
}

function mistakes(errors, goTo) {
  const rest = errors.length - SHOWN_ERRORS;
  return [
    element("p", { class: "count count-wrong" }, sayCount("errors", errors.length)),
    element("ul", { class: "mistakes" }, ...errors.slice(0, SHOWN_ERRORS).map((error) =>
      element("li", { "data-testid": "mistake" },
        element("button", { type: "button", class: "line", "aria-label": say("go_to_line", error), click: () => goTo(error.line) },
          say("line", error)),
        element("span", {}, sayProblem(error))))),
    rest > 0 && element("p", { class: "quiet" }, sayCount("and_more", rest)),
  ].filter(Boolean);
}

const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}…` : text);
