/** Reads a message as the sandbox keeps it, whatever its type. */

import { say } from "./strings.js";

const ATTACHED = new Set(["image", "audio", "video", "document", "sticker", "location", "contacts"]);

/** Returns what the message says in one line, or the sentence that it cannot be shown. */
export function textOf(message) {
  return ATTACHED.has(message.type) ? attachedText(message) : textBelow(message);
}

/** Returns the text that stands in the message's bubble, below what it carries; "" when there is none. */
export function textBelow(message) {
  if (ATTACHED.has(message.type)) return message.media?.caption ?? "";
  return message.text ?? message.interactive?.body?.text ?? message.reply?.title ?? say("cannotShow");
}

function attachedText({ type, media, location }) {
  const told = media?.caption ?? (type === "document" ? media?.filename : location?.name);
  const [sign, name] = say(`said_${type}`);
  return `${sign} ${told ?? name}`;
}

/** Returns the id of the message that this one answers, or null. */
export const quotedId = (message) => message.context ?? null;

/** Returns the buttons below the message: [{id, title}]. */
export function buttonsOf(message) {
  const { interactive } = message;
  return interactive?.type === "button" ? interactive.action.buttons.map((made) => made.reply) : [];
}

/** Returns true when the message opens a list. */
export const hasList = (message) => message.interactive?.type === "list";

/** Returns why a message failed: what happened, and the reason and code that were given for it. */
export function failureOf({ from, error }) {
  const happened = say(from === "customer" ? "notSent" : "neverArrived");
  const reason = error?.error_data?.details ?? error?.message ?? error?.title ?? error ?? "";
  return [happened, reason, error?.code ? `(${error.code})` : ""].filter(Boolean).join(" ");
}
