/** Who writes from this telephone: one of the customers, or a new one with a number, a username, or both. */

import { button, element } from "./dom.js";
import { icon } from "./icons.js";
import { customerPicture, identityOf, nameOf } from "./people.js";
import { say } from "./strings.js";

const KINDS = { phone: "kindPhone", username: "kindUsername", both: "kindBoth" };

export class CustomersScreen {
  constructor(telephone) {
    this.telephone = telephone;
    this.world = telephone.world;
    this.list = element("ul", { class: "rows", "aria-label": say("whoWrites") });
    this.form = this.#form();
    this.root = element("div", { class: "page" }, this.#header(), element("div", { class: "scrolling" }, this.list, this.form));
    this.#write();
  }

  hear(change) {
    if (change.kind === "people") this.#write();
  }

  close() {}

  #header() {
    const back = () => this.telephone.become(this.telephone.customerId);
    return element("header", { class: "top" },
      this.telephone.customerId === undefined ? null
        : button({ class: "round", "aria-label": say("back"), click: back }, icon("back")),
      element("h2", {}, say("whoWrites")));
  }

  #write() {
    const rows = this.world.customers.map((customer) => this.#row(customer));
    const none = element("li", { class: "empty" }, icon("people"), element("p", {}, say("noCustomersText")));
    this.list.replaceChildren(...(rows.length === 0 ? [none] : rows));
  }

  #row(customer) {
    const chosen = customer.id === this.telephone.customerId;
    return element("li", {}, button(
      {
        class: "row", "data-testid": "customer-item", "data-id": customer.id, "aria-current": chosen ? "true" : null,
        click: () => this.telephone.become(customer.id),
      },
      customerPicture(customer),
      element("span", { class: "row-text" },
        element("strong", { dir: "auto" }, nameOf(customer)),
        element("span", { class: "preview" }, identityOf(customer)))));
  }

  #form() {
    const username = field("username", say("username"), say("usernameExample"));
    username.hidden = true;
    this.refused = element("p", { class: "refused", role: "alert", hidden: true });
    const chosen = (event) => {
      username.hidden = event.target.value === "phone";
    };
    return element("form", { class: "new-customer", "data-testid": "new-customer", submit: (event) => this.#create(event) },
      element("h3", {}, icon("add"), say("newCustomer")),
      field("name", say("name"), say("nameExample")),
      element("fieldset", { change: chosen }, element("legend", {}, say("reachedBy")),
        ...Object.entries(KINDS).map(([kind, sentence]) => kindChoice(kind, say(sentence)))),
      username, this.refused,
      element("button", { class: "primary", type: "submit", "data-testid": "create-customer" }, say("create")));
  }

  async #create(event) {
    event.preventDefault();
    const filled = new FormData(event.target);
    const wished = { kind: filled.get("kind") };
    if (filled.get("name").trim()) wished.name = filled.get("name").trim();
    const username = filled.get("username").trim().replace(/^@/u, "");
    if (wished.kind !== "phone" && username) wished.username = username;
    try {
      const made = await this.world.addCustomer(wished);
      this.telephone.become(made.id);
    } catch (error) {
      this.refused.textContent = error.message || say("notSent");
      this.refused.hidden = false;
    }
  }
}

function field(name, label, example) {
  return element("label", { class: "field" }, element("span", {}, label),
    element("input", { name, placeholder: example, autocomplete: "off", autocapitalize: name === "username" ? "none" : "words", maxlength: 60 }));
}

function kindChoice(kind, label) {
  return element("label", { class: "choice" },
    element("input", { type: "radio", name: "kind", value: kind, checked: kind === "phone" }),
    element("span", {}, label));
}
