/** The start page: makes an agent and opens its telephone. */

import { byId } from "./dom.js";
import * as faqs from "./faqs.js";
import { lacksKey, makeAgent, Refused } from "./server.js";
import { EXAMPLE, say } from "./words.js";

const { sandbox, chosen } = document.documentElement.dataset;
const form = byId("new-agent");
const said = byId("said");
const number = byId("number");
const language = byId("language");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("[type=submit]");
  if (button.disabled) return;
  button.disabled = true;
  tell(say("creating"));
  try {
    await make();
  } catch (error) {
    complain(...explained(error));
  } finally {
    button.disabled = false;
  }
});

async function make() {
  if (lacksKey()) return complain(say("need_key"), byId("key"));
  if (faqs.isEmpty()) return complain(say("need_faqs"), byId("faqs"));
  if (!/^\+[\d\s().\-/]{7,}$/.test(number.value.trim())) return complain(say("need_number"), number);
  const understood = await faqs.understand();
  if (understood.errors.length > 0) return complain(say("need_mended"), byId("faqs"));
  const made = await makeAgent(agent(understood.faqs));
  if (sandbox === "true") location.assign(`/sandbox/?number=${encodeURIComponent(made.phone_number_id)}`);
  else tell([say("created", { id: made.agent_id, number: number.value.trim() }), ...(made.warnings ?? [])].join(" "), "done");
}

function agent(understood) {
  const written = (id) => byId(id)?.value.trim() || null;
  return {
    phone_number: number.value.trim(),
    faqs: understood,
    name: written("name"),
    language: language.value,
    handoff: { contact: written("contact") },
    phone_number_id: written("number-id"),
  };
}

function explained(error) {
  if (!(error instanceof Refused)) return [say("unreachable")];
  const { status, agent_id: present, errors, detail } = error.problem;
  if (status === 401) return [say("wrong_key"), byId("key")];
  if (status === 403) return [say("not_here")];
  if (status === 409 && present) return [say("agent_exists"), number];
  if (errors?.[0]?.field === "phone_number") return [say("need_number"), number];
  return [say("failed", { detail })];
}

function complain(sentence, field) {
  tell(sentence, "wrong");
  field?.focus();
}

function tell(sentence, kind = "") {
  said.textContent = sentence;
  said.className = `said ${kind}`;
}

byId("example").addEventListener("click", () => {
  faqs.write(EXAMPLE.faqs.trim());
  byId("name").value ||= EXAMPLE.name;
  byId("contact").value ||= EXAMPLE.contact;
});

// A number for trials follows the language, as long as nobody wrote another.
language.addEventListener("change", () => {
  const offered = [...language.options].map((option) => option.dataset.number);
  const fresh = language.selectedOptions[0].dataset.number;
  if (fresh && offered.includes(number.value)) number.value = fresh;
});

byId("key")?.addEventListener("input", faqs.again);

const copy = byId("copy");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId("curl").textContent);
    copy.textContent = say("copied");
  });
}

if (chosen) {
  try {
    localStorage.setItem("telephone-language", chosen); // the telephone speaks it too
  } catch {
    // A browser that keeps nothing still shows this page in the language.
  }
}

faqs.watch();
