/** The customer's chats: each business with its last message, when it came, and how many were not read. */

import { button, element } from "./dom.js";
import { unmarked } from "./formatting.js";
import { icon } from "./icons.js";
import { textOf } from "./messages.js";
import { businessOf, businessPicture, customerPicture, nameOf, spaced } from "./people.js";
import { fetchChats } from "./server.js";
import { say } from "./strings.js";
import { ticks } from "./ticks.js";
import { recently } from "./times.js";

const SETTLE = 120;

export class ChatsScreen {
  #chats = [];
  #timer = null;
  #asked = 0;

  constructor(telephone) {
    this.telephone = telephone;
    this.world = telephone.world;
    this.list = element("ul", { class: "rows", "aria-label": say("chats") });
    this.root = element("div", { class: "page" }, this.#header(), this.list);
    this.#write();
    this.#fetch();
  }

  hear() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fetch(), SETTLE);
  }

  close() {
    clearTimeout(this.#timer);
  }

  #header() {
    const customer = this.world.customer(this.telephone.customerId);
    return element("header", { class: "top top-large" },
      element("h2", {}, say("chats")),
      button({
        class: "who", "data-testid": "change-customer", title: say("changeCustomer"),
        "aria-label": `${say("changeCustomer")} (${nameOf(customer)})`,
        click: () => this.telephone.show("customers"),
      }, customerPicture(customer)));
  }

  async #fetch() {
    const asked = ++this.#asked;
    let chats;
    try {
      chats = await fetchChats(this.telephone.customerId);
    } catch {
      return; // The bar above the screen says that there is no connection; the next event asks again.
    }
    if (asked !== this.#asked) return; // a later question is under way
    this.#chats = chats;
    this.#write();
  }

  #write() {
    const known = new Map(this.#chats.map((chat) => [chat.phone_number_id, chat]));
    const rows = this.world.numbers
      .map((number) => ({ number, chat: known.get(number.phone_number_id) }))
      .sort((one, other) => lastTime(other.chat) - lastTime(one.chat));
    const focused = this.list.querySelector(":focus")?.dataset.number;
    this.list.replaceChildren(...(rows.length === 0 ? [nobody()] : rows.map((row) => this.#row(row))));
    if (focused) this.list.querySelector(`[data-number="${CSS.escape(focused)}"]`)?.focus();
  }

  #row({ number, chat }) {
    const last = chat?.last_message;
    const unread = chat?.unread ?? 0;
    const open = () => this.telephone.openChat(number.phone_number_id);
    return element("li", {}, button(
      { class: "row", "data-testid": "chat-item", "data-number": number.phone_number_id, click: open },
      businessPicture(number),
      element("span", { class: "row-text" },
        element("span", { class: "row-line" },
          element("strong", { dir: "auto" }, businessOf(number)),
          last ? element("time", { class: unread > 0 ? "fresh" : null }, recently(last.timestamp)) : null),
        element("span", { class: "row-line" },
          element("span", { class: "preview", dir: "auto" }, ...preview(last, number)),
          unread > 0 ? badge(unread) : null))));
  }
}

function preview(last, number) {
  if (!last) return [spaced(number.display_phone_number)];
  return [last.from === "customer" || last.status === "failed" ? ticks(last.status) : null, unmarked(textOf(last))];
}

function badge(unread) {
  return element("span", { class: "badge", "data-testid": "unread", role: "img", "aria-label": say("unread", unread) },
    unread > 99 ? "99+" : String(unread));
}

function nobody() {
  return element("li", { class: "empty" }, icon("shop"),
    element("h3", {}, say("noNumbersTitle")),
    element("p", {}, say("noNumbersText")),
    element("a", { class: "primary", href: "../", "data-testid": "make-agent" }, say("noNumbersLink")));
}

const lastTime = (chat) => chat?.last_message?.timestamp ?? 0;
