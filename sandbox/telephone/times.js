/** Says when something was: a clock time, a day's name, a date; timestamps are seconds since 1970. */

import { language, say } from "./strings.js";

const DAY = 24 * 60 * 60 * 1000;

/** Returns the time of day, such as 09:41. */
export function clock(seconds) {
  return new Date(seconds * 1000).toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Returns what separates the days of a chat: today, yesterday, a weekday within a week, else the date. */
export function day(seconds) {
  const ago = daysAgo(seconds);
  if (ago === 0) return say("today");
  if (ago === 1) return say("yesterday");
  const wished = ago < 7 ? { weekday: "long" } : { day: "numeric", month: "long", year: "numeric" };
  return new Date(seconds * 1000).toLocaleDateString(language(), wished);
}

/** Returns the short form beside a chat's last message. */
export function recently(seconds) {
  const ago = daysAgo(seconds);
  if (ago === 0) return clock(seconds);
  if (ago === 1) return say("yesterday");
  return new Date(seconds * 1000).toLocaleDateString(language(), { day: "2-digit", month: "2-digit", year: "2-digit" });
}

/** Returns true when both moments are on one calendar day here. */
export const sameDay = (one, other) => midnight(one) === midnight(other);

/** Returns the present moment in seconds. */
export const now = () => Date.now() / 1000;

function daysAgo(seconds) {
  return Math.round((midnight(now()) - midnight(seconds)) / DAY);
}

function midnight(seconds) {
  return new Date(seconds * 1000).setHours(0, 0, 0, 0);
}
