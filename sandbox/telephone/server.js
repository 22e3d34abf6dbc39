/** What the page asks of the sandbox; addresses are relative, because the page may live under any path. */

const PATIENCE = 15_000;

/** The sandbox answered with an error, or not at all (status 0); its message may be shown to a person. */
export class ServerError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Returns {numbers, customers}. */
export const fetchState = () => request("GET", "api/state");

/** Returns the new customer; kind is phone, username or both. */
export const createCustomer = (wished) => request("POST", "api/customers", wished);

/** Returns the customer's chats, each with its last message and the count of unread ones. */
export const fetchChats = async (customerId) => {
  const answer = await request("GET", `api/chats?customer_id=${encodeURIComponent(customerId)}`);
  return answer.chats;
};

/** Returns the messages of one chat, oldest first. */
export const fetchMessages = async (customerId, phoneNumberId) => {
  const answer = await request("GET", chatPath(customerId, phoneNumberId));
  return answer.messages;
};

/** Posts what the customer writes, taps or feels; returns the message as the sandbox keeps it. */
export const postMessage = (customerId, phoneNumberId, written) =>
  request("POST", `${chatPath(customerId, phoneNumberId)}/messages`, written);

/** Says that the customer has seen the chat. */
export const postRead = (customerId, phoneNumberId) =>
  request("POST", `${chatPath(customerId, phoneNumberId)}/read`);

function chatPath(customerId, phoneNumberId) {
  return `api/chats/${encodeURIComponent(customerId)}/${encodeURIComponent(phoneNumberId)}`;
}

async function request(method, path, body) {
  const sent = { method, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) };
  if (method === "POST") {
    sent.headers["Content-Type"] = "application/json";
    sent.body = JSON.stringify(body ?? {});
  }
  let response;
  try {
    response = await fetch(path, sent);
  } catch {
    throw new ServerError(0, "");
  }
  const text = await response.text();
  const answer = parsed(text);
  if (!response.ok) throw new ServerError(response.status, reason(answer));
  return answer;
}

function parsed(text) {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}

function reason(answer) {
  const found = answer.detail ?? answer.error?.message ?? answer.error ?? answer.title ?? "";
  return typeof found === "string" ? found : "";
}
