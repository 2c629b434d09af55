import { byId, clock, element, setText } from "./dom.js";

const meanings = {
  RATE_LIMITED: "events or connection attempts came too fast",
  CONNECTION_LIMIT: "this user, address or node has too many connections",
  ROOM_LIMIT: "this connection is in too many rooms",
  SLOW_CONSUMER: "this client did not take what was sent",
  ACCESS_DENIED: "a room or message that is not this user's",
  ROOM_NOT_FOUND: "no such room",
  INVALID_MESSAGE: "a payload that the server does not understand",
  AUTH_REQUIRED: "no token",
  AUTH_FAILED: "a token that is not accepted",
  TOKEN_EXPIRED: "a token that has expired",
  INTERNAL: "the server failed",
};
const burst = 300;

/** Every refusal of the server's, counted by code: as an ack, as `error`, as `auth_error`, or of a connection. */
export class Limits {
  #rows = new Map();

  /** `send(event, payload)` emits without an ack. */
  constructor(send) {
    byId("burst").addEventListener("click", () => {
      for (let count = 0; count < burst; count += 1) send("ping", {});
    });
  }

  /** Answers whether the event was a refusal. */
  receive(event, payload) {
    const refusal = event === "connect_error" ? payload.data : event.startsWith("ack ") ? (payload?.ok === false ? payload : null)
      : event === "error" || event === "auth_error" ? payload : null;
    if (!refusal?.code || ["OFFLINE", "TIMEOUT"].includes(refusal.code)) return false;
    this.#count(refusal.code, refusal.event ?? event.replace("ack ", ""), refusal);
    return true;
  }

  #count(code, event, { message = "", error = "", retryAfter }) {
    const row = this.#rows.get(code) ?? this.#add(code);
    row.times += 1;
    setText(row.count, String(row.times));
    setText(row.detail, `${event}: ${message || error || meanings[code] || ""}${retryAfter === undefined ? "" : `; again in ${retryAfter} s`}`);
    setText(row.time, clock(Date.now()).slice(0, 8));
  }

  #add(code) {
    const [count, detail, time] = [element("td", { dataset: { field: "count" } }), element("td"), element("td")];
    const root = element("tr", { dataset: { code } }, element("td", {}, element("code", { title: meanings[code] ?? "" }, code)), count, time, detail);
    byId("limits").append(root);
    byId("limits-empty").hidden = true;
    const row = { count, detail, time, times: 0 };
    this.#rows.set(code, row);
    return row;
  }
}
