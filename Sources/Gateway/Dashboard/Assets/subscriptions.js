const requests = {
  price: (name) => ["subscribe_price", { symbol: name }],
  trade: (name) => ["subscribe_trades", { pair: name }],
  orderbook: (name) => ["subscribe_orderbook", { symbol: name }],
  chart: (name) => ["subscribe_chart", { symbol: name }],
  portfolio: () => ["subscribe_portfolio", {}],
  orders: () => ["subscribe_orders", {}],
};

const markets = new Set(["price", "trade", "orderbook", "chart"]);
const unanswered = new Set(["OFFLINE", "TIMEOUT"]);
/** Refusals that are soon over: the wish is told again. */
const passing = new Set(["TIMEOUT", "INTERNAL", "RATE_LIMITED"]);
const passedAfter = 5;

/** Splits `price:BTC-USDC` at its first colon. */
export function parseRoom(room) {
  const colon = room.indexOf(":");
  return colon < 0 ? { kind: room, name: "" } : { kind: room.slice(0, colon), name: room.slice(colon + 1) };
}

/** A room's name as the server writes it: pairs and symbols are in capitals. */
export function normalRoom(room) {
  const { kind, name } = parseRoom(room);
  return markets.has(kind) ? `${kind}:${name.toUpperCase()}` : room;
}

/** The rooms this page is in. After a reconnection it asks for them again. */
export class Subscriptions {
  #connection;
  #changed;
  /** The latest wish for each room: what is answered to an earlier one changes nothing. */
  #wishes = new Map();
  rooms = new Map();

  /** `changed(room, left)` is called on each change, `left` where the room is no longer there. */
  constructor(connection, changed) {
    this.#connection = connection;
    this.#changed = changed;
  }

  /** Whether the page is in the room or waits for it, and is not about to leave it. */
  wants(room) {
    return this.rooms.has(room) && !this.#wishes.get(room)?.isLeaving;
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

  /** After a connection that was not recovered the server knows of no room. Answers each room's `{room, reply}`. */
  restore() {
    return Promise.all([...this.rooms.values()].map(async ({ room, event, payload }) => ({ room, reply: await this.#enter(room, event, payload) })));
  }

  clear() {
    this.#wishes.clear();
    for (const room of [...this.rooms.keys()]) this.#forget(room);
  }

  /** Connection lost: the rooms are wanted, not joined. */
  suspend() {
    for (const entry of this.rooms.values()) this.#put({ ...entry, joined: false });
  }

  async #enter(room, event, payload) {
    const known = this.rooms.get(room);
    const wasJoined = known?.joined === true && this.wants(room);
    const wish = this.#wish(room, false);
    if (!known) this.#put({ room, event, payload, joined: false });
    const reply = await this.#connection.request(event, payload);
    if (this.#wishes.get(room) !== wish) return reply;
    // The wish stays where the server has not refused it: `restore` makes it come true.
    const keep = reply.ok || unanswered.has(reply.code) || passing.has(reply.code) || wasJoined;
    if (keep) this.#put({ room, event, payload, joined: reply.ok || wasJoined });
    else this.#forget(room);
    if (passing.has(reply.code)) setTimeout(() => this.#again(wish, room), 1000 * (reply.retryAfter ?? passedAfter));
    return reply;
  }

  /** Asks for the room once more, where it is still wanted. Without a connection `restore` will. */
  #again(wish, room) {
    const known = this.rooms.get(room);
    if (this.#wishes.get(room) === wish && known?.joined === false) this.#enter(room, known.event, known.payload);
  }

  async #exit(room, event, payload) {
    const wish = this.#wish(room, true);
    const reply = await this.#connection.request(event, payload);
    if (this.#wishes.get(room) !== wish) return reply;
    if (reply.ok || reply.code === "OFFLINE") this.#forget(room);
    else this.#wishes.delete(room);
    return reply;
  }

  #wish(room, isLeaving) {
    const wish = { isLeaving };
    this.#wishes.set(room, wish);
    return wish;
  }

  #put(entry) {
    this.rooms.set(entry.room, entry);
    this.#changed(entry.room, false);
  }

  #forget(room) {
    this.#wishes.delete(room);
    if (this.rooms.delete(room)) this.#changed(room, true);
  }
}
