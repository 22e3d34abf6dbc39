/** What the page asks of the server; without a key where the page is open, else with the key that was typed. */

import { byId } from "./dom.js";

const open = document.documentElement.dataset.open === "true";

/** What the server refused; `problem` is its application/problem+json. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** Returns true while a key is needed and none was typed. */
export const lacksKey = () => !open && key() === "";

/** Returns {faqs, errors} for a text; an older question is given up by `signal`. */
export const preview = (text, name, signal) => post("/start/preview", { text, name }, signal);

/** Makes the agent; returns {agent_id, phone_number_id, warnings?}. */
export const makeAgent = (agent) => post(open ? "/start/agent" : "/agent", agent);

const key = () => byId("key").value.trim();

async function post(path, body, signal) {
  const headers = { "Content-Type": "application/json", ...(open ? {} : { Authorization: `Bearer ${key()}` }) };
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body), signal });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer);
  return answer;
}
