import { byId, clock, element, setText } from "./dom.js";
import { keepFocus, removeRow } from "./focus.js";

const kept = 60;
/** As many as the server keeps of a user's. */
const keptWaiting = 100;

/** Notifications. They stay with the server, and come again at the next connection, until the user has taken them in. */
export class Notices {
  #request;
  #failed;
  #rows = new Map();

  /** `request(event, payload)` asks the server; `failed(title, detail)` shows a refusal. */
  constructor({ request, failed }) {
    this.#request = request;
    this.#failed = failed;
    byId("receive-all").addEventListener("click", () => this.#receive([...this.#rows.keys()].filter((id) => this.#rows.get(id).waiting)));
  }

  /** Answers whether it is one that the page has not shown yet. */
  add({ id, type, title, body, timestamp }) {
    const known = this.#rows.get(id);
    if (known) {
      known.times += 1;
      setText(known.count, `came ${known.times} times`);
      return false;
    }
    const count = element("span", { dataset: { field: "times" } });
    const receive = element("button", { type: "button" }, "Received");
    const root = element("li", { dataset: { id, received: "false" } },
      element("div", {}, element("b", {}, title ?? type ?? "Notification"), element("p", {}, body ?? ""),
        element("p", { class: "notice-foot" }, element("time", {}, clock(timestamp).slice(0, 8)), count)), receive);
    receive.addEventListener("click", () => this.#receive([id]));
    this.#rows.set(id, { root, receive, count, times: 1, waiting: true });
    byId("notices").prepend(root);
    this.#trim();
    this.#count();
    return true;
  }

  clear() {
    this.#rows.clear();
    byId("notices").replaceChildren();
    this.#count();
  }

  async #receive(ids) {
    if (ids.length === 0) return;
    const reply = await this.#request("received", { ids });
    if (!reply.ok) return this.#failed(reply.code ?? "Refused", reply.message);
    const rows = ids.map((id) => this.#rows.get(id)).filter(Boolean);
    const toNext = () => (byId("notices").querySelector("button:enabled") ?? byId("tab-notices")).focus();
    keepFocus(() => {
      for (const row of rows) this.#take(row);
      this.#count();
    }, toNext);
  }

  #take(row) {
    row.waiting = false;
    row.root.dataset.received = "true";
    row.receive.disabled = true;
    setText(row.receive, "Taken in");
  }

  /** The oldest of those taken in go first, then the oldest that the server does not keep any more either. */
  #trim() {
    for (const [id, row] of this.#rows) if (this.#rows.size > kept && !row.waiting) this.#remove(id, row);
    for (const [id, row] of this.#rows) if (this.#rows.size > keptWaiting) this.#remove(id, row);
  }

  #remove(id, row) {
    removeRow(row.root, byId("tab-notices"));
    this.#rows.delete(id);
  }

  #count() {
    const waiting = [...this.#rows.values()].filter((row) => row.waiting).length;
    setText(byId("notices-waiting"), waiting === 1 ? "1 not taken in" : `${waiting} not taken in`);
    byId("receive-all").disabled = waiting === 0;
  }
}
