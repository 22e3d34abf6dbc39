/** One customer's chat with one business: its messages in order, those still on their way, and what is being written. */

import { fetchMessages, postMessage, postRead } from "./server.js";
import { now } from "./times.js";

const RANK = { posting: 0, sent: 1, delivered: 2, read: 3, failed: 4 };
const TYPING_LASTS = 25_000;

let localCount = 0;

export class Chat {
  messages = [];
  wanted = false;
  loaded = false;
  typing = false;
  draft = "";
  quoted = null;
  attached = null;
  #listeners = new Set();
  #posting = 0;
  #loading = 0;
  #asked = 0;
  #answered = 0;
  #heldBack = [];
  #typingTimer = null;

  constructor(customerId, phoneNumberId) {
    this.customerId = customerId;
    this.phoneNumberId = phoneNumberId;
  }

  /** Calls the listener with {kind: "all" | "added" | "changed" | "typing", message?}; returns how to stop it. */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Fetches the messages anew; what was written here and has not arrived stays at the end. Safe to call twice. */
  async load() {
    this.wanted = true;
    this.#loading += 1;
    const asked = ++this.#asked;
    try {
      const fetched = await fetchMessages(this.customerId, this.phoneNumberId);
      if (asked > this.#answered) this.#replace(fetched, asked);
    } finally {
      this.#loading -= 1;
      this.#release();
    }
  }

  /** Returns the message with that id, or undefined. */
  find(id) {
    return this.messages.findLast((message) => message.id === id);
  }

  /** Returns the business's messages that the customer has not seen, oldest first. */
  unread() {
    return this.messages.filter((message) => message.from === "business" && RANK[message.status] < RANK.read);
  }

  /** Takes a message from the sandbox. While one of ours is being posted, or all are fetched, it waits: it may be among those. */
  arrive(message) {
    if (this.#loading > 0 || (message.from === "customer" && this.#posting > 0)) {
      this.#heldBack.push(() => this.arrive(message));
      return;
    }
    if (this.find(message.id) !== undefined) this.change(message.id, message);
    else this.#add(message);
    if (message.from === "business") this.setTyping(false);
  }

  /** Takes a status; it only moves forward. */
  arriveStatus(id, status, error) {
    const message = this.find(id);
    if (this.#loading > 0 || (message === undefined && this.#posting > 0)) {
      this.#heldBack.push(() => this.arriveStatus(id, status, error));
    } else if (message !== undefined && RANK[status] > RANK[message.status]) this.change(id, error ? { status, error } : { status });
  }

  /** Changes some fields of a message. */
  change(id, changes) {
    const message = this.find(id);
    if (message === undefined) return;
    const status = RANK[changes.status] < RANK[message.status] ? message.status : (changes.status ?? message.status);
    Object.assign(message, changes, { status });
    this.#tell({ kind: "changed", message, was: id });
  }

  /** Shows the business as typing, until it writes or 25 seconds have passed, as on a real telephone. */
  setTyping(typing) {
    clearTimeout(this.#typingTimer);
    if (typing) this.#typingTimer = setTimeout(() => this.setTyping(false), TYPING_LASTS);
    if (typing === this.typing) return;
    this.typing = typing;
    this.#tell({ kind: "typing" });
  }

  /** Shows a message at once and posts it; when that fails it stays, marked, and can be sent again. */
  write(posted, shown) {
    localCount += 1;
    const message = {
      id: `local-${localCount}`, from: "customer", timestamp: now(), status: "posting", local: true, posted, ...shown,
    };
    this.#add(message);
    return this.#post(message);
  }

  /** Sends again a message that could not be posted. */
  retry(id) {
    const message = this.find(id);
    if (!message?.local) return;
    message.status = "posting";
    this.#tell({ kind: "changed", message, was: id });
    this.#post(message);
  }

  /** Puts the customer's emoji on a message, or takes it away with "". */
  async react(id, emoji) {
    const before = this.find(id)?.reaction ?? "";
    this.change(id, { reaction: emoji });
    try {
      await postMessage(this.customerId, this.phoneNumberId, { type: "reaction", message_id: id, emoji });
    } catch {
      this.change(id, { reaction: before });
    }
  }

  /** Marks everything as seen, here and in the sandbox. */
  async see() {
    const unseen = this.unread();
    if (unseen.length === 0) return;
    for (const message of unseen) message.status = "read";
    try {
      await postRead(this.customerId, this.phoneNumberId);
    } catch {
      for (const message of unseen) message.status = "delivered";
    }
  }

  async #post(message) {
    this.#posting += 1;
    try {
      const kept = await postMessage(this.customerId, this.phoneNumberId, message.posted);
      this.#settle(message, { ...kept, local: false, posted: null });
    } catch (error) {
      this.#settle(message, { status: "failed", error: error.message || null });
    } finally {
      this.#posting -= 1;
      this.#release();
    }
  }

  #settle(message, changes) {
    const was = message.id;
    Object.assign(message, changes);
    const twice = this.messages.findIndex((other) => other !== message && other.id === message.id);
    if (twice === -1) return this.#tell({ kind: "changed", message, was });
    this.messages.splice(this.messages.indexOf(message), 1);
    return this.#tell({ kind: "all" });
  }

  // An answer that a later one overtook is older than what is shown, and is left out.
  #replace(fetched, asked) {
    this.#answered = asked;
    const known = new Set(fetched.map((message) => message.id));
    const waiting = this.messages.filter((message) => message.local && !known.has(message.id));
    this.messages = [...fetched, ...waiting];
    this.loaded = true;
    this.#tell({ kind: "all" });
  }

  #release() {
    if (this.#posting + this.#loading === 0) for (const again of this.#heldBack.splice(0)) again();
  }

  #add(message) {
    this.messages.push(message);
    this.#tell({ kind: "added", message });
  }

  #tell(change) {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
