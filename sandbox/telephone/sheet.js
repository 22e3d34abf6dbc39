/** A panel that slides up from the bottom of a telephone's screen and has it for itself until it is closed. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./strings.js";

/** Opens a sheet over the page of a telephone; returns how to close it, which gives the focus back. */
export function openSheet(page, { title, content, foot = [] }) {
  const before = document.activeElement;
  const behind = [...page.children];
  const close = () => {
    overlay.remove();
    for (const part of behind) part.inert = false;
    before?.focus({ preventScroll: true });
  };
  const panel = element("div", { class: "sheet", role: "dialog", "aria-modal": "true", "aria-label": title, tabindex: "-1" },
    element("header", { class: "sheet-top" },
      button({ class: "round", "aria-label": say("close"), click: close }, icon("close")), element("h3", {}, title)),
    element("div", { class: "sheet-content" }, ...content.filter(Boolean)), ...foot);
  const overlay = element("div", {
    class: "overlay",
    click: (event) => event.target === overlay && close(),
    keydown: (event) => event.key === "Escape" && close(),
  }, panel);
  for (const part of behind) part.inert = true;
  page.append(overlay);
  panel.focus({ preventScroll: true });
  return close;
}
