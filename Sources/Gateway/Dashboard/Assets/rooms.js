import { byId, element, setText } from "./dom.js";
import { removeRow } from "./focus.js";
import { invalidate } from "./frame.js";

/** The list of joined rooms, each with its last sequence number. */
export class RoomList {
  #subscriptions;
  #sequence;
  #leave;
  #rows = new Map();
  #render = () => this.#draw();

  constructor(subscriptions, sequence, leave) {
    this.#subscriptions = subscriptions;
    this.#sequence = sequence;
    this.#leave = leave;
  }

  update() {
    invalidate(this.#render);
  }

  #draw() {
    const { rooms } = this.#subscriptions;
    for (const [room, row] of this.#rows) {
      if (rooms.has(room)) continue;
      removeRow(row.root, byId("room"));
      this.#rows.delete(room);
    }
    for (const { room, joined } of rooms.values()) {
      if (!this.#rows.has(room)) this.#add(room);
      const row = this.#rows.get(room);
      const known = this.#sequence.of(room);
      row.root.dataset.joined = joined;
      setText(row.seq, known ? `#${known.seq}${known.gaps ? `, ${known.gaps} missing` : ""}` : joined ? "" : "waiting");
    }
    setText(byId("room-count"), String([...rooms.values()].filter((entry) => entry.joined).length));
  }

  #add(room) {
    const seq = element("span", { class: "seq", dataset: { field: "seq" } });
    const leave = element("button", { type: "button", class: "quiet", "aria-label": `Leave ${room}`, title: "Leave" }, "×");
    leave.addEventListener("click", () => this.#leave(room));
    const root = element("li", { dataset: { room } }, element("code", {}, room), seq, leave);
    this.#rows.set(room, { root, seq });
    byId("rooms").append(root);
  }
}
