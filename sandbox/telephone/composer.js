/** Where the customer writes: a field that grows, what is quoted or attached, a few emoji, and what sends or records. */

import { attachedBar } from "./attached_bar.js";
import { button, element, hasKeyboard } from "./dom.js";
import { packed } from "./files.js";
import { unmarked } from "./formatting.js";
import { icon } from "./icons.js";
import { textOf } from "./messages.js";
import { canRecord } from "./recorder.js";
import { say } from "./strings.js";
import { VoiceBar } from "./voice_bar.js";

const LONGEST = 4096;
const EMOJI = [..."😀😂😊😍😘🤔😅😢😡😴🤒🎂🍞🥐☕🍕👍👎🙏👏💪👋🤝🔥🎉🌟✅❌❓📍📅⏰💶🚗🏠"];
const COMPLAINT_LASTS = 6000;

export class Composer {
  /**
   * Calls send({text, quoted, attached}) with what was written and picked, attach() when more is wanted than a recording;
   * the draft, what is quoted and what is attached live in the chat.
   */
  constructor(chat, { business, send, attach }) {
    Object.assign(this, { chat, business, send, attach });
    this.field = element("textarea", {
      rows: "1", maxlength: String(LONGEST), placeholder: say("placeholder"), "aria-label": say("placeholder"),
      "data-testid": "composer", dir: "auto", enterkeyhint: hasKeyboard() ? "send" : "enter",
      input: () => this.#changed(), keydown: (event) => this.#key(event),
    });
    this.field.value = chat.draft;
    this.quote = element("div", { class: "quoting", hidden: true });
    this.attached = element("div", { class: "attached", hidden: true, "data-testid": "attached" });
    this.complaint = element("p", { class: "complaint", role: "alert", hidden: true });
    this.emoji = element("div", { class: "emoji", hidden: true }, ...EMOJI.map((one) =>
      button({ click: () => this.insert(one) }, one)));
    this.voice = new VoiceBar({
      changed: (recording) => this.#recording(recording), send: (sound) => this.#spoken(sound),
    });
    this.root = element("footer", { class: "composer" }, this.complaint, this.emoji, this.#line(), this.voice.root);
    this.#writeQuote();
    this.#writeAttached();
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

  /** Attaches a file of the person's to what is written next; a sound goes at once. */
  async pick(file) {
    const attached = await this.#packed(file);
    if (attached === null) return;
    if (attached.posted.type === "audio") return this.#sendSound(attached, false);
    this.chat.attached = attached;
    this.#writeAttached();
    this.focus();
  }

  /** Makes the field as high as its text; to be called when it has come onto the screen. */
  grow() {
    this.field.style.height = "auto";
    this.field.style.height = `${this.field.scrollHeight}px`;
  }

  /** Gives the microphone back. */
  close() {
    this.voice.drop();
  }

  #line() {
    this.emojiButton = button({ class: "round emoji-button", "aria-label": say("emoji"), "aria-expanded": "false", click: () => this.#toggle() }, icon("smile"));
    const attach = button({ class: "round attach-button", "data-testid": "attach", "aria-label": say("attach"), click: () => this.attach() }, icon("attach"));
    this.sendButton = button({ class: "send", "data-testid": "send", "aria-label": say("send"), mousedown: keepFocus, click: () => this.#send() }, icon("send"));
    this.recordButton = button({ class: "send record", "data-testid": "record", "aria-label": say("record"), click: () => this.#record() }, icon("microphone"));
    this.line = element("div", { class: "composer-line" },
      element("div", { class: "pill" }, this.quote, this.attached,
        element("div", { class: "pill-line" }, this.emojiButton, this.field, attach)),
      this.sendButton, this.recordButton);
    return this.line;
  }

  #changed() {
    this.chat.draft = this.field.value;
    const empty = this.field.value.trim() === "" && this.chat.attached === null;
    this.sendButton.hidden = empty;
    this.recordButton.hidden = !empty;
    this.grow();
  }

  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !hasKeyboard()) return;
    event.preventDefault();
    this.#send();
  }

  #send() {
    const text = this.field.value.trim();
    const { quoted, attached } = this.chat;
    if (text === "" && attached === null) return;
    const held = this.root.contains(document.activeElement);
    this.field.value = "";
    this.chat.attached = null;
    this.emoji.hidden = true;
    this.#forgetQuote();
    this.#writeAttached();
    this.send({ text, quoted, attached });
    if (held) this.focus(); // the button that was pressed is gone
  }

  async #record() {
    try {
      if (!canRecord()) throw new Error("no microphone");
      await this.voice.begin();
    } catch {
      this.#complain(say("noMicrophone"));
      this.attach();
    }
  }

  #recording(recording) {
    this.line.hidden = recording;
    if (recording) this.emoji.hidden = true;
    else this.recordButton.focus();
  }

  async #spoken(sound) {
    const attached = await this.#packed(sound);
    if (attached !== null) this.#sendSound(attached, true);
  }

  #sendSound({ posted, shown }, voice) {
    const { quoted } = this.chat;
    this.#forgetQuote();
    this.send({ text: "", quoted, attached: { posted: { ...posted, voice }, shown } });
  }

  async #packed(file) {
    try {
      return await packed(file);
    } catch (error) {
      this.#complain(say(error.message));
      return null;
    }
  }

  #complain(sentence) {
    this.complaint.textContent = sentence;
    this.complaint.hidden = false;
    setTimeout(() => { this.complaint.hidden = true; }, COMPLAINT_LASTS);
  }

  #toggle() {
    this.emoji.hidden = !this.emoji.hidden;
    this.emojiButton.setAttribute("aria-expanded", String(!this.emoji.hidden));
  }

  #forgetQuote() {
    this.chat.quoted = null;
    this.#writeQuote();
  }

  #writeAttached() {
    const { attached } = this.chat;
    this.attached.hidden = attached === null;
    const remove = () => {
      this.chat.attached = null;
      this.#writeAttached();
      this.focus();
    };
    this.attached.replaceChildren(...(attached === null ? [] : attachedBar(attached.shown, remove)));
    this.#changed();
  }

  #writeQuote() {
    const { quoted } = this.chat;
    this.quote.hidden = quoted === null;
    if (quoted === null) return;
    const cancel = () => {
      this.#forgetQuote();
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
