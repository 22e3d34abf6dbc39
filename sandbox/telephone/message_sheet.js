/** What the customer can do with a message: react, quote it in a reply, copy its text. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { textOf } from "./messages.js";
import { openSheet } from "./sheet.js";
import { say } from "./strings.js";

const REACTIONS = ["👍", "❤️", "😂", "😮", "😢", "🙏"];

/** Opens the choices for one message. */
export function openMessage(page, message, { react, quote }) {
  const then = (action) => () => {
    close();
    action();
  };
  const close = openSheet(page, {
    title: say("options"),
    content: [
      element("div", { class: "reactions" }, ...REACTIONS.map((emoji) => reaction(emoji, message, (felt) => then(() => react(felt))()))),
      choice("reply", say("reply"), then(quote), "quote"),
      // Browsers lend the clipboard only to pages that came over https or from this machine.
      navigator.clipboard && choice("copy", say("copy"), then(() => navigator.clipboard.writeText(textOf(message))), "copy"),
    ],
  });
}

function reaction(emoji, message, react) {
  const given = message.reaction === emoji;
  return button({
    "data-testid": "reaction-choice", "aria-pressed": String(given),
    "aria-label": given ? say("removeReaction") : say("react", emoji),
    click: () => react(given ? "" : emoji),
  }, emoji);
}

function choice(drawing, label, click, name) {
  return button({ class: "sheet-choice", "data-testid": name, click }, icon(drawing), label);
}
