/** One chat: the business above, the messages on their wall, the composer below. */

import { openAttach } from "./attach_sheet.js";
import { Composer } from "./composer.js";
import { button, element, hasKeyboard } from "./dom.js";
import { unmarked } from "./formatting.js";
import { icon } from "./icons.js";
import { openList } from "./list_sheet.js";
import { openMessage } from "./message_sheet.js";
import { textOf } from "./messages.js";
import { businessOf, businessPicture, customerPicture, nameOf } from "./people.js";
import { say } from "./strings.js";
import { Thread } from "./thread.js";

export class ChatScreen {
  constructor(telephone) {
    this.telephone = telephone;
    this.world = telephone.world;
    this.chat = this.world.chat(telephone.customerId, telephone.phoneNumberId);
    this.business = businessOf(this.world.number(telephone.phoneNumberId));
    this.thread = new Thread(this.chat, {
      business: this.business, beginning: () => this.#beginning(), actionsFor: (message) => this.#actions(message),
    });
    this.composer = new Composer(this.chat, {
      business: this.business, send: (written) => this.#write(written), attach: () => this.#attach(),
    });
    this.presence = element("span", { class: "presence", "data-testid": "presence" });
    this.root = element("div", { class: "page chat" }, this.#header(), this.thread.root, this.composer.root);
    this.stop = this.chat.onChange((change) => this.#changed(change));
    this.seen = () => document.visibilityState === "visible" && this.chat.see();
    document.addEventListener("visibilitychange", this.seen);
    this.#writePresence();
  }

  /** Fills the screen once it is on the page. */
  opened() {
    this.composer.grow();
    if (this.chat.loaded) this.#draw();
    else this.#load();
    if (hasKeyboard()) this.composer.focus();
  }

  hear(change) {
    if (change.kind === "line") this.#writePresence();
  }

  close() {
    this.stop();
    this.thread.close();
    this.composer.close();
    document.removeEventListener("visibilitychange", this.seen);
  }

  async #load() {
    try {
      await this.chat.load();
    } catch {
      const again = button({ class: "primary", click: () => this.#load() }, say("tryAgain"));
      this.thread.rows.replaceChildren(element("li", { class: "chip", role: "alert" }, element("span", {}, say("loadFailed")), again));
    }
  }

  #header() {
    const { telephone } = this;
    const customer = this.world.customer(telephone.customerId);
    const change = `${say("changeCustomer")} (${nameOf(customer)})`;
    return element("header", { class: "top" },
      button({ class: "round", "data-testid": "back", "aria-label": say("back"), click: () => telephone.goBack() }, icon("back")),
      businessPicture(this.world.number(telephone.phoneNumberId)),
      element("div", { class: "who-text" },
        element("h2", { dir: "auto" }, this.business), this.presence),
      button({ class: "who", "data-testid": "change-customer", title: change, "aria-label": change, click: () => telephone.show("customers") },
        customerPicture(customer)));
  }

  #beginning() {
    const notice = element("li", { class: "chip notice-chip" }, element("span", {}, say("notice")));
    if (this.chat.messages.length > 0) return [notice];
    const question = say("hintQuestion");
    const use = () => {
      this.composer.field.value = "";
      this.composer.insert(question);
      this.composer.focus();
    };
    return [notice, element("li", { class: "chip" }, button({ class: "hint", "data-testid": "hint", click: use }, say("hint", question)))];
  }

  #actions(message) {
    const { chat, root } = this;
    return {
      tap: (made) => this.#tap("button_reply", message, made),
      list: () => openList(root, message.interactive, (row) => this.#tap("list_reply", message, row)),
      options: () => openMessage(root, message, {
        react: (emoji) => chat.react(message.id, emoji), quote: () => this.composer.setQuoted(message),
      }),
      retry: () => chat.retry(message.id),
      jump: (id) => this.thread.jump(id),
    };
  }

  #write({ text, quoted, attached }) {
    const context = quoted === null ? {} : { context: quoted.id };
    if (attached === null) return this.chat.write({ type: "text", text, ...context }, { type: "text", text, ...context });
    const caption = text === "" ? {} : { caption: text };
    const { posted, shown } = attached;
    return this.chat.write({ ...posted, ...caption, ...context }, { ...shown, media: { ...shown.media, ...caption }, ...context });
  }

  #attach() {
    openAttach(this.root, {
      pick: (file) => this.composer.pick(file),
      send: (type) => this.chat.write({ type }, { type }),
    });
  }

  #tap(type, message, { id, title, description }) {
    this.chat.write({ type, message_id: message.id, id }, { type, reply: { id, title, description }, context: message.id });
  }

  #draw() {
    this.thread.draw();
    this.seen();
  }

  #changed({ kind, message, was }) {
    if (kind === "all") this.#draw();
    else if (kind === "changed") this.thread.change(message, was);
    else if (kind === "typing") this.#writePresence();
    else if (this.chat.loaded) this.#added(message);
  }

  #added(message) {
    this.thread.add(message);
    if (message.from !== "business") return;
    this.telephone.announce(say("says", this.business, unmarked(textOf(message))));
    this.seen();
  }

  #writePresence() {
    this.presence.textContent = this.chat.typing ? say("typing") : say("online");
    this.presence.classList.toggle("presence-typing", this.chat.typing);
    this.presence.hidden = !this.world.connected;
    this.thread.writeTyping();
  }
}
