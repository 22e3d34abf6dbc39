/** Reads a message as the sandbox keeps it, whatever its type. */

import { say } from "./strings.js";

/** Returns what the message says, or the sentence that it cannot be shown. */
export function textOf(message) {
  return message.text ?? message.interactive?.body?.text ?? message.reply?.title ?? say("cannotShow");
}

/** Returns the id of the message that this one answers, or null. */
export const quotedId = (message) => message.context?.id ?? null;

/** Returns the buttons below the message: [{id, title}]. */
export function buttonsOf(message) {
  const { interactive } = message;
  return interactive?.type === "button" ? interactive.action.buttons.map((made) => made.reply) : [];
}

/** Returns true when the message opens a list. */
export const hasList = (message) => message.interactive?.type === "list";

/** Returns why a message failed, in words. */
export function failureOf(message) {
  const { error } = message;
  const said = typeof error === "string" ? error : (error?.details ?? error?.error_data?.details ?? error?.message ?? error?.title);
  return said || say(message.from === "customer" ? "notSent" : "notDelivered");
}
