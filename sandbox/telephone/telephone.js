/** One telephone: its frame, whose it is, and the screen it shows (who writes, the chats, one chat). */

import { ChatScreen } from "./chat_screen.js";
import { ChatsScreen } from "./chats_screen.js";
import { CustomersScreen } from "./customers_screen.js";
import { button, element, onSmallScreen } from "./dom.js";
import { icon } from "./icons.js";
import { nameOf } from "./people.js";
import { say } from "./strings.js";
import { clock, now } from "./times.js";

const SCREENS = { customers: CustomersScreen, chats: ChatsScreen, chat: ChatScreen };

export class Telephone {
  onRemove = () => {};
  onMove = () => {};
  #screen = null;
  #shown = "";
  #stop;

  /** Builds the frame; the screen stays dark until open(). */
  constructor(world, { customerId, phoneNumberId }) {
    this.world = world;
    this.customerId = customerId;
    this.phoneNumberId = phoneNumberId;
    this.#build();
  }

  /** Opens, once it is on the page, on the chat when both ids are known, else on the chats, else on the question who writes. */
  open() {
    this.#stop = this.world.onChange((change) => this.#hear(change));
    if (this.customerId === undefined) this.show("customers");
    else this.show(this.phoneNumberId === undefined ? "chats" : "chat");
  }

  /** Shows one of the screens: customers, chats or chat. */
  show(name) {
    const held = this.glass.contains(document.activeElement);
    this.#screen?.close();
    this.#shown = name;
    this.root.dataset.screen = name;
    this.#screen = new SCREENS[name](this);
    this.#screen.root.tabIndex = -1;
    this.glass.replaceChildren(this.#screen.root);
    // Whoever moves by keyboard goes on from the new screen, not from the top of the page.
    if (held) this.#screen.root.focus({ preventScroll: true });
    this.#screen.opened?.();
    this.#writeOwner();
    this.onMove();
  }

  /** Makes this the telephone of that customer and goes on to the chats, or to the chat that was open. */
  become(customerId) {
    this.customerId = customerId;
    const only = this.world.numbers.length === 1 ? this.world.numbers[0].phone_number_id : undefined;
    this.phoneNumberId ??= only;
    this.show(this.phoneNumberId === undefined ? "chats" : "chat");
  }

  /** Opens the chat with that number. */
  openChat(phoneNumberId) {
    this.phoneNumberId = phoneNumberId;
    if (onSmallScreen()) history.pushState({ opened: true }, "");
    this.show("chat");
  }

  /** Goes back to the chats; on a real telephone that undoes one step, so that its own Back does the same. */
  goBack() {
    if (onSmallScreen() && history.state?.opened) history.back();
    else this.openChats();
  }

  /** Shows the chats. */
  openChats() {
    this.phoneNumberId = undefined;
    this.show("chats");
  }

  /** Says everything again, in the language of now. */
  write() {
    this.show(this.#shown);
  }

  /** Moves the clock on. */
  tick() {
    this.clock.textContent = clock(now());
  }

  /** Shows or hides the cross that takes this telephone away. */
  showRemove(possible) {
    this.removeButton.hidden = !possible;
  }

  /** Takes the telephone away. */
  remove() {
    this.#stop();
    this.#screen.close();
    this.root.remove();
  }

  /** Reads a text to people who listen to the page. */
  announce(text) {
    this.spoken.textContent = text;
  }

  #build() {
    this.clock = element("span", { class: "clock" }, clock(now()));
    this.owner = element("span", { class: "owner-name" });
    this.removeButton = button({ class: "remove", hidden: true, click: () => this.onRemove() }, icon("close"));
    this.offline = element("p", { class: "offline", role: "status", hidden: true });
    this.glass = element("div", { class: "glass" });
    this.spoken = element("p", { class: "spoken", "aria-live": "polite" });
    const statusBar = element("div", { class: "status-bar", "aria-hidden": "true" }, this.clock,
      element("span", { class: "camera" }),
      element("span", { class: "signs" }, icon("signal"), icon("wifi"), icon("battery")));
    this.root = element("section", { class: "telephone", "data-testid": "telephone" },
      element("div", { class: "owner" }, icon("person"), this.owner, this.removeButton),
      element("div", { class: "frame" },
        element("div", { class: "screen" }, statusBar, this.offline, this.glass,
          element("div", { class: "home-line", "aria-hidden": "true" }))),
      this.spoken);
  }

  #writeOwner() {
    const customer = this.world.customer(this.customerId);
    const name = customer === undefined ? say("newTelephone") : nameOf(customer);
    this.owner.textContent = name;
    this.root.setAttribute("aria-label", customer === undefined ? name : say("telephoneOf", name));
    this.removeButton.setAttribute("aria-label", say("removeTelephone", name));
    this.offline.textContent = say("offline");
    this.offline.hidden = this.world.connected;
  }

  #hear(change) {
    if (change.kind === "line") this.offline.hidden = this.world.connected;
    if (change.kind === "chat" && change.customerId !== this.customerId) return;
    this.#screen.hear?.(change);
    if (change.kind === "people") this.#writeOwner();
  }
}
