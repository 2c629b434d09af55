import { byId, element, setText } from "./dom.js";
import { removeRow } from "./focus.js";
import { short } from "./messages.js";

/** Whom the page watches, and how the user is seen. */
export class People {
  #request;
  #write;
  #watched = new Map();

  /** `request(event, payload)` asks the server; `write(userId)` begins a message; `failed(title, detail)` shows a refusal. */
  constructor({ request, write, failed }) {
    this.#request = request;
    this.#write = write;
    byId("watch-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const user = byId("watch").value.trim();
      if (!user) return;
      const reply = await this.#watch([user]);
      if (reply.ok) byId("watch").value = "";
      else failed(reply.code ?? "Refused", reply.message);
    });
    byId("status").addEventListener("change", async (event) => {
      const reply = await request("set_presence", { status: event.target.value });
      if (!reply.ok) failed(reply.code ?? "Refused", reply.message);
    });
  }

  states({ states = [] }) {
    for (const state of states) this.update(state);
  }

  update({ userId, status, lastSeen }) {
    const entry = this.#watched.get(userId) ?? this.#add(userId);
    entry.root.dataset.status = status;
    setText(entry.status, status === "offline" && lastSeen ? `offline since ${new Date(lastSeen).toLocaleTimeString()}` : status);
  }

  /** After a connection that was not recovered the server watches nobody for this page, and the user is plainly online. */
  async restore() {
    if (this.#watched.size > 0) await this.#watch([...this.#watched.keys()]);
    const status = byId("status").value;
    if (status !== "online") await this.#request("set_presence", { status });
  }

  clear() {
    this.#watched.clear();
    byId("people").replaceChildren();
    byId("status").value = "online";
  }

  #watch(userIds) {
    return this.#request("presence_subscribe", { userIds });
  }

  #add(user) {
    const status = element("span", { dataset: { field: "status" } });
    const write = element("button", { type: "button", class: "name", title: `Write to ${user}` }, short(user));
    const close = element("button", { type: "button", class: "quiet", "aria-label": `Watch ${user} no longer`, title: "Watch no longer" }, "×");
    const root = element("li", { dataset: { user } }, write, status, close);
    write.addEventListener("click", () => this.#write(user));
    close.addEventListener("click", async () => {
      await this.#request("presence_unsubscribe", { userIds: [user] });
      this.#watched.delete(user);
      removeRow(root, byId("watch"));
    });
    const entry = { root, status };
    this.#watched.set(user, entry);
    byId("people").append(root);
    return entry;
  }
}
