/** A business's list: sections of rows of which the customer chooses one and sends it. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { openSheet } from "./sheet.js";
import { say } from "./strings.js";

let lists = 0;

/** Opens the list of an interactive message; calls choose({id, title, description}) when a row was sent. */
export function openList(page, interactive, choose) {
  lists += 1;
  const name = `list-${lists}`;
  let chosen = null;
  const send = button({
    class: "primary list-send", "data-testid": "list-send", disabled: true,
    click: () => {
      close();
      choose(chosen);
    },
  }, icon("send"), say("send"));
  const pick = (row) => {
    chosen = row;
    send.disabled = false;
  };
  const sections = interactive.action.sections.map((section) => sectionOf(section, name, pick));
  const close = openSheet(page, {
    title: interactive.action.button || say("seeOptions"),
    content: [element("div", { role: "radiogroup", "aria-label": say("chooseOne") }, ...sections)],
    foot: [element("footer", { class: "sheet-foot" }, send)],
  });
}

function sectionOf(section, name, pick) {
  const rows = section.rows.map((row) => element("label", { class: "list-row", "data-testid": "list-row", "data-id": row.id },
    element("span", { class: "list-row-text" },
      element("strong", { dir: "auto" }, row.title),
      row.description ? element("span", { dir: "auto" }, row.description) : null),
    element("input", { type: "radio", name, change: () => pick(row) })));
  return element("section", { class: "list-section" },
    section.title ? element("h4", { dir: "auto" }, section.title) : null, ...rows);
}
