/** The messages of a chat on its wall: days, unread ones, typing dots; long chats show their end and grow upwards. */

import { drawMessage } from "./bubble.js";
import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { quotedId } from "./messages.js";
import { say } from "./strings.js";
import { day, sameDay } from "./times.js";

const PAGE = 60;
const MOST = 300;
const NEAR = 80;

export class Thread {
  #first = 0;
  #unreadFrom = null;
  #unreadCount = 0;
  #missed = 0;
  #atEnd = true;

  /** actionsFor(message) returns what can be done with it; `beginning` is shown above the first message. */
  constructor(chat, { business, beginning, actionsFor }) {
    Object.assign(this, { chat, business, beginning, actionsFor });
    this.rows = element("ol", { class: "messages", tabindex: "0", "aria-label": business, scroll: () => this.#scrolled() });
    this.typing = element("li", { class: "said said-theirs said-first typing-row", hidden: true },
      element("div", { class: "bubble typing", "data-testid": "typing", role: "img", "aria-label": say("typing") },
        element("i"), element("i"), element("i")));
    this.toEnd = button({ class: "to-end", "data-testid": "to-end", hidden: true, click: () => this.end() });
    this.root = element("div", { class: "wall" }, this.rows, this.toEnd);
    this.size = new ResizeObserver(() => this.#atEnd && this.end());
    this.size.observe(this.rows);
  }

  /** Draws everything anew; the first unread message stands below a line that says how many there are. */
  draw() {
    const { messages } = this.chat;
    const unread = this.chat.unread();
    if (this.#unreadFrom === null && unread.length > 0) {
      this.#unreadFrom = unread[0].id;
      this.#unreadCount = unread.length;
    }
    const from = messages.findIndex((message) => message.id === this.#unreadFrom);
    const place = this.#atEnd ? null : this.rows.scrollTop;
    if (place === null) this.#first = this.#start(messages.length, from);
    this.rows.replaceChildren(...this.#above(), ...this.#drawn(this.#first, messages.length), this.typing);
    this.writeTyping();
    if (place !== null) this.rows.scrollTop = place;
    else this.#goToUnread();
  }

  /** Adds a message at the end, and goes there when the person was there or wrote it. */
  add(message) {
    if (message.from === "customer") this.#forgetUnread();
    this.rows.querySelector(".hint")?.closest("li").remove();
    this.typing.before(...this.#drawn(this.chat.messages.length - 1, this.chat.messages.length));
    if (this.#atEnd || message.from === "customer") this.end();
    else {
      this.#missed += 1;
      this.#writeToEnd();
    }
  }

  /** Draws one message anew; `was` is the id under which it was drawn. */
  change(message, was) {
    const row = this.#row(was);
    if (row === null) return;
    const at = this.chat.messages.indexOf(message);
    const focused = row.contains(document.activeElement) ? document.activeElement.dataset.testid : null;
    row.replaceWith(this.#draw(message, this.chat.messages[at - 1]));
    if (focused) this.#row(message.id).querySelector(`[data-testid="${focused}"]`)?.focus();
    if (this.#atEnd) this.end();
  }

  /** Shows or hides the typing dots. */
  writeTyping() {
    this.typing.hidden = !this.chat.typing;
    if (this.#atEnd) this.end();
  }

  /** Goes to the last message. */
  end() {
    this.rows.scrollTop = this.rows.scrollHeight;
    this.#atEnd = true;
    this.#missed = 0;
    this.#writeToEnd();
  }

  /** Goes to a message and lights it up for a moment. */
  jump(id) {
    const at = this.chat.messages.findIndex((message) => message.id === id);
    if (at === -1) return;
    if (at < this.#first) this.#earlier(this.#first - at + 5);
    const row = this.#row(id);
    row.scrollIntoView({ block: "center" });
    row.classList.add("lit");
    row.addEventListener("animationend", () => row.classList.remove("lit"), { once: true });
  }

  #start(count, unreadFrom) {
    const wished = unreadFrom === -1 ? count - PAGE : Math.min(count - PAGE, unreadFrom - 5);
    return Math.max(0, wished, count - MOST);
  }

  #goToUnread() {
    this.end();
    const line = this.rows.querySelector(".unread");
    if (line === null) return;
    const above = line.offsetTop - this.rows.clientHeight / 3;
    this.rows.scrollTop = Math.min(above, this.rows.scrollHeight);
  }

  /** Stops watching the size of the screen. */
  close() {
    this.size.disconnect();
  }

  #drawn(from, to) {
    const { messages } = this.chat;
    const drawn = [];
    for (let at = from; at < to; at += 1) {
      const [message, previous] = [messages[at], messages[at - 1]];
      if (previous === undefined || !sameDay(previous.timestamp, message.timestamp)) drawn.push(chip("day", day(message.timestamp)));
      if (message.id === this.#unreadFrom) drawn.push(chip("unread", say("unread", this.#unreadCount)));
      drawn.push(this.#draw(message, previous));
    }
    return drawn;
  }

  #above() {
    return this.#first === 0 ? this.beginning() : [];
  }

  #draw(message, previous) {
    const first = previous === undefined || previous.from !== message.from || !sameDay(previous.timestamp, message.timestamp);
    const quoted = this.chat.find(quotedId(message));
    return drawMessage(message, { first, quoted, business: this.business, actions: this.actionsFor(message) });
  }

  #earlier(count) {
    const height = this.rows.scrollHeight;
    const to = this.#first;
    this.#first = Math.max(0, to - count);
    this.rows.prepend(...this.#above(), ...this.#drawn(this.#first, to));
    this.rows.scrollTop += this.rows.scrollHeight - height;
  }

  #row(id) {
    return this.rows.querySelector(`[data-id="${CSS.escape(id)}"]`)?.closest(".said") ?? null;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.rows;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#atEnd) this.#missed = 0;
    if (scrollTop < NEAR && this.#first > 0) this.#earlier(PAGE);
    this.#writeToEnd();
  }

  #writeToEnd() {
    this.toEnd.hidden = this.#atEnd;
    this.toEnd.setAttribute("aria-label", say("newMessages", this.#missed));
    this.toEnd.replaceChildren(icon("down"), this.#missed > 0 ? element("span", { class: "badge" }, String(this.#missed)) : "");
  }

  #forgetUnread() {
    this.#unreadFrom = null;
    this.rows.querySelector(".unread")?.remove();
  }
}

function chip(name, text) {
  return element("li", { class: `chip ${name}`, "data-testid": `${name}-separator` }, element("span", {}, text));
}
