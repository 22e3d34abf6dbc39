/** Where the customer writes: a field that grows, the message that is quoted, a few emoji, and the button that sends. */

import { button, element, hasKeyboard } from "./dom.js";
import { unmarked } from "./formatting.js";
import { icon } from "./icons.js";
import { textOf } from "./messages.js";
import { say } from "./strings.js";

const LONGEST = 4096;
const EMOJI = [..."😀😂😊😍😘🤔😅😢😡😴🤒🎂🍞🥐☕🍕👍👎🙏👏💪👋🤝🔥🎉🌟✅❌❓📍📅⏰💶🚗🏠"];

export class Composer {
  /** Calls send(text) with what was written; the draft and what is quoted live in the chat. */
  constructor(chat, { business, send }) {
    Object.assign(this, { chat, business, send });
    this.field = element("textarea", {
      rows: "1", maxlength: String(LONGEST), placeholder: say("placeholder"), "aria-label": say("placeholder"),
      "data-testid": "composer", dir: "auto", enterkeyhint: hasKeyboard() ? "send" : "enter",
      input: () => this.#changed(), keydown: (event) => this.#key(event),
    });
    this.field.value = chat.draft;
    this.quote = element("div", { class: "quoting", hidden: true });
    this.emoji = element("div", { class: "emoji", hidden: true }, ...EMOJI.map((one) =>
      button({ click: () => this.insert(one) }, one)));
    this.emojiButton = button({ class: "round emoji-button", "aria-label": say("emoji"), "aria-expanded": "false", click: () => this.#toggle() }, icon("smile"));
    this.sendButton = button({ class: "send", "data-testid": "send", "aria-label": say("send"), mousedown: keepFocus, click: () => this.#send() }, icon("send"));
    this.root = element("footer", { class: "composer" }, this.emoji,
      element("div", { class: "composer-line" },
        element("div", { class: "pill" }, this.quote, element("div", { class: "pill-line" }, this.emojiButton, this.field)),
        this.sendButton));
    this.#writeQuote();
    this.#changed();
  }

  /** Puts the cursor into the field. */
  focus() {
    this.field.focus({ preventScroll: true });
  }

  /** Writes something at the cursor. */
  insert(text) {
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    this.#changed();
  }

  /** Quotes a message in what is written next. */
  setQuoted(message) {
    this.chat.quoted = message;
    this.#writeQuote();
    this.focus();
  }

  /** Makes the field as high as its text; to be called when it has come onto the screen. */
  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  #changed() {
    this.chat.draft = this.field.value;
    this.sendButton.disabled = this.field.value.trim() === "";
    this.grow();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !hasKeyboard()) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.field.value.trim();
    if (text === "") return;
    const { quoted } = this.chat;
    this.field.value = "";
    this.chat.quoted = null;
    this.emoji.hidden = true;
    this.#writeQuote();
    this.#changed();
    this.send(text, quoted);
  }

  #toggle() {
    this.emoji.hidden = !this.emoji.hidden;
    this.emojiButton.setAttribute("aria-expanded", String(!this.emoji.hidden));
  }

  #writeQuote() {
    const { quoted } = this.chat;
    this.quote.hidden = quoted === null;
    if (quoted === null) return;
    const cancel = () => {
      this.chat.quoted = null;
      this.#writeQuote();
      this.focus();
    };
    this.quote.replaceChildren(
      element("div", { class: `quote ${quoted.from === "customer" ? "quote-own" : ""}` },
        element("strong", { dir: "auto" }, say("replyingTo", quoted.from === "customer" ? say("you") : this.business)),
        element("span", { dir: "auto" }, unmarked(textOf(quoted)).slice(0, 160))),
      button({ class: "round", "aria-label": say("cancelReply"), click: cancel }, icon("close")));
  }
}

// On a touch screen the keyboard would close if the button took the focus.
function keepFocus(event) {
  event.preventDefault();
}
