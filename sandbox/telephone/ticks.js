/** What became of a message: a clock, one tick, two, two blue ones, or a red sign. */

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./strings.js";

const SIGNS = { posting: "clock", sent: "check", delivered: "checks", read: "checks", failed: "failed" };

/** Returns the sign of a status, named for people who listen. */
export function ticks(status) {
  return element("span", { class: `ticks ticks-${status}` }, icon(SIGNS[status], say(status)));
}
