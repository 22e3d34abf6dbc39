/** What all telephones on the page share: the businesses' numbers, the customers, their chats, and the line to the sandbox. */

import { Chat } from "./chat.js";
import { listen } from "./live.js";
import { createCustomer, fetchState } from "./server.js";

export class World {
  numbers = [];
  customers = [];
  connected = true;
  #chats = new Map();
  #loading = 0;
  #heldBack = [];
  #listeners = new Set();

  /** Calls the listener with {kind: "people" | "line" | "chat", customerId?}; returns how to stop it. */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Fetches numbers and customers anew. */
  async load() {
    this.#loading += 1;
    try {
      const state = await fetchState();
      this.numbers = state.numbers;
      this.customers = state.customers;
      this.#tell({ kind: "people" });
    } finally {
      this.#loading -= 1;
      this.#release();
    }
  }

  /** Follows the sandbox from now on; whenever the line is open, everything that is shown is fetched anew. */
  follow() {
    listen({
      hear: (kind, data) => this.#hear(kind, data),
      catchUp: () => this.#catchUp(),
      up: () => this.#setConnected(true),
      lost: () => this.#setConnected(false),
    });
  }

  /** Returns the number with that id, or undefined. */
  number(phoneNumberId) {
    return this.numbers.find((number) => number.phone_number_id === phoneNumberId);
  }

  /** Returns the customer with that id, or undefined. */
  customer(customerId) {
    return this.customers.find((customer) => customer.id === customerId);
  }

  /** Returns the one chat of this customer with this number, new or known. */
  chat(customerId, phoneNumberId) {
    const key = JSON.stringify([customerId, phoneNumberId]);
    if (!this.#chats.has(key)) this.#chats.set(key, new Chat(customerId, phoneNumberId));
    return this.#chats.get(key);
  }

  /** Makes a customer and returns it. */
  async addCustomer(wished) {
    const made = await createCustomer(wished);
    this.#keep(this.customers, made, "id");
    return made;
  }

  #hear(kind, data) {
    if (kind === "customer" || kind === "number") return this.#meet(kind, data);
    const chat = this.chat(data.customer_id, data.phone_number_id);
    if (kind === "typing") chat.setTyping(true);
    else this.#pass(kind, data, chat);
    return this.#tell({ kind: "chat", customerId: data.customer_id });
  }

  #pass(kind, data, chat) {
    if (kind === "message") chat.arrive(data.message);
    else if (kind === "status") chat.arriveStatus(data.message_id, data.status, data.error);
    else if (kind === "reaction") chat.change(data.message_id, { reaction: data.emoji });
  }

  // Somebody who is met while all are fetched waits: what comes back may be older.
  #meet(kind, data) {
    if (this.#loading > 0) this.#heldBack.push(() => this.#meet(kind, data));
    else if (kind === "customer") this.#keep(this.customers, data, "id");
    else this.#keep(this.numbers, data, "phone_number_id");
  }

  #release() {
    if (this.#loading === 0) for (const again of this.#heldBack.splice(0)) again();
  }

  #keep(people, one, key) {
    const at = people.findIndex((known) => known[key] === one[key]);
    if (at === -1) people.push(one);
    else people[at] = { ...people[at], ...one };
    this.#tell({ kind: "people" });
  }

  #catchUp() {
    const wanted = [...this.#chats.values()].filter((chat) => chat.wanted);
    return Promise.all([this.load(), ...wanted.map((chat) => chat.load())]);
  }

  #setConnected(connected) {
    if (connected === this.connected) return;
    this.connected = connected;
    this.#tell({ kind: "line" });
  }

  #tell(change) {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
