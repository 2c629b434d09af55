const kinds = { price_update: "price", order_book_update: "orderbook", trade_notification: "trade", chart_update: "chart" };

/** The room whose sequence an event belongs to, or `undefined` where it carries none (personal copies, alerts). */
export function roomOf(event, payload) {
  const kind = kinds[event];
  if (!kind || payload?.seq === undefined || payload.epoch === undefined) return undefined;
  return `${kind}:${kind === "chart" ? payload.symbol.split("-")[0] : payload.symbol}`;
}

/** Proves that nothing is missing: within an epoch of a room, `seq` rises by 1, or from `seqFirst` to `seq` where updates were conflated. */
export class SequenceCheck {
  #rooms = new Map();
  gaps = 0;
  checked = 0;

  receive(event, payload) {
    const room = roomOf(event, payload);
    if (!room) return;
    this.checked += 1;
    const known = this.#rooms.get(room);
    // A snapshot stands for all before it, and a new epoch counts anew.
    if (!known || known.epoch !== payload.epoch || payload.snapshot) {
      // A chart's room has one snapshot for each interval, under the number that it was published with.
      const seq = known?.epoch === payload.epoch ? Math.max(known.seq, payload.seq) : payload.seq;
      this.#rooms.set(room, { epoch: payload.epoch, seq, gaps: known?.gaps ?? 0 });
      return;
    }
    const missing = (payload.seqFirst ?? payload.seq) - known.seq - 1;
    if (missing > 0) {
      known.gaps += missing;
      this.gaps += missing;
    }
    known.seq = Math.max(known.seq, payload.seq);
  }

  /** What is known of a room: `{epoch, seq, gaps}`. */
  of(room) {
    return this.#rooms.get(room);
  }

  /** The room was left, or joined anew: what happened in between is nobody's gap. */
  forget(room) {
    this.#rooms.delete(room);
  }

  /** A connection whose state was recovered goes on where it stopped in the rooms of which every event is kept; latest values start with a snapshot. */
  reconnected(recovered) {
    for (const room of [...this.#rooms.keys()]) {
      if (!recovered || !room.startsWith("trade:")) this.forget(room);
    }
  }
}
