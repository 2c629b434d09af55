// The connection of the slow client. A classic worker: the client's bundle is a script.
importScripts("/socket.io/socket.io.js");

const kinds = { price_update: "price", order_book_update: "orderbook", trade_notification: "trade", chart_update: "chart", portfolio_update: "portfolio" };
const tellEvery = 250;
/** No longer: a worker that was forgotten must not stay cut off for ever. */
const longestStop = 120_000;
const refusedFor = 5_000;

const counts = { events: 0, conflated: 0, replaced: 0, trades: 0, gaps: 0, reconnects: 0 };
const rooms = new Map();
let last = null;
let socket = null;
let gate = null;
let timer = 0;
let giveToken = null;

self.addEventListener("message", ({ data }) => {
  if (data.stop) return stop();
  if (data.token) return giveToken?.(data.token);
  gate = data.gate;
  open(data.symbols);
});

function open(symbols) {
  socket = self.io({
    // The page has the token of now. Messages are the page's to take in: nobody sees what comes here.
    auth(give) {
      giveToken = (token) => give({ token, explicitReceipts: true });
      postMessage({ wantsToken: true });
    },
    transports: ["websocket"],
    reconnectionDelay: 300,
    reconnectionDelayMax: 2000,
  });
  let before = false;
  socket.on("connect", () => {
    if (before) counts.reconnects += 1;
    before = true;
    if (!socket.recovered) {
      rooms.clear();
      for (const symbol of symbols) {
        socket.emit("subscribe_price", { symbol });
        socket.emit("subscribe_orderbook", { symbol });
        socket.emit("subscribe_trades", { pair: symbol });
      }
    }
    tell("reading");
  });
  socket.on("disconnect", () => tell("gone"));
  socket.on("connect_error", () => {
    tell("refused");
    // The client tries no more where the server has refused it, as for a token that has expired.
    if (!socket.active) setTimeout(() => socket.connect(), refusedFor);
  });
  socket.onAny(receive);
}

/** Within an epoch, each update begins where the one before it ended: nothing is missing, however much was conflated. */
function receive(event, payload) {
  counts.events += 1;
  tellSoon();
  const kind = kinds[event];
  if (!kind || payload?.seq === undefined || payload.epoch === undefined) return;
  if (event === "trade_notification") counts.trades += 1;
  const room = `${kind}:${kind === "chart" ? payload.symbol.split("-")[0] : payload.symbol ?? ""}`;
  const known = rooms.get(room);
  const first = payload.seqFirst ?? payload.seq;
  if (payload.seq > first) {
    counts.conflated += 1;
    counts.replaced += payload.seq - first;
    last = { room, seqFirst: first, seq: payload.seq };
  }
  if (known?.epoch === payload.epoch && !payload.snapshot && first > known.seq + 1) counts.gaps += first - known.seq - 1;
  rooms.set(room, { epoch: payload.epoch, seq: known?.epoch === payload.epoch ? Math.max(known.seq, payload.seq) : payload.seq });
}

/** Takes no message until the page lets go of the gate. */
function stop() {
  Atomics.wait(gate, 0, 1, longestStop);
  tell(socket.connected ? "reading" : "gone");
}

function tellSoon() {
  timer ||= setTimeout(() => tell(), tellEvery);
}

function tell(state) {
  clearTimeout(timer);
  timer = 0;
  postMessage({ state, counts, last });
}
