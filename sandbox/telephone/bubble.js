/** Draws one message: the bubble, what it quotes, its buttons below, its time and ticks. */

import { attachmentOf } from "./attachment.js";
import { button, element } from "./dom.js";
import { formatted, isFewEmoji, unmarked } from "./formatting.js";
import { icon } from "./icons.js";
import { buttonsOf, failureOf, hasList, quotedId, textBelow, textOf } from "./messages.js";
import { say } from "./strings.js";
import { ticks } from "./ticks.js";
import { clock } from "./times.js";

/**
 * Returns the row of a message. `first` draws the tail; `quoted` is the message it answers, if known; `business` is a name;
 * `actions` has tap(button), list(), options(), retry() and jump(id).
 */
export function drawMessage(message, { first, quoted, business, actions }) {
  const own = message.from === "customer";
  const drawn = bubble(message, { quoted, business, actions });
  const buttons = buttonsOf(message).map((made) => replyButton(made, actions));
  return element("li", { class: `said ${own ? "said-own" : "said-theirs"}${first ? " said-first" : ""}` },
    element("div", { class: "stack" }, drawn,
      message.reaction ? element("span", { class: "reaction", "data-testid": "reaction" }, message.reaction) : null,
      buttons.length > 0 ? element("div", { class: "reply-buttons" }, ...buttons) : null),
    message.status === "failed" ? failure(message, actions) : null);
}

function bubble(message, { quoted, business, actions }) {
  const text = textBelow(message);
  const carried = attachmentOf(message);
  const own = message.from === "customer";
  const large = message.text !== undefined && isFewEmoji(text) && quotedId(message) === null;
  const attributes = {
    class: ["bubble", large && "bubble-large", message.status === "failed" && !own && "bubble-lost", carried.length > 0 && `bubble-${message.type}`, text === "" && "bubble-bare"].filter(Boolean).join(" "), "data-testid": "bubble",
    "data-from": message.from, "data-status": message.status, "data-id": message.id,
  };
  const drawn = element("div", attributes,
    element("span", { class: "spoken" }, `${own ? say("you") : business}: `),
    quoted ? quote(quoted, business, actions) : null,
    ...part(message.interactive?.header?.text, "head"),
    ...carried,
    text === "" ? null : element("div", { class: "text", dir: "auto", "data-testid": "bubble-text" }, ...formatted(text)),
    ...part(message.reply?.description, "foot"),
    ...part(message.interactive?.footer?.text, "foot"),
    element("span", { class: "meta" }, element("time", {}, clock(message.timestamp)), own ? ticks(message.status) : null),
    hasList(message) ? listButton(message, actions) : null,
    message.local ? null : options(actions));
  onLongPress(drawn, () => message.local || actions.options());
  return drawn;
}

function part(text, name) {
  return text ? [element("div", { class: name, dir: "auto" }, ...formatted(text))] : [];
}

function quote(quoted, business, actions) {
  const own = quoted.from === "customer";
  return button({ class: `quote ${own ? "quote-own" : ""}`, "data-testid": "quoted", click: () => actions.jump(quoted.id) },
    element("strong", { dir: "auto" }, own ? say("you") : business),
    element("span", { dir: "auto" }, unmarked(textOf(quoted)).slice(0, 160)));
}

function replyButton(made, actions) {
  return button({ class: "reply-button", "data-testid": "reply-button", "data-id": made.id, click: () => actions.tap(made) },
    icon("reply"), element("span", { dir: "auto" }, made.title));
}

function listButton(message, actions) {
  return button({ class: "open-list", "data-testid": "open-list", click: actions.list }, icon("list"),
    element("span", { dir: "auto" }, message.interactive.action.button || say("seeOptions")));
}

function options(actions) {
  return button({ class: "options", "data-testid": "options", "aria-label": say("options"), click: actions.options }, icon("down"));
}

function failure(message, actions) {
  return element("div", { class: "failure", "data-testid": "failure" },
    icon("failed"), element("span", {}, failureOf(message)),
    message.local ? button({ class: "retry", "data-testid": "retry", click: actions.retry }, icon("retry"), say("tryAgain")) : null);
}

function onLongPress(drawn, open) {
  let timer = null;
  const stop = () => clearTimeout(timer);
  drawn.addEventListener("touchstart", () => { timer = setTimeout(open, 480); }, { passive: true });
  for (const end of ["touchend", "touchmove", "touchcancel"]) drawn.addEventListener(end, stop, { passive: true });
}
