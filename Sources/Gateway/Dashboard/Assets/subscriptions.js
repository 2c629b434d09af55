const requests = {
  price: (name) => ["subscribe_price", { symbol: name }],
  trade: (name) => ["subscribe_trades", { pair: name }],
  orderbook: (name) => ["subscribe_orderbook", { symbol: name }],
  chart: (name) => ["subscribe_chart", { symbol: name }],
  portfolio: () => ["subscribe_portfolio", {}],
  orders: () => ["subscribe_orders", {}],
};

const unanswered = new Set(["OFFLINE", "TIMEOUT"]);

/** Splits `price:BTC-USDC` at its first colon. */
export function parseRoom(room) {
  const colon = room.indexOf(":");
  return colon < 0 ? { kind: room, name: "" } : { kind: room.slice(0, colon), name: room.slice(colon + 1) };
}

/** The rooms this page is in. After a reconnection it asks for them again. */
export class Subscriptions {
  #connection;
  #changed;
  rooms = new Map();

  /** `changed(room, left)` is called on each change, `left` where the room is no longer there. */
  constructor(connection, changed) {
    this.#connection = connection;
    this.#changed = changed;
  }

  /** Uses the event made for this kind of room; where there is none, `join_room`. */
  subscribe(room) {
    const { kind, name } = parseRoom(room);
    const [event, payload] = requests[kind]?.(name) ?? ["join_room", { room }];
    return this.#enter(room, event, payload);
  }

  join(room) {
    return this.#enter(room, "join_room", { room });
  }

  unsubscribe(room) {
    const { kind, name } = parseRoom(room);
    return this.#exit(room, "unsubscribe", { type: kind, identifier: name });
  }

  leave(room) {
    return this.#exit(room, "leave_room", { room });
  }

  /** After a connection that was not recovered the server knows of no room. */
  restore() {
    return Promise.all([...this.rooms.values()].map(({ room, event, payload }) => this.#enter(room, event, payload)));
  }

  clear() {
    for (const room of [...this.rooms.keys()]) this.#forget(room);
  }

  /** Connection lost: the rooms are wanted, not joined. */
  suspend() {
    for (const entry of this.rooms.values()) this.#put({ ...entry, joined: false });
  }

  async #enter(room, event, payload) {
    const known = this.rooms.get(room);
    if (!known) this.#put({ room, event, payload, joined: false });
    const reply = await this.#connection.request(event, payload);
    // The wish stays where the server has not refused it: `restore` makes it come true.
    const keep = reply.ok || unanswered.has(reply.code) || known?.joined;
    if (keep) this.#put({ room, event, payload, joined: reply.ok || known?.joined === true });
    else this.#forget(room);
    return reply;
  }

  async #exit(room, event, payload) {
    const reply = await this.#connection.request(event, payload);
    if (reply.ok || reply.code === "OFFLINE") this.#forget(room);
    return reply;
  }

  #put(entry) {
    this.rooms.set(entry.room, entry);
    this.#changed(entry.room, false);
  }

  #forget(room) {
    if (this.rooms.delete(room)) this.#changed(room, true);
  }
}
