const transports = { websocket: ["websocket"], polling: ["polling"], both: ["polling", "websocket"] };
const pingEvery = 2000;
const answerWithin = 5000;
const refusalsInARow = 3;
/** Seconds until a token is renewed again, doubled each time. */
const renewalPauses = { first: 2, longest: 30 };
const offline = { ok: false, code: "OFFLINE", message: "Not connected" };

/**
 * One connection of the official client, and what it tells of itself.
 * `listener` has `changed()`, `connected(recovered)`, `received(event, payload)`, `sent(event, payload)`, `failed(title, detail)`, `ended()`.
 */
export class Connection {
  phase = "offline";
  transport = "";
  latency = undefined;
  reconnects = 0;
  /** Of the last reconnection: whether the server still had the state of the lost connection. */
  recovered = undefined;

  #session;
  #listener;
  #socket = null;
  #lost = false;
  #refusals = 0;
  #failedRenewals = 0;
  #timers = new Set();

  constructor(session, listener) {
    this.#session = session;
    this.#listener = listener;
  }

  open(choice) {
    this.#drop();
    const socket = globalThis.io({
      auth: (give) => give({ token: this.#session.accessToken, explicitReceipts: true }),
      transports: transports[choice],
      forceNew: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
    });
    // Numbers whose digits JavaScript would change stay text, as most publishers write them.
    socket.io.decoder.reviver = (_, value, context) =>
      typeof value === "number" && context?.source !== undefined && String(value) !== context.source ? context.source : value;
    this.#socket = socket;
    this.#set("connecting");

    socket.on("connect", () => this.#connected());
    socket.on("disconnect", (reason) => this.#disconnected(reason));
    socket.on("connect_error", (error) => this.#refused(error));
    socket.on("token_expired", () => this.#renewInBand());
    socket.onAny((event, payload) => this.#listener.received(event, payload));
    socket.onAnyOutgoing((event, payload) => this.#listener.sent(event, payload));
    this.#every(pingEvery, () => this.#ping());
  }

  close() {
    this.#drop();
    this.#set("offline");
    this.#listener.ended();
  }

  /** Sends an event without asking for an ack. */
  send(event, payload) {
    this.#socket?.emit(event, payload);
  }

  /** Sends an event and answers its ack: `{ok: true, …}` or `{ok: false, code, message}`. Never throws. */
  async request(event, payload) {
    const socket = this.#socket;
    if (!socket?.connected) return offline;
    // The client fails what is in flight when the connection goes: that is no answer of the server's.
    const reply = await socket.timeout(answerWithin).emitWithAck(event, payload)
      .catch(() => (socket.connected ? { ok: false, code: "TIMEOUT", message: `No answer within ${answerWithin / 1000} s` } : offline));
    this.#listener.received(`ack ${event}`, reply);
    return reply ?? { ok: false, code: "INTERNAL", message: "The ack is empty" };
  }

  #connected() {
    const engine = this.#socket.io.engine;
    this.transport = engine.transport.name;
    engine.once("upgrade", (transport) => {
      this.transport = transport.name;
      this.#listener.changed();
    });
    if (this.#lost) {
      this.reconnects += 1;
      this.recovered = this.#socket.recovered === true;
    }
    this.#lost = false;
    this.#refusals = 0;
    this.#set("online");
    this.#listener.connected(this.#socket.recovered === true);
    this.#ping();
  }

  #disconnected(reason) {
    this.latency = undefined;
    this.transport = "";
    this.#lost = true;
    this.#set(this.#socket.active ? "reconnecting" : "offline");
    this.#listener.failed("Disconnected", reason);
    this.#listener.ended();
  }

  /** A refusal by the server ends the attempts of the client: what comes next is up to us. Other errors it tries again by itself. */
  async #refused(error) {
    const socket = this.#socket;
    this.#listener.received("connect_error", { message: error.message, data: error.data });
    if (socket.active) {
      this.#set("reconnecting");
      return;
    }
    const isLimit = error.message.includes("429");
    if (!isLimit) this.#refusals += 1;
    this.#listener.failed(error.data?.code ?? "Connection refused", error.message);
    if (this.#refusals > refusalsInARow) return this.#set("offline");
    this.#set("waiting");
    if (error.message.includes("401")) {
      const outcome = await this.#renewed();
      if (socket !== this.#socket) return;
      if (outcome === "renewed") return this.#reconnect(socket);
      if (outcome === "refused") return this.#set("offline");
      this.#refusals -= 1;
      this.#after(this.#renewalPause(), () => this.#reconnect(socket));
    } else if (isLimit) {
      this.#after(1000 * (error.data?.retryAfter ?? 5), () => this.#reconnect(socket));
    } else {
      this.#set("offline");
    }
  }

  /** Not where the user has opened another connection, or closed this one, meanwhile. */
  #reconnect(socket) {
    if (socket !== this.#socket) return;
    this.#set("connecting");
    socket.connect();
  }

  async #renewInBand() {
    const socket = this.#socket;
    const outcome = await this.#renewed();
    if (socket !== this.#socket) return;
    if (outcome === "renewed") await this.request("authenticate", { token: this.#session.accessToken });
    else if (outcome === "later") this.#after(this.#renewalPause(), () => this.#renewInBand());
  }

  /** `renewed`, `refused`, or `later` where the auth service could not say. */
  async #renewed() {
    const socket = this.#socket;
    try {
      await this.#session.renew();
      this.#failedRenewals = 0;
      return "renewed";
    } catch (error) {
      // Of another login nothing is told.
      if (socket === this.#socket) this.#listener.failed(error.isFinal ? "Log in again" : "Log-in not renewed yet", error.message);
      return error.isFinal ? "refused" : "later";
    }
  }

  #renewalPause() {
    const pause = Math.min(renewalPauses.longest, renewalPauses.first * 2 ** this.#failedRenewals);
    this.#failedRenewals += 1;
    return 1000 * pause;
  }

  async #ping() {
    const socket = this.#socket;
    if (!socket?.connected) return;
    const start = performance.now();
    try {
      await socket.timeout(answerWithin).emitWithAck("ping", { timestamp: Date.now() });
      this.latency = performance.now() - start;
    } catch {
      this.latency = undefined;
    }
    this.#listener.changed();
  }

  #drop() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#socket?.off();
    this.#socket?.offAny();
    this.#socket?.disconnect();
    this.#socket = null;
    this.#lost = false;
    this.#refusals = 0;
    this.#failedRenewals = 0;
    this.latency = undefined;
    this.transport = "";
  }

  // Intervals and timeouts share one number space, and `clearTimeout` ends both.
  #every(milliseconds, action) { this.#timers.add(setInterval(action, milliseconds)); }
  #after(milliseconds, action) { this.#timers.add(setTimeout(action, milliseconds)); }

  #set(phase) {
    this.phase = phase;
    this.#listener.changed();
  }
}
