/** The file that goes with what is written next, above the field. */

import { addressOf } from "./attachment.js";
import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./strings.js";

/** Returns the nodes that show a file which is about to be sent; remove() takes it away. */
export function attachedBar({ type, media }, remove) {
  const drawn = type === "image"
    ? element("img", { src: addressOf(media), alt: "" })
    : element("span", { class: "card-sign" }, icon(type === "video" ? "photo" : "document"));
  return [drawn,
    element("span", { class: "attached-name", dir: "auto" }, media.filename ?? say(`said_${type}`)[1]),
    button({ class: "round", "data-testid": "remove-attached", "aria-label": say("removeAttached"), click: remove }, icon("close"))];
}
