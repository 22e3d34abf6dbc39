/** Reads a message as the sandbox keeps it, whatever its type. */

import { say } from "./strings.js";

const MEDIA = new Set(["image", "audio", "sticker", "location"]);

/** Returns what the message says, or the sentence that it cannot be shown. */
export function textOf(message) {
  const said = message.text ?? message.interactive?.body?.text ?? message.reply?.title;
  return said ?? (MEDIA.has(message.type) ? say(message.type) : say("cannotShow"));
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
