/** Says who somebody is: names, the lines below them, and round pictures with initials. */

import { element } from "./dom.js";
import { icon } from "./icons.js";
import { say } from "./strings.js";

const COLOURS = 8;

/** Returns the customer's name, or what stands for it. */
export const nameOf = (customer) => customer?.name || handle(customer) || customer?.wa_id || say("unnamed");

/** Returns how a business can know the customer: number, username, both. */
export function identityOf(customer) {
  const number = customer.wa_id ? spaced(customer.wa_id) : say("noNumber");
  return [number, handle(customer)].filter(Boolean).join(" · ");
}

/** Returns the business's name, or its number. */
export const businessOf = (number) => (number?.name.startsWith("+") ? spaced(number.name) : number?.name) || "…";

/** Returns a round picture with the initials of a customer. */
export function customerPicture(customer) {
  return picture(customer?.id ?? "", initials(nameOf(customer)) || icon("person"));
}

/** Returns a round picture of a shop, in the business's colour. */
export function businessPicture(number) {
  return picture(number?.phone_number_id ?? "", icon("shop"));
}

function picture(seed, inside) {
  return element("span", { class: `picture colour-${hash(seed) % COLOURS}`, "aria-hidden": "true" }, inside);
}

function handle(customer) {
  return customer?.username ? `@${customer.username.replace(/^@/u, "")}` : "";
}

function initials(name) {
  const words = name.replace(/^[@+]/u, "").split(/\s+/u).filter((word) => /^\p{L}/u.test(word));
  return words.slice(0, 2).map((word) => [...word][0].toUpperCase()).join("");
}

/** Returns a number in groups that can be read aloud. */
export function spaced(digits) {
  const plain = digits.replace(/\D/gu, "");
  const code = /^[17]/u.test(plain) ? 1 : 2;
  return `+${plain.slice(0, code)} ${plain.slice(code).replace(/(?<=\d{2})(?=(\d{3})+$)/gu, " ")}`;
}

function hash(text) {
  let value = 0;
  for (const character of String(text)) value = (value * 31 + character.codePointAt(0)) >>> 0;
  return value;
}
