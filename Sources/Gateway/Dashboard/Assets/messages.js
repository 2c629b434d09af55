import { byId, clock, element } from "./dom.js";

const kept = 100;
const remembered = 1000;
const suggested = 50;

/** Direct and group messages, both ways. */
export class Messages {
  #request;
  #session;
  #seen = new Set();
  /** The message that was sent last and not answered. Sent again it has the same id, by which the server knows it. */
  #unsent = null;

  /** `request(event, payload)` asks the server; `join(room)` enters a room; `failed(title, detail)` shows a refusal. */
  constructor({ request, join, failed }, session) {
    this.#request = request;
    this.#session = session;
    byId("message-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const [to, text] = [byId("message-to").value.trim(), byId("message-text").value];
      if (!to || !text) return;
      const reply = to.startsWith("group:") ? await this.#toGroup(to, text, join) : await this.#toUser(to, text);
      if (!reply.ok) failed(reply.code ?? "Refused", reply.message);
      // Not what has been typed since.
      else if (byId("message-text").value === text) byId("message-text").value = "";
    });
    byId("message-join").addEventListener("click", () => {
      const room = byId("message-to").value.trim();
      if (room.startsWith("group:")) join(room);
      else failed("INVALID_MESSAGE", "Only a group can be joined: group: and at least eight letters, digits, - or _");
    });
  }

  async #toUser(to, message) {
    const isAgain = this.#unsent?.to === to && this.#unsent.message === message;
    const clientMessageId = isAgain ? this.#unsent.clientMessageId : crypto.randomUUID?.() ?? `${Math.random()}`;
    this.#unsent = null;
    const reply = await this.#request("direct_message", { to, message, clientMessageId });
    if (!reply.ok) this.#unsent = { to, message, clientMessageId };
    if (reply.ok) this.#add({ who: `to ${short(to)}`, title: to, message, state: reply.delivered ? "delivered" : "kept until they connect", own: true });
    return reply;
  }

  async #toGroup(room, message, join) {
    let reply = await this.#request("room_message", { room, message });
    // Whoever writes to a group wants to read it too.
    if (!reply.ok && reply.code === "ACCESS_DENIED" && (await join(room)).ok) reply = await this.#request("room_message", { room, message });
    if (reply.ok) this.#add({ who: `to ${room}`, title: room, message, state: "sent", own: true });
    return reply;
  }

  /** A message from somebody, or from another device of the user. Answers whether it is new. */
  direct({ from, to, message, messageId, timestamp, offline }) {
    if (!this.#isNew(messageId)) return false;
    const own = from === this.#session.userId;
    this.#add({ who: own ? `to ${short(to)}, from another device` : `from ${short(from)}`, title: own ? to : from, message, timestamp, own,
      state: offline ? "while you were away" : "" });
    if (!own) this.#suggest(from);
    return true;
  }

  group({ room, from, message, messageId, timestamp }) {
    if (!this.#isNew(messageId)) return false;
    this.#add({ who: `${short(from)} in ${room}`, title: from, message, timestamp, state: "", own: false });
    this.#suggest(room);
    return true;
  }

  clear() {
    this.#seen.clear();
    this.#unsent = null;
    byId("messages").replaceChildren();
    byId("message-suggestions").replaceChildren();
    byId("message-form").reset();
  }

  #isNew(id) {
    if (id === undefined) return true;
    if (this.#seen.has(id)) return false;
    this.#seen.add(id);
    if (this.#seen.size > remembered) this.#seen.delete(this.#seen.values().next().value);
    return true;
  }

  #suggest(to) {
    const list = byId("message-suggestions");
    if (![...list.children].some((option) => option.value === to)) list.append(element("option", { value: to }));
    if (list.children.length > suggested) list.firstElementChild.remove();
    if (!byId("message-to").value) byId("message-to").value = to;
  }

  #add({ who, title, message, state, own, timestamp = Date.now() }) {
    const list = byId("messages");
    list.prepend(element("li", { dataset: { own } },
      element("p", { class: "message-head" }, element("b", { title }, who), element("time", {}, clock(timestamp).slice(0, 8)), element("span", {}, state)),
      element("p", { class: "message-text" }, typeof message === "string" ? message : JSON.stringify(message))));
    while (list.children.length > kept) list.lastChild.remove();
  }
}

/** The first part of a user id: enough to tell people apart. */
export function short(id = "") {
  return id.length > 12 ? `${id.slice(0, 8)}…` : id;
}
