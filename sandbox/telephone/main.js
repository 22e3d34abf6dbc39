/** Opens the page: its bar with the language, one telephone, and more of them side by side when asked. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { LANGUAGES } from "./sentences.js";
import { language, say, speak } from "./strings.js";
import { Telephone } from "./telephone.js";
import { World } from "./world.js";

const bar = document.getElementById("bar");
const stage = document.getElementById("stage");
const world = new World();
const telephones = [];

async function start() {
  write();
  try {
    await world.load();
  } catch {
    stage.replaceChildren(unreachable());
    return;
  }
  world.follow();
  openFirst(new URLSearchParams(location.search));
  addEventListener("popstate", () => telephones[0].openChats());
  setInterval(() => telephones.forEach((telephone) => telephone.tick()), 5000);
}

function write() {
  document.documentElement.lang = language();
  document.title = say("title");
  bar.replaceChildren(
    element("div", { class: "bar-title" }, element("h1", {}, say("title")), element("p", {}, say("subtitle"))),
    element("a", { class: "bar-link", href: "../" }, icon("home"), say("start")),
    element("label", { class: "bar-language" }, icon("language"),
      element("span", { class: "spoken" }, say("language")), languages()),
  );
}

function languages() {
  const options = Object.entries(LANGUAGES).map(([tag, name]) =>
    element("option", { value: tag, lang: tag, selected: tag === language() }, name));
  const change = (event) => {
    speak(event.target.value);
    write();
    telephones.forEach((telephone) => telephone.write());
    arrange();
    document.querySelector("[data-testid=language]").focus();
  };
  return element("select", { "data-testid": "language", change }, ...options);
}

function openFirst(wished) {
  const customer = world.customer(wished.get("customer")) ?? world.customers[0];
  const only = world.numbers.length === 1 ? world.numbers[0] : undefined;
  const number = world.number(wished.get("number")) ?? only;
  add(new Telephone(world, { customerId: customer?.id, phoneNumberId: number?.phone_number_id }));
}

function add(telephone) {
  telephones.push(telephone);
  telephone.onMove = () => telephone === telephones[0] && remember(telephone);
  arrange();
  telephone.open();
  telephone.onRemove = () => {
    telephones.splice(telephones.indexOf(telephone), 1);
    telephone.remove();
    arrange();
  };
}

// The address always leads back to what the first telephone shows, after a reload too.
function remember({ customerId, phoneNumberId }) {
  const address = new URLSearchParams();
  if (phoneNumberId !== undefined) address.set("number", phoneNumberId);
  if (customerId !== undefined) address.set("customer", customerId);
  history.replaceState(history.state, "", `?${address}`);
}

function addAnother() {
  const shown = new Set(telephones.map((telephone) => telephone.customerId));
  const free = world.customers.find((customer) => !shown.has(customer.id));
  const only = world.numbers.length === 1 ? world.numbers[0].phone_number_id : undefined;
  add(new Telephone(world, { customerId: free?.id, phoneNumberId: telephones.at(-1)?.phoneNumberId ?? only }));
  telephones.at(-1).root.scrollIntoView({ inline: "center", block: "nearest" });
}

function arrange() {
  const another = button({ class: "add-telephone", "data-testid": "add-telephone", click: addAnother },
    element("span", { class: "add-sign" }, icon("add")),
    element("strong", {}, say("addTelephone")), element("span", {}, say("addTelephoneWhy")));
  stage.querySelector(".add-telephone")?.remove();
  stage.classList.toggle("stage-many", telephones.length > 2);
  for (const telephone of telephones) {
    telephone.showRemove(telephones.length > 1);
    if (!telephone.root.isConnected) stage.append(telephone.root);
  }
  stage.append(another);
}

function unreachable() {
  const again = button({ class: "primary", click: () => { stage.replaceChildren(); start(); } }, say("tryAgain"));
  return element("div", { class: "notice", role: "alert" }, element("p", {}, say("loadFailed")), again);
}

start();
